import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cleanText } from '../../src/channel/degrade.ts';
import { sizeOf, splitText } from '../../src/channel/split-text.ts';

const segmenter = new Intl.Segmenter('zh', { granularity: 'grapheme' });
const boundaries = (text: string): Set<number> => new Set([...[...segmenter.segment(text)].map(({ index }) => index), text.length]);

/** Plain signs and signs that combine with their neighbours, side by side in every order. */
const SIGNS = ['水', '停', '〇', '、', '。', '“', '”', '…', '—', '\u3030', '\u303d', 'ァ', 'ｶ', '！', '～', 'a', '~', ' ', '\t', '\n', '·', 'é', 'e\u0301', '\u0301', '\u302a', '\u3099', '\uff9e', '\u200d', '\ufe0f', '😀', '👨‍👩‍👧', '🇨🇳', '한', '\u1112', '\u1161'];

describe('counting plain text instead of segmenting it', () => {
  it('cuts only where a grapheme ends, at the same place as the segmenter', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...SIGNS), { maxLength: 60 }), fc.integer({ min: 12, max: 40 }), fc.constantFrom('chars' as const, 'bytes' as const), (signs, limit, unit) => {
        // No place for a welcome cut: the reach itself shows.
        const text = signs.map((sign) => (/[\s。！…、“”，]/.test(sign) ? '水' : sign)).join('');
        const ends = boundaries(text);
        const pieces = splitText(text, { limit, unit });
        expect(pieces.map(({ start, end }) => text.slice(start, end)).join('')).toBe(text);
        for (const { start, end } of pieces) {
          const whole = [...ends].filter((at) => at > start && sizeOf(text.slice(start, at), unit) <= limit);
          if (whole.length > 0 && ends.has(start)) expect(end).toBe(Math.max(...whole));
        }
      }),
      { numRuns: 400 },
    );
  });

  it('holds for every plain sign beside every kind of neighbour', () => {
    const plain: string[] = [];
    for (let code = 0; code < 0x10000; code += 1) {
      const sign = String.fromCharCode(code);
      if (/[\t\n\x20-\x7e\u2010-\u2027\u3000-\u3029\u3031-\u3098\u309b-\u9fff\uff01-\uff60]/.test(sign)) plain.push(sign);
    }
    expect(plain.length).toBeGreaterThan(28_000);
    // Each is a grapheme of its own between two others of the kinds that are met.
    const neighbours = ['水', 'a', '\n', '。'];
    const text = plain.map((sign, at) => sign + (neighbours[at % neighbours.length] ?? '')).join('');
    let longest = 0;
    for (const { segment } of segmenter.segment(text)) longest = Math.max(longest, segment.length);
    expect(longest).toBe(1);
  });
});

describe('cleaning', () => {
  it('leaves the same text whether it looks first or not', () => {
    const rewritten = (text: string): string => text.replace(/\r\n?/g, '\n').replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffe\uffff]/g, '').replace(/\p{Surrogate}/gu, '\ufffd');
    fc.assert(fc.property(fc.array(fc.oneof(fc.constantFrom(...SIGNS, '\r', '\r\n', '\u0000', '\u0085', '\ufffe', '\ud800', '\udc00'), fc.string({ unit: 'binary' }))), (parts) => {
      expect(cleanText(parts.join(''))).toBe(rewritten(parts.join('')));
    }));
    for (let code = 0; code < 0x10000; code += 1) {
      const sign = String.fromCharCode(code);
      if (cleanText(sign) !== rewritten(sign)) expect.fail(code.toString(16));
    }
  });
});
