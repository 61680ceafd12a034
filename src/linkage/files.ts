import { createHash } from 'node:crypto';
import Type from 'typebox';
import { Compile } from 'typebox/compile';
import type { JobHandler } from '../bus/contract.ts';
import { AppError, isAppError } from '../domain/errors.ts';
import type { Carrier } from '../partners/carrier.ts';
import type { Store } from '../store/contract.ts';

/** Attachments of records: fetched once by the bus, checked against the hash that came with them, kept with the ticket. */

/** Outbox kind. Payload: {ticketId, profile, url, sha256}. */
export const LINKAGE_FILE_KIND = 'linkage.file';

export interface FileOptions {
  readonly store: Store;
  readonly carry: Carrier;
  /** AppErrors `media.…` say what is refused: too large, a type that is not taken. */
  readonly save: (bytes: Buffer, name?: string) => Promise<{ readonly url: string; readonly contentType: string; readonly name?: string }>;
  readonly now: () => number;
  readonly newId: () => string;
}

const ATTEMPTS = 6;
const BACKOFF_MS = 30_000;
const payloadShape = Compile(Type.Object({ ticketId: Type.String(), profile: Type.String(), url: Type.String(), sha256: Type.Union([Type.String(), Type.Null()]) }));

export function createFileHandler({ store, carry, save, now, newId }: FileOptions): JobHandler {
  return async (row, lease) => {
    if (!payloadShape.Check(row.payload)) return { kind: 'bury', code: 'linkage.bad_payload' };
    const { ticketId, profile, url, sha256 } = row.payload;
    const carried = await carry({ method: 'GET', url, headers: { accept: '*/*' } });
    if (carried.kind === 'failed' || carried.status >= 500 || carried.status === 429) {
      const code = carried.kind === 'failed' ? carried.code : `http.${carried.status}`;
      if (code === 'webhook.private_address' || code === 'webhook.bad_address' || row.attempts + 1 >= ATTEMPTS) return { kind: 'bury', code };
      return { kind: 'retry', code, afterMs: BACKOFF_MS * 2 ** row.attempts, burns: true };
    }
    if (carried.status < 200 || carried.status > 299) return { kind: 'bury', code: `http.${carried.status}` };
    if (!carried.whole) return { kind: 'bury', code: 'media.too_large' };
    // Changed on the way, or not what the record spoke of: a person asks for it again.
    if (sha256 !== null && createHash('sha256').update(carried.body).digest('hex') !== sha256) return { kind: 'bury', code: 'linkage.hash_mismatch' };
    try {
      const saved = await save(carried.body, nameOf(url));
      const media = /^media:([^/]+)/.exec(saved.url)?.[1];
      if (media === undefined) return { kind: 'bury', code: 'media.no_token' };
      await store.write(async (repos) => {
        await repos.lanes.assertFence(lease.lane, lease.fence);
        if (!(await repos.outbox.complete(row.id))) throw new AppError('outbox.gone', 'the row was done by somebody else', { status: 409, retry: 'conflict' });
        await repos.ticketFiles.insert({ id: newId(), ticketId, media, name: saved.name ?? null, contentType: saved.contentType, purpose: 'citizen', addedBy: `partner:${profile}`, at: now() });
      });
      return { kind: 'done' };
    } catch (error) {
      if (isAppError(error) && error.code.startsWith('media.')) return { kind: 'bury', code: error.code };
      throw error;
    }
  };
}

function nameOf(url: string): string {
  const last = URL.canParse(url) ? (new URL(url).pathname.split('/').at(-1) ?? '') : '';
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
}
