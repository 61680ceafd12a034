import type { Locale } from '../../src/domain/activity.ts';

/**
 * What one webhook tells the next. Twilio keeps no state for us between the requests of a call and this channel is pure,
 * so the little there is travels in the query of the action URLs, which are covered by the signature.
 */

/** Why a request comes. `start`: the call's first one. `seat`: a `<Dial>` to the seat's telephone has ended. */
export type Purpose = 'start' | 'gather' | 'silence' | 'wait' | 'seat';

export interface CallState {
  readonly purpose: Purpose;
  /** Counts the requests of the call: a retry repeats its number, so it can be told from a second identical input. */
  readonly step: number;
  /** Waiting rounds since something was last said to the caller. */
  readonly waits: number;
  /** How often the seat's telephone was rung in this call. */
  readonly dials: number;
  /** Rounds of this call in which the gateway could not answer, only keep. */
  readonly outage: number;
  /** Place in the conversation up to which the caller has heard everything, as the last answer told it; null: no answer has told one. */
  readonly heard: number | null;
  /** Language of the last thing said. */
  readonly locale: Locale;
}

const PURPOSES: readonly Purpose[] = ['gather', 'silence', 'wait', 'seat'];

/** @param url path and query as received */
export function readCallState(url: string): CallState {
  const at = url.indexOf('?');
  const query = new URLSearchParams(at === -1 ? '' : url.slice(at + 1));
  const step = query.get('step');
  const asked = query.get('for');
  const purpose = PURPOSES.find((known) => known === asked);
  return {
    purpose: purpose ?? (step === null ? 'start' : 'gather'),
    step: count(step),
    waits: count(query.get('w')),
    dials: count(query.get('d')),
    outage: count(query.get('o')),
    heard: query.has('h') ? count(query.get('h')) : null,
    locale: query.get('l') === 'en' ? 'en' : 'zh-CN',
  };
}

/** Path and query of the next request. Path-absolute, so that it resolves against whatever host Twilio was told. */
export function nextUrl(path: string, state: CallState, next: { readonly purpose: Exclude<Purpose, 'start'>; readonly waits?: number; readonly dials?: number; readonly outage?: number; readonly locale?: Locale }): string {
  const waits = next.waits ?? 0;
  const dials = next.dials ?? state.dials;
  const query = new URLSearchParams({ step: String(state.step + 1), for: next.purpose });
  if (waits > 0) query.set('w', String(waits));
  if (dials > 0) query.set('d', String(dials));
  if ((next.outage ?? 0) > 0) query.set('o', String(next.outage));
  if (state.heard !== null) query.set('h', String(state.heard));
  if ((next.locale ?? state.locale) === 'en') query.set('l', 'en');
  return `${path}?${query.toString()}`;
}

/**
 * Twilio posts to the fallback URL when a request of ours failed, with that request's address in ErrorUrl
 * (https://www.twilio.com/docs/usage/security/availability-reliability). In the middle of a call that is no new call: it
 * goes on where the failed request stood, by collecting what waits.
 */
export function resumedState(state: CallState, errorUrl: string): CallState {
  if (state.purpose !== 'start' || errorUrl === '') return state;
  const failed = readCallState(errorUrl.split('#')[0] ?? '');
  return failed.purpose === 'start' ? state : { ...failed, purpose: 'wait', step: failed.step + 1 };
}

function count(text: string | null): number {
  return text !== null && /^\d{1,9}$/.test(text) ? Number(text) : 0;
}
