import type { EpochMs } from '../../domain/activity.ts';
import type { Ticket } from '../../domain/ticket.ts';
import { isOpen } from '../../domain/ticket-moves.ts';
import type { BurstWatch } from '../../matcher/alike/bursts.ts';
import type { Repositories, Storm } from '../../store/contract.ts';

/**
 * Matters that many report at once, as this node knows them: storms of docs/duplicates.md with an open leading ticket. A report is of one when it is
 * of its item, comes from where it is, and its words lie near the middle of that matter (places and numbers left out).
 */

export interface StormGroup {
  readonly storm: Storm;
  readonly leading: Ticket;
  /** Tickets of it. */
  readonly count: number;
}

/** A report as far as it is known. */
export interface Reported {
  readonly content: string;
  readonly townId: string | null;
  /** Null: nobody can tell. */
  readonly itemCode: string | null;
}

export interface GroupRules {
  /** Words this near to the middle of a matter of the same item are of it … */
  readonly near: number;
  /** … and words this near when the item is not known. */
  readonly sure: number;
  /** Items that are one matter in a town whatever the words: 停电, 停水. */
  readonly areaItems: readonly string[];
}

export interface StormGroups {
  /** As of the last look. */
  list(): readonly StormGroup[];
  /** Reads them anew. */
  refresh(repos: Pick<Repositories, 'storms' | 'tickets'>, now: EpochMs): Promise<void>;
  /** The group that such a report is of; null: of none. In memory, a fraction of a millisecond. */
  find(report: Reported): StormGroup | null;
  /** One more is of it; how many that makes. */
  counted(stormId: string): number;
}

export type GroupWatch = Pick<BurstWatch, 'like' | 'keyOf'>;

const SHOWN = 50;
/** Tickets of a storm by which this node's watch knows it again; of those that it still watches, which is an hour. */
const KNOWN_BY = 40;
const WATCHED_MS = 50 * 60_000;
/** A matter of so many towns is the whole city's, wherever the next report comes from. */
const CITY_WIDE = 5;

/** @param watch null: a node that compares no tickets; nothing is gathered there */
export function createStormGroups(watch: () => GroupWatch | null, rules: GroupRules): StormGroups {
  let groups = new Map<string, StormGroup>();
  let byMatter = new Map<number, string>();
  let added = new Map<string, number>();
  return {
    list: () => [...groups.values()],
    refresh: async ({ storms, tickets }, now) => {
      const open = (await storms.open(SHOWN)).filter(({ state, leadingId }) => state !== 'over' && leadingId !== null);
      const leaders = new Map((await tickets.getMany(open.flatMap(({ leadingId }) => leadingId ?? []))).map((ticket) => [ticket.id, ticket]));
      const next = new Map<string, StormGroup>();
      const matters = new Map<number, string>();
      for (const storm of open) {
        const leading = leaders.get(storm.leadingId ?? '');
        // With its leading ticket finished there is nothing to be handled together with.
        if (leading === undefined || !isOpen(leading.state) || leading.confidential) continue;
        next.set(storm.id, { storm, leading, count: Math.max(await storms.size(storm.id), groups.get(storm.id)?.count ?? 0) });
        for (const id of await storms.tickets(storm.id, KNOWN_BY, idOf(now - WATCHED_MS))) {
          const key = watch()?.keyOf(id) ?? null;
          if (key !== null && !matters.has(key)) matters.set(key, storm.id);
        }
      }
      groups = next;
      byMatter = matters;
      added = new Map();
    },
    find: ({ content, townId, itemCode }) => {
      if (groups.size === 0) return null;
      const found = watch()?.like({ title: '', content, place: null, itemCode }) ?? null;
      const group = found === null ? undefined : groups.get(byMatter.get(found.key) ?? '');
      if (found !== null && group !== undefined && isThere(group.storm, townId)) {
        const known = itemCode !== null && group.storm.itemCode !== null;
        if (known ? itemCode === group.storm.itemCode && found.near >= rules.near : found.near >= rules.sure) return group;
      }
      // 停电了 says nothing but what it is, and where.
      if (itemCode === null || !rules.areaItems.includes(itemCode)) return null;
      return [...groups.values()].find(({ storm }) => storm.itemCode === itemCode && isThere(storm, townId)) ?? null;
    },
    counted: (stormId) => {
      const more = (added.get(stormId) ?? 0) + 1;
      added.set(stormId, more);
      return (groups.get(stormId)?.count ?? 0) + more;
    },
  };
}

/** Who does not say where it is belongs to a matter of the whole city at most: a department has to know where to go. */
const isThere = ({ townIds }: Storm, townId: string | null): boolean => townIds.length >= CITY_WIDE || (townId !== null && townIds.includes(townId));

/** Ids of tickets are uuids of version 7: those opened since then are greater. */
function idOf(at: EpochMs): string {
  const hex = Math.floor(at).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}`;
}
