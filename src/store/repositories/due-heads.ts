import { aliasedTable, and, eq, gt, lt, lte, notExists, or, type SQL, sql } from 'drizzle-orm';
import type { Session } from '../session.ts';
import { given } from './statements.ts';

/**
 * Condition on an outbox row: it is the due head of a lane that nobody holds. A head is due and has nothing before it
 * that is due (that would be the head) or blocks. Wants a value named `now`.
 */
export function isDueHead({ db, tables: { outbox: o, lanes: l } }: Session): SQL | undefined {
  const earlier = aliasedTable(o, 'earlier');
  const somethingBefore = db
    .select({ one: sql`1` })
    .from(earlier)
    .where(and(eq(earlier.state, 'ready'), eq(earlier.lane, o.lane), lt(earlier.position, o.position), or(lte(earlier.availableAt, given(o.availableAt, 'now')), eq(earlier.blocking, true))));
  const liveLease = db.select({ one: sql`1` }).from(l).where(and(eq(l.lane, o.lane), gt(l.expiresAt, given(l.expiresAt, 'now'))));
  return and(eq(o.state, 'ready'), lte(o.availableAt, given(o.availableAt, 'now')), notExists(somethingBefore), notExists(liveLease));
}
