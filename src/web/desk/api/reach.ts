import { arrayOf, isBoolean, isNumber, isString, nullable, object, type Guard } from '../../shared/guards.ts';
import type { Calls } from './knowledge.ts';

/** How a ticket's citizen was told of it (src/http/zones/desk/reach.ts). */

export interface AttemptView {
  readonly id: string;
  readonly kind: string;
  readonly channel: string;
  readonly channelName: string;
  readonly about: string;
  readonly state: string;
  readonly stateName: string;
  readonly reason: string | null;
  readonly cost: string | null;
  readonly number: number;
  readonly at: number;
  readonly endedAt: number | null;
  /** Of a call: what was asked, the keys as they were pressed, what was understood. */
  readonly answers: readonly { readonly question: string; readonly keys: string | null; readonly answer: string | null }[];
}
export interface Wishes {
  readonly all: boolean;
  readonly sms: boolean;
}
export interface Reach {
  readonly attempts: readonly AttemptView[];
  readonly stopped: Wishes | null;
}

const isAttempt: Guard<AttemptView> = object({
  id: isString, kind: isString, channel: isString, channelName: isString, about: isString, state: isString, stateName: isString, reason: nullable(isString), cost: nullable(isString), number: isNumber, at: isNumber, endedAt: nullable(isNumber),
  answers: arrayOf(object({ question: isString, keys: nullable(isString), answer: nullable(isString) })),
});
const isWishes: Guard<Wishes> = object({ all: isBoolean, sms: isBoolean });
const isReach: Guard<Reach> = object({ attempts: arrayOf(isAttempt), stopped: nullable(isWishes) });

export function createReachApi({ read }: Pick<Calls, 'read'>) {
  const at = (ticketId: string): string => `/api/tickets/${encodeURIComponent(ticketId)}`;
  return {
    of: (ticketId: string): Promise<Reach> => read(isReach, 'GET', `${at(ticketId)}/attempts`),
    wish: (ticketId: string, wish: 'stop' | 'start', place: 'all' | 'sms'): Promise<Wishes> => read(isWishes, 'POST', `${at(ticketId)}/wish`, { wish, place }),
  };
}
