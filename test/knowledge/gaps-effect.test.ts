import { describe, expect, it } from 'vitest';
import { askAll, compareOutcomes, outcomeOf, type GoldenQuestion, type Outcome } from '../../src/knowledge/effect.ts';
import type { MatchOptions } from '../../src/matcher/types.ts';

const answered = (id: string): Outcome => ({ top: id, decision: 'answer', told: id });
const offered = (id: string): Outcome => ({ top: id, decision: 'choices', told: null });
const ABSTAINED: Outcome = { top: null, decision: 'abstain', told: null };

const questions: readonly GoldenQuestion[] = [
  { q: '居住证怎么办', entry: 'permit.apply' },
  { q: '居住证要钱吗', entry: 'permit.fee' },
  { q: '火星几点开门', entry: null },
  { q: '早就没有的事', entry: 'gone.entry' },
];
const known = (id: string): boolean => id !== 'gone.entry';

describe('what a change does to the evaluation set', () => {
  it('counts hits, wrong answers and refusals before and after, and leaves out what no entry answers any more', () => {
    const before = [answered('permit.apply'), answered('permit.apply'), ABSTAINED, answered('permit.apply')];
    const after = [answered('permit.apply'), answered('permit.fee'), answered('permit.apply'), ABSTAINED];
    const effect = compareOutcomes(questions, before, after, known);
    expect(effect.questions).toEqual({ answerable: 2, unanswerable: 1, skipped: 1 });
    expect(effect.before).toEqual({ recallAt1: 0.5, wrongAnswers: 1, answered: 2, refused: 1 });
    expect(effect.after).toEqual({ recallAt1: 1, wrongAnswers: 1, answered: 3, refused: 0 });
    expect(effect.changed.map(({ q, verdict }) => [q, verdict])).toEqual([['居住证要钱吗', 'better'], ['火星几点开门', 'worse']]);
  });

  it('calls an answer better than the right choice, that better than none, and all better than a wrong answer', () => {
    const [first] = questions;
    if (first === undefined) throw new Error('no question');
    const verdict = (before: Outcome, after: Outcome): string | undefined => compareOutcomes([first], [before], [after], known).changed[0]?.verdict;
    const order = [answered('other.entry'), ABSTAINED, offered('permit.apply'), answered('permit.apply')];
    for (const [low, worse] of order.entries()) for (const better of order.slice(low + 1)) expect([verdict(worse, better), verdict(better, worse)]).toEqual(['better', 'worse']);
    expect(verdict(offered('other.entry'), ABSTAINED)).toBe('other');
    expect(verdict(ABSTAINED, ABSTAINED)).toBeUndefined();
  });

  it('has no figures out of nothing', () => {
    expect(compareOutcomes([], [], [], known)).toEqual({ questions: { answerable: 0, unanswerable: 0, skipped: 0 }, before: { recallAt1: 0, wrongAnswers: 0, answered: 0, refused: 0 }, after: { recallAt1: 0, wrongAnswers: 0, answered: 0, refused: 0 }, changed: [] });
  });

  it('asks a few questions at a time, as of that day', () => {
    const days: (string | undefined)[] = [];
    const matcher = { match: (_question: string, options?: MatchOptions) => { days.push(options?.context?.today); return { decision: { kind: 'abstain' } as const, ranked: [{ id: 'a.one', score: 0.1, matched: [] }] }; } };
    const work = askAll(Array.from({ length: 12 }, (_none, at) => ({ q: `问题${at}`, entry: null })), matcher, '2026-11-24', 5);
    const counts: number[] = [];
    let step = work.next();
    for (; step.done !== true; step = work.next()) counts.push(days.length);
    expect(counts).toEqual([4, 9]);
    expect(step.value).toHaveLength(12);
    expect(step.value[0]).toEqual({ top: 'a.one', decision: 'abstain', told: null });
    expect(new Set(days)).toEqual(new Set(['2026-11-24']));
  });

  it('reads what a matcher decided', () => {
    const hit = { id: 'a.one', score: 0.9, matched: [] };
    expect(outcomeOf({ decision: { kind: 'answer', hit }, ranked: [hit] })).toEqual(answered('a.one'));
    expect(outcomeOf({ decision: { kind: 'choices', hits: [hit] }, ranked: [hit] })).toEqual(offered('a.one'));
    expect(outcomeOf({ decision: { kind: 'abstain' }, ranked: [] })).toEqual(ABSTAINED);
  });
});
