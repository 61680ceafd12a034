import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { v7 as uuidv7 } from 'uuid';
import type { Secrets } from '../config/secrets.ts';
import type { EpochMs } from '../domain/activity.ts';
import { AppError, isAppError } from '../domain/errors.ts';
import { hashPassword } from '../http/zones/desk/auth.ts';
import type { Log } from '../intake/context.ts';
import type { Store } from '../store/contract.ts';
import { createSteadyClock } from './steady-clock.ts';

const HOUSEKEEPING_MS = 10 * 60_000;
const IDLE_LANE_MS = 24 * 60 * 60_000;
/** Lanes forgotten at once; more follow at the next look. */
const LANES_AT_ONCE = 5_000;
/** An unsent reply that nobody has touched for so long is about nothing any more, and may hold what is kept nowhere else. */
export const OLD_DRAFT_MS = 30 * 24 * 60 * 60_000;
const DRAFTS_AT_ONCE = 500;

/** Takes away, now and then, what only fills the disk: lanes nobody used for a day, sessions and attachments that are over, unsent replies of a month ago. Returns how to stop it. */
export function keepTidy(store: Store, now: () => number, failed: (error: unknown) => void): () => void {
  const tidy = (): Promise<void> =>
    store.write(async (repos) => {
      await repos.lanes.removeIdle(now() - IDLE_LANE_MS, LANES_AT_ONCE);
      await repos.sessions.removeExpired(now());
      await repos.media.removeExpired(now());
      await repos.drafts.removeOld(now() - OLD_DRAFT_MS, DRAFTS_AT_ONCE);
    });
  const timer = setInterval(() => void tidy().catch(failed), HOUSEKEEPING_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/** The time of this process: never behind what the store has seen. */
export async function openClock(store: Store, log: Pick<Log, 'error'>): Promise<() => EpochMs> {
  const { waiting, taken } = await store.read(async (repos) => ({ waiting: await repos.outbox.newestAt(), taken: await repos.lanes.newestTaken() }));
  return createSteadyClock({
    wall: Date.now,
    monotonic: () => performance.now(),
    newest: waiting === null && taken === null ? null : Math.max(waiting ?? 0, taken ?? 0),
    onImplausible: (aheadMs) => log.error({ aheadMs }, 'the database holds work from the future: is the clock of this machine right?'),
  });
}

const PROBE = { channel: 'house', key: 'vault-probe', value: 'yihu' } as const;

/**
 * A node with another VAULT_KEY than the others could read nothing of theirs, and they nothing of its: better not to start.
 * @throws AppError `vault.other_key`
 */
export async function proveVault(store: Store, now: () => number): Promise<void> {
  const { channel, key, value } = PROBE;
  try {
    if ((await store.read((repos) => repos.channelState.get(channel, key, now()))) === value) return;
  } catch (error) {
    if (!isAppError(error) || error.code !== 'vault.broken') throw error;
    throw new AppError('vault.other_key', 'this database was sealed with another VAULT_KEY (or secrets.json): set the one it was made with', { status: 500 });
  }
  await store.write((repos) => repos.channelState.put(channel, key, value, null));
}

/** True when it was made now: only then is its password the one that may be shown. */
export async function makeFirstAdministrator(store: Store, secrets: Secrets, now: () => number): Promise<boolean> {
  if ((await store.read((repos) => repos.seats.count())) > 0) return false;
  const passwordHash = await hashPassword(secrets.adminPassword);
  try {
    return await store.write(async (repos) => {
      if ((await repos.seats.count()) > 0) return false;
      await repos.seats.create({ id: uuidv7(), username: 'admin', displayName: '管理员', role: 'administrator', departmentId: null, active: true, createdAt: now() }, passwordHash);
      return true;
    });
  } catch (error) {
    if (isAppError(error) && error.code === 'seat.username_taken') return false; // another node was faster
    throw error;
  }
}

/** The version that package.json names. */
export function readVersion(root: string): string {
  const value: unknown = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return typeof value === 'object' && value !== null && 'version' in value && typeof value.version === 'string' ? value.version : '0.0.0';
}
