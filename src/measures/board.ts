import type { EpochMs } from '../domain/activity.ts';
import type { Item, Town } from '../domain/config-files.ts';
import { DAY, HOUR, startOfDay } from '../domain/clock.ts';
import type { QueueRules } from '../domain/queue-rules.ts';
import type { Repositories, RosterSeat } from '../store/contract.ts';
import { AS_OF } from './catch-up.ts';
import { type Counted, type MeasureName, rateFrom, type RateName } from './catalogue.ts';
import type { BurstRules, MeasureSettings } from './settings.ts';

/**
 * What the data wall shows. Counts come from the rollups and are as old as `asOf`; states (who waits, who is there, what is open) are read as
 * they are by narrow indexes. Nothing here names a person: amounts by channel, group, town, item and state.
 */
export interface BoardRate {
  readonly name: RateName;
  /** 0 to 1; null: nothing to divide by yet. */
  readonly value: number | null;
  readonly over: number;
  readonly under: number;
  readonly target: number | null;
}

export interface BoardCounts {
  /** Counted up to here. */
  readonly asOf: EpochMs;
  /** Beijing day that `today` is about. */
  readonly day: EpochMs;
  readonly today: Readonly<Record<'received' | 'begun' | 'opened' | 'closed' | 'urged', number>>;
  /** Up to the same hour yesterday; null: nothing was counted then. */
  readonly yesterday: Readonly<Record<'received' | 'begun' | 'opened', number>> | null;
  readonly channels: readonly { readonly channel: string; readonly received: number; readonly begun: number }[];
  /** The last 24 hours, oldest first; the last one is not over yet. */
  readonly hours: readonly { readonly at: EpochMs; readonly received: number; readonly opened: number; readonly connected: number | null; readonly prompt: number | null }[];
  /** Of the last 24 hours. */
  readonly service: readonly BoardRate[];
  readonly waitMs: number | null;
  /** Of the last 30 days. */
  readonly quality: readonly BoardRate[];
  readonly ratings: number;
  readonly fields: readonly { readonly field: string; readonly amount: number }[];
  readonly towns: readonly { readonly id: string; readonly name: string; readonly amount: number; readonly row: number | null; readonly column: number | null }[];
  /** Of today, most first; `hours`: opened in each of the last 24 hours. */
  readonly items: readonly { readonly code: string; readonly name: string; readonly amount: number; readonly hours: readonly number[] }[];
  /** Most risen first; null: too little history to tell. */
  readonly rising: readonly { readonly code: string; readonly name: string; readonly recent: number; readonly usual: number }[] | null;
  readonly recentHours: number;
}

export interface BoardStates {
  readonly conversations: Readonly<Record<'bot' | 'waiting' | 'human', number>>;
  readonly groups: readonly { readonly id: string; readonly name: string; readonly waiting: number; readonly longestMs: number | null }[];
  readonly seats: Readonly<Record<'online' | 'busy' | 'wrap-up' | 'break' | 'away' | 'offline', number>>;
  readonly tickets: { readonly byState: Readonly<Record<string, number>>; readonly overdue: number };
}

export interface BoardGiven {
  readonly city: { readonly items: readonly Item[]; readonly towns: readonly Town[]; readonly queueRules: QueueRules };
  readonly settings: MeasureSettings;
  /** Channels that are open here, so that a quiet one is shown as quiet. */
  readonly channels: readonly string[];
  /** What a seat is now. */
  readonly presenceOf: (seat: RosterSeat, now: EpochMs) => keyof BoardStates['seats'];
}

const FIELDS = 5;
const ITEMS = 6;
const RISING = 5;
const WINDOW_DAYS = 30;
const SERVICE: readonly RateName[] = ['connected', 'prompt', 'contained'];
const QUALITY: readonly RateName[] = ['signed_on_time', 'closed_on_time', 'solved', 'satisfied'];
const SERVICE_MEASURES: readonly MeasureName[] = ['service.accepted', 'service.offered', 'service.prompt', 'conversation.begun', 'conversation.handed'];
const QUALITY_MEASURES: readonly MeasureName[] = ['ticket.signed_on_time', 'ticket.signed_due', 'ticket.closed_on_time', 'ticket.closed_due', 'visit.solved', 'visit.answered', 'visit.satisfied', 'visit.rated'];

/** What was counted; null before anything was. */
export async function readCounts({ rollups }: Repositories, { city, settings, channels }: BoardGiven, now: EpochMs): Promise<BoardCounts | null> {
  const asOf = await rollups.cursor(AS_OF);
  if (asOf === null) return null;
  const day = startOfDay(now);
  const hour = Math.floor(now / HOUR) * HOUR;
  const last24 = { from: hour - 23 * HOUR, to: hour + HOUR };
  const today = { from: day, to: day + DAY };

  const ofToday = byMeasure(await rollups.sums({ ...today, by: 'all', measures: ['message.received', 'conversation.begun', 'ticket.opened', 'ticket.closed', 'ticket.urged'] }));
  const ofYesterday = byMeasure(await rollups.sums({ from: day - DAY, to: hour + HOUR - DAY, by: 'all', measures: ['message.received', 'conversation.begun', 'ticket.opened'] }));
  const byChannel = await rollups.sums({ ...today, by: 'channel', measures: ['message.received', 'conversation.begun'] });
  const service = byMeasure(await rollups.sums({ ...last24, by: 'all', measures: SERVICE_MEASURES }));
  const quality = byMeasure(await rollups.sums({ from: day - (WINDOW_DAYS - 1) * DAY, to: day + DAY, by: 'all', measures: QUALITY_MEASURES }));
  const hourly = await rollups.series({ ...last24, grain: 'hour', by: 'all', measures: ['message.received', 'ticket.opened', ...SERVICE_MEASURES] });
  const townSums = new Map((await rollups.sums({ ...today, by: 'town', measures: ['ticket.opened'] })).map(({ key, amount }) => [key, amount]));
  const itemSums = (await rollups.sums({ ...today, by: 'item', measures: ['ticket.opened'] })).filter(({ amount }) => amount > 0);
  const top = itemSums.filter(({ key }) => key !== '').toSorted((left, right) => right.amount - left.amount || (left.key < right.key ? -1 : 1)).slice(0, ITEMS);
  const itemHours = await rollups.series({ ...last24, grain: 'hour', by: 'item', measures: ['ticket.opened'], keys: top.map(({ key }) => key) });

  const items = new Map(city.items.map((item) => [item.code, item]));
  const nameOf = (code: string): string => items.get(code)?.name ?? code;
  const hours = Array.from({ length: 24 }, (_, index) => last24.from + index * HOUR);
  const known = new Set([...channels, ...byChannel.map(({ key }) => key)]);
  const amountOf = (counted: Counted, name: MeasureName): number => counted[name]?.amount ?? 0;
  const rates = (names: readonly RateName[], counted: Counted, parts: Readonly<Record<string, readonly [over: MeasureName, under: MeasureName]>>): readonly BoardRate[] =>
    names.map((name) => {
      const [over, under] = parts[name] ?? [];
      return { name, value: rateFrom(name, counted), over: over === undefined ? 0 : amountOf(counted, over), under: under === undefined ? 0 : amountOf(counted, under), target: settings.targets[name] ?? null };
    });
  const accepted = service['service.accepted'];

  return {
    asOf: Number(asOf),
    day,
    today: { received: amountOf(ofToday, 'message.received'), begun: amountOf(ofToday, 'conversation.begun'), opened: amountOf(ofToday, 'ticket.opened'), closed: amountOf(ofToday, 'ticket.closed'), urged: amountOf(ofToday, 'ticket.urged') },
    yesterday: Object.keys(ofYesterday).length === 0 ? null : { received: amountOf(ofYesterday, 'message.received'), begun: amountOf(ofYesterday, 'conversation.begun'), opened: amountOf(ofYesterday, 'ticket.opened') },
    channels: [...known].map((channel) => ({
      channel,
      received: byChannel.find(({ key, measure }) => key === channel && measure === 'message.received')?.amount ?? 0,
      begun: byChannel.find(({ key, measure }) => key === channel && measure === 'conversation.begun')?.amount ?? 0,
    })).toSorted((left, right) => right.received - left.received || (left.channel < right.channel ? -1 : 1)),
    hours: hours.map((at) => {
      const counted = byMeasure(hourly.filter((point) => point.at === at));
      return { at, received: amountOf(counted, 'message.received'), opened: amountOf(counted, 'ticket.opened'), connected: rateFrom('connected', counted), prompt: rateFrom('prompt', counted) };
    }),
    service: rates(SERVICE, service, { connected: ['service.accepted', 'service.offered'], prompt: ['service.prompt', 'service.accepted'], contained: ['conversation.handed', 'conversation.begun'] }),
    waitMs: accepted === undefined || accepted.amount <= 0 ? null : accepted.sum / accepted.amount,
    quality: rates(QUALITY, quality, { signed_on_time: ['ticket.signed_on_time', 'ticket.signed_due'], closed_on_time: ['ticket.closed_on_time', 'ticket.closed_due'], solved: ['visit.solved', 'visit.answered'], satisfied: ['visit.satisfied', 'visit.rated'] }),
    ratings: amountOf(quality, 'visit.rated'),
    fields: fieldsOf(itemSums, items),
    towns: city.towns.map(({ id, short, name }) => {
      const tile = settings.tiles.find(({ townId }) => townId === id);
      return { id, name: short ?? name, amount: townSums.get(id) ?? 0, row: tile?.row ?? null, column: tile?.column ?? null };
    }),
    items: top.map(({ key, amount }) => ({ code: key, name: nameOf(key), amount, hours: hours.map((at) => itemHours.find((point) => point.key === key && point.at === at)?.amount ?? 0) })),
    rising: await readRising({ rollups }, settings.bursts, hour, nameOf),
    recentHours: settings.bursts.recentHours,
  };
}

/** As it is now. */
export async function readStates(repos: Repositories, { city, presenceOf }: BoardGiven, now: EpochMs): Promise<BoardStates> {
  const { bot, waiting, human } = await repos.conversations.counts();
  const queued = new Map((await repos.queue.groups()).map((group) => [group.groupId, group]));
  const seats = { online: 0, busy: 0, 'wrap-up': 0, break: 0, away: 0, offline: 0 };
  for (const seat of await repos.seatWork.roster()) seats[presenceOf(seat, now)] += 1;
  return {
    conversations: { bot, waiting, human },
    groups: city.queueRules.groups.map(({ id, name }) => {
      const group = queued.get(id);
      return { id, name, waiting: group?.waiting ?? 0, longestMs: group === undefined ? null : Math.max(0, now - group.oldestWaitingSince) };
    }),
    seats,
    tickets: await repos.measureSources.openTickets(),
  };
}

/** Fields of today's tickets, most first; an item's field is the catalogue's of today. */
function fieldsOf(sums: readonly { readonly key: string; readonly amount: number }[], items: ReadonlyMap<string, Item>): BoardCounts['fields'] {
  const fields = new Map<string, number>();
  for (const { key, amount } of sums) {
    const field = items.get(key)?.field;
    if (field !== undefined) fields.set(field, (fields.get(field) ?? 0) + amount);
  }
  return [...fields].map(([field, amount]) => ({ field, amount })).toSorted((left, right) => right.amount - left.amount || (left.field < right.field ? -1 : 1)).slice(0, FIELDS);
}

/** The same hours of the days before, of days on which anything was counted. */
async function readRising({ rollups }: Pick<Repositories, 'rollups'>, rules: BurstRules, hour: EpochMs, nameOf: (code: string) => string): Promise<BoardCounts['rising']> {
  const window = async (daysAgo: number) => {
    const to = hour + HOUR - daysAgo * DAY;
    return new Map((await rollups.sums({ from: to - rules.recentHours * HOUR, to, by: 'item', measures: ['ticket.opened'] })).map(({ key, amount }) => [key, amount]));
  };
  const recent = await window(0);
  const days = await rollups.series({ from: startOfDay(hour) - rules.baselineDays * DAY, to: startOfDay(hour), grain: 'day', by: 'all', measures: ['ticket.opened'] });
  const before: ReadonlyMap<string, number>[] = [];
  for (let daysAgo = 1; daysAgo <= rules.baselineDays; daysAgo += 1) {
    if (days.some(({ at }) => at === startOfDay(hour) - daysAgo * DAY)) before.push(await window(daysAgo));
  }
  return risingOf(recent, before, rules)?.map(({ code, ...rest }) => ({ code, name: nameOf(code), ...rest })) ?? null;
}

/** Items of which there are many more than on an ordinary day, most risen first; null without an ordinary day to compare with. Pure. */
export function risingOf(recent: ReadonlyMap<string, number>, before: readonly ReadonlyMap<string, number>[], { factor, least }: BurstRules): readonly { readonly code: string; readonly recent: number; readonly usual: number }[] | null {
  if (before.length === 0) return null;
  return [...recent]
    .filter(([code]) => code !== '')
    .map(([code, amount]) => ({ code, recent: amount, usual: before.reduce((total, day) => total + (day.get(code) ?? 0), 0) / before.length }))
    .filter((item) => item.recent >= least && item.recent > item.usual * factor)
    .toSorted((left, right) => right.recent - right.usual - (left.recent - left.usual) || (left.code < right.code ? -1 : 1))
    .slice(0, RISING);
}

function byMeasure(sums: readonly { readonly measure: string; readonly amount: number; readonly sum: number }[]): Counted {
  return Object.fromEntries(sums.map(({ measure, amount, sum }) => [measure, { amount, sum }]));
}
