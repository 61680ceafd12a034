import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { runItems } from '../../src/cli/items.ts';

/** Messages of two items in their own words. */
const MESSAGES = Array.from({ length: 24 }, (_, at) =>
  at % 2 === 0 ? { text: `工地半夜施工打桩噪音太吵，第${at}天了`, item: 'env.noise' } : { text: `老板拖欠工资不发，已经${at}个月`, item: 'labour.wage' },
);
const lines = (rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

describe('yihu items', () => {
  let folder = '';
  let said = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'yihu-items-'));
    said = '';
    for (const stream of [process.stdout, process.stderr]) {
      vi.spyOn(stream, 'write').mockImplementation((text) => {
        said += String(text);
        return true;
      });
    }
  });
  afterEach(() => {
    vi.restoreAllMocks();
    rmSync(folder, { recursive: true, force: true });
  });
  const at = (name: string): string => join(folder, name);

  it('learns from filed messages and files new ones', async () => {
    writeFileSync(at('filed.jsonl'), `\ufeff${lines(MESSAGES)}\n`);
    expect(await runItems(['train', '--data', at('filed.jsonl'), '--out', at('items.model'), '--json'])).toBe(0);
    expect(JSON.parse(said)).toMatchObject({ ok: true, texts: 24, labels: 2 });
    said = '';
    writeFileSync(at('new.jsonl'), lines([{ id: 'a', text: '隔壁打桩噪音好大' }, { id: 'b', text: '公司拖欠我的工资' }, { id: 'c', text: '' }]));
    expect(await runItems(['eval', '--model', at('items.model'), '--data', at('new.jsonl'), '--out', at('told.jsonl')])).toBe(0);
    const told: { id: string; ranked: { label: string; score: number }[] }[] = readFileSync(at('told.jsonl'), 'utf8').trim().split('\n').map((line) => JSON.parse(line));
    expect(told.map(({ id, ranked }) => [id, ranked.length])).toEqual([['a', 2], ['b', 2], ['c', 2]]);
    expect(told.slice(0, 2).map(({ ranked }) => ranked[0]?.label)).toEqual(['env.noise', 'labour.wage']);
  });

  it('names the file and line of what it cannot read', async () => {
    writeFileSync(at('bad.jsonl'), `${JSON.stringify(MESSAGES[0])}\n{"text": 3}\n`);
    expect(await runItems(['train', '--data', at('bad.jsonl'), '--out', at('x')])).toBe(1);
    expect(said).toContain('bad.jsonl:2');
  });

  it('refuses too little, a foreign model and a wrong call', async () => {
    writeFileSync(at('one.jsonl'), lines([{ text: '噪音', item: 'env.noise' }]));
    expect(await runItems(['train', '--data', at('one.jsonl'), '--out', at('x')])).toBe(1);
    writeFileSync(at('foreign.model'), 'yihu-items 0\n{}\n');
    expect(await runItems(['eval', '--model', at('foreign.model'), '--data', at('one.jsonl'), '--out', at('y')])).toBe(1);
    expect(await runItems(['train', '--what'])).toBe(2);
    expect(await runItems(['nothing'])).toBe(2);
    expect(await runItems(['--help'])).toBe(0);
  });
});
