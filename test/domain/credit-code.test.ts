import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { creditCheck, isCreditCode, normalizeCreditCode } from '../../src/domain/credit-code.ts';

const ALPHABET = '0123456789ABCDEFGHJKLMNPQRTUWXY';
const body = fc.array(fc.constantFrom(...ALPHABET), { minLength: 17, maxLength: 17 }).map((chars) => chars.join(''));

describe('credit codes', () => {
  it('knows the example of the standard', () => {
    expect(isCreditCode('91350100M000100Y43')).toBe(true);
    expect(isCreditCode('91350100M000100Y44')).toBe(false);
  });

  it('finds one changed character, wherever it stands', () => {
    fc.assert(
      fc.property(body, fc.nat(17), fc.nat(30), (start, at, step) => {
        const code = start + (creditCheck(start) ?? '');
        expect(isCreditCode(code)).toBe(true);
        const old = ALPHABET.indexOf(code.charAt(at));
        const other = ALPHABET.charAt((old + 1 + (step % 30)) % 31);
        expect(isCreditCode(code.slice(0, at) + other + code.slice(at + 1))).toBe(false);
      }),
    );
  });

  it('refuses letters that are none of its own, and other lengths', () => {
    expect([creditCheck('91350100I000100Y4'), creditCheck('9135'), isCreditCode(''), isCreditCode('91350100M000100Y4')]).toEqual([null, null, false, false]);
    expect(normalizeCreditCode(' ９１350100m000 100y43 ')).toBe('91350100M000100Y43');
  });
});
