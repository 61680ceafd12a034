import { type Column, copyRun, createColumn, createRuns, longs, partOf, placeOf, push, type Runs, shorts } from './columns.ts';
import { longAt } from './forward.ts';
import { countOf, createStringTable, find, intern, type StringTable, stringOf } from './string-table.ts';
import { addText, copyText, createTextStore, LONGEST_TEXT, type TextStore } from './text-store.ts';
import type { MatchEntry } from '../types.ts';
import { KINDS } from './vocabulary.ts';

/**
 * What is kept of each entry, by its number in the order of arrival; only ever added to. The terms of an entry lie in one
 * run of numbers, so that an entry is scored exactly by reading it once:
 *
 *   bytes that follow (4) · per section: bytes that follow (4), lengths by kind, terms ascending (difference × 2 + repeated, count if repeated)
 *
 * Numbers are of 7 bits a byte. A section is a wording; the last one is all the rest (keywords, category, answer).
 */
export interface Documents {
  readonly forward: Runs<Uint16Array>;
  readonly forwardAt: Column;
  /** First unit (wording) of each entry. */
  readonly unitsFrom: Column;
  /** Plain text of each unit. */
  readonly texts: TextStore;
  /** Plain text of each entry's answer, sentences parted by line ends. */
  readonly answers: TextStore;
  /** Ids that were ever seen; by entry: number of its id; by id: entry plus one, 0: is gone. */
  readonly ids: StringTable;
  readonly idOf: Column;
  readonly entryOf: Column;
  /** Where and when an entry holds, as JSON, each once; by entry: which. */
  readonly scopes: StringTable;
  readonly scopeOf: Column;
  readonly names: StringTable;
  /** Number of the name plus one; 0: none. */
  readonly categories: Column;
  readonly departments: Column;
  /** By entry: 1: it is gone. */
  readonly gone: Column;
  /** Wordings and entries that are there, and their lengths in terms, by kind. */
  units: number;
  live: number;
  /** How often an entry came or went: what is derived from counts is good for one number. */
  changes: number;
  readonly unitLengths: number[];
  readonly wholeLengths: number[];
}

export function createDocuments(): Documents {
  const column = () => createColumn(longs);
  return {
    forward: createRuns(shorts), forwardAt: column(), unitsFrom: column(), texts: createTextStore(), answers: createTextStore(), ids: createStringTable(), idOf: column(), entryOf: column(),
    scopes: createStringTable(), scopeOf: column(), names: createStringTable(), categories: column(), departments: column(), gone: column(),
    units: 0, live: 0, changes: 0, unitLengths: KINDS.map(() => 0), wholeLengths: KINDS.map(() => 0),
  };
}

/** Entries that were ever added; numbers are below. */
export function entriesOf({ forwardAt }: Documents): number {
  return forwardAt.used;
}

/** The entry with an id, or -1. */
export function entryWith({ ids, entryOf }: Documents, id: string): number {
  const number = find(ids, id);
  return number < 0 ? -1 : (entryOf.values[number] ?? 0) - 1;
}

const named = new WeakMap<StringTable, string[]>();

/** Found once, found again: an id is read out of the table the first time only. */
export function idAt({ ids, idOf }: Documents, entry: number): string {
  let known = named.get(ids);
  if (known === undefined) named.set(ids, (known = []));
  const number = idOf.values[entry] ?? 0;
  return (known[number] ??= stringOf(ids, number));
}

/** What limits an entry. */
export type Scope = Pick<MatchEntry, 'towns' | 'item' | 'department' | 'from' | 'until'>;

const SCOPE_FIELDS = ['towns', 'item', 'department', 'from', 'until'] as const;

export function scopeText(entry: MatchEntry): string {
  return JSON.stringify(entry, [...SCOPE_FIELDS]);
}

const parsed = new WeakMap<StringTable, Scope[]>();

/** Where and when an entry holds. Entries of equal scope get the same object. */
export function scopeAt({ scopes, scopeOf }: Documents, entry: number): Scope {
  const number = scopeOf.values[entry] ?? 0;
  let known = parsed.get(scopes);
  if (known === undefined) parsed.set(scopes, (known = []));
  let scope = known[number];
  if (scope === undefined) {
    // Written by `scopeText` in this process, or by the one whose snapshot was checked.
    const read: Scope = JSON.parse(stringOf(scopes, number));
    known[number] = scope = read;
  }
  return scope;
}

/** Adds what belongs to an entry beside its units and terms; its number. The one before it with the same id must be gone. */
export function addEntryRow(documents: Documents, entry: MatchEntry, answer: string, answerKept: number, forwardAddress: number): number {
  const number = push(documents.forwardAt, forwardAddress);
  addText(documents.answers, answer, answerKept);
  claimId(documents, intern(documents.ids, entry.id), number);
  push(documents.scopeOf, intern(documents.scopes, scopeText(entry)));
  push(documents.categories, nameNumber(documents.names, entry.category));
  push(documents.departments, nameNumber(documents.names, entry.department));
  push(documents.gone, 0);
  documents.live += 1;
  return number;
}

function claimId({ ids, idOf, entryOf }: Documents, id: number, entry: number): void {
  while (entryOf.used < countOf(ids)) push(entryOf, 0);
  push(idOf, id);
  entryOf.values[id] = entry + 1;
}

function nameNumber(names: StringTable, name: string | undefined): number {
  return name === undefined || name === '' ? 0 : intern(names, name.slice(0, LONGEST_TEXT)) + 1;
}

/** Marks an entry as gone; its place stays until the index is compacted. */
export function markGone(documents: Documents, entry: number): void {
  const id = documents.idOf.values[entry] ?? 0;
  documents.gone.values[entry] = 1;
  // While an index is compacted, the id may belong to a later entry already.
  if (documents.entryOf.values[id] === entry + 1) documents.entryOf.values[id] = 0;
  documents.live -= 1;
}

/** Number of wordings of an entry, from its first unit on. */
export function unitsOf({ unitsFrom, texts }: Documents, entry: number): { readonly from: number; readonly to: number } {
  const next = entry + 1 < unitsFrom.used ? unitsFrom.values[entry + 1] : texts.addresses.used;
  return { from: unitsFrom.values[entry] ?? 0, to: next ?? 0 };
}

/** Takes over an entry of other documents with the same vocabulary; counts are the caller's. Its new number. */
export function copyEntry(to: Documents, from: Documents, entry: number): number {
  const { from: first, to: end } = unitsOf(from, entry);
  push(to.unitsFrom, to.texts.addresses.used);
  for (let unit = first; unit < end; unit += 1) copyText(to.texts, from.texts, unit);
  const address = from.forwardAt.values[entry] ?? 0;
  const part = partOf(from.forward, address);
  const place = placeOf(address);
  const number = push(to.forwardAt, copyRun(to.forward, part, place, 2 + longAt(part, place)));
  copyText(to.answers, from.answers, entry);
  claimId(to, intern(to.ids, idAt(from, entry)), number);
  push(to.scopeOf, intern(to.scopes, stringOf(from.scopes, from.scopeOf.values[entry] ?? 0)));
  for (const names of ['categories', 'departments'] as const) {
    const name = from[names].values[entry] ?? 0;
    push(to[names], name === 0 ? 0 : intern(to.names, stringOf(from.names, name - 1)) + 1);
  }
  push(to.gone, 0);
  to.live += 1;
  return number;
}
