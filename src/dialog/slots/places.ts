import { foldText } from '../../domain/text.ts';
import { scanPhones } from '../../domain/masking.ts';
import type { Finding, PlaceFound, SlotContext } from '../slots-types.ts';
import { byFirst, onceFor, type ByFirst } from '../word-index.ts';
import { ADDRESS, BESIDE, COMMON_NAMES, COMMON_ROADS, NOT_AFTER, ROAD, STOP_CHARS, STOP_WORDS, VERB_BEFORE_ROAD } from './place-words.ts';
import { findTimes } from './times.ts';
import { findTowns, type TownMention } from './towns.ts';

/**
 * Places as people say them: a town, a named thing that ends in a place suffix, house numbers, a position beside it, in a
 * chain (鸿福路 万达广场 旁边). The town is cut from the place and given as `townId`; a town's name that is part of a longer
 * name stays (东城中路 is a road, 虎门公园 a park).
 */

const MAX_NAME = 8;
const CITY = /(?:广东省?)?东莞市?(?!港|生态园|滨海|大道|中学|理工|人民|火车|站|路|图书|植物|国际|体育|篮球)|广东省/g;

/** Stop words by their last character. */
const STOPS = byFirst(STOP_WORDS, (word) => word.slice(-1));

/** Where a name that ends before `end` may begin at the earliest. */
function leftEdge(text: string, end: number, walls: readonly number[]): number {
  let at = end;
  while (at > 0 && !walls.includes(at)) {
    const char = text.charAt(at - 1);
    if (STOP_CHARS.has(char) || !/[\u3400-\u9fffa-z0-9 -]/u.test(char)) break;
    if (STOPS.get(char.charCodeAt(0))?.some((word) => text.endsWith(word, at)) === true) break;
    at -= 1;
  }
  return at;
}

interface Piece {
  readonly start: number;
  readonly end: number;
  readonly confidence: number;
}

interface Suffix {
  readonly word: string;
  readonly at: number;
}

/** Words that end a place name by their first character, longest first. */
const suffixIndex = onceFor((list: readonly string[]): ByFirst<string> => byFirst([...list].sort((a, b) => b.length - a.length), (word) => word));

/** Where a place name may end, in the order of the text; the longest word at a place, and none inside another. */
function findSuffixes(text: string, list: readonly string[]): Suffix[] {
  const index = suffixIndex(list);
  const found: Suffix[] = [];
  for (let at = 0; at < text.length; ) {
    const word = index.get(text.charCodeAt(at))?.find((each) => text.startsWith(each, at));
    if (word !== undefined) found.push({ word, at });
    at += word?.length ?? 1;
  }
  return found;
}

const BLOCKS_AT = /[\u3400-\u9fff]{2,6}(?=(?:[一二三四五]期|[a-z]?\d{1,3}(?:栋|座|幢|单元)))/uy;
const ADDRESS_AT = new RegExp(` ?${ADDRESS}`, 'y');
const BESIDE_AT = new RegExp(`(?:的|那|这)?(?:${BESIDE})`, 'y');
const WITH_AT = /\s?[和与跟同]\s?(?=[\u3400-\u9fff]{1,6}(?:路|街|大道|大街)(?:的?(?:交|路口|十字|红绿灯|中间|之间)))/uy;

function extend(text: string, at: number, re: RegExp): number {
  re.lastIndex = at;
  const match = re.exec(text);
  return match === null ? at : at + match[0].length;
}

function forbidden(suffix: string, after: string): boolean {
  return NOT_AFTER.some(([word, re]) => suffix.endsWith(word) && re.test(after));
}

/** Chains of named things with their numbers and positions. */
function findPieces(text: string, towns: readonly TownMention[], suffixes: readonly Suffix[], walls: readonly number[]): Piece[] {
  const pieces: Piece[] = [];
  const edges = [...walls, ...towns.filter((town) => !town.inName).map((town) => town.end)];
  for (const { word: suffix, at: stem } of suffixes) {
    const last = pieces.at(-1);
    let end = stem + suffix.length;
    // 东城街道: the town's own name.
    if (towns.some((town) => !town.inName && stem >= town.start && stem < town.end)) continue;
    if (last !== undefined && stem < last.end) {
      // 万达广场停车场: a longer suffix that begins inside the last piece only makes it longer.
      if (end > last.end) pieces[pieces.length - 1] = { ...last, end: tail(text, end) };
      continue;
    }
    const from = leftEdge(text, stem, [...edges, ...(last === undefined ? [] : [last.end])]);
    const start = from + (/^ */.exec(text.slice(from, stem))?.[0].length ?? 0);
    const name = text.slice(start, stem);
    const chained = last !== undefined && start >= last.end && text.slice(last.end, start).trim() === '' && start <= last.end + 1;
    if (forbidden(suffix, text.slice(end))) continue;
    const road = ROAD.test(suffix);
    if (road && VERB_BEFORE_ROAD.test(name)) continue;
    if (!chained && ((road ? COMMON_ROADS : COMMON_NAMES).has(name) || name.length > MAX_NAME || (suffix.length === 1 && [...name].length < 2 && !/^[a-z0-9]+$/.test(name)))) continue;
    if (chained && name.length > MAX_NAME - 2) continue;
    end = tail(text, end);
    if (chained) {
      pieces[pieces.length - 1] = { ...last, end, confidence: Math.max(last.confidence, 0.85) };
      continue;
    }
    const opened = /(?:在|住|位于|于|到|去|从|地址是?:?|地点是?:?|位置是?:?)(?:的|那个|这个)?\s?$/.test(text.slice(0, start)) || towns.some((town) => !town.inName && start - town.end >= 0 && start - town.end <= 2);
    pieces.push({ start, end, confidence: opened ? 0.9 : start === 0 || /[\s,.;:!?、。]$/.test(text.slice(0, start)) ? 0.75 : 0.6 });
  }
  return pieces;
}

/** House numbers, 与…路交叉口, positions. */
function tail(text: string, from: number): number {
  // 高埗大道北; 宏业北路金域华府一期3栋: a name known only by its numbers.
  const side = text.endsWith('大道', from) && /^[东西南北中](?![方面侧门部城学心])/.test(text.slice(from)) ? from + 1 : from;
  let at = extend(text, extend(text, side, BLOCKS_AT), ADDRESS_AT);
  const joined = extend(text, at, WITH_AT);
  if (joined > at) at = joined + (/^[\u3400-\u9fff]{1,6}?(?:路|大道|大街|街)/u.exec(text.slice(joined))?.[0].length ?? 0);
  for (let turn = 0; turn < 3; turn += 1) {
    const next = extend(text, extend(text, at, BESIDE_AT), ADDRESS_AT);
    if (next === at) break;
    at = next;
  }
  return at;
}

const LANDMARK_OPENERS = /(?:就?在|位于|到|就是那个|就是)/g;
const OPENS_LANDMARK = /在|位于|到|就是/;
const LANDMARK = new RegExp(`([\\u3400-\\u9fffa-z0-9]{2,8}?)(?:的|那)?(?:旁边|附近|对面|门口|后面|楼下|隔壁|斜对面|正门|后门)`, 'uy');

/** 万达旁边, 沃尔玛门口: no suffix, but after a town or 在 and with a position behind. */
function findLandmarks(text: string, towns: readonly TownMention[], pieces: readonly Piece[]): Piece[] {
  const filler = (at: number): number => at + (/^(?:的|那个|这个|那边|这边|有个|有家|\s)*/.exec(text.slice(at))?.[0].length ?? 0);
  const starts = [...towns.filter((town) => !town.inName).map((town) => filler(town.end)), ...[...text.matchAll(LANDMARK_OPENERS)].map((match) => filler(match.index + match[0].length))];
  const found: Piece[] = [];
  for (const start of starts) {
    LANDMARK.lastIndex = start;
    const match = LANDMARK.exec(text);
    const name = match?.[1];
    if (match === null || name === undefined || COMMON_NAMES.has(name) || [...name].some((char) => STOP_CHARS.has(char)) || STOP_WORDS.some((word) => name.includes(word))) continue;
    if (COMMON_NAMES.has(name.replace(/(?:小区|学校|医院|公园|广场|市场|超市|公司|单位|楼|店|厂)$/, '')) || towns.some((town) => town.start >= start && town.start < start + name.length)) continue;
    const end = tail(text, start + match[0].length);
    if (pieces.some((piece) => start < piece.end && end > piece.start)) continue;
    found.push({ start, end, confidence: 0.7 });
  }
  return found;
}

/** Finds places in the order of the text. Spans cover the town in front, too. */
export function findPlaces(text: string, ctx: SlotContext): Finding<PlaceFound>[] {
  const key = `${ctx.asked === 'place' ? 'asked' : 'told'} ${text}`;
  const known = ctx.readings?.places.get(key);
  if (known !== undefined) return known;
  const found = readPlaces(text, ctx);
  ctx.readings?.places.set(key, found);
  return found;
}

function readPlaces(text: string, ctx: SlotContext): Finding<PlaceFound>[] {
  const folded = foldText(text);
  const towns = findTowns(folded, ctx.towns);
  const suffixes = findSuffixes(folded, ctx.lexicon.placeSuffixes);
  if (towns.length === 0 && suffixes.length === 0 && !OPENS_LANDMARK.test(folded)) return ctx.asked === 'place' ? wholeAnswer(text, folded) : [];
  const cities = [...folded.matchAll(CITY)].map((match) => ({ start: match.index, end: match.index + match[0].length }));
  const blocked = [...findTimes(text, ctx).filter((time) => time.value.grain !== 'day' || !/^\d{1,2}号$/.test(time.value.spoken)), ...scanPhones(text)];
  const walls = [...blocked, ...cities].flatMap((span) => [span.end]);
  const main = findPieces(folded, towns, suffixes, walls).filter((piece) => !blocked.some((span) => piece.start < span.end && piece.end > span.start));
  const pieces = [...main, ...findLandmarks(folded, towns, main)].sort((a, b) => a.start - b.start);
  const used = new Set<TownMention>();
  const found: Finding<PlaceFound>[] = [];
  for (const piece of pieces) {
    const before = towns.filter((town) => town.end <= piece.start + (town.inName ? town.end - town.start : 0) && piece.start - town.end <= 14).at(-1) ?? null;
    const after = towns.find((town) => town.start >= piece.end && town.start - piece.end <= 4 && !town.inName) ?? null;
    const within = towns.find((town) => town.start >= piece.start && town.end <= piece.end) ?? null;
    const near = before !== null && (before.end === piece.start || /^[\s,的这那边里有个、。]*(?:在|就在|是|就是)?[\s那个]*$/.test(folded.slice(before.end, piece.start)));
    const town = within ?? (near ? before : (after ?? (new Set(towns.map((each) => each.id)).size === 1 ? (towns[0] ?? null) : null)));
    if (town !== null) used.add(town);
    const start = near && before !== null && !before.inName ? before.start : piece.start;
    const place = text.slice(piece.start, piece.end).trim();
    found.push({ value: { townId: town?.id ?? null, place }, start, end: piece.end, confidence: Math.min(0.97, piece.confidence + (town !== null && near ? 0.06 : 0)) });
  }
  for (const town of towns) {
    if (used.has(town) || (!town.sure && ctx.asked !== 'place')) continue;
    if (found.some((each) => town.start < each.end && town.end > each.start)) continue;
    found.push({ value: { townId: town.id, place: '' }, start: town.start, end: town.end, confidence: town.sure ? 0.9 : 0.6 });
  }
  if (found.length === 0 && ctx.asked === 'place') found.push(...wholeAnswer(text, folded));
  return found.sort((a, b) => a.start - b.start);
}

/** Asked for a place, nothing recognised: the answer without its filler, weakly. */
function wholeAnswer(text: string, folded: string): Finding<PlaceFound>[] {
  const head = /^(?:[\s,.:!]|嗯|呃|哦|那个|我(?:家|现在)?|就|在|是|住|位于|地址是?|地点是?)*/.exec(folded)?.[0].length ?? 0;
  const body = folded.slice(head).replace(/(?:[\s,.!。]|那里|这里|那边|这边|吧|啊|呀|哦)*$/, '');
  if ([...body].length < 2 || body.length > 40 || !/[\u3400-\u9fffa-z]{2}/u.test(body) || /^(?:不|没|唔|冇|忘|随便)/.test(body)) return [];
  return [{ value: { townId: null, place: text.slice(head, head + body.length) }, start: head, end: head + body.length, confidence: 0.4 }];
}
