import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRecent } from '../../src/domain/recent.ts';

describe('what was set last', () => {
  it('is known, the newest half always, and never what was overwritten', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 12 }), fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 80 }), (most, keys) => {
        const recent = createRecent<number>(most);
        const newest = new Map<string, number>();
        keys.forEach((key, at) => {
          recent.set(`k${key}`, at);
          newest.delete(`k${key}`);
          newest.set(`k${key}`, at);
        });
        const byAge = [...newest].toReversed();
        const known = byAge.filter(([key, at]) => recent.get(key) === at);
        // Whatever is answered is the newest value.
        expect(byAge.every(([key, at]) => [at, undefined].includes(recent.get(key)))).toBe(true);
        expect(known.length).toBeLessThanOrEqual(Math.max(most, 2));
        for (const [key, at] of byAge.slice(0, Math.floor(most / 2))) expect(recent.get(key)).toBe(at);
      }),
    );
  });
});
