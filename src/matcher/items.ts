import type { Item } from '../domain/config-files.ts';
import type { ItemSuggestion } from '../domain/conversation.ts';
import { type Analysis, type AnalyzerOptions, createAnalyzer } from './segment.ts';
import { charWeight, wordWeight } from './weak-chars.ts';

/**
 * Which item of the catalogue a complaint is about, first version: each item's keywords, examples and name are compared
 * with the text by tf-idf of words and character pairs, examples by the best and the sum, keywords by containment. No
 * learning from past tickets yet.
 */

export interface ItemSuggester {
  /** The three best with score and deciding words; empty when nothing fits. */
  suggest(text: string): readonly ItemSuggestion[];
}

type Vector = ReadonlyMap<string, number>;

interface ItemModel {
  readonly item: Item;
  readonly keywords: readonly string[];
  readonly examples: readonly Vector[];
  readonly whole: Vector;
}

const PLAIN_LIMIT = 400;

/** Words count more: a pair of characters may be an accident. Words and pairs that only build the sentence count less. */
function termsOf(analysis: Analysis): Map<string, number> {
  const terms = new Map<string, number>();
  for (const { term } of analysis.words) terms.set(`w${term}`, (terms.get(`w${term}`) ?? 0) + 1.4 * wordWeight(term));
  for (const key of analysis.chars) if (key >= 0x10000) terms.set(`c${key}`, (terms.get(`c${key}`) ?? 0) + charWeight(key));
  return terms;
}

function weigh(terms: ReadonlyMap<string, number>, idf: (term: string) => number): Vector {
  const vector = new Map<string, number>();
  let norm = 0;
  for (const [term, count] of terms) {
    const weight = Math.log1p(count) * idf(term);
    vector.set(term, weight);
    norm += weight * weight;
  }
  const length = Math.sqrt(norm) || 1;
  for (const [term, weight] of vector) vector.set(term, weight / length);
  return vector;
}

function cosine(a: Vector, b: Vector): number {
  const [small, large] = a.size < b.size ? [a, b] : [b, a];
  let sum = 0;
  for (const [term, weight] of small) sum += weight * (large.get(term) ?? 0);
  return sum;
}

/** Weights of the parts of an item's fit, and the softmax's sharpness. */
const PART = { best: 1, whole: 0.9, keyword: 0.55, sharpness: 9, bias: 0.14 };

export function createItemSuggester(items: readonly Item[], options: AnalyzerOptions = {}): ItemSuggester {
  const analyzer = createAnalyzer(options);
  const raw = items.map((item) => {
    const examples = item.examples.map((example) => termsOf(analyzer.analyze(example)));
    const whole = termsOf(analyzer.analyze([item.name, ...item.keywords, ...item.examples].join('\n')));
    return { item, examples, whole, keywords: item.keywords.map((word) => analyzer.analyze(word).plain).filter((word) => word !== '') };
  });
  const frequency = new Map<string, number>();
  for (const { whole } of raw) for (const term of whole.keys()) frequency.set(term, (frequency.get(term) ?? 0) + 1);
  const idf = (term: string): number => Math.log(1 + items.length / (0.5 + (frequency.get(term) ?? 0)));
  const holders = new Map<string, number>();
  for (const { keywords } of raw) for (const word of new Set(keywords)) holders.set(word, (holders.get(word) ?? 0) + 1);
  const models: ItemModel[] = raw.map(({ item, examples, whole, keywords }) => ({ item, keywords, examples: examples.map((each) => weigh(each, idf)), whole: weigh(whole, idf) }));

  const fitOf = (model: ItemModel, vector: Vector, plain: string): number => {
    const best = Math.max(0, ...model.examples.map((example) => cosine(vector, example)));
    // Longer keywords, and those of few items, say more.
    const said = model.keywords.filter((word) => plain.includes(word)).map((word) => Math.min(1, word.length / 4) / Math.sqrt(holders.get(word) ?? 1));
    const keyword = 1 - said.reduce((left, weight) => left * (1 - 0.6 * weight), 1);
    return PART.best * best + PART.whole * cosine(vector, model.whole) + PART.keyword * keyword;
  };

  const suggest = (text: string): readonly ItemSuggestion[] => {
    const cut = text.slice(0, PLAIN_LIMIT);
    const analysis = analyzer.analyze(cut);
    const vector = weigh(termsOf(analysis), idf);
    const scored = models
      .map((model, order) => ({ model, order, value: fitOf(model, vector, analysis.plain) }))
      .filter(({ value }) => value > 0.05)
      .sort((a, b) => b.value - a.value || a.order - b.order);
    // The bias stands for “none of them”: a weak best stays below one half.
    const total = scored.reduce((sum, { value }) => sum + Math.exp(PART.sharpness * value), 0) + Math.exp(PART.sharpness * PART.bias) * 2;
    return scored.slice(0, 3).map(({ model, value }) => ({ code: model.item.code, name: model.item.name, score: Math.exp(PART.sharpness * value) / total, matched: deciding(model, analysis, cut, vector) }));
  };
  return { suggest };
}

/** Up to five words of the text that weigh most for the item, in the text's order. */
function deciding(model: ItemModel, analysis: Analysis, text: string, vector: Vector): string[] {
  const spans = analysis.words
    .map((word) => ({ ...word, weight: (vector.get(`w${word.term}`) ?? 0) * (model.whole.get(`w${word.term}`) ?? 0) }))
    .filter(({ weight, term }) => weight > 0 && wordWeight(term) > 0.5)
    .sort((a, b) => b.weight - a.weight || a.start - b.start);
  const kept: typeof spans = [];
  for (const span of spans) {
    if (kept.length === 5) break;
    if (kept.every((other) => span.end <= other.start || span.start >= other.end)) kept.push(span);
  }
  return [...new Set(kept.sort((a, b) => a.start - b.start).map(({ start, end }) => text.slice(start, end)))];
}
