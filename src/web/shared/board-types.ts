import { arrayOf, isNumber, isRecord, isString, nullable, object, optional, type Guard, type Guarded } from './guards.ts';
import { isStormMode } from './storm-types.ts';

/** The data wall's picture (src/http/zones/desk/board-schemas.ts). */

const share = nullable(isNumber);
const numbers: Guard<Readonly<Record<string, number>>> = (value): value is Record<string, number> => isRecord(value) && Object.values(value).every(isNumber);

const rate = object({ name: isString, value: share, over: isNumber, under: isNumber, target: share });
export type BoardRate = Guarded<typeof rate>;

const counts = object({
  asOf: isNumber,
  day: isNumber,
  today: object({ received: isNumber, begun: isNumber, opened: isNumber, closed: isNumber, urged: isNumber }),
  yesterday: nullable(object({ received: isNumber, begun: isNumber, opened: isNumber })),
  channels: arrayOf(object({ channel: isString, received: isNumber, begun: isNumber })),
  hours: arrayOf(object({ at: isNumber, received: isNumber, opened: isNumber, connected: share, prompt: share })),
  service: arrayOf(rate),
  waitMs: share,
  quality: arrayOf(rate),
  ratings: isNumber,
  fields: arrayOf(object({ field: isString, amount: isNumber })),
  towns: arrayOf(object({ id: isString, name: isString, amount: isNumber, row: share, column: share })),
  items: arrayOf(object({ code: isString, name: isString, amount: isNumber, hours: arrayOf(isNumber) })),
  rising: nullable(arrayOf(object({ code: isString, name: isString, recent: isNumber, usual: isNumber }))),
  recentHours: isNumber,
});
export type BoardCounts = Guarded<typeof counts>;

const states = object({
  conversations: object({ bot: isNumber, waiting: isNumber, human: isNumber }),
  groups: arrayOf(object({ id: isString, name: isString, waiting: isNumber, longestMs: share })),
  seats: object({ online: isNumber, busy: isNumber, 'wrap-up': isNumber, break: isNumber, away: isNumber, offline: isNumber }),
  tickets: object({ byState: numbers, overdue: isNumber }),
});
export type BoardStates = Guarded<typeof states>;

export const isPicture = object({ at: isNumber, counts: nullable(counts), states, storm: optional(nullable(isStormMode)) });
export type BoardPicture = Guarded<typeof isPicture>;
