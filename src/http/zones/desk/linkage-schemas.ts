import Type, { type Static } from 'typebox';
import { ReconciliationSchema } from '../../../linkage/reconcile.ts';
import type { LinkageCall, LinkageCallParty, LinkageLink, LinkageMessage } from '../../../store/contract.ts';

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
export const ConversationTransferBody = Type.Object({ profile: Type.String({ minLength: 1, maxLength: 40 }), threeParty: Type.Optional(Type.Boolean()), connect: Type.Optional(Type.Boolean()), conference: Type.Optional(Type.Boolean()), note: Type.Optional(Note), clientId: ClientId }, shape);
export const AnswerBody = Type.Object({ kind: Type.Union([Type.Literal('acceptance'), Type.Literal('refusal'), Type.Literal('progress'), Type.Literal('feedback'), Type.Literal('result')]), text: Type.Optional(Type.String({ maxLength: 2000 })), incidentNo: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })) }, shape);
export const SeatPhoneBody = Type.Object({ phone: Type.Union([Type.String({ minLength: 3, maxLength: 30 }), Type.Null()]) }, shape);
/** Masked: `138****8000`; null: none is set. */
export const SeatPhoneView = Type.Object({ phone: Text });
export const RingBody = Type.Object({ party: Type.Union([Type.Literal('seat'), Type.Literal('service')]), looked: Type.Optional(Type.Boolean({ description: 'A person has made sure that the last ringing, of which nothing is known, reached nobody.' })) }, shape);
const PartyView = Type.Object({
  state: Type.Union([Type.Literal('waiting'), Type.Literal('calling'), Type.Literal('ringing'), Type.Literal('answered'), Type.Literal('in'), Type.Literal('left'), Type.Literal('busy'), Type.Literal('no-answer'), Type.Literal('canceled'), Type.Literal('failed'), Type.Literal('unknown')]),
  code: Text, at: Type.Number(), joinedAt: Time, seconds: Type.Integer({ description: 'In the call so far, without a stay that goes on.' }),
});
const Party = Type.Union([PartyView, Type.Null()]);
/** A three-party call: who is there, and how each stands. No number of anybody. */
export const CallView = Type.Object({ id: Type.String(), profile: Type.String(), profileName: Type.String(), ticketId: Type.String(), state: Type.Union([Type.Literal('open'), Type.Literal('over')]), citizen: PartyView, seat: Party, service: Party, createdAt: Type.Number(), endedAt: Time });
export const ConferenceView = Type.Object({ able: Type.Boolean(), why: Text, phone: Text, call: Type.Union([CallView, Type.Null()]) });

export function callView(call: LinkageCall, profileName: string): Static<typeof CallView> {
  const { id, profile, ticketId, state, createdAt, endedAt } = call;
  return { id, profile, profileName, ticketId, state, citizen: partyView(call.citizen), seat: call.seat === null ? null : partyView(call.seat), service: call.service === null ? null : partyView(call.service), createdAt, endedAt };
}

const partyView = ({ state, code, at, joinedAt, seconds }: LinkageCallParty): Static<typeof PartyView> => ({ state, code, at, joinedAt, seconds });

export const Reconciled = Type.Object({ report: Type.Union([ReconciliationSchema, Type.Null()]) });

export function linkView(link: LinkageLink, names: { readonly profile: string; readonly ticket: { readonly number: string; readonly title: string } | null }): LinkViewShape {
  const { createdBy: _createdBy, ...rest } = link;
  return { ...rest, profileName: names.profile, ticketNumber: names.ticket?.number ?? null, ticketTitle: names.ticket?.title ?? null };
}

export function messageView(message: LinkageMessage, names: { readonly kind: string; readonly state: string }): Static<typeof MessageView> {
  const { id, direction, number, version, kind, state, code, text, repeats, early, attempts, createdAt, sentAt, endedAt } = message;
  return { id, direction, number, version, kind, kindName: names.kind, state, stateName: names.state, code, text, repeats, early, attempts, createdAt, sentAt, endedAt };
}
