import type { EpochMs } from '../domain/activity.ts';
import { DAY } from '../domain/clock.ts';
import { AppError } from '../domain/errors.ts';
import type { Repositories, Rollup, Store } from '../store/contract.ts';
import type { MeasureSource } from './catalogue.ts';
import { rowsOfGaps, rowsOfMessages } from './of-messages.ts';
import { countedService, fromMark, rowsOfService, type ServiceLimits, toMark } from './of-services.ts';
import { rowsSince } from './of-tickets.ts';
import { negated } from './rows.ts';
import { idBefore, timeOfId } from './times.ts';

/**
 * Counts what happened, behind everybody's back: nobody who writes a message or a ticket knows of it. Each source has a cursor that moves in the
 * transaction that adds what lies before it, so a crash or a restart counts nothing twice and nothing never. One node counts at a time: it
 * holds the lane `measures`, and whoever lost it (a pause, a dead network) cannot commit.
 *
 * Rows are counted when they have settled. A transaction may take its time (or its id) and commit a while later; if the cursor had passed that time
 * by then, the row would never be seen. So nothing younger than `settleMs` is read, which is longer than a transaction usually lasts; and while one
 * lasts longer (a node that is paused in the middle of it), nothing that is younger than its beginning by as much.
 */
export const LANE = 'measures';
/** The counting is complete up to this time; kept like a cursor, for every node to read. */
export const AS_OF = 'as-of';

/** Rows of one step. A step is read and added within some 10 ms, so that a node that also serves is held up by no more. */
const MESSAGES_AT_ONCE = 500;
const EVENTS_AT_ONCE = 100;
const SERVICES_AT_ONCE = 100;
/** Steps of one pass. */
const STEPS = 10;
const LEASE_MS = 60_000;
/** What a period that changes had counted is remembered so long after; it ends within hours. */
export const MARK_MS = 30 * DAY;
const MARKS_AT_ONCE = 500;

export interface CatchUpOptions {
  readonly store: Store;
  readonly holder: string;
  readonly limits: () => ServiceLimits;
  readonly now: () => EpochMs;
  /** The clock that ids of activities are made by; `now` unless told. */
  readonly idNow?: () => EpochMs;
  /** Longer than a transaction usually lasts; one that lasts longer is waited for. */
  readonly settleMs: number;
}

export interface Pass {
  /** Somebody else counts. */
  readonly busy: boolean;
  /** There is more that has settled. */
  readonly more: boolean;
  /** Everything up to here is counted; null: unknown (busy). */
  readonly asOf: EpochMs | null;
}

interface Step {
  /** Null: nothing is there. */
  readonly batch: { readonly cursor: string; readonly rows: readonly Rollup[]; readonly also?: (repos: Repositories) => Promise<void> } | null;
  /** Counted up to here once the batch is added. */
  readonly upTo: EpochMs;
  readonly more: boolean;
}

/** One pass: at most a few steps of each source. Call it again at once while `more`. */
export async function catchUp(options: CatchUpOptions): Promise<Pass> {
  const { store, holder, now } = options;
  const fence = await store.write((repos) => repos.lanes.acquire(LANE, holder, now(), LEASE_MS));
  if (fence === null) return { busy: true, more: false, asOf: null };
  try {
    // Told before anything is read: whoever begins to write from here on writes nothing older than `settleMs`.
    const settleMs = options.settleMs + (await store.read((repos) => repos.measureSources.writingFor()));
    const ends: EpochMs[] = [];
    let more = false;
    for (const source of Object.keys(SOURCES).filter(isSource)) {
      let [upTo, again] = [0, true];
      for (let step = 0; again && step < STEPS; step += 1) {
        const done = await stepOf({ ...options, settleMs }, source, fence);
        [upTo, again] = [done.upTo, done.more];
      }
      ends.push(upTo);
      more ||= again;
    }
    const asOf = Math.min(...ends);
    await store.write(async (repos) => {
      await hold(repos, fence, now());
      await repos.rollups.moveCursor(AS_OF, String(asOf));
      if (!more) await repos.rollups.removeMarks(now() - MARK_MS, MARKS_AT_ONCE);
    });
    return { busy: false, more, asOf };
  } finally {
    await store.write((repos) => repos.lanes.release(LANE, fence));
  }
}

/** @throws AppError `lane.fenced` when somebody else has taken over: nothing of this transaction counts */
export async function hold(repos: Repositories, fence: number, now: EpochMs): Promise<void> {
  if (await repos.lanes.renew(LANE, fence, now, LEASE_MS)) return;
  throw new AppError('lane.fenced', 'another node counts now', { retry: 'conflict', status: 409 });
}

async function stepOf(options: CatchUpOptions, source: MeasureSource, fence: number): Promise<Step> {
  const { store, now } = options;
  const step = await store.read(async (repos) => SOURCES[source](repos, await repos.rollups.cursor(source), options));
  const { batch } = step;
  if (batch !== null) {
    await store.write(async (repos) => {
      await hold(repos, fence, now());
      await repos.rollups.add(batch.rows);
      await batch.also?.(repos);
      await repos.rollups.moveCursor(source, batch.cursor);
    });
  }
  return step;
}

type Reader = (repos: Repositories, cursor: string | null, options: CatchUpOptions) => Promise<Step>;

const SOURCES: Readonly<Record<MeasureSource, Reader>> = {
  async messages(repos, cursor, { idNow, now, settleMs, limits }) {
    const settled = (idNow ?? now)() - settleMs;
    const last = await repos.measureSources.messagePage(cursor ?? '', idBefore(settled), MESSAGES_AT_ONCE);
    if (last === null) return { batch: null, upTo: settled, more: false };
    const rows = rowsOfMessages(await repos.measureSources.messages({ after: cursor ?? '', last, gapMs: limits().gapMs }));
    return { batch: { cursor: last, rows }, upTo: timeOfId(last) ?? settled, more: true };
  },

  async services(repos, cursor, { now, settleMs, limits }) {
    const settled = now() - settleMs;
    const changed = (await repos.services.changedAfter(Number(cursor ?? 0), SERVICES_AT_ONCE)).filter(({ changedAt }) => changedAt <= settled);
    const last = changed.at(-1);
    if (last === undefined) return { batch: null, upTo: settled, more: false };
    const marks = await repos.rollups.marks('services', changed.map(({ id }) => id));
    const rows: Rollup[] = [];
    const kept: { id: string; counted: ReturnType<typeof toMark>; at: EpochMs }[] = [];
    for (const { changedAt, ...service } of changed) {
      const mark = marks.get(service.id);
      const before = mark === undefined ? null : fromMark(mark);
      const counted = { ...countedService(service, await repos.measureSources.askedBefore(service), limits()), ...(before === null ? {} : { begins: before.begins }) };
      rows.push(...rowsOfService(counted, limits()), ...(before === null ? [] : negated(rowsOfService(before, limits()))));
      kept.push({ id: service.id, counted: toMark(counted), at: changedAt });
    }
    return { batch: { cursor: String(last.changedAt), rows, also: (writing) => writing.rollups.mark('services', kept) }, upTo: last.changedAt, more: true };
  },

  async tickets(repos, cursor, { now, settleMs }) {
    const settled = now() - settleMs;
    const after = Number(cursor ?? 0);
    const page = await repos.measureSources.ticketPage(after, settled, EVENTS_AT_ONCE);
    if (page === null) return { batch: null, upTo: settled, more: false };
    const histories = await repos.measureSources.histories(page.ticketIds);
    return { batch: { cursor: String(page.upTo), rows: histories.flatMap((history) => rowsSince(history, after, page.upTo)) }, upTo: page.upTo, more: page.upTo < settled };
  },

  async gaps(repos, cursor, { now, settleMs }) {
    const settled = now() - settleMs;
    const gaps = await repos.measureSources.gaps(Number(cursor ?? 0) + 1, settled + 1);
    return { batch: gaps.length === 0 ? null : { cursor: String(settled), rows: rowsOfGaps(gaps) }, upTo: settled, more: false };
  },
};

function isSource(name: string): name is MeasureSource {
  return Object.hasOwn(SOURCES, name);
}
