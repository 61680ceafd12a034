import { type Cell, emptySection, type Section, type Table } from '../document.ts';
import type { Facts } from '../facts.ts';
import { againstWord, exposureOf } from '../figures.ts';
import { BEYOND_CHANCE } from '../compare.ts';
import { LEAST, type Matter, mattersOf, moving } from '../matters.ts';
import { type Names, NO_FIELD, NO_ITEM, NO_TOWN } from '../names.ts';
import { countChangeText, countText, listText, percent } from '../words.ts';

/** Top and rising matters. */

const TOP_ITEMS = 20;
const TOLD = 6;

export interface MatterFacts {
  readonly items: readonly Matter[];
  readonly fields: readonly Matter[];
  readonly towns: readonly Matter[];
}

export function matterFacts(facts: Facts, names: Names): MatterFacts {
  return {
    items: facts.scope.kind === 'item' && facts.scope.itemCodes.length === 1 ? [] : mattersOf(facts, facts.opened.item, facts.before.item),
    fields: mattersOf(facts, facts.opened.item, facts.before.item, (code) => names.field(code)),
    // Of one town, or one item alone, there is nothing to compare among.
    towns: facts.scope.kind === 'town' ? [] : mattersOf(facts, facts.opened.town, facts.before.town),
  };
}

export function mattersSection(facts: Facts, { items, fields, towns }: MatterFacts, names: Names): Section {
  const tables = [
    ...(facts.scope.kind === 'city' ? [tableOf('fields', '各领域', fields, (key) => key, facts, fields.length)] : []),
    tableOf('items', items.length > TOP_ITEMS ? `诉求最多的 ${TOP_ITEMS} 个事项` : '各事项', items, (key) => names.item(key), facts, TOP_ITEMS),
    tableOf('towns', '各镇街（园区）', towns, (key) => names.town(key), facts, towns.length),
  ].filter(({ rows }) => rows.length > 0);
  return { ...emptySection('matters', '诉求分布与变化'), tables, text: mattersText(facts, { items, fields, towns }, names), notes: tables.length === 0 ? [] : [methodNote(facts)] };
}

function mattersText(facts: Facts, { items, fields, towns }: MatterFacts, names: Names): string[] {
  const total = [...facts.opened.item.now.values()].reduce((sum, count) => sum + count, 0);
  if (total === 0) return ['本期没有登记工单，没有可分析的事项。'];
  const sentences: string[] = [];
  const top = (matters: readonly Matter[], name: (key: string) => string, none: string): string => listText(matters.filter(({ key, now }) => now > 0 && name(key) !== none).slice(0, 5).map(({ key, now, share }) => `${name(key)}（${countText(now)} 件${share === null ? '' : `，${percent(share)}`}）`));
  if (facts.scope.kind === 'city') sentences.push(...some('诉求最集中的领域依次是', top(fields, (key) => key, NO_FIELD)));
  sentences.push(...some('件数最多的事项依次是', top(items, (key) => names.item(key), NO_ITEM)));
  sentences.push(...some('件数最多的镇街依次是', top(towns, (key) => names.town(key), NO_TOWN)));
  const compared = facts.opened.item.past !== null || items.some(({ usual }) => usual !== null) || facts.opened.town.past !== null || towns.some(({ usual }) => usual !== null);
  if (!compared) return [...sentences, '没有足够的历史数据，本期不作升降判断。'];
  const rising = [...told(moving(items, 'up'), (key) => names.item(key), facts), ...told(moving(towns, 'up'), (key) => names.town(key), facts)];
  const falling = told(moving(items, 'down'), (key) => names.item(key), facts);
  sentences.push(rising.length === 0 ? '没有事项或镇街的上升超出正常波动。' : `上升超出正常波动的有：${rising.slice(0, TOLD).join('；')}。`);
  if (falling.length > 0) sentences.push(`下降超出正常波动的有：${falling.slice(0, TOLD).join('；')}。`);
  return sentences;
}

const some = (lead: string, list: string): readonly string[] => (list === '' ? [] : [`${lead}${list}。`]);

function told(matters: readonly Matter[], name: (key: string) => string, facts: Facts): string[] {
  return matters.map((matter) => `${name(matter.key)} ${countText(matter.now)} 件，${movedText(matter, facts)}`);
}

/** In words, without the verdict: that stands before the list. */
export function movedText({ now, past, change, usual }: Matter, facts: Facts): string {
  const previous = past === null ? '' : countChangeText(now, past, { ...change, movement: change.movement === 'unknown' ? 'unknown' : 'steady' }, againstWord(facts), '件', exposureOf(facts)).replace('，在正常波动之内', '');
  const days = usual === null ? '' : `前八周同星期平均约 ${countText(Math.round(usual))} 件`;
  return [previous, days].filter((text) => text !== '').join('，');
}

const VERDICTS: Readonly<Record<Matter['verdict'], string>> = { up: '上升', down: '下降', none: '' };

/** The verdict as a cell: what cannot be said is not left to look like “no change”. */
function verdictText({ verdict, change, againstUsual, now, past }: Matter): string {
  if (verdict !== 'none') return VERDICTS[verdict];
  if (change.movement === 'unknown' && againstUsual.movement === 'unknown') return '无法比较';
  if (change.movement === 'few' || (now < LEAST && (past ?? 0) < LEAST)) return '数量少';
  return '正常波动';
}

function tableOf(id: string, title: string, matters: readonly Matter[], name: (key: string) => string, facts: Facts, most: number): Table {
  const rows = matters.slice(0, most).map((matter): Cell[] => [name(matter.key), matter.now, matter.share, matter.past, matter.change.ratio, matter.usual === null ? null : Math.round(matter.usual * 10) / 10, verdictText(matter)]);
  return {
    id, title,
    columns: [
      { id: 'name', label: '名称', kind: 'text', width: 26 }, { id: 'now', label: '本期', kind: 'count', width: 9 }, { id: 'share', label: '占比', kind: 'share', width: 9 }, { id: 'past', label: againstWord(facts), kind: 'count', width: 9 },
      { id: 'change', label: exposureOf(facts) === 1 ? '增减' : '日均增减', kind: 'signed-share', width: 10 }, { id: 'usual', label: '同星期平均', kind: 'number', width: 12 }, { id: 'verdict', label: '判断', kind: 'text', width: 10 },
    ],
    rows, note: matters.length > most ? `共 ${matters.length} 个，只列前 ${most} 个。` : '',
  };
}

function methodNote(facts: Facts): string {
  return `判断方法：本期与${againstWord(facts)}的件数按天数折算后比较，再与前八周同星期的平均比较；两者都超出计数的偶然波动（平方根差检验，不少于 ${BEYOND_CHANCE} 个标准差，按各事项平日的波动放宽）、变化不小于三成、上升的不少于 ${LEAST} 件，才判为上升或下降。判断只说明数量变化，不说明原因；节假日会影响比较。`;
}
