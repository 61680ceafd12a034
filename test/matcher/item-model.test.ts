import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Item } from '../../src/domain/config-files.ts';
import { createItemSuggester } from '../../src/matcher/index.ts';
import { createAnalyzer } from '../../src/matcher/segment.ts';
import { charWeight, wordWeight } from '../../src/matcher/weak-chars.ts';
import { items, lexicon, words } from './demo-config.ts';

/** The suggester by the book: every example of every item compared with the text, nothing inverted. */

const options = { words, synonyms: lexicon.synonyms, dialect: lexicon.dialect, stopWords: lexicon.stopWords };
const analyzer = createAnalyzer(options);

type Vector = ReadonlyMap<string, number>;

function countsOf(text: string): Map<string, number> {
  const counts = new Map<string, number>();
  const { words: tokens, chars } = analyzer.analyze(text);
  for (const { term } of tokens) counts.set(term, (counts.get(term) ?? 0) + 1.4 * wordWeight(term));
  for (const key of chars.filter((each) => each >= 0x10000)) counts.set(`#${key}`, (counts.get(`#${key}`) ?? 0) + charWeight(key));
  return counts;
}

function naive(catalogue: readonly Item[]): (text: string) => { code: string; score: number }[] {
  const raw = catalogue.map((item) => ({
    item, whole: countsOf([item.name, ...item.keywords, ...item.examples].join('\n')), examples: item.examples.map(countsOf),
    keywords: item.keywords.map((word) => analyzer.analyze(word).plain).filter((word) => word !== ''),
  }));
  const idf = (term: string): number => Math.log(1 + catalogue.length / (0.5 + raw.filter(({ whole }) => whole.has(term)).length));
  const unit = (counts: ReadonlyMap<string, number>): Vector => {
    const shares = Array.from(counts, ([term, count]): [string, number] => [term, Math.log1p(count) * idf(term)]);
    const length = Math.sqrt(shares.reduce((sum, [, share]) => sum + share ** 2, 0)) || 1;
    return new Map(shares.map(([term, share]) => [term, share / length]));
  };
  const cosine = (a: Vector, b: Vector): number => Array.from(a).reduce((sum, [term, share]) => sum + share * (b.get(term) ?? 0), 0);
  const models = raw.map(({ item, whole, examples, keywords }) => ({ item, keywords, whole: unit(whole), examples: examples.map(unit) }));
  const holders = (word: string): number => models.filter(({ keywords }) => keywords.includes(word)).length;
  return (text) => {
    const vector = unit(countsOf(text));
    const { plain } = analyzer.analyze(text);
    const fits = models
      .map(({ item, whole, examples, keywords }) => {
        const said = keywords.filter((word) => plain.includes(word)).map((word) => Math.min(1, word.length / 4) / Math.sqrt(holders(word)));
        const keyword = 1 - said.reduce((left, weight) => left * (1 - 0.6 * weight), 1);
        return { code: item.code, value: Math.max(0, ...examples.map((example) => cosine(vector, example))) + 0.9 * cosine(vector, whole) + 0.55 * keyword };
      })
      .filter(({ value }) => value > 0.05)
      .sort((a, b) => b.value - a.value);
    const total = fits.reduce((sum, { value }) => sum + Math.exp(9 * value), 2 * Math.exp(9 * 0.14));
    return fits.slice(0, 3).map(({ code, value }) => ({ code, score: Math.exp(9 * value) / total }));
  };
}

const parts = fc.oneof(
  fc.constantFrom(...items.flatMap((item) => item.examples)),
  fc.constantFrom(...items.flatMap((item) => item.keywords)),
  fc.constantFrom(...lexicon.words, '，', '。', '吗', '12 34', 'ABC', '路燈'),
  fc.string({ unit: 'grapheme', maxLength: 6 }),
);
const text = fc.array(parts, { maxLength: 5 }).map((list) => list.join('').slice(0, 300));

function expectSame(found: readonly { code: string; score: number }[], wanted: readonly { code: string; score: number }[]): void {
  expect(found.length).toBe(wanted.length);
  found.forEach(({ score }, at) => expect(Math.abs(score - (wanted[at]?.score ?? -1))).toBeLessThan(1e-9));
  // Two that are equally good may stand either way.
  const ties = wanted.some(({ score }, at) => at > 0 && Math.abs(score - (wanted[at - 1]?.score ?? -1)) < 1e-9);
  if (!ties) expect(found.map(({ code }) => code)).toEqual(wanted.map(({ code }) => code));
}

describe('the inverted item model', () => {
  it('scores the demo items like a comparison with every example', () => {
    const suggester = createItemSuggester(items, options);
    const reference = naive(items);
    fc.assert(fc.property(text, (said) => expectSame(suggester.suggest(said), reference(said))), { numRuns: 60 });
  });

  it('does so for any catalogue, with keywords and examples that stand twice', () => {
    const piece = fc.constantFrom('路灯', '路灯', '不亮', '坏', '噪音', '扰民', '的', '小区', '，', '1', 'led', '');
    const words1 = fc.array(piece, { maxLength: 4 }).map((list) => list.join(''));
    const catalogue = fc.array(fc.record({ name: words1, keywords: fc.array(words1, { maxLength: 3 }), examples: fc.array(words1, { maxLength: 4 }) }), { maxLength: 6 });
    const [model] = items;
    fc.assert(
      fc.property(catalogue, words1, (list, said) => {
        if (model === undefined) throw new Error('no demo items');
        const some = list.map((each, at): Item => ({ ...model, ...each, code: `c${at}` }));
        expectSame(createItemSuggester(some, options).suggest(said), naive(some)(said));
      }),
      { numRuns: 150 },
    );
  });
});

describe('a remembered text', () => {
  it('reads like a new one, however many came between', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 90 }), fc.constantFrom('路灯', '居住证怎么办')), { maxLength: 200 }), (list) => {
        for (const [number, said] of list) expect(analyzer.recall(`${said}${number}`)).toEqual(analyzer.analyze(`${said}${number}`));
      }),
      { numRuns: 10 },
    );
  });

  it('counts each term once, in the order of its first use', () => {
    fc.assert(
      fc.property(text, (said) => {
        const { words: tokens, chars, distinctWords, wordCounts, distinctChars, charCounts } = analyzer.analyze(said);
        expect(distinctWords).toEqual([...new Set(tokens.map(({ term }) => term))]);
        expect(wordCounts).toEqual(distinctWords.map((word) => tokens.filter(({ term }) => term === word).length));
        expect([...distinctChars]).toEqual([...new Set(chars)]);
        expect([...charCounts]).toEqual([...distinctChars].map((key) => chars.filter((each) => each === key).length));
        for (const { term, number } of tokens) expect(distinctWords[number]).toBe(term);
        const { plain, sentences, terms, chars: read } = analyzer.read(said);
        expect({ plain, sentences, read }).toEqual({ plain: analyzer.analyze(said).plain, sentences: analyzer.analyze(said).sentences, read: chars });
        expect(terms).toEqual(tokens.map(({ term }) => term));
      }),
    );
  });

  it('grows with a text of many different characters', () => {
    const long = Array.from({ length: 1500 }, (_, at) => String.fromCharCode(0x4e00 + at)).join('');
    const { chars, distinctChars } = analyzer.analyze(long);
    expect(distinctChars.length).toBeGreaterThan(2500);
    expect([...distinctChars]).toEqual([...new Set(chars)]);
    expect(analyzer.analyze('路灯').distinctChars.length).toBe(3);
  });
});
