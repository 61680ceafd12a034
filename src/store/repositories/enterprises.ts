import { and, eq, gt, inArray, like, ne, or, type SQL, sql } from 'drizzle-orm';
import type { EnterpriseRepository } from '../contract.ts';
import type { Session } from '../session.ts';
import { PHONE_INDEX } from './citizens.ts';
import { first, given } from './statements.ts';

/** 企业直通车: the register, the numbers that enterprises call from (keyed hashes only) and who speaks for them. */
export function createEnterpriseRepository(session: Session): EnterpriseRepository {
  const { db, vault, tables: { enterprises: e, enterprisePhones: p, enterpriseMembers: m, citizens: c, conversations: v } } = session;
  const byId = db.select().from(e).where(eq(e.id, given(e.id, 'id'))).prepare('enterprises_by_id');
  const ofCitizen = db.select({ enterprise: e }).from(m).innerJoin(e, eq(e.id, m.enterpriseId)).where(and(eq(m.citizenId, given(m.citizenId, 'citizenId')), eq(e.active, true))).prepare('enterprises_of_citizen');
  // Every new call asks: most numbers are no enterprise's.
  const byNumber = db.select({ id: e.id }).from(p).innerJoin(e, eq(e.id, p.enterpriseId)).where(and(eq(p.phoneIndex, given(p.phoneIndex, 'phoneIndex')), eq(e.active, true))).prepare('enterprises_by_number');
  const indexOf = (phone: string): string => vault.blindIndex(PHONE_INDEX, phone);

  async function bind(citizenId: string, enterpriseId: string | null, at: number): Promise<void> {
    if (enterpriseId === null) await db.delete(m).where(eq(m.citizenId, citizenId));
    else await db.insert(m).values({ citizenId, enterpriseId, at }).onConflictDoUpdate({ target: m.citizenId, set: { enterpriseId, at } });
    await db.update(v).set({ enterpriseId }).where(and(eq(v.citizenId, citizenId), ne(v.owner, 'closed')));
  }

  return {
    async put(enterprise, phones) {
      const { id: _, createdAt: __, creditCode: ___, ...change } = enterprise;
      const stored = first(await db.insert(e).values(enterprise).onConflictDoUpdate({ target: e.creditCode, set: change }).returning({ id: e.id }));
      const enterpriseId = stored?.id ?? enterprise.id;
      await db.delete(p).where(eq(p.enterpriseId, enterpriseId));
      const indexes = [...new Set(phones.map(indexOf))];
      if (indexes.length === 0) return;
      // A number that moved from one enterprise to another goes with the newer list.
      await db.insert(p).values(indexes.map((phoneIndex) => ({ phoneIndex, enterpriseId }))).onConflictDoUpdate({ target: p.phoneIndex, set: { enterpriseId } });
      for (const citizen of await db.select({ id: c.id }).from(c).where(inArray(c.phoneIndex, indexes))) await bind(citizen.id, enterpriseId, enterprise.updatedAt);
    },
    bind,
    async get(id) {
      return first(await byId.execute({ id }));
    },
    async findByCreditCode(creditCode) {
      return first(await db.select().from(e).where(eq(e.creditCode, creditCode)));
    },
    async findByPhone(phone) {
      return first(await db.select({ enterprise: e }).from(p).innerJoin(e, eq(e.id, p.enterpriseId)).where(and(eq(p.phoneIndex, indexOf(phone)), eq(e.active, true))))?.enterprise ?? null;
    },
    async ofCitizen(citizenId) {
      return first(await ofCitizen.execute({ citizenId }))?.enterprise ?? null;
    },
    async recognise(citizenId, phone, at) {
      const found = first(await byNumber.execute({ phoneIndex: indexOf(phone) }));
      if (found !== null) await db.insert(m).values({ citizenId, enterpriseId: found.id, at }).onConflictDoNothing({ target: m.citizenId });
    },
    async list({ text, limit, afterId }) {
      const narrow: (SQL | undefined)[] = [];
      if (afterId !== undefined) narrow.push(gt(e.id, afterId));
      if (text !== undefined && text.trim() !== '') {
        const pattern = `%${text.trim().replaceAll(/[\\%_]/g, '\\$&')}%`;
        const code = text.trim().toUpperCase();
        narrow.push(or(sql`${e.name} like ${pattern} escape '\\'`, /^[0-9A-Z]+$/.test(code) ? like(e.creditCode, `${code}%`) : undefined));
      }
      return db.select().from(e).where(and(...narrow)).orderBy(e.id).limit(limit);
    },
  };
}
