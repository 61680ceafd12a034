import { mkdir, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { asExternalId, type Address, type InboundActivity } from '../../domain/activity.ts';
import { AppError } from '../../domain/errors.ts';
import type { Spool, SpoolOptions, TimerHandle } from './contract.ts';
import { ADOPT_MS, BATCH, CATCH_UP_MS, LIMIT_BYTES, PATIENCE_MS, PROBE_MS, realTimers, REPLAY_PATIENCE_MS, RESERVE_SEGMENTS, SEGMENT_BYTES } from './defaults.ts';
import { appendSynced } from './files.ts';
import { encodeFrame, frameBytes } from './frames.ts';
import { adoptLeftLogs, DAMAGED, nextName, REFUSED, type LeftLog } from './left-log.ts';
import { LOCK_FILE, lockFolder } from './lock.ts';
import { openOwnLog } from './own-log.ts';
import { encodeRecord } from './record.ts';
import { addressKey, createReplay, isStoreAway, reasonOf, type Replayed } from './replay.ts';
import { createChanges, createPatience, createTurns } from './waiting.ts';

export type { Spool, SpoolOptions, SpoolStats } from './contract.ts';

/**
 * Opens this process's folder and takes over what ended processes left. Before `start()` it only takes; until what was
 * left is replayed, everything goes through the spool, so that nothing overtakes it.
 */
export async function openSpool(options: SpoolOptions): Promise<Spool> {
  const { folder: root, now, newId, log, limitBytes = LIMIT_BYTES, patienceMs = PATIENCE_MS, catchUpMs = CATCH_UP_MS, probeMs = PROBE_MS, segmentBytes = SEGMENT_BYTES, reserveSegments = RESERVE_SEGMENTS, timers = realTimers, lock = lockFolder } = options;
  await mkdir(root, { recursive: true, mode: 0o700 });
  const name = await nextName(root, newId());
  const folder = join(root, name);
  const damagedFolder = join(root, DAMAGED);
  await mkdir(folder, { mode: 0o700 });
  const release = lock(folder);
  if (release === null) throw new AppError('spool.folder_taken', 'a fresh spool folder is held by somebody else', { status: 500 });
  const own = await openOwnLog({ folder, damagedFolder, segmentBytes, reserveSegments, ...(options.disk === undefined ? {} : { disk: options.disk }) });
  if (own.unprepared > 0) log.warn({ missing: own.unprepared }, 'no room to prepare the spool: webhooks may be turned away while the database is away');

  const mine = { records: 0, bytes: 0 };
  const left = { records: 0, bytes: 0 };
  const counts = { spooled: 0, replayed: 0, refused: 0, damaged: 0, turnedAway: 0, replaySeconds: 0 };
  /** Records of this process by address. What was left by others is not told apart: it holds up everybody. */
  const waiting = new Map<string, number>();
  /** A later webhook of an address must not be stored while an earlier one is still on its way to the spool. */
  const inOrder = createTurns();
  const { within, pause, hurry } = createPatience(timers);
  const held = new Map<string, LeftLog>();
  const known = new Set([name]);
  const appends = new Set<Promise<unknown>>();
  let away = false;
  let awaySince = 0;
  let lastAway: unknown = null;
  let turningAway = false;
  let oldestAt: number | null = null;
  /** What the store has answered. While it grows, a store that makes somebody wait is busy and not away. */
  let answered = 0;
  /** Told when nothing of some address waits any more, and when the store goes away. */
  const changes = createChanges();
  let started = false;
  let stopping = false;
  let working: Promise<void> | null = null;
  let again = false;
  let adopting: TimerHandle | null = null;

  const replay = createReplay({
    open: options.open,
    store: async (inbound, at) => {
      const storing = options.store(inbound, at);
      for (;;) {
        const before = answered;
        const outcome = await within(REPLAY_PATIENCE_MS, () => storing, true);
        if (outcome.kind === 'failed') throw outcome.error;
        if (outcome.kind === 'ok') break;
        // Late, but others are answered: it has much to do, and this one's time comes.
        if (stopping || answered === before) throw new AppError('store.slow', 'the store took too long', { retry: 'later', status: 503 });
      }
      answered += 1;
    },
    refuse: async (item, code) => {
      await appendSynced(join(root, REFUSED, `${name}.spool`), encodeFrame(item.payload));
      log.error({ code, channel: item.record?.inbound.channel ?? 'unknown', recordId: item.record?.id ?? 'unknown' }, 'a spooled webhook was set aside: the store will not take it');
    },
    settled: (item, how) => {
      counts[how] += 1;
      const whose = item.own ? mine : left;
      whose.records -= 1;
      whose.bytes -= item.bytes;
      if (records() === 0) oldestAt = null;
      if (!item.own) return;
      if (item.record !== null) leave(addressKey(item.record.inbound.channel, item.record.inbound.address));
    },
    damaged: (places) => {
      counts.damaged += places;
      log.error({ places }, 'a spool file is damaged: what could be read is replayed, the file is kept');
    },
    failed: (error) => {
      // The store's absence is told once, by goAway, and not every second.
      if (isStoreAway(error)) lastAway = error;
      else log.warn({ code: reasonOf(error) }, 'a replay did not work');
    },
  });
  replay.add({ log: own, own: true, finished: async () => {} });

  async function adopt(): Promise<void> {
    for (const found of await adoptLeftLogs({ root, damagedFolder, except: known, lock })) {
      known.add(found.name);
      held.set(found.name, found);
      left.records += found.records;
      left.bytes += found.bytes;
      log.warn({ records: found.records }, 'took over the spool of a process that ended');
      replay.add({
        log: found, own: false,
        finished: async () => {
          try {
            await found.close(true);
          } finally {
            held.delete(found.name);
            known.delete(found.name);
            // What could not be read back is not waited for.
            if (held.size === 0) Object.assign(left, { records: 0, bytes: 0 });
          }
        },
      });
    }
  }

  const records = (): number => mine.records + left.records;

  function leave(key: string): void {
    const count = (waiting.get(key) ?? 0) - 1;
    if (count > 0) {
      waiting.set(key, count);
      return;
    }
    waiting.delete(key);
    changes.told();
  }

  const mustSpool = (): boolean => away || held.size > 0;
  const waits = (keys: readonly string[]): boolean => keys.some((key) => waiting.has(key));

  /**
   * True once nothing of these addresses waits in the spool; false when that takes too long or the store is away. Without this wait
   * the spool takes what is said several times as fast as it gives it back: a city that goes on talking would never be through.
   */
  async function caughtUp(keys: readonly string[]): Promise<boolean> {
    if (mustSpool()) return false;
    if (!waits(keys)) return true;
    const through = changes.until(() => away || !waits(keys));
    await within(catchUpMs, () => through.happened, true);
    through.forget();
    return !mustSpool() && !waits(keys);
  }

  function goAway(error: unknown): void {
    if (!away) {
      away = true;
      awaySince = now();
      log.warn({ code: reasonOf(error) }, 'the database is away: webhooks go into the spool');
      changes.told();
    }
    kick();
  }

  /** One that was late among others that were answered says nothing about the store. */
  function late(before: number): void {
    if (answered === before) goAway(new AppError('store.slow', 'the store took too long'));
  }

  function comeBack(): void {
    away = false;
    log.info({ awayMs: now() - awaySince, records: records() }, 'the database is back: the spool is replayed');
  }

  async function keep(activities: readonly InboundActivity[]): Promise<'spooled'> {
    const at = now();
    const payloads = activities.map((inbound) => encodeRecord({ id: newId(), at, inbound }, options.seal));
    const bytes = payloads.reduce((sum, payload) => sum + frameBytes(payload), 0);
    if (mine.bytes + left.bytes + bytes > limitBytes) {
      counts.turnedAway += 1;
      throw new AppError('spool.full', 'the spool has reached its limit', { retry: 'later', status: 503 });
    }
    const kept = await Promise.allSettled(
      activities.map(async ({ channel, address }, index) => {
        const payload = payloads[index];
        if (payload === undefined) return;
        const key = addressKey(channel, address);
        // Counted before it is written: from here on nothing of this address may go past it.
        waiting.set(key, (waiting.get(key) ?? 0) + 1);
        mine.records += 1;
        mine.bytes += frameBytes(payload);
        oldestAt ??= at;
        const append = own.append(payload);
        const done = Promise.allSettled([append]);
        appends.add(done);
        try {
          await append;
          counts.spooled += 1;
        } catch (error) {
          leave(key);
          mine.records -= 1;
          mine.bytes -= frameBytes(payload);
          throw error;
        } finally {
          appends.delete(done);
        }
      }),
    );
    kick();
    const failure = kept.find((result) => result.status === 'rejected');
    if (failure !== undefined) {
      counts.turnedAway += 1;
      if (!turningAway) log.error({ code: reasonOf(failure.reason) }, 'webhooks cannot be spooled: they are turned away');
      turningAway = true;
      throw failure.reason;
    }
    turningAway = false;
    return 'spooled';
  }

  function kick(): void {
    again = true;
    if (!started || stopping || working !== null) return;
    working = (async () => {
      while (again && !stopping) {
        again = false;
        await work();
      }
    })().finally(() => {
      working = null;
      if (again) kick();
    });
  }

  /** Ends when nothing is left to do, or when what is left is still being written: its writer calls again. */
  async function work(): Promise<void> {
    while (!stopping && (away || records() > 0 || held.size > 0)) {
      if (away && (await within(patienceMs, options.ping, true)).kind !== 'ok') {
        await pause(probeMs);
        continue;
      }
      if (away && records() === 0) return comeBack();
      // A database that answers may still not write: one record tries, the others follow.
      const result = await step(away ? 1 : BATCH);
      if (result === 'nothing') return;
      if (result === 'away') goAway(lastAway);
      else if (away && result === 'some') comeBack();
      if (result !== 'some') await pause(probeMs);
    }
  }

  async function step(limit: number): Promise<Replayed> {
    const before = { done: counts.replayed + counts.refused, at: performance.now() };
    let result: Replayed;
    try {
      result = await replay.run(limit);
      oldestAt = records() === 0 ? null : ((await replay.oldest()) ?? oldestAt);
    } catch (error) {
      log.error({ code: reasonOf(error) }, 'a spool file could not be read: it is tried again');
      return 'again';
    }
    const done = counts.replayed + counts.refused - before.done;
    if (done > 0) {
      const seconds = (performance.now() - before.at) / 1000;
      counts.replaySeconds += seconds;
      options.onReplay?.({ records: done, seconds });
    }
    return result;
  }

  function lookForLeft(): void {
    adopting = timers.after(ADOPT_MS, () => {
      adopt()
        .catch((error: unknown) => log.warn({ code: reasonOf(error) }, 'looking for left spools did not work'))
        .finally(() => {
          if (stopping) return;
          if (records() > 0) kick();
          lookForLeft();
        });
    });
  }

  await adopt();
  oldestAt = await replay.oldest();

  return {
    async take(activities, store) {
      const named = activities.map((activity) => (activity.externalId === null ? { ...activity, externalId: asExternalId(`taken:${newId()}`) } : activity));
      if (named.length === 0 || stopping) return store(named);
      const keys = [...new Set(named.map(({ channel, address }) => addressKey(channel, address)))];
      return inOrder(keys, async () => {
        if (!(await caughtUp(keys))) return keep(named);
        const before = answered;
        const outcome = await within(patienceMs, () => store(named));
        if (outcome.kind === 'ok') {
          answered += 1;
          return outcome.value;
        }
        if (outcome.kind === 'failed' && !isStoreAway(outcome.error)) throw outcome.error;
        if (outcome.kind === 'failed') goAway(outcome.error);
        else late(before);
        return keep(named);
      });
    },
    async ask<Result>(channel: string, address: Address, ask: () => Promise<Result>, waitMs = 0): Promise<Result | 'away'> {
      if (!stopping && !(await caughtUp([addressKey(channel, address)]))) return 'away';
      const before = answered;
      const outcome = await within(patienceMs + waitMs, ask);
      if (outcome.kind === 'ok') {
        answered += 1;
        return outcome.value;
      }
      if (outcome.kind === 'failed' && !isStoreAway(outcome.error)) throw outcome.error;
      if (outcome.kind === 'failed') goAway(outcome.error);
      else late(before);
      return 'away';
    },
    start() {
      if (started) return;
      started = true;
      lookForLeft();
      kick();
    },
    async stop() {
      if (stopping) return;
      stopping = true;
      adopting?.cancel();
      hurry();
      await working;
      await Promise.all(appends);
      for (const found of held.values()) await found.close(false);
      const empty = mine.records === 0;
      await own.close(empty);
      if (empty) await rm(join(folder, LOCK_FILE), { force: true });
      release();
      if (empty) await rmdir(folder).catch(() => {});
    },
    stats: () => ({
      state: away ? 'away' : records() > 0 || held.size > 0 ? 'draining' : 'through',
      records: records(), bytes: mine.bytes + left.bytes, oldestAgeMs: oldestAt === null ? 0 : Math.max(0, now() - oldestAt),
      spooled: counts.spooled, replayed: counts.replayed, refused: counts.refused, damaged: counts.damaged, turnedAway: counts.turnedAway,
      syncs: own.syncs(), replaySeconds: counts.replaySeconds,
    }),
  };
}
