import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { KnowledgeEntry } from '../../../src/domain/knowledge.ts';
import { importKnowledge, type ImportContext, type ImportOptions, type ImportReport } from '../../../src/knowledge/files/import.ts';
import { FILE_LIMITS } from '../../../src/knowledge/files/limits.ts';
import { createStore, type Store } from '../../../src/store/index.ts';
import { aKnowledgeEntry, aSeat, nextId } from '../../factories/index.ts';
import { temporaryFolder, testVault } from '../../store/support.ts';
import { names, written } from './support.ts';

let folder: ReturnType<typeof temporaryFolder>;
let store: Store;
let announced: number;
beforeEach(async () => {
  announced = 0;
  folder = temporaryFolder();
  store = await createStore({ dataDir: folder.path, synchronous: 'NORMAL', vault: testVault() });
});
afterEach(async () => {
  await store.close();
  folder.remove();
});

const context = (over: Partial<ImportContext> = {}): ImportContext => ({ store, names, now: () => 1_700_000_000_000, newId: () => nextId('revision'), announce: () => (announced += 1), ...over });
const jsonl = (entries: readonly object[]): { readonly name: string; readonly bytes: Buffer } => ({ name: 'a.jsonl', bytes: Buffer.from(entries.map((entry) => `${JSON.stringify(entry)}\n`).join('')) });
const run = (entries: readonly object[], options: Partial<ImportOptions> = {}, given = context()): Promise<ImportReport> => importKnowledge(given, jsonl(entries), { write: true, publish: false, skipBad: false, by: 'system', limits: FILE_LIMITS, ...options });
const many = (count: number): KnowledgeEntry[] => Array.from({ length: count }, (_unused, index) => aKnowledgeEntry({ id: `a.n${index}`, question: `第${index}个问题怎么办` }));
const publish = (entry: KnowledgeEntry, revision = 1): Promise<unknown> => store.write((repos) => repos.knowledge.publish({ entry, revision, origin: 'desk', now: 1 }));

describe('an import', () => {
  it('writes in batches, tells how far it is, and leaves a row in the trail for each', async () => {
    const shares: [string, number][] = [];
    const report = await run(many(450), { onProgress: (phase, share) => shares.push([phase, share]) });
    expect(report).toMatchObject({ outcome: 'handed_in', written: 450, counts: { new: 450 } });
    expect((await store.read((repos) => repos.revisions.list({ states: ['review'], limit: 500 }))).length).toBe(450);
    expect((await store.read((repos) => repos.trail.latest(10))).map(({ purpose }) => purpose)).toEqual(['50 条', '200 条', '200 条']);
    expect(shares.filter(([phase]) => phase === 'write').map(([, share]) => share)).toEqual([200 / 450, 400 / 450, 1]);
    for (const [, share] of shares) expect(share >= 0 && share <= 1).toBe(true);
    expect(announced).toBe(0);
    expect((await run(many(450))).counts).toEqual({ new: 0, changed: 0, same: 450, refused: 0 });
  });

  it('publishes when told, keeps what it replaces, and brings back what was taken back', async () => {
    const [one, two] = many(2);
    if (one === undefined || two === undefined) throw new Error('two entries');
    await publish(one);
    await publish(two);
    await store.write((repos) => repos.knowledge.retire(two.id, 2));
    const report = await run([{ ...one, answer: '现在按新的办法由生态环境部门处理。' }, two], { publish: true });
    expect(report).toMatchObject({ outcome: 'published', written: 2, counts: { changed: 1, new: 1 } });
    expect(announced).toBe(1);
    expect(await store.read((repos) => repos.knowledge.row(one.id))).toMatchObject({ state: 'published', revision: 2, origin: 'desk' });
    expect(await store.read((repos) => repos.knowledge.row(two.id))).toMatchObject({ state: 'published', revision: 2 });
    expect((await store.read((repos) => repos.revisions.ofEntry(one.id, 9))).map(({ number, state, author }) => [number, state, author])).toEqual([[2, 'published', 'system'], [1, 'replaced', 'system']]);
  });

  it('knows related entries of the base and of the file, above and below; others are faults', async () => {
    await publish(aKnowledgeEntry({ id: 'b.known' }));
    const [one, two, three] = many(3);
    const rows = (await run([{ ...one, related: ['a.n1', 'b.known'] }, { ...two, related: ['a.n0'] }, { ...three, related: ['a.n1', 'a.gone', 'a.n2'] }], { write: false })).rows;
    expect(rows.map(({ id, status, faults }) => [id, status, faults])).toEqual([['a.n0', 'new', []], ['a.n1', 'new', []], ['a.n2', 'refused', [{ field: 'related.1', rule: 'unknown', value: 'a.gone' }, { field: 'related.2', rule: 'itself', value: 'a.n2' }]]]);
  });

  it('knows who may keep an entry', async () => {
    const seat = aSeat({ username: 'keeper' });
    await store.write((repos) => repos.seats.create(seat, 'no-hash'));
    const [one, two] = many(2);
    expect((await run([{ ...one, owner: 'keeper' }, { ...two, owner: 'nobody' }], { write: false })).rows.map(({ status, faults }) => [status, faults])).toEqual([['new', []], ['refused', [{ field: 'owner', rule: 'unknown' }]]]);
  });

  it('writes nothing over what others did between its look and its writing', async () => {
    const [one, two, three] = many(3);
    if (one === undefined || two === undefined || three === undefined) throw new Error('three entries');
    await publish(one);
    let first = true;
    const meddling: ImportContext['store'] = {
      read: (fn) => store.read(fn),
      write: async (fn) => {
        if (first) {
          first = false;
          await publish({ ...one, answer: '有人先一步改成了这个样子，已经发布。' }, 2);
          await store.write((repos) => repos.revisions.create({ id: 'draft-1', entryId: two.id, entry: two, wish: 'publish', basedOn: null, author: 'seat-9', note: null, now: 2 }));
        }
        return store.write(fn);
      },
    };
    const report = await run([{ ...one, answer: '导入的文件里是另一种说法，没有发布。' }, two, three], { publish: true }, context({ store: meddling }));
    expect(report).toMatchObject({ outcome: 'published', written: 1, counts: { new: 1, refused: 2 } });
    expect(report.rows.map(({ faults }) => faults[0]?.rule ?? null)).toEqual(['changed_meanwhile', 'changed_meanwhile', null]);
    expect(await store.read((repos) => repos.knowledge.get(one.id))).toMatchObject({ answer: '有人先一步改成了这个样子，已经发布。' });
    expect(await store.read((repos) => repos.revisions.openOf(two.id))).toMatchObject({ id: 'draft-1' });
  });

  it('that broke in the middle goes on where it was when it is run again', async () => {
    let writes = 0;
    const failing: ImportContext['store'] = {
      read: (fn) => store.read(fn),
      write: async (fn) => {
        writes += 1;
        if (writes === 2) throw new Error('the disk is full');
        return store.write(fn);
      },
    };
    await expect(run(many(450), {}, context({ store: failing }))).rejects.toThrow('the disk is full');
    expect(await run(many(450))).toMatchObject({ written: 250, counts: { new: 250, same: 200 } });
  });

  it('of a whole XLSX file is the same as of JSONL', async () => {
    const entries = many(3);
    await run(entries, { publish: true });
    const report = await importKnowledge(context(), { name: 'a.xlsx', bytes: await written('xlsx', entries) }, { write: true, publish: false, skipBad: false, by: 'system', limits: FILE_LIMITS });
    expect(report).toMatchObject({ file: { format: 'xlsx', sheet: '知识' }, written: 0, counts: { same: 3 } });
  });
});
