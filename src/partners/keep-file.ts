import { createHash } from 'node:crypto';
import { AppError, isAppError } from '../domain/errors.ts';
import type { OutboxRow, Store, TicketFile } from '../store/contract.ts';
import type { Carrier } from './carrier.ts';
import type { Lease } from './send-out.ts';

/** Files that another platform names by their address: fetched once by the bus and kept with the ticket, as the other's server may forget them. */

export interface FileOptions {
  readonly store: Store;
  readonly carry: Carrier;
  /** AppErrors `media.…` say what is refused: too large, a type that is not taken. */
  readonly save: (bytes: Buffer, name?: string) => Promise<{ readonly url: string; readonly contentType: string; readonly name?: string }>;
  readonly now: () => number;
  readonly newId: () => string;
}

export interface NamedFile {
  readonly ticketId: string;
  readonly url: string;
  /** Lower-case hex; null: whatever comes is kept. */
  readonly sha256: string | null;
  /** The partner or profile that named it. */
  readonly from: string;
  readonly purpose: TicketFile['purpose'];
}

export type KeepOutcome = { readonly kind: 'done' } | { readonly kind: 'retry'; readonly code: string; readonly afterMs: number; readonly burns: true } | { readonly kind: 'bury'; readonly code: string };

const ATTEMPTS = 6;
const BACKOFF_MS = 30_000;

/** What is buried is a dead letter that says why; the address stands on the ticket or in the record, where a person can look. */
export async function keepFile({ store, carry, save, now, newId }: FileOptions, { ticketId, url, sha256, from, purpose }: NamedFile, row: OutboxRow, lease: Lease): Promise<KeepOutcome> {
  const carried = await carry({ method: 'GET', url, headers: { accept: '*/*' } });
  if (carried.kind === 'failed' || carried.status >= 500 || carried.status === 429) {
    const code = carried.kind === 'failed' ? carried.code : `http.${carried.status}`;
    if (code === 'webhook.private_address' || code === 'webhook.bad_address' || row.attempts + 1 >= ATTEMPTS) return { kind: 'bury', code };
    return { kind: 'retry', code, afterMs: BACKOFF_MS * 2 ** row.attempts, burns: true };
  }
  if (carried.status < 200 || carried.status > 299) return { kind: 'bury', code: `http.${carried.status}` };
  if (!carried.whole) return { kind: 'bury', code: 'media.too_large' };
  // Changed on the way, or not what was spoken of: a person asks for it again.
  if (sha256 !== null && createHash('sha256').update(carried.body).digest('hex') !== sha256) return { kind: 'bury', code: 'linkage.hash_mismatch' };
  try {
    const saved = await save(carried.body, nameOf(url));
    const media = /^media:([^/]+)/.exec(saved.url)?.[1];
    if (media === undefined) return { kind: 'bury', code: 'media.no_token' };
    await store.write(async (repos) => {
      await repos.lanes.assertFence(lease.lane, lease.fence);
      if (!(await repos.outbox.complete(row.id))) throw new AppError('outbox.gone', 'the row was done by somebody else', { status: 409, retry: 'conflict' });
      await repos.ticketFiles.insert({ id: newId(), ticketId, media, name: saved.name ?? null, contentType: saved.contentType, purpose, addedBy: `partner:${from}`, at: now() });
    });
    return { kind: 'done' };
  } catch (error) {
    if (isAppError(error) && error.code.startsWith('media.')) return { kind: 'bury', code: error.code };
    throw error;
  }
}

function nameOf(url: string): string {
  const last = new URL(url).pathname.split('/').at(-1) ?? '';
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
}
