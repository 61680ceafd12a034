import type { ConversationView, MoveNeed, Owner, Role, SeatRole, TicketEventView, TicketState, Urgency } from '../shared/api-types.ts';
import { language } from './language.ts';
import { LABELS as w, CHANNELS_WORDS, EMERGENCIES_WORDS, OWNERS_WORDS, ROLES_WORDS, SEAT_ROLES_WORDS, URGENCIES_WORDS, NEEDS_WORDS, KINDS_WORDS, MOVES_WORDS, PURPOSES_WORDS, SLOTS_WORDS, STAGES_WORDS, STATES_WORDS, TOWN_KINDS_WORDS, EVENTS_WORDS, REQUESTS_WORDS, REQUEST_STATES_WORDS, CAUSES_WORDS, FILE_PURPOSES_WORDS, DELIVERY_STATES_WORDS, ACTIONS_WORDS, SUBJECTS_WORDS, FLOWS_WORDS } from './label-words.ts';

/** Every word of the desk that stands for a code. An unknown code is shown as it is rather than hidden. */

const CHANNELS: Readonly<Record<string, string>> = CHANNELS_WORDS;
export const channelLabel = (channel: string): string => CHANNELS[channel] ?? channel;

/** Categories of config/dialog.yaml. */
const EMERGENCIES: Readonly<Record<string, string>> = EMERGENCIES_WORDS;
export const emergencyLabel = (category: string): string => EMERGENCIES[category] ?? category;

export const OWNERS: Readonly<Record<Owner, string>> = OWNERS_WORDS;
export const ROLES: Readonly<Record<Role, string>> = ROLES_WORDS;
export const SEAT_ROLES: Readonly<Record<SeatRole, string>> = SEAT_ROLES_WORDS;
export const URGENCIES: Readonly<Record<Urgency, string>> = URGENCIES_WORDS;
export const TICKET_STATES: readonly TicketState[] = ['受理', '待派', '待签收', '办理中', '提级', '重办', '退单待审', '延期待审', '挂起', '办结待审', '回访', '归档'];
const STATES: Readonly<Record<string, string>> = STATES_WORDS;
export const stateLabel = (state: string): string => STATES[state] ?? state;
const KINDS: Readonly<Record<string, string>> = KINDS_WORDS;
export const kindLabel = (kind: string): string => KINDS[kind] ?? kind;
const TOWN_KINDS: Readonly<Record<string, string>> = TOWN_KINDS_WORDS;
export const townKindLabel = (kind: string): string => TOWN_KINDS[kind] ?? kind;
const PURPOSES: Readonly<Record<string, string>> = PURPOSES_WORDS;
/** Why an identity is looked at; the purposes are data, sent as they are. */
export const purposeLabel = (purpose: string): string => PURPOSES[purpose] ?? purpose;
const MOVES: Readonly<Record<string, string>> = MOVES_WORDS;
/** A move by its name; one that this page does not know yet says what the server calls it. */
export const moveLabel = (move: { readonly name: string; readonly label: string }): string => MOVES[move.name] ?? move.label;
const STAGES: Readonly<Record<string, string>> = STAGES_WORDS;
export const stageLabel = (clock: { readonly stage: string; readonly label: string }): string => (language.value === 'en' ? (STAGES[clock.stage] ?? clock.label) : clock.label);
const SLOTS: Readonly<Record<string, string>> = SLOTS_WORDS;
/** What a flow asked for: its own label is the flow's, in Chinese. */
export const slotLabel = (slot: { readonly name: string; readonly label: string }): string => (language.value === 'en' ? (SLOTS[slot.name] ?? slot.label) : slot.label);
export const NEEDS: Readonly<Record<MoveNeed, string>> = NEEDS_WORDS;

const EVENTS: Readonly<Record<string, string>> = EVENTS_WORDS;
export const eventLabel = (type: string): string => EVENTS[type] ?? type;

export const REQUESTS: Readonly<Record<'return' | 'extension' | 'hold', string>> = REQUESTS_WORDS;
const REQUEST_STATES: Readonly<Record<string, string>> = REQUEST_STATES_WORDS;
export const requestStateLabel = (state: string): string => REQUEST_STATES[state] ?? state;
export const supervisionLevels = (): readonly (readonly [1 | 2 | 3, string])[] => [[1, w.reminder], [2, w.keySupervision], [3, w.listedSupervision]];
const CAUSES: Readonly<Record<string, string>> = CAUSES_WORDS;
export const causeLabel = (cause: string): string => CAUSES[cause] ?? cause;
const FILE_PURPOSES: Readonly<Record<string, string>> = FILE_PURPOSES_WORDS;
export const filePurposeLabel = (purpose: string): string => FILE_PURPOSES[purpose] ?? purpose;
export const DELIVERY_STATES: Readonly<Record<'waiting' | 'delivered' | 'dead', string>> = DELIVERY_STATES_WORDS;

const ACTIONS: Readonly<Record<string, string>> = ACTIONS_WORDS;
/** What the trail can be searched for. */
export const ACTION_NAMES: readonly string[] = Object.keys(ACTIONS);
export const actionLabel = (action: string): string => ACTIONS[action] ?? eventLabel(action);

const SUBJECTS: Readonly<Record<string, string>> = SUBJECTS_WORDS;
/** `citizen:ID` → the kind in words and the id. */
export function subjectLabel(subject: string): { readonly kind: string; readonly id: string } {
  const at = subject.indexOf(':');
  const kind = subject.slice(0, Math.max(0, at));
  return { kind: SUBJECTS[kind] ?? kind, id: subject.slice(at + 1) };
}

const FLOWS: Readonly<Record<string, string>> = FLOWS_WORDS;
export const flowLabel = (flow: string): string => FLOWS[flow] ?? flow;

/** How to call a citizen in a list: a masked name, else a masked number, else nobody in particular. */
export function citizenLabel(conversation: ConversationView): string {
  return conversation.citizen.nameMasked ?? conversation.citizen.phoneMasked ?? w.anonymousCitizen;
}

/** What an event of a ticket says beside its name: free text and names, never bare ids. */
export function eventDetail(event: TicketEventView): string {
  return ['departmentName', 'person', 'result', 'reason', 'words', 'outcome', 'text']
    .map((name) => event.data[name])
    .filter((value) => typeof value === 'string' && value !== '')
    .join(w.semicolon);
}

/** What a linked platform did about the ticket since it was last finished, in its words; empty: nothing. */
export function resultElsewhere(events: readonly TicketEventView[]): string {
  const since = events.slice(events.findLastIndex(({ type }) => type === 'ticket.finished') + 1);
  const said = since.findLast(({ data }) => typeof data['linkageResult'] === 'string')?.data['linkageResult'];
  return typeof said === 'string' ? said : '';
}
