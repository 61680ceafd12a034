import type { EpochMs } from '../../domain/activity.ts';
import { foldText } from '../../domain/text.ts';
import type { Finding, SlotContext, SpokenTime } from '../slots-types.ts';
import { DAY, dayOf, HOUR, MINUTE } from './calendar-days.ts';
import { beginsClock, type ClockRead, hourIn, type PartRead, readClock, readPart } from './time-clock.ts';
import { firstChars } from './first-chars.ts';
import { beginsDate, type DateRead, readDate } from './time-dates.ts';

type Grain = SpokenTime['grain'];

/** One expression before its text span is cut out. */
interface Read {
  readonly from: EpochMs;
  readonly to: EpochMs | null;
  readonly grain: Grain;
  readonly recurring: boolean;
  readonly confidence: number;
  readonly end: number;
  readonly day: EpochMs | null;
  readonly part: PartRead | null;
  readonly clock: ClockRead | null;
  readonly date: DateRead | null;
}

const EVERY = /每天的?|天天|日日|每日|每(?=晚)|每个?(?=(?:周|星期|礼拜)[末一二三四五六日天])|每逢|每到|每个?(?:周|星期|礼拜)|每个?月的?|晚晚|夜夜/y;
const ADVERB = /经常|一直|总是|常常|老是|长期|时不时|隔三差五|三天两头|成日|每次|反复/y;
const JOIN = /[ ,、的]{0,2}(?:大概|大约|约|差不多|将近|快)?(?:在|是)?/y;
const TO = /\s?(?:到|至|直到|-|~|—|–)\s?/y;
const SINCE = /\s?(?:就?开始|起(?!来|诉|火|码)|以来|到现在|到今天|至今)/y;
const POINTS = /^(?:要求|建议|意见|问题|原因|希望|理由|疑问|质疑|诉求|想法|请求|看法|情况)/;

/** From here on: 从昨晚, 自从上周. */
const FROM = /[从自打由]/;
const OPENERS: ReadonlySet<number> = new Set([EVERY, ADVERB, FROM].flatMap((re) => [...firstChars(re)].map((char) => char.charCodeAt(0))));

/** Most characters of a text cannot begin a time: nothing is tried at them. */
const beginsTime = (unit: number): boolean => OPENERS.has(unit) || beginsDate(unit) || beginsClock(unit);

/** Where the next piece of an expression may begin. */
function skip(text: string, at: number, re: RegExp): number {
  re.lastIndex = at;
  const match = re.exec(text);
  return match === null ? at : at + match[0].length;
}

/** The latest day on which the offset (ms after midnight) is not after now. */
function latestDay(offset: number, now: EpochMs): EpochMs {
  const today = dayOf(now);
  return today + offset <= now ? today : today - DAY;
}

interface Place {
  readonly at: EpochMs;
  readonly day: EpochMs;
  readonly confidence: number;
}

function placeClock(clock: ClockRead, part: PartRead | null, date: DateRead | null, now: EpochMs): Place {
  const minutes = clock.minute * MINUTE;
  if (part !== null) {
    let offset = hourIn(part.name, clock.hour) * HOUR + minutes;
    if (date === null) {
      // 半夜两点 without a day: the last time it was two at night.
      if (offset >= DAY && part.name === 'midnight') offset -= DAY;
      const day = latestDay(offset, now);
      return { at: day + offset, day, confidence: 0.9 };
    }
    // 今天半夜两点, said by daylight, is the night that has passed.
    if (part.name === 'midnight' && offset >= DAY && date.from + offset > now && date.from + offset - DAY <= now) offset -= DAY;
    return { at: date.from + offset, day: date.from, confidence: 0.95 };
  }
  const plain = clock.hour * HOUR + minutes;
  const given = clock.pm === null ? (clock.hour > 12 || clock.hour === 0 || clock.padded ? [plain] : null) : [clock.pm === clock.hour < 12 ? (clock.pm ? plain + 12 * HOUR : plain - 12 * HOUR) : plain];
  const offsets = given ?? [plain, plain + 12 * HOUR].filter((offset) => offset <= DAY);
  const today = dayOf(now);
  if (date !== null && date.from !== today) {
    // Another day: daylight hours are likelier than the small hours.
    const offset = given === null && clock.hour < 7 ? plain + 12 * HOUR : (offsets[0] ?? plain);
    return { at: date.from + offset, day: date.from, confidence: given === null ? (clock.hour < 7 ? 0.65 : 0.8) : 0.95 };
  }
  const past = offsets.filter((offset) => today + offset <= now).at(-1);
  if (past !== undefined) return { at: today + past, day: today, confidence: given === null ? 0.65 : 0.9 };
  const last = offsets.at(-1) ?? plain;
  if (date !== null) return { at: today + (offsets[0] ?? plain), day: today, confidence: 0.6 };
  return { at: today - DAY + last, day: today - DAY, confidence: 0.6 };
}

function placePart(part: PartRead, date: DateRead | null, now: EpochMs): { readonly from: EpochMs; readonly day: EpochMs } {
  if (date !== null) {
    // 今天半夜, said by daylight, is the night that has passed.
    const day = part.name === 'midnight' && date.from === dayOf(now) && date.from + part.fromHour * HOUR > now ? date.from - DAY : date.from;
    return { from: day + part.fromHour * HOUR, day };
  }
  const day = latestDay(part.fromHour * HOUR, now);
  return { from: day + part.fromHour * HOUR, day };
}

/** One expression without ranges: date? part? clock?, at least one of them. `inherit` fills in for the second half of a range. */
function readOne(text: string, start: number, now: EpochMs, inherit: Read | null): Read | null {
  let at = start;
  const every = skip(text, at, EVERY);
  const recurring = every > at;
  // 晚晚, 夜夜 name their part of the day themselves.
  const nightly = recurring && /[晚夜]$/.test(text.slice(at, every));
  at = every;
  const date = readDate(text, at, now);
  if (date !== null) at = date.end;
  const refinable = date === null || date.oneDay;
  let part: PartRead | null = null;
  let clock: ClockRead | null = null;
  let end = at;
  if (refinable) {
    const partAt = date === null && !recurring ? at : skip(text, at, JOIN);
    part = readPart(text, partAt);
    if (part === null && nightly) part = { name: 'evening', fromHour: 18, toHour: 24, end: at };
    if (part !== null) end = part.end;
    const anchored = date !== null || part !== null || recurring;
    const clockAt = anchored ? skip(text, end, JOIN) : end;
    clock = readClock(text, clockAt);
    if (clock !== null && !anchored && inherit === null && !clock.firm && (/[有差快慢早晚这那]/.test(text.charAt(clockAt - 1)) || /^[一1两]点/.test(text.slice(clockAt)) || POINTS.test(text.slice(clock.end)))) clock = null;
    if (clock !== null) end = clock.end;
  }
  if (date === null && part === null && clock === null) {
    if (!recurring) return null;
    return { from: dayOf(now), to: null, grain: 'day', recurring: true, confidence: 0.7, end: every, day: null, part, clock, date };
  }
  const outer = date ?? inherit?.date ?? null;
  const anyRecurring = recurring || (date?.recurring ?? false);
  if (clock !== null) {
    const placed = placeClock(clock, part ?? (inherit === null ? null : inherit.part), outer?.oneDay === true ? outer : null, now);
    return { from: placed.at, to: null, grain: clock.grain, recurring: anyRecurring, confidence: placed.confidence - (clock.vague ? 0.05 : 0), end, day: placed.day, part: part ?? inherit?.part ?? null, clock, date: date ?? inherit?.date ?? null };
  }
  if (part !== null) {
    const placed = placePart(part, outer?.oneDay === true ? outer : null, now);
    return { from: placed.from, to: placed.day + part.toHour * HOUR, grain: 'part-of-day', recurring: anyRecurring, confidence: date === null ? 0.75 : 0.92, end, day: placed.day, part, clock, date: outer };
  }
  if (date === null) return null;
  return { from: date.from, to: date.to, grain: date.grain, recurring: anyRecurring, confidence: date.confidence, end, day: date.oneDay ? date.from : null, part, clock, date };
}

const STEP_OF: Readonly<Record<Grain, number>> = { minute: DAY, hour: DAY, 'part-of-day': DAY, day: 7 * DAY, week: 7 * DAY, month: 365 * DAY };

function readRange(text: string, first: Read, now: EpochMs): Read {
  const after = skip(text, first.end, TO);
  if (after === first.end) return first;
  const second = readOne(text, after, now, first);
  if (second === null) return first;
  let to = second.to ?? second.from;
  if (second.clock !== null && first.clock !== null && second.date === first.date) {
    // Same day as the first half, then the next hour that fits: 晚上十点到十二点, 九点到五点, 十点到凌晨两点.
    const day = first.day ?? dayOf(first.from);
    const offset = to - (second.day ?? dayOf(to));
    to = day + offset;
    if (to <= first.from && second.part === first.part && second.clock.hour <= 12 && to + 12 * HOUR > first.from) to += 12 * HOUR;
  }
  for (let turn = 0; turn < 2 && to <= first.from; turn += 1) to += STEP_OF[second.grain];
  if (to <= first.from) return first;
  return { ...first, to, recurring: first.recurring || second.recurring, grain: second.grain === 'minute' ? 'minute' : first.grain, confidence: Math.min(first.confidence, second.confidence), end: second.end };
}

function readAt(text: string, at: number, now: EpochMs): Read | null {
  const from = text.startsWith('自从', at) ? 2 : FROM.test(text.charAt(at)) ? 1 : 0;
  const first = readOne(text, at + from, now, null);
  if (first === null) return null;
  const range = readRange(text, first, now);
  const since = skip(text, range.end, SINCE);
  if (since > range.end && range.to !== first.to) return range;
  // 从上个月开始: up to now.
  if (since > range.end && first.from < now) return { ...range, to: now, end: since };
  return range;
}

/**
 * Finds every moment and stretch of time that is said, in the order of the text, relative to `ctx.now`, Beijing time.
 * Without a year, day or half of the day the latest past reading is taken (people report what has happened); explicit
 * future words (明天, 下周一) stay in the future. A day is `from` its midnight `to` the next; a moment has `to` null; a
 * recurring time (每天晚上十点到十二点) is its last occurrence that has begun, with `recurring` set.
 */
export function findTimes(text: string, ctx: Pick<SlotContext, 'now' | 'readings'>): Finding<SpokenTime>[] {
  const known = ctx.readings?.times.get(text);
  if (known !== undefined) return known;
  const found = readTimes(text, ctx.now);
  ctx.readings?.times.set(text, found);
  return found;
}

function readTimes(text: string, now: EpochMs): Finding<SpokenTime>[] {
  const folded = foldText(text);
  const found: Finding<SpokenTime>[] = [];
  const adverbs: { start: number; end: number }[] = [];
  for (let at = 0; at < folded.length; ) {
    if (!beginsTime(folded.charCodeAt(at))) {
      at += 1;
      continue;
    }
    const adverbEnd = skip(folded, at, ADVERB);
    if (adverbEnd > at) {
      adverbs.push({ start: at, end: adverbEnd });
      at = adverbEnd;
      continue;
    }
    const read = readAt(folded, at, now);
    if (read === null || read.end <= at) {
      at += 1;
      continue;
    }
    const value: SpokenTime = { from: read.from, to: read.to, grain: read.grain, recurring: read.recurring, spoken: text.slice(at, read.end) };
    found.push({ value, start: at, end: read.end, confidence: Math.max(0.3, Math.min(0.99, read.confidence)) });
    at = read.end;
  }
  return withAdverbs(text, found, adverbs, now);
}

/** 经常, 一直 beside a time make it recurring; alone they are a weak finding of their own. */
function withAdverbs(text: string, found: Finding<SpokenTime>[], adverbs: readonly { start: number; end: number }[], now: EpochMs): Finding<SpokenTime>[] {
  const out = [...found];
  for (const adverb of adverbs) {
    const beside = out.findIndex((each) => Math.max(each.start - adverb.end, adverb.start - each.end) <= 1);
    const near = out[beside];
    if (near === undefined) {
      if (out.length === 0) out.push({ value: { from: dayOf(now), to: null, grain: 'day', recurring: true, spoken: text.slice(adverb.start, adverb.end) }, start: adverb.start, end: adverb.end, confidence: 0.4 });
      continue;
    }
    const start = Math.min(near.start, adverb.start);
    const end = Math.max(near.end, adverb.end);
    out[beside] = { ...near, start, end, value: { ...near.value, recurring: true, spoken: text.slice(start, end) } };
  }
  return out.sort((a, b) => a.start - b.start);
}
