import { Jieba } from '@node-rs/jieba';
import stemmer from 'natural/lib/natural/stemmers/porter_stemmer.js';
import { foldText } from '../domain/text.ts';
import { createCounter } from './counter.ts';
import { readDictionary } from './dictionary.ts';
import { createReplacer } from './replace.ts';

/**
 * Text → terms. Traditional → simplified, dialect → standard words, synonyms → the first of their group, then words
 * (jieba's search cut) and character pairs. The same steps for entries and questions. jieba is native but deterministic.
 */

export interface AnalyzerOptions {
  /** Words the segmenter must keep whole. */
  readonly words?: readonly string[] | undefined;
  readonly synonyms?: readonly (readonly string[])[] | undefined;
  readonly dialect?: Readonly<Record<string, string>> | undefined;
  readonly stopWords?: readonly string[] | undefined;
}

export interface WordToken {
  readonly term: string;
  /** Place of the term in `distinctWords`. */
  readonly number: number;
  /** Span in the text given. */
  readonly start: number;
  readonly end: number;
}

/** What an index keeps of a text. */
export interface Reading {
  /** Folded text after replacement, without punctuation and blanks. */
  readonly plain: string;
  /** The same with a line end after each sentence. */
  readonly sentences: string;
  /** Terms of the words, with repeats. */
  readonly terms: readonly string[];
  /** Keys of characters (code) and pairs (first << 16 | second), with repeats. */
  readonly chars: readonly number[];
}

/** What a question needs besides: where its words stand, and each term once, in the order of its first use. */
export interface Analysis {
  readonly plain: string;
  readonly sentences: string;
  readonly words: readonly WordToken[];
  readonly chars: readonly number[];
  readonly distinctWords: readonly string[];
  readonly wordCounts: readonly number[];
  readonly distinctChars: Uint32Array;
  readonly charCounts: Uint32Array;
}

export interface Analyzer {
  analyze(text: string): Analysis;
  /** The same, remembered for the last texts: one turn asks the matcher and the item suggester about the same words. */
  recall(text: string): Analysis;
  /** Terms only, for building an index. */
  read(text: string): Reading;
  /** By place in a folded text: 1 where the lexicon knows the word (a synonym or a dialect word), so that nobody mends it. */
  known(folded: string): Uint8Array;
}

/** Texts that `recall` remembers; the analyzer of a process serves all conversations. */
const REMEMBERED = 64;

/** One dictionary takes 0.2 s and 50 MB to load: shared by every analyzer with the same words. */
let shared: { readonly key: string; readonly jieba: Jieba } | null = null;

function jiebaWith(words: readonly string[]): Jieba {
  const usable = [...new Set(words)].filter((word) => word.length >= 2 && !/\s/.test(word)).sort();
  const key = usable.join('\n');
  if (shared?.key === key) return shared.jieba;
  const jieba = Jieba.withDict(readDictionary());
  if (usable.length > 0) jieba.loadDict(new TextEncoder().encode(usable.map((word) => `${word} 20000 n`).join('\n')));
  shared = { key, jieba };
  return jieba;
}

const SENTENCE_END = new Set([...'。！？!?;；\n'].map((char) => char.charCodeAt(0)));
const LATIN = /^[a-z][a-z'-]*$/;

const isHan = (code: number): boolean => code >= 0x3400 && code <= 0x9fff;
const isLetter = (code: number): boolean => code >= 97 && code <= 122;
/** Han, a to z, 0 to 9. */
const isWordUnit = (code: number): boolean => isHan(code) || isLetter(code) || (code >= 48 && code <= 57);

function hasWordUnit(text: string): boolean {
  for (let i = 0; i < text.length; i += 1) if (isWordUnit(text.charCodeAt(i))) return true;
  return false;
}

let last: { readonly key: string; readonly analyzer: Analyzer } | null = null;

/** The analyzer of these options; matcher and suggester of one lexicon get the same one, and share what it remembers. */
export function sharedAnalyzer(options: AnalyzerOptions): Analyzer {
  const key = JSON.stringify([options.words ?? [], options.synonyms ?? [], options.dialect ?? {}, options.stopWords ?? []]);
  if (last?.key !== key) last = { key, analyzer: createAnalyzer(options) };
  return last.analyzer;
}

export function createAnalyzer(options: AnalyzerOptions = {}): Analyzer {
  const pairs = new Map<string, string>();
  for (const [word, standard] of Object.entries(options.dialect ?? {})) pairs.set(foldText(word), foldText(standard));
  for (const group of options.synonyms ?? []) {
    const target = foldText(group[0] ?? '');
    // The standard word maps to itself, so that a shorter member inside it is left alone (社保 in 社保卡).
    for (const word of group) if (!pairs.has(foldText(word))) pairs.set(foldText(word), target);
  }
  const replacer = createReplacer(pairs);
  const stopWords = new Set((options.stopWords ?? []).map(foldText));
  const jieba = jiebaWith((options.words ?? []).map(foldText));
  const counter = createCounter();

  /** The term of a piece; '' for punctuation and stop words. */
  const termOf = (piece: string): string => {
    if (!hasWordUnit(piece) || stopWords.has(piece)) return '';
    if (!isLetter(piece.charCodeAt(0)) || !LATIN.test(piece)) return piece;
    const term = stemmer.stem(piece);
    return stopWords.has(term) ? '' : term;
  };

  const read = (text: string): Reading => {
    const standard = replacer.replace(foldText(text)).text;
    const terms: string[] = [];
    for (const piece of jieba.cutForSearch(standard, false)) {
      const term = termOf(piece);
      if (term !== '') terms.push(term);
    }
    return { ...readChars(standard), terms };
  };

  const analyze = (text: string): Analysis => {
    const { text: standard, starts, ends } = replacer.replace(foldText(text));
    const words: WordToken[] = [];
    const distinctWords: string[] = [];
    const wordCounts: number[] = [];
    let from = 0;
    for (const piece of jieba.cutForSearch(standard, false)) {
      // The search cut also gives the words inside a word: each is found from the start of the last whole one.
      let at = standard.indexOf(piece, from);
      if (at < 0) at = standard.lastIndexOf(piece, from);
      if (at < 0) continue;
      from = at;
      const term = termOf(piece);
      if (term === '') continue;
      let number = distinctWords.indexOf(term);
      if (number < 0) {
        number = distinctWords.push(term) - 1;
        wordCounts.push(0);
      }
      wordCounts[number] = (wordCounts[number] ?? 0) + 1;
      words.push({ term, number, start: starts[at] ?? 0, end: ends[at + piece.length - 1] ?? text.length });
    }
    const { plain, sentences, chars } = readChars(standard);
    for (const key of chars) counter.add(key);
    const { keys: distinctChars, counts: charCounts } = counter.take();
    return { plain, sentences, words, chars, distinctWords, wordCounts, distinctChars, charCounts };
  };

  const remembered = new Map<string, Analysis>();
  const recall = (text: string): Analysis => {
    const known = remembered.get(text);
    if (known !== undefined) return known;
    const analysis = analyze(text);
    if (remembered.size >= REMEMBERED) for (const oldest of remembered.keys()) {
      remembered.delete(oldest);
      break;
    }
    remembered.set(text, analysis);
    return analysis;
  };
  const known = (folded: string): Uint8Array => {
    const { starts, ends } = replacer.replace(folded);
    const places = new Uint8Array(folded.length);
    for (let at = 0; at < starts.length; at += 1) {
      const [from, to] = [starts[at] ?? 0, ends[at] ?? 0];
      if (to - from > 1) places.fill(1, from, to);
    }
    return places;
  };
  return { analyze, recall, read, known };
}

/** Plain text, sentences, characters and pairs of a text that is folded and replaced already. */
function readChars(standard: string): Omit<Reading, 'terms'> {
  let plain = '';
  let sentences = '';
  const chars: number[] = [];
  let previous = 0;
  /** Where the run of word units began that is not written yet. */
  let run = 0;
  /** Whether the last thing written to the sentences is a line end. */
  let ended = false;
  const flush = (to: number): void => {
    if (run === to) return;
    const part = standard.slice(run, to);
    plain += part;
    sentences += part;
    ended = false;
  };
  for (let i = 0; i < standard.length; i += 1) {
    const code = standard.charCodeAt(i);
    if (!isWordUnit(code)) {
      flush(i);
      run = i + 1;
      // A pair may span a blank or comma, but not a sentence end.
      // … nor a blank between digits: 12 34 is not 1234.
      if (previous < 0x3400) previous = 0;
      if (SENTENCE_END.has(code)) {
        previous = 0;
        if (!ended) sentences += '\n';
        ended = true;
      }
      continue;
    }
    if (code >= 0x3400) chars.push(code);
    // Pairs of Latin letters say nothing: those words are terms of their own.
    if (previous !== 0 && !(isLetter(previous) && isLetter(code))) chars.push(((previous << 16) | code) >>> 0);
    previous = code;
  }
  flush(standard.length);
  return { plain, sentences, chars };
}
