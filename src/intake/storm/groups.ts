import type { Ticket } from '../../domain/ticket.ts';
import { isOpen } from '../../domain/ticket-moves.ts';
import type { AlikeIndex, AlikeTicket } from '../../matcher/alike/types.ts';
import type { Repositories, Storm } from '../../store/contract.ts';

/** Matters that many report at once, as this node knows them: storms of docs/duplicates.md with an open leading ticket. */

export interface StormGroup {
  readonly storm: Storm;
  readonly leading: Ticket;
  /** Tickets of it. */
  readonly count: number;
}

export interface StormGroups {
  /** As of the last look. */
  list(): readonly StormGroup[];
  /** Reads them anew. */
  refresh(repos: Pick<Repositories, 'storms' | 'tickets'>): Promise<void>;
  /** The group that such a ticket is of, by the tickets that it is like; null: of none. One look in memory, one narrow statement. */
  find(repos: Pick<Repositories, 'storms'>, asked: Omit<AlikeTicket, 'id'>): Promise<StormGroup | null>;
  /** One more; a duplicate of the count in the store until the next refresh. */
  counted(stormId: string): number;
}

const SHOWN = 50;
const HITS = 8;

/** @param index null: a node that compares no tickets; nothing is gathered there */
export function createStormGroups(index: () => Pick<AlikeIndex, 'alike'> | null, least: number): StormGroups {
  let groups = new Map<string, StormGroup>();
  let added = new Map<string, number>();
  return {
    list: () => [...groups.values()],
    refresh: async ({ storms, tickets }) => {
      const open = (await storms.open(SHOWN)).filter(({ state, leadingId }) => state !== 'over' && leadingId !== null);
      const leaders = new Map((await tickets.getMany(open.flatMap(({ leadingId }) => leadingId ?? []))).map((ticket) => [ticket.id, ticket]));
      const next = new Map<string, StormGroup>();
      for (const storm of open) {
        const leading = leaders.get(storm.leadingId ?? '');
        // With its leading ticket finished there is nothing to be handled together with.
        if (leading === undefined || !isOpen(leading.state) || leading.confidential) continue;
        next.set(storm.id, { storm, leading, count: Math.max(await storms.size(storm.id), groups.get(storm.id)?.count ?? 0) });
      }
      groups = next;
      added = new Map();
    },
    find: async ({ storms }, asked) => {
      const found = groups.size === 0 ? [] : (index()?.alike({ ...asked, id: '' }, { limit: HITS, least }) ?? []);
      if (found.length === 0) return null;
      const held = await storms.holding(found.map(({ id }) => id));
      // Hits are best first: the nearest ticket of a storm says which.
      for (const { id } of found) {
        const stormId = held.find((one) => one.ticketId === id && groups.has(one.stormId))?.stormId;
        if (stormId !== undefined) return groups.get(stormId) ?? null;
      }
      return null;
    },
    counted: (stormId) => {
      const more = (added.get(stormId) ?? 0) + 1;
      added.set(stormId, more);
      return (groups.get(stormId)?.count ?? 0) + more;
    },
  };
}
