import type { KnowledgeEntry } from '../../domain/knowledge.ts';
import { createAlphabet, type Alphabet } from './alphabet.ts';
import { createBest } from './best.ts';
import { createWordFilter, type WordFilter } from './head-features.ts';
import { markAll, placeOf, snippetOf } from './mark.ts';
import { createColumnCounter } from './column-counter.ts';
import { createScanner, endOf, fieldOf, isPrefix, isWhole, type Scanner } from './scanner.ts';
import { createShelf, wordingsOf, type Shelf } from './shelf.ts';
import { BLOCK_SLOTS, BLOCK_WORDS } from './signatures.ts';
import type { EntryState, Finder, FinderHit, FinderQuery, FinderResult, FoundIn } from './types.ts';
import { pairsOf, sliceWord, wordsOf, type QueryWord } from './words.ts';

/**
 * How it finds: the tables of bits say which entries can hold every word (words.ts, head-features.ts), the scanner looks at
 * those entries' own texts (scanner.ts), the best are kept and marked (best.ts, mark.ts). Nothing is found that is not there.
 */

const LIMIT = 20;
/** Weight of the best place of a word. Far enough apart that a lesser place never wins by the small change below. */
const PLACES: Readonly<Record<FoundIn, number>> = { question: 1, wording: 0.6, keyword: 0.4, answer: 0.15 };
const WHOLE = 0.2;
const PREFIX = 0.1;
/** A word of letters that stands there as letters, not as somebody's initials. */
const LITERAL = 0.03;
/** The shorter question is more to the point. */
const BREVITY = 0.02;
/** Less than two characters of a question: what a seat opened lately only breaks near ties. */
const PINNED = 0.001;
const RECENT = 0.001;
/** A relaxed hit holds at least this share of the words, or of the pairs of characters of words that are nowhere. */
const SHARE = 0.5;
const PAIR_SHARE = 0.6;

/** Longer words are sentences: their pairs find more than two halves. Letters are several to a character. */
const LONGEST_PARTED = 6;
const LONGEST_PARTED_LETTERS = 10;
/** A search that has found so many is too wide to be looked at: it ends, and its counts are “at least”. */
const ENOUGH = 20_000;

interface Word extends QueryWord {
  readonly scanner: Scanner;
  readonly filter: WordFilter;
  readonly latin: boolean;
}

interface Wish {
  readonly query: FinderQuery;
  /** Bonus by slot. */
  readonly liked: ReadonlyMap<number, number>;
  readonly keep: number;
  readonly enough: number;
}

interface Found {
  readonly best: readonly { readonly slot: number; readonly score: number }[];
  readonly total: number;
  readonly atLeast: boolean;
  readonly facets: FinderResult['facets'];
}

/** @param options `enough`: found entries at which a search ends (20,000 unless told) */
export function createFinder(options: { readonly enough?: number } = {}): Finder {
  const alphabet = createAlphabet();
  const shelf = createShelf(alphabet);
  let waiting = new Map<string, KnowledgeEntry>();

  const ready = (most = Number.POSITIVE_INFINITY): boolean => {
    let left = most;
    for (const [id, entry] of waiting) {
      if (left <= 0) return false;
      shelf.put(entry);
      waiting.delete(id);
      left -= 1;
    }
    return true;
  };

  return {
    put: (entries) => {
      for (const entry of entries) waiting.set(entry.id, entry);
    },
    remove: (ids) => {
      for (const id of ids) {
        waiting.delete(id);
        shelf.remove(id);
      }
    },
    ready,
    search: (query) => {
      ready();
      const limit = Math.max(0, query.limit ?? LIMIT);
      const offset = Math.max(0, query.offset ?? 0);
      const wish: Wish = { query, liked: likedOf(query, shelf), keep: offset + limit, enough: options.enough ?? ENOUGH };
      const words = wordsOf(query.text, alphabet);
      const attempt = (list: readonly QueryWord[], share: number): Found => look(list, share, wish, shelf, alphabet);
      const strict = attempt(words, 1);
      if (strict.total > 0 || words.length === 0) return resultOf(strict, words, false, offset, query.today, shelf, alphabet);
      for (const parts of partings(words)) {
        const found = attempt(parts, 1);
        if (found.total > 0) return resultOf(found, parts, true, offset, query.today, shelf, alphabet);
      }
      if (words.length > 1) {
        const some = attempt(words, SHARE);
        if (some.total > 0) return resultOf(some, words, true, offset, query.today, shelf, alphabet);
      }
      const pieces = pairsOf(words);
      const loose = pieces.length > 1 ? attempt(pieces, PAIR_SHARE) : strict;
      return resultOf(loose, pieces, loose.total > 0, offset, query.today, shelf, alphabet);
    },
    get: (id) => waiting.get(id) ?? entryOf(shelf, id),
    get size() {
      return shelf.size() + [...waiting.keys()].filter((id) => shelf.slot(id) === undefined).length;
    },
  };
}

function entryOf(shelf: Shelf, id: string): KnowledgeEntry | null {
  const slot = shelf.slot(id);
  return slot === undefined ? null : shelf.entry(slot);
}

/** One word that is nowhere as a whole, in two: jzzbl finds 居住证怎么办理 as jzz bl. The longest beginning first. */
function partings(words: readonly QueryWord[]): readonly (readonly QueryWord[])[] {
  const [word, ...more] = words;
  const length = word?.units.length ?? 0;
  if (word === undefined || more.length > 0 || length < 3 || length > (/[a-z]/.test(word.units) ? LONGEST_PARTED_LETTERS : LONGEST_PARTED)) return [];
  return Array.from({ length: length - 2 }, (_, at) => [sliceWord(word, 0, length - 1 - at), sliceWord(word, length - 1 - at, length)]);
}

function likedOf({ recent = [], pinned = [] }: FinderQuery, shelf: Shelf): ReadonlyMap<number, number> {
  const liked = new Map<number, number>();
  const add = (ids: readonly string[], base: number, step: number): void => {
    ids.forEach((id, at) => {
      const slot = shelf.slot(id);
      if (slot !== undefined) liked.set(slot, (liked.get(slot) ?? 0) + base + (step * (ids.length - at)) / (ids.length + 1));
    });
  };
  add(recent, 0, RECENT);
  // Pinned ones stand before all recent ones.
  add(pinned, RECENT, PINNED);
  return liked;
}

/** @param share how many of the words an entry must hold: 1 all */
function look(list: readonly QueryWord[], share: number, wish: Wish, shelf: Shelf, alphabet: Alphabet): Found {
  const { query } = wish;
  const words = list.map((word): Word => ({ ...word, scanner: createScanner(word.units, alphabet), filter: createWordFilter(word.units, alphabet, shelf.heads, shelf.bodies), latin: /^[a-z0-9]+$/.test(word.units) }));
  // Slots are given in the order of putting, which is the store's order of ids.
  const best = createBest(wish.keep, (one, other) => one < other);
  const modules = new Uint32Array(shelf.modules.length);
  const departments = new Uint32Array(shelf.departments.length);
  const alsoDepartments = new Map<string, number>();
  const plain = query.town === undefined && query.state === undefined;
  const inHeads = words.map(() => new Int32Array(BLOCK_WORDS));
  const inBodies = words.map(() => new Int32Array(BLOCK_WORDS));
  const candidates = new Int32Array(BLOCK_WORDS);
  const counter = createColumnCounter(BLOCK_WORDS);
  const needed = Math.ceil(words.length * share);
  let total = 0;

  const module = query.module === undefined ? -1 : shelf.modules.indexOf(query.module);
  const department = query.department === undefined ? -1 : shelf.departments.indexOf(query.department);

  const visit = (slot: number, bit: number, at: number): void => {
    const own = shelf.department(slot);
    const rightModule = query.module === undefined || shelf.module(slot) === module;
    const rightDepartment = query.department === undefined || (own < 0 ? departmentsOf(shelf.entry(slot)).includes(query.department) : own === department);
    if ((!rightModule && !rightDepartment) || (!plain && !isAsked(shelf.entry(slot), query))) return;
    const score = words.length === 0 ? 0 : scoreOf(slot, words, needed, inHeads, inBodies, at, bit, shelf);
    if (score < 0) return;
    const inModule = shelf.module(slot);
    if (rightDepartment) modules[inModule] = (modules[inModule] ?? 0) + 1;
    if (rightModule) {
      if (own >= 0) departments[own] = (departments[own] ?? 0) + 1;
      else for (const each of departmentsOf(shelf.entry(slot))) alsoDepartments.set(each, (alsoDepartments.get(each) ?? 0) + 1);
    }
    if (!rightModule || !rightDepartment) return;
    total += 1;
    best.offer(slot, wish.liked.size === 0 ? score : score + (wish.liked.get(slot) ?? 0));
  };

  // Without words nothing is looked at, only counted: that is cheap.
  const enough = words.length === 0 ? Number.POSITIVE_INFINITY : wish.enough;
  let number = 0;
  for (; number < shelf.blocks() && total < enough; number += 1) {
    candidates.set(shelf.taken(number));
    counter.reset();
    words.forEach(({ filter }, w) => {
      const [head = EMPTY, body = EMPTY] = [inHeads[w], inBodies[w]];
      filter.head(number, head);
      if (filter.inBodies) filter.body(number, body);
      for (let i = 0; i < BLOCK_WORDS; i += 1) {
        const holds = (head[i] ?? 0) | (body[i] ?? 0);
        if (needed === words.length) candidates[i] = (candidates[i] ?? 0) & holds;
        else counter.add(i, holds);
      }
    });
    if (needed < words.length) counter.atLeast(needed, candidates);
    for (let i = 0; i < BLOCK_WORDS; i += 1) {
      for (let bits = candidates[i] ?? 0; bits !== 0; bits &= bits - 1) {
        const bit = bits & -bits;
        visit(number * BLOCK_SLOTS + i * 32 + (31 - Math.clz32(bit)), bit, i);
      }
    }
  }
  return { best: best.list(), total, atLeast: number < shelf.blocks(), facets: { modules: countsOf(modules, shelf.modules, new Map()), departments: countsOf(departments, shelf.departments, alsoDepartments) } };
}

/** Negative: the entry does not hold enough of the words. */
function scoreOf(slot: number, words: readonly Word[], needed: number, inHeads: readonly Int32Array[], inBodies: readonly Int32Array[], at: number, bit: number, shelf: Shelf): number {
  const head = shelf.head(slot);
  const questionEnd = shelf.questionEnd(slot);
  let sum = 0;
  let held = 0;
  for (let w = 0; w < words.length; w += 1) {
    const word = words[w];
    if (word === undefined) continue;
    const { scanner, filter, latin, units, text } = word;
    const place = ((inHeads[w]?.[at] ?? 0) & bit) === 0 ? -1 : scanner.find(head, questionEnd, shelf.wordingsEnd(slot));
    if (place >= 0) {
      held += 1;
      sum += PLACES[fieldOf(place)] + (isWhole(place) ? WHOLE : 0) + (isPrefix(place) ? PREFIX : 0);
      if (!latin || head.includes(units)) sum += LITERAL;
    } else if (filter.inBodies && ((inBodies[w]?.[at] ?? 0) & bit) !== 0 && placeOf(text, shelf.body(slot), 0) >= 0) {
      held += 1;
      sum += PLACES.answer;
    } else if (words.length - w - 1 + held < needed) {
      return -1;
    }
  }
  if (held < needed) return -1;
  return sum / words.length + BREVITY / (1 + questionEnd);
}

function resultOf(found: Found, words: readonly QueryWord[], relaxed: boolean, offset: number, today: string, shelf: Shelf, alphabet: Alphabet): FinderResult {
  const scanners = words.map(({ units }) => createScanner(units, alphabet));
  const texts = words.map(({ text }) => text).filter((text) => text.length > 1);
  const hits = found.best.slice(offset).flatMap(({ slot, score }): FinderHit[] => {
    const entry = shelf.entry(slot);
    if (entry === null) return [];
    const body = shelf.body(slot);
    const places = scanners.map((scanner) => scanner.find(shelf.head(slot), shelf.questionEnd(slot), shelf.wordingsEnd(slot)));
    const fields = words.map(({ text }, w): FoundIn | null => foundAt(places[w]) ?? (text.length > 1 && placeOf(text, body, 0) >= 0 ? 'answer' : null));
    const wording = fields.includes('question') ? undefined : places.find((place) => foundAt(place) === 'wording');
    return [{
      entry, score, state: stateOf(entry, today),
      matched: words.flatMap(({ text }, w) => (fields[w] === null ? [] : [text])),
      foundIn: ORDER.find((field) => fields.includes(field)) ?? null,
      ranges: markAll(scanners, alphabet.encode(entry.question)),
      wording: wording === undefined ? null : wordingAt(entry, shelf.head(slot).slice(0, endOf(wording)), scanners, alphabet),
      snippet: snippetOf(entry.answer, body, texts),
    }];
  });
  return { hits, total: found.total, atLeast: found.atLeast, relaxed, facets: found.facets };
}

const foundAt = (place: number | undefined): FoundIn | null => (place === undefined || place < 0 ? null : fieldOf(place));
const ORDER: readonly FoundIn[] = ['question', 'wording', 'keyword', 'answer'];
const EMPTY = new Int32Array(0);

/** The wording in which a head that is cut there ends. */
function wordingAt(entry: KnowledgeEntry, head: string, scanners: readonly Scanner[], alphabet: Alphabet): FinderHit['wording'] {
  const text = wordingsOf(entry)[head.split('\n').length - 2];
  return text === undefined ? null : { text, ranges: markAll(scanners, alphabet.encode(text)) };
}

function isAsked(entry: KnowledgeEntry | null, { town, state, today }: FinderQuery): boolean {
  return entry !== null && (town === undefined || entry.towns === undefined || entry.towns.includes(town)) && (state === undefined || stateOf(entry, today) === state);
}

function departmentsOf(entry: KnowledgeEntry | null): readonly string[] {
  return entry === null ? [] : [entry.department, ...(entry.alsoDepartments ?? [])];
}

function countsOf(counts: Uint32Array, names: readonly string[], more: ReadonlyMap<string, number>): Readonly<Record<string, number>> {
  const list = names.map((name, at) => [name, counts[at] ?? 0] as const);
  const all = new Map<string, number>(list.filter(([, count]) => count > 0));
  for (const [name, count] of more) all.set(name, (all.get(name) ?? 0) + count);
  return Object.fromEntries(all);
}

/** Does the entry hold on this day? */
export function stateOf(entry: Pick<KnowledgeEntry, 'effectiveFrom' | 'expiresOn' | 'reviewOn'>, today: string): EntryState {
  if (entry.effectiveFrom > today) return 'coming';
  if (entry.expiresOn !== undefined && entry.expiresOn < today) return 'expired';
  return entry.reviewOn !== undefined && entry.reviewOn <= today ? 'due' : 'valid';
}
