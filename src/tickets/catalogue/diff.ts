import type { ItemCatalogue } from '../../domain/config-files.ts';
import type { JsonValue } from '../../domain/json.ts';
import type { CatalogueKind } from './body.ts';
import { readDispatchBody, readItemsBody } from './body.ts';

/** What differs between two versions of a catalogue, thing by thing. Pure. */

export interface CatalogueChange {
  /** `item` and `group` by code, `rule` by id, `order`: the rules' order, `scheme`: name or edition of the scheme. */
  readonly what: 'item' | 'group' | 'rule' | 'order' | 'scheme';
  readonly id: string;
  readonly how: 'added' | 'removed' | 'changed';
  /** Fields that differ, each with both values; empty for what was added or removed. */
  readonly fields: readonly { readonly field: string; readonly before: JsonValue; readonly after: JsonValue }[];
}

/** Changes in the order of the newer version; what was removed comes last. */
export function diffCatalogues(kind: CatalogueKind, before: JsonValue, after: JsonValue): readonly CatalogueChange[] {
  if (kind === 'items') return diffItems(readItemsBody(before), readItemsBody(after));
  const [old, made] = [readDispatchBody(before).routes, readDispatchBody(after).routes];
  const changes = diffThings('rule', old, made, ({ id }) => id);
  const kept = (routes: readonly { readonly id: string }[], others: readonly { readonly id: string }[]): string[] => routes.filter(({ id }) => others.some((other) => other.id === id)).map(({ id }) => id);
  const [oldOrder, newOrder] = [kept(old, made), kept(made, old)];
  // The first match wins: an order is a meaning.
  if (oldOrder.join('\n') !== newOrder.join('\n')) changes.push({ what: 'order', id: '', how: 'changed', fields: [{ field: 'order', before: oldOrder, after: newOrder }] });
  return changes;
}

function diffItems(before: ItemCatalogue, after: ItemCatalogue): readonly CatalogueChange[] {
  const scheme = fieldsOf({ scheme: before.scheme, version: before.version }, { scheme: after.scheme, version: after.version });
  return [
    ...(scheme.length === 0 ? [] : [{ what: 'scheme' as const, id: after.scheme, how: 'changed' as const, fields: scheme }]),
    ...diffThings('group', before.groups ?? [], after.groups ?? [], ({ code }) => code),
    ...diffThings('item', before.items, after.items, ({ code }) => code),
  ];
}

function diffThings<Thing extends object>(what: CatalogueChange['what'], before: readonly Thing[], after: readonly Thing[], idOf: (thing: Thing) => string): CatalogueChange[] {
  const old = new Map(before.map((thing) => [idOf(thing), thing]));
  const changes: CatalogueChange[] = [];
  for (const thing of after) {
    const id = idOf(thing);
    const was = old.get(id);
    old.delete(id);
    if (was === undefined) changes.push({ what, id, how: 'added', fields: [] });
    else {
      const fields = fieldsOf(was, thing);
      if (fields.length > 0) changes.push({ what, id, how: 'changed', fields });
    }
  }
  for (const id of old.keys()) changes.push({ what, id, how: 'removed', fields: [] });
  return changes;
}

function fieldsOf(before: object, after: object): CatalogueChange['fields'] {
  const [old, made] = [new Map<string, unknown>(Object.entries(before)), new Map<string, unknown>(Object.entries(after))];
  return [...new Set([...old.keys(), ...made.keys()])].flatMap((field) => {
    const [was, is] = [canonical(old.get(field)), canonical(made.get(field))];
    return was === is ? [] : [{ field, before: plain(was), after: plain(is) }];
  });
}

/** Text that is the same for the same value: keys of objects in order. */
function canonical(value: unknown): string {
  return JSON.stringify(value ?? null, (_key, part: unknown) => (typeof part === 'object' && part !== null && !Array.isArray(part) ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1))) : part));
}

function plain(text: string): JsonValue {
  const value: JsonValue = JSON.parse(text);
  return value;
}
