import { beijingText } from '../domain/clock.ts';
import type { Report, Section } from './document.ts';
import type { Facts } from './facts.ts';
import { createNames, type Names } from './names.ts';
import { type Asked, type Progress, type ReadContext, readFacts } from './read.ts';
import { departmentsSection } from './sections/departments.ts';
import { matterFacts, type MatterFacts, mattersSection, movedText } from './sections/matters.ts';
import { channelSection, goalText, intakeSection, ticketSection } from './sections/overview.ts';
import { qualitySection } from './sections/quality.ts';
import { supervisionSection } from './sections/supervision.ts';
import { topicNames, topicsSection } from './sections/topics.ts';
import { moving } from './matters.ts';
import { countText, listText } from './words.ts';

/**
 * A whole report: reads what is to be told, then words it.
 * @throws AppError `report.not_begun`, `report.no_scope`
 */
export async function makeReport(context: ReadContext, asked: Asked, progress?: Progress): Promise<Report> {
  return writeReport(await readFacts(context, asked, progress), createNames(context.city));
}

/** Pure. */
export function writeReport(facts: Facts, names: Names): Report {
  const matters = matterFacts(facts, names);
  const isCity = facts.scope.kind === 'city';
  const sections: Section[] = [
    ...(isCity ? [intakeSection(facts)] : []),
    ticketSection(facts),
    channelSection(facts, names),
    mattersSection(facts, matters, names),
    topicsSection(facts, names),
    departmentsSection(facts, names),
    supervisionSection(facts, names),
    ...[qualitySection(facts)].flatMap((section) => section ?? []),
  ].filter(({ figures, charts, tables, topics, text }) => figures.length + charts.length + tables.length + topics.length + text.length > 0);
  const { period, now, past, scope, madeAt, whole } = facts;
  return {
    format: 1, title: titleOf(facts), kind: period.kind, period: { key: period.key, label: period.label, from: period.from, to: period.to }, previous: { label: past.label, from: past.from, to: past.to },
    scope: { kind: scope.kind, id: scope.id === '' ? null : scope.id, name: scope.name }, madeAt, until: now.to, whole, basis: basisOf(facts), summary: summaryOf(facts, sections, matters, names), sections,
  };
}

const TITLES = { day: '热线运行日报', week: '热线运行周报', month: '热线运行月报', special: '热线运行专报' } as const;

export function titleOf({ period, scope }: { readonly period: Facts['period']; readonly scope: Pick<Facts['scope'], 'kind' | 'name'> }): string {
  const about = scope.kind === 'city' ? '' : scope.kind === 'storm' ? `“${scope.name}”集中诉求` : `${scope.name}诉求`;
  return scope.kind === 'city' ? `${period.label}${TITLES[period.kind]}` : `${period.label}${about}专报`;
}

function basisOf({ now, past, whole, known, countedUntil, firstTicketAt, topics, cohort, madeAt, period, scope }: Facts): string[] {
  const lines = [`统计时段：${beijingText(now.from)} 至 ${beijingText(now.to)}（北京时间）${whole ? '' : `，${period.label}尚未结束，为截至此时的阶段性数据`}。成稿时间：${beijingText(madeAt)}。`];
  lines.push(known.past === null ? `对比时段：${past.label}的数据不完整或没有，不作对比。` : `对比时段：${past.label}（${beijingText(past.from)} 至 ${beijingText(past.to)}）。`);
  if (firstTicketAt === null) lines.push('本平台还没有登记过工单。');
  else if (firstTicketAt > now.from) lines.push(`本平台第一张工单登记于 ${beijingText(firstTicketAt)}，此前没有数据。`);
  if (topics.tickets > 0) lines.push(`热点话题${cohort === null ? '' : '和办理情况'}取自本期登记的 ${countText(topics.tickets)} 张工单；其他数字取自按小时和按日累计的统计表。`);
  if (scope.kind !== 'storm' && countedUntil !== null && countedUntil < now.to) lines.push(`统计表累计到 ${beijingText(countedUntil)}，此后的数字尚未计入；重新生成即可补上。`);
  const missing = [...(known.now.services || scope.kind !== 'city' ? [] : ['人工服务']), ...(known.now.messages || scope.kind !== 'city' ? [] : ['会话']), ...(known.now.tickets || scope.kind === 'storm' ? [] : ['工单'])];
  if (missing.length > 0) lines.push(`${listText(missing)}没有统计数据，相应指标写“暂无数据”，不写作 0。`);
  return lines;
}

const SUMMED_UP = 3;

function summaryOf(facts: Facts, sections: readonly Section[], { items, towns }: MatterFacts, names: Names): string[] {
  const figures = new Map(sections.flatMap((section) => section.figures).map((figure) => [figure.id, figure]));
  const opened = figures.get('ticket.opened') ?? figures.get('tickets');
  const topics = sections.find(({ id }) => id === 'topics')?.topics ?? [];
  const lines: string[] = [];
  if (typeof opened?.value !== 'number' || (opened.value === 0 && facts.topics.tickets === 0)) {
    const begun = figures.get('conversation.begun')?.value ?? null;
    return [`${facts.period.label}${facts.scope.kind === 'city' ? '' : `，${facts.scope.name}`}没有登记工单${begun === null || begun === 0 ? (facts.scope.kind === 'city' ? '，也没有会话记录' : '') : `，市民发起会话 ${countText(begun)} 次`}，没有可以分析的内容。`];
  }
  const closed = figures.get('ticket.closed')?.value ?? null;
  lines.push(`${facts.period.label}${facts.whole ? '' : `（截至${beijingText(facts.now.to)}）`}${facts.scope.kind === 'city' ? '全市热线' : `，${facts.scope.name}`}登记工单 ${countText(opened.value)} 件${opened.movement === 'unknown' ? '' : `，${opened.change}`}${closed === null ? '' : `；办结 ${countText(closed)} 件`}。`);
  const service = [goalText('人工接通率', figures.get('connected')), goalText('按时办结率', figures.get('closed_on_time')), goalText('满意率', figures.get('satisfied')), goalText('解决率', figures.get('solved'))].filter((text) => text !== '');
  if (service.length > 0) lines.push(`${service.join('；')}。`);
  const rising = [...moving(items, 'up').slice(0, SUMMED_UP).map((matter) => `${names.item(matter.key)}（${countText(matter.now)} 件，${movedText(matter, facts)}）`), ...moving(towns, 'up').slice(0, 1).map((matter) => `${names.town(matter.key)}（${countText(matter.now)} 件，${movedText(matter, facts)}）`)];
  if (rising.length > 0) lines.push(`需要关注的上升：${rising.join('；')}。`);
  if (topics.length > 0) lines.push(`热点话题：${topicNames(topics, SUMMED_UP)}。`);
  if (facts.supervisionsInAll > 0) lines.push(`本期发起督办 ${countText(facts.supervisionsInAll)} 件。`);
  return lines;
}
