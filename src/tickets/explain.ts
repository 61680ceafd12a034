import type { EpochMs } from '../domain/activity.ts';
import { beijingText } from '../domain/clock.ts';
import { explainClock, ruleText } from '../domain/deadlines.ts';
import type { Ticket } from '../domain/ticket.ts';
import type { ClockStage, TicketClock, TicketRequest } from '../store/contract.ts';
import { profileOf } from './clocks.ts';
import type { TicketsContext } from './context.ts';

/** Every clock of a ticket replayed in words: what counted, what did not and why, and what was granted. */

export const STAGE_LABELS: Readonly<Record<ClockStage, string>> = { accept: '受理派单', sign: '签收', contact: '首次联系', handle: '办理', return: '申请退单', judge: '审核申请', hold: '挂起', visit: '回访' };

export interface ExplainedClock {
  readonly stage: ClockStage;
  readonly label: string;
  readonly run: number;
  readonly rule: string;
  readonly startedAt: EpochMs;
  /** As it is kept; null: held. */
  readonly dueAt: EpochMs | null;
  readonly endedAt: EpochMs | null;
  /** Ended late, or still runs and is late now. */
  readonly overdue: boolean;
  readonly lines: readonly string[];
}

/** Oldest clock first. */
export function explainTicket(context: Pick<TicketsContext, 'city' | 'clock'>, ticket: Ticket, clocks: readonly TicketClock[], requests: readonly TicketRequest[], now: EpochMs): readonly ExplainedClock[] {
  return clocks.map((row) => {
    const until = row.endedAt ?? now;
    const overdue = row.stage !== 'hold' && row.stage !== 'return' && row.dueAt !== null && until > row.dueAt;
    return { stage: row.stage, label: STAGE_LABELS[row.stage], run: row.run, rule: ruleText(row.rule), startedAt: row.startedAt, dueAt: row.dueAt, endedAt: row.endedAt, overdue, lines: linesOf(context, ticket, row, requests, until) };
  });
}

function linesOf(context: Pick<TicketsContext, 'city' | 'clock'>, ticket: Ticket, row: TicketClock, requests: readonly TicketRequest[], until: EpochMs): readonly string[] {
  const ended = row.endedAt === null ? [] : [`${beijingText(row.endedAt)} 结束。`];
  // These two run to a moment that was set, not by a rule.
  if (row.stage === 'hold') return [`${beijingText(row.startedAt)} 起挂起，${row.dueAt === null ? '' : `最迟到${beijingText(row.dueAt)}恢复。`}`, ...ended];
  if (row.stage === 'visit') return [`${beijingText(row.startedAt)} 起等待市民评价${row.dueAt === null ? '' : `，${beijingText(row.dueAt)}再次联系或归档`}。`, ...ended];
  const limit = profileOf(context, ticket).extension?.limit;
  const granted = row.stage !== 'handle' || limit === undefined ? [] : requests.filter((request) => request.kind === 'extension' && request.state === 'upheld' && request.judgedAt !== null && request.judgedAt >= row.startedAt && request.judgedAt <= until);
  const extensions = limit === undefined ? [] : granted.flatMap(({ amount }) => (amount === null ? [] : [{ ...limit, amount }]));
  // What came after the end changes nothing any more.
  const holds = ticket.holds.filter(({ from }) => from < until);
  const told = explainClock(context.clock, { start: row.startedAt, rule: row.rule, holds: appliesTo(row.stage, holds), extensions, until });
  const other = row.dueAt !== null && told.dueAt !== row.dueAt ? [`登记的到期时间是${beijingText(row.dueAt)}，以登记为准（日历或规则后来有改动）。`] : [];
  return [...told.lines, ...other, ...ended];
}

/** An approved hold stops the department's clocks; a merged ticket stops all of them. */
function appliesTo(stage: ClockStage, holds: Ticket['holds']): Ticket['holds'] {
  return stage === 'handle' || stage === 'contact' ? holds : holds.filter(({ merged }) => merged === true);
}
