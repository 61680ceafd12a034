/**
 * Names of places inside a folded text: roads, estates, villages, buildings. Not a reader of addresses: two texts are only asked
 * whether they name a place in common, so a name is known by its last characters (在东城中路 and 东城中路 are one place).
 */

export interface PlaceWord {
  /** As it stands in the text. */
  readonly word: string;
  /** Equal keys: one place, as far as can be told. */
  readonly key: number;
}

/** Places kept of a ticket. */
export const MOST_PLACES = 4;

const SUFFIX = '大道|大街|国道|省道|新村|新城|花园|花苑|家园|公寓|广场|大厦|小区|社区|学校|小学|中学|幼儿园|医院|市场|公园|工业区|工业园|地铁站|公交站|商场|商城|路|街|巷|村|苑|园|府|湾|庭|轩|桥';
const NAMED = new RegExp(`([\\u4e00-\\u9fff\\d]{2,8}?)(${SUFFIX})(?![\\u4e00-\\u9fff]?(?:灯|面|况|障|程|费|线|民|舞|管|镇))`, 'g');
/** A name does not run over these to its left. */
const BREAK = /[在住于到去从是我你他她它们的了这那个有条请问给把被就也还又跟说想吗呢对与和及]/g;
/** Names that make the whole a common word: 我们小区, 农村, 人行道路. */
const COMMON = /(?:小区|社区|附近|本|全|整|我们|居民|业主|农|公|道|马|十字|一|市|商业|步行|高速|乡村|城乡|门口|周边|旁边|对面|所有|很多|多个|某|老旧|各|几个|住宅|学|停车|主干|人行|幼儿|校|工业|政|性|所|按照|拓宽|这条|为|内|个)$/;

/** At most `MOST_PLACES`, each place once, in the text's order. */
export function placeWordsOf(folded: string): readonly PlaceWord[] {
  const found = new Map<number, PlaceWord>();
  for (const match of folded.matchAll(NAMED)) {
    const [, raw = '', suffix = ''] = match;
    const name = afterBreak(raw);
    if (name.length < 2 || COMMON.test(name) || (suffix === '村' && name.endsWith('城中'))) continue;
    const known = name.slice(-2) + suffix;
    const key = hashOf(known);
    if (!found.has(key)) found.set(key, { word: name + suffix, key });
    if (found.size === MOST_PLACES) break;
  }
  return [...found.values()];
}

function afterBreak(raw: string): string {
  let from = 0;
  for (const match of raw.matchAll(BREAK)) from = match.index + 1;
  return raw.slice(from);
}

/** FNV-1a over UTF-16 units; never 0, which stands for no place. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193) >>> 0;
  return hash === 0 ? 1 : hash;
}
