import { beijingTimeText } from '../../domain/clock.ts';
import { LEAST_EVENTS } from '../compare.ts';
import { type Chart, emptySection, type Figure, type Section } from '../document.ts';
import type { Facts } from '../facts.ts';
import { againstWord, measureFigure, rateFigure } from '../figures.ts';
import type { Names } from '../names.ts';
import { shortDay } from '../period.ts';
import { countText, percent } from '../words.ts';

/** What came, how it was answered, how it was handled, what citizens said of it. */

export function intakeSection(facts: Facts): Section {
  const figures = [measureFigure('conversation.begun', facts), measureFigure('service.offered', facts), rateFigure('connected', facts), rateFigure('prompt', facts), rateFigure('waiting', facts), rateFigure('response', facts), measureFigure('service.abandoned', facts), measureFigure('service.callback', facts), measureFigure('knowledge.answered', facts), rateFigure('contained', facts)];
  const section = { ...emptySection('intake', '接听与会话'), figures };
  return { ...section, text: figures.every(({ value }) => value === null) ? ['本期没有接听与会话的统计数据。'] : intakeText(figures) };
}

function intakeText(figures: readonly Figure[]): string[] {
  const [begun, offered, connected, prompt, , response] = figures;
  const sentences: string[] = [];
  if (typeof begun?.value === 'number') sentences.push(`市民发起会话 ${countText(begun.value)} 次，${begun.change}。`);
  if (typeof offered?.value === 'number') sentences.push(offered.value === 0 ? '本期没有市民请求人工。' : `人工呼入 ${countText(offered.value)} 次${goalText('，接通率', connected)}${goalText('，15秒应答率', prompt)}。`);
  if (typeof response?.value === 'number') sentences.push(`平均响应时间 ${response.value.toFixed(1)} 分钟，${response.change}。`);
  return sentences;
}

/** `，接通率 96.2%，达到 95% 的目标`. */
export function goalText(lead: string, figure: Figure | undefined): string {
  if (typeof figure?.value !== 'number') return '';
  // Of a handful of answers nothing can be said to be missed.
  if (figure.whole !== null && figure.whole < LEAST_EVENTS) return `${lead} ${percent(figure.value)}（基数 ${countText(figure.whole)}，仅供参考）`;
  const met = figure.goal === null || figure.goalMet === null ? '' : figure.goalMet ? `，达到 ${figure.goal.replace('≥', '')} 的目标` : `，未达到 ${figure.goal.replace('≥', '')} 的目标`;
  return `${lead} ${percent(figure.value)}${met}`;
}

export function ticketSection(facts: Facts): Section {
  const figures = facts.cohort === null ? countedTickets(facts) : scopedTickets(facts);
  return { ...emptySection('tickets', '工单办理'), figures, charts: [flowChart(facts)], text: ticketText(figures), notes: facts.cohort === null ? [] : ['本报告限定范围内的办理情况按本期登记的工单截至成稿时的状态统计，未办结的不计入办结类比率。'] };
}

function countedTickets(facts: Facts): Figure[] {
  return [
    measureFigure('ticket.opened', facts), measureFigure('ticket.enterprise', facts), measureFigure('ticket.answered_at_once', facts), measureFigure('ticket.dispatched', facts), measureFigure('ticket.closed', facts), measureFigure('ticket.merged', facts), rateFigure('first_dispatch', facts),
    rateFigure('signed_on_time', facts), rateFigure('closed_on_time', facts), rateFigure('handling', facts), measureFigure('ticket.overdue_handling', facts), rateFigure('returned', facts), rateFigure('redone', facts),
    rateFigure('satisfied', facts), rateFigure('solved', facts), rateFigure('false_closure', facts),
  ];
}

/** Of an item or a town the flow is counted beforehand too; of a storm all comes from its tickets. */
function scopedTickets(facts: Facts): Figure[] {
  const { cohort } = facts;
  if (cohort === null || facts.scope.kind !== 'storm') return countedTickets(facts);
  const plain = (id: string, name: string, value: number | null, formula: string): Figure => ({ id, name, unit: 'count', value, previous: null, part: null, whole: null, movement: 'unknown', change: '无可比时段', goal: null, goalMet: null, formula, source: '工单' });
  const share = (id: string, name: string, [part, whole]: readonly [number, number], formula: string): Figure => ({ ...plain(id, name, whole === 0 ? null : part / whole, formula), unit: 'share', part: whole === 0 ? null : part, whole: whole === 0 ? null : whole });
  return [
    plain('tickets', '工单数', cohort.tickets, '归入这次集中诉求、在本期登记的工单数'),
    plain('dispatched', '已派单', cohort.dispatched, '其中已派往承办单位的工单数'),
    plain('finished', '已办结', cohort.finished, '其中承办单位已给出结果的工单数'),
    share('signed_on_time', '按时签收率', cohort.signed, '按时签收 ÷ 有签收时限且已签收或已超时的工单'),
    share('closed_on_time', '按时办结率', cohort.closed, '从未超时的办结工单 ÷ 办结工单'),
    share('satisfied', '满意率', cohort.satisfied, '评分4、5分 ÷ 已评分的工单'),
  ];
}

function ticketText(figures: readonly Figure[]): string[] {
  const by = new Map(figures.map((figure) => [figure.id, figure]));
  const of = (id: string): Figure | undefined => by.get(id);
  const sentences: string[] = [];
  const opened = of('ticket.opened') ?? of('tickets');
  if (typeof opened?.value !== 'number') return ['本期没有工单统计数据。'];
  if (opened.value === 0) return [`本期没有登记工单${opened.previous === null ? '' : `，${opened.change}`}。`];
  const closed = of('ticket.closed');
  sentences.push(`登记工单 ${countText(opened.value)} 件${opened.movement === 'unknown' ? '' : `，${opened.change}`}${typeof closed?.value === 'number' ? `；办结 ${countText(closed.value)} 件` : ''}。`);
  const onTime = [goalText('按时签收率', of('signed_on_time')), goalText('按时办结率', of('closed_on_time')), goalText('首派准确率', of('first_dispatch'))].filter((text) => text !== '');
  if (onTime.length > 0) sentences.push(`${onTime.map((text) => text.trim()).join('，')}。`);
  const said = [goalText('满意率', of('satisfied')), goalText('解决率', of('solved')), goalText('虚假办结率', of('false_closure'))].filter((text) => text !== '');
  if (said.length > 0) sentences.push(`回访情况：${said.join('，')}。`);
  return sentences;
}

function flowChart({ flow, whole, period }: Facts): Chart {
  const labels = flow.points.map(({ at }) => (flow.grain === 'hour' ? beijingTimeText(at) : shortDay(at)));
  const opened = flow.points.map((point) => point.opened);
  const most = Math.max(0, ...opened);
  const peak = opened.indexOf(most);
  const hasClosed = flow.points.some(({ closed }) => closed !== null);
  const hasBefore = flow.points.some(({ before }) => before !== null);
  const total = opened.reduce((sum, count) => sum + count, 0);
  return {
    id: 'flow', title: flow.grain === 'hour' ? '各时段登记工单' : '每日登记工单', kind: 'lines', unit: 'count', labels,
    series: [{ name: '登记', values: opened }, ...(hasClosed ? [{ name: '办结', values: flow.points.map(({ closed }) => closed) }] : []), ...(hasBefore ? [{ name: againstWord({ period, whole }), values: flow.points.map(({ before }) => before) }] : [])],
    said: total === 0 ? '本期没有登记工单。' : `共 ${countText(total)} 件，最多的是${flow.grain === 'hour' ? ` ${labels[peak] ?? ''} 起的一小时` : labels[peak] ?? ''}，${countText(most)} 件。`,
  };
}

export function channelSection({ opened }: Facts, names: Names): Section {
  const bars = (id: string, title: string, counts: ReadonlyMap<string, number>, name: (key: string) => string): Chart[] => {
    const merged = new Map<string, number>();
    for (const [key, count] of counts) merged.set(name(key), (merged.get(name(key)) ?? 0) + count);
    const rows = [...merged].sort((a, b) => b[1] - a[1]);
    const total = rows.reduce((sum, [, count]) => sum + count, 0);
    return total === 0 ? [] : [{ id, title, kind: 'bars', unit: 'count', labels: rows.map(([label]) => label), series: [{ name: '件数', values: rows.map(([, count]) => count) }], said: rows.slice(0, 5).map(([label, count]) => `${label} ${countText(count)} 件，占 ${percent(count / total)}`).join('；') }];
  };
  const charts = [...bars('channels', '来源渠道', opened.channel.now, (key) => names.channel(key)), ...bars('kinds', '诉求类型', opened.kind.now, (key) => key)];
  return { ...emptySection('channels', '渠道与类型'), charts, text: charts.map(({ title, said }) => `${title}：${said}。`) };
}
