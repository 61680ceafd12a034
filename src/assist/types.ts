import type { EpochMs, Modality } from '../domain/activity.ts';
import type { TicketKind, Urgency } from '../domain/config-files.ts';
import type { KnowledgeModule } from '../domain/knowledge.ts';
import type { MoodLevel } from './rules-schema.ts';

/** What agent assist answers. Everything says which words it comes from: a seat must be able to see why. */

/** One message of a conversation as assist reads it; `folded` has the offsets of `text`. */
export interface Line {
  readonly seq: number;
  readonly role: 'citizen' | 'bot' | 'seat';
  readonly text: string;
  readonly folded: string;
  readonly at: EpochMs;
  readonly attachments: number;
  /** What an answer of the knowledge base says it is from. */
  readonly source: string | null;
}

/** Words of a message; offsets in UTF-16 units of its text. */
export interface Evidence {
  readonly seq: number;
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

export interface Freshness {
  readonly state: 'valid' | 'due' | 'expired' | 'coming' | 'ending';
  /** `2026-01-01 起生效，12 天后失效`. */
  readonly text: string;
}

export interface KnowledgeHint {
  readonly id: string;
  readonly question: string;
  readonly module: KnowledgeModule;
  /** For the reply box: what is read, and what is said on the phone. */
  readonly answer: string;
  readonly voice: string;
  readonly audience: 'public' | 'desk';
  readonly department: string | null;
  readonly source: string;
  readonly sourceUrl: string | null;
  readonly score: number;
  readonly matched: readonly string[];
  readonly why: string;
  readonly fresh: Freshness;
}

export interface KnowledgePart {
  /** What was asked for, in the citizen's words. */
  readonly asked: Evidence | null;
  /** The matter that the last words go on with; null: they stand alone. */
  readonly topic: string | null;
  readonly hints: readonly KnowledgeHint[];
}

export interface ItemHint {
  readonly code: string;
  readonly name: string;
  readonly field: string;
  readonly score: number;
  /** May be filled in without a second look, says the calibration. */
  readonly sure: boolean;
  readonly matched: readonly string[];
}

export interface DispatchPart {
  readonly items: readonly ItemHint[];
  /** Of the first item. */
  readonly department: { readonly id: string; readonly name: string } | null;
  readonly assistants: readonly string[];
  readonly routeId: string | null;
  readonly why: string;
  readonly because: readonly string[];
  readonly deadline: { readonly dueAt: EpochMs; readonly rule: string; readonly text: string; readonly lines: readonly string[] } | null;
}

export const SLOT_NAMES = ['kind', 'itemCode', 'title', 'content', 'townId', 'place', 'happened', 'name', 'urgency', 'callback', 'confidential'] as const;
export type SlotName = (typeof SLOT_NAMES)[number];

/** One field of the ticket form, filled. */
export interface FilledSlot {
  readonly name: SlotName;
  readonly label: string;
  /** As the form takes it: a code, an id, `true`, or the citizen's words. */
  readonly value: string;
  /** As a person reads it. */
  readonly shown: string;
  readonly confidence: number;
  readonly from: readonly Evidence[];
  /** Where it comes from when no words of the citizen say it, and what was put right. */
  readonly note: string | null;
}

/** A detail that has no field of its own: a plate, a sum, how many people. */
export interface Detail {
  readonly id: string;
  readonly label: string;
  readonly value: string;
  readonly from: readonly Evidence[];
}

export interface FormPart {
  readonly slots: readonly FilledSlot[];
  readonly details: readonly Detail[];
}

export interface Question {
  readonly id: string;
  readonly ask: string;
  readonly voice: string;
  readonly why: string;
}

export interface Sign extends Evidence {
  readonly id: string;
  readonly label: string;
}

export interface MoodPart {
  readonly level: MoodLevel;
  readonly urgency: Urgency;
  readonly signs: readonly Sign[];
  /** Ids of the signs that make it urgent. */
  readonly urgentBy: readonly string[];
  /** One sentence: why this level and this urgency. */
  readonly why: string;
}

export interface SummaryLine {
  readonly label: string;
  readonly text: string;
  readonly seqs: readonly number[];
}

/** What the thinking of one conversation yields; likenesses with tickets are looked up beside it. */
export interface Thoughts {
  readonly knowledge: KnowledgePart;
  readonly dispatch: DispatchPart;
  readonly form: FormPart;
  readonly questions: readonly Question[];
  readonly mood: MoodPart;
  readonly summary: readonly SummaryLine[];
  /** What tickets are compared with. */
  readonly draft: { readonly kind: TicketKind; readonly title: string; readonly content: string; readonly itemCode: string | null; readonly townId: string | null; readonly place: string | null; readonly confidential: boolean };
}

/** What is known of a conversation beside its words. */
export interface Told {
  readonly modality: Modality;
  readonly enterprise: boolean;
  /** The vault has a number. */
  readonly phoneKnown: boolean;
  readonly handoffReason: string | null;
  readonly flow: string | null;
  /** The bot's form, masked. */
  readonly slots: readonly { readonly name: string; readonly label: string; readonly value: string }[];
  /** Tickets that were opened in this conversation. */
  readonly tickets: readonly { readonly number: string; readonly title: string; readonly state: string }[];
  readonly now: EpochMs;
}
