import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createStatementMemory } from '../../src/store/drivers/statement-memory.ts';

describe('the memory of statements', () => {
  it('gives the same one for the same text and, told to keep all, for ever', () => {
    const memory = createStatementMemory((sql) => ({ sql }), 'all');
    const first = memory.of('select 0');
    for (let text = 1; text < 5000; text += 1) memory.of(`select ${text}`);
    expect(memory.of('select 0')).toBe(first);
    expect(memory.of('select 1').sql).toBe('select 1');
  });

  it('keeps those used last, whatever is asked in whatever order, and never the wrong one', () => {
    const KEEP = 4;
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 60 }), (asked) => {
        let made = 0;
        const memory = createStatementMemory((sql) => ({ sql, number: (made += 1) }), KEEP);
        const recent: { readonly sql: string; readonly number: number }[] = [];
        for (const text of asked.map(String)) {
          const given = memory.of(text);
          expect(given.sql).toBe(text);
          const known = recent.find(({ sql }) => sql === text);
          if (known !== undefined) {
            expect(given).toBe(known);
            recent.splice(recent.indexOf(known), 1);
          }
          recent.unshift(given);
          recent.length = Math.min(recent.length, KEEP);
        }
      }),
    );
  });

  it('remembers a very long text only where it must', () => {
    const long = `insert into a values ${'(?), '.repeat(1000)}(?)`;
    for (const keep of [5, 'all'] as const) {
      const memory = createStatementMemory((sql) => ({ sql }), keep);
      const first = memory.of(long);
      expect(first.sql).toBe(long);
      expect(memory.of(long) === first).toBe(keep === 'all');
    }
  });

  it('remembers nothing of a text that does not work', () => {
    let works = false;
    const memory = createStatementMemory(() => {
      if (!works) throw new Error('no such table');
      return {};
    }, 1);
    expect(() => memory.of('select')).toThrow('no such table');
    works = true;
    expect(memory.of('select')).toBe(memory.of('select'));
  });
});
