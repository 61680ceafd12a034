import type { MoveName, MoverRole } from '../../src/domain/ticket-moves.ts';
import type { RequestKind, TicketState } from '../../src/domain/ticket.ts';

/** What the table of moves has to say, written out by hand from the rules (DOMAIN.md, docs/tickets.md), not derived from it. */

export const ROLES: readonly MoverRole[] = ['system', 'citizen', 'seat', 'editor', 'supervisor', 'administrator', 'department', 'partner'];
export const PENDINGS: readonly (RequestKind | null)[] = [null, 'return', 'extension', 'hold'];

/** `=`: the state stays. `<`: where it came from. */
type Target = TicketState | '=' | '<';
type Line = readonly [states: string, target: Target, roles: string, pending?: string];

// s system, c citizen, a seat (坐席), e editor, v supervisor (班长), m administrator, d department, p partner
const LETTERS: Readonly<Record<string, MoverRole>> = { s: 'system', c: 'citizen', a: 'seat', e: 'editor', v: 'supervisor', m: 'administrator', d: 'department', p: 'partner' };
const NONE = 'none';

const EXPECTED: Readonly<Record<MoveName, Line>> = {
  accept: ['受理', '待派', 's aevm'],
  refuse: ['受理 待派', '归档', 'aevm'],
  answer: ['受理 待派', '归档', 'aevm'],
  dispatch: ['待派', '待签收', 's aevm'],
  redirect: ['待签收 办理中 提级 重办', '待签收', 'vm', NONE],
  sign: ['待签收', '办理中', 'd aevm'],
  contact: ['办理中 提级 重办 挂起 延期待审', '=', 'd aevm'],
  requestReturn: ['待签收 办理中', '退单待审', 'd aevm', NONE],
  upholdReturn: ['退单待审', '待派', 'vm', 'return'],
  refuseReturn: ['退单待审', '<', 'vm', 'return'],
  requestExtension: ['办理中 提级 重办', '延期待审', 'd aevm', NONE],
  grantExtension: ['延期待审', '<', 'vm', 'extension'],
  refuseExtension: ['延期待审', '<', 'vm', 'extension'],
  requestHold: ['办理中 提级 重办', '=', 'd aevm', NONE],
  grantHold: ['办理中 提级 重办', '挂起', 'vm', 'hold'],
  refuseHold: ['办理中 提级 重办', '=', 'vm', 'hold'],
  resume: ['挂起', '<', 's d aevm'],
  withdrawRequest: ['退单待审 延期待审 办理中 提级 重办', '<', 'd aevm', 'return extension hold'],
  finish: ['办理中 提级 重办', '办结待审', 'd aevm', NONE],
  passReview: ['办结待审', '回访', 's vm'],
  failReview: ['办结待审', '<', 'vm'],
  confirm: ['回访', '归档', 'c aevm'],
  veto: ['回访', '重办', 'c aevm'],
  unreached: ['回访', '归档', 's aevm'],
  reopen: ['归档', '重办', 'c p vm'],
  escalate: ['待签收 办理中 重办', '提级', 's vm', NONE],
  withdraw: ['受理 待派 待签收 办理中 提级 重办 退单待审 延期待审 挂起', '归档', 'c p aevm'],
};

/** Where the move leads for this role; null: it is to be refused. */
export function expectedOf(name: MoveName, ticket: { readonly state: TicketState; readonly stateBefore: TicketState | null; readonly pending: RequestKind | null }, role: MoverRole): TicketState | null {
  const [states, target, roles, pending] = EXPECTED[name];
  if (!states.split(' ').includes(ticket.state)) return null;
  if (![...roles.replaceAll(' ', '')].some((letter) => LETTERS[letter] === role)) return null;
  if (pending === NONE && ticket.pending !== null) return null;
  if (pending !== undefined && pending !== NONE && (ticket.pending === null || !pending.split(' ').includes(ticket.pending))) return null;
  if (target === '=') return ticket.state;
  return target === '<' ? (ticket.stateBefore ?? ticket.state) : target;
}
