import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { groupTicketNumber, isTicketNumber, makeTicketNumber } from '../../src/domain/ticket-number.ts';

const day = fc.integer({ min: 0, max: 3650 }).map((offset) => new Date(Date.UTC(2025, 0, 1) + offset * 86_400_000).toISOString().slice(0, 10).replaceAll('-', ''));
const sequence = fc.integer({ min: 1, max: 999_999 });

describe('ticket numbers', () => {
  it('holds for every number it makes', () => {
    fc.assert(fc.property(day, sequence, (d, n) => isTicketNumber(makeTicketNumber(d, n))));
  });

  it('finds every single wrong digit', () => {
    fc.assert(
      fc.property(day, sequence, fc.nat(), fc.integer({ min: 1, max: 9 }), (d, n, where, change) => {
        const digits = [...makeTicketNumber(d, n)];
        const at = where % digits.length;
        digits[at] = String((Number(digits[at]) + change) % 10);
        return !isTicketNumber(digits.join(''));
      }),
    );
  });

  it('finds nearly every swap of neighbours', () => {
    let swaps = 0;
    let missed = 0;
    for (let n = 1; n <= 2000; n += 1) {
      const number = makeTicketNumber('20261122', n);
      for (let at = 8; at + 1 < number.length; at += 1) {
        if (number[at] === number[at + 1]) continue;
        swaps += 1;
        const swapped = number.slice(0, at) + number[at + 1] + number[at] + number.slice(at + 2);
        if (isTicketNumber(swapped)) missed += 1;
      }
    }
    expect(missed / swaps).toBeLessThan(0.03);
  });

  it('gives different numbers for different sequences of a day', () => {
    const made = new Set(Array.from({ length: 5000 }, (_, index) => makeTicketNumber('20261122', index + 1)));
    expect(made.size).toBe(5000);
  });

  it('refuses what is not a day or a sequence', () => {
    expect(() => makeTicketNumber('2026-11-22', 1)).toThrow(RangeError);
    expect(() => makeTicketNumber('20261122', 0)).toThrow(RangeError);
    expect(isTicketNumber('20261322000017')).toBe(false);
    expect(isTicketNumber('13800138000')).toBe(false);
    expect(isTicketNumber('')).toBe(false);
  });

  it('groups for reading aloud', () => {
    const number = makeTicketNumber('20261122', 18);
    expect(groupTicketNumber(number)).toMatch(/^20261122 00018 \d$/);
    expect(groupTicketNumber(number).replaceAll(' ', '')).toBe(number);
  });
});
