import Type, { type Static } from 'typebox';
import { ReconciliationSchema } from '../../../linkage/reconcile.ts';
import type { LinkageLink, LinkageMessage } from '../../../store/contract.ts';

/** Shapes of 联动 at the desk. No record's body is shown: what of a citizen went out stands in the trail. */

const Text = Type.Union([Type.String(), Type.Null()]);
const Time = Type.Union([Type.Number(), Type.Null()]);

export const LinkView = Type.Object({
  id: Type.String(), profile: Type.String(), profileName: Type.String(), ticketId: Text, ticketNumber: Text, ticketTitle: Text, externalNo: Text, direction: Type.Union([Type.Literal('in'), Type.Literal('out')]),
  mode: Type.Union([Type.Literal('system'), Type.Literal('phone')]), threeParty: Type.Boolean(), emergency: Type.Boolean(), incidentNo: Text,
  state: Type.Union([Type.Literal('open'), Type.Literal('accepted'), Type.Literal('refused'), Type.Literal('done'), Type.Literal('withdrawn')]), reason: Text,
  owes: Type.Union([Type.Literal('acceptance'), Type.Literal('feedback'), Type.Null()]), dueAt: Time, overdueAt: Time, sentVersion: Type.Integer(), receivedVersion: Type.Integer(), createdAt: Type.Number(), updatedAt: Type.Number(),
});
export type LinkViewShape = Static<typeof LinkView>;

export const MessageView = Type.Object({
  id: Type.String(), direction: Type.Union([Type.Literal('in'), Type.Literal('out')]), number: Type.String(), version: Type.Integer(), kind: Type.String(), kindName: Type.String(), state: Type.String(), stateName: Type.String(), code: Text, text: Text,
  repeats: Type.Integer(), early: Type.Boolean(), attempts: Type.Integer(), createdAt: Type.Number(), sentAt: Time, endedAt: Time,
});

export const ProfileView = Type.Object({
  id: Type.String(), name: Type.String(), about: Type.String(), kind: Type.Union([Type.Literal('service'), Type.Literal('platform')]), number: Text, on: Type.Boolean(), missing: Type.Array(Type.String()), transport: Type.String(),
  directions: Type.Array(Type.String()), canDial: Type.Boolean(), waiting: Type.Integer(), unacknowledged: Type.Integer(), dead: Type.Integer(), held: Type.Integer(),
});

export const SuggestionView = Type.Object({ profile: Type.String(), name: Type.String(), number: Text, on: Type.Boolean(), canDial: Type.Boolean(), why: Text });
export const DayView = Type.Object({ profile: Type.String(), name: Type.String(), day: Type.String(), listAt: Time, madeAt: Time });

const shape = { additionalProperties: false };
const Note = Type.String({ maxLength: 1000 });
const ClientId = Type.String({ minLength: 1, maxLength: 100 });
export const TransferBody = Type.Object({ profile: Type.String({ minLength: 1, maxLength: 40 }), mode: Type.Optional(Type.Union([Type.Literal('system'), Type.Literal('phone')])), threeParty: Type.Optional(Type.Boolean()), emergency: Type.Optional(Type.Boolean()), note: Type.Optional(Note) }, shape);
export const ConversationTransferBody = Type.Object({ profile: Type.String({ minLength: 1, maxLength: 40 }), threeParty: Type.Optional(Type.Boolean()), connect: Type.Optional(Type.Boolean()), note: Type.Optional(Note), clientId: ClientId }, shape);
export const AnswerBody = Type.Object({ kind: Type.Union([Type.Literal('acceptance'), Type.Literal('refusal'), Type.Literal('progress'), Type.Literal('feedback'), Type.Literal('result')]), text: Type.Optional(Type.String({ maxLength: 2000 })), incidentNo: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })) }, shape);
export const Reconciled = Type.Object({ report: Type.Union([ReconciliationSchema, Type.Null()]) });

export function linkView(link: LinkageLink, names: { readonly profile: string; readonly ticket: { readonly number: string; readonly title: string } | null }): LinkViewShape {
  const { createdBy: _createdBy, ...rest } = link;
  return { ...rest, profileName: names.profile, ticketNumber: names.ticket?.number ?? null, ticketTitle: names.ticket?.title ?? null };
}

export function messageView(message: LinkageMessage, names: { readonly kind: string; readonly state: string }): Static<typeof MessageView> {
  const { id, direction, number, version, kind, state, code, text, repeats, early, attempts, createdAt, sentAt, endedAt } = message;
  return { id, direction, number, version, kind, kindName: names.kind, state, stateName: names.state, code, text, repeats, early, attempts, createdAt, sentAt, endedAt };
}
