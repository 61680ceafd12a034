import { emptySection, type Figure, type Section } from '../document.ts';
import { changeOfCount } from '../compare.ts';
import type { Facts } from '../facts.ts';
import { againstWord, exposureOf } from '../figures.ts';
import { countChangeText, countText } from '../words.ts';

/** 服务质检, where quality inspection is in use. */
export function qualitySection(facts: Facts): Section | null {
  const { quality } = facts;
  if (quality === null) return null;
  const against = againstWord(facts);
  const change = changeOfCount({ now: quality.inspected, past: quality.previousInspected, exposure: exposureOf(facts) });
  const figure = (id: string, name: string, unit: Figure['unit'], value: number | null, previous: number | null, said: string, formula: string): Figure => ({
    id, name, unit, value, previous, part: null, whole: null, movement: 'unknown', change: said, goal: null, goalMet: null, formula, source: quality.source,
  });
  const difference = quality.score === null || quality.previousScore === null ? null : Math.round((quality.score - quality.previousScore) * 10) / 10;
  const scoreSaid = difference === null ? `与${against}无法比较` : difference === 0 ? `与${against}持平` : `比${against}${difference > 0 ? '高' : '低'} ${Math.abs(difference).toFixed(1)} 分`;
  return {
    ...emptySection('quality', '服务质检'),
    figures: [
      figure('quality.inspected', '质检会话', 'count', quality.inspected, quality.previousInspected, countChangeText(quality.inspected, quality.previousInspected, change, against, '个', exposureOf(facts)), '本期完成质检的会话数'),
      figure('quality.score', '平均得分', 'points', quality.score, quality.previousScore, scoreSaid, '质检得分之和 ÷ 质检会话（满分100）'),
      ...(quality.appeals === null ? [] : [figure('quality.appeals', '申诉', 'count', quality.appeals, null, '无可比时段', '本期提出的质检申诉数')]),
    ],
    tables: quality.rules.length === 0 ? [] : [{ id: 'quality', title: '扣分项', columns: [{ id: 'name', label: '规则', kind: 'text', width: 30 }, { id: 'hits', label: '次数', kind: 'count', width: 10 }], rows: quality.rules.map(({ name, hits }) => [name, hits]), note: '' }],
    text: [quality.inspected === 0 ? '本期没有质检会话。' : `质检会话 ${countText(quality.inspected)} 个${quality.score === null ? '' : `，平均 ${quality.score.toFixed(1)} 分，${scoreSaid}`}。`],
  };
}
