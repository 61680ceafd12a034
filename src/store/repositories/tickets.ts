import { createHash, timingSafeEqual } from 'node:crypto';
import { and, desc, eq, inArray, like, lt, or, type SQL, sql } from 'drizzle-orm';
import { AppError } from '../../domain/errors.ts';
import type { Ticket } from '../../domain/ticket.ts';
import type { TicketRepository } from '../contract.ts';
import type { Session } from '../session.ts';
import { first, given, orderedUpToLimit, placeholders, setTo } from './statements.ts';

const CHANGEABLE = [
  'kind', 'state', 'itemCode', 'title', 'content', 'townId', 'place', 'happened', 'departmentId', 'routeId', 'urgency', 'confidential', 'callback', 'citizenId',
  'conversationId', 'channel', 'deadlineAt', 'deadlineRule', 'urges', 'updatedAt',
] as const satisfies readonly (keyof Ticket)[];
type TicketField = (typeof CHANGEABLE)[number];

export function createTicketRepository(session: Session): TicketRepository {
  const { db, vault, tables: { tickets: t, ticketEvents: e, ticketSequences: q } } = session;
  const shown = {
    id: t.id, number: t.number, kind: t.kind, state: t.state, itemCode: t.itemCode, title: t.title, content: t.content, townId: t.townId, place: t.place,
    happened: t.happened, departmentId: t.departmentId, routeId: t.routeId, urgency: t.urgency, confidential: t.confidential, callback: t.callback,
    citizenId: t.citizenId, conversationId: t.conversationId, channel: t.channel, deadlineAt: t.deadlineAt, deadlineRule: t.deadlineRule, urges: t.urges,
    createdAt: t.createdAt, updatedAt: t.updatedAt, version: t.version,
  };
  const takeSequence = db
    .insert(q)
    .values({ day: sql.placeholder('day'), last: 1 })
    .onConflictDoUpdate({ target: q.day, set: { last: sql`${q.last} + 1` } })
    .returning({ last: q.last })
    .prepare('ticket_sequences_take');
  const byId = db.select(shown).from(t).where(eq(t.id, given(t.id, 'id'))).prepare('tickets_by_id');
  const byNumber = db.select(shown).from(t).where(eq(t.number, given(t.number, 'number'))).prepare('tickets_by_number');
  const checkOf = db.select({ number: t.number, phoneCheck: t.phoneCheck }).from(t).where(eq(t.id, given(t.id, 'id'))).prepare('tickets_phone_check');
  const takeEventSeq = db.update(t).set({ lastEventSeq: sql`${t.lastEventSeq} + 1` }).where(eq(t.id, given(t.id, 'id'))).returning({ seq: t.lastEventSeq }).prepare('tickets_take_event_seq');
  const eventsOf = db.select().from(e).where(eq(e.ticketId, given(e.ticketId, 'ticketId'))).orderBy(e.seq).prepare('ticket_events_of_ticket');
  const insertRow = db.insert(t).values(placeholders({ ...shown, phoneCheck: t.phoneCheck, lastEventSeq: t.lastEventSeq })).prepare('tickets_insert');
  const insertEvent = db.insert(e).values(placeholders({ ticketId: e.ticketId, seq: e.seq, type: e.type, actor: e.actor, at: e.at, data: e.data })).prepare('ticket_events_insert');
  const ofCitizen = db.select(shown).from(t).where(eq(t.citizenId, given(t.citizenId, 'citizenId'))).orderBy(orderedUpToLimit(desc(t.createdAt), desc(t.number))).prepare('tickets_of_citizen');
  const states = db.select({ state: t.state, amount: sql<number>`count(*)`.mapWith(Number) }).from(t).groupBy(t.state).prepare('tickets_by_state');

  /** One statement per set of changed fields: moves change the same few every time. */
  const updates = new Map<string, ReturnType<typeof prepareUpdate>>();
  function prepareUpdate(fields: readonly TicketField[], name: string) {
    return db
      .update(t)
      .set({ ...Object.fromEntries(fields.map((field) => [field, setTo(t[field], field)])), version: sql`${t.version} + 1` })
      .where(and(eq(t.id, given(t.id, 'id')), eq(t.version, given(t.version, 'seen'))))
      .returning(shown)
      .prepare(name);
  }

  const phoneCheck = (number: string, phoneLast4: string): string => vault.blindIndex('ticket.phone', `${number} ${phoneLast4}`);

  return {
    async nextSequence(day) {
      const taken = first(await takeSequence.execute({ day }));
      if (taken === null) throw new AppError('store.failed', 'no sequence came back', { retry: 'later', status: 503 });
      return taken.last;
    },
    async insert(ticket, phoneLast4) {
      await insertRow.execute({ ...ticket, lastEventSeq: 0, phoneCheck: phoneLast4 === null ? null : phoneCheck(ticket.number, phoneLast4) });
    },
    async get(id) {
      return first(await byId.execute({ id }));
    },
    async findByNumber(number) {
      return first(await byNumber.execute({ number }));
    },
    async checkPhone(ticketId, phoneLast4) {
      const stored = first(await checkOf.execute({ id: ticketId }));
      if (stored === null || stored.phoneCheck === null) return false;
      return equalInConstantTime(stored.phoneCheck, phoneCheck(stored.number, phoneLast4));
    },
    async update(id, version, change) {
      const fields = CHANGEABLE.filter((field) => change[field] !== undefined);
      const key = fields.join(' ');
      let statement = updates.get(key);
      if (statement === undefined) {
        statement = prepareUpdate(fields, `tickets_update_${updates.size}`);
        updates.set(key, statement);
      }
      const after = first(await statement.execute({ ...change, id, seen: version }));
      if (after === null) throw new AppError('ticket.conflict', 'the ticket was changed by somebody else', { retry: 'conflict', status: 409, details: { ticketId: id, version } });
      return after;
    },
    async appendEvent(event) {
      const taken = first(await takeEventSeq.execute({ id: event.ticketId }));
      if (taken === null) throw new AppError('ticket.not_found', 'no such ticket', { status: 404, details: { ticketId: event.ticketId } });
      const appended = { ...event, seq: taken.seq };
      await insertEvent.execute(appended);
      return appended;
    },
    async events(ticketId) {
      return eventsOf.execute({ ticketId });
    },
    async list({ states: wanted, departmentId, text, limit, before }) {
      const narrow: (SQL | undefined)[] = [];
      if (wanted !== undefined) narrow.push(inArray(t.state, [...wanted]));
      if (departmentId !== undefined) narrow.push(eq(t.departmentId, departmentId));
      if (before !== undefined) narrow.push(lt(t.createdAt, before));
      if (text !== undefined && text.trim() !== '') narrow.push(contains(text.trim()));
      return db.select(shown).from(t).where(and(...narrow)).orderBy(desc(t.createdAt), desc(t.number)).limit(limit);
    },
    async byCitizen(citizenId, limit) {
      return ofCitizen.execute({ citizenId, limit });
    },
    async byConversation(conversationId) {
      return db.select(shown).from(t).where(eq(t.conversationId, conversationId)).orderBy(t.createdAt, t.number);
    },
    async countsByState() {
      return Object.fromEntries((await states.execute()).map((row): [Ticket['state'], number] => [row.state, row.amount]));
    },
  };

  /** Number, title, content or place holds the text; Latin letters in either case. `%` and `_` mean themselves. */
  function contains(text: string): SQL | undefined {
    const pattern = `%${text.toLowerCase().replaceAll(/[\\%_]/g, '\\$&')}%`;
    const column = (value: typeof t.number | typeof t.title | typeof t.content | typeof t.place): SQL => sql`lower(${value}) like ${sql.param(pattern, t.title)} escape '\\'`;
    if (/^\d{4,}$/.test(text)) return or(like(t.number, `${text}%`), column(t.title), column(t.content));
    return or(column(t.number), column(t.title), column(t.content), column(t.place));
  }
}

/** Hashing first makes the lengths equal; timingSafeEqual throws otherwise. */
function equalInConstantTime(left: string, right: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(left), digest(right));
}
