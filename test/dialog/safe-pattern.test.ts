import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkPattern, PATTERN_TEXT_LIMIT } from '../../src/dialog/safe-pattern.ts';

describe('patterns an operator may write', () => {
  it.each(['(?:投诉|举报).{0,8}(?<content>.+)', '工单号.{0,4}20\\d{10}', '^你好$', '[a-z]+', '着火|起火', '(?:a|b){1,3}c', '\\bfire\\b', '吗|呢(?:$|[，。])'])('%s', (source) => {
    expect(checkPattern(source)).toMatchObject({ ok: true });
  });

  it.each([
    ['(a+)+b'], ['(?:a+)+b'], ['(?:a*)*'], ['(?:a|a)+b'], ['(?:.|b)+c'], ['.*a.*b.*c'], ['(?:a{1,9}){1,9}'], ['(?:ab?){0,40}'],
    ['(?=a)b'], ['(?<!a)b'], ['(a)\\1'], ['\\1'], ['(?:a'], ['a)'], ['[a'], ['*a'], ['a{3,1}'], ['a*'], [''], ['a|'],
  ])('not %s', (source) => {
    expect(checkPattern(source).ok).toBe(false);
  });

  it('says why', () => {
    expect(checkPattern('(?:a+)+b')).toMatchObject({ ok: false, reason: expect.stringContaining('重复') });
    expect(checkPattern('(?=a)b')).toMatchObject({ ok: false, reason: expect.stringContaining('前瞻') });
  });

  it('never throws, and what it lets through is bounded on hostile text', () => {
    const piece = fc.constantFrom('a', 'b', '.', '(?:', ')', '|', '*', '+', '?', '{0,9}', '{2}', '[ab]', '^', '$', '(?<x>', '\\d');
    const hostile = `${'a'.repeat(PATTERN_TEXT_LIMIT - 1)}!`;
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const checked = checkPattern(pieces.join(''));
        if (checked.ok) checked.pattern.test(hostile);
        return true;
      }),
      { numRuns: 2000 },
    );
  });

  it('finds the names of groups', () => {
    expect(checkPattern('(?<place>.{1,8})的(?<content>.+)')).toMatchObject({ ok: true, groups: ['place', 'content'] });
  });
});
