import Type, { type Static } from 'typebox';
import { StormMode } from './storm-schemas.ts';

/** The data wall's picture as it goes over the wire. Amounts, rates and names of towns, items and groups; no person. */

const Count = Type.Number();
const Unknown = Type.Null();
const Share = Type.Union([Type.Number(), Unknown]);
const Time = Type.Integer();

const Rate = Type.Object({ name: Type.String(), value: Share, over: Count, under: Count, target: Share });

const Counts = Type.Object({
  asOf: Time,
  day: Time,
  today: Type.Object({ received: Count, begun: Count, opened: Count, closed: Count, urged: Count }),
  yesterday: Type.Union([Type.Object({ received: Count, begun: Count, opened: Count }), Unknown]),
  channels: Type.Array(Type.Object({ channel: Type.String(), received: Count, begun: Count })),
  hours: Type.Array(Type.Object({ at: Time, received: Count, opened: Count, connected: Share, prompt: Share })),
  service: Type.Array(Rate),
  waitMs: Share,
  quality: Type.Array(Rate),
  ratings: Count,
  fields: Type.Array(Type.Object({ field: Type.String(), amount: Count })),
  towns: Type.Array(Type.Object({ id: Type.String(), name: Type.String(), amount: Count, row: Type.Union([Type.Integer(), Unknown]), column: Type.Union([Type.Integer(), Unknown]) })),
  items: Type.Array(Type.Object({ code: Type.String(), name: Type.String(), amount: Count, hours: Type.Array(Count) })),
  rising: Type.Union([Type.Array(Type.Object({ code: Type.String(), name: Type.String(), recent: Count, usual: Count })), Unknown]),
  recentHours: Type.Integer(),
});

const States = Type.Object({
  conversations: Type.Object({ bot: Count, waiting: Count, human: Count }),
  groups: Type.Array(Type.Object({ id: Type.String(), name: Type.String(), waiting: Count, longestMs: Share })),
  seats: Type.Object({ online: Count, busy: Count, 'wrap-up': Count, break: Count, away: Count, offline: Count }),
  tickets: Type.Object({ byState: Type.Record(Type.String(), Count), overdue: Count }),
});

export const BoardPicture = Type.Object({
  /** When it was put together. */
  at: Time,
  /** Null before anything was counted. */
  counts: Type.Union([Counts, Unknown]),
  states: States,
  /** Null: a house without storm mode. */
  storm: Type.Union([StormMode, Unknown]),
});
export type BoardPictureShape = Static<typeof BoardPicture>;
