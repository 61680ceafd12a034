import { createHash, timingSafeEqual } from 'node:crypto';
import { and, desc, eq, gt, gte, inArray, isNotNull, isNull, like, lt, lte, or, type SQL, sql } from 'drizzle-orm';
import { AppError } from '../../domain/errors.ts';
import type { Ticket } from '../../domain/ticket.ts';
import type { TicketFilter, TicketRepository } from '../contract.ts';
import type { Session } from '../session.ts';
import { first, given, orderedUpToLimit, placeholders, setTo } from './statements.ts';

const CHANGEABLE = [
  'kind', 'state', 'stateBefore', 'pending', 'assistIds', 'enterpriseId', 'profileId', 'holds', 'overdueAt', 'dispatchedAt', 'signedAt', 'contactedAt', 'finishedAt', 'archivedAt', 'result', 'closure', 'visit',
  'returns', 'extensions', 'redirects', 'redos', 'vetoes', 'supervision', 'leadingId', 'itemCode', 'title', 'content', 'townId', 'place', 'happened', 'departmentId', 'routeId', 'urgency', 'confidential', 'callback', 'citizenId',
  'conversationId', 'channel', 'deadlineAt', 'deadlineRule', 'urges', 'updatedAt',
] as const satisfies readonly (keyof Ticket)[];
type TicketField = (typeof CHANGEABLE)[number];

export function createTicketRepository(session: Session): TicketRepository {
  const { db, vault, tables: { tickets: t, ticketEvents: e, ticketSequences: q, ticketDepartments: d } } = session;
  const shown = {
    id: t.id, number: t.number, kind: t.kind, state: t.state, itemCode: t.itemCode, title: t.title, content: t.content, townId: t.townId, place: t.place,
    happened: t.happened, departmentId: t.departmentId, routeId: t.routeId, urgency: t.urgency, confidential: t.confidential, callback: t.callback,
    citizenId: t.citizenId, conversationId: t.conversationId, channel: t.channel, deadlineAt: t.deadlineAt, deadlineRule: t.deadlineRule, urges: t.urges,
    createdAt: t.createdAt, updatedAt: t.updatedAt, version: t.version,
    stateBefore: t.stateBefore, pending: t.pending, assistIds: t.assistIds, enterpriseId: t.enterpriseId, profileId: t.profileId, holds: t.holds, overdueAt: t.overdueAt,
    dispatchedAt: t.dispatchedAt, signedAt: t.signedAt, contactedAt: t.contactedAt, finishedAt: t.finishedAt, archivedAt: t.archivedAt, result: t.result, closure: t.closure,
    visit: t.visit, returns: t.returns, extensions: t.extensions, redirects: t.redirects, redos: t.redos, vetoes: t.vetoes, supervision: t.supervision, leadingId: t.leadingId,
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
  const insertRow = db.insert(t).values(placeholders({ ...shown, phoneCheck: t.phoneCheck, lastEventSeq: t.lastEventSeq, openingKey: t.openingKey })).prepare('tickets_insert');
  const byOpeningKey = db.select(shown).from(t).where(eq(t.openingKey, given(t.openingKey, 'openingKey'))).prepare('tickets_by_opening_key');
  const oneEvent = db.select().from(e).where(and(eq(e.ticketId, given(e.ticketId, 'ticketId')), eq(e.seq, given(e.seq, 'seq')))).prepare('ticket_events_one');
  const following = db.select(shown).from(t).where(eq(t.leadingId, given(t.leadingId, 'leadingId'))).orderBy(t.createdAt, t.number).prepare('tickets_following');
  const addDepartment = db.insert(d).values(placeholders({ ticketId: d.ticketId, departmentId: d.departmentId, part: d.part, createdAt: d.createdAt })).onConflictDoNothing().prepare('ticket_departments_add');
  const dropDepartments = db.delete(d).where(eq(d.ticketId, given(d.ticketId, 'ticketId'))).prepare('ticket_departments_drop');

  /** Who leads and who assists, as rows of their own: a department's list reads one index. */
  async function linkDepartments(ticket: Pick<Ticket, 'id' | 'departmentId' | 'assistIds' | 'createdAt'>): Promise<void> {
    const { id: ticketId, createdAt } = ticket;
    if (ticket.departmentId !== null) await addDepartment.execute({ ticketId, departmentId: ticket.departmentId, part: 'lead', createdAt });
    for (const departmentId of ticket.assistIds) await addDepartment.execute({ ticketId, departmentId, part: 'assist', createdAt });
  }

  const insertEvent = db.insert(e).values(placeholders({ ticketId: e.ticketId, seq: e.seq, type: e.type, actor: e.actor, at: e.at, data: e.data })).prepare('ticket_events_insert');
  const ofCitizen = db.select(shown).from(t).where(eq(t.citizenId, given(t.citizenId, 'citizenId'))).orderBy(orderedUpToLimit(desc(t.createdAt), desc(t.number))).prepare('tickets_of_citizen');
  const states = db.select({ state: t.state, amount: sql<number>`count(*)`.mapWith(Number) }).from(t).groupBy(t.state).prepare('tickets_by_state');

  // Changes nothing, and holds the row on PostgreSQL until the transaction ends; SQLite has one writer anyway.
  const claim = db.update(t).set({ version: sql`${t.version}` }).where(and(eq(t.id, given(t.id, 'id')), eq(t.version, given(t.version, 'seen')))).returning(shown).prepare('tickets_claim');
  const stale = (ticketId: string, version: number): AppError =>
    new AppError('ticket.conflict', 'the ticket was changed by somebody else', { retry: 'conflict', status: 409, citizenText: '这张工单刚被别人改动过，请刷新后再操作。', details: { ticketId, version } });

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
    async insert(ticket, phoneLast4, { openingKey = null, events = [] } = {}) {
      if (openingKey !== null && first(await byOpeningKey.execute({ openingKey })) !== null) throw new AppError('ticket.opened_before', 'a ticket with this key is there already', { status: 409, retry: 'conflict' });
      await insertRow.execute({ ...ticket, lastEventSeq: events.length, openingKey, phoneCheck: phoneLast4 === null ? null : phoneCheck(ticket.number, phoneLast4) });
      for (const [index, event] of events.entries()) await insertEvent.execute({ ...event, ticketId: ticket.id, seq: index + 1 });
      await linkDepartments(ticket);
    },
    async findByOpeningKey(openingKey) {
      return first(await byOpeningKey.execute({ openingKey }));
    },
    async get(id) {
      return first(await byId.execute({ id }));
    },
    async getMany(ids) {
      return ids.length === 0 ? [] : db.select(shown).from(t).where(inArray(t.id, [...ids])).orderBy(t.createdAt, t.number);
    },
    async findByNumber(number) {
      return first(await byNumber.execute({ number }));
    },
    async checkPhone(ticketId, phoneLast4) {
      const stored = first(await checkOf.execute({ id: ticketId }));
      if (stored === null || stored.phoneCheck === null) return false;
      return equalInConstantTime(stored.phoneCheck, phoneCheck(stored.number, phoneLast4));
    },
    async claim(id, version) {
      const claimed = first(await claim.execute({ id, seen: version }));
      if (claimed === null) throw stale(id, version);
      return claimed;
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
      if (after === null) throw stale(id, version);
      if (change.departmentId !== undefined || change.assistIds !== undefined) {
        await dropDepartments.execute({ ticketId: id });
        await linkDepartments(after);
      }
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
    async event(ticketId, seq) {
      return first(await oneEvent.execute({ ticketId, seq }));
    },
    async list(filter) {
      const rows = db.select(shown).from(t);
      const { seenBy, before, beforeId, limit } = filter;
      const seen = seenBy === undefined ? rows : rows.innerJoin(d, eq(d.ticketId, t.id));
      if (filter.order === 'due') {
        // By due time the index on open deadlines is read; a ticket without one has no place in that order.
        const after = before === undefined ? undefined : beforeId === undefined ? gt(t.deadlineAt, before) : or(gt(t.deadlineAt, before), and(eq(t.deadlineAt, before), gt(t.id, beforeId)));
        return seen.where(and(...narrowed(filter), isNull(t.archivedAt), isNotNull(t.deadlineAt), after)).orderBy(t.deadlineAt, t.id).limit(limit);
      }
      // The column of the index that is read: a department's tickets have their own. Late ones and the enterprises' are few and have small
      // indexes; an expression keeps the planner from walking all tickets by time until it has met enough of them.
      const few = filter.overdue === true || filter.enterprise === true;
      const made: SQL = seenBy !== undefined ? sql`${d.createdAt}` : few ? sql`(${t.createdAt} + 0)` : sql`${t.createdAt}`;
      const past = before === undefined ? undefined : beforeId === undefined ? lt(made, before) : and(lte(made, before), or(lt(made, before), lt(t.id, beforeId)));
      return seen.where(and(...narrowed(filter), past)).orderBy(desc(made), desc(t.id)).limit(limit);
    },
    async byCitizen(citizenId, limit) {
      return ofCitizen.execute({ citizenId, limit });
    },
    async byConversation(conversationId) {
      return db.select(shown).from(t).where(eq(t.conversationId, conversationId)).orderBy(t.createdAt, t.number);
    },
    async followers(leadingId) {
      return following.execute({ leadingId });
    },
    async countsByState() {
      return Object.fromEntries((await states.execute()).map((row): [Ticket['state'], number] => [row.state, row.amount]));
    },
  };

  function narrowed(filter: TicketFilter): (SQL | undefined)[] {
    const { states: wanted, departmentId, seenBy, itemCode, townId, kind, urgency, enterprise, overdue, dueBefore, supervision, leadingId, channel, text } = filter;
    const narrow: (SQL | undefined)[] = [];
    if (wanted !== undefined) narrow.push(inArray(t.state, [...wanted]));
    if (departmentId !== undefined) narrow.push(eq(t.departmentId, departmentId));
    if (seenBy !== undefined) narrow.push(eq(d.departmentId, seenBy));
    if (itemCode !== undefined) narrow.push(eq(t.itemCode, itemCode));
    if (townId !== undefined) narrow.push(eq(t.townId, townId));
    if (kind !== undefined) narrow.push(eq(t.kind, kind));
    if (urgency !== undefined) narrow.push(eq(t.urgency, urgency));
    if (enterprise !== undefined) narrow.push(enterprise ? isNotNull(t.enterpriseId) : isNull(t.enterpriseId));
    if (overdue === true) narrow.push(isNull(t.archivedAt), isNotNull(t.overdueAt));
    if (dueBefore !== undefined) narrow.push(isNull(t.archivedAt), isNotNull(t.deadlineAt), lt(t.deadlineAt, dueBefore));
    if (supervision !== undefined) narrow.push(gt(t.supervision, sql.raw('0')), gte(t.supervision, supervision));
    if (leadingId !== undefined) narrow.push(eq(t.leadingId, leadingId));
    if (channel !== undefined) narrow.push(eq(t.channel, channel));
    if (text !== undefined && text.trim() !== '') narrow.push(contains(text.trim()));
    return narrow;
  }

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
