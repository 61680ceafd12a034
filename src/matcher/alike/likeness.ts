import type { AlikeWhy, AlikeWords } from './types.ts';

/**
 * From what two tickets have in common to one number between 0 and 1: a sum of shares through the logistic curve. The
 * shares are settings of the field, few and round: alike words carry it, place, item, town and time move it.
 */

/** From here a likeness is shown to the seat. */
export const PROPOSE = 0.5;
/** From here two tickets are surely the same matter. */
export const SURE = 0.9;

const HOURS_OF_A_WEEK = 168;
const SOON_HOURS = 72;

const SHARES = {
  base: -3.6,
  /** Times the likeness of the texts (0 to 1). */
  text: 9,
  place: { same: 1.2, different: -1.6, unknown: 0 },
  item: { same: 0.5, different: -1, unknown: 0 },
  town: { same: 0.3, different: -1.2, unknown: 0 },
  citizen: { same: 1, different: 0, unknown: 0 },
  /** For each doubling of the weeks between. */
  time: -0.35,
} as const;

export function likenessOf({ text, place, item, town, citizen, hours }: AlikeWhy): number {
  const logit = SHARES.base + SHARES.text * text + SHARES.place[place] + SHARES.item[item] + SHARES.town[town] + SHARES.citizen[citizen] + SHARES.time * Math.log2(1 + hours / HOURS_OF_A_WEEK);
  return 1 / (1 + Math.exp(-logit));
}

/** Why, in words for the seat: 相同的词：搅拌站、丽景花园；地点相同；相隔 5 小时；事项相同. */
export function describeWhy(why: AlikeWhy, { shared, places }: AlikeWords): string {
  const parts: string[] = [];
  if (shared.length > 0) parts.push(`相同的词：${shared.join('、')}`);
  if (why.place === 'same') parts.push(`地点相同：${places.join('、')}`);
  if (why.place === 'different') parts.push('地点不同');
  parts.push(`相隔${spanOf(why.hours)}`);
  if (why.item !== 'unknown') parts.push(why.item === 'same' ? '事项相同' : '事项不同');
  if (why.citizen === 'same') parts.push('同一市民');
  if (why.town !== 'unknown') parts.push(why.town === 'same' ? '镇街相同' : '镇街不同');
  return parts.join('；');
}

/** The same in codes, for keeping: `text`, `place`, `item`, `time` (within three days), `citizen`. */
export function codesOf(why: AlikeWhy): readonly string[] {
  const codes = ['text'];
  if (why.place === 'same') codes.push('place');
  if (why.item === 'same') codes.push('item');
  if (why.hours <= SOON_HOURS) codes.push('time');
  if (why.citizen === 'same') codes.push('citizen');
  return codes;
}

function spanOf(hours: number): string {
  if (hours < 1) return '不到 1 小时';
  return hours < 48 ? ` ${Math.floor(hours)} 小时` : ` ${Math.floor(hours / 24)} 天`;
}
