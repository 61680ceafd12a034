import fc from 'fast-check';
import { Converter, Locale } from 'opencc-js/t2cn';
import { describe, expect, it } from 'vitest';
import { foldText, toHalfWidth, toSimplified } from '../../src/domain/text.ts';

/** The converter asked every time, as if nothing were known about the text beforehand. */
const convert = Converter({ from: 't', to: 'cn' });
function slowlySimplified(text: string): string {
  if (!/[\u3400-\u9fff\uf900-\ufaff]/u.test(text)) return text;
  const whole: string = convert(text);
  // 坏 is simplified too: a phrase of potters must not mend what is broken.
  if (whole.length === text.length) return whole.split('').map((unit, index) => (text[index] === '坏' ? '坏' : unit)).join('');
  return [...text].map((char) => (convert(char).length === char.length ? convert(char) : char)).join('');
}
const slowlyNarrowed = (text: string): string => text.replace(/[\uff01-\uff5e]/g, (char) => String.fromCharCode(char.charCodeAt(0) - 0xfee0)).replaceAll('\u3000', ' ');
const slowlyFolded = (text: string): string => slowlySimplified(slowlyNarrowed(text)).replace(/[A-Z]/g, (char) => char.toLowerCase());

const dictionaries: readonly (readonly (string | readonly (readonly string[])[])[])[] = Locale.to['cn'] ?? [];
const keys = dictionaries.flat().flatMap((dictionary) => (typeof dictionary === 'string' ? dictionary.split('|').map((entry) => entry.split(' ')[0] ?? '') : dictionary.map(([key = '']) => key)));

describe('folding looks before it converts', () => {
  it('knows every phrase and character of the dictionaries', () => {
    expect(keys.length).toBeGreaterThan(3000);
    for (const key of keys) expect(toSimplified(key), key).toBe(slowlySimplified(key));
  });

  it('folds every unit of the first plane as before, alone and among others', () => {
    const wrong: string[] = [];
    for (let unit = 0; unit < 0x1_0000; unit += 1) {
      const char = String.fromCharCode(unit);
      for (const text of [char, `路${char}Ａ`]) if (foldText(text) !== slowlyFolded(text) || toSimplified(text) !== slowlySimplified(text) || toHalfWidth(text) !== slowlyNarrowed(text)) wrong.push(unit.toString(16));
    }
    expect(wrong).toEqual([]);
  });

  it('folds any text as before', () => {
    const piece = fc.oneof(fc.constantFrom(...keys), fc.string({ unit: 'grapheme', maxLength: 6 }), fc.constantFrom('路灯坏了', '東城', 'ＡＢＣ１２３', 'Humen', '　', '𠮷', '神', '瞭', '解', '打坏'));
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const text = pieces.join('');
        expect(foldText(text)).toBe(slowlyFolded(text));
        expect(foldText(text)).toHaveLength(text.length);
      }),
      { numRuns: 300 },
    );
  });
});

describe('a word that is simplified and traditional at once', () => {
  it.each(['路灯被打坏了', '水管坏了', '毛坏', '一坏就是三天'])('leaves 坏 in %s alone', (text) => {
    expect(toSimplified(text)).toBe(text);
    expect(foldText(text)).toBe(text);
  });
  it('also beside traditional characters', () => expect(toSimplified('路燈被打坏了')).toBe('路灯被打坏了'));
});
