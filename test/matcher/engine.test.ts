import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildIndex, ENGINE_PARAMS, readQuery } from '../../src/matcher/engine.ts';
import { createIntMap } from '../../src/matcher/int-map.ts';
import { createFieldBuilder, frequency, position } from '../../src/matcher/postings.ts';
import { createReplacer } from '../../src/matcher/replace.ts';
import { createFits, fit } from '../../src/matcher/fits.ts';
import { search } from '../../src/matcher/search.ts';
import { createAnalyzer } from '../../src/matcher/segment.ts';
import type { MatchEntry } from '../../src/matcher/types.ts';
import { charWeight } from '../../src/matcher/weak-chars.ts';

const analyzer = createAnalyzer({ stopWords: ['的', '怎么'] });
const VOCABULARY = ['居住证', '社保', '公积金', '怎么', '办理', '丢了', '路灯', '噪音', '小区', '12345', 'card', '，', '。', '的'];
const text = fc.array(fc.constantFrom(...VOCABULARY), { maxLength: 8 }).map((parts) => parts.join(''));
const entriesOf = fc.array(fc.record({ question: text, variants: fc.array(text, { maxLength: 3 }), answer: text, keywords: fc.array(fc.constantFrom(...VOCABULARY), { maxLength: 2 }) }), { minLength: 1, maxLength: 12 });

/** The documents of the index, analysed again without it. */
function naive(entries: readonly MatchEntry[]) {
  const units = entries.flatMap((entry, owner) => [entry.question, ...(entry.variants ?? [])].filter((each) => each !== '').map((each) => ({ owner, ...termsOf(each) })));
  const wholes = entries.map((entry, owner) => {
    const parts = [entry.question, ...(entry.variants ?? []), (entry.keywords ?? []).join('\n'), entry.category ?? '', entry.answer ?? ''].map(termsOf);
    return { owner, words: parts.flatMap((part) => part.words), chars: parts.flatMap((part) => part.chars) };
  });
  return { units, wholes };
}

function termsOf(said: string): { words: string[]; chars: string[] } {
  const analysis = analyzer.analyze(said);
  return { words: analysis.words.map((word) => word.term), chars: analysis.chars.map(String) };
}

interface Doc {
  readonly owner: number;
  readonly words: readonly string[];
  readonly chars: readonly string[];
}

/** BM25 by the book, over all documents. */
function bm25(docs: readonly Doc[], field: 'words' | 'chars', question: readonly string[], groups: number, { k1, b }: { k1: number; b: number }): number[] {
  const average = docs.length === 0 ? 1 : Math.max(1, docs.reduce((sum, doc) => sum + doc[field].length, 0) / docs.length);
  const counts = new Map<string, number>();
  for (const term of question) counts.set(term, Math.min(ENGINE_PARAMS.repeat, (counts.get(term) ?? 0) + 1));
  return docs.map((doc) => {
    let score = 0;
    for (const [term, count] of counts) {
      const tf = doc[field].filter((each) => each === term).length;
      if (tf === 0) continue;
      const n = new Set(docs.filter((each) => each[field].includes(term)).map((each) => each.owner)).size;
      const idf = Math.log(1 + (groups - n + 0.5) / (n + 0.5));
      const weight = field === 'words' ? 1 : charWeight(Number(term));
      score += weight * count * idf * ((tf * (k1 + 1)) / (tf + k1 * (1 - b + (b * doc[field].length) / average)));
    }
    return score;
  });
}

describe('the index', () => {
  it('scores like a naive scan of every entry', () => {
    fc.assert(
      fc.property(entriesOf, text, (raw, question) => {
        const entries = raw.map((entry, at) => ({ ...entry, id: String(at) }));
        const index = buildIndex(entries, analyzer);
        const found = search(index, readQuery(index, analyzer.analyze(question)), 100);
        const { units, wholes } = naive(entries);
        const said = termsOf(question);
        const groups = entries.length;
        const unitScores = units.map((_, at) => (bm25(units, 'words', said.words, groups, ENGINE_PARAMS.unit)[at] ?? 0) + (bm25(units, 'chars', said.chars, groups, ENGINE_PARAMS.unit)[at] ?? 0));
        const wholeScores = wholes.map((_, at) => (bm25(wholes, 'words', said.words, groups, ENGINE_PARAMS.whole)[at] ?? 0) + (bm25(wholes, 'chars', said.chars, groups, ENGINE_PARAMS.whole)[at] ?? 0));
        const expected = entries
          .map((_, at) => ({ entry: at, total: (wholeScores[at] ?? 0) + Math.max(0, ...units.flatMap((unit, u) => (unit.owner === at ? [unitScores[u] ?? 0] : []))) }))
          .filter(({ total }) => total > 0);
        expect(found.map(({ entry }) => entry).sort()).toEqual(expected.map(({ entry }) => entry).sort());
        for (const { entry, total } of expected) {
          // Impacts are kept in 16 bits.
          expect(found.find((each) => each.entry === entry)?.total ?? -1).toBeCloseTo(total, 2);
        }
        const totals = found.map(({ total }) => total);
        expect(totals).toEqual([...totals].sort((a, b) => b - a));
      }),
      { numRuns: 80 },
    );
  });

  it('keeps the same best when it is asked for fewer', () => {
    fc.assert(
      fc.property(entriesOf, text, fc.integer({ min: 1, max: 5 }), (raw, question, limit) => {
        const entries = raw.map((entry, at) => ({ ...entry, id: String(at) }));
        const index = buildIndex(entries, analyzer);
        const query = readQuery(index, analyzer.analyze(question));
        expect(search(index, query, limit)).toEqual(search(index, query, 100).slice(0, limit));
      }),
      { numRuns: 60 },
    );
  });

  it('finds the same when it gives entries up on the way', () => {
    const many = fc.array(fc.record({ question: text, variants: fc.array(text, { maxLength: 3 }), answer: text }), { minLength: 10, maxLength: 40 });
    fc.assert(
      fc.property(many, text, fc.integer({ min: 1, max: 5 }), (raw, question, limit) => {
        const entries = raw.map((entry, at) => ({ ...entry, id: String(at) }));
        const found = [0, Infinity].map((worthPruning) => {
          const index = buildIndex(entries, analyzer, { ...ENGINE_PARAMS, worthPruning });
          const query = readQuery(index, analyzer.analyze(question));
          // Twice: a search leaves nothing behind for the next one.
          expect(search(index, query, limit)).toEqual(search(index, query, limit));
          return search(index, query, limit);
        });
        expect(found[0]).toEqual(found[1]);
      }),
      { numRuns: 100 },
    );
  });

  it('reads at most its budget of postings, rarest terms first', () => {
    const entries = Array.from({ length: 50 }, (_, at) => ({ id: String(at), question: at === 7 ? '小区路灯' : '小区' }));
    const index = buildIndex(entries, analyzer, { ...ENGINE_PARAMS, postingsBudget: 20 });
    const found = search(index, readQuery(index, analyzer.analyze('小区路灯')), 10);
    expect(found.map(({ entry }) => entry)).toEqual([7]);
  });

  it('gives shares from 0 to 1', () => {
    fc.assert(
      fc.property(entriesOf, text, (raw, question) => {
        const entries = raw.map((entry, at) => ({ ...entry, id: String(at) }));
        const index = buildIndex(entries, analyzer);
        const query = readQuery(index, analyzer.analyze(question));
        const found = search(index, query, 10);
        for (const [fieldQuery, docs] of [[query.unitWords, found.map(({ unit }) => unit)], [query.wholeChars, found.map(({ entry }) => entry)]] as const) {
          const places = new Uint8Array(fieldQuery.field.documents);
          docs.forEach((doc, place) => {
            if (doc >= 0) places[doc] = place + 1;
          });
          const fits = createFits(docs.length);
          const params = fieldQuery === query.unitWords ? ENGINE_PARAMS.unit : ENGINE_PARAMS.whole;
          fit(fieldQuery, docs, places, new Float64Array(docs.length).fill(1), params, fits);
          for (const score of fits.score) expect(score >= 0 && score <= params.k1 + 1 + 1e-3).toBe(true);
          for (const share of [...fits.ofQuery, ...fits.ofDocument, ...fits.plain, ...fits.square]) {
            expect(share).toBeGreaterThanOrEqual(0);
            expect(share).toBeLessThanOrEqual(1 + 1e-6);
          }
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe('postings', () => {
  it('hold exactly the documents of each term', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 12 }), { maxLength: 40 }), (docs) => {
        const builder = createFieldBuilder();
        for (const doc of docs) builder.add(doc);
        const field = builder.build({ k1: 1.2, b: 0.5 });
        for (let term = 0; term <= 31; term += 1) {
          expect(frequency(field, term)).toBe(docs.filter((doc) => doc.includes(term)).length);
          docs.forEach((doc, number) => expect(position(field, term, number) >= 0).toBe(doc.includes(term)));
        }
        expect(frequency(field, -1)).toBe(0);
        expect(position(field, -1, 0)).toBe(-1);
      }),
      { numRuns: 60 },
    );
  });
});

describe('the integer map', () => {
  it('numbers keys like a Map does, through growth', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.integer({ min: 0, max: 0xffffffff }), fc.integer({ min: 0, max: 40 })), { maxLength: 4000 }), (keys) => {
        const map = createIntMap();
        const model = new Map<number, number>();
        for (const key of keys) {
          if (!model.has(key)) model.set(key, model.size);
          expect(map.intern(key)).toBe(model.get(key));
        }
        expect(map.size()).toBe(model.size);
        for (const key of [...keys, 12_345]) expect(map.get(key)).toBe(model.get(key) ?? -1);
        const seen = new Map<number, number>();
        map.each((key, value) => seen.set(key, value));
        expect(seen.size).toBe(model.size);
      }),
      { numRuns: 20 },
    );
  });
});

describe('replacement', () => {
  it('takes the longest word and remembers where it came from', () => {
    const replacer = createReplacer(new Map([['社保', '社会保险'], ['社保卡', '社会保障卡'], ['社会保险', '社会保险']]));
    const { text: out, starts, ends } = replacer.replace('办社保卡和社保');
    expect(out).toBe('办社会保障卡和社会保险');
    expect([...starts]).toEqual([0, 1, 1, 1, 1, 1, 4, 5, 5, 5, 5]);
    expect([...ends]).toEqual([1, 4, 4, 4, 4, 4, 5, 7, 7, 7, 7]);
  });

  it('keeps the standard word as it is', () => {
    expect(createReplacer(new Map([['保险', '社会保险'], ['社会保险', '社会保险']])).replace('社会保险').text).toBe('社会保险');
  });
});

describe('the analyzer', () => {
  const full = createAnalyzer({ words: ['居住登记证'], synonyms: [['社会保险', '社保'], ['居住证', '暂住证']], dialect: { 點樣: '怎么', 边度: '哪里' }, stopWords: ['怎么', '哪里', 'the', '办'] });

  it('reads traditional characters, dialect and synonyms as one', () => {
    expect(full.analyze('點樣辦暫住證').plain).toBe(full.analyze('怎么办居住证').plain);
    expect(full.analyze('社保喺邊度辦').words.map((word) => word.term)).toEqual(full.analyze('社会保险喺哪里办').words.map((word) => word.term));
  });

  it('stems English and drops stop words and punctuation', () => {
    expect(full.analyze('The Applications, applied!').words.map((word) => word.term)).toEqual(['applic', 'appli']);
    expect(full.analyze('怎么，哪里？').words).toEqual([]);
  });

  it('keeps given words whole and points into the text given', () => {
    const said = '我的ＡＢＣ居住登记证在哪';
    for (const { start, end } of full.analyze(said).words) expect(said.slice(start, end)).not.toBe('');
    expect(full.analyze(said).words.map((word) => said.slice(word.start, word.end))).toContain('居住登记证');
  });

  it('pairs characters over a comma but not over a sentence end, nor digits over a blank', () => {
    const key = (pair: string): number => ((pair.charCodeAt(0) << 16) | pair.charCodeAt(1)) >>> 0;
    expect(full.analyze('甲，乙').chars).toContain(key('甲乙'));
    expect(full.analyze('甲。乙').chars).not.toContain(key('甲乙'));
    expect(full.analyze('12 34').chars).not.toContain(key('23'));
  });

  it('never throws and keeps spans inside the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (said) => {
        for (const { start, end } of full.analyze(said).words) {
          expect(start).toBeGreaterThanOrEqual(0);
          expect(end).toBeGreaterThan(start);
          expect(end).toBeLessThanOrEqual(said.length);
        }
      }),
    );
  });
});
