import type { TicketKind, Urgency } from '../../domain/config-files.ts';
import type { KnowledgeModule } from './knowledge-types.ts';

/** What agent assist answers (src/http/zones/desk/assist-schemas.ts). Types only; `desk/api/assist.ts` checks what arrives. */

/** Words of a message: its seq, offsets in its text, and the words themselves. */
export interface EvidenceView {
  readonly seq: number;
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

export type FreshState = 'valid' | 'due' | 'expired' | 'coming' | 'ending';

export interface AssistHint {
  readonly id: string;
  readonly question: string;
  readonly module: KnowledgeModule;
  readonly answer: string;
  readonly voice: string;
  readonly audience: 'public' | 'desk';
  readonly department: string | null;
  readonly source: string;
  readonly sourceUrl: string | null;
  readonly score: number;
  readonly matched: readonly string[];
  readonly why: string;
  readonly fresh: { readonly state: FreshState; readonly text: string };
}

export interface AssistItem {
  readonly code: string;
  readonly name: string;
  readonly field: string;
  readonly score: number;
  readonly sure: boolean;
  readonly matched: readonly string[];
}

export interface AssistDispatch {
  readonly items: readonly AssistItem[];
  readonly department: { readonly id: string; readonly name: string } | null;
  readonly assistants: readonly string[];
  readonly routeId: string | null;
  readonly why: string;
  readonly because: readonly string[];
  readonly deadline: { readonly dueAt: number; readonly rule: string; readonly text: string; readonly lines: readonly string[] } | null;
}

export type AssistSlotName = 'kind' | 'itemCode' | 'title' | 'content' | 'townId' | 'place' | 'happened' | 'name' | 'urgency' | 'callback' | 'confidential';

export interface AssistSlot {
  readonly name: AssistSlotName;
  readonly label: string;
  readonly value: string;
  readonly shown: string;
  readonly confidence: number;
  readonly from: readonly EvidenceView[];
  readonly note: string | null;
}

export interface AssistDetail {
  readonly id: string;
  readonly label: string;
  readonly value: string;
  readonly from: readonly EvidenceView[];
}

export interface AssistQuestion {
  readonly id: string;
  readonly ask: string;
  readonly voice: string;
  readonly why: string;
}

export type MoodLevel = 'calm' | 'upset' | 'angry' | 'distress';

export interface AssistMood {
  readonly level: MoodLevel;
  readonly urgency: Urgency;
  readonly why: string;
  readonly signs: readonly (EvidenceView & { readonly id: string; readonly label: string })[];
}

export interface AssistLike {
  readonly ticket: { readonly id: string; readonly number: string; readonly title: string; readonly state: string; readonly townName: string | null; readonly place: string | null; readonly departmentName: string | null; readonly createdAt: number };
  readonly score: number;
  /** What is equal: text, place, item, time, citizen. */
  readonly why: readonly string[];
  readonly words: string;
}

export interface AssistView {
  readonly conversationId: string;
  readonly version: number;
  readonly lastSeq: number;
  readonly drafts: boolean;
  readonly knowledge: { readonly asked: EvidenceView | null; readonly topic: string | null; readonly hints: readonly AssistHint[] };
  readonly dispatch: AssistDispatch;
  readonly form: { readonly slots: readonly AssistSlot[]; readonly details: readonly AssistDetail[] };
  readonly questions: readonly AssistQuestion[];
  readonly mood: AssistMood;
  readonly alike: { readonly likes: readonly AssistLike[]; readonly complete: boolean; readonly own: readonly { readonly id: string; readonly number: string }[] };
  readonly summary: readonly { readonly label: string; readonly text: string; readonly seqs: readonly number[] }[];
}

export interface AssistDraft {
  readonly by: 'model' | 'extract';
  readonly lines: readonly { readonly label: string; readonly text: string }[];
  readonly note: string | null;
  readonly model: string | null;
}

export type { TicketKind, Urgency };
