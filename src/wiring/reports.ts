import { codeOf } from '../domain/errors.ts';
import type { IntakeContext } from '../intake/context.ts';
import type { Schedule } from '../reports/schedule.ts';
import type { MakerContext } from '../reports/work.ts';

/** Reports of a node: what is asked for is made one after the other, behind everything else. What makes them is loaded when there is something to make. */

/** Between two looks when nobody calls: another node may have been asked, or a schedule's moment come. */
const LOOK_MS = 15_000;
/** The first look; a start has other things to do. */
const FIRST_MS = 20_000;
/** Asked here: at once, but after the answer. */
const SOON_MS = 50;

export interface ReportTending {
  /** Something was asked for on this node. */
  wake(): void;
  /** What is being made is given up: another node, or the next start, begins it anew. */
  stop(): void;
}

export interface ReportTendingOptions {
  readonly context: IntakeContext;
  readonly schedules: readonly Schedule[];
  readonly targets: Readonly<Record<string, number>>;
  /** Words that the segmenter keeps whole. */
  readonly words: readonly string[];
  readonly quality?: MakerContext['quality'];
  readonly after?: (ms: number, run: () => void) => () => void;
}

const afterMs = (ms: number, run: () => void): (() => void) => {
  const timer = setTimeout(run, ms);
  timer.unref();
  return () => clearTimeout(timer);
};

export function tendReports({ context, schedules, targets, words, quality, after = afterMs }: ReportTendingOptions): ReportTending {
  const { store, city, log, lease } = context;
  const seen = new Set<string>();
  let stopped = false;
  let working = false;
  let callOff: () => void = () => {};

  const makeAll = async (): Promise<void> => {
    const [{ workOnce }, { openTopics }] = await Promise.all([import('../reports/work.ts'), import('../reports/topics/thread.ts')]);
    const maker: MakerContext = {
      read: (fn) => store.read(fn), write: (fn) => store.write(fn), city, now: context.now, newId: context.newId, schedules, holder: lease.holder, seen, targets, log,
      openTopics: (options) => openTopics(options, words), ...(quality === undefined ? {} : { quality }),
    };
    for (let more = true; more && !stopped; ) more = await workOnce(maker);
  };
  const look = async (): Promise<void> => {
    // Put off in a storm: what is asked for stays in the list.
    if (context.storm?.givesUp('background') === true) return plan(LOOK_MS);
    working = true;
    try {
      await makeAll();
    } catch (error) {
      log.warn({ code: codeOf(error) }, 'reports could not be looked after: tried again');
    }
    working = false;
    plan(LOOK_MS);
  };
  const plan = (ms: number): void => {
    if (stopped) return;
    callOff();
    callOff = after(ms, () => void look());
  };
  plan(FIRST_MS);
  return {
    wake: () => {
      if (!working) plan(SOON_MS);
    },
    stop: () => {
      stopped = true;
      callOff();
    },
  };
}
