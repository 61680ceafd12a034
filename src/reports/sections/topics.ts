import { DAY, HOUR } from '../../domain/clock.ts';
import { changeOfCount } from '../compare.ts';
import { emptySection, type Section, type Topic } from '../document.ts';
import type { Facts } from '../facts.ts';
import { type Names, NO_TOWN } from '../names.ts';
import { shortDay } from '../period.ts';
import { maskVoice } from '../topics/voices.ts';
import type { Counts, FoundTopic } from '../topics/types.ts';
import { countText, listText, percent } from '../words.ts';

/** 热点话题. */

/** Names of a list that are told. */
const TOLD = 5;
/** A town that so many of a topic's tickets come from names it, where no place does. */
const OWN_TOWN = 0.6;
/** … and one that so many come from is mentioned. */
const MANY = 0.4;
/** So much of a topic in at most so much of the period is a concentration. */
const MOST_OF_IT = 0.6;
const SHORT = 1 / 3;

export function topicsSection(facts: Facts, names: Names): Section {
  const { topics: found } = facts;
  const topics = found.topics.map((topic) => told(topic, facts, names));
  return {
    ...emptySection('topics', '热点话题'), topics,
    text: topics.length === 0 ? [found.tickets === 0 ? '本期没有登记工单，没有可归集的话题。' : '本期工单内容分散，没有归集出成规模的话题（至少 5 件）。'] : [`从 ${countText(found.tickets)} 件工单的文字中归集出 ${topics.length} 个热点话题，涉及 ${countText(found.covered)} 件（${percent(found.covered / Math.max(1, found.tickets))}）。最热的是“${topics[0]?.title ?? ''}”，${countText(topics[0]?.count ?? 0)} 件。`],
    notes: found.tickets === 0 ? [] : [
      `归集方法：按用词相近程度聚类（固定参数），按“件数 × 集中度²”排序；集中度 0 到 1，表示话题内各件用词的一致程度。例句取最有代表性且互不重复的来件，已去除号码、姓名、门牌和车牌；保密工单只计数。${found.gathered < found.tickets ? `本期工单较多，先从 ${countText(found.gathered)} 件抽样工单中归集话题，其余逐件归入最相近的话题。` : ''}`,
    ],
  };
}

function told(topic: FoundTopic, facts: Facts, names: Names): Topic {
  const named = (counts: Counts, name: (key: string) => string) => counts.slice(0, TOLD).map(({ key, count }) => ({ id: key, name: name(key), count }));
  const [town] = topic.towns;
  const place = topic.place ?? (town !== undefined && town.key !== '' && town.count >= topic.count * OWN_TOWN ? names.town(town.key) : null);
  const words = topic.words.join('、');
  return {
    title: place === null ? words : words === '' ? place : `${place}：${words}`, place, words: [...topic.words], count: topic.count, closeness: Math.round(topic.closeness * 100) / 100, firstAt: topic.firstAt, lastAt: topic.lastAt,
    towns: named(topic.towns, (key) => names.town(key)), departments: named(topic.departments, (key) => names.department(key)), items: named(topic.items, (key) => names.item(key)), trend: [...topic.trend],
    said: trendText(topic.trend, facts),
    voices: topic.voices.map(({ ticketId, number, at, townId, text }) => ({ ticketId, number, at, town: townId === null ? null : names.town(townId), text })),
    tickets: topic.tickets.map(({ id, number, title }) => ({ id, number, title: maskVoice(title) })),
  };
}

/** Where in the period it lies: the shortest stretch with most of it, or which end is heavier, or neither. */
export function trendText(trend: readonly number[], { now, flow }: Pick<Facts, 'now' | 'flow'>): string {
  const total = trend.reduce((sum, count) => sum + count, 0);
  if (total === 0 || trend.length < 4) return '';
  const step = flow.grain === 'hour' ? HOUR : DAY;
  const label = (index: number): string => (flow.grain === 'hour' ? `${index} 时` : shortDay(now.from + index * step));
  const [from, to] = densest(trend, total * MOST_OF_IT);
  const share = trend.slice(from, to + 1).reduce((sum, count) => sum + count, 0) / total;
  if (to - from + 1 <= Math.max(1, trend.length * SHORT)) return `${from === to ? `集中在${label(from)}` : `集中在${label(from)}至${label(to)}`}，占 ${percent(share)}`;
  const third = Math.floor(trend.length / 3);
  const [first, last] = [trend.slice(0, third), trend.slice(-third)].map((part) => part.reduce((sum, count) => sum + count, 0));
  const { movement } = changeOfCount({ now: last ?? 0, past: first ?? 0 });
  return movement === 'up' ? '后段明显多于前段' : movement === 'down' ? '前段明显多于后段' : '全期都有，分布没有明显集中';
}

/** The shortest stretch that holds so many; of equal ones the first. */
function densest(trend: readonly number[], wanted: number): readonly [number, number] {
  let best: readonly [number, number] = [0, trend.length - 1];
  let from = 0;
  let sum = 0;
  for (const [to, count] of trend.entries()) {
    sum += count;
    while (sum - (trend[from] ?? 0) >= wanted && from < to) {
      sum -= trend[from] ?? 0;
      from += 1;
    }
    if (sum >= wanted && to - from < best[1] - best[0]) best = [from, to];
  }
  return best;
}

/** For the summary: `“搅拌站、噪音”（62 件，东城）`. */
export function topicNames(topics: readonly Topic[], most: number): string {
  return listText(topics.slice(0, most).map(({ title, count, towns }) => `“${title}”（${countText(count)} 件${towns[0] === undefined || towns[0].name === NO_TOWN || towns[0].count < count * MANY ? '' : `，多在${towns[0].name}`}）`));
}
