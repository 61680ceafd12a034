import { nextQuery, readCallState, type CallState, type NextCall } from '../../src/channel/voice/call-state.ts';
import type { KeyRule } from '../../src/channel/voice/plan.ts';

/**
 * What an answer of ours tells the next callback, in `dynamic_id`: Aliyun hands it back with every event until another answer replaces it. The
 * state of the call as on every telephone, and what this platform needs besides, because it has no gather and says one thing at a time.
 */
export interface Thread {
  readonly state: CallState;
  /** How keys are taken. */
  readonly keys: KeyRule['mode'];
  /** Keys of a number that is still being typed: the platform may tell them one by one. */
  readonly typed: string;
  /** What follows when all has been said and nobody answers. */
  readonly after: 'hangup' | 'transfer' | null;
  /** As it came; names the event together with what was said. */
  readonly raw: string;
}

/** A vendor's page forbids `@ = : " $ { } ^ *` in its callbacks, so a query is written with other marks. */
const THREAD = /^[a-z]+-[a-z0-9]*(?:_[a-z]+-[a-z0-9]*)*$/;

/** @param raw `dynamic_id` as it came; one that is not ours begins in the middle of the call, where anything may be said */
export function readThread(raw: string): Thread {
  const query = THREAD.test(raw) && raw.length <= 200 ? raw.replaceAll('-', '=').replaceAll('_', '&') : 'step=0';
  const own = new URLSearchParams(query);
  const keys = own.get('k');
  const after = own.get('t');
  return {
    state: readCallState(`?${query}`),
    keys: keys === 's' ? 'single' : keys === 'n' ? 'number' : 'open',
    typed: (own.get('n') ?? '').replaceAll('s', '*').replace(/[^0-9*]/g, ''),
    after: after === 'h' ? 'hangup' : after === 't' ? 'transfer' : null,
    raw,
  };
}

export function writeThread(state: CallState, next: NextCall, more: { readonly keys?: KeyRule['mode']; readonly after?: 'hangup' | 'transfer' } = {}): string {
  const query = new URLSearchParams(nextQuery(state, next));
  if (more.keys !== undefined && more.keys !== 'open') query.set('k', more.keys === 'single' ? 's' : 'n');
  if (more.after !== undefined) query.set('t', more.after === 'hangup' ? 'h' : 't');
  return query.toString().replaceAll('=', '-').replaceAll('&', '_');
}

/** The same place in the call, with what was typed since. */
export function withTyped({ raw }: Thread, typed: string): string {
  const others = raw.split('_').filter((part) => !part.startsWith('n-'));
  return [...others, `n-${typed.replaceAll('*', 's')}`].join('_');
}
