import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runKbEval } from '../../src/cli/kb-eval.ts';
import { listenToCommands } from './told.ts';

let folder = '';
let out = '';
const told = listenToCommands();
const write = (name: string, lines: readonly unknown[]): string => {
  const file = join(folder, name);
  writeFileSync(file, lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'));
  return file;
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'yihu-kb-eval-'));
  out = join(folder, 'out.jsonl');
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

const ENTRIES = [
  { id: 'a', question: '居住证怎么办', variants: ['暂住证在哪办'], answer: '到派出所。', cluster: 9 },
  { id: 'b', question: '', answer: '路灯不亮请拨打供电部门电话。', category: '市政', dept: '城管局' },
  { id: 'c', question: '社保卡丢了', answer: '到银行网点补办。' },
];

describe('yihu kb eval', () => {
  it('writes a line a question: candidates by probability, and the decision', async () => {
    const entries = write('e.jsonl', ENTRIES);
    const queries = write('q.jsonl', [{ id: '1', query: '居住证怎么办' }, '', { id: '2', query: '路灯不亮', entryIds: ['b'] }, { id: '3', query: 'zzz' }]);
    expect(await runKbEval(['--entries', entries, '--queries', queries, '--out', out, '--json'])).toBe(0);
    const lines = readFileSync(out, 'utf8').trim().split('\n').map((line): unknown => JSON.parse(line));
    expect(lines).toHaveLength(3);
    expect(lines[0]).toMatchObject({ id: '1', decision: 'answer', ranked: expect.arrayContaining([expect.objectContaining({ id: 'a' })]) });
    expect(lines[1]).toMatchObject({ id: '2', ranked: expect.arrayContaining([expect.objectContaining({ id: 'b' })]) });
    expect(lines[2]).toEqual({ id: '3', ranked: [], decision: 'abstain' });
    expect(JSON.parse(told.out)).toMatchObject({ ok: true, entries: 3, queries: 3 });
  });

  it('names file and line of what it cannot read', async () => {
    const queries = write('q.jsonl', [{ id: '1', query: '居住证' }]);
    for (const [lines, reason] of [[['{"id":"a"', ''], '不是 JSON'], [[{ id: 'a' }, { id: 'a' }], 'id 重复'], [[{ id: 'a', question: 5 }], '字段不对']] as const) {
      const entries = write('e.jsonl', lines);
      told.forget();
      expect(await runKbEval(['--entries', entries, '--queries', queries, '--out', out, '--json'])).toBe(1);
      expect(JSON.parse(told.out)).toMatchObject({ ok: false, code: 'kb.bad_line' });
      expect(told.out).toContain(reason);
      expect(told.out).toContain(`${entries}:`);
    }
  });

  it('says what is missing, with exit code 2; a file that is not there with 1', async () => {
    expect(await runKbEval(['--entries', 'e.jsonl'])).toBe(2);
    expect(told.err).toContain('--queries');
    expect(await runKbEval(['--nonsense'])).toBe(2);
    expect(await runKbEval(['--entries', join(folder, 'none'), '--queries', join(folder, 'none'), '--out', out])).toBe(1);
    expect(await runKbEval(['--help'])).toBe(0);
  });

  it('refuses a model of another version', async () => {
    const entries = write('e.jsonl', ENTRIES);
    const queries = write('q.jsonl', [{ id: '1', query: '居住证' }]);
    expect(await runKbEval(['--entries', entries, '--queries', queries, '--out', out, '--model', write('m.json', [{ version: 1 }])])).toBe(1);
    expect(told.err).toContain('模型');
  });
});
