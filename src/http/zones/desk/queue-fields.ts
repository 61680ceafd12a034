import Type, { type Static } from 'typebox';

/** What a conversation's view says of queue and company. Apart from queue-schemas.ts, because schemas.ts has it too. */

const Text = Type.Union([Type.String(), Type.Null()]);
const Time = Type.Union([Type.Number(), Type.Null()]);

export const OfferView = Type.Object({
  seatId: Type.String(),
  seatName: Type.String(),
  until: Type.Number(),
  /** `transfer`: another seat wants to pass it on; who declines gives it back to that seat. */
  kind: Type.Union([Type.Literal('queue'), Type.Literal('transfer')]),
});
export const ParticipantView = Type.Object({
  seatId: Type.String(),
  seatName: Type.String(),
  /** `guest` may write too; `listener` (a supervisor) only reads along, unseen by the citizen. */
  kind: Type.Union([Type.Literal('guest'), Type.Literal('listener')]),
  since: Type.Number(),
});
export const TransferNoteView = Type.Object({ fromSeatId: Text, fromSeatName: Text, note: Type.String(), at: Type.Number() });

/** Beside the fields of a conversation's view. */
export const QueueFields = {
  groupId: Text,
  groupName: Text,
  offeredTo: Type.Union([OfferView, Type.Null()]),
  /** Place in its group's queue, 1 is next; null when it does not wait. */
  position: Time,
  participants: Type.Array(ParticipantView),
  /** What the seat before wrote for the one that has it now. */
  transferNote: Type.Union([TransferNoteView, Type.Null()]),
};
export type QueueFieldsShape = Static<ReturnType<typeof Type.Object<typeof QueueFields>>>;
