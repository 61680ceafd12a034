import { and, desc, eq, gt, inArray, isNotNull, isNull, lt, or, type SQL, sql } from 'drizzle-orm';
import { AppError } from '../../domain/errors.ts';
import type { Conversation, Owner } from '../../domain/conversation.ts';
import type { JsonValue } from '../../domain/json.ts';
import type { ConversationChange, ConversationRepository } from '../contract.ts';
import type { Recall } from '../recall.ts';
import type { Session } from '../session.ts';
import { createTurnFactsReader } from './turn-facts.ts';
import { first, given, setTo } from './statements.ts';

const OWNERS: readonly Owner[] = ['bot', 'waiting', 'human', 'closed'];
const CHANGEABLE = ['owner', 'seatId', 'handoffReason', 'waitingSince', 'emergency', 'understood', 'unread', 'lastInboundAt', 'locale', 'collectedSeq'] as const satisfies readonly (keyof ConversationChange)[];
/** Counting rows of an owner takes a second at ten million; adding up slots does not. */
const TALLY_SLOTS = 8;

/** Which fields are changed, a bit for each. */
function maskOf(change: ConversationChange): number {
  let mask = 0;
  for (let index = 0; index < CHANGEABLE.length; index += 1) {
    const field = CHANGEABLE[index];
    if (field !== undefined && change[field] !== undefined) mask |= 1 << index;
  }
  return mask;
}

function changed<Value>(value: Value | undefined, stored: Value): Value {
  return value === undefined ? stored : value;
}

/** Changes a conversation together with taking seqs; for the activity repository. */
export interface ConversationAdvance {
  /** Takes `amount` seqs at time `at` and applies `change`, in one statement. @throws AppError `conversation.conflict` */
  advance(stored: Conversation, change: ConversationChange, take: { readonly amount: number; readonly at: number; readonly collect: boolean }): Promise<Conversation>;
}

/** `create` answers with the conversation that is there when the address is taken already. */
export function createConversationRepository(session: Session, recall: Recall): ConversationRepository & ConversationAdvance {
  const { db, vault, tables: { conversations: c, conversationStates: s, conversationTallies: n, enterprises: e, enterpriseMembers: m } } = session;
  const byId = db.select().from(c).where(eq(c.id, given(c.id, 'id'))).prepare('conversations_by_id');
  const byAddress = createTurnFactsReader(session);
  const insert = db
    .insert(c)
    .values({
      id: sql.placeholder('id'), channel: sql.placeholder('channel'), address: sql.placeholder('address'), modality: sql.placeholder('modality'),
      locale: sql.placeholder('locale'), citizenId: sql.placeholder('citizenId'), owner: 'bot', unread: 0,
      enterpriseId: sql`(select ${m.enterpriseId} from ${m} inner join ${e} on ${e.id} = ${m.enterpriseId} and ${e.active} where ${m.citizenId} = ${given(m.citizenId, 'citizenId')})`,
      createdAt: sql.placeholder('now'), lastActivityAt: sql.placeholder('now'), lastSeq: 0, collectedSeq: 0, version: 1,
    })
    .onConflictDoNothing({ target: [c.channel, c.address] })
    .returning()
    .prepare('conversations_insert');
  const stateById = db.select({ sealed: s.stateSealed }).from(s).where(eq(s.conversationId, given(s.conversationId, 'id'))).prepare('conversation_states_by_id');
  const putState = db
    .insert(s)
    .values({ conversationId: sql.placeholder('id'), stateSealed: sql.placeholder('sealed') })
    .onConflictDoUpdate({ target: s.conversationId, set: { stateSealed: sql`excluded.state_sealed` } })
    .prepare('conversation_states_put');
  const addTally = db
    .insert(n)
    .values({ owner: sql.placeholder('owner'), slot: sql.placeholder('slot'), amount: sql.placeholder('delta') })
    .onConflictDoUpdate({ target: [n.owner, n.slot], set: { amount: sql`${n.amount} + excluded.amount` } })
    .prepare('conversation_tallies_add');
  const tallies = db.select({ owner: n.owner, amount: sql<number>`sum(${n.amount})`.mapWith(Number) }).from(n).groupBy(n.owner).prepare('conversation_tallies_sum');

  /** One statement per set of changed fields: a turn changes the same few every time. */
  const updates = new Map<string, ReturnType<typeof prepareUpdate>>();
  function prepareUpdate(fields: readonly (typeof CHANGEABLE)[number][], name: string) {
    const changes = Object.fromEntries(fields.map((field) => [field, setTo(c[field], field)]));
    return db
      .update(c)
      .set({ ...changes, version: sql`${c.version} + 1` })
      .where(and(eq(c.id, given(c.id, 'id')), eq(c.version, given(c.version, 'seen'))))
      .returning()
      .prepare(name);
  }

  /** The same with taking seqs. */
  const advances = new Map<number, ReturnType<typeof prepareAdvance>>();
  function prepareAdvance(fields: readonly (typeof CHANGEABLE)[number][], collect: boolean, name: string) {
    const changes = Object.fromEntries(fields.map((field) => [field, setTo(c[field], field)]));
    const newSeq = sql`${c.lastSeq} + ${given(c.lastSeq, 'amount')}`;
    return db
      .update(c)
      .set({
        ...changes,
        version: sql`${c.version} + 1`,
        lastSeq: newSeq,
        lastActivityAt: sql`case when ${c.lastActivityAt} > ${given(c.lastActivityAt, 'at')} then ${c.lastActivityAt} else ${given(c.lastActivityAt, 'at')} end`,
        ...(collect ? { collectedSeq: newSeq } : {}),
      })
      .where(and(eq(c.id, given(c.id, 'id')), eq(c.version, given(c.version, 'seen'))))
      .returning({ lastSeq: c.lastSeq, lastActivityAt: c.lastActivityAt, collectedSeq: c.collectedSeq })
      .prepare(name);
  }

  async function get(id: string): Promise<Conversation | null> {
    const facts = recall.facts();
    if (facts?.conversation.id === id) return facts.conversation;
    return first(await byId.execute({ id }));
  }

  async function findByAddress(channel: string, address: Conversation['address']): Promise<Conversation | null> {
    const facts = await byAddress(channel, address);
    if (facts === null) return null;
    recall.remember(facts);
    return facts.conversation;
  }

  async function tally(id: string, deltas: readonly (readonly [Owner, number])[]): Promise<void> {
    const slot = id.charCodeAt(id.length - 1) % TALLY_SLOTS;
    // Always in the same order, so that two transactions do not wait for each other in a ring.
    for (const [owner, delta] of deltas.toSorted(([a], [b]) => OWNERS.indexOf(a) - OWNERS.indexOf(b))) await addTally.execute({ owner, slot, delta });
  }

  return {
    get,
    findByAddress,
    async create(wanted) {
      const made = first(await insert.execute({ ...wanted }));
      if (made !== null) {
        await tally(made.id, [['bot', 1]]);
        return made;
      }
      const there = await findByAddress(wanted.channel, wanted.address);
      if (there === null) throw new AppError('conversation.conflict', 'the conversation was made and gone', { retry: 'conflict', status: 409 });
      return there;
    },
    async update(id, version, change) {
      const before = change.owner === undefined ? null : await get(id);
      const fields = CHANGEABLE.filter((field) => change[field] !== undefined);
      const key = fields.join('_');
      let statement = updates.get(key);
      if (statement === undefined) {
        statement = prepareUpdate(fields, `conversations_update_${updates.size}`);
        updates.set(key, statement);
      }
      const after = first(await statement.execute({ ...change, id, seen: version }));
      if (after === null) throw conflict(id, version);
      if (before !== null && before.owner !== after.owner) await tally(id, [[before.owner, -1], [after.owner, 1]]);
      return after;
    },
    async advance(stored, change, { amount, at, collect }) {
      const mask = maskOf(change) * 2 + (collect ? 1 : 0);
      let statement = advances.get(mask);
      if (statement === undefined) {
        const fields = CHANGEABLE.filter((field) => change[field] !== undefined && !(collect && field === 'collectedSeq'));
        statement = prepareAdvance(fields, collect, `conversations_advance_${advances.size}`);
        advances.set(mask, statement);
      }
      // Field by field, here and below: at every turn, copying takes longer than the statement.
      const { owner: newOwner, seatId, handoffReason, waitingSince, emergency, understood, unread, lastInboundAt, locale, collectedSeq } = change;
      const taken = first(await statement.execute({ owner: newOwner, seatId, handoffReason, waitingSince, emergency, understood, unread, lastInboundAt, locale, collectedSeq, id: stored.id, seen: stored.version, amount, at }));
      if (taken === null) throw conflict(stored.id, stored.version);
      const owner = newOwner ?? stored.owner;
      if (owner !== stored.owner) await tally(stored.id, [[stored.owner, -1], [owner, 1]]);
      return {
        id: stored.id, channel: stored.channel, address: stored.address, modality: stored.modality, locale: changed(locale, stored.locale), citizenId: stored.citizenId, owner,
        seatId: changed(seatId, stored.seatId), handoffReason: changed(handoffReason, stored.handoffReason), enterpriseId: stored.enterpriseId, waitingSince: changed(waitingSince, stored.waitingSince),
        emergency: changed(emergency, stored.emergency), understood: changed(understood, stored.understood), unread: changed(unread, stored.unread), createdAt: stored.createdAt,
        lastInboundAt: changed(lastInboundAt, stored.lastInboundAt), lastActivityAt: taken.lastActivityAt, lastSeq: taken.lastSeq, collectedSeq: taken.collectedSeq, version: stored.version + 1,
      };
    },
    async loadState(id) {
      const row = first(await stateById.execute({ id }));
      if (row === null) return null;
      const state: JsonValue = JSON.parse(vault.open(row.sealed));
      return state;
    },
    async saveState(id, state) {
      await putState.execute({ id, sealed: vault.seal(JSON.stringify(state)) });
    },
    async list({ owner, seatId, emergency, limit, before, waitingAfter }) {
      const narrow: (SQL | undefined)[] = [];
      if (seatId !== undefined) narrow.push(eq(c.seatId, seatId));
      if (emergency !== undefined) narrow.push(emergency ? isNotNull(c.emergency) : isNull(c.emergency));
      if (before !== undefined) narrow.push(lt(c.lastActivityAt, before));
      const newestFirst = (...more: (SQL | undefined)[]) => db.select().from(c).where(and(...narrow, ...more)).orderBy(desc(c.lastActivityAt)).limit(limit);
      const owners = owner ?? OWNERS;
      if (owners.length === 1 && owners[0] === 'waiting') {
        const rank = sql`case when ${c.emergency} is not null then 0 when ${c.enterpriseId} is not null then 1 else 2 end`;
        if (waitingAfter !== undefined) {
          const { class: last, waitingSince, id } = waitingAfter;
          narrow.push(or(gt(rank, last), and(eq(rank, last), or(gt(c.waitingSince, waitingSince), and(eq(c.waitingSince, waitingSince), gt(c.id, id))))));
        }
        return db.select().from(c).where(and(eq(c.owner, 'waiting'), ...narrow)).orderBy(rank, c.waitingSince, c.id).limit(limit);
      }
      // A seat's or the emergencies' own index is the small one: the owner must not tempt the planner away from it.
      if (seatId !== undefined || emergency === true) return newestFirst(inArray(sql`(${c.owner} || '')`, [...owners]));
      // One ordered look per owner, then merged: IN with ORDER BY would sort everything an owner ever had.
      const lists: Conversation[][] = [];
      for (const one of owners) lists.push(await newestFirst(eq(c.owner, one)));
      return lists.flat().toSorted((a, b) => b.lastActivityAt - a.lastActivityAt).slice(0, limit);
    },
    async ofCitizen(citizenId, limit) {
      return db.select().from(c).where(eq(c.citizenId, citizenId)).orderBy(desc(c.lastActivityAt), desc(c.id)).limit(limit);
    },
    async counts() {
      const counts = { bot: 0, waiting: 0, human: 0, closed: 0 };
      for (const row of await tallies.execute()) counts[row.owner] = row.amount;
      return counts;
    },
  };
}

function conflict(conversationId: string, version: number): AppError {
  return new AppError('conversation.conflict', 'the conversation was changed by somebody else', { retry: 'conflict', status: 409, details: { conversationId, version } });
}
