import { and, count, desc, eq, gte, inArray, isNull, like, lt, max, min, or, type SQL } from 'drizzle-orm';
import type { ChannelFacts, ChannelFactsRepository, DeadLetterRepository } from '../contract.ts';
import type { Session } from '../session.ts';
import { first } from './statements.ts';

/** Newest conversations of each owner, and newest receipts, that are looked at. */
const CONVERSATIONS = 400;
const RECEIPTS = 2_000;
/** Sends that wait are counted up to here. */
const WAITING = 20_000;
const OWNERS = ['bot', 'waiting', 'human', 'closed'] as const;
/** Lane of what is sent to one conversation: `send:<conversation id>`. */
const SEND = 'send:';
/** The character after the colon: lanes of sends lie between. */
const AFTER_SEND = 'send;';

export function createDeadLetterRepository(session: Session): DeadLetterRepository {
  const { db, tables: { outbox: o } } = session;
  const dead = eq(o.state, 'dead');
  return {
    async list({ kind, error, q, limit, before }) {
      const wanted: (SQL | undefined)[] = [
        dead, kind === undefined ? undefined : eq(o.kind, kind), error === undefined ? undefined : error === '' ? isNull(o.lastError) : eq(o.lastError, error),
        q === undefined ? undefined : or(...[o.id, o.lane, o.lastError].map((column) => like(column, `%${escaped(q)}%`))),
        before === undefined ? undefined : or(lt(o.availableAt, before.at), and(eq(o.availableAt, before.at), lt(o.position, before.position))),
      ];
      return db.select().from(o).where(and(...wanted)).orderBy(desc(o.availableAt), desc(o.position)).limit(limit);
    },
    async groups() {
      const amount = count();
      const rows = await db.select({ kind: o.kind, error: o.lastError, amount, oldestAt: min(o.createdAt), newestAt: max(o.availableAt) }).from(o).where(dead).groupBy(o.kind, o.lastError).orderBy(desc(amount), o.kind);
      return rows.map((row) => ({ ...row, oldestAt: row.oldestAt ?? 0, newestAt: row.newestAt ?? 0 }));
    },
    async discard(id) {
      return first(await db.delete(o).where(and(eq(o.id, id), dead)).returning());
    },
  };
}

/** In a pattern these would stand for anything. */
const escaped = (text: string): string => text.replace(/[%_\\]/g, '');

export function createChannelFactsRepository(session: Session): ChannelFactsRepository {
  const { db, tables: { outbox: o, conversations: c, receipts: r } } = session;

  /** Channels of these conversations. */
  const channelsOf = async (ids: readonly string[]): Promise<ReadonlyMap<string, string>> => {
    const channels = new Map<string, string>();
    const wanted = [...new Set(ids)];
    for (let from = 0; from < wanted.length; from += 500) {
      for (const { id, channel } of await db.select({ id: c.id, channel: c.channel }).from(c).where(inArray(c.id, wanted.slice(from, from + 500)))) channels.set(id, channel);
    }
    return channels;
  };

  return {
    async all(since) {
      const facts = new Map<string, { -readonly [Key in keyof ChannelFacts]: ChannelFacts[Key] }>();
      const of = (channel: string) => {
        const found = facts.get(channel) ?? { channel, lastInAt: null, lastOutAt: null, waiting: 0, oldestAt: null, dead: 0, errors: [] };
        facts.set(channel, found);
        return found;
      };
      for (const owner of OWNERS) {
        const newest = await db.select({ channel: c.channel, lastInboundAt: c.lastInboundAt }).from(c).where(eq(c.owner, owner)).orderBy(desc(c.lastActivityAt)).limit(CONVERSATIONS);
        for (const { channel, lastInboundAt } of newest) {
          const fact = of(channel);
          if (lastInboundAt !== null) fact.lastInAt = Math.max(fact.lastInAt ?? 0, lastInboundAt);
        }
      }
      const receipts = await db.select({ conversationId: r.conversationId, status: r.status, code: r.code, at: r.at }).from(r).orderBy(desc(r.position)).limit(RECEIPTS);
      const sends = await db.select({ lane: o.lane, state: o.state, createdAt: o.createdAt }).from(o).where(and(inArray(o.state, ['ready', 'dead']), gte(o.lane, SEND), lt(o.lane, AFTER_SEND))).limit(WAITING);
      const channels = await channelsOf([...receipts.map(({ conversationId }) => conversationId), ...sends.map(({ lane }) => lane.slice(SEND.length))]);
      for (const { conversationId, status, code, at } of receipts) {
        const channel = channels.get(conversationId);
        if (channel === undefined) continue;
        const fact = of(channel);
        if (status === 'delivered') fact.lastOutAt = Math.max(fact.lastOutAt ?? 0, at);
        else if (at >= since && code !== null) {
          const known = fact.errors.find((error) => error.code === code && error.status === status);
          fact.errors = known === undefined ? [...fact.errors, { code, status, amount: 1, lastAt: at }] : fact.errors.map((error) => (error === known ? { ...error, amount: error.amount + 1, lastAt: Math.max(error.lastAt, at) } : error));
        }
      }
      for (const { lane, state, createdAt } of sends) {
        const channel = channels.get(lane.slice(SEND.length));
        if (channel === undefined) continue;
        const fact = of(channel);
        if (state === 'dead') fact.dead += 1;
        else {
          fact.waiting += 1;
          fact.oldestAt = Math.min(fact.oldestAt ?? createdAt, createdAt);
        }
      }
      return [...facts.values()].map((fact) => ({ ...fact, errors: fact.errors.toSorted((a, b) => b.amount - a.amount) })).toSorted((a, b) => (a.channel < b.channel ? -1 : 1));
    },
  };
}
