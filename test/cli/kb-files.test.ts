import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { runYihu } from '../../src/cli/yihu.ts';
import { COLUMNS } from '../../src/knowledge/files/columns.ts';
import type { RowReport } from '../../src/knowledge/files/plan.ts';
import { createStore } from '../../src/store/index.ts';
import { aKnowledgeEntry } from '../factories/index.ts';
import { testVault } from '../store/support.ts';
import { commandFolder } from './support.ts';

const { path, run } = commandFolder();
const kb = (...given: readonly string[]) => run((argv) => runYihu(['kb', ...argv]), ...given);

const HEADER = '模块,标准问法,其他问法,答案,口播,承办单位,来源,生效日期';
const GOOD = '常见问题,路灯坏了找谁,路灯不亮；街灯坏了,请提供路灯的位置，由城管局安排维修。,请告诉我路灯的位置，我来登记。,城管局,《城市照明管理规定》,2010/7/1';
const BAD = '常见问题,垃圾没人收怎么办,,请提供位置，由城管局处理。,请告诉我位置。,没有的单位,《城市市容和环境卫生管理条例》,昨天';
// The comma in the text is a full-width one everywhere.
const csv = (...rows: readonly string[]): string => [HEADER, ...rows].join('\r\n');

describe('yihu kb import', () => {
  it('only looks unless told to write, and then hands in for review; the same file again changes nothing', async () => {
    writeFileSync(path('a.csv'), csv(GOOD));
    const looked = await kb('import', path('a.csv'), '--json');
    expect(looked.code).toBe(0);
    const report = JSON.parse(looked.out) as { rows: RowReport[] };
    expect(report).toMatchObject({ ok: true, outcome: 'checked', written: 0, counts: { new: 1, changed: 0, same: 0, refused: 0 }, file: { format: 'csv', encoding: 'utf-8', delimiter: ',' } });
    const id = report.rows[0]?.id ?? '';
    expect(report.rows).toEqual([{ row: 1, line: 2, id: expect.stringMatching(/^faq\.lu-deng-huai-le-zhao-shui-[0-9a-f]{8}$/), status: 'new', faults: [] }]);

    expect(await kb('import', path('a.csv'), '--write')).toMatchObject({ code: 0, out: expect.stringContaining('等待审核（1 条）'), err: '' });
    const store = await createStore({ dataDir: path('data'), vault: testVault() });
    try {
      expect(await store.read((repos) => repos.knowledge.get(id))).toBeNull();
      expect(await store.read((repos) => repos.revisions.openOf(id))).toMatchObject({ state: 'review', author: 'system', basedOn: null, entry: { question: '路灯坏了找谁', wordings: ['路灯不亮', '街灯坏了'], department: 'city-management', effectiveFrom: '2010-07-01' } });
      expect((await store.read((repos) => repos.trail.latest(5))).map(({ actor, action, purpose }) => [actor, action, purpose])).toEqual([['system', 'knowledge.imported', '1 条']]);
    } finally {
      await store.close();
    }
    expect(JSON.parse((await kb('import', path('a.csv'), '--write', '--json')).out)).toMatchObject({ counts: { new: 0, changed: 0, same: 1, refused: 0 }, written: 0 });
  });

  it('writes nothing when a row is refused, or the others when told so', async () => {
    writeFileSync(path('b.csv'), csv(GOOD, BAD));
    const refused = await kb('import', path('b.csv'), '--write');
    expect(refused).toMatchObject({ code: 1, out: expect.stringContaining('一行也没有写入') });
    expect(refused.out).toContain('第 3 行');
    expect(refused.out).toContain('承办单位：找不到（没有的单位）');
    expect(refused.out).toContain('生效日期：不是日期');
    expect(JSON.parse((await kb('import', path('b.csv'), '--write', '--skip-bad', '--json')).out)).toMatchObject({ ok: true, outcome: 'handed_in', written: 1, counts: { new: 1, refused: 1 } });
  });

  it('publishes a first load, and a changed row as the next revision', async () => {
    writeFileSync(path('c.csv'), csv(GOOD));
    const first = JSON.parse((await kb('import', path('c.csv'), '--write', '--publish', '--json')).out) as { rows: RowReport[] };
    expect(first).toMatchObject({ outcome: 'published', written: 1 });
    writeFileSync(path('c.csv'), csv(GOOD.replace('安排维修', '两日内维修')));
    expect(JSON.parse((await kb('import', path('c.csv'), '--write', '--publish', '--json')).out)).toMatchObject({ counts: { changed: 1 }, written: 1 });
    const store = await createStore({ dataDir: path('data'), vault: testVault() });
    try {
      const id = first.rows[0]?.id ?? '';
      expect(await store.read((repos) => repos.knowledge.row(id))).toMatchObject({ state: 'published', origin: 'desk', revision: 2, entry: { answer: expect.stringContaining('两日内') } });
      expect((await store.read((repos) => repos.revisions.ofEntry(id, 5))).map(({ number, state }) => [number, state])).toEqual([[2, 'published'], [1, 'replaced']]);
      expect((await store.read((repos) => repos.trail.latest(5))).map(({ action }) => action)).toEqual(['knowledge.import_published', 'knowledge.import_published']);
    } finally {
      await store.close();
    }
  });

  it('imports in the name of an editor, never of a seat or nobody', async () => {
    writeFileSync(path('d.csv'), csv(GOOD));
    const store = await createStore({ dataDir: path('data'), vault: testVault() });
    for (const [id, role] of [['seat-1', 'seat'], ['seat-2', 'editor']] as const) await store.write((repos) => repos.seats.create({ id, username: `user-${role}`, displayName: '某人', role, departmentId: null, active: true, createdAt: 1 }, 'no-hash'));
    await store.close();
    for (const name of ['nobody', 'user-seat']) expect(await kb('import', path('d.csv'), '--write', '--as', name)).toMatchObject({ code: 1, err: expect.stringContaining('没有这位编辑') });
    expect(await kb('import', path('d.csv'), '--write', '--as', 'user-editor')).toMatchObject({ code: 0 });
    const again = await createStore({ dataDir: path('data'), vault: testVault() });
    expect((await again.read((repos) => repos.revisions.list({ states: ['review'], limit: 5 }))).map(({ author }) => author)).toEqual(['seat-2']);
    await again.close();
  });

  it('ends with 2 when it is called wrongly and with 1 when the file is not there', async () => {
    for (const given of [['import'], ['import', 'a', 'b'], ['import', 'a', '--publish'], ['import', 'a', '--as'], ['import', 'a', '--write=yes'], ['import', 'a', '--nothing'], ['export'], ['export', 'a.pdf'], ['export', 'a.csv', '--module', 'x'], ['lint', 'a', '--config'], ['lint', 'a', '--tasks']]) {
      expect([given, await kb(...given)]).toMatchObject([given, { code: 2, out: '', err: expect.stringContaining('用法') }]);
    }
    expect(await kb('import', path('none.csv'))).toMatchObject({ code: 1, err: expect.stringContaining('读不到文件') });
    for (const command of ['import', 'export', 'lint']) expect(await kb(command, '--help')).toMatchObject({ code: 0, out: expect.stringContaining('用法'), err: '' });
  });
});

describe('yihu kb export', () => {
  it('writes what import reads back as the same, by format and filter, and never over a file unasked', async () => {
    const entries = [aKnowledgeEntry({ id: 'a.one', module: 'faq' }), aKnowledgeEntry({ id: 'a.two', module: 'terms', question: '什么叫施工噪声', answer: '=1+1 是公式的样子，这里只是文字。' })];
    const store = await createStore({ dataDir: path('data'), vault: testVault() });
    for (const entry of entries) await store.write((repos) => repos.knowledge.publish({ entry, revision: 1, origin: 'desk', now: 1 }));
    await store.close();
    for (const format of ['xlsx', 'csv', 'jsonl']) {
      const file = path(`all.${format}`);
      expect(JSON.parse((await kb('export', file, '--json')).out)).toEqual({ ok: true, entries: 2, format, file });
      expect(JSON.parse((await kb('import', file, '--json')).out)).toMatchObject({ counts: { new: 0, changed: 0, same: 2, refused: 0 } });
      expect(await kb('export', file)).toMatchObject({ code: 1, err: expect.stringContaining('已经存在') });
      expect(await kb('export', file, '--force')).toMatchObject({ code: 0 });
      expect(existsSync(`${file}.part`)).toBe(false);
    }
    expect(readFileSync(path('all.csv'), 'utf8')).toContain("'=1+1");
    await kb('export', path('terms.jsonl'), '--module', '专业名词', '--department', '生态环境局');
    expect(readFileSync(path('terms.jsonl'), 'utf8').trim().split('\n').map((line) => (JSON.parse(line) as { id: string }).id)).toEqual(['a.two']);
    await kb('export', path('none.csv'), '--state', 'retired');
    expect(readFileSync(path('none.csv'), 'utf8')).toBe(`\ufeff${COLUMNS.map(({ label }) => label).join(',')}\r\n`);
  });
});

describe('yihu kb lint', () => {
  it('finds what is wrong in a file, the database, and nothing forbidden in the files that ship', async () => {
    writeFileSync(path('e.csv'), csv(GOOD.replace('请告诉我路灯的位置，我来登记。', '请说位置。我来登记。会转城管。请等候。'), BAD));
    const found = JSON.parse((await kb('lint', path('e.csv'), '--json')).out) as { ok: boolean; findings: { rule: string; severity: string }[] };
    expect(found.ok).toBe(false);
    expect(found.findings.filter(({ severity }) => severity === 'error').map(({ rule }) => rule).sort()).toEqual(['row.refused', 'row.refused', 'voice.sentences']);

    const store = await createStore({ dataDir: path('data'), vault: testVault() });
    await store.write((repos) => repos.knowledge.publish({ entry: aKnowledgeEntry({ id: 'a.one', related: ['a.gone'] }), revision: 1, origin: 'desk', now: 1 }));
    await store.close();
    expect(await kb('lint')).toMatchObject({ code: 1, out: expect.stringContaining('a.gone') });
    expect(JSON.parse((await kb('lint', '--tasks', '--json')).out)).toMatchObject({ ok: false, entries: 1, tasks: 1 });
    expect(JSON.parse((await kb('lint', '--tasks', '--json')).out)).toMatchObject({ tasks: 0 });
    expect(JSON.parse((await kb('lint', '--config', '--quiet', '--json')).out)).toMatchObject({ entries: expect.any(Number), findings: expect.any(Array) });
  });
});
