import { beijingDay, BEIJING_OFFSET, DAY, HOUR } from '../../domain/clock.ts';
import { clusterSlowly } from '../../matcher/alike/cluster.ts';
import type { ComparedTicket, TicketPlace } from '../../store/contract.ts';
import type { AlikeContext } from './context.ts';
import { asAlike, type AlikeKeeper } from './keeper.ts';
import { proposeFor } from './look.ts';

/**
 * Once a night, on one node: the newest open tickets are gathered into matters, and who is of one with others is looked at again; what
 * the day missed (a crash after the commit, a corrected item) is proposed now. Forgets proposals that nobody can decide any more.
 */

export interface NightlyResult {
  readonly tickets: number;
  readonly matters: number;
  readonly proposed: number;
  readonly forgotten: number;
}

const MARK = { channel: 'house', key: 'alike-nightly' } as const;
/** Beijing hours. */
const FROM_HOUR = 2;
const TO_HOUR = 6;
/** Copies and close variants; for hot matters cluster.ts has 0.2. */
const NEAR = 0.6;
const NEWEST_DAYS = 60;
const MOST_TICKETS = 10_000;
const PAGE = 400;
const READ_AT_ONCE = 50;
const FORGET_AT_ONCE = 500;
/** Undecided proposals are kept so long even if a ticket of them is archived. */
const KEEP_MS = 7 * DAY;

/** Null: it is not night, another node does it, or it is done. */
export async function nightly(context: AlikeContext, keeper: AlikeKeeper, pause: () => Promise<void>): Promise<NightlyResult | null> {
  const now = context.now();
  const hour = Math.floor(((now + BEIJING_OFFSET) % DAY) / HOUR);
  if (hour < FROM_HOUR || hour >= TO_HOUR || !keeper.status().loaded) return null;
  const today = beijingDay(now);
  const isOurs = await context.write(async ({ repos }) => {
    if ((await repos.channelState.get(MARK.channel, MARK.key, now)) === today) return false;
    await repos.channelState.put(MARK.channel, MARK.key, today, null);
    return true;
  });
  return isOurs ? gather(context, keeper, pause) : null;
}

/** The work of a night, at any time. */
export async function gather(context: AlikeContext, keeper: AlikeKeeper, pause: () => Promise<void>): Promise<NightlyResult> {
  const tickets = await newestOpen(context, pause);
  const work = clusterSlowly(tickets.map(asAlike), { nearness: NEAR, rarity: keeper.index.rarity });
  let step = work.next();
  for (; step.done !== true; step = work.next()) await pause();
  const byId = new Map(tickets.map((ticket) => [ticket.id, ticket]));
  let proposed = 0;
  for (const { ids } of step.value) {
    for (const id of ids) {
      const ticket = byId.get(id);
      if (ticket !== undefined) proposed += await proposeFor(context, keeper.index, [ticket]);
      await pause();
    }
  }
  await dropArchived(context, keeper, pause);
  let forgotten = 0;
  for (let gone = FORGET_AT_ONCE; gone === FORGET_AT_ONCE; forgotten += gone) {
    gone = await context.write(({ repos }) => repos.alikeProposals.removeStale(context.now() - KEEP_MS, FORGET_AT_ONCE));
    await pause();
  }
  return { tickets: tickets.length, matters: step.value.length, proposed, forgotten };
}

/** On their own, newest first. */
async function newestOpen(context: AlikeContext, pause: () => Promise<void>): Promise<readonly ComparedTicket[]> {
  const since = context.now() - NEWEST_DAYS * DAY;
  const found: ComparedTicket[] = [];
  for (let from: TicketPlace | null = null; ; ) {
    const before: TicketPlace | null = from;
    const page: readonly TicketPlace[] = await context.read((repos) => repos.alikeTickets.newest(before, PAGE));
    const open = page.filter((place) => place.open && place.createdAt >= since).map(({ id }) => id);
    for (let start = 0; start < open.length; start += READ_AT_ONCE) {
      found.push(...(await context.read((repos) => repos.alikeTickets.compared(open.slice(start, start + READ_AT_ONCE)))).filter(({ leadingId, archivedAt }) => leadingId === null && archivedAt === null));
      await pause();
    }
    const last = page.at(-1);
    if (last === undefined || last.createdAt < since || found.length >= MOST_TICKETS) return found.slice(0, MOST_TICKETS);
    from = last;
  }
}

/** What was archived without news of it leaves the index. */
async function dropArchived(context: AlikeContext, { index }: AlikeKeeper, pause: () => Promise<void>): Promise<void> {
  const ids = [...index.ids()];
  for (let start = 0; start < ids.length; start += READ_AT_ONCE * 4) {
    const part = ids.slice(start, start + READ_AT_ONCE * 4);
    const open = new Set((await context.read((repos) => repos.alikeTickets.standings(part))).flatMap(({ id, archivedAt }) => (archivedAt === null ? [id] : [])));
    for (const id of part) if (!open.has(id)) index.remove(id);
    await pause();
  }
}
