import type { Item } from '../domain/config-files.ts';
import type { ItemSuggestion } from '../domain/conversation.ts';
import { buildItemModel, type ItemModel, keywordKey, termCount, wholeWeight } from './item-model.ts';
import { type Analysis, type AnalyzerOptions, sharedAnalyzer } from './segment.ts';
import { charWeight, wordWeight } from './weak-chars.ts';

/**
 * Which item of the catalogue a complaint is about, first version: each item's keywords, examples and name are compared
 * with the text by tf-idf of words and character pairs, examples by the best and the sum, keywords by containment. No
 * learning from past tickets yet. The text's terms look their examples up (item-model.ts), so a call reads only what it
 * shares with the text.
 */

export interface ItemSuggester {
  /** The three best with score and deciding words; empty when nothing fits. */
  suggest(text: string): readonly ItemSuggestion[];
}

const PLAIN_LIMIT = 400;
/** A fit below this is no fit. */
const FLOOR = 0.05;
const SHOWN = 3;
const DECIDING = 5;

/** Weights of the parts of an item's fit, and the softmax's sharpness. */
const PART = { best: 1, whole: 0.9, keyword: 0.55, sharpness: 9, bias: 0.14 };
/** What one keyword can say at most. */
const KEYWORD_SHARE = 0.6;

export function createItemSuggester(items: readonly Item[], options: AnalyzerOptions = {}): ItemSuggester {
  const analyzer = sharedAnalyzer(options);
  const model = buildItemModel(items, analyzer);
  // Work space: a call is synchronous and leaves it clean, so it is invisible from outside.
  const examples = new Float64Array(model.owner.length);
  const touched = new Uint32Array(model.owner.length);
  const best = new Float64Array(items.length);
  const whole = new Float64Array(items.length);
  /** What is left of an item when its keywords have spoken: 1 without any. */
  const unsaid = new Float64Array(items.length);

  const suggest = (text: string): readonly ItemSuggestion[] => {
    const cut = text.slice(0, PLAIN_LIMIT);
    const analysis = analyzer.recall(cut);
    const { wordIds, wordWeights, charIds, charWeights } = weigh(model, analysis);
    best.fill(0);
    whole.fill(0);
    unsaid.fill(1);
    let used = 0;
    for (let at = 0; at < wordIds.length; at += 1) used = add(model, wordIds[at] ?? -1, wordWeights[at] ?? 0, examples, touched, used, whole);
    for (let at = 0; at < charIds.length; at += 1) used = add(model, charIds[at] ?? -1, charWeights[at] ?? 0, examples, touched, used, whole);
    for (let i = 0; i < used; i += 1) {
      const example = touched[i] ?? 0;
      const item = model.owner[example] ?? 0;
      const value = examples[example] ?? 0;
      if (value > (best[item] ?? 0)) best[item] = value;
      examples[example] = 0;
    }
    sayKeywords(model, analysis.plain, unsaid);
    // The bias stands for “none of them”: a weak best stays below one half.
    let total = Math.exp(PART.sharpness * PART.bias) * 2;
    const top: { item: number; value: number }[] = [];
    for (let item = 0; item < items.length; item += 1) {
      const value = PART.best * (best[item] ?? 0) + PART.whole * (whole[item] ?? 0) + PART.keyword * (1 - (unsaid[item] ?? 1));
      if (value <= FLOOR) continue;
      total += Math.exp(PART.sharpness * value);
      insert(top, item, value);
    }
    return top.map(({ item, value }) => ({
      code: items[item]?.code ?? '', name: items[item]?.name ?? '', score: Math.exp(PART.sharpness * value) / total, matched: deciding(model, item, analysis, cut, wordIds, wordWeights),
    }));
  };
  return { suggest };
}

/** The text's terms with their numbers (-1: no item has it) and their share of the text's unit vector. */
function weigh(model: ItemModel, { distinctWords, wordCounts, distinctChars, charCounts }: Analysis) {
  const wordIds = new Int32Array(distinctWords.length);
  const wordWeights = new Float64Array(distinctWords.length);
  const charIds = new Int32Array(distinctChars.length);
  const charWeights = new Float64Array(distinctChars.length);
  let norm = 0;
  for (let at = 0; at < distinctWords.length; at += 1) {
    const word = distinctWords[at] ?? '';
    const id = model.wordId(word);
    const weight = Math.log1p(termCount(word, wordCounts[at] ?? 0)) * (id < 0 ? model.unknownIdf : (model.idf[id] ?? 0));
    wordIds[at] = id;
    wordWeights[at] = weight;
    norm += weight * weight;
  }
  for (let at = 0; at < distinctChars.length; at += 1) {
    const key = distinctChars[at] ?? 0;
    charIds[at] = -1;
    // Pairs only: single characters say little about a matter.
    if (key < 0x10000) continue;
    const id = model.charId(key);
    const weight = Math.log1p((charCounts[at] ?? 0) * charWeight(key)) * (id < 0 ? model.unknownIdf : (model.idf[id] ?? 0));
    charIds[at] = id;
    charWeights[at] = weight;
    norm += weight * weight;
  }
  const length = Math.sqrt(norm) || 1;
  for (let at = 0; at < wordWeights.length; at += 1) wordWeights[at] = (wordWeights[at] ?? 0) / length;
  for (let at = 0; at < charWeights.length; at += 1) charWeights[at] = (charWeights[at] ?? 0) / length;
  return { wordIds, wordWeights, charIds, charWeights };
}

/** Adds a term's share to the examples and items that have it; the new number of touched examples. */
function add(model: ItemModel, term: number, weight: number, examples: Float64Array, touched: Uint32Array, before: number, whole: Float64Array): number {
  if (term < 0 || weight === 0) return before;
  const { examplePostings, wholePostings } = model;
  let used = before;
  for (let at = examplePostings.offsets[term] ?? 0, to = examplePostings.offsets[term + 1] ?? 0; at < to; at += 1) {
    const example = examplePostings.docs[at] ?? 0;
    const value = examples[example] ?? 0;
    if (value === 0) {
      touched[used] = example;
      used += 1;
    }
    examples[example] = value + weight * (examplePostings.weights[at] ?? 0);
  }
  for (let at = wholePostings.offsets[term] ?? 0, to = wholePostings.offsets[term + 1] ?? 0; at < to; at += 1) {
    const item = wholePostings.docs[at] ?? 0;
    whole[item] = (whole[item] ?? 0) + weight * (wholePostings.weights[at] ?? 0);
  }
  return used;
}

/** Longer keywords, and those of few items, say more; one that stands twice in the text says it once. */
function sayKeywords(model: ItemModel, plain: string, unsaid: Float64Array): void {
  const said: number[] = [];
  for (let at = 0; at < plain.length; at += 1) {
    // By its first two characters, and by its first one for keywords of one character.
    for (let length = 1; length <= 2 && at + length <= plain.length; length += 1) {
      const list = model.keywordsBy.get(keywordKey(plain, at, length));
      if (list === undefined) continue;
      for (const number of list) if (plain.startsWith(model.keywords[number]?.word ?? '', at) && !said.includes(number)) said.push(number);
    }
  }
  for (const number of said) {
    const keyword = model.keywords[number];
    if (keyword === undefined) continue;
    for (const item of keyword.items) unsaid[item] = (unsaid[item] ?? 1) * (1 - KEYWORD_SHARE * keyword.weight);
  }
}

/** Keeps the best few, best first; of equals the earlier item. */
function insert(top: { item: number; value: number }[], item: number, value: number): void {
  if (top.length === SHOWN && value <= (top[SHOWN - 1]?.value ?? 0)) return;
  let at = top.length;
  while (at > 0 && (top[at - 1]?.value ?? 0) < value) at -= 1;
  top.splice(at, 0, { item, value });
  if (top.length > SHOWN) top.length = SHOWN;
}

/** Up to five words of the text that weigh most for the item, in the text's order. */
function deciding(model: ItemModel, item: number, { words }: Analysis, text: string, ids: Int32Array, weights: Float64Array): string[] {
  const spans: { start: number; end: number; weight: number }[] = [];
  for (const { term, number, start, end } of words) {
    const id = ids[number] ?? -1;
    if (id < 0 || wordWeight(term) <= 0.5) continue;
    const weight = (weights[number] ?? 0) * wholeWeight(model, id, item);
    if (weight > 0) spans.push({ start, end, weight });
  }
  spans.sort((a, b) => b.weight - a.weight || a.start - b.start);
  const kept: typeof spans = [];
  for (const span of spans) {
    if (kept.length === DECIDING) break;
    if (kept.every((other) => span.end <= other.start || span.start >= other.end)) kept.push(span);
  }
  return [...new Set(kept.sort((a, b) => a.start - b.start).map(({ start, end }) => text.slice(start, end)))];
}
