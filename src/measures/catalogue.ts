import type { MeasureDimension } from '../store/contract.ts';

/**
 * Every figure that is counted beforehand, and every rate that is made of them: name, what it counts in words, where it comes from, the
 * clause it answers to, unit and dimensions. Reports show formula and source from here; docs/measures.md is the same for people.
 * How rows become amounts: of-services.ts, of-tickets.ts, of-messages.ts.
 */

/** Kept by hour and by day, or by day only. */
export interface Cut {
  readonly by: MeasureDimension;
  readonly grain: 'hour' | 'day';
}

/** Which rows are read: one catch-up job with one cursor each (catch-up.ts). */
export type MeasureSource = 'messages' | 'services' | 'tickets' | 'gaps';

export interface Measure {
  readonly name: MeasureName;
  readonly zh: string;
  readonly en: string;
  readonly source: MeasureSource;
  /** What one of the amount is, and which hour it is counted in. */
  readonly counts: string;
  /** What `sum` adds up; null: nothing. */
  readonly sums: { readonly unit: 'ms' | 'points'; readonly words: string } | null;
  /** The rows it is read from. */
  readonly from: string;
  /** Clause of the law of the line, or of the measures as the house defines them. */
  readonly clause: string;
  readonly cuts: readonly Cut[];
}

const hourly = (...dimensions: readonly MeasureDimension[]): readonly Cut[] => dimensions.map((by) => ({ by, grain: 'hour' }));
const daily = (...dimensions: readonly MeasureDimension[]): readonly Cut[] => dimensions.map((by) => ({ by, grain: 'day' }));

/** Messages: what was said at which channel. */
const MESSAGES = hourly('all', 'channel');
/** Seats are many and looked at by day. */
const SERVICES: readonly Cut[] = [...hourly('all', 'channel', 'group'), ...daily('seat')];
/** A thousand items and a hundred departments by hour would be more rows than tickets. */
const TICKETS: readonly Cut[] = [...hourly('all'), ...daily('channel', 'kind', 'town', 'department', 'item')];
/** What rises within hours is seen by what is opened. */
const OPENED: readonly Cut[] = [...hourly('all', 'channel', 'town', 'item'), ...daily('kind', 'department')];

const LOOP = '国办发〔2020〕53号：受理→派单→办理→答复→督办→办结→回访→评价';
const HOUSE = 'DOMAIN.md “Measures”';
const STANDARD = 'GB/T 33358-2016';
const ANSWER = 'answer';

const measure = <Name extends string>(name: Name, zh: string, en: string, source: MeasureSource, given: { readonly counts: string; readonly from: string; readonly clause?: string; readonly cuts: readonly Cut[]; readonly ms?: string; readonly points?: string }) => ({
  name, zh, en, source, counts: given.counts, from: given.from, clause: given.clause ?? HOUSE, cuts: given.cuts,
  sums: given.ms !== undefined ? ({ unit: 'ms', words: given.ms } as const) : given.points !== undefined ? ({ unit: 'points', words: given.points } as const) : null,
});

const ACTIVITIES = 'activities';
const PERIODS = 'service_periods';
const EVENTS = 'ticket_events';

const LIST = [
  /* ---- what is said ---- */
  measure('message.received', '来话消息', 'messages received', 'messages', { counts: "a citizen's message, in the hour it was stored", from: `${ACTIVITIES}: role citizen, type message`, cuts: MESSAGES }),
  measure('message.bot', '机器人消息', "the bot's messages", 'messages', { counts: 'a message of the bot', from: `${ACTIVITIES}: role bot, type message`, cuts: MESSAGES }),
  measure('message.seat', '坐席消息', "seats' messages", 'messages', { counts: 'a message of a seat', from: `${ACTIVITIES}: role seat, type message`, cuts: MESSAGES }),
  measure('conversation.begun', '会话量', 'conversations', 'messages', { counts: "a citizen's message before which the citizen had said nothing there for `conversationGapMinutes`; a conversation of the store never ends, this is what people call one", from: `${ACTIVITIES}: role citizen, by conversation and seq`, cuts: MESSAGES }),
  measure('knowledge.answered', '知识直答', 'answers from knowledge', 'messages', { counts: 'a message of the bot that names its source', from: `${ACTIVITIES}: role bot, with a source`, ms: "from the citizen's message to the answer", cuts: MESSAGES }),
  measure('knowledge.unanswered', '知识未答', 'questions without an answer', 'gaps', { counts: 'a question that nothing, or hardly anything, was found for', from: 'knowledge_gaps: unanswered, low', cuts: hourly('all') }),
  measure('knowledge.unhelpful', '知识答非所问', 'answers that did not help', 'gaps', { counts: 'an answer that the citizen called unhelpful', from: 'knowledge_gaps: unhelpful', cuts: hourly('all') }),

  /* ---- people asked for: all counted in the hour of the asking, so that a rate is of one and the same people ---- */
  measure('service.asked', '请求人工', 'asked for a person', 'services', { counts: 'a service period, in the hour it was asked for', from: PERIODS, clause: `${STANDARD}：人工服务`, cuts: SERVICES }),
  measure('service.offered', '人工呼入', 'offered', 'services', { counts: 'a service period that was accepted or has ended, and that the citizen did not cancel while waiting; who still waits is not counted yet', from: `${PERIODS}: accepted_at, outcome`, clause: `${STANDARD}：接通率`, cuts: SERVICES }),
  measure('service.accepted', '人工接通', 'answered by a person', 'services', { counts: 'a service period that a seat accepted', from: `${PERIODS}: accepted_at`, ms: 'from the asking to the acceptance', clause: `${STANDARD}：接通率`, cuts: SERVICES }),
  measure('service.prompt', '15秒内应答', 'answered in time', 'services', { counts: `a service period that a seat accepted within \`${ANSWER}Seconds\` (15) of the asking`, from: `${PERIODS}: asked_at, accepted_at`, clause: `${STANDARD}：15 秒应答`, cuts: SERVICES }),
  measure('service.replied', '人工首次回复', 'first replies', 'services', { counts: 'a service period in which a seat said something', from: `${PERIODS}: first_reply_at`, ms: 'from the asking to the first words of a seat', cuts: SERVICES }),
  measure('service.served', '人工办结会话', 'served by a person', 'services', { counts: 'a service period that a seat closed or gave back to the bot', from: `${PERIODS}: outcome served, handed-back`, ms: 'from the acceptance to the end', cuts: SERVICES }),
  measure('service.abandoned', '排队放弃', 'abandoned while waiting', 'services', { counts: 'a service period whose call ended while waiting', from: `${PERIODS}: outcome abandoned`, clause: '国办函〔2025〕66号：未接来电回拨', cuts: SERVICES }),
  measure('service.cancelled', '取消人工', 'cancelled while waiting', 'services', { counts: 'a service period that the citizen did not want any more', from: `${PERIODS}: outcome cancelled`, cuts: SERVICES }),
  measure('service.callback', '转回拨工单', 'callbacks promised', 'services', { counts: 'a service period that nobody took: a ticket promises a call', from: `${PERIODS}: outcome callback`, clause: '国办函〔2025〕66号：未接来电回拨', cuts: SERVICES }),
  measure('conversation.handed', '转人工会话', 'conversations with a person', 'services', { counts: 'a service period before which, for `conversationGapMinutes`, nobody was asked for in the same conversation', from: PERIODS, cuts: hourly('all', 'channel') }),

  /* ---- tickets ---- */
  measure('ticket.opened', '登记工单', 'opened', 'tickets', { counts: 'a ticket, in the hour it was opened; an item put right later moves it', from: `${EVENTS}: opened; tickets`, clause: LOOP, cuts: OPENED }),
  measure('ticket.enterprise', '企业直通车工单', 'opened by enterprises', 'tickets', { counts: 'a ticket of the enterprise lane', from: 'tickets: enterprise_id', clause: 'DOMAIN.md “Enterprise lane”', cuts: TICKETS }),
  measure('ticket.refused', '不予受理', 'not taken', 'tickets', { counts: 'a ticket that was not taken', from: `${EVENTS}: refused`, clause: LOOP, cuts: TICKETS }),
  measure('ticket.answered_at_once', '直接答复', 'answered at once', 'tickets', { counts: 'a ticket answered by the hotline itself', from: `${EVENTS}: answered_at_once`, clause: LOOP, cuts: TICKETS }),
  measure('ticket.withdrawn', '市民撤回', 'withdrawn', 'tickets', { counts: 'a ticket that the citizen took back', from: `${EVENTS}: withdrawn`, clause: LOOP, cuts: TICKETS }),
  measure('ticket.merged', '并单', 'merged', 'tickets', { counts: 'a ticket that began to follow another', from: `${EVENTS}: merged`, clause: '国办函〔2025〕66号：重复诉求并单', cuts: TICKETS }),
  measure('ticket.dispatched_first', '首次派单', 'dispatched for the first time', 'tickets', { counts: 'a ticket, in the hour and for the department of its first dispatch', from: `${EVENTS}: dispatched`, clause: LOOP, cuts: TICKETS }),
  measure('ticket.misdirected', '首派有误', 'dispatched wrongly at first', 'tickets', { counts: 'a ticket that was returned or sent elsewhere after its first dispatch, once, in the hour and for the department of that dispatch', from: `${EVENTS}: return_upheld, redirected`, clause: '国办函〔2025〕66号：动态派单目录', cuts: TICKETS }),
  measure('ticket.dispatched', '派单次数', 'dispatches', 'tickets', { counts: 'a dispatch, first or again, for the department it went to', from: `${EVENTS}: dispatched, redirected`, clause: LOOP, cuts: TICKETS }),
  measure('ticket.redirected', '改派', 'sent elsewhere', 'tickets', { counts: 'a dispatch to another department, for the one that had it', from: `${EVENTS}: redirected`, clause: LOOP, cuts: TICKETS }),
  measure('ticket.signed', '签收', 'signed', 'tickets', { counts: 'a sign-off by a department', from: `${EVENTS}: signed`, ms: 'from the latest dispatch to the sign-off', clause: LOOP, cuts: TICKETS }),
  measure('ticket.signed_due', '有时限的签收', 'signed with a time limit', 'tickets', { counts: 'a sign-off whose profile sets a time', from: 'ticket_clocks: stage sign', cuts: TICKETS }),
  measure('ticket.signed_on_time', '按时签收', 'signed on time', 'tickets', { counts: 'a sign-off before its clock ran out', from: 'ticket_clocks: stage sign', cuts: TICKETS }),
  measure('ticket.return_asked', '申请退单', 'returns asked for', 'tickets', { counts: 'a return that a department asked for', from: `${EVENTS}: return_requested`, clause: '国办函〔2025〕66号：派单争议审核', cuts: TICKETS }),
  measure('ticket.returned', '退单', 'returned', 'tickets', { counts: 'a return that was upheld, for the department that gave it back', from: `${EVENTS}: return_upheld`, clause: '国办函〔2025〕66号：派单争议审核', cuts: TICKETS }),
  measure('ticket.extended', '延期', 'extended', 'tickets', { counts: 'an extension that was granted', from: `${EVENTS}: extension_granted`, cuts: TICKETS }),
  measure('ticket.held', '挂起', 'held', 'tickets', { counts: 'a hold that was approved', from: `${EVENTS}: held`, cuts: TICKETS }),
  measure('ticket.overdue', '超期', 'overdue marks', 'tickets', { counts: 'a clock that ran out, any stage, for the department that had the ticket', from: `${EVENTS}: overdue`, cuts: TICKETS }),
  measure('ticket.overdue_handling', '办理超期', 'handling overdue', 'tickets', { counts: 'a handling clock that ran out', from: `${EVENTS}: overdue, stage handle`, cuts: TICKETS }),
  measure('ticket.closed', '办结', 'closed', 'tickets', { counts: 'a result that passed the review, or an answer at once; a ticket handled again counts again', from: `${EVENTS}: review_passed, answered_at_once`, ms: 'from the first dispatch (after 重办: from its beginning) to the result, holds included; nothing for answers at once', clause: LOOP, cuts: TICKETS }),
  measure('ticket.handled', '承办单位办结', 'closed by a department', 'tickets', { counts: 'a result of a department that passed the review', from: `${EVENTS}: review_passed`, ms: 'as for ticket.closed', cuts: TICKETS }),
  measure('ticket.closed_due', '有时限的办结', 'closed with a time limit', 'tickets', { counts: 'a result that passed the review and whose profile sets a time', from: 'ticket_clocks: stage handle', cuts: TICKETS }),
  measure('ticket.closed_on_time', '按时办结', 'closed on time', 'tickets', { counts: 'a result given before the handling clock ran out', from: 'ticket_clocks: stage handle', cuts: TICKETS }),
  measure('ticket.vetoed', '办结被否', 'closures vetoed', 'tickets', { counts: "a citizen's veto at the visit-back, or a citizen or partner who reopened what was closed as done", from: `${EVENTS}: vetoed, reopened`, clause: 'DOMAIN.md “Closed but not solved”', cuts: TICKETS }),
  measure('ticket.redone', '重办', 'handled again', 'tickets', { counts: 'a ticket handled again after a closure, whoever asked for it', from: `${EVENTS}: vetoed, reopened`, cuts: TICKETS }),
  measure('ticket.escalated', '提级办理', 'escalated', 'tickets', { counts: 'an escalation', from: `${EVENTS}: escalated`, clause: '国办函〔2025〕66号：提级办理', cuts: TICKETS }),
  measure('ticket.supervised', '督办', 'supervised', 'tickets', { counts: 'a supervision', from: `${EVENTS}: supervised`, clause: LOOP, cuts: TICKETS }),
  measure('ticket.urged', '催办', 'urged', 'tickets', { counts: 'an urging by the citizen', from: `${EVENTS}: urged`, cuts: TICKETS }),
  measure('visit.unreached', '回访未达', 'visits without an answer', 'tickets', { counts: 'a visit-back that was given up', from: `${EVENTS}: unreached`, clause: LOOP, cuts: TICKETS }),
  measure('visit.answered', '回访答复', 'visits answered', 'tickets', { counts: 'an answer to whether it is solved', from: `${EVENTS}: confirmed, vetoed, rated`, clause: LOOP, cuts: TICKETS }),
  measure('visit.solved', '回访已解决', 'solved', 'tickets', { counts: 'an answer that it is solved', from: `${EVENTS}: confirmed, rated`, clause: LOOP, cuts: TICKETS }),
  measure('visit.rated', '办理过程评分', 'ratings', 'tickets', { counts: 'a rating of the handling; one put right later replaces it', from: `${EVENTS}: confirmed, vetoed, rated`, points: '1 very dissatisfied … 5 very satisfied', clause: LOOP, cuts: TICKETS }),
  measure('visit.satisfied', '满意', 'satisfied', 'tickets', { counts: 'a rating of 4 or 5', from: `${EVENTS}: confirmed, vetoed, rated`, clause: LOOP, cuts: TICKETS }),
] as const;

export type MeasureName = (typeof LIST)[number]['name'];
export const MEASURES: readonly Measure[] = LIST;
const byName: ReadonlyMap<string, Measure> = new Map(MEASURES.map((one) => [one.name, one]));

export const isMeasure = (name: string): name is MeasureName => byName.has(name);

export function measureOf(name: MeasureName): Measure {
  const found = byName.get(name);
  if (found === undefined) throw new TypeError(`no measure ${name}`);
  return found;
}

/** A rate or a mean of counted ones. */
export interface Rate {
  readonly name: RateName;
  readonly zh: string;
  readonly en: string;
  /** `share`: amounts ÷ amounts. `rest`: what is missing of it to the whole. `mean`: sum ÷ amount of the same measures. */
  readonly kind: 'share' | 'rest' | 'mean';
  readonly over: readonly MeasureName[];
  readonly under: readonly MeasureName[];
  readonly formula: string;
  readonly clause: string;
  readonly unit: 'percent' | 'ms' | 'points';
  readonly better: 'high' | 'low';
}

const rate = <Name extends string>(name: Name, zh: string, en: string, kind: Rate['kind'], over: readonly MeasureName[], under: readonly MeasureName[], formula: string, clause: string, better: Rate['better'], unit: Rate['unit'] = 'percent') => ({
  name, zh, en, kind, over, under, formula, clause, better, unit,
});

const RATE_LIST = [
  rate('connected', '人工接通率', 'connection rate', 'share', ['service.accepted'], ['service.offered'], '人工接通 ÷ 人工呼入（连续24小时）', `${STANDARD}：任一连续24小时接通率≥95%；${HOUSE}`, 'high'),
  rate('prompt', '15秒应答率', '15-second rate', 'share', ['service.prompt'], ['service.accepted'], '15秒内应答 ÷ 人工接通', `${STANDARD}：15秒内应答；${HOUSE}`, 'high'),
  rate('waiting', '平均等待', 'average wait', 'mean', ['service.accepted'], ['service.accepted'], '请求人工到接通的时间之和 ÷ 人工接通', HOUSE, 'low', 'ms'),
  rate('response', '平均响应时间', 'average response', 'mean', ['service.replied', 'knowledge.answered'], ['service.replied', 'knowledge.answered'], '（人工首次回复用时之和＋知识直答用时之和）÷（人工首次回复＋知识直答）', `${HOUSE}: first human or final bot answer`, 'low', 'ms'),
  rate('contained', '机器人独立解决率', 'bot containment', 'rest', ['conversation.handed'], ['conversation.begun'], '1 － 转人工会话 ÷ 会话量', HOUSE, 'high'),
  rate('knowledge_missed', '知识未答率', 'questions without an answer', 'share', ['knowledge.unanswered'], ['knowledge.unanswered', 'knowledge.answered'], '知识未答 ÷（知识未答＋知识直答）', HOUSE, 'low'),
  rate('signed_on_time', '按时签收率', 'signed on time', 'share', ['ticket.signed_on_time'], ['ticket.signed_due'], '按时签收 ÷ 有时限的签收', HOUSE, 'high'),
  rate('closed_on_time', '按时办结率', 'closed on time', 'share', ['ticket.closed_on_time'], ['ticket.closed_due'], '按时办结 ÷ 有时限的办结', HOUSE, 'high'),
  rate('first_dispatch', '首派准确率', 'first dispatch right', 'rest', ['ticket.misdirected'], ['ticket.dispatched_first'], '1 － 首派有误 ÷ 首次派单（按首次派单的时间）', `${HOUSE}（本平台定义：从未退单或改派）`, 'high'),
  rate('returned', '退单率', 'returned', 'share', ['ticket.returned'], ['ticket.dispatched'], '退单 ÷ 派单次数', HOUSE, 'low'),
  rate('redone', '重办率', 'handled again', 'share', ['ticket.redone'], ['ticket.closed'], '重办 ÷ 办结', HOUSE, 'low'),
  rate('solved', '解决率', 'solved', 'share', ['visit.solved'], ['visit.answered'], '回访已解决 ÷ 回访答复', `${HOUSE}；2025年目标：工单办理解决率≥92%`, 'high'),
  rate('satisfied', '满意率', 'satisfied', 'share', ['visit.satisfied'], ['visit.rated'], '评分4、5分 ÷ 办理过程评分', HOUSE, 'high'),
  rate('handling', '平均办理时长', 'average handling time', 'mean', ['ticket.handled'], ['ticket.handled'], '首次派单到办理结果的时间之和（含挂起）÷ 承办单位办结', HOUSE, 'low', 'ms'),
  rate('false_closure', '虚假办结率', 'false closures', 'share', ['ticket.vetoed'], ['ticket.closed'], '办结被否 ÷ 办结', `${HOUSE}: citizen veto ÷ closed`, 'low'),
] as const;

export type RateName = (typeof RATE_LIST)[number]['name'];
export const RATES: readonly Rate[] = RATE_LIST;

export function rateOf(name: RateName): Rate {
  const found = RATES.find((one) => one.name === name);
  if (found === undefined) throw new TypeError(`no rate ${name}`);
  return found;
}

export type Counted = Readonly<Record<string, { readonly amount: number; readonly sum: number } | undefined>>;

/**
 * The rate of what was counted (by measure's name): 0 to 1, ms or points; null when there is nothing to divide by, which is not the same as
 * nought. Counts that moved between two looks never make more than the whole.
 */
export function rateFrom(name: RateName, counted: Counted): number | null {
  const { kind, over, under } = rateOf(name);
  const amount = (names: readonly string[]): number => names.reduce((total, one) => total + (counted[one]?.amount ?? 0), 0);
  const below = amount(under);
  if (below <= 0) return null;
  if (kind === 'mean') return over.reduce((total, one) => total + (counted[one]?.sum ?? 0), 0) / below;
  const share = Math.min(1, Math.max(0, amount(over) / below));
  return kind === 'rest' ? 1 - share : share;
}
