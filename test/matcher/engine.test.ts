import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createIntMap } from '../../src/matcher/int-map.ts';
import { buildIndex, LIVE_PARAMS } from '../../src/matcher/live/entries.ts';
import { FIELD_COUNT, MOST_CANDIDATES, readHits } from '../../src/matcher/live/hits.ts';
import { readQuery } from '../../src/matcher/live/query.ts';
import { search } from '../../src/matcher/live/search.ts';
import { createReplacer } from '../../src/matcher/replace.ts';
import { createAnalyzer } from '../../src/matcher/segment.ts';
import { commonOf, isSame, stands } from '../../src/matcher/spans.ts';
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
  for (const term of question) counts.set(term, Math.min(LIVE_PARAMS.repeat, (counts.get(term) ?? 0) + 1));
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
        const unitScores = units.map((_, at) => (bm25(units, 'words', said.words, groups, LIVE_PARAMS.unit)[at] ?? 0) + (bm25(units, 'chars', said.chars, groups, LIVE_PARAMS.unit)[at] ?? 0));
        const wholeScores = wholes.map((_, at) => (bm25(wholes, 'words', said.words, groups, LIVE_PARAMS.whole)[at] ?? 0) + (bm25(wholes, 'chars', said.chars, groups, LIVE_PARAMS.whole)[at] ?? 0));
        const expected = entries
          .map((_, at) => ({ entry: at, total: (wholeScores[at] ?? 0) + Math.max(0, ...units.flatMap((unit, u) => (unit.owner === at ? [unitScores[u] ?? 0] : []))) }))
          .filter(({ total }) => total > 0);
        expect(found.map(({ entry }) => entry).sort()).toEqual(expected.map(({ entry }) => entry).sort());
        for (const { entry, total } of expected) {
          expect(found.find((each) => each.entry === entry)?.total ?? -1).toBeCloseTo(total, 6);
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

});

describe('what candidates hold of a question', () => {
  it('adds up to the score of the first ranking, in shares from 0 to 1', () => {
    fc.assert(
      fc.property(entriesOf, text, (raw, question) => {
        const entries = raw.map((entry, at) => ({ ...entry, id: String(at) }));
        const index = buildIndex(entries, analyzer);
        const query = readQuery(index, analyzer.analyze(question));
        const found = search(index, query, 30);
        const watch = query.words.ids.map((_, number) => number).slice(0, 6);
        const hits = readHits(index, query, found, watch);
        found.forEach(({ entry, unit, unitScore, wholeScore }, place) => {
          const at = (field: number): number => field * MOST_CANDIDATES + place;
          const score = (field: number): number => (hits.score[at(field)] ?? 0) * ((field < 2 ? query.unit : query.whole)[field % 2]?.bound ?? 0);
          expect(score(0) + score(1)).toBeCloseTo(unit < 0 ? 0 : unitScore, 6);
          expect(score(2) + score(3)).toBeCloseTo(wholeScore, 6);
          for (let field = 0; field < FIELD_COUNT; field += 1) {
            for (const share of [hits.ofQuery, hits.ofDocument, hits.plain, hits.square]) {
              expect(share[at(field)]).toBeGreaterThanOrEqual(0);
              expect(share[at(field)]).toBeLessThanOrEqual(1 + 1e-6);
            }
          }
          const whole = new Set([entries[entry]?.question ?? '', ...(entries[entry]?.variants ?? []), (entries[entry]?.keywords ?? []).join('\n'), entries[entry]?.answer ?? ''].flatMap((each) => termsOf(each).words));
          analyzer.analyze(question).distinctWords.forEach((word, number) => {
            expect(hits.held[place * hits.wordCount + number]).toBe(whole.has(word) ? 1 : 0);
            if (watch.includes(number)) expect(((hits.watchedInWhole[place] ?? 0) >> number) & 1).toBe(whole.has(word) ? 1 : 0);
          });
        });
      }),
      { numRuns: 80 },
    );
  });
});

describe('texts as they lie in the index', () => {
  const span = (said: string) => ({ units: Uint16Array.from(`..${said}.`, (_, at) => `..${said}.`.charCodeAt(at)), from: 2, to: 2 + said.length });
  const some = fc.string({ unit: fc.constantFrom('甲', '乙', '丙', '丁', '1'), maxLength: 14 });

  it('have the longest common subsequence that the recursion by the book finds', () => {
    const common = (a: string, b: string): number => (a === '' || b === '' ? 0 : a.at(-1) === b.at(-1) ? 1 + common(a.slice(0, -1), b.slice(0, -1)) : Math.max(common(a.slice(0, -1), b), common(a, b.slice(0, -1))));
    fc.assert(fc.property(fc.tuple(some, some).filter(([a, b]) => a.length + b.length < 16), ([a, b]) => void expect(commonOf(a, span(b))).toBe(common(a, b))), { numRuns: 100 });
    expect(commonOf('甲'.repeat(500), span('甲'.repeat(500)))).toBe(40);
  });

  it('hold what a string holds, numbers only whole', () => {
    fc.assert(fc.property(some, fc.string({ unit: fc.constantFrom('甲', '乙', '丙'), minLength: 1, maxLength: 2 }), (said, part) => void expect(stands(part, span(said))).toBe(said.includes(part))));
    expect(stands('12', span('甲120乙'))).toBe(false);
    expect(stands('120', span('甲120乙'))).toBe(true);
    expect(isSame('甲乙', span('甲乙'))).toBe(true);
    expect(isSame('', span(''))).toBe(false);
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
