import { and, desc, eq, gt, gte, isNotNull, isNull, lt, lte, type SQL, sql } from 'drizzle-orm';
import type { Ticket, TicketState } from '../../domain/ticket.ts';
import type { TicketFilter, TicketRepository } from '../contract.ts';
import type { Session } from '../session.ts';
import { newestFirst, ticketColumns } from './ticket-columns.ts';
import { createTicketSearch } from './ticket-search.ts';

/**
 * Lists of tickets, where a million lie and a desk wants fifty. PostgreSQL keeps statistics and plans for itself. SQLite has none (it would
 * compile statements anew with them), so here the filter that the fewest tickets pass is found by counting up to a limit in the
 * indexes, and only this one may be looked up; a unary plus keeps the planner from the others.
 */

/** Counting a filter's tickets ends here: more are read in the list's own order, and left when the page is full. */
const COUNTED = 5000;

/** One filter that has an index. */
export interface Narrow {
  /** `driving`: by its index; else only looked at. */
  readonly where: (driving: boolean) => SQL | undefined;
  /** `ordered`: its index gives the newest first. `few`: it is sorted, but never has many. `open`: many are better met in the order of time. `parts`: ordered one by one. `seen`: by a department's own index, ordered. */
  readonly how: 'ordered' | 'few' | 'open' | 'many' | 'parts' | 'seen';
  readonly parts?: readonly SQL[];
}

/** The filter that is looked up, and whether it is known to have few; `narrow` null: the list's own order is walked. */
export interface Driver {
  readonly narrow: Narrow | null;
  readonly few: boolean;
}

export interface ListParts {
  readonly narrows: readonly Narrow[];
  readonly rest: readonly (SQL | undefined)[];
}

export function createTicketList(session: Session): TicketRepository['list'] {
  const { db, dialect, tables: { tickets: t, ticketDepartments: d } } = session;
  const shown = ticketColumns(t);
  const sqlite = dialect === 'sqlite';
  const search = createTicketSearch(session, { partsOf, driverOf, whereOf, rows, edge });

  return async (filter) => {
    const text = filter.text?.trim() ?? '';
    if (filter.states?.length === 0) return [];
    return text === '' ? plain(filter) : search(filter, text);
  };

  async function plain(filter: TicketFilter): Promise<readonly Ticket[]> {
    const parts = partsOf(filter);
    const driver = await driverOf(parts, filter);
    const pieces = filter.order === 'due' ? [] : (driver.narrow?.parts ?? []);
    if (pieces.length < 2) return rows(filter, driver, whereOf(parts, driver));
    const where = whereOf(parts, driver, false);
    const lists: (readonly Ticket[])[] = [];
    for (const piece of pieces) lists.push(await rows(filter, { narrow: null, few: false }, [piece, ...where]));
    return lists.flat().toSorted(newestFirst).slice(0, filter.limit);
  }

  /** A page of what passes these conditions, in the filter's order and after its cursor. */
  async function rows(filter: TicketFilter, driver: Driver, where: readonly (SQL | undefined)[]): Promise<Ticket[]> {
    if (driver.narrow?.how === 'seen') return db.select(shown).from(d).crossJoin(t).where(and(eq(d.ticketId, t.id), ...where, past(filter, driver))).orderBy(...orderOf(filter, driver)).limit(filter.limit);
    return db.select(shown).from(t).where(and(...where, past(filter, driver))).orderBy(...orderOf(filter, driver)).limit(filter.limit);
  }

  /** Time of the ticket that comes after so many; null: there are not so many. */
  async function edge(filter: TicketFilter, driver: Driver, where: readonly (SQL | undefined)[], after: number): Promise<number | null> {
    const at = { at: filter.order === 'due' ? t.deadlineAt : t.createdAt };
    const found = driver.narrow?.how === 'seen'
      ? await db.select(at).from(d).crossJoin(t).where(and(eq(d.ticketId, t.id), ...where, past(filter, driver))).orderBy(...orderOf(filter, driver)).limit(1).offset(after)
      : await db.select(at).from(t).where(and(...where, past(filter, driver))).orderBy(...orderOf(filter, driver)).limit(1).offset(after);
    return found[0]?.at ?? null;
  }

  /** Where the page begins. Written as a range and an exception, not as `or`: the range is what an index is walked by. */
  function past({ order, before, beforeId }: TicketFilter, driver: Driver): SQL | undefined {
    if (before === undefined) return undefined;
    const byId = (column: typeof t.deadlineAt | typeof t.createdAt | typeof d.createdAt, id: typeof t.id | typeof d.ticketId, sign: SQL): SQL | undefined => (beforeId === undefined ? undefined : sql`not (${column} = ${sql.param(before, column)} and ${id} ${sign} ${sql.param(beforeId, id)})`);
    if (order === 'due') return beforeId === undefined ? gt(t.deadlineAt, before) : and(gte(t.deadlineAt, before), byId(t.deadlineAt, t.id, sql`<=`));
    const [made, id] = madeOf(driver);
    return beforeId === undefined ? lt(made, before) : and(lte(made, before), byId(made, id, sql`>=`));
  }

  function madeOf({ narrow }: Driver): readonly [typeof t.createdAt | typeof d.createdAt, typeof t.id | typeof d.ticketId] {
    return narrow?.how === 'seen' ? [d.createdAt, d.ticketId] : [t.createdAt, t.id];
  }

  function orderOf({ order }: TicketFilter, driver: Driver): SQL[] {
    // What the driver's index does not put in order is sorted; the index on the time must not look cheaper.
    if (order === 'due') return driver.narrow === null || !sqlite ? [sql`${t.deadlineAt}`, sql`${t.id}`] : [sql`+${t.deadlineAt}`, sql`+${t.id}`];
    const [made, id] = madeOf(driver);
    const sorted = sqlite && driver.narrow !== null && driver.narrow.how !== 'ordered' && driver.narrow.how !== 'seen';
    return sorted ? [sql`+${made} desc`, sql`+${id} desc`] : [desc(made), desc(id)];
  }

  function whereOf({ narrows, rest }: ListParts, driver: Driver, withDriver = true): (SQL | undefined)[] {
    return [...narrows.map((narrow) => (narrow !== driver.narrow ? narrow.where(!sqlite && narrow.how !== 'seen') : withDriver ? narrow.where(true) : undefined)), ...rest];
  }

  /** The filter with the fewest tickets; of many, the first one that is in order or cannot grow large. */
  async function driverOf({ narrows }: ListParts, { order }: TicketFilter): Promise<Driver> {
    if (!sqlite) return { narrow: narrows.find(({ how }) => how === 'seen') ?? null, few: false };
    const byTime = order !== 'due';
    const [only] = narrows;
    if (only !== undefined && narrows.length === 1 && byTime && (only.how === 'ordered' || only.how === 'parts' || only.how === 'seen')) return { narrow: only, few: false };
    let best: Narrow | null = null;
    let least = COUNTED;
    for (const narrow of narrows) {
      const one = { one: sql<number>`1`.as('one') };
      const some = (narrow.how === 'seen' ? db.select(one).from(d).where(narrow.where(true)).limit(least) : db.select(one).from(t).where(narrow.where(true)).limit(least)).as('some');
      const amount = (await db.select({ amount: sql<number>`count(*)`.mapWith(Number) }).from(some))[0]?.amount ?? 0;
      if (amount < least) [best, least] = [narrow, amount];
    }
    if (best !== null) return { narrow: best, few: true };
    const preferred = byTime ? narrows.find(({ how }) => how !== 'many') : undefined;
    return { narrow: preferred === undefined || preferred.how === 'open' ? null : preferred, few: false };
  }

  function partsOf(filter: TicketFilter): ListParts {
    const { states, departmentId, seenBy, itemCode, townId, kind, urgency, enterprise, overdue, dueBefore, supervision, leadingId, channel, order } = filter;
    const narrows: Narrow[] = [];
    const rest: (SQL | undefined)[] = [];
    type Named = typeof t.departmentId | typeof t.itemCode | typeof t.townId | typeof t.kind | typeof t.urgency | typeof t.channel | typeof t.state | typeof t.leadingId;
    const same = (column: Named, value: string, driving: boolean): SQL => (driving ? sql`${column} = ${sql.param(value, column)}` : sql`+${column} = ${sql.param(value, column)}`);
    const named = (column: Named, value: string | undefined): void => {
      if (value !== undefined) narrows.push({ where: (driving) => same(column, value, driving), how: 'ordered' });
    };
    const seldom = (column: Named, value: string | undefined, usual: string): void => {
      if (value === usual) rest.push(same(column, value, !sqlite));
      else if (value !== undefined) narrows.push({ where: (driving) => (driving ? sql`${column} <> ${sql.raw(`'${usual}'`)} and ${same(column, value, true)}` : same(column, value, false)), how: 'ordered' });
    };
    const level = (): SQL => sql`${sql.param(supervision ?? 0, t.supervision)}`;
    // In order of preference when each has many: what only open tickets have, then what narrows most.
    if (overdue === true) {
      rest.push(isNull(t.archivedAt));
      narrows.push({ where: (driving) => (driving ? and(isNull(t.archivedAt), isNotNull(t.overdueAt)) : sql`+${t.overdueAt} is not null`), how: 'ordered' });
    }
    if (dueBefore !== undefined) {
      rest.push(isNull(t.archivedAt));
      narrows.push({ where: (driving) => (driving ? and(isNull(t.archivedAt), isNotNull(t.deadlineAt), lt(t.deadlineAt, dueBefore)) : sql`+${t.deadlineAt} < ${sql.param(dueBefore, t.deadlineAt)}`), how: 'open' });
    }
    if (supervision !== undefined) narrows.push({ where: (driving) => (driving ? sql`${t.supervision} > 0 and ${t.supervision} >= ${level()}` : sql`+${t.supervision} > 0 and +${t.supervision} >= ${level()}`), how: 'few' });
    const open = states?.length === 1 && !states.includes('归档');
    if (open) inStates(states);
    if (seenBy !== undefined) {
      const seen = sql`exists (select 1 from ${d} where ${d.ticketId} = ${t.id} and ${d.departmentId} = ${sql.param(seenBy, d.departmentId)})`;
      // PostgreSQL always joins.
      narrows.push({ where: (driving) => (driving ? eq(d.departmentId, seenBy) : seen), how: 'seen' });
    }
    if (leadingId !== undefined) narrows.push({ where: (driving) => (driving ? and(isNotNull(t.leadingId), eq(t.leadingId, leadingId)) : same(t.leadingId, leadingId, false)), how: 'many' });
    named(t.departmentId, departmentId);
    named(t.itemCode, itemCode);
    named(t.townId, townId);
    // These have an index without the usual value; what is usual, or has no index, is met soon enough in the order of time.
    seldom(t.channel, channel, 'phone');
    seldom(t.urgency, urgency, 'normal');
    if (kind !== undefined) rest.push(same(t.kind, kind, !sqlite));
    if (enterprise === true) narrows.push({ where: (driving) => (driving ? isNotNull(t.enterpriseId) : sql`+${t.enterpriseId} is not null`), how: 'many' });
    if (enterprise === false) rest.push(isNull(t.enterpriseId));
    if (states !== undefined && !open) inStates(states);
    if (order === 'due') rest.push(isNull(t.archivedAt), isNotNull(t.deadlineAt));
    return { narrows, rest };

    function inStates(wanted: readonly TicketState[]): void {
      const list = (): SQL => sql.join(wanted.map((state) => sql.param(state, t.state)), sql`, `);
      narrows.push({
        where: (driving) => (driving ? sql`${t.state} in (${list()})` : sql`+${t.state} in (${list()})`),
        how: wanted.length === 1 ? 'ordered' : 'parts',
        parts: wanted.map((state) => same(t.state, state, true)),
      });
    }
  }
}
