import type { Kit } from './kit.ts';

export type PeopleTables = ReturnType<typeof peopleTables>;

/** The identity vault: what is about a person is sealed; what must be found is a keyed blind index. */
export function peopleTables({ table, text, int, index, primaryKey }: Kit) {
  const citizens = table('citizens', {
    id: text('id').primaryKey(),
    /** A number the channel vouches for; the person is joined by it. */
    phoneSealed: text('phone_sealed'),
    phoneIndex: text('phone_index').unique(),
    /** A number the citizen gave; for calling back only. */
    contactPhoneSealed: text('contact_phone_sealed'),
    nameSealed: text('name_sealed'),
    createdAt: int('created_at').notNull(),
  });
  const citizenIdentities = table(
    'citizen_identities',
    {
      channel: text('channel').notNull(),
      userIndex: text('user_index').notNull(),
      citizenId: text('citizen_id').notNull().references(() => citizens.id),
    },
    (t) => [primaryKey({ columns: [t.channel, t.userIndex] }), index('citizen_identities_citizen').on(t.citizenId)],
  );
  return { citizens, citizenIdentities };
}
