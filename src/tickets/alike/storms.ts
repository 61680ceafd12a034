import type { EpochMs } from '../../domain/activity.ts';
import { isOpen } from '../../domain/ticket-moves.ts';
import type { Burst } from '../../matcher/alike/bursts.ts';
import type { Repositories, Storm } from '../../store/contract.ts';
import type { TicketUnit } from '../context.ts';
import type { AlikeContext } from './context.ts';
import type { AlikeKeeper } from './keeper.ts';
import { endStorm, tellAnswer } from './storm-keys.ts';

/**
 * Bursts become rows: every node watches, one at a time writes. A storm keeps its tickets, so a restart or another node goes on with the
 * same one; one that a person ended does not begin again by the tickets that it held.
 */

export interface StormKeeper {
  /** Writes down what bursts now. @returns storms that grew */
  tick(): Promise<number>;
}

export interface LiveStorm {
  readonly storm: Storm;
  /** What this node sees of it now; null: nothing within the hour. */
  readonly burst: Pick<Burst, 'series' | 'questions' | 'usual' | 'lastAt'> | null;
}

const LANE = 'alike:storms';
const LEASE_MS = 30_000;
/** Tickets of one transaction. */
const AT_ONCE = 50;
/** Newest tickets by which a burst is known again. */
const KNOWN_BY = 40;
const MOST_TOWNS = 40;
const OPEN_READ = 100;
const QUESTIONS_READ = 200;
/** Nothing more came for so long: it is over. */
const QUIET_MS = 24 * 3_600_000;

export function createStormKeeper(context: AlikeContext, keeper: AlikeKeeper, holder: string): StormKeeper {
  /** Tickets that are written down, by storm; only those that still burst. */
  const written = new Map<string, Set<string>>();
  let newestQuestion: EpochMs = 0;

  const hearQuestions = async (): Promise<void> => {
    const questions = await context.read((repos) => repos.gaps.latest(QUESTIONS_READ));
    for (const { id, question, at } of questions.toReversed()) {
      if (at < newestQuestion) continue;
      newestQuestion = at;
      keeper.watch.see({ id: `question ${id}`, kind: 'question', title: '', content: question, at });
    }
  };

  const grow = async (burst: Burst, fence: number): Promise<boolean> => {
    // Most looks find nothing new: no transaction for them.
    for (const known of written.values()) if (burst.tickets.every(({ id }) => known.has(id))) return false;
    const found = await context.write(async (unit) => {
      await unit.repos.lanes.assertFence(LANE, fence);
      return recognise(context, unit, burst);
    });
    if (found === null) return false;
    const known = written.get(found.id) ?? new Set<string>();
    written.set(found.id, known);
    const fresh = burst.tickets.filter(({ id }) => !known.has(id));
    for (let start = 0; start < fresh.length; start += AT_ONCE) {
      const part = fresh.slice(start, start + AT_ONCE).map(({ id }) => id);
      await context.write(async (unit) => {
        await unit.repos.lanes.assertFence(LANE, fence);
        await addTo(context, unit, found.id, part, burst);
      });
      for (const id of part) known.add(id);
    }
    return fresh.length > 0;
  };

  return {
    tick: async () => {
      await hearQuestions();
      if (!keeper.status().knowsUsual) return 0;
      const bursts = keeper.watch.bursts(context.now(), keeper.usual).filter(({ tickets }) => tickets.length > 0);
      if (bursts.length === 0) written.clear();
      await endQuiet(context);
      if (bursts.length === 0) return 0;
      const fence = await context.write(({ repos }) => repos.lanes.acquire(LANE, holder, context.now(), LEASE_MS));
      // Another node writes; both see the same tickets.
      if (fence === null) return 0;
      let grown = 0;
      try {
        for (const burst of bursts) if (await grow(burst, fence)) grown += 1;
      } finally {
        await context.write(({ repos }) => repos.lanes.release(LANE, fence));
      }
      return grown;
    },
  };
}

/** The storm that these tickets are of, or a new one; null: a person ended it. */
async function recognise(context: AlikeContext, unit: TicketUnit, burst: Burst): Promise<Storm | null> {
  const sample = burst.tickets.slice(-KNOWN_BY).map(({ id }) => id);
  const held = await unit.repos.storms.holding(burst.tickets.map(({ id }) => id));
  const live = held.filter(({ state }) => state !== 'over');
  const stormId = live.at(-1)?.stormId;
  if (stormId !== undefined) return unit.repos.storms.get(stormId);
  // Ended by a person, and mostly the same tickets still.
  if (held.length * 2 > burst.tickets.length) return null;
  const leading = (await unit.repos.tickets.getMany(sample)).find((ticket) => isOpen(ticket.state) && !ticket.confidential);
  const storm: Storm = { id: context.newId(), itemCode: burst.itemCode, title: burst.title, townIds: [], leadingId: leading === undefined ? null : (leading.leadingId ?? leading.id), count: 0, firstAt: burst.firstAt, lastAt: burst.lastAt, state: 'open', answer: null };
  await unit.repos.storms.put(storm);
  return storm;
}

async function addTo(context: AlikeContext, unit: TicketUnit, stormId: string, ids: readonly string[], burst: Burst): Promise<void> {
  const { repos } = unit;
  const storm = await repos.storms.get(stormId);
  if (storm === null || storm.state === 'over') return;
  const before = new Set((await repos.storms.holding(ids)).filter((one) => one.stormId === stormId).map(({ ticketId }) => ticketId));
  const tickets = (await repos.tickets.getMany(ids)).filter(({ id }) => !before.has(id));
  const paired = new Set(storm.leadingId === null ? [] : await repos.alikeProposals.pairedWith(storm.leadingId, tickets.map(({ id }) => id)));
  const at = context.now();
  for (const ticket of tickets) {
    await repos.storms.addTicket(stormId, ticket.id, at);
    const { leadingId } = storm;
    // Alone and open: a seat sees at the ticket that it is one of many.
    if (leadingId !== null && leadingId !== ticket.id && ticket.leadingId === null && isOpen(ticket.state) && !ticket.confidential && !paired.has(ticket.id)) {
      await repos.alikeProposals.propose({ ticketId: ticket.id, leadingId, score: STORM_SCORE, why: ['storm'], at });
    }
    if (storm.state === 'answered') await tellAnswer(context, unit, storm, ticket, { kind: 'system' });
  }
  const towns = new Set([...storm.townIds, ...burst.tickets.flatMap(({ townId }) => townId ?? [])]);
  await repos.storms.put({ ...storm, itemCode: burst.itemCode ?? storm.itemCode, townIds: [...towns].slice(0, MOST_TOWNS), count: await repos.storms.size(stormId), firstAt: Math.min(storm.firstAt, burst.firstAt), lastAt: Math.max(storm.lastAt, burst.lastAt) });
}

/** Of one storm: worth a look, not a likeness of two texts. */
const STORM_SCORE = 0.5;

async function endQuiet(context: AlikeContext): Promise<void> {
  const quiet = (await context.read((repos) => repos.storms.open(OPEN_READ))).filter(({ lastAt }) => lastAt < context.now() - QUIET_MS);
  for (const { id } of quiet) await context.write((unit) => endStorm(context, unit, { stormId: id, seatId: null }));
}

/** Storms that are not over, with what this node sees of each now; the newest first. */
export async function viewStorms(context: Pick<AlikeContext, 'now'>, keeper: Pick<AlikeKeeper, 'watch' | 'usual'>, repos: Repositories, limit: number): Promise<readonly LiveStorm[]> {
  const storms = await repos.storms.open(limit);
  if (storms.length === 0) return [];
  const live = new Map<string, Burst>();
  for (const burst of keeper.watch.bursts(context.now(), keeper.usual)) {
    for (const { stormId } of await repos.storms.holding(burst.tickets.slice(-KNOWN_BY).map(({ id }) => id))) if (!live.has(stormId)) live.set(stormId, burst);
  }
  return storms.map((storm) => ({ storm, burst: live.get(storm.id) ?? null }));
}
