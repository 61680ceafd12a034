import type { KnowledgeEntry } from '../domain/knowledge.ts';
import { fieldText } from './files/faults.ts';

/** A stretch of text, or one element of a list, and what became of it. */
export interface Mark {
  readonly op: 'same' | 'removed' | 'added';
  readonly text: string;
}

/** One field in two texts. Leaving out `added` marks gives the earlier value, leaving out `removed` ones the later. */
export interface FieldDiff {
  /** `answer`, `source.url`, `en.wordings` … */
  readonly field: string;
  /** Its name for people. */
  readonly label: string;
  readonly change: 'added' | 'removed' | 'changed';
  /** `text`: marks are stretches of one text; `list`: each mark is a whole element. */
  readonly shape: 'text' | 'list';
  readonly marks: readonly Mark[];
}

/**
 * What differs, field by field, in the order of the later text. Pure.
 * @param before null: there was nothing
 */
export function diffEntries(before: KnowledgeEntry | null, after: KnowledgeEntry): readonly FieldDiff[] {
  return diffParts(before ?? {}, after, '');
}

type Fields = ReadonlyMap<string, unknown>;

function diffParts(before: object, after: object, path: string): FieldDiff[] {
  const [old, now]: readonly [Fields, Fields] = [new Map(Object.entries(before)), new Map(Object.entries(after))];
  const keys = new Set([...now.keys(), ...old.keys()]);
  return [...keys].flatMap((key) => diffField(old.get(key), now.get(key), path === '' ? key : `${path}.${key}`));
}

function diffField(before: unknown, after: unknown, field: string): FieldDiff[] {
  if (isPlain(before) || isPlain(after)) return diffParts(isPlain(before) ? before : {}, isPlain(after) ? after : {}, field);
  const shape = Array.isArray(before) || Array.isArray(after) ? 'list' : 'text';
  const marks = shape === 'list' ? diffSequences(elements(before), elements(after)) : diffTexts(text(before), text(after));
  if (marks.every(({ op }) => op === 'same')) return [];
  const change = isEmpty(before) ? 'added' : isEmpty(after) ? 'removed' : 'changed';
  return [{ field, label: fieldText(field), change, shape, marks }];
}

function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const isEmpty = (value: unknown): boolean => value === undefined || value === '' || (Array.isArray(value) && value.length === 0);
const text = (value: unknown): string => (value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value));

/** Places and links are elements too: told by their parts. */
function elements(value: unknown): readonly string[] {
  if (!Array.isArray(value)) return value === undefined ? [] : [text(value)];
  return value.map((element: unknown) => (isPlain(element) ? Object.values(element).map(text).join(' ') : text(element)));
}

/**
 * Characters of Chinese, words of Latin letters and digits: what a reader sees as one. Joined marks of one kind follow each other.
 */
export function diffTexts(before: string, after: string): readonly Mark[] {
  const marks: { op: Mark['op']; text: string }[] = [];
  for (const { op, text: part } of diffSequences(pieces(before), pieces(after))) {
    const last = marks.at(-1);
    if (last?.op === op) last.text += part;
    else marks.push({ op, text: part });
  }
  return marks;
}

const PIECE = /[\p{Script=Latin}\p{N}]+|[\s\S]/gu;

function pieces(given: string): readonly string[] {
  return given.match(PIECE) ?? [];
}

/** Cells of the table at most; beyond it (no field of an entry is that long) the middle counts as replaced. */
const MAX_CELLS = 9_000_000;

/** Longest common subsequence, between what both begin and end with. Removals come before additions. */
function diffSequences(before: readonly string[], after: readonly string[]): readonly Mark[] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start += 1;
  let end = 0;
  while (end < before.length - start && end < after.length - start && before[before.length - 1 - end] === after[after.length - 1 - end]) end += 1;
  const old = before.slice(start, before.length - end);
  const now = after.slice(start, after.length - end);
  const marks: Mark[] = before.slice(0, start).map((part) => ({ op: 'same', text: part }));
  if (old.length * now.length > MAX_CELLS) marks.push(...old.map((part): Mark => ({ op: 'removed', text: part })), ...now.map((part): Mark => ({ op: 'added', text: part })));
  else marks.push(...walk(old, now));
  return [...marks, ...before.slice(before.length - end).map((part): Mark => ({ op: 'same', text: part }))];
}

function walk(old: readonly string[], now: readonly string[]): Mark[] {
  const width = now.length + 1;
  // lengths[i * width + j]: of the longest common subsequence of old from i and now from j
  const lengths = new Uint16Array((old.length + 1) * width);
  for (let i = old.length - 1; i >= 0; i -= 1) {
    for (let j = now.length - 1; j >= 0; j -= 1) {
      lengths[i * width + j] = old[i] === now[j] ? (lengths[(i + 1) * width + j + 1] ?? 0) + 1 : Math.max(lengths[(i + 1) * width + j] ?? 0, lengths[i * width + j + 1] ?? 0);
    }
  }
  const marks: Mark[] = [];
  let [i, j] = [0, 0];
  while (i < old.length || j < now.length) {
    const [left, right] = [old[i], now[j]];
    if (left !== undefined && left === right) {
      marks.push({ op: 'same', text: left });
      i += 1;
      j += 1;
    } else if (left !== undefined && (right === undefined || (lengths[(i + 1) * width + j] ?? 0) >= (lengths[i * width + j + 1] ?? 0))) {
      marks.push({ op: 'removed', text: left });
      i += 1;
    } else if (right !== undefined) {
      marks.push({ op: 'added', text: right });
      j += 1;
    }
  }
  return marks;
}
