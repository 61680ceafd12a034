import type { RequestKind, TicketEventType, TicketState } from './ticket.ts';
import { HANDLING_STATES, OPEN_STATES } from './ticket.ts';

/**
 * The one table of legal moves: who may, from where, to where, what must be given. The server, the desk's buttons, the tests and the
 * diagram in docs/tickets.md read it. It says nothing of single tickets; a department may further move only what it leads
 * (docs/tickets.md “Who sees what”).
 */

/** `department`: a person of the leading department, or its system. `partner`: the platform that sent the ticket, or that it was passed on to. */
export type MoverRole = 'system' | 'citizen' | 'seat' | 'editor' | 'supervisor' | 'administrator' | 'department' | 'partner';

/** What a move can carry. All words are masked before they are kept. */
export interface MoveGiven {
  /** Dispatch, redirect, escalate: who leads. */
  readonly departmentId?: string | undefined;
  readonly assistIds?: readonly string[] | undefined;
  /** Free words: why. */
  readonly reason?: string | undefined;
  /** A reason from the move's list in config/tickets.yaml. */
  readonly reasonCode?: string | undefined;
  /** Ids of the ticket's files. */
  readonly evidence?: readonly string[] | undefined;
  /** What was done, in words for the citizen. */
  readonly result?: string | undefined;
  /** Extension: how much is asked for or granted, in the unit of the profile's limit. */
  readonly amount?: number | undefined;
  /** Hold: until when it is asked for or granted, at most. */
  readonly until?: number | undefined;
  /** Escalation, supervision: the responsible person, by office (“分管副局长”), not by phone. */
  readonly person?: string | undefined;
  /** Visit-back. */
  readonly process?: 1 | 2 | 3 | 4 | 5 | undefined;
  readonly solved?: boolean | undefined;
}
export type MoveNeed = keyof MoveGiven;

export const MOVE_NAMES = [
  'accept', 'refuse', 'answer', 'dispatch', 'redirect', 'sign', 'contact', 'requestReturn', 'upholdReturn', 'refuseReturn', 'requestExtension', 'grantExtension', 'refuseExtension',
  'requestHold', 'grantHold', 'refuseHold', 'resume', 'withdrawRequest', 'finish', 'passReview', 'failReview', 'confirm', 'veto', 'unreached', 'reopen', 'escalate', 'withdraw',
] as const;
export type MoveName = (typeof MOVE_NAMES)[number];

export interface TicketMove {
  readonly name: MoveName;
  readonly label: string;
  readonly from: readonly TicketState[];
  /** `same`: the state stays. `before`: the ticket's `stateBefore`. */
  readonly to: TicketState | 'same' | 'before';
  /** Instead of `to` for a ticket that no department leads. */
  readonly unsent?: TicketState;
  readonly roles: readonly MoverRole[];
  /** Must be given with the move. */
  readonly needs: readonly MoveNeed[];
  /** May be given. */
  readonly takes: readonly MoveNeed[];
  /** Only with this request pending (`hold` leaves the state alone, so the state does not tell); `none`: only with none. */
  readonly pending?: 'return' | 'extension' | 'hold' | 'any' | 'none';
  /** List of config/tickets.yaml that `reasonCode` is chosen from. */
  readonly reasons?: RequestKind | 'refuse';
  readonly event: TicketEventType;
}

const DESK = ['seat', 'editor', 'supervisor', 'administrator'] as const;
const JUDGES = ['supervisor', 'administrator'] as const;
/** The department, or the desk for one that has no seat of its own. */
const HANDLERS = ['department', ...DESK] as const;
const BEFORE_FINISH: readonly TicketState[] = ['受理', '待派', '待签收', ...HANDLING_STATES, '退单待审', '延期待审', '挂起'];

export const TICKET_MOVES: readonly TicketMove[] = [
  { name: 'accept', label: '受理', from: ['受理'], to: '待派', roles: ['system', ...DESK], needs: [], takes: [], event: 'ticket.accepted' },
  { name: 'refuse', label: '不予受理', from: ['受理', '待派'], to: '归档', roles: DESK, needs: ['reasonCode', 'reason'], takes: [], reasons: 'refuse', event: 'ticket.refused' },
  { name: 'answer', label: '直接答复', from: ['受理', '待派'], to: '归档', roles: DESK, needs: ['result'], takes: ['evidence'], event: 'ticket.answered_at_once' },
  { name: 'dispatch', label: '派单', from: ['待派'], to: '待签收', roles: ['system', ...DESK], needs: ['departmentId'], takes: ['assistIds', 'reason'], event: 'ticket.dispatched' },
  { name: 'redirect', label: '改派', from: ['待签收', ...HANDLING_STATES], to: '待签收', roles: JUDGES, needs: ['departmentId', 'reason'], takes: ['assistIds'], pending: 'none', event: 'ticket.redirected' },
  { name: 'sign', label: '签收', from: ['待签收'], to: '办理中', roles: HANDLERS, needs: [], takes: [], event: 'ticket.signed' },
  { name: 'contact', label: '登记首次联系', from: [...HANDLING_STATES, '挂起', '延期待审'], to: 'same', roles: HANDLERS, needs: [], takes: ['reason'], event: 'ticket.contacted' },
  { name: 'requestReturn', label: '申请退单', from: ['待签收', '办理中'], to: '退单待审', roles: HANDLERS, needs: ['reasonCode', 'reason'], takes: ['evidence', 'departmentId'], pending: 'none', reasons: 'return', event: 'ticket.return_requested' },
  { name: 'upholdReturn', label: '同意退单', from: ['退单待审'], to: '待派', roles: JUDGES, needs: ['reason'], takes: [], pending: 'return', event: 'ticket.return_upheld' },
  { name: 'refuseReturn', label: '驳回退单', from: ['退单待审'], to: 'before', roles: JUDGES, needs: ['reason'], takes: [], pending: 'return', event: 'ticket.return_refused' },
  { name: 'requestExtension', label: '申请延期', from: HANDLING_STATES, to: '延期待审', roles: HANDLERS, needs: ['reasonCode', 'reason', 'amount'], takes: ['evidence'], pending: 'none', reasons: 'extension', event: 'ticket.extension_requested' },
  { name: 'grantExtension', label: '同意延期', from: ['延期待审'], to: 'before', roles: JUDGES, needs: [], takes: ['amount', 'reason'], pending: 'extension', event: 'ticket.extension_granted' },
  { name: 'refuseExtension', label: '驳回延期', from: ['延期待审'], to: 'before', roles: JUDGES, needs: ['reason'], takes: [], pending: 'extension', event: 'ticket.extension_refused' },
  { name: 'requestHold', label: '申请挂起', from: HANDLING_STATES, to: 'same', roles: HANDLERS, needs: ['reasonCode', 'reason', 'until'], takes: ['evidence'], pending: 'none', reasons: 'hold', event: 'ticket.hold_requested' },
  { name: 'grantHold', label: '同意挂起', from: HANDLING_STATES, to: '挂起', roles: JUDGES, needs: [], takes: ['until', 'reason'], pending: 'hold', event: 'ticket.held' },
  { name: 'refuseHold', label: '驳回挂起', from: HANDLING_STATES, to: 'same', roles: JUDGES, needs: ['reason'], takes: [], pending: 'hold', event: 'ticket.hold_refused' },
  { name: 'resume', label: '恢复办理', from: ['挂起'], to: 'before', roles: ['system', ...HANDLERS], needs: [], takes: ['reason'], event: 'ticket.resumed' },
  { name: 'withdrawRequest', label: '撤回申请', from: ['退单待审', '延期待审', ...HANDLING_STATES], to: 'before', roles: HANDLERS, needs: [], takes: ['reason'], pending: 'any', event: 'ticket.request_withdrawn' },
  { name: 'finish', label: '办结', from: HANDLING_STATES, to: '办结待审', roles: HANDLERS, needs: ['result'], takes: ['evidence'], pending: 'none', event: 'ticket.finished' },
  { name: 'passReview', label: '审核通过', from: ['办结待审'], to: '回访', roles: ['system', ...JUDGES], needs: [], takes: ['reason'], event: 'ticket.review_passed' },
  { name: 'failReview', label: '审核退回', from: ['办结待审'], to: 'before', roles: JUDGES, needs: ['reason'], takes: [], event: 'ticket.review_failed' },
  { name: 'confirm', label: '回访满意', from: ['回访'], to: '归档', roles: ['citizen', ...DESK], needs: ['process', 'solved'], takes: ['reason'], event: 'ticket.confirmed' },
  { name: 'veto', label: '回访不满意', from: ['回访'], to: '重办', roles: ['citizen', ...DESK], needs: ['solved'], takes: ['process', 'reason'], event: 'ticket.vetoed' },
  { name: 'unreached', label: '回访未联系上', from: ['回访'], to: '归档', roles: ['system', ...DESK], needs: [], takes: ['reason'], event: 'ticket.unreached' },
  { name: 'reopen', label: '重新办理', from: ['归档'], to: '重办', unsent: '待派', roles: ['citizen', 'partner', ...JUDGES], needs: ['reason'], takes: [], event: 'ticket.reopened' },
  { name: 'escalate', label: '提级办理', from: ['待签收', '办理中', '重办'], to: '提级', roles: ['system', ...JUDGES], needs: ['reason', 'person'], takes: ['departmentId', 'assistIds'], pending: 'none', event: 'ticket.escalated' },
  { name: 'withdraw', label: '撤回诉求', from: BEFORE_FINISH, to: '归档', roles: ['citizen', 'partner', ...DESK], needs: ['reason'], takes: [], event: 'ticket.withdrawn' },
];

const BY_NAME: ReadonlyMap<string, TicketMove> = new Map(TICKET_MOVES.map((move) => [move.name, move]));

/** Null: no such move. */
export function moveNamed(name: string): TicketMove | null {
  return BY_NAME.get(name) ?? null;
}

/** Moves that this role may make from a state with this request pending; a desk shows them as buttons. */
export function legalMoves(ticket: { readonly state: TicketState; readonly pending: TicketMove['pending'] | null }, role: MoverRole): readonly TicketMove[] {
  return TICKET_MOVES.filter((move) => move.from.includes(ticket.state) && move.roles.includes(role) && fitsPending(move, ticket.pending ?? null));
}

/** Where a legal move leads. */
export function targetOf(move: TicketMove, ticket: { readonly state: TicketState; readonly stateBefore: TicketState | null; readonly departmentId: string | null }): TicketState {
  if (move.unsent !== undefined && ticket.departmentId === null) return move.unsent;
  if (move.to === 'same') return ticket.state;
  return move.to === 'before' ? (ticket.stateBefore ?? ticket.state) : move.to;
}

function fitsPending(move: TicketMove, pending: TicketMove['pending'] | null): boolean {
  if (move.pending === undefined) return true;
  if (move.pending === 'none') return pending === null;
  if (move.pending === 'any') return pending !== null;
  return move.pending === pending;
}

/** Can be supervised, merged, urged, supplemented: everything that is not archived. */
export function isOpen(state: TicketState): boolean {
  return OPEN_STATES.includes(state);
}
