import { pinyin } from 'pinyin-pro';
import { isWeak } from './weak-chars.ts';

/**
 * What a question most likely said where speech recognition or typing wrote another character of the same sound: a
 * character that stands beside both its neighbours nowhere in the knowledge base gives way to one of like sound that does.
 * Pinyin typed in Latin letters is read the same way. Words that the knowledge base knows are never touched.
 */
export interface Heard {
  readonly text: string;
  /** Characters that were replaced. */
  readonly changed: number;
}

/** What is looked up in a knowledge base. */
export interface SoundSource {
  readonly size: number;
  knowsWord(word: string): boolean;
  /** Entries that hold a character (its code) or a pair (first << 16 | second). */
  holders(key: number): number;
  /** Every character and pair with its holders, in no order. */
  eachChar(visit: (key: number, holders: number) => void): void;
}

interface Sounds {
  /** Characters of the knowledge base by their blurred syllable, most frequent first. */
  readonly blurred: ReadonlyMap<string, readonly number[]>;
  /** The same by the exact syllable: for typed pinyin. */
  readonly exact: ReadonlyMap<string, readonly number[]>;
}

const tables = new WeakMap<SoundSource, Sounds>();
/** Readings of a character, the same in every index. */
const readings = new Map<number, readonly string[]>();

const isHan = (code: number): boolean => code >= 0x4e00 && code <= 0x9fff;

function readingsOf(code: number): readonly string[] {
  const known = readings.get(code);
  if (known !== undefined) return known;
  const made = [...new Set(pinyin(String.fromCharCode(code), { toneType: 'none', type: 'array', multiple: true, v: true }))];
  readings.set(code, made);
  return made;
}

/** zh/z, ch/c, sh/s, n/l before a vowel, final ng/n: what dialects and quick fingers confuse. */
export function blur(syllable: string): string {
  return syllable.replace(/^([zcs])h/, '$1').replace(/^n(?=[aeiouv])/, 'l').replace(/ng$/, 'n');
}

function soundsOf(index: SoundSource): Sounds {
  const known = tables.get(index);
  if (known !== undefined) return known;
  const said: { readonly code: number; readonly times: number }[] = [];
  index.eachChar((key, times) => {
    if (isHan(key)) said.push({ code: key, times });
  });
  said.sort((a, b) => b.times - a.times || a.code - b.code);
  const [blurred, exact] = [new Map<string, number[]>(), new Map<string, number[]>()];
  for (const { code } of said) {
    const own = readingsOf(code);
    for (const syllable of own) add(exact, syllable, code);
    for (const syllable of new Set(own.map(blur))) add(blurred, syllable, code);
  }
  const made = { blurred, exact };
  tables.set(index, made);
  return made;
}

function add(map: Map<string, number[]>, key: string, code: number): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [code]);
  else list.push(code);
}

/** Characters of one sound that are tried. */
const TRIED = 40;
/** A pair that makes up this part of the rarer character's occurrences is a word, or nearly one. */
const BOUND = 0.12;
/** … or this, when it fits on both sides. */
const BOTH = 0.04;

/**
 * @param index the same object for the same knowledge base: what is made of it is remembered
 * @param text folded
 * @param known by place: 1 where the lexicon knows the word (`Analyzer.known`)
 */
export function hearIn(index: SoundSource, text: string, known: Uint8Array): Heard {
  if (index.size === 0) return { text, changed: 0 };
  const typed = readLatin(index, text);
  let heard = typed.text;
  let changed = typed.changed;
  // Places hold as long as no pinyin was read.
  const sure = heard.length === known.length ? known : null;
  const times = (a: number, b: number): number => index.holders(((a << 16) | b) >>> 0);
  for (let at = 0; at < heard.length; at += 1) {
    const code = heard.charCodeAt(at);
    if (!isHan(code) || isWeak(code) || sure?.[at] === 1) continue;
    const left = at === 0 ? 0 : heard.charCodeAt(at - 1);
    const right = at + 1 === heard.length ? 0 : heard.charCodeAt(at + 1);
    const [hasLeft, hasRight] = [isHan(left), isHan(right)];
    if ((!hasLeft && !hasRight) || (hasLeft && times(left, code) > 0) || (hasRight && times(code, right) > 0)) continue;
    const better = likeliest(index, code, hasLeft ? left : 0, hasRight ? right : 0, times);
    if (better === 0) continue;
    heard = heard.slice(0, at) + String.fromCharCode(better) + heard.slice(at + 1);
    changed += 1;
  }
  return { text: heard, changed };
}

/** The character of like sound that fits best between its neighbours; 0 when none does well enough. */
function likeliest(index: SoundSource, code: number, left: number, right: number, times: (a: number, b: number) => number): number {
  const { blurred } = soundsOf(index);
  const once = (each: number): number => Math.max(1, index.holders(each));
  const own = readingsOf(code);
  let best = 0;
  let bestScore = 0;
  const seen = new Set<number>([code]);
  for (const syllable of own) {
    for (const other of (blurred.get(blur(syllable)) ?? []).slice(0, TRIED)) {
      if (seen.has(other)) continue;
      seen.add(other);
      const before = left === 0 ? 0 : times(left, other) / Math.min(once(left), once(other));
      const after = right === 0 ? 0 : times(other, right) / Math.min(once(other), once(right));
      if (Math.max(before, after) < BOUND && (before === 0 || after === 0 || before + after < BOTH)) continue;
      // The very same sound before a similar one.
      const score = (before + after) * (readingsOf(other).some((each) => own.includes(each)) ? 1 : 0.5);
      if (score > bestScore) {
        best = other;
        bestScore = score;
      }
    }
  }
  return best;
}

const LATIN = /[a-z]{4,40}/g;
const SYLLABLE = 6;
const BEAM = 16;

function readLatin(index: SoundSource, text: string): Heard {
  const words = text.match(LATIN);
  if (words === null) return { text, changed: 0 };
  const han = /[\u4e00-\u9fff]/.test(text);
  const read = words.map((word) => (index.knowsWord(word) ? '' : readPinyin(index, word)));
  // A line of English is English, even when one of its words could be read as pinyin.
  if (!han && (text.match(/[a-z]+/g)?.length ?? 0) > read.filter((each) => each !== '').length) return { text, changed: 0 };
  let number = -1;
  let changed = 0;
  const replaced = text.replace(LATIN, (word) => {
    number += 1;
    const said = read[number] ?? '';
    changed += said.length;
    return said === '' ? word : said;
  });
  return { text: replaced, changed };
}

interface Path {
  readonly text: string;
  readonly last: number;
  readonly score: number;
}

/** The likeliest characters of two syllables or more that follow each other in the knowledge base; '' when there are none. */
function readPinyin(index: SoundSource, word: string): string {
  const { exact } = soundsOf(index);
  const times = (a: number, b: number): number => index.holders(((a << 16) | b) >>> 0);
  const once = (each: number): number => Math.max(1, index.holders(each));
  const paths: Path[][] = Array.from({ length: word.length + 1 }, () => []);
  paths[0] = [{ text: '', last: 0, score: 0 }];
  for (let from = 0; from < word.length; from += 1) {
    const here = (paths[from] ?? []).sort((a, b) => b.score - a.score).slice(0, BEAM);
    if (here.length === 0) continue;
    for (let length = 1; length <= SYLLABLE && from + length <= word.length; length += 1) {
      const list = exact.get(word.slice(from, from + length));
      if (list === undefined) continue;
      for (const { text, last, score } of here) {
        for (const code of list.slice(0, TRIED)) {
          const pair = last === 0 ? 1 : times(last, code);
          if (pair === 0) continue;
          const fit = last === 0 ? 0 : Math.log(pair / Math.sqrt(once(last) * once(code)));
          paths[from + length]?.push({ text: text + String.fromCharCode(code), last: code, score: score + fit });
        }
      }
    }
  }
  const whole = (paths[word.length] ?? []).filter(({ text }) => text.length >= 2).map((path) => ({ ...path, mean: path.score / (path.text.length - 1) }));
  let best = '';
  let bestMean = LEAST_FIT;
  for (const { text, mean } of whole) {
    if (mean <= bestMean) continue;
    best = text;
    bestMean = mean;
  }
  return best;
}

/** Mean fit of neighbours below which Latin letters are left as they are. */
const LEAST_FIT = Math.log(0.05);
