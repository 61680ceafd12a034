import type { Locale } from '../../domain/activity.ts';

/**
 * What one webhook of a call tells the next. Telephone platforms keep no state for us between the requests of a call and the channels are
 * pure, so the little there is travels in the query of the next address, under its signature where there is one.
 */

/** Why a request comes. `start`: the call's first one. `seat`: a call to the seat's telephone has ended. */
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
  /** The caller asked to be spoken to slowly. */
  readonly slow: boolean;
}

/** As they are written into an address; zh-CN is not. */
const LOCALES: readonly (readonly [string, Locale])[] = [['en', 'en'], ['hk', 'zh-HK']];
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
    locale: LOCALES.find(([name]) => name === query.get('l'))?.[1] ?? 'zh-CN',
    slow: query.get('p') === '1',
  };
}

/** What the next request is to be; what is not given stays as it is, waits and outage begin anew. */
export interface NextCall {
  readonly purpose: Exclude<Purpose, 'start'>;
  readonly waits?: number;
  readonly dials?: number;
  readonly outage?: number;
  readonly locale?: Locale;
}

/** Query of the next request. */
export function nextQuery(state: CallState, next: NextCall): string {
  const waits = next.waits ?? 0;
  const dials = next.dials ?? state.dials;
  // Numbers and words of our own: none of them has to be escaped.
  let query = `step=${state.step + 1}&for=${next.purpose}`;
  if (waits > 0) query += `&w=${waits}`;
  if (dials > 0) query += `&d=${dials}`;
  if (next.outage !== undefined && next.outage > 0) query += `&o=${next.outage}`;
  if (state.heard !== null) query += `&h=${state.heard}`;
  const locale = LOCALES.find(([, known]) => known === (next.locale ?? state.locale));
  if (locale !== undefined) query += `&l=${locale[0]}`;
  if (state.slow) query += '&p=1';
  return query;
}

/** Path and query of the next request. Path-absolute, so that it resolves against whatever host the platform was told. */
export function nextUrl(path: string, state: CallState, next: NextCall): string {
  return `${path}?${nextQuery(state, next)}`;
}

function count(text: string | null): number {
  return text !== null && /^\d{1,9}$/.test(text) ? Number(text) : 0;
}
