import { signal } from '@preact/signals';
import type { AssistDetail, AssistSlot } from '../../../shared/assist-types.ts';
import type { TicketDraft } from '../../../shared/api-types.ts';
import { detailLine, LABELS_WORDS } from './words.ts';

/**
 * What a seat has accepted of assist's suggestions for a ticket, until the form is sent or closed: the form may be open beside the panel or be
 * opened later. It belongs to the seat who accepted it: whoever signs in next on this computer starts with nothing.
 */

export type AcceptedDraft = Partial<Omit<TicketDraft, 'clientId' | 'phone'>>;

interface Accepted {
  readonly seatId: string;
  readonly drafts: ReadonlyMap<string, AcceptedDraft>;
}

const accepted = signal<Accepted>({ seatId: '', drafts: new Map() });
const NOTHING: AcceptedDraft = {};

export function acceptedOf(seatId: string, conversationId: string): AcceptedDraft {
  const { value } = accepted;
  return value.seatId === seatId ? (value.drafts.get(conversationId) ?? NOTHING) : NOTHING;
}

export function accept(seatId: string, conversationId: string, part: AcceptedDraft): void {
  const drafts = accepted.value.seatId === seatId ? accepted.value.drafts : new Map<string, AcceptedDraft>();
  accepted.value = { seatId, drafts: new Map([...drafts, [conversationId, { ...drafts.get(conversationId), ...part }]]) };
}

export function forgetAccepted(conversationId: string): void {
  const { seatId, drafts } = accepted.value;
  if (drafts.has(conversationId)) accepted.value = { seatId, drafts: new Map([...drafts].filter(([id]) => id !== conversationId)) };
}

const KINDS = ['咨询', '求助', '投诉', '举报', '建议', '表扬'] as const;
const URGENCIES = ['normal', 'urgent', 'emergency'] as const;

/** A suggestion as a part of the form. */
export function partOf({ name, value }: Pick<AssistSlot, 'name' | 'value'>): AcceptedDraft {
  switch (name) {
    case 'kind': {
      const kind = KINDS.find((one) => one === value);
      return kind === undefined ? {} : { kind, ...(kind === '举报' ? { confidential: true } : {}) };
    }
    case 'urgency': {
      const urgency = URGENCIES.find((one) => one === value);
      return urgency === undefined ? {} : { urgency };
    }
    case 'callback':
    case 'confidential':
      return { [name]: value === 'true' };
    default:
      return { [name]: value };
  }
}

/** Everything at once; details that the content does not hold yet are put behind it. */
export function wholeOf(slots: readonly AssistSlot[], details: readonly AssistDetail[]): AcceptedDraft {
  const whole = slots.reduce<AcceptedDraft>((sum, slot) => ({ ...sum, ...partOf(slot) }), {});
  return whole.content === undefined ? whole : { ...whole, content: withDetails(whole.content, details) };
}

/** Details of which the content says nothing are put behind it. */
export function withDetails(content: string, details: readonly AssistDetail[]): string {
  const missing = details.filter(({ value }) => value.split('、').some((part) => !content.includes(part)));
  return missing.length === 0 ? content : `${content}${missing.map(({ label, value }) => detailLine(label, value)).join('')}`;
}

const LABELS: Readonly<Record<keyof AcceptedDraft, string>> = LABELS_WORDS;

export function labelsOf(draft: AcceptedDraft): readonly string[] {
  return Object.entries(LABELS).flatMap(([name, label]) => (name in draft ? [label] : []));
}

/** What was accepted between two moments. */
export function changedSince(before: AcceptedDraft, now: AcceptedDraft): AcceptedDraft {
  const known = new Map<string, unknown>(Object.entries(before));
  return Object.fromEntries(Object.entries(now).filter(([name, value]) => !known.has(name) || known.get(name) !== value));
}
