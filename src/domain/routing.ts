import type { EpochMs } from './activity.ts';
import { BEIJING_OFFSET, beijingDay } from './clock.ts';
import type { Department, Item, ItemGroup, Route, TicketKind, Town, Urgency } from './config-files.ts';
import type { JsonObject } from './json.ts';
import { pathOf, type CatalogueFault } from './items.ts';

/** Where a new ticket goes: the dispatch catalogue (派单目录), first match wins, and why. Pure. */

/** Department that stands for the government of the ticket's town (`to: town`). */
export const TOWN_GOVERNMENT = 'town-government';

/** What rules ask of a ticket. */
export interface DispatchFacts {
  readonly itemCode: string | null;
  readonly townId: string | null;
  readonly kind: TicketKind;
  readonly urgency: Urgency;
  /** Where it is, in the citizen's words. */
  readonly place: string | null;
  readonly enterprise: boolean;
  /** When it was opened. */
  readonly at: EpochMs;
  /** Was that inside the departments' office hours of a workday? */
  readonly inOffice: boolean;
}

export interface DispatchRules {
  readonly routes: readonly Route[];
  readonly items: readonly Item[];
  readonly itemGroups?: readonly ItemGroup[];
  readonly departments: readonly Pick<Department, 'id' | 'name'>[];
  /** For names in explanations. */
  readonly towns?: readonly Pick<Town, 'id' | 'name'>[];
}

/** Where a new ticket goes, and the sentence that explains it. */
export interface Routing {
  readonly departmentId: string | null;
  readonly assistIds: readonly string[];
  readonly routeId: string | null;
  readonly why: string;
  /** The conditions that were met, in words; empty for a rule without any, or no rule. */
  readonly because: readonly string[];
}

export type ConditionName = keyof Route['when'];

/** One condition of a rule and whether this ticket meets it. */
export interface ConditionVerdict {
  readonly name: ConditionName;
  readonly met: boolean;
  /** What the rule asks for, in words. */
  readonly text: string;
}

/** What one rule says of a ticket. */
export interface RouteVerdict {
  readonly routeId: string;
  readonly fits: boolean;
  readonly conditions: readonly ConditionVerdict[];
  /** Why it does not apply although its conditions are met; null: it applies, or its conditions are not met. */
  readonly problem: 'no_item' | 'no_town' | 'unknown_department' | null;
}

/**
 * `to: item` is the item's own department, `to: town` the town's government, anything else a department id. Without any
 * match the ticket waits for a person (待派).
 */
export function routeTicket(facts: DispatchFacts, rules: DispatchRules): Routing {
  const seen = readFacts(facts, rules);
  for (const route of rules.routes) {
    if (!CONDITIONS.every((name) => met(name, route, seen))) continue;
    const target = resolve(route.to, seen, rules);
    if ('problem' in target) continue;
    const because = CONDITIONS.filter((name) => route.when[name] !== undefined).map((name) => conditionText(name, route, rules));
    return { departmentId: target.id, assistIds: assistants(route, target.id, seen, rules), routeId: route.id, why: route.why, because };
  }
  return { departmentId: null, assistIds: [], routeId: null, why: '没有匹配的派单规则，等待人工派单', because: [] };
}

/** What the event `ticket.dispatched` keeps of it. `version`: of the catalogue that the rules come from. */
export function dispatchData(routing: Routing, version: number): JsonObject {
  return { departmentId: routing.departmentId, ...(routing.assistIds.length === 0 ? {} : { assistIds: [...routing.assistIds] }), why: routing.why, rule: routing.routeId, version, because: [...routing.because] };
}

/** Its conditions in words, in the order in which they are looked at; none: it fits everything. */
export function conditionTexts(route: Route, rules: Pick<DispatchRules, 'items' | 'itemGroups' | 'towns'>): readonly string[] {
  return CONDITIONS.filter((name) => route.when[name] !== undefined).map((name) => conditionText(name, route, rules));
}

/** Every rule up to the one that applies, and why those before it do not; all of them when none does. */
export function explainRoutes(facts: DispatchFacts, rules: DispatchRules): readonly RouteVerdict[] {
  const seen = readFacts(facts, rules);
  const verdicts: RouteVerdict[] = [];
  for (const route of rules.routes) {
    const conditions = CONDITIONS.filter((name) => route.when[name] !== undefined).map((name) => ({ name, met: met(name, route, seen), text: conditionText(name, route, rules) }));
    const all = conditions.every((condition) => condition.met);
    const target = all ? resolve(route.to, seen, rules) : null;
    const fits = target !== null && !('problem' in target);
    verdicts.push({ routeId: route.id, fits, conditions, problem: target !== null && 'problem' in target ? target.problem : null });
    if (fits) break;
  }
  return verdicts;
}

const CONDITIONS = ['items', 'towns', 'kinds', 'urgencies', 'places', 'enterprise', 'office', 'weekdays', 'days'] as const satisfies readonly ConditionName[];

/** The facts with what is looked up once for all rules. */
interface Seen extends DispatchFacts {
  readonly item: Item | null;
  /** The item's code and all above it. */
  readonly path: ReadonlySet<string>;
  readonly day: string;
  readonly weekday: number;
}

function readFacts(facts: DispatchFacts, { items, itemGroups }: DispatchRules): Seen {
  return {
    ...facts,
    item: items.find((candidate) => candidate.code === facts.itemCode) ?? null,
    path: new Set(facts.itemCode === null ? [] : pathOf({ items, groups: itemGroups }, facts.itemCode)),
    day: beijingDay(facts.at),
    weekday: new Date(facts.at + BEIJING_OFFSET).getUTCDay() || 7,
  };
}

function met(name: ConditionName, { when }: Route, seen: Seen): boolean {
  switch (name) {
    case 'items':
      return when.items?.some((code) => seen.path.has(code)) ?? true;
    case 'towns':
      return when.towns === undefined || (seen.townId !== null && when.towns.includes(seen.townId));
    case 'kinds':
      return when.kinds?.includes(seen.kind) ?? true;
    case 'urgencies':
      return when.urgencies?.includes(seen.urgency) ?? true;
    case 'places':
      return when.places?.some((word) => seen.place?.includes(word) ?? false) ?? true;
    case 'enterprise':
      return when.enterprise === undefined || when.enterprise === seen.enterprise;
    case 'office':
      return when.office === undefined || when.office === seen.inOffice;
    case 'weekdays':
      return when.weekdays?.includes(seen.weekday) ?? true;
    case 'days':
      // Days of this form are in order as texts.
      return (when.days?.from ?? seen.day) <= seen.day && seen.day <= (when.days?.to ?? seen.day);
  }
}

function resolve(to: string, { item, townId }: Pick<Seen, 'item' | 'townId'>, { departments }: DispatchRules): { readonly id: string } | { readonly problem: NonNullable<RouteVerdict['problem']> } {
  if (to === 'item' && item === null) return { problem: 'no_item' };
  if (to === 'town' && townId === null) return { problem: 'no_town' };
  const id = to === 'item' ? (item?.department ?? '') : to === 'town' ? TOWN_GOVERNMENT : to;
  return departments.some((department) => department.id === id) ? { id } : { problem: 'unknown_department' };
}

/** Those that are there; the lead does not assist itself. */
function assistants(route: Route, lead: string, seen: Seen, rules: DispatchRules): readonly string[] {
  const named = route.assist === undefined ? (seen.item?.assist ?? []) : route.assist;
  const ids = named.flatMap((to) => {
    const target = resolve(to, seen, rules);
    return 'problem' in target || target.id === lead ? [] : [target.id];
  });
  return [...new Set(ids)];
}

const NAMED_AT_MOST = 6;
const listed = (names: readonly string[]): string => `${names.slice(0, NAMED_AT_MOST).join('、')}${names.length > NAMED_AT_MOST ? `等 ${names.length} 项` : ''}`;
const URGENCY_NAMES: Readonly<Record<Urgency, string>> = { normal: '一般', urgent: '紧急', emergency: '特急' };
const DAY_NAMES = ['', '周一', '周二', '周三', '周四', '周五', '周六', '周日'];

function conditionText(name: ConditionName, { when }: Route, { items, itemGroups = [], towns = [] }: Pick<DispatchRules, 'items' | 'itemGroups' | 'towns'>): string {
  const named = (codes: readonly string[], things: readonly { readonly key: string; readonly name: string }[]): string => listed(codes.map((code) => things.find(({ key }) => key === code)?.name ?? code));
  switch (name) {
    case 'items':
      return `事项属于${named(when.items ?? [], [...items, ...itemGroups].map((node) => ({ key: node.code, name: node.name })))}`;
    case 'towns':
      return `镇街为${named(when.towns ?? [], towns.map((town) => ({ key: town.id, name: town.name })))}`;
    case 'kinds':
      return `诉求类型为${listed(when.kinds ?? [])}`;
    case 'urgencies':
      return `紧急程度为${listed((when.urgencies ?? []).map((urgency) => URGENCY_NAMES[urgency]))}`;
    case 'places':
      return `地点含${listed((when.places ?? []).map((word) => `“${word}”`))}`;
    case 'enterprise':
      return when.enterprise === true ? '企业直通车来件' : '不是企业直通车来件';
    case 'office':
      return when.office === true ? '在工作日办公时间内' : '在工作日办公时间外';
    case 'weekdays':
      return `星期为${listed((when.weekdays ?? []).map((day) => DAY_NAMES[day] ?? String(day)))}`;
    case 'days':
      return `日期${when.days?.from === undefined ? '' : `从 ${when.days.from} 起`}${when.days?.to === undefined ? '' : `到 ${when.days.to} 止`}`;
  }
}

export function checkRouteIds(routes: readonly Pick<Route, 'id'>[]): CatalogueFault[] {
  const seen = new Set<string>();
  return routes.flatMap(({ id }, index) => {
    if (seen.has(id)) return [{ pointer: `/routes/${index}/id`, subject: id, message: `route ${id} stands twice`, text: `规则 ${id}：编号重复`, severity: 'error' as const }];
    seen.add(id);
    return [];
  });
}

/** What must be true of a dispatch catalogue against the city. Ids that stand twice: `checkRouteIds`. */
export function checkRoutes(routes: readonly Route[], city: { readonly departments: readonly Pick<Department, 'id'>[]; readonly towns: readonly Pick<Town, 'id'>[]; readonly items: readonly Item[]; readonly itemGroups?: readonly ItemGroup[] }): CatalogueFault[] {
  const faults: CatalogueFault[] = [];
  const departments = new Set(city.departments.map(({ id }) => id));
  const towns = new Set(city.towns.map(({ id }) => id));
  const reachable = new Set(city.items.flatMap(({ code }) => pathOf({ items: city.items, groups: city.itemGroups }, code)));
  routes.forEach((route, index) => {
    const at = `/routes/${index}`;
    const fault = (pointer: string, message: string, text: string): void => void faults.push({ pointer: `${at}${pointer}`, subject: route.id, message: `route ${route.id}: ${message}`, text: `规则 ${route.id}：${text}`, severity: 'error' });
    const checkTarget = (pointer: string, to: string): void => {
      const id = to === 'town' ? TOWN_GOVERNMENT : to;
      if (id !== 'item' && !departments.has(id)) fault(pointer, `unknown department ${id}`, `没有承办单位 ${id}`);
    };
    checkTarget('/to', route.to);
    route.assist?.forEach((to, place) => checkTarget(`/assist/${place}`, to));
    route.when.items?.forEach((code, place) => {
      if (!reachable.has(code)) fault(`/when/items/${place}`, `no item begins with ${code}`, `没有以 ${code} 开头的事项`);
    });
    route.when.towns?.forEach((town, place) => {
      if (!towns.has(town)) fault(`/when/towns/${place}`, `unknown town ${town}`, `没有镇街 ${town}`);
    });
    const { days } = route.when;
    for (const end of ['from', 'to'] as const) if (days?.[end] !== undefined && !isDay(days[end])) fault(`/when/days/${end}`, `${days[end]} is not a day`, `${days[end]} 不是日期`);
    if (days?.from !== undefined && days.to !== undefined && days.from > days.to) fault('/when/days', 'its last day lies before its first', '结束日期早于开始日期');
    if (Object.keys(route.when).length === 0 && index < routes.length - 1) fault('/when', 'it fits everything, so nothing below it is ever reached', '没有条件，下面的规则永远轮不到');
  });
  return faults;
}

function isDay(text: string): boolean {
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().slice(0, 10) === text;
}
