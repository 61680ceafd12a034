import type { EpochMs } from './activity.ts';
import type { TicketKind, Urgency } from './config-files.ts';
import type { JsonObject } from './json.ts';
import type { Hold } from './legal-clock.ts';

/** A ticket (工单) and what happened to it. Which move is legal when, and for whom: ticket-moves.ts. */

/**
 * The states of a ticket's life (DOMAIN.md “Ticket states”). 提级 and 重办 are handled like 办理中, at a higher level and once more;
 * 退单待审, 延期待审 and 挂起 go back to where they came from (`stateBefore`).
 */
export const TICKET_STATES = ['受理', '待派', '待签收', '办理中', '提级', '重办', '退单待审', '延期待审', '挂起', '办结待审', '回访', '归档'] as const;
export type TicketState = (typeof TICKET_STATES)[number];
/** A department works on it. */
export const HANDLING_STATES = ['办理中', '提级', '重办'] as const satisfies readonly TicketState[];
/** Not archived. */
export const OPEN_STATES: readonly TicketState[] = TICKET_STATES.filter((state) => state !== '归档');

/** Who did it. `system` is the house: opening, the clock, a merged ticket that follows its leading one. */
export type TicketActor =
  | { readonly kind: 'system' }
  | { readonly kind: 'citizen' }
  | { readonly kind: 'seat'; readonly seatId: string }
  /** A person of a department, or its own system by a token (`seatId` null). */
  | { readonly kind: 'department'; readonly departmentId: string; readonly seatId: string | null }
  | { readonly kind: 'partner'; readonly partnerId: string };

/** What a department asked for and the hotline has not judged yet. */
export type RequestKind = 'return' | 'extension' | 'hold';

/** Why an archived ticket ended. `unreached`: finished, and the citizen did not answer the visit-back. */
export type TicketClosure = 'confirmed' | 'unreached' | 'withdrawn' | 'not_taken' | 'answered_at_once' | 'merged';

/** 回访 has two questions. 1 very dissatisfied … 5 very satisfied; `solved` null: no answer to the second one. No answer is not satisfaction. */
export interface VisitAnswer {
  readonly process: 1 | 2 | 3 | 4 | 5 | null;
  readonly solved: boolean | null;
}

/** 督办 beside the state: 1 督促, 2 重点督办, 3 挂牌督办. */
export type SupervisionLevel = 0 | 1 | 2 | 3;

export interface Ticket {
  readonly id: string;
  /** Date, sequence of the day, check digit: digits only, read aloud and typed on a phone. */
  readonly number: string;
  readonly kind: TicketKind;
  readonly state: TicketState;
  /** Where 退单待审, 延期待审, 挂起 and 办结待审 go back to; null in all other states. */
  readonly stateBefore: TicketState | null;
  /** A request that waits for the hotline's judgement: with `return` the state is 退单待审, with `extension` 延期待审, with `hold` the department goes on. */
  readonly pending: RequestKind | null;
  readonly itemCode: string | null;
  readonly title: string;
  readonly content: string;
  readonly townId: string | null;
  readonly place: string | null;
  /** When it happened, as the citizen said it. */
  readonly happened: string | null;
  /** 主办: leads. */
  readonly departmentId: string | null;
  /** 协办: assist. */
  readonly assistIds: readonly string[];
  /** The rule of the dispatch catalogue that sent it there; null: a person did. */
  readonly routeId: string | null;
  readonly urgency: Urgency;
  readonly confidential: boolean;
  /** A call back to the citizen was promised (no seat was there, or the citizen asked). */
  readonly callback: boolean;
  readonly citizenId: string;
  /** 企业直通车; null: a citizen's. */
  readonly enterpriseId: string | null;
  readonly conversationId: string | null;
  readonly channel: string;
  /** Profile of config/deadlines.yaml that its clocks go by, fixed at opening. */
  readonly profileId: string;
  /** When its handling is due; null: not dispatched, held, finished or following another ticket. For lists; the clocks are rows of their own. */
  readonly deadlineAt: EpochMs | null;
  /** `profile/class` of the handling deadline; null before dispatch. */
  readonly deadlineRule: string | null;
  /** Approved 挂起, oldest first. */
  readonly holds: readonly Hold[];
  /** First moment that a clock of it ran out; null: never. Stays when the ticket is finished. */
  readonly overdueAt: EpochMs | null;
  readonly dispatchedAt: EpochMs | null;
  readonly signedAt: EpochMs | null;
  /** First contact of the department with the citizen. */
  readonly contactedAt: EpochMs | null;
  readonly finishedAt: EpochMs | null;
  readonly archivedAt: EpochMs | null;
  /** What the department did, in the words that the citizen gets; the newest. */
  readonly result: string | null;
  readonly closure: TicketClosure | null;
  readonly visit: VisitAnswer | null;
  /** 催办 by the citizen. */
  readonly urges: number;
  /** Returns that were upheld, extensions granted, times it was dispatched elsewhere, times it was handled again, citizen's vetoes of a closure. */
  readonly returns: number;
  readonly extensions: number;
  readonly redirects: number;
  readonly redos: number;
  readonly vetoes: number;
  readonly supervision: SupervisionLevel;
  /** 并单: the ticket that leads; null: it stands alone or leads. Its clocks stand while it follows. */
  readonly leadingId: string | null;
  readonly createdAt: EpochMs;
  readonly updatedAt: EpochMs;
  /** Counts changes; a writer says which one it has seen. */
  readonly version: number;
}

/** Past tense, appended, never edited. */
export type TicketEventType =
  | 'ticket.opened' | 'ticket.accepted' | 'ticket.refused' | 'ticket.dispatched' | 'ticket.redirected' | 'ticket.signed' | 'ticket.contacted'
  | 'ticket.return_requested' | 'ticket.return_upheld' | 'ticket.return_refused'
  | 'ticket.extension_requested' | 'ticket.extension_granted' | 'ticket.extension_refused'
  | 'ticket.hold_requested' | 'ticket.held' | 'ticket.hold_refused' | 'ticket.resumed' | 'ticket.request_withdrawn'
  | 'ticket.finished' | 'ticket.review_passed' | 'ticket.review_failed'
  | 'ticket.visit_asked' | 'ticket.confirmed' | 'ticket.vetoed' | 'ticket.unreached' | 'ticket.reopened' | 'ticket.rated'
  | 'ticket.escalated' | 'ticket.supervised' | 'ticket.supervision_ended'
  | 'ticket.merged' | 'ticket.unmerged' | 'ticket.follower_merged' | 'ticket.follower_unmerged' | 'ticket.leader_moved'
  | 'ticket.warned' | 'ticket.overdue' | 'ticket.withdrawn' | 'ticket.answered_at_once' | 'ticket.corrected'
  | 'ticket.supplemented' | 'ticket.urged' | 'ticket.noted';

export interface TicketEvent {
  readonly ticketId: string;
  readonly seq: number;
  readonly type: TicketEventType;
  readonly actor: TicketActor;
  readonly at: EpochMs;
  readonly data: JsonObject;
}

/** What a ticket is opened with, whoever opens it: a flow, a seat, a partner. */
export interface TicketOpenArgs {
  readonly ticketKind: TicketKind;
  readonly itemCode: string | null;
  readonly title: string;
  readonly content: string;
  readonly townId: string | null;
  readonly place: string | null;
  readonly happened: string | null;
  /** Given by the citizen; null when the channel vouches for one already. */
  readonly phone: string | null;
  readonly name: string | null;
  readonly urgency: Urgency;
  readonly confidential: boolean;
  readonly callback: boolean;
}
