import { and, desc, eq, gte, lt, lte, or, type SQL, sql } from 'drizzle-orm';
import type { Ticket } from '../../domain/ticket.ts';
import type { TicketFilter } from '../contract.ts';
import { sqliteKit } from '../kit.ts';
import { ftsQuery, tsQuery } from '../search-words.ts';
import type { Session } from '../session.ts';
import { storableText } from '../text.ts';
import { newestFirst, ticketColumns } from './ticket-columns.ts';
import type { Driver, ListParts } from './ticket-list.ts';

/**
 * Tickets whose title, content or place holds a text, or whose number begins with it; letters in either case, `%` and `_` mean themselves.
 * First the newest are looked through: a common word fills the page there. What is seldom is found by the words of `ticket_texts`, and then
 * looked at, because neighbouring pairs do not make the text yet. Decision: docs/adr/0028-ticket-search.md.
 */

/** Tickets that are looked through first. */
const LOOKED_THROUGH = 3000;
/** What may be the beginning of a number. */
const NUMBER = /^[\x21-\x7e]{4,}$/;

/** How lists are narrowed and read (ticket-list.ts). */
export interface ListReading {
  readonly partsOf: (filter: TicketFilter) => ListParts;
  readonly driverOf: (parts: ListParts, filter: TicketFilter) => Promise<Driver>;
  readonly whereOf: (parts: ListParts, driver: Driver) => (SQL | undefined)[];
  readonly rows: (filter: TicketFilter, driver: Driver, where: readonly (SQL | undefined)[]) => Promise<Ticket[]>;
  readonly edge: (filter: TicketFilter, driver: Driver, where: readonly (SQL | undefined)[], after: number) => Promise<number | null>;
}

/** SQLite's search, made by its migration beside drizzle's tables; slots are too large for a number of JavaScript and never leave the database. */
const slots = sqliteKit.table('ticket_slots', { slot: sqliteKit.int('slot'), ticketId: sqliteKit.text('ticket_id') });
const words = sqliteKit.table('ticket_search', { slot: sqliteKit.int('rowid') });
/** A few dozen tickets that are not in the search yet. */
const waiting = sqliteKit.table('ticket_waiting', { ticketId: sqliteKit.text('ticket_id') });

export function createTicketSearch(session: Session, { partsOf, driverOf, whereOf, rows, edge }: ListReading) {
  const { db, dialect, tables: { tickets: t, ticketTexts: x } } = session;
  const shown = ticketColumns(t);
  const nothing: Driver = { narrow: null, few: false };

  return async (filter: TicketFilter, text: string): Promise<readonly Ticket[]> => {
    const { limit, order } = filter;
    const parts = partsOf(filter);
    let driver = await driverOf(parts, filter);
    // Many of several states are better walked by time than sorted.
    if (driver.narrow?.how === 'parts' && !driver.few) driver = nothing;
    const where = whereOf(parts, driver);
    const numbered = NUMBER.test(text) ? begins(text) : undefined;
    const holds = or(numbered, contains(text));
    const end = await edge(filter, driver, where, LOOKED_THROUGH);
    if (end === null) return rows(filter, driver, [...where, holds]);
    const near = await rows(filter, driver, [...where, order === 'due' ? lte(t.deadlineAt, end) : gte(t.createdAt, end), holds]);
    if (near.length === limit) return near;

    const elsewhere = whereOf(parts, nothing);
    const found = dialect === 'sqlite' ? await bySlots(filter, elsewhere, text) : await byWords(filter, elsewhere, text);
    const more = [
      ...(dialect === 'sqlite' ? await ofWaiting(filter, elsewhere, text) : []),
      ...(numbered === undefined ? [] : await ofNumbers(filter, elsewhere, numbered)),
    ];
    for (const ticket of more) if (!found.some(({ id }) => id === ticket.id)) found.push(ticket);
    return found.toSorted(order === 'due' ? firstDue : newestFirst).slice(0, limit);
  };

  /** Like `rows`, by the index of numbers. */
  function ofNumbers(filter: TicketFilter, where: readonly (SQL | undefined)[], numbered: SQL | undefined): Promise<Ticket[]> {
    return rows(filter, { narrow: dialect === 'sqlite' ? { where: () => numbered, how: 'many' } : null, few: false }, [numbered, ...where]);
  }

  function ofWaiting(filter: TicketFilter, where: readonly (SQL | undefined)[], text: string): Promise<Ticket[]> {
    const few = sql`${t.id} in (select ${waiting.ticketId} from ${waiting})`;
    return rows(filter, { narrow: { where: () => few, how: 'many' }, few: true }, [few, ...where, contains(text)]);
  }

  function byWords(filter: TicketFilter, where: readonly (SQL | undefined)[], text: string): Promise<Ticket[]> {
    const found = sql`${t.id} in (select ${x.ticketId} from ${x} where array_to_tsvector(string_to_array(${x.words}, ' ')) @@ ${tsQuery(text)}::tsquery)`;
    return rows(filter, nothing, [found, ...where, contains(text)]);
  }

  /** The search gives slots from the newest on, and stops when the page is full; what is due first needs all of them. */
  async function bySlots(filter: TicketFilter, where: readonly (SQL | undefined)[], text: string): Promise<Ticket[]> {
    const { order, limit, before, beforeId } = filter;
    const matched = [sql`${words} match ${ftsQuery(text)}`, eq(slots.slot, words.slot), eq(t.id, slots.ticketId), ...where, contains(text)];
    const slotOf = (at: SQL): SQL => sql`(cast(${at} as integer) << 20)`;
    const read = (conditions: readonly (SQL | undefined)[]) => db.select(shown).from(words).crossJoin(slots).crossJoin(t).where(and(...matched, ...conditions));
    const place = before === undefined ? undefined : order === 'due' ? sql`+${t.deadlineAt} >= ${before}` : beforeId === undefined ? sql`+${t.createdAt} < ${before}` : sql`+${t.createdAt} <= ${before}`;
    const seen = before === undefined || beforeId === undefined ? undefined : order === 'due' ? sql`not (${t.deadlineAt} = ${before} and ${t.id} <= ${beforeId})` : sql`not (${t.createdAt} = ${before} and ${t.id} >= ${beforeId})`;
    if (order === 'due') return read([beforeId === undefined && before !== undefined ? sql`+${t.deadlineAt} > ${before}` : place, seen]).orderBy(sql`+${t.deadlineAt}`, sql`+${t.id}`).limit(limit);
    const page = await read([place, seen, before === undefined ? undefined : lt(words.slot, slotOf(sql`${before + 1}`))]).orderBy(desc(words.slot)).limit(limit);
    const last = page.at(-1);
    if (last === undefined || page.length < limit) return page;
    // Slots of one moment are in the order of opening, tickets in that of their ids: all of the last moment take part.
    const same = await read([seen, gte(words.slot, slotOf(sql`${last.createdAt}`)), lt(words.slot, slotOf(sql`${last.createdAt + 1}`))]);
    return [...page.filter(({ createdAt }) => createdAt !== last.createdAt), ...same];
  }

  function begins(text: string): SQL | undefined {
    const number = storableText(text);
    return and(gte(t.number, number), lt(t.number, `${number}\u{10ffff}`));
  }

  function contains(text: string): SQL | undefined {
    const pattern = `%${text.replaceAll(/[\\%_]/g, '\\$&')}%`;
    const column = (value: typeof t.title | typeof t.content | typeof t.place): SQL => sql`lower(${value}) like lower(cast(${sql.param(pattern, t.title)} as text)) escape '\\'`;
    return or(column(t.title), column(t.content), column(t.place));
  }
}

/** With `order: 'due'` only tickets with a deadline are listed. */
function firstDue(one: Ticket, other: Ticket): number {
  return (one.deadlineAt ?? 0) - (other.deadlineAt ?? 0) || (one.id < other.id ? -1 : one.id > other.id ? 1 : 0);
}
