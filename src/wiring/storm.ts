import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Gauge, type Registry } from 'prom-client';
import type { JobHandler } from '../bus/contract.ts';
import type { IntakeContext } from '../intake/context.ts';
import type { StormKeeper } from '../intake/storm/contract.ts';
import { createStorm, LOOK_MS, type StormOptions } from '../intake/storm/keeper.ts';
import { createSuggestHandler, SUGGEST_KIND } from '../intake/storm/late-suggestions.ts';
import { createJoinHandler, JOIN_KIND } from '../intake/storm/merge.ts';
import { loadStorm } from '../intake/storm/settings.ts';
import { everyMs, type Every } from '../store/follow.ts';

/** Storm mode of a node: its meter, its looks, its gauges and its jobs. */

export interface StormHouse {
  readonly keeper: StormKeeper;
  start(): void;
  stop(): Promise<void>;
}

/** Of how late the loop is one sample in so many ms. */
const RESOLUTION_MS = 20;
const NANO = 1e6;

/**
 * @param root folder that holds `config/`
 * @throws AppError `config.invalid` with every fault of config/storm.yaml
 */
export function openStorm(root: string, options: Omit<StormOptions, 'settings' | 'loopMs'>, every: Every = everyMs): StormHouse {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  const keeper = createStorm({
    ...options,
    settings: loadStorm(root),
    // What a sample tells is the whole pause between two; its own length is not late.
    loopMs: () => {
      const late = Math.max(0, delay.percentile(99) / NANO - RESOLUTION_MS);
      delay.reset();
      return Number.isFinite(late) ? late : 0;
    },
  });
  let stopEvery: (() => void) | null = null;
  let looking: Promise<void> = Promise.resolve();
  const look = (): void => {
    looking = keeper.look();
  };
  return {
    keeper,
    start: () => {
      if (options.on === false) return;
      delay.enable();
      look();
      stopEvery ??= every(LOOK_MS, look);
    },
    stop: async () => {
      stopEvery?.();
      stopEvery = null;
      delay.disable();
      // One that is under way is finished before the store closes.
      await looking;
    },
  };
}

/** For `bus.start`, by outbox kind. */
export function stormHandlers(context: IntakeContext): Readonly<Record<string, JobHandler>> {
  return { [JOIN_KIND]: createJoinHandler(context), [SUGGEST_KIND]: createSuggestHandler(context) };
}

/** Processes of one machine look at the same database, each by itself: the one that is most alarmed is told. */
export function watchStorm(registry: Registry, { view, groups }: Pick<StormKeeper, 'view' | 'groups'>): void {
  const gauges: Readonly<Record<string, readonly [string, () => number]>> = {
    level: ['Level of storm mode; 0: calm', () => view().level],
    load_ratio: ['Messages of citizens ÷ what is usual at this hour', () => view().load],
    normal_messages: ['Messages of citizens that are usual in five minutes at this hour', () => view().normal],
    groups: ['Matters that are gathered now', () => (view().level === 0 ? 0 : groups.list().length)],
  };
  for (const [name, [help, read]] of Object.entries(gauges)) registry.registerMetric(new Gauge({ name: `yihu_storm_${name}`, help, aggregator: 'max', registers: [], collect() { this.set(read()); } }));
}
