import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maskText, scanPhones } from '../../src/domain/masking.ts';
import { foldText } from '../../src/domain/text.ts';
import { findEmergency, hear, inList, mostly, says, wordsSaid, type Message } from '../../src/dialog/listen.ts';
import { createPatternIndex } from '../../src/dialog/pattern-index.ts';
import { slotContext, WORD_LISTS } from '../../src/dialog/program.ts';
import { mustContain, PATTERN_TEXT_LIMIT } from '../../src/dialog/safe-pattern.ts';
import { findPlaces, findTimes, normalizeText } from '../../src/dialog/slots/index.ts';
import { firstChars } from '../../src/dialog/slots/first-chars.ts';
import { townNamesIn } from '../../src/dialog/slots/towns.ts';
import { createVocabulary, hasWord } from '../../src/dialog/word-index.ts';
import { facts, NOON, realProgram } from './support/program.ts';

/** What is looked up by an index, skipped or remembered must come out as if everything had been tried every time. */

const program = realProgram();
const rules = program.dialog;
const patterns = [...program.triggers.flatMap((trigger) => trigger.patterns), ...[rules.decide.question, rules.decide.rhetorical, rules.decide.trouble, rules.decide.statement, rules.decide.business].flat(), ...rules.emergencyNot, ...rules.emergency.flatMap((rule) => [...rule.patterns, ...rule.not])];
/** Pieces of the patterns themselves, so that they match now and then. */
const crumbs = [...new Set(patterns.flatMap((pattern) => pattern.source.match(/[\u4e00-\u9fff]{1,4}|[a-z]{2,}/g) ?? []))];
const words = [...WORD_LISTS.flatMap((list) => rules.words[list]), ...program.triggers.flatMap((trigger) => trigger.phrases)];
const towns = program.towns.flatMap((town) => [town.name, town.short, ...(town.aliases ?? [])]);
const PIECES = ['，', '。', ' ', '？', '\n', '昨晚', '前天下午三点半', '11月20日', '每周三', '两三天了', '上个月', '国庆期间', '一直', '10:30', '8am', '从去年开始', '鸿福路', '万达广场', '旁边', '3栋', '路', '大道', '在', '到', '公园', '13800138000', '0769-22222222', 'ſ', '\u212a', '□', 'Ａ', '東', '１２', 'a@b.cn', '四分之三'] as const;
const text = fc
  .array(fc.oneof(fc.constantFrom(...crumbs), fc.constantFrom(...words), fc.constantFrom(...towns), fc.constantFrom(...PIECES), fc.string({ unit: 'grapheme', maxLength: 3 })), { maxLength: 9 })
  .map((pieces) => pieces.join(''));
const heard = (said: string): Message => hear({ type: 'message', text: said, attachments: 0 }, rules, program.dialect);

/** Where names of towns stand, by trying every name: longest first, then as they are listed. */
function townsOneByOne(said: string): { readonly id: string; readonly name: string; readonly start: number }[] {
  const names = program.towns.flatMap((town) => [town.name, ...(town.aliases ?? []), town.short].map((name) => ({ id: town.id, name: foldText(name) }))).sort((a, b) => b.name.length - a.name.length);
  return names.flatMap(({ id, name }) => {
    const found: { id: string; name: string; start: number }[] = [];
    for (let start = said.indexOf(name); start >= 0; start = said.indexOf(name, start + 1)) found.push({ id, name, start });
    return found;
  });
}

/** `findEmergency` by trying every pattern. */
function emergencyOneByOne(said: string): ReturnType<typeof findEmergency> {
  const blank = (from: string, harmless: readonly RegExp[]): string => harmless.reduce((open, pattern) => open.replace(new RegExp(pattern.source, 'giu'), (part) => '□'.repeat(part.length)), from);
  const cut = said.slice(0, PATTERN_TEXT_LIMIT).replace(/[\s]+/g, (gap) => (/[\x00-\x7f]/.test(said) ? ' ' : gap));
  for (const rule of rules.emergency) {
    const open = blank(blank(cut, rules.emergencyNot), rule.not);
    const hits = rule.patterns.flatMap((pattern) => pattern.exec(open)?.[0].trim() ?? []);
    if (hits.length > 0) return { category: rule.category, words: hits };
  }
  return null;
}

describe('words', () => {
  const vocabulary = createVocabulary(words);

  it('a vocabulary finds the words that are found one by one', () => {
    fc.assert(
      fc.property(text, (said) => {
        expect([...vocabulary.occurring(said.toLowerCase())].sort()).toEqual([...new Set(words)].filter((word) => hasWord(said.toLowerCase(), word)).sort());
      }),
    );
  });

  it('a message says the words that it says one by one, and is in a list when it is mostly one of its words', () => {
    fc.assert(
      fc.property(text, fc.constantFrom(...WORD_LISTS), fc.constantFrom(0.3, 0.6, 0.9), (said, list, share) => {
        const message = heard(said);
        expect([...wordsSaid(message, vocabulary)].sort()).toEqual([...new Set(words)].filter((word) => says(message, word)).sort());
        expect(inList(rules, list, message, share)).toBe(mostly(message, rules.words[list], share));
      }),
    );
  });

  it('towns are those found name by name', () => {
    fc.assert(
      fc.property(text.map(foldText), (said) => {
        expect(townNamesIn(said, program.towns).map(({ town: { id, name }, start }) => ({ id, name, start }))).toEqual(townsOneByOne(said));
      }),
    );
  });
});

describe('patterns', () => {
  const index = createPatternIndex(patterns);

  it('none that is left out could have matched', () => {
    fc.assert(
      fc.property(text, (said) => {
        const worth = index.worthTrying(said);
        for (const pattern of patterns) if (!worth.has(pattern)) expect(pattern.test(said), pattern.source).toBe(false);
      }),
    );
  });

  it.each([
    ['怎么(?:又|还)', '怎么'], ['(?:坏|烂)了?', '坏烂'], ['[东西]门.{0,3}', '门'], ['(?:很|太)?吵', '吵'], ['\\d{2,}号?', '0123456789'], ['a?[\\d甲]', '0123456789甲'], ['[a-c]路?', 'abc'],
  ])('%s needs one of %s', (source, chars) => {
    const needs = mustContain(source);
    expect(needs).not.toBeNull();
    expect([...chars].some((char) => needs?.has(char))).toBe(true);
    for (const char of needs ?? []) expect(chars).toContain(char);
  });

  it.each(['.{2}', '[^路]', '(?:路|.)', '路?', '\\w+', '□', '[а-я]', '😀?', '[+-\\.]', '(?:路'])('%s says nothing', (source) => expect(mustContain(source)).toBeNull());

  it('case is nothing to them, as it is nothing to the pattern', () => {
    const [pattern, word] = [/\bask\b/iu, 'aSK'];
    for (const said of [word, 'a\u017fk', 'as\u212a', 'ASK']) expect(createPatternIndex([pattern]).worthTrying(said).has(pattern)).toBe(true);
  });

  it('danger is told as if every pattern had been tried', () => {
    fc.assert(
      fc.property(text, (said) => {
        expect(findEmergency(said, rules)).toEqual(emergencyOneByOne(said));
      }),
    );
  });

  it('a match begins with one of the first characters', () => {
    const starts = [/(?<![一二])(?:周|星期)([一二1-3])(?!\d)/y, /(?:(大?前年|去年)的?)?(国庆|五一)(那天)?/y, /[从自]?昨?晚/y, /(\d{1,2}|[两三]{1,3})(?:点|时(?!候))/y, /一?\/(?<=x)b{0,2}c/y];
    const piece = fc.string({ unit: fc.constantFrom(...'一二周星期123大前年去的国庆五那天从自昨晚两三点时候/xbc'), maxLength: 8 });
    fc.assert(
      fc.property(piece, fc.constantFrom(...starts), (said, pattern) => {
        for (let at = 0; at < said.length; at += 1) {
          pattern.lastIndex = at;
          if (pattern.test(said)) expect(firstChars(pattern).has(said.charAt(at))).toBe(true);
        }
      }),
      { numRuns: 1000 },
    );
    expect(() => firstChars(/x?/)).toThrow(RangeError);
    expect(() => firstChars(/.x/)).toThrow(RangeError);
  });
});

describe('readings', () => {
  it('are the same out of the memory of a turn, asked or not', () => {
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 3 }), (said) => {
        const kept = slotContext(program, facts().now);
        const bare = { now: NOON, towns: program.towns, lexicon: program.lexicon };
        for (const one of [...said, ...said]) {
          expect(findTimes(one, kept)).toEqual(findTimes(one, bare));
          expect(findPlaces(one, kept)).toEqual(findPlaces(one, bare));
          expect(findPlaces(one, { ...kept, asked: 'place' })).toEqual(findPlaces(one, { ...bare, asked: 'place' }));
        }
      }),
    );
  });

  it('numbers are found in a text whether or not other digits make it worth the search', () => {
    // Seven digits, none beside another: they are no number of anybody, but every search runs.
    const others = '；1，2，3，4，5，6，7；8，9，1，2，3，4，5';
    fc.assert(
      fc.property(text, (said) => {
        const masked = maskText(said + others);
        expect(masked.text).toBe(maskText(said).text + others);
        expect(masked.found).toBe(maskText(said).found);
        expect(scanPhones(said + others)).toEqual(scanPhones(said));
      }),
    );
  });

  it('a tidy text is left as it is by the long way, too', () => {
    // A blank at the end takes the long way and is trimmed there.
    fc.assert(
      fc.property(text, (said) => {
        expect(normalizeText(`${said} \t`)).toBe(normalizeText(said));
      }),
    );
  });
});
