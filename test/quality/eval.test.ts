import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { evaluate } from '../../src/quality/evaluate.ts';
import { loadLabelled } from '../../src/quality/labelled.ts';
import { INSPECTOR, ROOT, RULES } from './support.ts';

const FLOOR = 0.9;
const ids = new Set(RULES.rules.map(({ id }) => id));
const cases = loadLabelled(join(ROOT, 'quality', 'transcripts'), ids);

describe('the labelled conversations', () => {
  it('are many, half of them faulty, a third kept apart, with at least twelve for every rule', () => {
    expect(cases.length).toBeGreaterThanOrEqual(140);
    const faulty = cases.filter(({ labels }) => labels.size > 0).length;
    expect(Math.abs(faulty / cases.length - 0.5)).toBeLessThan(0.1);
    const held = cases.filter(({ split }) => split === 'hold').length;
    expect(held / cases.length).toBeGreaterThan(0.3);
    for (const rule of ids) expect([rule, cases.filter(({ labels }) => labels.has(rule)).length >= 12]).toEqual([rule, true]);
  });

  it.each(['tune', 'hold'] as const)('are judged rightly by every rule: %s', (split) => {
    const figures = evaluate(INSPECTOR, cases.filter((one) => one.split === split));
    expect(figures.filter(({ right }) => right < FLOOR).map(({ rule, right }) => [rule, right])).toEqual([]);
  });

  it('would not be by rules that find nothing or everything', () => {
    const blind = evaluate({ rules: RULES, inspect: () => ({ score: 100, findings: [] }) }, cases);
    expect(blind.every(({ recall, wrong, labelled }) => recall === 0 && wrong.length === labelled)).toBe(true);
  });

  it('stand in their file with a place for every fault', () => {
    expect(() => loadLabelled(join(ROOT, 'quality', 'transcripts'), new Set(['greeting']))).toThrow(/there is no rule/);
    expect(() => loadLabelled(join(ROOT, 'nowhere'), ids)).toThrow(expect.objectContaining({ code: 'quality.no_transcripts' }));
  });
});
