import type { EpochMs } from '../../domain/activity.ts';
import { codeOf } from '../../domain/errors.ts';
import { calm, givenUpAt, nextStorm, type StormSignals, type StormState } from '../../domain/storm.ts';
import type { Repositories, Store } from '../../store/contract.ts';
import type { StormKeeper, StormView } from './contract.ts';
import { createStormGroups, type GroupWatch } from './groups.ts';
import { readNormal, type Normal } from './normal.ts';
import { addHistory, readHistory, readRow, writeRow, type StormHistory, type StormRow, type StormSample } from './row.ts';
import type { StormSettings } from './settings.ts';

/** The meter of one process. It counts what comes in here, agrees with the other nodes by one row, and says what is given up. */

export interface StormOptions {
  readonly settings: StormSettings;
  readonly store: Pick<Store, 'read' | 'write'>;
  readonly now: () => EpochMs;
  /** This process among the nodes. */
  readonly holder: string;
  /** How late the loop was since it was asked last, ms. */
  readonly loopMs: () => number;
  /** This node's watch for what bursts; null: none here, and nothing is gathered. */
  readonly watch?: () => GroupWatch | null;
  /** False: it only says that all is calm. */
  readonly on?: boolean;
  readonly log: { info(facts: object, text: string): void; warn(facts: object, text: string): void };
}

/** Between two looks. */
export const LOOK_MS = 5_000;
const SLOT_MS = 1_000;
const FIVE_MINUTES = 300_000;
/** What another node counted is older: it is gone. */
const GONE_MS = 4 * LOOK_MS;
const LEARN_MS = 10 * 60_000;
/** A node that hears less than this part of what the first level asks for need not tell of it. */
const QUIET = 0.4;

export function createStorm({ settings, store, now, holder, loopMs, watch = () => null, on = true, log }: StormOptions): StormKeeper {
  const { rules, windowMs } = settings;
  const heard = createWindow(windowMs, now, (a, b) => a + b);
  const waits = createWindow(windowMs, now, Math.max);
  const groups = createStormGroups(watch, settings.groups);
  const listeners = new Set<(view: StormView) => void>();
  let state: StormState = calm(now());
  let normal: Normal = { perFive: Math.max(settings.normal.least, settings.normal.set), learned: false };
  let learnedAt = -Infinity;
  let load = 0;
  let history: StormHistory = [];
  let told = false;
  let looking: Promise<void> | null = null;
  let away = false;

  const perFive = (count: number): number => (count * FIVE_MINUTES) / windowMs;
  const firstLoad = rules.levels[0]?.from.load ?? Infinity;
  const cap = Math.max(1, ...rules.levels.map(({ from }) => from.lanes ?? 1));

  const adopt = (next: StormState, nowLoad: number): void => {
    const before = state;
    state = next;
    load = nowLoad;
    if (next.level === before.level) return;
    log.info({ from: before.level, to: next.level, load: Math.round(nowLoad * 10) / 10, ...(next.cause === null ? {} : { signal: next.cause.signal, value: Math.round(next.cause.value) }) }, 'storm mode changed its level');
    for (const listener of listeners) listener(view());
  };

  /** In one transaction: this node's figures go in, the level of all comes out. */
  const agree = (own: StormSample, lanes: number): Promise<{ readonly state: StormState; readonly load: number }> =>
    store.write(async (repos) => {
      const at = now();
      const row = await readRow(repos, at);
      const nodes = { ...Object.fromEntries(Object.entries(row.nodes).filter(([id, sample]) => id !== holder && sample.at > at - GONE_MS)), [holder]: own };
      const signals = signalsOf(Object.values(nodes), lanes);
      const stepped = nextStorm(rules, row.state, signals, at);
      // Several nodes look within one interval: the steps are those of one.
      const hasty = stepped.level > row.state.level && stepped.pin === null && row.state.level > 0 && at - row.state.since < LOOK_MS * 0.8;
      const next = hasty ? row.state : stepped;
      const kept: StormRow = { state: next, nodes };
      await writeRow(repos, kept, at);
      if (next.level !== row.state.level) await noteChange(repos, row.state, next, signals.load, at);
      return { state: next, load: signals.load };
    });

  const noteChange = async (repos: Repositories, before: StormState, next: StormState, nowLoad: number, at: EpochMs): Promise<void> => {
    await addHistory(repos, { at, from: before.level, to: next.level, cause: next.cause, load: nowLoad }, at);
    const why = next.cause === null ? 'calm' : `${next.cause.signal} ${Math.round(next.cause.value * 10) / 10} of ${next.cause.limit}`;
    await repos.trail.append({ at, actor: next.cause?.signal === 'hand' && next.pin !== null ? next.pin.by : 'system', action: 'storm.level', subject: `storm:${before.level}→${next.level}`, purpose: why });
  };

  const signalsOf = (samples: readonly StormSample[], lanes: number): StormSignals => ({
    load: perFive(samples.reduce((sum, sample) => sum + sample.heard, 0)) / normal.perFive,
    wait: Math.max(0, ...samples.map((sample) => sample.wait)),
    loop: Math.max(0, ...samples.map((sample) => sample.loop)),
    lanes,
  });

  const measure = async (): Promise<void> => {
    const at = now();
    const own: StormSample = { at, heard: heard.value(), wait: waits.value(), loop: loopMs() };
    try {
      const seen = await store.read(async (repos) => {
        if (at - learnedAt >= LEARN_MS) {
          normal = await readNormal(repos, settings, at);
          learnedAt = at;
        }
        const row = await readRow(repos, at);
        return { row, lanes: (await repos.outbox.dueLanes(at, cap)).length, history: await readHistory(repos, at) };
      });
      const mine = signalsOf([own], seen.lanes);
      const quiet = mine.load < firstLoad * QUIET && nextStorm({ ...rules, levels: rules.levels.slice(0, 1) }, calm(at), mine, at).level === 0;
      const idle = quiet && seen.row.state.level === 0 && seen.row.state.pin === null && !told;
      if (idle) adopt(seen.row.state, mine.load);
      else {
        const agreed = await agree(own, seen.lanes);
        told = !quiet || agreed.state.level > 0 || agreed.state.pin !== null;
        adopt(agreed.state, agreed.load);
      }
      history = idle ? seen.history : await store.read((repos) => readHistory(repos, now()));
      if (gathers()) await store.read((repos) => groups.refresh(repos, now()));
      away = false;
    } catch (error) {
      if (!away) log.warn({ code: codeOf(error) }, 'storm mode goes by what this node alone counts: the store does not answer');
      away = true;
      const mine = signalsOf([own], 0);
      adopt(nextStorm(rules, state, mine, at), mine.load);
    }
  };

  const view = (): StormView => ({
    level: state.level, name: rules.levels[state.level - 1]?.name ?? null, since: state.since, began: state.began, load, perFive: load * normal.perFive, normal: normal.perFive, learned: normal.learned,
    givesUp: givenUpAt(rules, state.level), cause: state.cause, pin: state.pin, history,
  });
  const gathers = (): boolean => on && state.level >= settings.groups.from;

  return {
    settings, view, groups, gathers,
    givesUp: (what) => state.level > 0 && givenUpAt(rules, state.level).includes(what),
    heard: () => heard.add(1),
    waited: (ms) => waits.add(ms),
    onChange: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    look: () => {
      if (!on) return Promise.resolve();
      looking ??= measure().finally(() => {
        looking = null;
      });
      return looking;
    },
    pin: async (repos, pin) => {
      const at = now();
      const row = await readRow(repos, at);
      const next = nextStorm(rules, { ...row.state, pin }, signalsOf(Object.values(row.nodes), 0), at);
      await writeRow(repos, { ...row, state: next }, at);
      if (next.level !== row.state.level) await noteChange(repos, row.state, next, load, at);
    },
    pinned: async () => {
      await looking;
      told = true;
      await measure();
    },
  };
}

/** Figures of the last so many ms, by the second. */
function createWindow(ms: number, now: () => EpochMs, join: (a: number, b: number) => number): { add(value: number): void; value(): number } {
  const slots = new Map<number, number>();
  return {
    add: (value) => {
      const slot = Math.floor(now() / SLOT_MS);
      const before = slots.get(slot);
      slots.set(slot, before === undefined ? value : join(before, value));
    },
    value: () => {
      const oldest = Math.floor((now() - ms) / SLOT_MS);
      let value = 0;
      for (const [slot, part] of slots) {
        if (slot <= oldest) slots.delete(slot);
        else value = join(value, part);
      }
      return value;
    },
  };
}
