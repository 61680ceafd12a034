import { and, eq, sql } from 'drizzle-orm';
import { maskName, maskPhone } from '../../domain/masking.ts';
import { createRecent } from '../../domain/recent.ts';
import type { CitizenRepository } from '../contract.ts';
import type { Recall } from '../recall.ts';
import type { Session } from '../session.ts';
import { first, given, setTo } from './statements.ts';

/** What vouched numbers are found by; enterprises' numbers too, so that the two meet. */
export const PHONE_INDEX = 'citizen.phone';
/** Sealed numbers whose last digits are remembered: each turn asks for those of its citizen. */
const LAST4_KEPT = 4_096;

/**
 * The vault's people. Two things join: a channel's own id of a person, and a phone number that a channel vouches for.
 * When both are known and name different people, the vouched number wins: the channel id moves to its owner, what was
 * said before stays where it was said. A channel id whose person vouches for a number that nobody has takes it over.
 */
export function createCitizenRepository(session: Session, recall: Recall): CitizenRepository {
  const { db, vault, tables: { citizens: c, citizenIdentities: i } } = session;
  const byId = db.select().from(c).where(eq(c.id, given(c.id, 'id'))).prepare('citizens_by_id');
  const numbersById = db.select({ phoneSealed: c.phoneSealed, contactPhoneSealed: c.contactPhoneSealed }).from(c).where(eq(c.id, given(c.id, 'id'))).prepare('citizens_numbers_by_id');
  const byPhone = db.select({ id: c.id }).from(c).where(eq(c.phoneIndex, given(c.phoneIndex, 'phoneIndex'))).prepare('citizens_by_phone');
  const byUser = db
    .select({ id: c.id, phoneIndex: c.phoneIndex })
    .from(i)
    .innerJoin(c, eq(c.id, i.citizenId))
    .where(and(eq(i.channel, given(i.channel, 'channel')), eq(i.userIndex, given(i.userIndex, 'userIndex'))))
    .prepare('citizens_by_user');
  const insert = db
    .insert(c)
    .values({ id: sql.placeholder('id'), phoneSealed: sql.placeholder('phoneSealed'), phoneIndex: sql.placeholder('phoneIndex'), nameSealed: sql.placeholder('nameSealed'), createdAt: sql.placeholder('now') })
    .prepare('citizens_insert');
  const bindUser = db
    .insert(i)
    .values({ channel: sql.placeholder('channel'), userIndex: sql.placeholder('userIndex'), citizenId: sql.placeholder('id') })
    .onConflictDoUpdate({ target: [i.channel, i.userIndex], set: { citizenId: sql`excluded.citizen_id` } })
    .prepare('citizens_bind_user');
  const setVouched = db
    .update(c)
    .set({ phoneSealed: setTo(c.phoneSealed, 'phoneSealed'), phoneIndex: setTo(c.phoneIndex, 'phoneIndex') })
    .where(eq(c.id, given(c.id, 'id')))
    .prepare('citizens_set_vouched');
  const setContact = db.update(c).set({ contactPhoneSealed: setTo(c.contactPhoneSealed, 'sealed') }).where(eq(c.id, given(c.id, 'id'))).prepare('citizens_set_contact');
  const setName = db.update(c).set({ nameSealed: setTo(c.nameSealed, 'sealed') }).where(eq(c.id, given(c.id, 'id'))).prepare('citizens_set_name');

  /** The number to call back at: the one the citizen gave, else the vouched one. */
  async function reveal(citizenId: string): Promise<{ readonly phone: string | null; readonly name: string | null; readonly createdAt: number } | null> {
    const row = first(await byId.execute({ id: citizenId }));
    if (row === null) return null;
    const phoneSealed = row.contactPhoneSealed ?? row.phoneSealed;
    return {
      phone: phoneSealed === null ? null : vault.open(phoneSealed),
      name: row.nameSealed === null ? null : vault.open(row.nameSealed),
      createdAt: row.createdAt,
    };
  }

  /** By the sealed text: no seal is ever made twice, so what it opens to never changes. */
  const last4 = createRecent<string>(LAST4_KEPT);
  function last4Of(sealed: string): string {
    const known = last4.get(sealed);
    if (known !== undefined) return known;
    const digits = vault.open(sealed).slice(-4);
    last4.set(sealed, digits);
    return digits;
  }
  /** The turn that follows asks for the digits. */
  function sealNumber(phone: string): string {
    const sealed = vault.seal(phone);
    last4.set(sealed, phone.slice(-4));
    return sealed;
  }

  async function numberOf(citizenId: string): Promise<string | null> {
    const row = first(await numbersById.execute({ id: citizenId }));
    return row?.contactPhoneSealed ?? row?.phoneSealed ?? null;
  }

  return {
    async resolve({ id, channel, externalUserId, phone, displayName, now }) {
      const phoneIndex = phone === null ? null : vault.blindIndex(PHONE_INDEX, phone);
      const userIndex = externalUserId === null ? null : vault.blindIndex(`citizen.user ${channel}`, externalUserId);
      // Two first messages of one person at once must not make two people.
      const knownUser = userIndex === null ? null : first(await byUser.execute({ channel, userIndex }));
      if (knownUser !== null && (phoneIndex === null || knownUser.phoneIndex === phoneIndex)) return knownUser.id;
      if (userIndex !== null) await session.lockName(`citizen ${userIndex}`);
      if (phoneIndex !== null) await session.lockName(`citizen ${phoneIndex}`);
      const user = userIndex === null ? null : first(await byUser.execute({ channel, userIndex }));
      const owner = phoneIndex === null ? null : first(await byPhone.execute({ phoneIndex }));
      let citizenId = owner?.id ?? user?.id ?? null;
      if (citizenId === null) {
        await insert.execute({
          id, phoneIndex, now,
          phoneSealed: phone === null ? null : sealNumber(phone),
          nameSealed: displayName === null || displayName === '' ? null : vault.seal(displayName),
        });
        citizenId = id;
      } else if (owner === null && phone !== null) {
        await setVouched.execute({ id: citizenId, phoneIndex, phoneSealed: sealNumber(phone) });
      }
      if (userIndex !== null && user?.id !== citizenId) await bindUser.execute({ channel, userIndex, id: citizenId });
      return citizenId;
    },
    async learn(citizenId, { phone, name }) {
      if (phone !== undefined && phone !== '') await setContact.execute({ id: citizenId, sealed: sealNumber(phone) });
      if (name !== undefined && name !== '') await setName.execute({ id: citizenId, sealed: vault.seal(name) });
    },
    async findByPhone(phone) {
      return first(await byPhone.execute({ phoneIndex: vault.blindIndex(PHONE_INDEX, phone) }))?.id ?? null;
    },
    async summary(citizenId) {
      const known = await reveal(citizenId);
      if (known === null) return null;
      return {
        id: citizenId,
        phoneMasked: known.phone === null ? null : maskPhone(known.phone),
        phoneLast4: known.phone === null ? null : known.phone.slice(-4),
        nameMasked: known.name === null ? null : maskName(known.name),
        createdAt: known.createdAt,
      };
    },
    async phoneLast4(citizenId) {
      const facts = recall.facts();
      const sealed = facts?.conversation.citizenId === citizenId ? facts.phoneSealed : await numberOf(citizenId);
      return sealed === null ? null : last4Of(sealed);
    },
    async reveal(citizenId) {
      const known = await reveal(citizenId);
      return known === null ? null : { phone: known.phone, name: known.name };
    },
  };
}
