import { createHash, timingSafeEqual } from 'node:crypto';
import { and, desc, eq, sql } from 'drizzle-orm';
import { AppError } from '../../domain/errors.ts';
import type { Ticket } from '../../domain/ticket.ts';
import type { TicketRepository } from '../contract.ts';
import { searchWords } from '../search-words.ts';
import type { Session } from '../session.ts';
import { first, given, isIn, listed, orderedUpToLimit, placeholders, setTo } from './statements.ts';
import { ticketColumns } from './ticket-columns.ts';
import { createTicketList } from './ticket-list.ts';

const CHANGEABLE = [
  'kind', 'state', 'stateBefore', 'pending', 'assistIds', 'enterpriseId', 'profileId', 'holds', 'overdueAt', 'dispatchedAt', 'signedAt', 'contactedAt', 'finishedAt', 'archivedAt', 'result', 'closure', 'visit',
  'returns', 'extensions', 'redirects', 'redos', 'vetoes', 'supervision', 'leadingId', 'itemCode', 'title', 'content', 'townId', 'place', 'happened', 'departmentId', 'routeId', 'urgency', 'confidential', 'callback', 'citizenId',
  'conversationId', 'channel', 'deadlineAt', 'deadlineRule', 'urges', 'updatedAt',
] as const satisfies readonly (keyof Ticket)[];
type TicketField = (typeof CHANGEABLE)[number];

export function createTicketRepository(session: Session): TicketRepository {
  const { db, vault, tables: { tickets: t, ticketEvents: e, ticketSequences: q, ticketDepartments: d, ticketTexts: x } } = session;
  const shown = ticketColumns(t);
  const takeSequence = db
    .insert(q)
    .values({ day: sql.placeholder('day'), last: 1 })
    .onConflictDoUpdate({ target: q.day, set: { last: sql`${q.last} + 1` } })
    .returning({ last: q.last })
    .prepare('ticket_sequences_take');
  const byId = db.select(shown).from(t).where(eq(t.id, given(t.id, 'id'))).prepare('tickets_by_id');
  const byIds = db.select(shown).from(t).where(isIn(session, t.id, 'ids')).orderBy(t.createdAt, t.number).prepare('tickets_by_ids');
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

  const putText = db.insert(x).values(placeholders({ ticketId: x.ticketId, createdAt: x.createdAt, words: x.words })).onConflictDoUpdate({ target: x.ticketId, set: { words: sql`excluded.words` } }).prepare('ticket_texts_put');
  const linkText = ({ id: ticketId, createdAt, title, content, place }: Ticket) => putText.execute({ ticketId, createdAt, words: searchWords([title, content, place]) });

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
      await linkText(ticket);
    },
    async findByOpeningKey(openingKey) {
      return first(await byOpeningKey.execute({ openingKey }));
    },
    async get(id) {
      return first(await byId.execute({ id }));
    },
    async getMany(ids) {
      return ids.length === 0 ? [] : byIds.execute({ ids: listed(ids) });
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
      if (change.title !== undefined || change.content !== undefined || change.place !== undefined) await linkText(after);
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
    list: createTicketList(session),
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
}

/** Hashing first makes the lengths equal; timingSafeEqual throws otherwise. */
function equalInConstantTime(left: string, right: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(left), digest(right));
}
