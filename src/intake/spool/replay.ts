import type { EpochMs, InboundActivity } from '../../domain/activity.ts';
import { codeOf, isAppError } from '../../domain/errors.ts';
import { frameBytes } from './frames.ts';
import type { Chunk } from './own-log.ts';
import { decodeRecord, type SpoolRecord } from './record.ts';

/** Where records come from: this process's log, or one that was taken over. */
export interface Source {
  readonly log: { chunk(): Promise<Chunk | null> };
  readonly own: boolean;
  /** Nothing is left in it and nothing will come. */
  finished(): Promise<void>;
}

/** One record on its way into the store. */
export interface Item {
  readonly payload: Buffer;
  readonly bytes: number;
  readonly own: boolean;
  /** Null: it cannot be opened. */
  readonly record: SpoolRecord | null;
}

export interface ReplayOptions {
  readonly open: (sealed: string) => string;
  /** Resolves when the store has it; rejects as the store does, or with AppError `store.slow` after a patience. */
  readonly store: (inbound: InboundActivity, takenAt: EpochMs) => Promise<unknown>;
  /** Keeps what the store will never take; resolves once that survives a power cut. */
  readonly refuse: (item: Item, code: string) => Promise<void>;
  /** It is in the store, or set aside. */
  readonly settled: (item: Item, how: 'replayed' | 'refused') => void;
  readonly damaged: (places: number) => void;
  readonly failed: (error: unknown) => void;
}

export type Replayed =
  /** Nothing to do right now. */
  | 'nothing'
  | 'some'
  /** Something failed that is worth another try. */
  | 'again'
  /** The store does not answer. */
  | 'away';

/** Tries of one record when the fault is not the store's absence. */
const TRIES_WHEN_PASSING = 20;
const TRIES_WHEN_UNKNOWN = 3;

interface Feed {
  readonly source: Source;
  chunk: Chunk | null;
  cursor: number;
  /** Picked from this chunk and not settled. */
  open: number;
  head: Item | null;
}
interface Picked {
  readonly item: Item;
  readonly feed: Feed;
  tries: number;
}

/**
 * Brings records into the store: source by source, one after the other within an address, several addresses at a time. A file is given up only when the store has everything in it.
 */
export function createReplay(options: ReplayOptions) {
  let feeds: Feed[] = [];
  /** Picked, not settled: comes before anything new. */
  let left: Picked[] = [];

  async function head(feed: Feed): Promise<Item | null> {
    if (feed.head !== null) return feed.head;
    if (feed.chunk === null) {
      feed.chunk = await feed.source.log.chunk();
      feed.cursor = 0;
      if (feed.chunk !== null && feed.chunk.damaged > 0) options.damaged(feed.chunk.damaged);
    }
    const payload = feed.chunk?.payloads[feed.cursor];
    if (payload === undefined) return null;
    feed.head = { payload, bytes: frameBytes(payload), own: feed.source.own, record: decodeRecord(payload, options.open) };
    return feed.head;
  }

  /** In order of the sources; ends where a file ends, because the next is opened only when this one is done. */
  async function pick(limit: number): Promise<readonly Picked[]> {
    const picked: Picked[] = [];
    for (const feed of feeds) {
      while (picked.length < limit) {
        const item = await head(feed);
        if (item === null) break;
        feed.head = null;
        feed.cursor += 1;
        feed.open += 1;
        picked.push({ item, feed, tries: 0 });
      }
      if (picked.length > 0) break;
    }
    return picked;
  }

  async function one(picked: Picked): Promise<'settled' | 'again' | 'away'> {
    const { item } = picked;
    try {
      if (item.record === null) return await giveUp(picked, 'spool.unreadable');
      await options.store(item.record.inbound, item.record.at);
    } catch (error) {
      if (isStoreAway(error)) {
        options.failed(error);
        return 'away';
      }
      picked.tries += 1;
      if (picked.tries < triesFor(error)) return 'again';
      return giveUp(picked, codeOf(error));
    }
    settle(picked, 'replayed');
    return 'settled';
  }

  async function giveUp(picked: Picked, code: string): Promise<'settled' | 'again'> {
    try {
      await options.refuse(picked.item, code);
    } catch (error) {
      options.failed(error);
      return 'again';
    }
    settle(picked, 'refused');
    return 'settled';
  }

  function settle({ item, feed }: Picked, how: 'replayed' | 'refused'): void {
    feed.open -= 1;
    options.settled(item, how);
  }

  /** Files that are done go, sources that are done too; where nothing is open, the next file is opened. */
  async function clearUp(): Promise<void> {
    for (const feed of feeds) {
      while (feed.chunk === null || (feed.open === 0 && feed.cursor >= feed.chunk.payloads.length)) {
        // What cannot be removed is replayed again after a start, which changes nothing.
        await feed.chunk?.done().catch(options.failed);
        feed.chunk = null;
        await head(feed);
        if (feed.chunk !== null) continue;
        if (!feed.source.own) {
          feeds = feeds.filter((other) => other !== feed);
          await feed.source.finished().catch(options.failed);
        }
        break;
      }
    }
  }

  return {
    /** What ended processes left comes before what is taken now, in the order of their starts: clocks are not asked, they jump. */
    add(source: Source): void {
      const feed: Feed = { source, chunk: null, cursor: 0, open: 0, head: null };
      feeds = [...feeds.filter((other) => !other.source.own), ...(source.own ? [] : [feed]), ...feeds.filter((other) => other.source.own), ...(source.own ? [feed] : [])];
    },
    /** When the oldest was taken, as far as it has been read; null when nothing was read. */
    async oldest(): Promise<EpochMs | null> {
      const times = left.map(({ item }) => item.record?.at ?? null);
      for (const feed of feeds) times.push((await head(feed))?.record?.at ?? null);
      const known = times.filter((at) => at !== null);
      return known.length === 0 ? null : Math.min(...known);
    },
    async run(limit: number): Promise<Replayed> {
      await clearUp();
      if (left.length === 0) left = [...(await pick(limit))];
      if (left.length === 0) return 'nothing';
      const lanes = new Map<string, Picked[]>();
      for (const picked of left.slice(0, limit)) {
        const { record } = picked.item;
        const lane = record === null ? 'unreadable' : addressKey(record.inbound.channel, record.inbound.address);
        lanes.set(lane, [...(lanes.get(lane) ?? []), picked]);
      }
      const settled = new Set<Picked>();
      const results = await Promise.all(
        [...lanes.values()].map(async (lane) => {
          for (const picked of lane) {
            const result = await one(picked);
            if (result !== 'settled') return result;
            settled.add(picked);
          }
          return 'some' as const;
        }),
      );
      left = left.filter((picked) => !settled.has(picked));
      await clearUp();
      if (results.includes('away')) return 'away';
      return results.includes('again') ? 'again' : 'some';
    },
  };
}

/** Names one conversation's order. */
export function addressKey(channel: string, address: string): string {
  return `${channel}\u0000${address}`;
}

/** Does this error mean that the database is away, and not that it refuses this one thing? */
export function isStoreAway(error: unknown): boolean {
  return isAppError(error) && error.code.startsWith('store.') && error.retry === 'later';
}

/** The house's code with the driver's, which tells a full disk from a dead server. */
export function reasonOf(error: unknown): string {
  return isAppError(error) && typeof error.details['code'] === 'string' ? `${error.code} ${error.details['code']}` : codeOf(error);
}

function triesFor(error: unknown): number {
  if (!isAppError(error)) return TRIES_WHEN_UNKNOWN;
  if (error.retry !== 'never') return TRIES_WHEN_PASSING;
  // Two nodes that met on the same row look like a rule of the tables.
  return error.code.startsWith('store.') ? TRIES_WHEN_UNKNOWN : 1;
}
