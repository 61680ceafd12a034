import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPreview, followFiles, nameBase, openKnowledge, tendKnowledge } from '../../src/wiring/knowledge.ts';
import { AppError } from '../../src/domain/errors.ts';
import type { Store } from '../../src/store/contract.ts';
import { createStore } from '../../src/store/index.ts';
import { createVault } from '../../src/store/vault.ts';
import { aKnowledgeEntry } from '../factories/index.ts';
import { createFakeClock } from '../fakes/clock.ts';
import { city } from '../support/intake.ts';
import { until } from '../support/until.ts';

let folder: string;
let store: Store;
const clock = createFakeClock();

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'yihu-wiring-'));
  store = await createStore({ dataDir: folder, synchronous: 'NORMAL', vault: createVault(Buffer.alloc(32, 7)) });
});

afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('the knowledge base of a node', () => {
  it('follows the files, and compares them only when they have changed', async () => {
    const entries = [aKnowledgeEntry({ id: 'a.one' }), aKnowledgeEntry({ id: 'a.two' })];
    expect(await followFiles(store, entries, clock.now)).toBe(2);
    expect(await followFiles(store, entries, clock.now)).toBe(0);
    const [first] = entries;
    expect(await followFiles(store, first === undefined ? [] : [{ ...first, voice: '换了一句话。' }], clock.now)).toBe(2);
    expect((await store.read((repos) => repos.knowledge.all())).map(({ id, voice }) => [id, voice])).toEqual([['a.one', '换了一句话。']]);
  });

  it('waits for another node that follows them at the same moment, and gives up only after a while', async () => {
    const entries = [aKnowledgeEntry({ id: 'a.one' })];
    let refused = 0;
    const busy = (times: number): Store => ({ ...store, write: async (fn) => (refused < times ? ((refused += 1), Promise.reject(new AppError('store.busy', 'a lock is held', { retry: 'later', status: 503 }))) : store.write(fn)) });
    // The other node has done it by the time this one may write.
    const other = { ...busy(1), read: store.read };
    expect(await followFiles({ ...other, write: async (fn) => { await followFiles(store, entries, clock.now); return other.write(fn); } }, entries, clock.now)).toBe(0);
    refused = 0;
    expect(await followFiles(busy(2), [...entries, aKnowledgeEntry({ id: 'a.two' })], clock.now)).toBe(1);
    refused = 0;
    await expect(followFiles(busy(99), entries, clock.now)).rejects.toMatchObject({ code: 'store.busy' });
  });

  it('gives a database one name, whichever node asks first', async () => {
    const names = await Promise.all([nameBase(store, clock.now), nameBase(store, clock.now)]);
    expect(new Set([...names, await nameBase(store, clock.now)]).size).toBe(1);
  });

  it('finds, in the real index, what is published while it runs, and forgets what is taken back', async () => {
    const given = { store, city: { ...city, knowledge: city.knowledge.slice(0, 40) }, words: {}, dataDir: folder, version: 'test', now: clock.now, log: { info: () => {}, warn: () => {} } };
    const knowledge = await openKnowledge(given);
    const question = '祖坟迁移有什么补贴';
    expect(knowledge.matcher.match(question).ranked.map(({ id }) => id)).not.toContain('graves.move');
    await store.write((repos) => repos.knowledge.publish({ entry: aKnowledgeEntry({ id: 'graves.move', question: '祖坟迁移有什么补贴？', wordings: ['迁坟补贴', '祖坟迁移补贴多少'], answer: '按照征地方案逐穴补贴，到村委会登记。' }), revision: 1, origin: 'desk', now: clock.now() }));
    await knowledge.look();
    expect(knowledge.matcher.match(question).ranked[0]?.id).toBe('graves.move');
    expect(knowledge.deskMatcher.match(question).ranked[0]?.id).toBe('graves.move');
    await store.write((repos) => repos.knowledge.retire('graves.move', clock.now()));
    await knowledge.look();
    expect(knowledge.matcher.match(question).ranked.map(({ id }) => id)).not.toContain('graves.move');
    await knowledge.stop();
  });

  it('shows what a change does to the evaluation set, and leaves the index as it was', async () => {
    const given = { store, city: { ...city, knowledge: city.knowledge.slice(0, 40) }, words: {}, dataDir: folder, version: 'test', now: clock.now, log: { info: () => {}, warn: () => {} } };
    const knowledge = await openKnowledge(given);
    const entry = aKnowledgeEntry({ id: 'graves.move', question: '祖坟迁移有什么补贴？', wordings: ['迁坟补贴', '祖坟迁移补贴多少'], answer: '按照征地方案逐穴补贴，到村委会登记。', effectiveFrom: '2026-12-01' });
    const golden = [{ q: '祖坟迁移有什么补贴', entry: 'graves.move' }, { q: '木星上怎么买菜', entry: null }, { q: '没有的事', entry: 'never.was' }];
    const preview = createPreview(knowledge, golden, clock.now);
    const [effect, second] = await Promise.allSettled([preview({ entryId: entry.id, entry, wish: 'publish' }), preview({ entryId: entry.id, entry, wish: 'publish' })]);
    expect(second).toMatchObject({ status: 'rejected', reason: { code: 'knowledge.effect_busy' } });
    expect(effect).toMatchObject({ status: 'fulfilled', value: { questions: { answerable: 1, unanswerable: 1, skipped: 1 }, before: { recallAt1: 0, answered: 0 }, after: { recallAt1: 1, wrongAnswers: 0 } } });
    expect(effect.status === 'fulfilled' ? effect.value.changed.map(({ q, verdict }) => [q, verdict]) : []).toEqual([['祖坟迁移有什么补贴', 'better']]);
    expect(knowledge.matcher.match('祖坟迁移有什么补贴').ranked.map(({ id }) => id)).not.toContain('graves.move');
    await store.write((repos) => repos.knowledge.publish({ entry: { ...entry, effectiveFrom: '2026-01-01' }, revision: 1, origin: 'desk', now: clock.now() }));
    await knowledge.look();
    const taken = await preview({ entryId: entry.id, entry, wish: 'retire' });
    expect([taken.before.recallAt1, taken.after.recallAt1, taken.changed[0]?.verdict]).toEqual([1, 0, 'worse']);
    await knowledge.stop();
  });

  it('publishes what was planned and gathers gaps, once a minute, and goes on after a fault', async () => {
    const ticks: (() => void)[] = [];
    const lines: string[] = [];
    let announced = 0;
    let broken = true;
    const editing = {
      store: { read: store.read, write: async <Result>(fn: Parameters<typeof store.write<Result>>[0]) => (broken ? Promise.reject(new Error('away')) : store.write(fn)) },
      newId: () => 'task-1', city, announce: () => void (announced += 1),
    };
    const every = (_ms: number, run: () => void) => {
      ticks.push(run);
      return () => void ticks.splice(0);
    };
    const stop = tendKnowledge(editing, clock.now, { info: (facts, text) => lines.push(`${text} ${JSON.stringify(facts)}`), warn: (_facts, text) => lines.push(text) }, every);
    await store.write(async (repos) => {
      await repos.gaps.add({ id: 'gap-1', conversationId: 'c', kind: 'unanswered', question: '祖坟迁移补贴', bestId: null, bestScore: 0, at: clock.now() });
      const revision = await repos.revisions.create({ id: 'rev-1', entryId: 'graves.move', entry: aKnowledgeEntry({ id: 'graves.move' }), wish: 'publish', basedOn: null, author: 'a', note: null, now: clock.now() });
      await repos.revisions.update(revision.id, revision.version, { state: 'approved', reviewer: 'b', publishAt: clock.now() }, clock.now());
    });
    const minute = async (): Promise<void> => {
      clock.advance(60_000);
      ticks.forEach((run) => run());
      await until(async () => lines.length > 0, 'a line');
    };
    await minute();
    expect([lines.splice(0), announced]).toEqual([['knowledge could not be tended: tried again in a minute'], 0]);
    broken = false;
    await minute();
    expect([lines.splice(0), announced]).toEqual([['knowledge tended {"published":1,"reminded":0,"gaps":1}'], 1]);
    expect(await store.read((repos) => repos.knowledge.get('graves.move'))).not.toBeNull();
    await stop();
    expect(ticks).toEqual([]);
  });
});
