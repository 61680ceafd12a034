import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchChannel, Surrounded } from './gateway.ts';
import { CITY_CHANNELS } from './mix.ts';
import { phoneOf, type Caller } from './peers/peer.ts';

/** Citizens of a storm: they come when they come, whatever the gateway does, each with one request. */

/**
 * The city's 5.568 million requests in eleven months (334 days) are 58 in five minutes on average. No figure of the busiest hour is published; a
 * tenth of a day in it is the usual rule of thumb of call centres, which makes 139. The storm is twelve times that.
 */
export const NORMAL = { requests: 5_568_000, days: 334, busyHour: 0.1 } as const;
export const NORMAL_FIVE_MINUTES = Math.round((NORMAL.requests / NORMAL.days) * NORMAL.busyHour / 12);
export const STORM_TIMES = 12;
/** Part of the storm's requests that are about the one matter. */
export const SAME_MATTER = 0.7;
/** Between two messages of one citizen, ms. */
const THINKS_MS = [600, 2_000] as const;
/** Waves: this much more and less, in so many seconds. */
const WAVE = 0.5;
const WAVE_SECONDS = 60;
const JOINED = /一并登记/;

export interface Phase {
  readonly name: 'before' | 'storm' | 'after';
  readonly seconds: number;
  /** × the normal five minutes. */
  readonly times: number;
}

/** Moments at which requests come, seconds from the start of the phase: even but for the waves. Pure. */
export function arrivals({ seconds, times, name }: Phase): readonly number[] {
  const perSecond = (NORMAL_FIVE_MINUTES * times) / 300;
  const wave = name === 'storm' ? WAVE : 0;
  const period = Math.min(WAVE_SECONDS, seconds);
  const due: number[] = [];
  // The integral of the rate grows by one with each request.
  const until = (at: number): number => perSecond * (at + (wave * period * (1 - Math.cos((2 * Math.PI * at) / period))) / (2 * Math.PI));
  for (let at = 0, step = 0.01; at < seconds; at += step) if (Math.floor(until(at)) > due.length) due.push(at);
  return due;
}

export interface Request {
  readonly channel: BenchChannel;
  readonly caller: Caller;
  readonly lines: readonly string[];
  readonly sameMatter: boolean;
}

const HOW = ['我家昨晚停电到现在', '昨晚停电了', '小区昨晚停电', '整栋楼昨晚没电', '昨晚突然停电', '从昨晚一直没电', '昨晚又停电了', '昨晚断电到现在'];
const MORE = ['整栋楼都没电', '老人孩子热得受不了', '冰箱里的东西都坏了', '打供电所电话没人接', '什么时候来电', '一层楼都是黑的'];
const ROADS = ['鸿福路', '东纵路', '东城中路', '育兴路', '莞温路', '学前路'];

/** What citizens ask for in a storm: mostly the one matter, in their own words; the others as on any day. */
export function createRequests(random: () => number, questions: readonly string[], firstCaller: number) {
  const byChannel = { phone: 0, webchat: 0, wechat: 0 };
  let made = 0;
  const pick = (from: readonly string[]): string => from[Math.floor(random() * from.length)] ?? '';
  return {
    next(sameShare: number): Request {
      made += 1;
      const channels = Object.keys(CITY_CHANNELS) as BenchChannel[];
      const channel = channels.toSorted((a, b) => byChannel[a] / CITY_CHANNELS[a] - byChannel[b] / CITY_CHANNELS[b])[0] ?? 'phone';
      byChannel[channel] += 1;
      const caller = { number: (firstCaller + made * 7_919) % 100_000_000 };
      const number = channel === 'phone' ? [] : [phoneOf(caller)];
      const house = 1 + Math.floor(random() * 900);
      const sameMatter = random() < sameShare;
      if (sameMatter) return { channel, caller, sameMatter, lines: [`${pick(HOW)}，${pick(MORE)}，东城${pick(ROADS)}${house}号`, ...number, '对'] };
      const kind = random();
      if (kind < 0.6) return { channel, caller, sameMatter, lines: Array.from({ length: 1 + Math.floor(random() * 3) }, () => pick(questions)) };
      return { channel, caller, sameMatter, lines: [`楼下工地半夜两点还在施工吵死了，万江街道万江路${house}号`, ...number, '对'] };
    },
  };
}

export interface Played {
  readonly requests: number;
  /** Messages that were sent and answered. */
  readonly messages: number;
  /** From the moment a request was due to its first answer, ms. */
  readonly first: number[];
  /** Of every message to its answer, ms. */
  readonly all: number[];
  /** Answered by the one answer of the matter. */
  readonly joined: number;
  readonly failed: readonly string[];
}

/** Plays one phase; resolves when everybody has been served to the end. */
export async function playPhase(around: Surrounded, phase: Phase, given: { readonly requests: ReturnType<typeof createRequests>; readonly places: Record<BenchChannel, number[]>; readonly random: () => number; readonly stop: AbortSignal; readonly progress: (part: number) => void }): Promise<Played> {
  const { requests, places, random, stop } = given;
  const played = { requests: 0, messages: 0, first: [] as number[], all: [] as number[], joined: 0, failed: [] as string[] };
  const waiting: Record<BenchChannel, ((place: number) => void)[]> = { phone: [], webchat: [], wechat: [] };
  const take = (channel: BenchChannel): Promise<number> => {
    const place = places[channel].pop();
    return place === undefined ? new Promise((resolve) => waiting[channel].push(resolve)) : Promise.resolve(place);
  };
  const giveBack = (channel: BenchChannel, place: number): void => {
    const next = waiting[channel].shift();
    if (next === undefined) places[channel].push(place);
    else next(place);
  };

  const serve = async (request: Request, dueAt: number): Promise<void> => {
    const { channel, caller, lines } = request;
    const place = await take(channel);
    const peer = around.peer(channel);
    try {
      await peer.open(place, caller);
      let joined = false;
      for (const [index, line] of lines.entries()) {
        if (index > 0) await sleep(THINKS_MS[0] + random() * (THINKS_MS[1] - THINKS_MS[0]));
        const from = index === 0 ? dueAt : performance.now();
        const answer = await peer.say(place, line);
        played.all.push(performance.now() - from);
        played.messages += 1;
        if (index === 0) {
          played.first.push(performance.now() - from);
          joined = request.sameMatter && JOINED.test(answer.toString('utf8'));
        }
        // Nothing is left to be asked.
        if (joined) break;
      }
      if (joined) played.joined += 1;
      await peer.leave(place);
    } catch (error) {
      played.failed.push(`${channel}: ${error instanceof Error ? error.message : String(error)}`);
    }
    giveBack(channel, place);
  };

  const due = arrivals(phase);
  const started = performance.now();
  const serving: Promise<void>[] = [];
  for (const [index, at] of due.entries()) {
    if (stop.aborted) break;
    const early = started + at * 1000 - performance.now();
    if (early > 1) await sleep(early);
    serving.push(serve(requests.next(phase.name === 'storm' ? SAME_MATTER : 0), started + at * 1000));
    played.requests += 1;
    if (index % 20 === 0) given.progress(at / phase.seconds);
  }
  await Promise.all(serving);
  return played;
}
