import { arrayOf, isBoolean, isNumber, isString, nullable, object, type Guarded } from './guards.ts';

/** Storm mode as the server shows it (src/http/zones/desk/storm-schemas.ts). */

const isCause = nullable(object({ signal: isString, value: isNumber, limit: isNumber }));
export const isStormMode = object({
  level: isNumber,
  levels: isNumber,
  name: nullable(isString),
  since: isNumber,
  began: nullable(isNumber),
  load: isNumber,
  perFive: isNumber,
  normal: isNumber,
  learned: isBoolean,
  givesUp: arrayOf(isString),
  cause: isCause,
  pinned: nullable(object({ level: isNumber, until: isNumber })),
  waitMs: nullable(isNumber),
  groups: arrayOf(object({ id: isString, title: isString, count: isNumber, towns: arrayOf(isString), answer: nullable(isString), reply: isString })),
});
export type StormMode = Guarded<typeof isStormMode>;

export const isStormShown = object({ storm: isStormMode, history: arrayOf(object({ at: isNumber, from: isNumber, to: isNumber, load: isNumber, cause: isCause })) });
export type StormShown = Guarded<typeof isStormShown>;
