import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { AppError, isAppError } from '../domain/errors.ts';
import type { OutboxRow, Store } from '../store/contract.ts';
import type { Carrier } from './carrier.ts';
import type { Lease, SendOutcome } from './send-out.ts';

/** Files that a partner's report names (media_url): fetched once by the bus and kept with the ticket, as the partner's server may forget them. */
export interface MediaOptions {
  readonly store: Store;
  readonly carry: Carrier;
  /** AppErrors say what is refused: too large, a type that is not taken. */
  readonly save: (bytes: Buffer, name?: string) => Promise<{ readonly url: string; readonly contentType: string; readonly name?: string }>;
  readonly now: () => number;
  readonly newId: () => string;
}

const ATTEMPTS = 6;
const BACKOFF_MS = 30_000;
const payloadShape = Compile(Type.Object({ ticketId: Type.String(), partnerId: Type.String(), url: Type.String() }));

export function createMediaHandler({ store, carry, save, now, newId }: MediaOptions): (row: OutboxRow, lease: Lease) => Promise<SendOutcome | { readonly kind: 'retry'; readonly code: string; readonly afterMs: number; readonly burns: true }> {
  return async (row, lease) => {
    if (!payloadShape.Check(row.payload)) return { kind: 'bury', code: 'media.bad_payload' };
    const { ticketId, partnerId, url } = row.payload;
    const carried = await carry({ method: 'GET', url, headers: { accept: '*/*' } });
    if (carried.kind === 'failed' || carried.status >= 500 || carried.status === 429) {
      const code = carried.kind === 'failed' ? carried.code : `http.${carried.status}`;
      // Its address stands on the ticket: a person can look there. The dead letter says why it is not kept.
      if (code === 'webhook.private_address' || row.attempts + 1 >= ATTEMPTS) return { kind: 'bury', code };
      return { kind: 'retry', code, afterMs: BACKOFF_MS * 2 ** row.attempts, burns: true };
    }
    if (carried.status < 200 || carried.status > 299) return { kind: 'bury', code: `http.${carried.status}` };
    if (!carried.whole) return { kind: 'bury', code: 'media.too_large' };
    try {
      const saved = await save(carried.body, nameOf(url));
      const media = /^media:([^/]+)/.exec(saved.url)?.[1];
      if (media === undefined) return { kind: 'bury', code: 'media.no_token' };
      await store.write(async (repos) => {
        await repos.lanes.assertFence(lease.lane, lease.fence);
        if (!(await repos.outbox.complete(row.id))) throw new AppError('outbox.gone', 'the row was done by somebody else', { status: 409, retry: 'conflict' });
        await repos.ticketFiles.insert({ id: newId(), ticketId, media, name: saved.name ?? null, contentType: saved.contentType, purpose: 'citizen', addedBy: `partner:${partnerId}`, at: now() });
      });
      return { kind: 'done' };
    } catch (error) {
      if (isAppError(error) && error.code.startsWith('media.')) return { kind: 'bury', code: error.code };
      throw error;
    }
  };
}

function nameOf(url: string): string {
  const last = new URL(url).pathname.split('/').at(-1) ?? '';
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
}
