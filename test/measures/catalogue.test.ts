import { describe, expect, it } from 'vitest';
import { isMeasure, MEASURES, rateFrom, RATES } from '../../src/measures/catalogue.ts';

const of = (amount: number, sum = 0) => ({ amount, sum });

describe('the catalogue of measures', () => {
  it('has every name once, with words, source and clause', () => {
    const names = [...MEASURES.map(({ name }) => name), ...RATES.map(({ name }) => name)];
    expect(new Set(names).size).toBe(names.length);
    for (const { zh, en, counts, from, clause, cuts } of MEASURES) {
      expect(Math.min(zh.length, en.length, counts.length, from.length, clause.length)).toBeGreaterThan(1);
      expect(cuts[0]).toEqual({ by: 'all', grain: 'hour' });
      expect(new Set(cuts.map(({ by }) => by)).size).toBe(cuts.length);
    }
    for (const { zh, en, formula, clause } of RATES) expect(Math.min(zh.length, en.length, formula.length, clause.length)).toBeGreaterThan(1);
  });

  it('makes rates of measures that are counted, and means of those that sum', () => {
    for (const { kind, over, under } of RATES) {
      expect([...over, ...under].filter((name) => !isMeasure(name))).toEqual([]);
      if (kind === 'mean') expect(over).toEqual(under);
      if (kind === 'mean') expect(MEASURES.filter(({ name, sums }) => over.includes(name) && sums === null)).toEqual([]);
    }
  });
});

describe('a rate', () => {
  it('is a share, what is missing of one, or a mean', () => {
    expect(rateFrom('prompt', { 'service.prompt': of(3), 'service.accepted': of(4, 40_000) })).toBe(0.75);
    expect(rateFrom('contained', { 'conversation.handed': of(1), 'conversation.begun': of(4) })).toBe(0.75);
    expect(rateFrom('waiting', { 'service.accepted': of(4, 40_000) })).toBe(10_000);
    expect(rateFrom('response', { 'service.replied': of(1, 900), 'knowledge.answered': of(2, 300) })).toBe(400);
  });

  it('is unknown where there is nothing to divide by, and nought where there is', () => {
    expect(rateFrom('connected', {})).toBeNull();
    expect(rateFrom('connected', { 'service.offered': of(5) })).toBe(0);
    expect(rateFrom('first_dispatch', { 'ticket.dispatched_first': of(5) })).toBe(1);
  });

  it('never exceeds the whole', () => {
    expect(rateFrom('contained', { 'conversation.handed': of(9), 'conversation.begun': of(4) })).toBe(0);
    expect(rateFrom('false_closure', { 'ticket.vetoed': of(3), 'ticket.closed': of(2) })).toBe(1);
  });
});
