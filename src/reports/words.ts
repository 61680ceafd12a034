import type { Change } from './compare.ts';
import type { Unit } from './document.ts';

/** Numbers and comparisons in Chinese, each said no more surely than it is. */

export const NOT_KNOWN = '暂无数据';

const grouped = new Intl.NumberFormat('zh-CN', { maximumFractionDigits: 0 });
const onePlace = new Intl.NumberFormat('zh-CN', { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const UNIT_WORDS: Readonly<Record<Unit, string>> = { count: '', share: '', seconds: ' 秒', minutes: ' 分钟', hours: ' 小时', days: ' 天', points: ' 分' };

/** `1,203`, `95.2%`, `13.5 分钟`, `暂无数据`. */
export function valueText(value: number | null, unit: Unit): string {
  if (value === null) return NOT_KNOWN;
  if (unit === 'count') return grouped.format(value);
  return unit === 'share' ? percent(value) : `${onePlace.format(value)}${UNIT_WORDS[unit]}`;
}

export const countText = (count: number): string => grouped.format(count);

/** One decimal, and never 100% or 0% for what is not all or none. */
export function percent(share: number): string {
  const shown = onePlace.format(share * 100);
  if (share < 1 && shown === '100.0') return '99.9%';
  if (share > 0 && shown === '0.0') return '<0.1%';
  return `${shown.replace(/\.0$/, '')}%`;
}

/** `+15.2%`, `−3.1%`. */
export function signedPercent(ratio: number): string {
  const text = onePlace.format(Math.abs(ratio) * 100);
  return Number(text.replaceAll(',', '')) === 0 ? '0%' : `${ratio > 0 ? '+' : '−'}${text}%`;
}

/** A count against the one before. `against`: `上月`; `unit`: 件, 次, 张. `exposure`: where the two are not equally long, the per cent are of a day's mean, and that is said. */
export function countChangeText(now: number | null, past: number | null, change: Change, against: string, unit = '件', exposure = 1): string {
  if (now === null || past === null || change.movement === 'unknown') return `与${against}无法比较`;
  const difference = now - past;
  const size = difference === 0 ? `与${against}相同` : `比${against}${difference > 0 ? '多' : '少'} ${countText(Math.abs(difference))} ${unit}${change.ratio === null ? '' : `（${exposure === 1 ? '' : '日均 '}${signedPercent(change.ratio)}）`}`;
  switch (change.movement) {
    case 'few':
      return `${size}，数量少，增减不说明问题`;
    case 'steady':
      return difference === 0 ? size : `${size}，在正常波动之内`;
    case 'up':
    case 'down':
      return `${size}，超出正常波动`;
  }
}

/** A share against the one before, in points. */
export function shareChangeText(change: Change, against: string): string {
  if (change.movement === 'unknown' || change.ratio === null) return `与${against}无法比较`;
  const points = onePlace.format(Math.abs(change.ratio) * 100);
  const size = points === '0.0' ? `与${against}持平` : `比${against}${change.ratio > 0 ? '高' : '低'} ${points} 个百分点`;
  switch (change.movement) {
    case 'few':
      return `${size}，基数小，仅供参考`;
    case 'steady':
      return points === '0.0' ? size : `${size}，在正常波动之内`;
    case 'up':
    case 'down':
      return `${size}，超出正常波动`;
  }
}

/** A mean against the one before. */
export function meanChangeText(change: Change, against: string): string {
  if (change.movement === 'unknown' || change.ratio === null) return `与${against}无法比较`;
  const size = signedPercent(change.ratio) === '0%' ? `与${against}持平` : `比${against}${change.ratio > 0 ? '长' : '短'} ${onePlace.format(Math.abs(change.ratio) * 100)}%`;
  return change.movement === 'few' ? `${size}，件数少，仅供参考` : size;
}

/** `甲、乙和丙`. */
export function listText(names: readonly string[]): string {
  return names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join('、')}和${names.at(-1) ?? ''}`;
}
