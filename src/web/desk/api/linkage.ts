import { arrayOf, isBoolean, isNumber, isString, isUnknown, keepValid, nullable, object, oneOf, type Guard } from '../../shared/guards.ts';
import type { Calls } from './knowledge.ts';

/** 联动, as the desk's API answers (src/http/zones/desk/linkage.ts). */

export type LinkState = 'open' | 'accepted' | 'refused' | 'done' | 'withdrawn';
export type AnswerKind = 'acceptance' | 'refusal' | 'progress' | 'feedback' | 'result';

export interface LinkageProfile {
  readonly id: string;
  readonly name: string;
  readonly about: string;
  readonly kind: 'service' | 'platform';
  readonly number: string | null;
  readonly on: boolean;
  readonly missing: readonly string[];
  readonly transport: string;
  readonly canDial: boolean;
  readonly waiting: number;
  readonly unacknowledged: number;
  readonly dead: number;
  readonly held: number;
}

export interface LinkRow {
  readonly id: string;
  readonly profile: string;
  readonly profileName: string;
  readonly ticketId: string | null;
  readonly ticketNumber: string | null;
  readonly ticketTitle: string | null;
  readonly externalNo: string | null;
  readonly direction: 'in' | 'out';
  readonly mode: 'system' | 'phone';
  readonly threeParty: boolean;
  readonly emergency: boolean;
  readonly incidentNo: string | null;
  readonly state: LinkState;
  readonly reason: string | null;
  readonly owes: 'acceptance' | 'feedback' | null;
  readonly dueAt: number | null;
  readonly overdueAt: number | null;
  readonly receivedVersion: number;
  readonly createdAt: number;
}

export interface LinkMessage {
  readonly id: string;
  readonly direction: 'in' | 'out';
  readonly number: string;
  readonly version: number;
  readonly kind: string;
  readonly state: string;
  readonly code: string | null;
  readonly text: string | null;
  readonly repeats: number;
  readonly early: boolean;
  readonly attempts: number;
  readonly createdAt: number;
}

export interface LinkSuggestion {
  readonly profile: string;
  readonly name: string;
  readonly number: string | null;
  readonly on: boolean;
  readonly canDial: boolean;
  readonly why: string | null;
}

export interface LinkageDay {
  readonly profile: string;
  readonly name: string;
  readonly day: string;
  readonly listAt: number | null;
  readonly madeAt: number | null;
}

export type CallPartyState = 'waiting' | 'calling' | 'ringing' | 'answered' | 'in' | 'left' | 'busy' | 'no-answer' | 'canceled' | 'failed' | 'unknown';

export interface CallPartyRow {
  readonly state: CallPartyState;
  readonly code: string | null;
  readonly joinedAt: number | null;
  readonly seconds: number;
}

/** A three-party call. */
export interface CallRow {
  readonly id: string;
  readonly profile: string;
  readonly profileName: string;
  readonly state: 'open' | 'over';
  readonly citizen: CallPartyRow;
  readonly seat: CallPartyRow | null;
  readonly service: CallPartyRow | null;
  readonly createdAt: number;
  readonly endedAt: number | null;
}

export interface ConferenceState {
  readonly able: boolean;
  /** Why not. */
  readonly why: string | null;
  /** The seat's telephone, masked; null: none is set. */
  readonly phone: string | null;
  readonly call: CallRow | null;
}

const text = nullable(isString);
const time = nullable(isNumber);
const isProfile: Guard<LinkageProfile> = object({
  id: isString, name: isString, about: isString, kind: oneOf('service', 'platform'), number: text, on: isBoolean, missing: arrayOf(isString), transport: isString, canDial: isBoolean, waiting: isNumber, unacknowledged: isNumber, dead: isNumber, held: isNumber,
});
const isLink: Guard<LinkRow> = object({
  id: isString, profile: isString, profileName: isString, ticketId: text, ticketNumber: text, ticketTitle: text, externalNo: text, direction: oneOf('in', 'out'), mode: oneOf('system', 'phone'), threeParty: isBoolean, emergency: isBoolean, incidentNo: text,
  state: oneOf('open', 'accepted', 'refused', 'done', 'withdrawn'), reason: text, owes: nullable(oneOf('acceptance', 'feedback')), dueAt: time, overdueAt: time, receivedVersion: isNumber, createdAt: isNumber,
});
const isMessage: Guard<LinkMessage> = object({ id: isString, direction: oneOf('in', 'out'), number: isString, version: isNumber, kind: isString, state: isString, code: text, text, repeats: isNumber, early: isBoolean, attempts: isNumber, createdAt: isNumber });
const isSuggestion: Guard<LinkSuggestion> = object({ profile: isString, name: isString, number: text, on: isBoolean, canDial: isBoolean, why: text });
const isDay: Guard<LinkageDay> = object({ profile: isString, name: isString, day: isString, listAt: time, madeAt: time });
const isParty: Guard<CallPartyRow> = object({ state: oneOf('waiting', 'calling', 'ringing', 'answered', 'in', 'left', 'busy', 'no-answer', 'canceled', 'failed', 'unknown'), code: text, joinedAt: time, seconds: isNumber });
const isCall: Guard<CallRow> = object({ id: isString, profile: isString, profileName: isString, state: oneOf('open', 'over'), citizen: isParty, seat: nullable(isParty), service: nullable(isParty), createdAt: isNumber, endedAt: time });
const isConference: Guard<ConferenceState> = object({ able: isBoolean, why: text, phone: text, call: nullable(isCall) });
const isReport = object({ agrees: isBoolean });

export interface PassedOn {
  readonly link: LinkRow;
  readonly sent: boolean;
  readonly repeated: boolean;
}

/** Like all of the client they throw ApiError and nothing else. */
export function createLinkageApi({ request, read, list }: Calls) {
  const id = encodeURIComponent;
  const passed = { link: isLink, sent: isBoolean, repeated: isBoolean };
  return {
    profiles: (): Promise<LinkageProfile[]> => list('profiles', isProfile, '/api/linkage'),
    links(filter: { readonly profile: string; readonly state: string; readonly late: boolean; readonly before?: LinkRow }): Promise<LinkRow[]> {
      const query = new URLSearchParams({ limit: '50', ...(filter.profile === '' ? {} : { profile: filter.profile }), ...(filter.state === '' ? {} : { state: filter.state }), ...(filter.late ? { late: 'true' } : {}), ...(filter.before === undefined ? {} : { before: String(filter.before.createdAt), beforeId: filter.before.id }) });
      return list('links', isLink, `/api/linkage/links?${query.toString()}`);
    },
    async one(linkId: string): Promise<{ readonly link: LinkRow; readonly messages: readonly LinkMessage[]; readonly gap: boolean; readonly calls: readonly CallRow[] }> {
      const answer = await read(object({ link: isLink, messages: arrayOf(isUnknown), gap: isBoolean, calls: arrayOf(isUnknown) }), 'GET', `/api/linkage/links/${id(linkId)}`);
      return { link: answer.link, messages: keepValid(answer.messages, isMessage), gap: answer.gap, calls: keepValid(answer.calls, isCall) };
    },
    async ofTicket(ticketId: string): Promise<{ readonly links: readonly LinkRow[]; readonly suggestions: readonly LinkSuggestion[] }> {
      const answer = await read(object({ links: arrayOf(isUnknown), suggestions: arrayOf(isUnknown) }), 'GET', `/api/tickets/${id(ticketId)}/linkage`);
      return { links: keepValid(answer.links, isLink), suggestions: keepValid(answer.suggestions, isSuggestion) };
    },
    ofConversation: (conversationId: string): Promise<LinkSuggestion[]> => list('suggestions', isSuggestion, `/api/conversations/${id(conversationId)}/linkage`),
    passTicket: (ticketId: string, given: { readonly profile: string; readonly mode: 'system' | 'phone'; readonly threeParty: boolean; readonly note: string }): Promise<PassedOn> => read(object(passed), 'POST', `/api/tickets/${id(ticketId)}/linkage`, given),
    passConversation: (conversationId: string, given: { readonly profile: string; readonly threeParty: boolean; readonly connect: boolean; readonly conference?: boolean; readonly note: string; readonly clientId: string }): Promise<PassedOn & { readonly connected: boolean; readonly ticketNumber: string }> =>
      read(object({ ...passed, connected: isBoolean, ticketNumber: isString }), 'POST', `/api/conversations/${id(conversationId)}/linkage`, given),
    conference: (conversationId: string): Promise<ConferenceState> => read(isConference, 'GET', `/api/conversations/${id(conversationId)}/conference`),
    /** Rings a party again; `looked`: a person has made sure that the last ringing reached nobody. */
    ring: (conversationId: string, party: 'seat' | 'service', looked: boolean): Promise<CallRow> => read(isCall, 'POST', `/api/conversations/${id(conversationId)}/conference/ring`, { party, looked }),
    /** The seat's own telephone; null removes it. Answers it masked. */
    setPhone: async (phone: string | null): Promise<string | null> => (await read(object({ phone: text }), 'PUT', '/api/seat-phone', { phone })).phone,
    answer: async (linkId: string, given: { readonly kind: AnswerKind; readonly text: string; readonly incidentNo?: string }): Promise<LinkRow> => (await read(object({ link: isLink }), 'POST', `/api/linkage/links/${id(linkId)}/answer`, given)).link,
    replay: async (messageId: string): Promise<void> => void (await request('POST', `/api/linkage/messages/${id(messageId)}/replay`, {})),
    skip: (linkId: string): Promise<{ readonly from: number; readonly to: number }> => read(object({ from: isNumber, to: isNumber }), 'POST', `/api/linkage/links/${id(linkId)}/skip`, {}),
    days: (): Promise<LinkageDay[]> => list('days', isDay, '/api/linkage/days'),
    /** Does it agree? */
    reconcile: async (profile: string, day: string): Promise<boolean> => (await read(object({ report: isReport }), 'POST', `/api/linkage/days/${id(profile)}/${id(day)}`, {})).report.agrees,
    fileUrl: (profile: string, day: string, format: 'json' | 'csv' | 'xlsx'): string => `/api/linkage/days/${id(profile)}/${id(day)}/file?format=${format}`,
  };
}
