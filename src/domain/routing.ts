import type { Department, Item, Route, TicketKind } from './config-files.ts';

/** Department that stands for the government of the ticket's town (`to: town`). */
export const TOWN_GOVERNMENT = 'town-government';

/** Where a new ticket goes, and the sentence that explains it. */
export interface Routing {
  readonly departmentId: string | null;
  readonly routeId: string | null;
  readonly why: string;
}

/**
 * First matching route wins (config/routing.yaml). `to: item` is the item's own department, `to: town` the town's
 * government, anything else a department id. Without any match the ticket waits for a person (待派).
 */
export function routeTicket(
  given: { readonly itemCode: string | null; readonly townId: string | null; readonly kind: TicketKind },
  rules: { readonly routes: readonly Route[]; readonly items: readonly Item[]; readonly departments: readonly Department[] },
): Routing {
  const item = rules.items.find((candidate) => candidate.code === given.itemCode) ?? null;
  for (const route of rules.routes) {
    if (!matches(route, given)) continue;
    const departmentId = target(route, given.townId, item);
    if (departmentId === null || !rules.departments.some((department) => department.id === departmentId)) continue;
    return { departmentId, routeId: route.id, why: route.why };
  }
  return { departmentId: null, routeId: null, why: '没有匹配的派单规则，等待人工派单' };
}

function matches(route: Route, given: { readonly itemCode: string | null; readonly townId: string | null; readonly kind: TicketKind }): boolean {
  const { items, towns, kinds } = route.when;
  if (items !== undefined && !items.some((code) => given.itemCode === code || (given.itemCode?.startsWith(`${code}.`) ?? false))) return false;
  if (towns !== undefined && (given.townId === null || !towns.includes(given.townId))) return false;
  return kinds === undefined || kinds.includes(given.kind);
}

function target(route: Route, townId: string | null, item: Item | null): string | null {
  if (route.to === 'item') return item?.department ?? null;
  if (route.to === 'town') return townId === null ? null : TOWN_GOVERNMENT;
  return route.to;
}
