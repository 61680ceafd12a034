import type { ActivityContent, EpochMs, Locale, Modality, Role } from '../../domain/activity.ts';
import type { TicketKind, Urgency } from '../../domain/config-files.ts';
import type { Emergency, Owner, Understood } from '../../domain/conversation.ts';
import type { Ticket, TicketState } from '../../domain/ticket.ts';
import type { MoveNeed } from '../../domain/ticket-moves.ts';
import type { MoodLevel } from './assist-types.ts';
import type { NoteFrame } from './desk-work-types.ts';
import type { InspectionFrame } from './quality-types.ts';
import type { QueueFields, QueueLiveFrame } from './queue-types.ts';

/** What the desk reads from and writes to `/api`. Types only; `desk/api/guards.ts` checks what arrives. Times are epoch ms. */

export type { ActivityContent, EpochMs, Locale, Modality, Owner, Role, TicketKind, TicketState, Understood, Urgency };

export type SeatRole = 'seat' | 'editor' | 'supervisor' | 'administrator' | 'department';
export type Presence = 'online' | 'away';

export interface SeatView {
  readonly id: string;
  readonly username: string;
  readonly displayName: string;
  readonly role: SeatRole;
}

/** A row of the seats' page. */
export interface ManagedSeatView extends SeatView {
  readonly active: boolean;
  readonly online?: boolean | undefined;
  readonly createdAt: EpochMs;
}

export interface SessionView {
  readonly seat: SeatView;
  /** To be sent as `x-csrf-token` with every change. */
  readonly csrf: string;
}

export interface CitizenView {
  readonly id: string;
  readonly phoneMasked: string | null;
  readonly nameMasked: string | null;
}

/** What the queue says of a conversation; a server without a queue leaves it out. */
type MaybeQueued = { readonly [Name in keyof QueueFields]?: QueueFields[Name] | undefined };

export interface ConversationView extends MaybeQueued {
  readonly id: string;
  readonly channel: string;
  readonly modality: Modality;
  readonly locale?: Locale | undefined;
  readonly owner: Owner;
  readonly seatId: string | null;
  readonly seatName: string | null;
  readonly handoffReason: string | null;
  readonly waitingSince: EpochMs | null;
  readonly emergency: Emergency | null;
  readonly understood: Understood | null;
  readonly unread: number;
  readonly createdAt: EpochMs;
  readonly lastInboundAt: EpochMs | null;
  readonly lastActivityAt: EpochMs;
  readonly lastSeq: number;
  readonly version: number;
  readonly citizen: CitizenView;
  /** 企业直通车: whose; its named seat (专员) is asked first. */
  readonly enterprise?: { readonly id: string; readonly name: string; readonly seatId: string | null; readonly seatName: string | null } | null | undefined;
  /** By the words of the newest messages; null: calm, or nobody's yet. */
  readonly mood?: { readonly level: MoodLevel; readonly urgency: Urgency; readonly why: string; readonly words: readonly string[] } | null | undefined;
  /** Last message, masked, at most 60 characters. */
  readonly preview: string;
}

export type Counts = Readonly<Record<Owner, number>>;

export interface ActivityView {
  readonly id: string;
  readonly seq: number;
  readonly direction: 'in' | 'out';
  readonly role: Role;
  readonly seatId: string | null;
  readonly seatName: string | null;
  readonly at: EpochMs;
  readonly content: ActivityContent;
  readonly replyToId: string | null;
}

export interface ReceiptView {
  readonly activityId: string;
  readonly status: 'delivered' | 'retrying' | 'failed';
  readonly code: string | null;
  readonly at: EpochMs;
}

export interface TicketView extends Ticket {
  readonly itemName: string | null;
  readonly departmentName: string | null;
  readonly townName: string | null;
  /** The deadline in words, e.g. `2026-11-27 18:00 前（5 个工作日）`. */
  readonly deadlineText: string | null;
}

export interface TicketEventView {
  readonly seq: number;
  readonly type: string;
  readonly actorName: string;
  readonly at: EpochMs;
  readonly data: Readonly<Record<string, unknown>>;
}

export type { MoveNeed };

export interface MoveView {
  readonly name: string;
  readonly label: string;
  readonly needs: readonly MoveNeed[];
  readonly takes?: readonly MoveNeed[] | undefined;
  /** Where a `reasonCode` is needed: what may be chosen. */
  readonly reasons?: readonly { readonly code: string; readonly label: string; readonly evidence: boolean }[] | undefined;
}

export interface TicketDraft {
  readonly kind: TicketKind;
  readonly itemCode: string | null;
  readonly title: string;
  readonly content: string;
  readonly townId: string | null;
  readonly place: string | null;
  readonly happened: string | null;
  readonly phone: string | null;
  readonly name: string | null;
  readonly urgency: Urgency;
  readonly confidential: boolean;
  readonly callback: boolean;
  /** Made with the form: sent again, it opens no second ticket. */
  readonly clientId: string;
}

export interface CatalogItem {
  readonly code: string;
  readonly name: string;
  readonly field: string;
  readonly kinds: readonly string[];
}

export interface Named {
  readonly id: string;
  readonly name: string;
}

export interface Catalog {
  readonly items: readonly CatalogItem[];
  readonly departments: readonly Named[];
  readonly towns: readonly Named[];
  readonly kinds: readonly TicketKind[];
  readonly urgencies: readonly Urgency[];
  /** Reasons for seeing an identity. */
  readonly purposes: readonly string[];
}

export interface DepartmentKeyView {
  readonly id: string;
  readonly departmentId: string;
  readonly departmentName: string;
  readonly name: string;
  readonly createdAt: EpochMs;
  readonly expiresAt: EpochMs | null;
  readonly revokedAt: EpochMs | null;
}

export interface UnmaskedView {
  readonly phone: string | null;
  readonly name: string | null;
  readonly shownUntil: EpochMs;
}

/** Frames of `/api/desk/live`, server to desk. */
export type LiveFrame =
  | { readonly type: 'hello'; readonly seat: SeatView; readonly now: EpochMs }
  | { readonly type: 'conversation'; readonly conversation: ConversationView }
  | { readonly type: 'activity'; readonly conversationId: string; readonly activity: ActivityView }
  | { readonly type: 'typing'; readonly conversationId: string; readonly role: Role }
  | { readonly type: 'receipt'; readonly conversationId: string; readonly receipt: ReceiptView }
  | { readonly type: 'ticket'; readonly ticket: TicketView }
  | { readonly type: 'counts'; readonly counts: Counts }
  | { readonly type: 'emergency'; readonly conversationId: string; readonly category: string }
  /** Storm mode has another level. */
  | { readonly type: 'storm'; readonly storm: StormLevelView }
  /** A campaign of calls has gone on: whoever shows it looks again. */
  | { readonly type: 'campaign'; readonly campaignId: string }
  | InspectionFrame
  | NoteFrame
  | QueueLiveFrame;

/** How pressed the house is; level 0: calm. `load`: × the usual. */
export interface StormLevelView {
  readonly level: number;
  readonly name: string | null;
  readonly since: EpochMs;
  readonly load: number;
}

/** Desk to server. */
export type LiveRequest =
  | { readonly type: 'typing' | 'watch'; readonly conversationId: string }
  /** Which list is shown: of long lists only those who look hear every change. */
  | { readonly type: 'view'; readonly view: 'waiting' | 'mine' | 'others' | 'bot' | 'closed' };

export type * from './knowledge-types.ts';
