import Type, { type Static } from 'typebox';
import { LocaleSchema, ModalitySchema, RoleSchema } from '../../../domain/activity.ts';
import { TicketKindSchema, UrgencySchema } from '../../../domain/config-files.ts';
import { TICKET_STATES } from '../../../domain/ticket.ts';
import { QueueFields } from './queue-fields.ts';

/** Shapes of the desk's REST and socket, the one source of checks, types and the OpenAPI document. Times are epoch ms. */

const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);
const Text = Nullable(Type.String());
const Time = Nullable(Type.Number());

export const SeatRoleSchema = Type.Union([Type.Literal('seat'), Type.Literal('editor'), Type.Literal('supervisor'), Type.Literal('administrator'), Type.Literal('department')]);
export const OwnerSchema = Type.Union([Type.Literal('bot'), Type.Literal('waiting'), Type.Literal('human'), Type.Literal('closed')]);

export const TicketStateSchema = Type.Enum([...TICKET_STATES]);
export const RequestKindSchema = Type.Union([Type.Literal('return'), Type.Literal('extension'), Type.Literal('hold')]);

export const SeatView = Type.Object({ id: Type.String(), username: Type.String(), displayName: Type.String(), role: SeatRoleSchema });
export const ManagedSeatView = Type.Object({ ...SeatView.properties, active: Type.Boolean(), online: Type.Boolean(), createdAt: Type.Number() });
export const SessionView = Type.Object({ seat: SeatView, csrf: Type.String() });

export const ItemSuggestionView = Type.Object({ code: Type.String(), name: Type.String(), score: Type.Number(), matched: Type.Array(Type.String()),
  /** May be filled in without a second look, says the calibration; absent: no model was learned. */
  sure: Type.Optional(Type.Boolean()) });
export const UnderstoodView = Type.Object({
  flow: Text,
  slots: Type.Array(Type.Object({ name: Type.String(), label: Type.String(), value: Type.String() })),
  items: Type.Array(ItemSuggestionView),
});

/** How the citizen feels and how urgent it is, by the words of the newest messages. */
export const MoodView = Type.Object({
  level: Type.Union([Type.Literal('calm'), Type.Literal('upset'), Type.Literal('angry'), Type.Literal('distress')]),
  urgency: Type.Union([Type.Literal('normal'), Type.Literal('urgent'), Type.Literal('emergency')]),
  why: Type.String(),
  words: Type.Array(Type.String()),
});

export const ConversationView = Type.Object({
  id: Type.String(),
  channel: Type.String(),
  modality: ModalitySchema,
  locale: LocaleSchema,
  owner: OwnerSchema,
  seatId: Text,
  seatName: Text,
  handoffReason: Text,
  waitingSince: Time,
  emergency: Nullable(Type.Object({ category: Type.String(), words: Type.Array(Type.String()), at: Type.Number() })),
  understood: Nullable(UnderstoodView),
  unread: Type.Number(),
  createdAt: Type.Number(),
  lastInboundAt: Time,
  lastActivityAt: Type.Number(),
  lastSeq: Type.Number(),
  version: Type.Number(),
  citizen: Type.Object({ id: Type.String(), phoneMasked: Text, nameMasked: Text }),
  enterprise: Type.Union([Type.Object({ id: Type.String(), name: Type.String(), seatId: Text, seatName: Text }), Type.Null()]),
  ...QueueFields,
  mood: Type.Optional(Nullable(MoodView)),
  preview: Type.String(),
});
export type ConversationViewShape = Static<typeof ConversationView>;

export const ActivityView = Type.Object({
  id: Type.String(),
  seq: Type.Number(),
  direction: Type.Union([Type.Literal('in'), Type.Literal('out')]),
  role: RoleSchema,
  seatId: Text,
  seatName: Text,
  at: Type.Number(),
  replyToId: Text,
  /** ActivityContent of src/domain/activity.ts; attachments carry public addresses. */
  content: Type.Unknown(),
});
export type ActivityViewShape = Static<typeof ActivityView>;

export const ReceiptView = Type.Object({ activityId: Type.String(), status: Type.String(), code: Text, at: Type.Number() });

export const TicketView = Type.Object({
  id: Type.String(), number: Type.String(), kind: TicketKindSchema, state: TicketStateSchema, stateBefore: Nullable(TicketStateSchema), pending: Nullable(RequestKindSchema), itemCode: Text, itemName: Text, title: Type.String(), content: Type.String(),
  townId: Text, townName: Text, place: Text, happened: Text, departmentId: Text, departmentName: Text, assistIds: Type.Array(Type.String()), routeId: Text, urgency: UrgencySchema, confidential: Type.Boolean(),
  callback: Type.Boolean(), citizenId: Type.String(), enterpriseId: Text, conversationId: Text, channel: Type.String(), profileId: Type.String(), deadlineAt: Time, deadlineRule: Text, deadlineText: Text,
  holds: Type.Array(Type.Object({ from: Type.Number(), to: Time })), overdueAt: Time, dispatchedAt: Time, signedAt: Time, contactedAt: Time, finishedAt: Time, archivedAt: Time, result: Text, closure: Text,
  visit: Nullable(Type.Object({ process: Time, solved: Nullable(Type.Boolean()) })), urges: Type.Number(), returns: Type.Number(), extensions: Type.Number(), redirects: Type.Number(), redos: Type.Number(), vetoes: Type.Number(),
  supervision: Type.Number(), leadingId: Text,
  createdAt: Type.Number(), updatedAt: Type.Number(), version: Type.Number(),
});
export type TicketViewShape = Static<typeof TicketView>;
export const TicketEventView = Type.Object({ seq: Type.Number(), type: Type.String(), actor: Type.Unknown(), actorName: Type.String(), at: Type.Number(), data: Type.Unknown() });
export const MoveView = Type.Object({ name: Type.String(), label: Type.String(), needs: Type.Array(Type.String()), takes: Type.Array(Type.String()),
  /** Where a reasonCode is needed: what may be chosen. */
  reasons: Type.Optional(Type.Array(Type.Object({ code: Type.String(), label: Type.String(), evidence: Type.Boolean() }))),
});

const shape = { additionalProperties: false };
/** Times and seqs of a query; beyond it a database would refuse the number, which is no failure of the house. */
export const Counter = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
export const SignInBody = Type.Object({ username: Type.String({ minLength: 1, maxLength: 64 }), password: Type.String({ minLength: 1, maxLength: 256 }) }, shape);
export const ListQuery = Type.Object({
  view: Type.Optional(Type.Union([Type.Literal('waiting'), Type.Literal('mine'), Type.Literal('bot'), Type.Literal('human'), Type.Literal('closed'), Type.Literal('all'), Type.Literal('joined')])),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
  before: Type.Optional(Counter),
  /** `next` of the page before. */
  cursor: Type.Optional(Type.String({ pattern: '^(?:w\\.[012]\\.\\d{1,16}\\.[A-Za-z0-9-]{1,80}|b\\.\\d{1,16})$' })),
});
export const TakeBody = Type.Object({ version: Type.Optional(Type.Integer()), force: Type.Optional(Type.Boolean()) }, shape);
export const ReplyBody = Type.Object({ text: Type.String({ minLength: 1, maxLength: 5000 }), clientId: Type.String({ minLength: 8, maxLength: 64, pattern: '^[A-Za-z0-9_-]+$' }) }, shape);
export const NoteBody = Type.Object({ note: Type.Optional(Type.String({ maxLength: 1000 })) }, shape);
/** Null stands first: the checker coerces, and would turn a null into an empty string. */
export const NullableText = (maxLength: number) => Type.Union([Type.Null(), Type.String({ maxLength })]);
export const TicketBody = Type.Object(
  {
    kind: TicketKindSchema, itemCode: NullableText(120), title: Type.String({ minLength: 2, maxLength: 120 }), content: Type.String({ minLength: 2, maxLength: 5000 }),
    townId: NullableText(60), place: NullableText(300), happened: NullableText(200), phone: NullableText(30), name: NullableText(60), urgency: UrgencySchema,
    confidential: Type.Boolean(), callback: Type.Boolean(), clientId: Type.Optional(Type.String({ minLength: 8, maxLength: 80 })),
  },
  shape,
);
export const UnmaskBody = Type.Object({ purpose: Type.String({ minLength: 2, maxLength: 60 }), note: Type.Optional(Type.String({ maxLength: 300 })) }, shape);
export const MoveBody = Type.Object({
  version: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }), departmentId: Type.Optional(Type.String({ maxLength: 100 })), assistIds: Type.Optional(Type.Array(Type.String({ maxLength: 100 }), { maxItems: 20 })),
  result: Type.Optional(Type.String({ maxLength: 5000 })), reason: Type.Optional(Type.String({ maxLength: 1000 })), reasonCode: Type.Optional(Type.String({ maxLength: 40 })), person: Type.Optional(Type.String({ maxLength: 60 })),
  evidence: Type.Optional(Type.Array(Type.String({ maxLength: 60 }), { maxItems: 20 })), amount: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })), until: Type.Optional(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })),
  process: Type.Optional(Type.Union([Type.Literal(1), Type.Literal(2), Type.Literal(3), Type.Literal(4), Type.Literal(5)])), solved: Type.Optional(Type.Boolean()),
}, shape);
export type MoveViewShape = Static<typeof MoveView>;
export const TicketNoteBody = Type.Object({ text: Type.String({ minLength: 1, maxLength: 5000 }) }, shape);
export const SeatBody = Type.Object({ username: Type.String({ pattern: '^[a-zA-Z0-9._-]{3,40}$' }), displayName: Type.String({ minLength: 1, maxLength: 40 }), role: SeatRoleSchema, departmentId: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })), password: Type.String({ minLength: 8, maxLength: 256 }) }, shape);
export const SeatPatch = Type.Object({ displayName: Type.Optional(Type.String({ minLength: 1, maxLength: 40 })), role: Type.Optional(SeatRoleSchema), active: Type.Optional(Type.Boolean()), password: Type.Optional(Type.String({ minLength: 8, maxLength: 256 })) }, shape);
export const IdParams = Type.Object({ id: Type.String({ minLength: 1, maxLength: 100 }) });
export const MoveParams = Type.Object({ id: Type.String({ minLength: 1, maxLength: 100 }), move: Type.String({ minLength: 1, maxLength: 40 }) });
