import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLiveMatcher, openMatcher } from '../../../src/matcher/live/index.ts';
import type { MatchEntry } from '../../../src/matcher/types.ts';

const VOCABULARY = ['居住证', '社保', '公积金', '怎么', '办理', '丢了', '路灯', '噪音', '小区', '12345', 'card', '，', '。', '的'];
const text = fc.array(fc.constantFrom(...VOCABULARY), { maxLength: 8 }).map((parts) => parts.join(''));
const entry = fc.record({ id: fc.integer({ min: 0, max: 20 }).map(String), question: text, variants: fc.array(text, { maxLength: 3 }), answer: text, towns: fc.constantFrom(undefined, ['east'], ['west']) });
const OPTIONS = { stopWords: ['的', '怎么'], keep: { tailMost: 3, slice: 1 } };
const ENTRIES: readonly MatchEntry[] = [
  { id: 'permit', question: '居住证怎么办', variants: ['申请居住证要什么材料'], answer: '带身份证和住址证明到辖区派出所办理。' },
  { id: 'lamp', question: '路灯不亮找谁修', answer: '由城管部门维护。' },
];

function kept(entries: readonly MatchEntry[], gone: readonly string[]) {
  const matcher = createLiveMatcher([], OPTIONS);
  matcher.put(entries);
  matcher.remove(gone);
  return matcher;
}

describe('a snapshot', () => {
  it('opens to an index that answers the same, and goes on the same', () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 20 }), fc.array(entry, { maxLength: 5 }), fc.array(text, { minLength: 1, maxLength: 3 }), (entries, later, questions) => {
        const matcher = kept(entries, ['3', '4']);
        const opened = openMatcher(matcher.snapshot(), OPTIONS);
        const same = (): void => {
          expect(opened.size).toBe(matcher.size);
          for (const question of questions) for (const town of [null, 'east']) expect(opened.match(question, { limit: 20, context: { town } })).toEqual(matcher.match(question, { limit: 20, context: { town } }));
        };
        same();
        for (const each of [matcher, opened]) {
          each.put(later);
          each.remove(['5']);
        }
        same();
        for (const each of [matcher, opened]) each.compact();
        same();
      }),
      { numRuns: 60 },
    );
  });

  it('has the same bytes for the same history', () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 12 }), (entries) => {
        const bytes = kept(entries, ['1']).snapshot();
        expect(Buffer.compare(bytes, kept(entries, ['1']).snapshot())).toBe(0);
        expect(Buffer.compare(bytes, openMatcher(bytes.slice(), OPTIONS).snapshot())).toBe(0);
      }),
      { numRuns: 30 },
    );
  });

  it('opens from wherever the bytes lie', () => {
    const bytes = createLiveMatcher(ENTRIES, OPTIONS).snapshot();
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    expect(openMatcher(shifted.subarray(3), OPTIONS).match('路灯不亮').ranked[0]?.id).toBe('lamp');
  });

  it('is refused when a byte is wrong, when it is cut off, and when it is none', () => {
    const bytes = createLiveMatcher(ENTRIES, OPTIONS).snapshot();
    const refused = expect.objectContaining({ code: 'matcher.snapshot_unusable' });
    const outcome = (given: Uint8Array): unknown => {
      try {
        return openMatcher(given, OPTIONS).match('路灯不亮找谁修，居住证怎么办', { limit: 9 });
      } catch (error) {
        return error;
      }
    };
    const good = outcome(bytes.slice());
    fc.assert(
      fc.property(fc.integer({ min: 0, max: bytes.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const broken = bytes.slice();
        broken[at] = (broken[at] ?? 0) ^ flip;
        // A byte between two arrays belongs to none.
        expect([refused, good]).toContainEqual(outcome(broken));
      }),
      { numRuns: 200 },
    );
    fc.assert(fc.property(fc.integer({ min: 0, max: bytes.length - 1 }), (size) => void expect(outcome(bytes.slice(0, size))).toEqual(refused)), { numRuns: 60 });
    expect(outcome(new TextEncoder().encode('{"entries": []}'.repeat(9)))).toEqual(refused);
    expect(outcome(Uint8Array.of(...bytes, 0, 0, 0, 0, 0, 0, 0, 0))).toEqual(refused);
  });

  it('is refused with another lexicon', () => {
    const bytes = createLiveMatcher(ENTRIES, OPTIONS).snapshot();
    expect(() => openMatcher(bytes.slice(), { ...OPTIONS, synonyms: [['居住证', '暂住证']] })).toThrow(/lexicon/);
    expect(() => openMatcher(bytes.slice(), { ...OPTIONS, stopWords: ['的'] })).toThrow(/lexicon/);
    expect(openMatcher(bytes.slice(), OPTIONS).size).toBe(2);
  });
});
