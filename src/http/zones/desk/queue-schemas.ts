import Type, { type Static } from 'typebox';
import { OfferView, QueueFields } from './queue-fields.ts';
import { SeatRoleSchema } from './schemas.ts';

export { OfferView, ParticipantView, QueueFields, TransferNoteView } from './queue-fields.ts';

/** Shapes of queues, presence, transfer and joining, by REST and socket. Times are epoch ms. `src/web/shared/queue-types.ts` says the same as types. */

const Text = Type.Union([Type.String(), Type.Null()]);
const Time = Type.Union([Type.Number(), Type.Null()]);
const shape = { additionalProperties: false };
const Id = Type.String({ minLength: 1, maxLength: 100 });

/** `wrap-up` begins by itself after closing and ends by itself; `busy`, `break` and `away` are offered nothing. `offline`: no page is open. */
export const PresenceStateSchema = Type.Union([Type.Literal('online'), Type.Literal('busy'), Type.Literal('break'), Type.Literal('wrap-up'), Type.Literal('away')]);
export const SeatPresenceSchema = Type.Union([...PresenceStateSchema.anyOf, Type.Literal('offline')]);

/* ---- skill groups and seats ------------------------------------------------------------------------------------ */

export const GroupView = Type.Object({
  id: Type.String(),
  name: Type.String(),
  /** Conversations that wait in it now. */
  waiting: Type.Number(),
  oldestWaitingSince: Time,
  /** Seats of the group that are there (not away, on a break or offline). */
  seatsOnline: Type.Number(),
  /** Of these: how many could be offered one more now. */
  seatsFree: Type.Number(),
});
export type GroupViewShape = Static<typeof GroupView>;

export const BreakReasonView = Type.Object({ id: Type.String(), name: Type.String() });
export const GroupsAnswer = Type.Object({
  groups: Type.Array(GroupView),
  /** `offer`: waiting conversations are offered to seats; `manual`: seats take them from the list. Taking by hand works either way. */
  assign: Type.Union([Type.Literal('offer'), Type.Literal('manual')]),
  breakReasons: Type.Array(BreakReasonView),
});

export const SeatPresenceView = Type.Object({
  id: Type.String(),
  displayName: Type.String(),
  role: SeatRoleSchema,
  /** Ids of its skill groups. */
  groups: Type.Array(Type.String()),
  presence: SeatPresenceSchema,
  /** Break: id of the reason (see `breakReasons`); else null. */
  reason: Text,
  /** Of this presence; null: never seen. */
  since: Time,
  /** Wrap-up: when it ends by itself. */
  until: Time,
  /** Conversations that it has, and those offered to it. */
  load: Type.Number(),
  capacity: Type.Number(),
});
export type SeatPresenceViewShape = Static<typeof SeatPresenceView>;
export const SeatsPresenceAnswer = Type.Object({ seats: Type.Array(SeatPresenceView) });

/** `presence` is the first version's name of `state` and goes on working. */
export const PresenceChangeBody = Type.Union([
  Type.Object({ state: PresenceStateSchema, reason: Type.Optional(Type.String({ maxLength: 40 })) }, shape),
  Type.Object({ presence: Type.Union([Type.Literal('online'), Type.Literal('away')]) }, shape),
]);

/** `presence`: what the first version knew. */
export const PresenceAnswer = Type.Object({ presence: Type.Union([Type.Literal('online'), Type.Literal('away')]), state: PresenceStateSchema, reason: Text, since: Type.Number(), until: Time });

export const SkillsView = Type.Object({
  seatId: Type.String(),
  groups: Type.Array(Type.String()),
  capacity: Type.Number(),
  /** Nothing was set for this seat: it serves every group that is marked `general`, with the house's capacity. */
  default: Type.Boolean(),
});
export const SkillsBody = Type.Object({ groups: Type.Array(Type.String({ maxLength: 60 }), { maxItems: 100, uniqueItems: true }), capacity: Type.Integer({ minimum: 1, maximum: 50 }) }, shape);

/* ---- one conversation ------------------------------------------------------------------------------------------ */

export const TransferTarget = Type.Union([Type.Object({ seat: Id }, shape), Type.Object({ group: Id }, shape), Type.Object({ department: Id }, shape)]);
/** To a department: a ticket goes there with the conversation's matter, and the bot has the conversation again. `clientId`: sent again, it does nothing twice. */
export const TransferBody = Type.Object({ to: TransferTarget, note: Type.String({ maxLength: 1000 }), clientId: Type.Optional(Type.String({ minLength: 8, maxLength: 80 })) }, shape);
export const InviteBody = Type.Object({ seatId: Id }, shape);

export const QueueFieldsView = Type.Object(QueueFields);
export type QueueFieldsShape = Static<typeof QueueFieldsView>;

/* ---- frames of /api/desk/live ---------------------------------------------------------------------------------- */

/** To the seat it is offered to, and again with `seatId` null to the same seat when the offer is over (taken, declined, out of time). */
export const OfferFrame = Type.Object({ type: Type.Literal('offer'), conversationId: Type.String(), groupId: Text, seatId: Text, until: Time, kind: OfferView.properties.kind });
export const PresenceFrame = Type.Object({ type: Type.Literal('presence'), seats: Type.Array(SeatPresenceView) });
export const QueueFrame = Type.Object({ type: Type.Literal('queue'), groups: Type.Array(Type.Object({ id: Type.String(), waiting: Type.Number(), oldestWaitingSince: Time })) });
