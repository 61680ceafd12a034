import type { Choice } from '../domain/activity.ts';
import { toDigits } from '../domain/digits.ts';
import type { JsonObject, JsonValue } from '../domain/json.ts';
import { hasWord, isEnglish, type Message } from './listen.ts';
import type { Flow, Slot } from './program.ts';
import { findNames, findPhones, findPlaces, findTicketNumbers, findTimes, readChoice, readYesNo, splitCorrection } from './slots/index.ts';
import type { AskedFor, Finding, SlotContext, SlotLexicon } from './slots-types.ts';
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

const ASKED: Readonly<Record<SlotType, AskedFor>> = {
  town: 'place', place: 'place', datetime: 'time', phone: 'phone', name: 'name', ticketNumber: 'ticket', choice: 'choice', yesno: 'yes-no', text: 'text', number: 'number',
};

/** Longest free text kept of one message; a ticket's content is no novel and state is stored at every turn. */
const TEXT_LIMIT = 1000;
const SURE_ENOUGH = 0.5;
const SURE_ENOUGH_ASKED = 0.3;

/**
 * Everything the message tells about the flow's slots. `asked` is read generously; the others only where a reader finds
 * them (`from: any`, or `from: first` at the flow's beginning).
 */
export function fillSlots(flow: Flow, message: Message, context: SlotContext, asked: string | null, first: boolean): Filled {
  const split = splitCorrection(message.text, context);
  const correction = split !== null;
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
      return null;
    default:
      return readTyped(slot, message.text, context, SURE_ENOUGH);
  }
}

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
    default:
      return readTyped(slot, message.keys ?? message.text, context, SURE_ENOUGH_ASKED);
  }
}

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
      const townId = findPlaces(text, context).find((place) => place.value.townId !== null)?.value.townId ?? null;
      return townId === null ? null : townValue(townId, context);
    }
    case 'place': {
      const place = best(findPlaces(text, context), sure)?.value;
      return place === undefined ? null : { place: place.place, townId: place.townId, town: context.towns.find((town) => town.id === place.townId)?.name ?? '' };
    }
    case 'datetime': {
      const time = best(findTimes(text, context), sure)?.value;
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

/** What a reader did not find is kept as said (`loose`): a place nobody has on a map, 好多天了. */
export function keepLoose(slot: Slot, message: Message, lexicon: SlotLexicon): JsonValue {
  if (!slot.loose || message.text.length > (isEnglish(message.text) ? 120 : 60) || !/\p{L}/u.test(message.text)) return null;
  const said = message.text.replace(/^(?:就?在|我在|是在|大概|应该是|地址是|位置是)+/, '').replace(/[。！，,\s]+$/, '');
  if (said.length < 2 || lexicon.yes.includes(said) || lexicon.no.includes(said)) return null;
  if (slot.type === 'place') return { place: said, townId: null };
  if (slot.type === 'datetime') return { spoken: said };
  return said;
}
