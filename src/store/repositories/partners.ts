import { createHash, timingSafeEqual } from 'node:crypto';
import { and, asc, desc, eq, exists, gte, inArray, isNull, lt, ne, or, type SQL } from 'drizzle-orm';
import type { ApiTokenRepository, ExternalNumberRepository, PartnerRepository, PartnerTicketRepository, WebhookDeliveryRepository } from '../contract.ts';
import type { Session } from '../session.ts';
import { first, given, placeholders } from './statements.ts';

/** Keys of the world outside. Only hashes are here; whoever reads the table cannot use one. */
export function createApiTokenRepository(session: Session): ApiTokenRepository {
  const { db, tables: { apiTokens: a } } = session;
  const fields = { id: a.id, kind: a.kind, ownerId: a.ownerId, name: a.name, createdBy: a.createdBy, createdAt: a.createdAt, expiresAt: a.expiresAt, revokedAt: a.revokedAt };
  const byHash = db.select({ ...fields, tokenHash: a.tokenHash }).from(a).where(eq(a.tokenHash, given(a.tokenHash, 'tokenHash'))).prepare('api_tokens_by_hash');
  return {
    async insert(token, tokenHash) {
      await db.insert(a).values({ ...token, tokenHash });
    },
    async findByHash(tokenHash, now) {
      const found = first(await byHash.execute({ tokenHash }));
      // The index compares hashes byte by byte; what counts is compared once more, in constant time.
      if (found === null || !equalInConstantTime(found.tokenHash, tokenHash)) return null;
      const { tokenHash: _hash, ...token } = found;
      return token.revokedAt !== null || (token.expiresAt !== null && token.expiresAt <= now) ? null : token;
    },
    async list({ kind, ownerId }) {
      return db.select(fields).from(a).where(and(kind === undefined ? undefined : eq(a.kind, kind), ownerId === undefined ? undefined : eq(a.ownerId, ownerId))).orderBy(asc(a.createdAt), asc(a.id));
    },
    async revoke(id, at) {
      await db.update(a).set({ revokedAt: at }).where(and(eq(a.id, id), isNull(a.revokedAt)));
    },
  };
}

export function createPartnerRepository(session: Session): PartnerRepository {
  const { db, vault, tables: { partners: p } } = session;
  const fields = { id: p.id, name: p.name, webhookUrl: p.webhookUrl, events: p.events, scope: p.scope, active: p.active, createdAt: p.createdAt };
  const byId = db.select(fields).from(p).where(eq(p.id, given(p.id, 'id'))).prepare('partners_by_id');
  const secretOf = db.select({ sealed: p.secretSealed }).from(p).where(eq(p.id, given(p.id, 'id'))).prepare('partners_secret');
  return {
    async put(partner, webhookSecret) {
      const { id: _id, createdAt: _createdAt, ...change } = partner;
      const secretSealed = webhookSecret === null ? null : vault.seal(webhookSecret);
      await db.insert(p).values({ ...partner, secretSealed }).onConflictDoUpdate({ target: p.id, set: { ...change, ...(secretSealed === null ? {} : { secretSealed }) } });
    },
    async get(id) {
      return first(await byId.execute({ id }));
    },
    async list() {
      return db.select(fields).from(p).orderBy(asc(p.createdAt), asc(p.id));
    },
    async webhookSecret(id) {
      const sealed = first(await secretOf.execute({ id }))?.sealed ?? null;
      return sealed === null ? null : vault.open(sealed);
    },
  };
}

export function createExternalNumberRepository(session: Session): ExternalNumberRepository {
  const { db, tables: { externalNumbers: x } } = session;
  const one = db.select().from(x).where(and(eq(x.partnerId, given(x.partnerId, 'partnerId')), eq(x.number, given(x.number, 'number')))).prepare('external_numbers_one');
  const ofTicket = db.select().from(x).where(eq(x.ticketId, given(x.ticketId, 'ticketId'))).orderBy(asc(x.at), asc(x.partnerId), asc(x.number)).prepare('external_numbers_of_ticket');
  return {
    async insert(external) {
      await db.insert(x).values(external);
    },
    async find(partnerId, number) {
      return first(await one.execute({ partnerId, number }));
    },
    async of(ticketId) {
      return ofTicket.execute({ ticketId });
    },
  };
}

/** Ids only: the rows come from the tickets' own repository. */
export function createPartnerTicketRepository(session: Session): PartnerTicketRepository {
  const { db, tables: { tickets: t, externalNumbers: x } } = session;
  return {
    async visibleIds({ partnerId, numbers, itemCodes, withoutItem, from, to, archived, limit, offset }) {
      const open = eq(t.confidential, false);
      const own = partnerId === null ? undefined : exists(db.select({ ticketId: x.ticketId }).from(x).where(and(eq(x.ticketId, t.id), eq(x.partnerId, partnerId))));
      const narrow: (SQL | undefined)[] = [own === undefined ? open : or(open, own)];
      if (numbers !== undefined) narrow.push(inArray(t.number, [...numbers]));
      if (itemCodes !== undefined || withoutItem === true) {
        const named = itemCodes === undefined || itemCodes.length === 0 ? undefined : inArray(t.itemCode, [...itemCodes]);
        narrow.push(withoutItem === true ? or(named, isNull(t.itemCode)) : named);
      }
      if (from !== undefined) narrow.push(gte(t.createdAt, from));
      if (to !== undefined) narrow.push(lt(t.createdAt, to));
      if (archived !== undefined) narrow.push(archived ? eq(t.state, '归档') : ne(t.state, '归档'));
      const rows = await db.select({ id: t.id }).from(t).where(and(...narrow)).orderBy(desc(t.createdAt), desc(t.number)).limit(limit).offset(offset);
      return rows.map(({ id }) => id);
    },
  };
}

export function createWebhookDeliveryRepository(session: Session): WebhookDeliveryRepository {
  const { db, tables: { webhookDeliveries: w } } = session;
  const fields = { id: w.id, partnerId: w.partnerId, ticketId: w.ticketId, seq: w.seq, state: w.state, attempts: w.attempts, lastResult: w.lastResult, createdAt: w.createdAt, deliveredAt: w.deliveredAt };
  const insertRow = db.insert(w).values(placeholders(fields)).prepare('webhook_deliveries_insert');
  const byId = db.select(fields).from(w).where(eq(w.id, given(w.id, 'id'))).prepare('webhook_deliveries_by_id');
  return {
    async insert(delivery) {
      await insertRow.execute({ ...delivery });
    },
    async get(id) {
      return first(await byId.execute({ id }));
    },
    async update(id, change) {
      await db.update(w).set(change).where(eq(w.id, id));
    },
    async list({ partnerId, state, limit, beforeId }) {
      const narrow = [partnerId === undefined ? undefined : eq(w.partnerId, partnerId), state === undefined ? undefined : eq(w.state, state), beforeId === undefined ? undefined : lt(w.id, beforeId)];
      return db.select(fields).from(w).where(and(...narrow)).orderBy(desc(w.id)).limit(limit);
    },
    async removeDelivered(before, limit) {
      // Ids grow with time: the oldest are read by the index on state and id.
      const oldest = await db.select({ id: w.id, createdAt: w.createdAt }).from(w).where(eq(w.state, 'delivered')).orderBy(asc(w.id)).limit(limit);
      const over = oldest.filter(({ createdAt }) => createdAt < before).map(({ id }) => id);
      if (over.length > 0) await db.delete(w).where(inArray(w.id, over));
      return over.length;
    },
  };
}

/** Hashing first makes the lengths equal; timingSafeEqual throws otherwise. */
function equalInConstantTime(left: string, right: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(left), digest(right));
}
