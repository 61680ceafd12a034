import type { Choice } from '../domain/activity.ts';
import { toDigits } from '../domain/digits.ts';
import type { JsonObject, JsonValue } from '../domain/json.ts';
import { isEnglish, type Message } from './listen.ts';
import { hasWord } from './word-index.ts';
import type { Flow, Slot } from './program.ts';
import { findNames, findPhones, findPlaces, findTicketNumbers, findTimes, readChoice, readYesNo, splitCorrection } from './slots/index.ts';
import type { AskedFor, Finding, PlaceFound, SlotContext, SlotLexicon } from './slots-types.ts';
import type { SlotType } from './flow-schema.ts';

/** Reads slot values out of one message. Pure. */
export interface Filled {
  /** Values by slot name. */
  readonly values: JsonObject;
  /** The citizen corrects something said before. */
  readonly correction: boolean;
  /** Slots that a correction names without a new value: “地址不对”. */
  readonly doubted: readonly string[];
}

const CHANGES = /改成|改为|换成|应该是|写错|说错|错了|不对|有误|有问题|有错|不太对|不准|\b(?:wrong|change|should be)\b/i;

const ASKED: Readonly<Record<SlotType, AskedFor>> = {
  town: 'place', place: 'place', datetime: 'time', phone: 'phone', name: 'name', ticketNumber: 'ticket', choice: 'choice', yesno: 'yes-no', text: 'text', number: 'number',
};

/** Longest free text kept of one message; a ticket's content is no novel and state is stored at every turn. */
const TEXT_LIMIT = 1000;
const SURE_ENOUGH = 0.5;
const SURE_ENOUGH_ASKED = 0.3;
/** A place without a town that nobody asked for: longer ones are mostly a piece of the story (小区物业乱收费停车场). */
const UNASKED_PLACE = 8;

/**
 * Everything the message tells about the flow's slots. `asked` is read generously; the others only where a reader finds
 * them (`from: any`, or `from: first` at the flow's beginning).
 */
export function fillSlots(flow: Flow, heard: Message, context: SlotContext, asked: string | null, first: boolean): Filled {
  // 地址有问题 doubts the address and not the matter, which is also called 问题.
  const message = { ...heard, lower: heard.lower.replace(/(?:有|没)问题/g, '') };
  const split = splitCorrection(message.text, context);
  // 内容改成…, 电话错了: a correction that begins with what is wrong.
  const changed = CHANGES.test(message.plain) && [...flow.slots.values()].some((slot) => slot.names.some((name) => hasWord(message.lower, name)));
  const correction = split !== null || changed;
  // 不是东城，是南城: only what comes after the correction counts.
  const corrected = split === null || split.rest === '' ? message : { ...message, text: split.rest };
  const values: JsonObject = {};
  for (const slot of flow.slots.values()) {
    const wanted = slot.name === asked;
    const named = correction && slot.names.some((name) => hasWord(message.lower, name));
    if (!wanted && !named && (slot.from === 'never' || (slot.from === 'first' && !first))) continue;
    const value = wanted ? readAsked(slot, corrected, { ...context, asked: ASKED[slot.type] }) : named && slot.type === 'text' ? readNamedText(slot, message) : readUnasked(slot, corrected, context);
    if (value !== null) values[slot.name] = value;
  }
  settleTown(flow, values, context);
  const doubted = correction ? [...flow.slots.values()].filter((slot) => values[slot.name] === undefined && slot.names.some((name) => hasWord(message.lower, name))).map((slot) => slot.name) : [];
  return { values, correction, doubted };
}

function readUnasked(slot: Slot, message: Message, context: SlotContext): JsonValue {
  switch (slot.type) {
    case 'choice':
      return slot.options.find((option) => option.words.some((word) => hasWord(message.lower, word)))?.value ?? null;
    case 'yesno':
      if (slot.no.some((word) => hasWord(message.lower, word))) return false;
      return slot.yes.some((word) => hasWord(message.lower, word)) ? true : null;
    case 'text':
      return slot.from === 'first' ? cleanText(message.text, context) : null;
    case 'number':
      return readNamedNumber(slot, message);
    case 'phone':
      // Keyed in while something else was asked.
      return readTyped(slot, message.text === '' ? (message.keys ?? '') : message.text, context, SURE_ENOUGH);
    default:
      return readTyped(slot, wordsFor(slot, message), context, SURE_ENOUGH);
  }
}

/** Places and times are found by standard words: 嘅, 喺 and 成个礼拜 would be taken for parts of a name. What was said is kept in the matter. */
const wordsFor = (slot: Slot, message: Message): string => (slot.type === 'place' || slot.type === 'town' || slot.type === 'datetime' ? message.plain : message.text);

function readAsked(slot: Slot, message: Message, context: SlotContext): JsonValue {
  switch (slot.type) {
    case 'choice':
      return readUnasked(slot, message, context) ?? readChoice(message.text, slotChoices(slot), message.keys ?? undefined)?.value ?? null;
    case 'yesno':
      if (message.keys === '1') return true;
      if (message.keys === '2') return false;
      return readUnasked(slot, message, context) ?? readYesNo(message.text, context);
    case 'text': {
      const text = cleanText(message.text, context);
      return /\p{L}/u.test(text) && text.length >= (slot.min ?? 2) ? text : null;
    }
    case 'number':
      return readNumber(slot, message.keys ?? message.text);
    default: {
      const said = slot.type === 'phone' ? spellOut(message.keys ?? message.text) : (message.keys ?? wordsFor(slot, message));
      const value = readTyped(slot, said, context, SURE_ENOUGH_ASKED);
      // 一三八，零零一三八，零零零: people pause while they dictate.
      return value === null && (slot.type === 'phone' || slot.type === 'ticketNumber') ? readTyped(slot, toDigits(said), context, SURE_ENOUGH_ASKED) : value;
    }
  }
}

/** 三个零, and the letter O that stands for a zero. */
function spellOut(text: string): string {
  return text
    .replace(/([两二三四五2-5])个([零0-9])/g, (_whole, count: string, digit: string) => (digit === '零' ? '0' : digit).repeat(TIMES[count] ?? Number(count)))
    .replace(/[oO](?=[\doO]*$)/g, (letter, at: number) => (/\d[\doO]*$/.test(text.slice(0, at)) ? '0' : letter));
}

const TIMES: Readonly<Record<string, number>> = { 两: 2, 二: 2, 三: 3, 四: 4, 五: 5 };

/** Words that end like a road and are none. */
const NO_ROAD = /(?:线路|思路|套路|出路|门路|电路|短路|水路|半路|网路|走路)$/;

/** 表扬一下东城派出所: what the citizen does with the place is no part of it. */
const LEADING_VERB = /^(?:我们?)?(?:要|想)?(?:表扬|感谢|投诉|举报|反映|建议)(?:一下)?(?:在)?(?=.{2})/;

/** A name before the word for a road or a house: Hongfu Road. */
const ENGLISH_PLACE = /\b(?:[A-Z][a-z]+ ){1,3}(?:Road|Rd|Street|St|Avenue|Lane|Village|Estate|Garden|Building|Market|Park|School|Hospital|Station|Square|Plaza|District)\b/;

/** How English says when. The words are kept; the desk reads them. */
const ENGLISH_TIME = /\b(?:(?:since|for|from|about|around) )?(?:(?:the )?(?:last|past|this|every|each) (?:(?:\d+|few|two|three|four|five|six) )?(?:night|day|week|month|year|morning|afternoon|evening|weekend|hour)s?|yesterday(?: (?:morning|afternoon|evening|night))?|today|tonight|(?:an?|one|two|three|four|five|six|seven|ten|\d+|several|a few|many) (?:minute|hour|day|week|month|year)s?(?: ago)?|all (?:day|night)(?: long)?)\b/i;

/** Town names in Latin letters are their ids (Humen → humen); with a word for a road or a house the text is a place. */
function englishPlace(text: string, context: SlotContext): PlaceFound | null {
  if (!isEnglish(text) && !/^[a-z]+$/i.test(text)) return null;
  const words = text.toLowerCase().split(/[^a-z]+/);
  const townId = context.towns.find((town) => words.includes(town.id))?.id ?? null;
  const named = /\b(?:road|rd|street|st|avenue|lane|village|estate|garden|building|market|park|school|hospital|station|square|plaza|district)\b/i.test(text);
  if (townId === null && !named) return null;
  return { townId, place: named ? (context.asked === 'place' ? text : (ENGLISH_PLACE.exec(text)?.[0] ?? '')) : '' };
}

/** Asked for the place, 石碣镇中心小学 is one, whatever its last word; empty when nothing that could be a name is left. */
function besideTown(text: string, townId: string, context: SlotContext): string {
  const town = context.towns.find((one) => one.id === townId);
  if (town === undefined) return '';
  const rest = text.replace(/^(?:就?在|我在|是在)?(?:广东省?)?(?:东莞市?)?/, '').replace(town.name, '').replace(town.short, '').replace(/^(?:镇|街道|区)|[的啊呀吧哦。！，,\s]+$/g, '').replace(/^[的，,\s]+/, '');
  return /^[\u4e00-\u9fff0-9]{2,12}$/.test(rest) && !/[我你他她这那没不很太了]|到处|附近|全镇|整个/.test(rest) && findTimes(rest, context).length === 0 ? rest : '';
}

/** 不知道什么路 is no road. */
const UNKNOWN = /^我?(?:也)?(?:不知道|不清楚|不记得|不晓得|忘了|忘记|什么|哪条|哪个|哪里)|怎么|咋/;

/** Sounds between the parts of a place in speech: 虎门那个连升路. */
const HESITATION = /(?:就是)?(?:那个|这个|那什么)|[呃嗯额]/g;

function readTyped(slot: Slot, text: string, context: SlotContext, sure: number): JsonValue {
  switch (slot.type) {
    case 'phone':
      return best(findPhones(text), sure)?.value ?? null;
    case 'name':
      return best(findNames(text, context), sure)?.value ?? null;
    case 'ticketNumber':
      // A number whose check digit fails is looked up all the same: “not found” says more than “not understood”.
      return best(findTicketNumbers(text), Math.min(sure, SURE_ENOUGH_ASKED))?.value ?? null;
    case 'town': {
      const townId = findPlaces(text, context).find((place) => place.value.townId !== null)?.value.townId ?? englishPlace(text, context)?.townId ?? null;
      return townId === null ? null : townValue(townId, context);
    }
    case 'place': {
      // Below this the reader takes any words for a place; that is left to `loose`.
      const place = best(findPlaces(text.replace(HESITATION, ''), context), SURE_ENOUGH)?.value ?? englishPlace(text, context) ?? undefined;
      if (place?.place === '' && context.asked === 'place' && place.townId !== null) {
        const rest = besideTown(text, place.townId, context);
        if (rest !== '') return { place: rest, townId: place.townId, town: context.towns.find((town) => town.id === place.townId)?.name ?? '' };
      }
      if (place !== undefined && UNKNOWN.test(place.place)) return null;
      if (place !== undefined && context.asked !== 'place' && place.townId === null && (place.place.length > UNASKED_PLACE || NO_ROAD.test(place.place))) return null;
      return place === undefined ? null : { place: place.place.replace(LEADING_VERB, '').replace(/^(?:名叫|叫做?)(?=.{2})/, ''), townId: place.townId, town: context.towns.find((town) => town.id === place.townId)?.name ?? '' };
    }
    case 'datetime': {
      const time = best(findTimes(text, context), sure)?.value;
      const english = time === undefined && isEnglish(text) ? ENGLISH_TIME.exec(text)?.[0] : undefined;
      if (english !== undefined) return { spoken: english };
      return time === undefined ? null : { spoken: time.spoken, from: time.from, to: time.to, grain: time.grain, recurring: time.recurring };
    }
    default:
      return null;
  }
}

const best = <Value>(findings: readonly Finding<Value>[], sure: number): Finding<Value> | undefined =>
  findings.filter((finding) => finding.confidence >= sure).sort((a, b) => b.confidence - a.confidence || b.end - b.start - (a.end - a.start))[0];

function townValue(townId: string, context: SlotContext): JsonValue {
  const town = context.towns.find((one) => one.id === townId);
  return town === undefined ? null : { id: town.id, name: town.name };
}

/** A place names its town; a town alone (“在东城”) is no place yet, but answers the question for the town. */
function settleTown(flow: Flow, values: JsonObject, context: SlotContext): void {
  const townSlot = [...flow.slots.values()].find((slot) => slot.type === 'town');
  for (const slot of flow.slots.values()) {
    const value = values[slot.name];
    if (slot.type !== 'place' || typeof value !== 'object' || value === null || Array.isArray(value)) continue;
    const townId = value['townId'];
    if (typeof townId === 'string' && townSlot !== undefined && values[townSlot.name] === undefined) {
      const town = townValue(townId, context);
      if (town !== null) values[townSlot.name] = town;
    }
    if (value['place'] === '') delete values[slot.name];
  }
}

/** Digits as typed, keyed or spoken; with `digits` exactly so many, the last of a longer run (a whole phone number for its last four). */
function readNumber(slot: Slot, text: string): JsonValue {
  const digits = toDigits(text.replace(/(?<=尾号|后四位|最后四位)[是为：: ]*/g, ''));
  if (slot.digits !== null) {
    if (digits.length === slot.digits) return digits;
    return slot.digits === 4 && digits.length === 11 ? digits.slice(-4) : null;
  }
  const number = /\d+/.exec(text)?.[0] ?? (digits === '' ? null : digits);
  if (number === null || number.length > 9) return null;
  const value = Number(number);
  return value < (slot.min ?? -Infinity) || value > (slot.max ?? Infinity) ? null : value;
}

/** 后四位8000, 尾号是8000: nobody is asked for what was already said. */
function readNamedNumber(slot: Slot, message: Message): JsonValue {
  if (slot.digits === null) return null;
  for (const name of slot.names) {
    const at = message.text.indexOf(name);
    const digits = at < 0 ? undefined : /^(?:号码|电话)?[是为：:，, ]*(\d+)/.exec(message.text.slice(at + name.length))?.[1];
    if (digits?.length === slot.digits) return digits;
  }
  return null;
}

/** 内容应该是…, 内容改成… */
function readNamedText(slot: Slot, message: Message): JsonValue {
  for (const name of slot.names) {
    const at = message.text.indexOf(name);
    const rest = at < 0 ? '' : message.text.slice(at + name.length).replace(/^(?:应该)?(?:是|改成|改为|写成|换成|错了|不对)?[，,：: ]*/, '');
    if (rest.length >= 2) return rest.slice(0, TEXT_LIMIT);
  }
  return null;
}

/** A citizen's words without phone numbers and names: those live in the vault, not in a ticket's text. */
export function cleanText(text: string, context: SlotContext): string {
  const spans = [...findPhones(text), ...findNames(text, context).filter((name) => name.confidence >= SURE_ENOUGH)].sort((a, b) => b.start - a.start);
  let clean = text;
  for (const { start, end } of spans) clean = `${clean.slice(0, start)}□${clean.slice(end)}`;
  clean = clean
    .replace(/(?:我的?)?(?:联系)?(?:电话|手机号?码?|号码)(?:号码)?(?:是|为|：|:)?\s*□/g, '')
    .replace(/(?:我(?:叫|是|姓)|本人)\s*□/g, '')
    .replace(/□/g, '')
    .replace(/[，,、\s]+(?=[。！？!?]|$)|^[，,。、\s]+/g, '')
    .replace(/([，,])[，,\s]+/g, '$1');
  return clean.slice(0, TEXT_LIMIT);
}

export const slotChoices = (slot: Slot): Choice[] => slot.options.map((option) => ({ title: option.title['zh-CN'], value: option.value }));

const PLACE_LIKE = /[路街巷道村区楼栋厂店铺桥站口旁边附近门里外号镇市场园校院河湖山岛城广角]|\b(?:road|street|estate|building|near|park|market|village|station|school)\b/i;
const TIME_LIKE = /[天日月年周时点分钟早晚午夜刚今昨前现]|一直|经常|每|最近|久|持续|\b(?:day|week|month|year|night|morning|yesterday|today|always|still)/i;

/**
 * What a reader did not find is kept as said (`loose`): a place nobody has on a map, 好多天了. What does
 * not look like one is kept only when the citizen insists, that is at the second asking.
 */
export function keepLoose(slot: Slot, message: Message, lexicon: SlotLexicon, insists: boolean): JsonValue {
  if (!slot.loose || message.text.length > (isEnglish(message.text) ? 120 : 60) || !/\p{L}/u.test(message.text)) return null;
  const said = message.text.replace(/^(?:就?在|我在|是在|大概|应该是|地址是|位置是)+/, '').replace(/[。！，,\s]+$/, '');
  if (said.length < 2 || lexicon.yes.includes(said) || lexicon.no.includes(said) || slot.names.includes(said)) return null;
  if (slot.type === 'place') return insists || PLACE_LIKE.test(said) ? { place: said, townId: null } : null;
  if (slot.type === 'datetime') return insists || TIME_LIKE.test(said) ? { spoken: said } : null;
  return said;
}
