import { Jieba } from '@node-rs/jieba';
import { dict } from '@node-rs/jieba/dict.js';
import stemmer from 'natural/lib/natural/stemmers/porter_stemmer.js';
import { foldText } from '../domain/text.ts';
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
  /** Span in the text given. */
  readonly start: number;
  readonly end: number;
}

export interface Analysis {
  /** Folded text after replacement, without punctuation and blanks. */
  readonly plain: string;
  /** The same with a line end after each sentence. */
  readonly sentences: string;
  readonly words: readonly WordToken[];
  /** Keys of characters (code) and pairs (first << 16 | second), with repeats. */
  readonly chars: readonly number[];
}

export interface Analyzer {
  analyze(text: string): Analysis;
}

/** One dictionary takes 0.3 s and 50 MB to load: shared by every analyzer with the same words. */
let shared: { readonly key: string; readonly jieba: Jieba } | null = null;

function jiebaWith(words: readonly string[]): Jieba {
  const usable = [...new Set(words)].filter((word) => word.length >= 2 && !/\s/.test(word)).sort();
  const key = usable.join('\n');
  if (shared?.key === key) return shared.jieba;
  const jieba = Jieba.withDict(dict);
  if (usable.length > 0) jieba.loadDict(new TextEncoder().encode(usable.map((word) => `${word} 20000 n`).join('\n')));
  shared = { key, jieba };
  return jieba;
}

const WORD = /[\u3400-\u9fffa-z0-9]/;
const SENTENCE_END = /[。！？!?;；\n]/;
const LATIN = /^[a-z][a-z'-]*$/;

const isLetter = (code: number): boolean => code >= 97 && code <= 122;

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

  const analyze = (text: string): Analysis => {
    const { text: standard, starts, ends } = replacer.replace(foldText(text));
    const words: WordToken[] = [];
    let from = 0;
    for (const piece of jieba.cutForSearch(standard, false)) {
      // The search cut also gives the words inside a word: each is found from the start of the last whole one.
      let at = standard.indexOf(piece, from);
      if (at < 0) at = standard.lastIndexOf(piece, from);
      if (at < 0) continue;
      from = Math.max(0, at);
      if (!WORD.test(piece) || stopWords.has(piece)) continue;
      const term = LATIN.test(piece) ? stemmer.stem(piece) : piece;
      if (stopWords.has(term)) continue;
      const start = starts[at] ?? 0;
      const end = ends[at + piece.length - 1] ?? text.length;
      words.push({ term, start, end });
    }
    let plain = '';
    let sentences = '';
    const chars: number[] = [];
    let previous = 0;
    for (let i = 0; i < standard.length; i += 1) {
      const char = standard.charAt(i);
      if (!WORD.test(char)) {
        // A pair may span a blank or comma, but not a sentence end.
        // … nor a blank between digits: 12 34 is not 1234.
        if (previous < 0x3400) previous = 0;
        if (SENTENCE_END.test(char)) {
          previous = 0;
          if (!sentences.endsWith('\n')) sentences += '\n';
        }
        continue;
      }
      plain += char;
      sentences += char;
      const code = standard.charCodeAt(i);
      if (code >= 0x3400) chars.push(code);
      // Pairs of Latin letters say nothing: those words are terms of their own.
      if (previous !== 0 && !(isLetter(previous) && isLetter(code))) chars.push(((previous << 16) | code) >>> 0);
      previous = code;
    }
    return { plain, sentences, words, chars };
  };
  return { analyze };
}
