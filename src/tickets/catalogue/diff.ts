import type { Calendar, DeadlineProfile, DeadlinesCatalogue, ItemCatalogue } from '../../domain/config-files.ts';
import { ruleText } from '../../domain/deadlines.ts';
import type { JsonValue } from '../../domain/json.ts';
import type { CatalogueKind } from './body.ts';
import { readCalendarBody, readDeadlinesBody, readDepartmentsBody, readDispatchBody, readItemsBody, readTownsBody } from './body.ts';

/** What differs between two versions of a catalogue, thing by thing. Pure. */

export interface CatalogueChange {
  /**
   * `item` and `group` by code; `rule`, `department`, `town`, `profile` by id; `year` and `day` of the calendar; `hours` by their name; `order`: the rules'
   * order; `scheme`: name or edition of the scheme; `active`: which profiles are in force.
   */
  readonly what: 'item' | 'group' | 'rule' | 'order' | 'scheme' | 'department' | 'town' | 'year' | 'day' | 'hours' | 'profile' | 'active';
  readonly id: string;
  readonly how: 'added' | 'removed' | 'changed';
  /** Fields that differ, each with both values; empty for what was added or removed. */
  readonly fields: readonly { readonly field: string; readonly before: JsonValue; readonly after: JsonValue }[];
}

/** Changes in the order of the newer version; what was removed comes last. */
export function diffCatalogues(kind: CatalogueKind, before: JsonValue, after: JsonValue): readonly CatalogueChange[] {
  switch (kind) {
    case 'items':
      return diffItems(readItemsBody(before), readItemsBody(after));
    case 'dispatch':
      return diffRules(readDispatchBody(before).routes, readDispatchBody(after).routes);
    case 'departments':
      return diffThings('department', readDepartmentsBody(before).departments, readDepartmentsBody(after).departments, ({ id }) => id);
    case 'towns':
      return diffThings('town', readTownsBody(before).towns, readTownsBody(after).towns, ({ id }) => id);
    case 'calendar':
      return diffCalendars(readCalendarBody(before), readCalendarBody(after));
    case 'deadlines':
      return diffDeadlines(readDeadlinesBody(before), readDeadlinesBody(after));
  }
}

function diffRules(old: readonly { readonly id: string }[], made: readonly { readonly id: string }[]): readonly CatalogueChange[] {
  const changes = diffThings('rule', old, made, ({ id }) => id);
  const kept = (routes: readonly { readonly id: string }[], others: readonly { readonly id: string }[]): string[] => routes.filter(({ id }) => others.some((other) => other.id === id)).map(({ id }) => id);
  const [oldOrder, newOrder] = [kept(old, made), kept(made, old)];
  // The first match wins: an order is a meaning.
  if (oldOrder.join('\n') !== newOrder.join('\n')) changes.push({ what: 'order', id: '', how: 'changed', fields: [{ field: 'order', before: oldOrder, after: newOrder }] });
  return changes;
}

/** Day by day, with what each was and is: `holiday`, `makeUp`, or as the week has it. */
function diffCalendars(before: Calendar, after: Calendar): readonly CatalogueChange[] {
  const headOf = ({ years }: Calendar) => years.map(({ year, provisional, source }) => ({ year, provisional, source }));
  const daysOf = ({ years }: Calendar): Map<string, string> => new Map(years.flatMap(({ holidays, makeUpWorkdays }) => [...holidays.map((day) => [day, 'holiday'] as const), ...makeUpWorkdays.map((day) => [day, 'makeUp'] as const)]));
  const [old, made] = [daysOf(before), daysOf(after)];
  const days = [...new Set([...old.keys(), ...made.keys()])].toSorted().flatMap((day): CatalogueChange[] => {
    const [was, is] = [old.get(day) ?? 'usual', made.get(day) ?? 'usual'];
    return was === is ? [] : [{ what: 'day', id: day, how: 'changed', fields: [{ field: 'kind', before: was, after: is }] }];
  });
  const hours = (['officeHours', 'seatHours'] as const).flatMap((name): CatalogueChange[] => {
    const text = (calendar: Calendar): string => calendar[name].map(({ from, to }) => `${from}-${to}`).join('、');
    return text(before) === text(after) ? [] : [{ what: 'hours', id: name, how: 'changed', fields: [{ field: 'hours', before: text(before), after: text(after) }] }];
  });
  return [...diffThings('year', headOf(before), headOf(after), ({ year }) => String(year)), ...days, ...hours];
}

function diffDeadlines(before: DeadlinesCatalogue, after: DeadlinesCatalogue): readonly CatalogueChange[] {
  const active = fieldsOf({ active: before.active, enterprise: before.enterprise ?? null }, { active: after.active, enterprise: after.enterprise ?? null });
  return [...(active.length === 0 ? [] : [{ what: 'active' as const, id: '', how: 'changed' as const, fields: active }]), ...diffThings('profile', before.profiles.map(flatProfile), after.profiles.map(flatProfile), ({ id }) => id)];
}

/** Its rules as fields of their own (`handle.general`), in words. */
function flatProfile({ id, name, source, stages, extension, warnings = {} }: DeadlineProfile): { readonly id: string } & Readonly<Record<string, JsonValue>> {
  const rules = Object.entries(stages).flatMap(([stage, classes]) => Object.entries(classes).map(([className, rule]) => [`${stage}.${className}`, ruleText(rule)] as const));
  const told = Object.entries(warnings).map(([stage, list]) => [`warnings.${stage}`, list.map(ruleText).join('、')] as const);
  return { ...Object.fromEntries([...rules, ...told]), name, source, ...(extension === undefined ? {} : { extension: `${extension.times}次，每次至多${ruleText(extension.limit)}` }), id };
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
