import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Client from 'better-sqlite3';
import { createStore, createVault } from '../../src/store/index.ts';
import { residentMegabytes } from './processor.ts';

/** What the measurement of sockets needs besides sockets. */

export const SIDE_BY_SIDE = 64;
/** Lets a process collect its garbage when it gets SIGUSR2: memory is compared before and after. */
export const COLLECTING = ['--expose-gc', '--import', `data:text/javascript,${encodeURIComponent("process.on('SIGUSR2', () => globalThis.gc())")}`] as const;
const SETTLE_MS = 700;

export interface Desk {
  readonly seatId: string;
  readonly token: string;
}

/** Does this for 0 … count-1, so many at a time. */
export async function forEach(count: number, act: (index: number) => Promise<void>, atOnce = SIDE_BY_SIDE): Promise<void> {
  let next = 0;
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, async () => {
    while (next < count) {
      const index = next;
      next += 1;
      await act(index);
    }
  }));
}

/** Resident memory, MB, once the garbage is gone. */
export async function settledMegabytes(pid: number): Promise<number> {
  for (let round = 0; round < 2; round += 1) {
    process.kill(pid, 'SIGUSR2');
    await sleep(SETTLE_MS);
  }
  return residentMegabytes(pid);
}

/** Files (sockets are files, too) that a process of this user may open; Linux only, NaN elsewhere. Node raises itself to the hard limit. */
export function openFilesLimit(): number {
  try {
    return Number(/^Max open files\s+\d+\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1] ?? Number.NaN);
  } catch {
    return Number.NaN;
  }
}

/** Seats that are signed in, written straight into a new store: signing 450 in takes a slow hash each. */
export async function makeDesks(dataDir: string, vaultKey: Buffer, count: number): Promise<readonly Desk[]> {
  const store = await createStore({ dataDir, vault: createVault(vaultKey) });
  const now = Date.now();
  const desks = Array.from({ length: count }, (_, index): Desk => ({ seatId: `bench-seat-${index}`, token: `bench-bearer-${index}` }));
  try {
    await store.write(async (repos) => {
      for (const [index, { seatId, token }] of desks.entries()) {
        await repos.seats.create({ id: seatId, username: `bench${index}`, displayName: `坐席${index}`, role: 'seat', departmentId: null, active: true, createdAt: now }, 'nobody signs in');
        await repos.sessions.create({ tokenHash: createHash('sha256').update(token).digest('hex'), seatId, csrf: 'bench', createdAt: now, expiresAt: now + 3_600_000, kind: 'bearer' });
      }
    });
  } finally {
    await store.close();
  }
  return desks;
}

/** The gateway's own ids of web chat conversations, by the id that citizens see; read beside the running gateway. */
export function conversationIds(dataDir: string): ReadonlyMap<string, string> {
  const database = new Client(join(dataDir, 'yihu.sqlite3'), { readonly: true });
  try {
    return new Map(database.prepare<[], { readonly id: string; readonly address: string }>("select id, address from conversations where channel = 'webchat'").all().map(({ id, address }) => [address, id]));
  } finally {
    database.close();
  }
}
