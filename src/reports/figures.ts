import { DAY, MINUTE } from '../domain/clock.ts';
import { measureOf, rateFrom, rateOf, type MeasureName, type MeasureSource, type RateName } from '../measures/catalogue.ts';
import { changeOfCount, changeOfMean, changeOfShare, type Change } from './compare.ts';
import type { Figure, Unit } from './document.ts';
import type { Amounts, Facts } from './facts.ts';
import { countChangeText, meanChangeText, percent, shareChangeText, valueText } from './words.ts';

/** Figures from what was counted: value, the one before, how it is reckoned and where it comes from. */

const SOURCES: Readonly<Record<MeasureSource, string>> = { messages: '会话消息', services: '人工服务记录', tickets: '工单及其办理过程', gaps: '知识未答记录' };

/** What a counted figure counts, in a sentence. */
const COUNTS: Partial<Readonly<Record<MeasureName, string>>> = {
  'conversation.begun': '市民开始的一次会话计一次；同一会话停顿超过设定时长后再来，另计一次',
  'message.received': '市民发来的消息条数',
  'service.offered': '请求人工且没有自行取消的次数（已接通或已结束）',
  'service.accepted': '坐席接起的次数',
  'service.abandoned': '排队中挂断的次数',
  'service.callback': '无人接起、转为回拨工单的次数',
  'ticket.opened': '本期登记的工单数',
  'ticket.enterprise': '企业直通车的工单数',
  'ticket.answered_at_once': '热线直接答复的工单数',
  'ticket.dispatched': '派往承办单位的次数，含改派',
  'ticket.closed': '通过审核的办理结果加直接答复；重办后再办结另计',
  'ticket.overdue_handling': '办理时限届满仍未给出结果的次数',
  'ticket.extended': '批准的延期次数',
  'ticket.merged': '并入其他工单的工单数',
  'ticket.urged': '市民催办的次数',
  'ticket.supervised': '发起的督办数',
  'ticket.vetoed': '回访时市民否定办结，或办结后又重开的次数',
  'knowledge.answered': '机器人引用知识作答的次数',
};

const UNITS: Partial<Readonly<Record<RateName, { readonly unit: Unit; readonly per: number }>>> = { waiting: { unit: 'seconds', per: 1000 }, response: { unit: 'minutes', per: MINUTE }, handling: { unit: 'days', per: DAY } };

/** `上月`, `前一日`; in tables and sentences. */
export function againstWord({ period, whole }: Pick<Facts, 'period' | 'whole'>): string {
  const word = { day: '前一日', week: '上周', month: '上月', special: '上一时段' }[period.kind];
  return whole ? word : `${word}同期`;
}

/** How much longer this span is than the one before. */
export const exposureOf = ({ now, past }: Pick<Facts, 'now' | 'past'>): number => (past.to > past.from ? (now.to - now.from) / (past.to - past.from) : 1);

export function measureFigure(name: MeasureName, facts: Facts): Figure {
  const { source, zh, clause } = measureOf(name);
  const [now, past] = countsOf(facts, source);
  const [value, previous] = [now === null ? null : (now[name]?.amount ?? 0), past === null ? null : (past[name]?.amount ?? 0)];
  const change = changeOfCount({ now: value, past: previous, exposure: exposureOf(facts) });
  return {
    id: name, name: zh, unit: 'count', value, previous, part: null, whole: null, movement: change.movement, change: countChangeText(value, previous, change, againstWord(facts), source === 'tickets' ? '件' : '次', exposureOf(facts)),
    goal: null, goalMet: null, formula: COUNTS[name] ?? zh, source: sourceText(source, clause),
  };
}

export function rateFigure(name: RateName, facts: Facts): Figure {
  const { zh, over, under, kind, formula, clause } = rateOf(name);
  const sources = [...new Set([...over, ...under].map((one) => measureOf(one).source))];
  const pairs = sources.map((source) => countsOf(facts, source));
  const [now, past] = [pairs.every(([one]) => one !== null) ? (pairs[0]?.[0] ?? null) : null, pairs.every(([, one]) => one !== null) ? (pairs[0]?.[1] ?? null) : null];
  const { unit, per } = UNITS[name] ?? { unit: 'share' as const, per: 1 };
  const read = (amounts: Amounts | null) => {
    const rate = amounts === null ? null : rateFrom(name, amounts);
    const whole = amounts === null ? 0 : sum(amounts, under);
    return rate === null || whole <= 0 ? null : { value: rate / per, whole, part: kind === 'mean' ? whole : Math.round(rate * whole) };
  };
  const [one, other] = [read(now), read(past)];
  const goal = facts.targets[name];
  const change: Change = kind === 'mean' ? changeOfMean(one === null ? null : { mean: one.value, of: one.whole }, other === null ? null : { mean: other.value, of: other.whole }) : changeOfShare(one, other);
  return {
    id: name, name: zh, unit, value: one?.value ?? null, previous: other?.value ?? null, part: kind === 'mean' ? null : (one?.part ?? null), whole: one?.whole ?? null, movement: change.movement,
    change: kind === 'mean' ? meanChangeText(change, againstWord(facts)) : shareChangeText(change, againstWord(facts)),
    goal: goal === undefined ? null : `≥${percent(goal)}`, goalMet: goal === undefined || one === null ? null : one.value >= goal,
    // Over a report's period it is the sum of it; the rolling hours are the wall's.
    formula: formula.replace('（连续24小时）', '（本期合计）'), source: sources.map((source) => sourceText(source, clause)).join('；'),
  };
}

/** Null: nothing of this source was ever counted by then. */
function countsOf({ known, counted }: Facts, source: MeasureSource): readonly [Amounts | null, Amounts | null] {
  return [known.now[source] ? counted.now : null, known.past?.[source] === true ? counted.past : null];
}

const sum = (amounts: Amounts, names: readonly MeasureName[]): number => names.reduce((total, name) => total + (amounts[name]?.amount ?? 0), 0);

/** The clause as people know it: what only the house defines is said so. */
function sourceText(source: MeasureSource, clause: string): string {
  const said = clause.replaceAll(/DOMAIN\.md “[^”]*”(?::[^；]*)?/g, '本平台指标定义').replaceAll(/；$/g, '');
  return `${SOURCES[source]}；${said}`;
}

/** `95.2%（1,203 / 1,264）`. */
export function figureText({ value, unit, part, whole }: Figure): string {
  const said = valueText(value, unit);
  return value === null || part === null || whole === null ? said : `${said}（${valueText(part, 'count')} / ${valueText(whole, 'count')}）`;
}
