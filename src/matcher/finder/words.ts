import { foldText } from '../../domain/text.ts';
import { SKIP, type Alphabet } from './alphabet.ts';

/** A word of a query: as it is read by the finder, and as folded text. */
export interface QueryWord {
  readonly units: string;
  readonly text: string;
}

/** Longest word in units: its states fit into one integer. Longer ones are cut into pieces. */
export const LONGEST_WORD = 30;
/** Words of a query that are looked for; a sentence pasted in has its first ones. */
const MOST_WORDS = 12;

/** The query's words: parted by blanks, without punctuation, each once. `text` is folded. */
export function wordsOf(text: string, alphabet: Alphabet): readonly QueryWord[] {
  const words = new Map<string, QueryWord>();
  for (const part of foldText(text).split(/\s+/u)) {
    const units = alphabet.encode(part);
    let word = '';
    let said = '';
    for (let at = 0; at < part.length; at += 1) {
      if (units.charCodeAt(at) === SKIP) continue;
      word += units[at] ?? '';
      said += part[at] ?? '';
    }
    for (let from = 0; from < word.length; from += LONGEST_WORD) words.set(word.slice(from, from + LONGEST_WORD), { units: word.slice(from, from + LONGEST_WORD), text: said.slice(from, from + LONGEST_WORD) });
    if (words.size >= MOST_WORDS) break;
  }
  return [...words.values()].slice(0, MOST_WORDS);
}

export function sliceWord({ units, text }: QueryWord, from: number, to: number): QueryWord {
  return { units: units.slice(from, to), text: text.slice(from, to) };
}

/** Pairs of neighbours, for words that are nowhere as a whole; short words and words of letters stay as they are. */
export function pairsOf(words: readonly QueryWord[]): readonly QueryWord[] {
  const pairs = words.flatMap((word) => (word.units.length < 3 || /^[a-z0-9]+$/.test(word.units) ? [word] : Array.from({ length: word.units.length - 1 }, (_, at) => sliceWord(word, at, at + 2))));
  return [...new Map(pairs.map((pair) => [pair.units, pair])).values()].slice(0, LONGEST_WORD);
}
