import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Client from 'better-sqlite3';
import { CHANNELS, profiling, surround } from './gateway.ts';
import { orSilence } from './load.ts';
import { cpuMs, residentMegabytes } from './processor.ts';
import { createRandom, percentile } from './statistics.ts';
import { createRequests, NORMAL_FIVE_MINUTES, playPhase, SAME_MATTER, STORM_TIMES, type Phase, type Played } from './storm-load.ts';
import { cityQuestions } from './talkers.ts';
import type { Bench, BenchContext, Figure } from './types.ts';

/**
 * Twelve times the normal five minutes, in waves, seven tenths of it about one matter: `npm run bench -- storm`. With --scale 0.2 the five minutes are
 * one. The gateway runs with config/storm.yaml as it is; what it gives up is read from /metrics, what it stored from its database.
 */

const PLACES = 250;
const SEED = 20_261_123;
const FIRST_MS = 1_000;
const BEFORE_SECONDS = 60;
/** Four levels down take a minute each, after the window of a minute. */
const CALM_MOST_MS = 8 * 60_000;
const LOOK_MS = 1_000;

interface Level {
  readonly at: number;
  readonly level: number;
  readonly load: number;
}

export const storm: Bench = {
  name: 'storm',
  about: `${STORM_TIMES} times the normal five minutes (${NORMAL_FIVE_MINUTES} requests), ${SAME_MATTER * 100} % one matter, three channels: first answers, lost, doubled, levels, groups (--scale for a part of the five minutes)`,
  long: true,
  run: async (context) => {
    const dataDir = join(context.folder, 'storm');
    const around = await surround({ dataDir, channels: CHANNELS, places: PLACES, env: { STORM_MODE: 'auto' }, nodeArguments: profiling() });
    const random = createRandom(SEED);
    const requests = createRequests(random, cityQuestions(), 11);
    const places = { phone: placesOf(), webchat: placesOf(), wechat: placesOf() };
    const levels: Level[] = [];
    const watch = watchLevels(around.server.url, levels);
    const play = (phase: Phase, from: number, to: number): Promise<Played> =>
      playPhase(around, phase, { requests, places, random, stop: context.stop, progress: (part) => context.progress(from + part * (to - from), phase.name) });
    try {
      const before = await play({ name: 'before', seconds: BEFORE_SECONDS, times: 1 }, 0, 0.1);
      const began = levels.length;
      const cpuBefore = cpuMs(around.server.pid);
      const stormed = await play({ name: 'storm', seconds: Math.max(30, 300 * context.sizes.scale), times: STORM_TIMES }, 0.1, 0.6);
      const cpu = cpuMs(around.server.pid) - cpuBefore;
      const file = join(dataDir, 'yihu.sqlite3');
      const putOff = readPutOff(file);
      context.progress(0.6, 'until it is calm');
      const calmAfter = await untilCalm(context, levels, file);
      const left = readPutOff(file);
      return [
        ...figuresOf(before, stormed),
        ...storedFigures(file, before.messages + stormed.messages),
        ...levelFigures(levels.slice(began), stormed, calmAfter),
        { what: 'tickets opened without a suggestion in the storm, still without when it was calm', unit: '', rounds: [left.waiting], note: `${putOff.waiting + putOff.done} were put off, ${left.done} have theirs or none was likely` },
        { what: 'processor time of the server in the storm a message', unit: 'ms', rounds: [cpu / Math.max(1, stormed.messages)] },
        { what: 'resident afterwards', unit: 'MB', rounds: [residentMegabytes(around.server.pid)] },
      ];
    } finally {
      watch.stop();
      await around.close();
    }
  },
};

const placesOf = (): number[] => Array.from({ length: PLACES }, (_, place) => place);

function figuresOf(before: Played, stormed: Played): readonly Figure[] {
  const first = stormed.first.toSorted((a, b) => a - b);
  const all = stormed.all.toSorted((a, b) => a - b);
  const calm = before.first.toSorted((a, b) => a - b);
  return [
    { what: 'requests in the storm', unit: '', rounds: [stormed.requests], note: `${stormed.messages} messages; ${stormed.joined} requests got the one answer of their matter` },
    { what: 'p50 to a first answer', unit: 'ms', rounds: [percentile(first, 0.5)], note: `calm: ${percentile(calm, 0.5).toFixed(1)} ms; from the moment the citizen comes, opening included` },
    { what: 'p99 to a first answer', unit: 'ms', rounds: [percentile(first, 0.99)], budget: { limit: FIRST_MS, kind: 'most' }, note: `calm: ${percentile(calm, 0.99).toFixed(1)} ms; slowest ${(first.at(-1) ?? Number.NaN).toFixed(0)} ms` },
    { what: 'p99 of every answer', unit: 'ms', rounds: [percentile(all, 0.99)] },
    { what: 'refused or not answered', unit: '', rounds: [stormed.failed.length + before.failed.length], budget: { limit: 0, kind: 'most' }, ...(stormed.failed[0] === undefined ? {} : { note: `first: ${stormed.failed[0].slice(0, 120)}` }) },
  ];
}

/** What citizens said against what the database holds. */
function storedFigures(file: string, sent: number): readonly Figure[] {
  const client = new Client(file, { readonly: true });
  try {
    const one = (sql: string): number => client.prepare<[], number>(sql).pluck().get() ?? 0;
    const said = "direction = 'in' and role = 'citizen' and json_extract(content, '$.type') = 'message'";
    const stored = one(`select count(*) from activities where ${said}`);
    const distinct = one(`select count(*) from (select distinct channel, external_id from activities where ${said})`);
    return [
      { what: 'messages lost', unit: '', rounds: [Math.max(0, sent - stored)], budget: { limit: 0, kind: 'most' }, note: `${sent} were answered, ${stored} are stored` },
      { what: 'messages stored twice', unit: '', rounds: [stored - distinct], budget: { limit: 0, kind: 'most' } },
      { what: 'matters gathered', unit: '', rounds: [one('select count(*) from storms')], note: `${one('select count(*) from storm_tickets')} tickets in them, ${one('select count(*) from tickets where leading_id is not null')} follow a leading one` },
    ];
  } finally {
    client.close();
  }
}

function levelFigures(levels: readonly Level[], { requests }: Played, calmAfter: number): readonly Figure[] {
  const begin = levels[0]?.at ?? 0;
  const steps = levels.filter(({ level }, index) => level !== (levels[index - 1]?.level ?? 0));
  return [
    { what: 'highest level', unit: '', rounds: [Math.max(0, ...levels.map(({ level }) => level))], note: steps.map(({ at, level }) => `${level} after ${Math.round((at - begin) / 1000)} s`).join(', ') || `none in ${requests} requests` },
    { what: 'highest load', unit: '× normal', rounds: [Math.max(0, ...levels.map(({ load }) => load))], note: 'as the gateway measured it' },
    { what: 'calm again after the storm', unit: 's', rounds: [calmAfter / 1000] },
  ];
}

/** Rows of late suggestions. */
function readPutOff(file: string): { readonly waiting: number; readonly done: number } {
  const client = new Client(file, { readonly: true });
  try {
    const waiting = client.prepare<[], number>("select count(*) from outbox where kind = 'storm.suggest'").pluck().get() ?? 0;
    const made = client.prepare<[], number>("select count(*) from ticket_events where type = 'ticket.corrected'").pluck().get() ?? 0;
    return { waiting, done: made };
  } finally {
    client.close();
  }
}

/** Level and load every second; a scrape that fails is the next one's. */
function watchLevels(url: string, into: Level[]): { readonly stop: () => void } {
  const timer = setInterval(() => {
    fetch(`${url}/metrics`)
      .then((answer) => answer.text())
      .then((text) => into.push({ at: performance.now(), level: gaugeIn(text, 'yihu_storm_level'), load: gaugeIn(text, 'yihu_storm_load_ratio') }))
      .catch(() => undefined);
  }, LOOK_MS);
  return { stop: () => clearInterval(timer) };
}

const gaugeIn = (text: string, name: string): number => Number(new RegExp(`^${name} (.+)$`, 'm').exec(text)?.[1] ?? 'NaN');

async function untilCalm(context: BenchContext, levels: readonly Level[], file: string): Promise<number> {
  const started = performance.now();
  const calm = async (): Promise<void> => {
    while (!context.stop.aborted && performance.now() - started < CALM_MOST_MS) {
      const last = levels.at(-1);
      if (last !== undefined && last.level === 0 && readPutOff(file).waiting === 0) return;
      await sleep(LOOK_MS);
    }
  };
  await orSilence(calm(), () => performance.now());
  return performance.now() - started;
}
