import type { EpochMs } from '../domain/activity.ts';
import { DAY, HOUR, startOfDay } from '../domain/clock.ts';
import { AppError } from '../domain/errors.ts';
import type { Repositories, Rollup, Store } from '../store/contract.ts';
import { hold, LANE, MARK_MS } from './catch-up.ts';
import { MEASURES } from './catalogue.ts';
import { rowsOfGaps, rowsOfMessages } from './of-messages.ts';
import { countedService, fromMark, rowsOfService, type ServiceLimits } from './of-services.ts';
import { rowsOfTicket } from './of-tickets.ts';
import { idBefore } from './times.ts';

/**
 * Counts whole days anew from the rows: after a rule of counting was changed, a database was mended by hand, or a commit came later than anybody
 * thought. Only up to where the catch-up job has got; what lies behind it the job will count. A day is replaced in one transaction, and nobody counts meanwhile.
 */
export interface RecountOptions {
  readonly store: Store;
  readonly holder: string;
  readonly limits: ServiceLimits;
  readonly now: () => EpochMs;
  /** Beginning of the first Beijing day, and of the first one that is left alone. */
  readonly from: EpochMs;
  readonly to: EpochMs;
  readonly onDay?: (day: EpochMs) => void;
  /** Waits a moment for the lane; injected by tests. */
  readonly wait?: (ms: number) => Promise<void>;
}

const MESSAGES_AT_ONCE = 5_000;
const EVENTS_AT_ONCE = 1_000;
const SERVICES_AT_ONCE = 500;
const RECOUNT_LEASE_MS = 10 * 60_000;
const WAIT_MS = 200;
const TRIES = 600;
/** A message may have been taken (and is counted) long before it was stored: the database was away. */
const SPOOLED_MS = 2 * DAY;
/** The clock that ids are made by may be a little behind the house's. */
const SKEW_MS = HOUR;

const NAMES = MEASURES.map(({ name }) => name);

/** @returns how many days were counted anew. @throws AppError `measures.busy` when the catch-up job does not let go */
export async function recount(options: RecountOptions): Promise<number> {
  const { store, now, from, to } = options;
  const fence = await takeLane(options);
  let days = 0;
  try {
    for (let day = startOfDay(from); day < to; day += DAY) {
      const rows = await rowsOfDay(options, day);
      await store.write(async (repos) => {
        await hold(repos, fence, now());
        await repos.rollups.clear({ measures: NAMES, from: day, to: day + DAY });
        await repos.rollups.add(rows);
        await repos.lanes.renew(LANE, fence, now(), RECOUNT_LEASE_MS);
      });
      days += 1;
      options.onDay?.(day);
    }
    return days;
  } finally {
    await store.write((repos) => repos.lanes.release(LANE, fence));
  }
}

async function takeLane({ store, holder, now, wait = pause }: RecountOptions): Promise<number> {
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const fence = await store.write((repos) => repos.lanes.acquire(LANE, holder, now(), RECOUNT_LEASE_MS));
    if (fence !== null) return fence;
    await wait(WAIT_MS);
  }
  throw new AppError('measures.busy', 'somebody else counts and does not let go', { status: 409, retry: 'later' });
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function rowsOfDay({ store, limits, now }: RecountOptions, day: EpochMs): Promise<readonly Rollup[]> {
  const sum = createSummer(day);
  const end = day + DAY;

  const cursors = await store.read(async ({ rollups }) => ({ messages: await rollups.cursor('messages'), tickets: await rollups.cursor('tickets'), gaps: await rollups.cursor('gaps') }));
  if (cursors.messages !== null) {
    const stop = min(idBefore(end + SPOOLED_MS), cursors.messages);
    for (let after = idBefore(day - SKEW_MS); ; ) {
      const counted = await store.read(async ({ measureSources }) => {
        const last = await measureSources.messagePage(after, stop, MESSAGES_AT_ONCE);
        return last === null ? null : { last, messages: await measureSources.messages({ after, last, gapMs: limits.gapMs }) };
      });
      if (counted === null) break;
      sum(rowsOfMessages(counted.messages));
      after = counted.last;
    }
  }
  if (cursors.tickets !== null) {
    const upTo = Number(cursors.tickets);
    const seen = new Set<string>();
    for (let after = day - 1; after < Math.min(end - 1, upTo); ) {
      const page = await store.read(async ({ measureSources }) => {
        const found = await measureSources.ticketPage(after, Math.min(end - 1, upTo), EVENTS_AT_ONCE);
        return found === null ? null : { ...found, histories: await measureSources.histories(found.ticketIds.filter((id) => !seen.has(id))) };
      });
      if (page === null) break;
      for (const history of page.histories) {
        seen.add(history.ticket.id);
        sum(rowsOfTicket(history, upTo));
      }
      after = page.upTo;
    }
  }
  await store.read((repos) => sumServices(repos, { day, end, limits, now: now() }, sum));
  if (cursors.gaps !== null) {
    const stop = Math.min(end, Number(cursors.gaps) + 1);
    if (day < stop) sum(rowsOfGaps(await store.read(({ measureSources }) => measureSources.gaps(day, stop))));
  }
  return sum([]);
}

/** As they were counted last; one that is young and has no mark was not counted yet. */
async function sumServices({ measureSources, rollups }: Repositories, { day, end, limits, now }: { readonly day: EpochMs; readonly end: EpochMs; readonly limits: ServiceLimits; readonly now: EpochMs }, sum: Summer): Promise<void> {
  let after: { readonly askedAt: EpochMs; readonly id: string } | null = null;
  for (;;) {
    const page: Awaited<ReturnType<typeof measureSources.services>> = await measureSources.services({ from: day, to: end, after, limit: SERVICES_AT_ONCE });
    const marks = await rollups.marks('services', page.map(({ id }) => id));
    for (const service of page) {
      const mark = marks.get(service.id);
      const counted = mark === undefined ? null : fromMark(mark);
      if (counted === null && service.askedAt >= now - MARK_MS) continue;
      // The rule of what begins a conversation may be what was changed.
      const { begins } = countedService(service, await measureSources.askedBefore(service), limits);
      sum(rowsOfService(counted === null ? countedService(service, await measureSources.askedBefore(service), limits) : { ...counted, begins }, limits));
    }
    after = page.at(-1) ?? null;
    if (page.length < SERVICES_AT_ONCE || after === null) return;
  }
}

type Summer = (rows: readonly Rollup[]) => readonly Rollup[];

/** Adds up rows of one day and leaves out those of others; returns what it has. */
function createSummer(day: EpochMs): Summer {
  const places = new Map<string, Rollup>();
  return (rows) => {
    for (const row of rows) {
      if (row.hour < day || row.hour >= day + DAY) continue;
      const place = JSON.stringify([row.measure, row.by, row.key, Math.floor(row.hour / HOUR), row.dayOnly === true]);
      const before = places.get(place);
      places.set(place, before === undefined ? row : { ...before, amount: before.amount + row.amount, sum: before.sum + row.sum });
    }
    return [...places.values()];
  };
}

const min = (left: string, right: string): string => (left < right ? left : right);
