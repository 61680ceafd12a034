import Type, { type Static } from 'typebox';
import { TicketKindSchema, UrgencySchema } from '../../../domain/config-files.ts';
import { Counter, RequestKindSchema } from './schemas.ts';

/** Shapes of what hangs on tickets: lists, clocks, requests, files, supervision. Times are epoch ms. */

const Text = Type.Union([Type.String(), Type.Null()]);
const Time = Type.Union([Type.Number(), Type.Null()]);
const shape = { additionalProperties: false };
const Name = Type.String({ maxLength: 100 });
const Level = Type.Union([Type.Literal(1), Type.Literal(2), Type.Literal(3)]);
const Limit = Type.Integer({ minimum: 1, maximum: 200 });

export const TicketQuery = Type.Object({
  /** One or more, separated by commas. */
  state: Type.Optional(Type.String({ maxLength: 80 })),
  department: Type.Optional(Name), item: Type.Optional(Name), town: Type.Optional(Name), channel: Type.Optional(Name), leading: Type.Optional(Name),
  kind: Type.Optional(TicketKindSchema), urgency: Type.Optional(UrgencySchema),
  enterprise: Type.Optional(Type.Boolean()), overdue: Type.Optional(Type.Boolean()), dueBefore: Type.Optional(Counter),
  /** At least this level. */
  supervision: Type.Optional(Level),
  q: Type.Optional(Type.String({ maxLength: 80 })),
  order: Type.Optional(Type.Union([Type.Literal('newest'), Type.Literal('due')])),
  limit: Type.Optional(Limit), before: Type.Optional(Counter), beforeId: Type.Optional(Name),
});

export const ClockView = Type.Object({
  stage: Type.String(), label: Type.String(), run: Type.Number(), rule: Type.String(), startedAt: Type.Number(), dueAt: Time, endedAt: Time, overdue: Type.Boolean(), lines: Type.Array(Type.String()),
});

export const RequestView = Type.Object({
  id: Type.String(), ticketId: Type.String(), kind: RequestKindSchema, departmentId: Text, departmentName: Text, itemCode: Text, itemName: Text, reasonCode: Type.String(), reasonLabel: Type.String(), reason: Type.String(),
  evidence: Type.Array(Type.String()), amount: Time, until: Time, askedAt: Type.Number(), judgeBy: Time, late: Type.Boolean(), state: Type.String(), judgedAt: Time, verdict: Text,
});
export type RequestViewShape = Static<typeof RequestView>;
/** What was decided before in cases of the same item and department. */
export const PrecedentsView = Type.Object({ upheld: Type.Number(), refused: Type.Number(), last: Type.Array(RequestView) });
export const WaitingView = Type.Object({ request: RequestView, ticket: Type.Object({ id: Type.String(), number: Type.String(), title: Type.String(), state: Type.String(), version: Type.Number() }), precedents: PrecedentsView });
export const RequestQuery = Type.Object({ kind: Type.Optional(RequestKindSchema), limit: Type.Optional(Limit) });
export const CountView = Type.Object({ departmentId: Text, departmentName: Text, kind: RequestKindSchema, asked: Type.Number(), upheld: Type.Number(), refused: Type.Number() });
export const SinceQuery = Type.Object({ since: Type.Optional(Counter) });

export const FileView = Type.Object({ id: Type.String(), ticketId: Type.String(), name: Text, contentType: Type.String(), purpose: Type.String(), addedBy: Type.String(), at: Type.Number(), url: Type.String() });

export const SupervisionView = Type.Object({
  id: Type.String(), ticketId: Type.String(), number: Type.String(), title: Type.String(), ticketState: Type.String(), level: Type.Number(), levelName: Type.String(), cause: Type.String(), departmentId: Text, departmentName: Text,
  person: Text, words: Type.String(), dueAt: Time, late: Type.Boolean(), createdBy: Type.String(), createdAt: Type.Number(), endedAt: Time, outcome: Text,
});
export type SupervisionViewShape = Static<typeof SupervisionView>;
export const SuperviseBody = Type.Object({ level: Level, words: Type.String({ minLength: 2, maxLength: 1000 }), person: Type.Optional(Type.String({ minLength: 1, maxLength: 60 })) }, shape);
export const OutcomeBody = Type.Object({ outcome: Type.String({ minLength: 2, maxLength: 1000 }) }, shape);
export const SupervisionQuery = Type.Object({
  /** Beijing's month, `2026-11`. Absent: what has not ended, first due first. */
  month: Type.Optional(Type.String({ pattern: '^20\\d{2}-(0[1-9]|1[0-2])$' })),
  format: Type.Optional(Type.Union([Type.Literal('json'), Type.Literal('csv'), Type.Literal('xlsx')])),
  limit: Type.Optional(Limit), before: Type.Optional(Counter), beforeId: Type.Optional(Name),
});
