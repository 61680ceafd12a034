import type { EpochMs } from '../../domain/activity.ts';
import { BEIJING_OFFSET, DAY } from '../../domain/clock.ts';
import { isAppError } from '../../domain/errors.ts';
import { createAlikeIndex } from '../../matcher/alike/alike-index.ts';
import { type BurstOptions, type BurstWatch, createBurstWatch } from '../../matcher/alike/bursts.ts';
import type { AlikeTicket } from '../../matcher/alike/types.ts';
import type { ComparedTicket, Repositories, TicketPlace } from '../../store/contract.ts';

/**
 * What a node knows of all open tickets: the index of their words and the watch for bursts. Filled from the store in small pages
 * behind the house's back, newest first; kept by the news of tickets, and by a look at the newest rows for what the news missed.
 */

export interface AlikeKeeper {
  readonly index: ReturnType<typeof createAlikeIndex>;
  readonly watch: BurstWatch;
  /** A ticket was opened or changed, here or on another node. Never throws, never waits. */
  hear(ticketId: string): void;
  /** Fills the index; resolves when it is full. A passage that fails is tried again. */
  load(): Promise<void>;
  /** Looks for tickets that no news told of. */
  sweep(): Promise<void>;
  /** Resolves when everything heard so far is in. */
  settled(): Promise<void>;
  /** How many tickets of an item come in an hour, from up to 28 whole days; null: of no item. */
  usual(itemCode: string | null): number;
  status(): { readonly tickets: number; readonly loaded: boolean; /** Enough is read to know what is usual. */ readonly knowsUsual: boolean };
  stop(): Promise<void>;
}

export interface KeeperOptions {
  readonly read: <Result>(fn: (repos: Repositories) => Promise<Result>) => Promise<Result>;
  readonly now: () => EpochMs;
  readonly log: { warn(facts: object, text: string): void };
  /** Gives way to others between two pages; `ms`: for so long, about. */
  readonly pause: (ms?: number) => Promise<void>;
  readonly bursts?: BurstOptions;
  /** A ticket that came after the start, once, when it is in the index and nothing later is. */
  readonly onOpened?: (ticket: ComparedTicket) => void;
  /** All tickets of a page that came after the start were told of. */
  readonly afterOpened?: () => Promise<void>;
}

/** Rows of one page of the walk; tickets read whole in one passage. */
const PAGE = 400;
const READ_AT_ONCE = 50;
/** Tickets taken in at once, some 5 ms of work; and how long their news gather: what is opened together is read and written together. */
const HEARD_AT_ONCE = 16;
const GATHER_MS = 40;
/** A commit may be seen so much later than the time in it. */
const LATE_MS = 60_000;
/** A ticket found by the look for what was missed is new if it is not older than this. */
const NEW_MS = DAY;
const USUAL_DAYS = 28;
/** Texts that the watch learns from when it is filled. */
const LEARNED = 20_000;
const MOST_HEARD = 20_000;

export function createAlikeKeeper({ read, now, log, pause, bursts = {}, onOpened, afterOpened }: KeeperOptions): AlikeKeeper {
  const index = createAlikeIndex();
  const watch = createBurstWatch(bursts);
  const began = now();
  const heard = new Set<string>();
  const days = new Map<number, Map<string | null, number>>();
  let watermark: Pick<TicketPlace, 'id' | 'createdAt'> = { id: '', createdAt: began - LATE_MS };
  let working: Promise<void> | null = null;
  let loading: Promise<void> | null = null;
  let stopped = false;
  let loaded = false;
  let knowsUsual = false;
  let learned = 0;
  let firstDay = Infinity;

  const count = (itemCode: string | null, at: EpochMs): void => {
    const day = dayOf(at);
    if (day <= dayOf(now()) - USUAL_DAYS - 1) return;
    firstDay = Math.min(firstDay, day);
    const items = days.get(day) ?? new Map<string | null, number>();
    items.set(itemCode, (items.get(itemCode) ?? 0) + 1);
    days.set(day, items);
  };

  const take = async (tickets: readonly ComparedTicket[]): Promise<void> => {
    let opened = 0;
    for (const ticket of tickets) {
      if (ticket.archivedAt !== null) {
        index.remove(ticket.id);
        continue;
      }
      const isNew = !index.has(ticket.id) && ticket.createdAt >= began - NEW_MS;
      const seen = asAlike(ticket);
      if (!index.add(seen)) continue;
      if (!isNew) continue;
      if (ticket.createdAt >= began) count(ticket.itemCode, ticket.createdAt);
      watch.see({ ...seen, kind: 'ticket' });
      onOpened?.(ticket);
      opened += 1;
    }
    if (opened > 0) await afterOpened?.().catch((error: unknown) => log.warn({ code: codeOf(error) }, 'no look for duplicates of new tickets: the nightly one will find them'));
  };

  const work = async (): Promise<void> => {
    while (heard.size > 0 && !stopped) {
      const ids: string[] = [];
      for (const id of heard) {
        ids.push(id);
        heard.delete(id);
        if (ids.length === HEARD_AT_ONCE) break;
      }
      try {
        await take(await read((repos) => repos.alikeTickets.compared(ids)));
      } catch (error) {
        // What is missed here is found by the next look at the newest rows.
        log.warn({ code: codeOf(error) }, 'tickets could not be read for the index of duplicates');
        return;
      }
      await pause(heard.size === 0 ? GATHER_MS : undefined);
    }
  };

  const hear = (ticketId: string): void => {
    if (stopped || heard.size >= MOST_HEARD) return;
    heard.add(ticketId);
    working ??= work().finally(() => {
      working = null;
    });
  };

  const fill = async (): Promise<void> => {
    let from: TicketPlace | null = null;
    while (!stopped) {
      let page: readonly TicketPlace[];
      try {
        const before: TicketPlace | null = from;
        page = await read((repos) => repos.alikeTickets.newest(before, PAGE));
        const open = page.filter((place) => place.open && !index.has(place.id)).map(({ id }) => id);
        for (let start = 0; start < open.length && !stopped; start += READ_AT_ONCE) {
          const tickets = await read((repos) => repos.alikeTickets.compared(open.slice(start, start + READ_AT_ONCE)));
          for (const ticket of tickets.toReversed()) fillOne(ticket);
          await pause();
        }
      } catch (error) {
        log.warn({ code: codeOf(error) }, 'the index of duplicates is not full yet: tried again');
        await pause();
        continue;
      }
      for (const { itemCode, createdAt } of page) if (createdAt < began) count(itemCode, createdAt);
      const last = page.at(-1);
      if (last === undefined) break;
      knowsUsual ||= last.createdAt < began - (USUAL_DAYS + 1) * DAY;
      from = last;
      await pause();
    }
    if (stopped) return;
    knowsUsual = true;
    loaded = true;
  };

  const fillOne = (ticket: ComparedTicket): void => {
    if (ticket.archivedAt !== null || index.has(ticket.id)) return;
    const seen = asAlike(ticket);
    index.add(seen, { older: true });
    // What lies in the window is taken in; the rest only tells what is rare.
    if (watch.see({ ...seen, kind: 'ticket' }) === null && learned < LEARNED) {
      learned += 1;
      watch.learn(seen);
    }
  };

  return {
    index,
    watch,
    hear,
    load: () => (loading ??= fill()),
    sweep: async () => {
      let from = { id: '', createdAt: watermark.createdAt - LATE_MS };
      for (;;) {
        const asked: Pick<TicketPlace, 'id' | 'createdAt'> = from;
        const page = await read((repos) => repos.alikeTickets.since(asked, PAGE));
        for (const place of page) if (place.open && !index.has(place.id)) hear(place.id);
        const last = page.at(-1);
        if (last !== undefined && last.createdAt >= watermark.createdAt) watermark = last;
        if (last === undefined || page.length < PAGE || stopped) return;
        from = last;
      }
    },
    settled: async () => {
      while (working !== null) await working;
    },
    usual: (itemCode) => {
      const today = dayOf(now());
      const since = Math.max(firstDay, today - USUAL_DAYS);
      if (since >= today) return 0;
      let sum = 0;
      for (let day = since; day < today; day += 1) sum += days.get(day)?.get(itemCode) ?? 0;
      return sum / ((today - since) * 24);
    },
    status: () => ({ tickets: index.size(), loaded, knowsUsual }),
    stop: async () => {
      stopped = true;
      heard.clear();
      await Promise.all([working, loading]);
    },
  };
}

/** What is compared of a ticket. Its text is masked since it was opened. */
export function asAlike({ id, title, content, townId, place, itemCode, citizenId, createdAt }: Pick<ComparedTicket, 'id' | 'title' | 'content' | 'townId' | 'place' | 'itemCode' | 'citizenId' | 'createdAt'>): AlikeTicket {
  return { id, title, content, townId, place, itemCode, citizenId, at: createdAt };
}

const dayOf = (at: EpochMs): number => Math.floor((at + BEIJING_OFFSET) / DAY);
const codeOf = (error: unknown): string => (isAppError(error) ? error.code : error instanceof Error ? error.name : 'unknown');
