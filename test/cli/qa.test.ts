import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runQa } from '../../src/cli/qa.ts';
import { versionOf } from '../../src/quality/file.ts';
import { RULES } from '../quality/support.ts';
import { listenToCommands } from './told.ts';

let folder = '';
const told = listenToCommands();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'yihu-qa-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const put = (name: string, text: string): void => writeFileSync(join(folder, name), text);
const GOOD = `split: tune
transcripts:
  - id: one
    by: 电话
    matter: 路灯
    lines:
      - 0 接入
      - 2 坐席：说。
      - 5 市民：谢谢
      - 7 坐席：再见。
      - 8 结束
    labels: { greeting: [2] }
`;

describe('yihu qa', () => {
  it('measures the rules on both parts of the labelled conversations', async () => {
    expect(await runQa(['eval', '--json'])).toBe(0);
    const { ok, version, results } = JSON.parse(told.out) as { ok: boolean; version: string; results: { split: string; rules: { rule: string; n: number; right: number }[] }[] };
    expect([ok, version, results.map(({ split }) => split)]).toEqual([true, versionOf(RULES), ['tune', 'hold']]);
    expect(results.every(({ rules }) => rules.length === RULES.rules.length && rules.every(({ n }) => n > 50))).toBe(true);
  });

  it('ends with 1 below the floor and says which ones are wrong', async () => {
    put('a.yaml', GOOD);
    expect(await runQa(['eval', '--transcripts', folder])).toBe(0);
    expect(told.out).toContain('开场问候（greeting）  标注 1 查出 1  判对 100.0%');
    told.forget();
    put('a.yaml', GOOD.replace('greeting: [2]', 'banned: [2]'));
    expect(await runQa(['eval', '--transcripts', folder])).toBe(1);
    expect(told.out).toMatch(/! 服务禁语.*\n\s+漏 one 第 2 句：说。/);
    expect(told.out).toContain('误 one 第 2 句：坐席接入后的第一句话没有问候');
    expect(await runQa(['eval', '--transcripts', folder, '--floor', '0'])).toBe(0);
  });

  it('tells the place of every fault', async () => {
    put('a.yaml', GOOD.replace('greeting: [2]', 'nonsense: [2], greeting: [99]').replace('- 7 坐席：再见。', '- 七 坐席：再见。'));
    expect(await runQa(['eval', '--transcripts', folder])).toBe(1);
    expect(told.err).toMatch(/a\.yaml:10:9/);
    told.forget();
    put('a.yaml', GOOD.replace('greeting: [2]', 'nonsense: [2], greeting: [99]'));
    expect(await runQa(['eval', '--transcripts', folder])).toBe(1);
    expect(told.err).toMatch(/a\.yaml:12:\d+ there is no rule nonsense[^]*a\.yaml:12:\d+ there is no line 99/);
    put('rules.yaml', 'version: 1\n');
    expect(await runQa(['eval', '--rules', join(folder, 'rules.yaml')])).toBe(1);
  });

  it('refuses what it does not know', async () => {
    expect([await runQa([]), await runQa(['nonsense']), await runQa(['eval', '--nonsense']), await runQa(['eval', '--floor', '2']), await runQa(['eval', '--split', 'x']), await runQa(['inspect'])]).toEqual([2, 2, 2, 2, 2, 2]);
    expect([await runQa(['--help']), await runQa(['eval', '--help'])]).toEqual([0, 0]);
    expect(await runQa(['inspect', 'nobody', '--data-dir', folder])).toBe(1);
  });
});
