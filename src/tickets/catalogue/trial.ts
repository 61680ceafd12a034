import Type, { type Static } from 'typebox';
import type { CityData } from '../../config/city.ts';
import type { EpochMs } from '../../domain/activity.ts';
import type { Route } from '../../domain/config-files.ts';
import type { LegalClock } from '../../domain/legal-clock.ts';
import { routeTicket, type DispatchFacts, type Routing } from '../../domain/routing.ts';
import type { Ticket } from '../../domain/ticket.ts';
import type { Store } from '../../store/contract.ts';

/** Tries dispatch rules on tickets of the past before they are published. */

/** Rows of one look into the store; between two looks other work gets a turn. */
const PAGE = 500;
/** A city's month has some 100,000 tickets; more are not read. */
const MOST = 200_000;
const EXAMPLES = 20;

const Text = Type.Union([Type.String(), Type.Null()]);
const Side = Type.Object({
  /** Tickets that no rule takes: they would wait for a person. */
  waiting: Type.Integer(),
  /** Tickets whose department of today is the one that the rules name. */
  asToday: Type.Integer(),
});
const Target = Type.Object({ departmentId: Text, routeId: Text });

export const TrialReportSchema = Type.Object({
  from: Type.Number(),
  to: Type.Number(),
  tickets: Type.Integer(),
  /** False: there were more than may be read, the newest ones were. */
  complete: Type.Boolean(),
  /** Tickets that another department would lead than under the rules in force. */
  elsewhere: Type.Integer(),
  /** Same lead, other assisting departments. */
  assistedOtherwise: Type.Integer(),
  before: Side,
  after: Side,
  /** Rules that were tried, in their order: tickets each would take, and takes under the rules in force (null: it is not there). */
  rules: Type.Array(Type.Object({ id: Type.String(), before: Type.Union([Type.Integer(), Type.Null()]), after: Type.Integer() })),
  /** Rules that no ticket reached. */
  unreached: Type.Array(Type.String()),
  examples: Type.Array(Type.Object({ ticketId: Type.String(), number: Type.String(), before: Target, after: Target })),
});
export type TrialReport = Static<typeof TrialReportSchema>;
type TrialExample = TrialReport['examples'][number];

export interface TrialContext {
  readonly store: Pick<Store, 'read'>;
  /** Rules and items in force. */
  readonly city: CityData;
  readonly clock: Pick<LegalClock, 'isOfficeOpen'>;
}

/** What the rules ask of a ticket that is there. */
export function factsOf(clock: Pick<LegalClock, 'isOfficeOpen'>, ticket: Pick<Ticket, 'itemCode' | 'townId' | 'kind' | 'urgency' | 'place' | 'enterpriseId' | 'createdAt'>): DispatchFacts {
  const { itemCode, townId, kind, urgency, place, enterpriseId, createdAt } = ticket;
  return { itemCode, townId, kind, urgency, place, enterprise: enterpriseId !== null, at: createdAt, inOffice: clock.isOfficeOpen(createdAt) };
}

/**
 * Walks back through the tickets that were opened in [from, to), page by page.
 * @param onPage awaited after each page with the tickets so far: progress, and a turn for other work
 */
export async function tryDispatch({ store, city, clock }: TrialContext, routes: readonly Route[], given: { readonly from: EpochMs; readonly to: EpochMs; readonly limit?: number; readonly onPage?: (tickets: number) => Promise<void> }): Promise<TrialReport> {
  const { from, to, onPage } = given;
  const limit = given.limit ?? MOST;
  const inForce = { routes: city.routes, items: city.items, itemGroups: city.itemGroups, departments: city.departments };
  const tried = { ...inForce, routes };
  const counts = { before: new Map<string, number>(), after: new Map<string, number>() };
  const sides = { before: { waiting: 0, asToday: 0 }, after: { waiting: 0, asToday: 0 } };
  const count = (side: 'before' | 'after', { routeId, departmentId }: Routing, ticket: Ticket): void => {
    if (routeId === null) sides[side].waiting += 1;
    else counts[side].set(routeId, (counts[side].get(routeId) ?? 0) + 1);
    if (departmentId !== null && departmentId === ticket.departmentId) sides[side].asToday += 1;
  };
  const examples: TrialExample[] = [];
  let [tickets, elsewhere, assistedOtherwise] = [0, 0, 0];
  let last: Ticket | null = null;
  let complete = true;
  for (;;) {
    const cursor: { readonly before: EpochMs; readonly beforeId?: string } = last === null ? { before: to } : { before: last.createdAt, beforeId: last.id };
    const page: readonly Ticket[] = await store.read((repos) => repos.tickets.list({ limit: PAGE, ...cursor }));
    for (const ticket of page) {
      if (ticket.createdAt < from) break;
      if (tickets === limit) {
        complete = false;
        break;
      }
      tickets += 1;
      const facts = factsOf(clock, ticket);
      const [before, after] = [routeTicket(facts, inForce), routeTicket(facts, tried)];
      count('before', before, ticket);
      count('after', after, ticket);
      if (before.departmentId !== after.departmentId) {
        elsewhere += 1;
        if (examples.length < EXAMPLES) examples.push({ ticketId: ticket.id, number: ticket.number, before: { departmentId: before.departmentId, routeId: before.routeId }, after: { departmentId: after.departmentId, routeId: after.routeId } });
      } else if (before.assistIds.toSorted().join(' ') !== after.assistIds.toSorted().join(' ')) assistedOtherwise += 1;
    }
    await onPage?.(tickets);
    last = page.at(-1) ?? null;
    if (!complete || page.length < PAGE || last === null || last.createdAt < from) break;
  }
  const known = new Set(city.routes.map(({ id }) => id));
  const rules = routes.map(({ id }) => ({ id, before: known.has(id) ? (counts.before.get(id) ?? 0) : null, after: counts.after.get(id) ?? 0 }));
  return { from, to, tickets, complete, elsewhere, assistedOtherwise, before: sides.before, after: sides.after, rules, unreached: rules.filter(({ after }) => after === 0).map(({ id }) => id), examples };
}
