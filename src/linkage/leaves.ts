import type { JsonValue } from '../domain/json.ts';
import { RecordSchema } from './record.ts';

/** The fields of the canonical record as paths (`demand.title`), so that profiles can name them and texts can be read as what they mean. */

export type LeafKind = 'text' | 'integer' | 'number' | 'boolean' | 'list';
/** Values at paths; what is not there has no entry. */
export type Leaves = ReadonlyMap<string, JsonValue>;

/** Every field of the record. Lists travel whole. */
export const LEAVES: ReadonlyMap<string, LeafKind> = new Map(walk(RecordSchema, ''));

function walk(schema: unknown, path: string): readonly (readonly [string, LeafKind])[] {
  if (!isObject(schema)) return [];
  const { type, properties } = schema;
  if (isObject(properties)) return Object.entries(properties).flatMap(([name, inner]) => walk(inner, path === '' ? name : `${path}.${name}`));
  const kind: LeafKind = type === 'array' ? 'list' : type === 'integer' || type === 'number' || type === 'boolean' ? type : 'text';
  return [[path, kind]];
}

export function isObject(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** No record is deeper; what a stranger sends may be. */
const MAX_DEPTH = 12;

/** A tree as its leaves; arrays are leaves. What lies too deep is an empty text, which no field of a record is. */
export function flatten(tree: JsonValue, path = '', depth = 0): Map<string, JsonValue> {
  if (tree === null) return new Map();
  if (typeof tree !== 'object' || Array.isArray(tree)) return new Map([[path, tree]]);
  if (depth > MAX_DEPTH) return new Map([[path, '']]);
  return new Map(Object.entries(tree).flatMap(([name, inner]) => [...flatten(inner, path === '' ? name : `${path}.${name}`, depth + 1)]));
}

/** Leaves as a tree again. A path that runs through a value is dropped: lint refuses profiles that could make one. */
export function grow(leaves: Leaves): { [key: string]: JsonValue } {
  const root: { [key: string]: JsonValue } = {};
  for (const [path, value] of leaves) {
    const names = path.split('.');
    const last = names.pop() ?? '';
    let at: { [key: string]: JsonValue } | null = root;
    for (const name of names) {
      const inner: JsonValue | undefined = at === null || !Object.hasOwn(at, name) ? undefined : at[name];
      if (at !== null && inner === undefined) {
        const made: { [key: string]: JsonValue } = {};
        put(at, name, made);
        at = made;
      } else at = typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? inner : null;
    }
    if (at !== null) put(at, last, value);
  }
  return root;
}

/** Never onto a prototype: names come from peers. */
function put(target: { [key: string]: JsonValue }, name: string, value: JsonValue): void {
  Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
}

/**
 * A text of a form that knows only texts (CSV, XML) as what the field is; undefined: it cannot be.
 */
export function readLeaf(kind: LeafKind, text: string): JsonValue | undefined {
  switch (kind) {
    case 'text':
      return text;
    case 'boolean':
      return text === 'true' || text === '1' ? true : text === 'false' || text === '0' ? false : undefined;
    case 'integer':
      return /^-?\d{1,15}$/.test(text) ? Number(text) : undefined;
    case 'number':
      return /^-?\d{1,15}(\.\d{1,15})?([eE][+-]?\d{1,2})?$/.test(text) ? Number(text) : undefined;
    case 'list':
      return readList(text);
  }
}

function readList(text: string): JsonValue | undefined {
  try {
    const value: JsonValue = JSON.parse(text);
    return Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
