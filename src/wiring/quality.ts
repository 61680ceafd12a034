import { codeOf } from '../domain/errors.ts';
import type { IntakeContext, Log } from '../intake/context.ts';
import { everyMs, type Every } from '../store/follow.ts';
import { loadQuality, versionOf } from '../quality/file.ts';
import { createInspector } from '../quality/inspect.ts';
import { createQualitySweep } from '../quality/sweep.ts';
import type { QualityContext } from '../quality/work.ts';

/** Between two looks for services to inspect; what ended waits for its grace anyway. */
const LOOK_MS = 60_000;

/**
 * The rules of config/quality.yaml, compiled.
 * @throws AppError `config.invalid` with every fault and its place
 */
export function openQuality(root: string, { now, newId, clock }: Pick<IntakeContext, 'now' | 'newId' | 'clock'>): QualityContext {
  const rules = loadQuality(root);
  return { now, newId, clock, inspector: createInspector(rules), rulesVersion: versionOf(rules) };
}

/** Inspects what has ended, on nodes that carry work. @returns how to stop it; what is under way is finished */
export function tendQuality(quality: QualityContext, { store, lease, storm }: Pick<IntakeContext, 'store' | 'lease' | 'storm'>, log: Pick<Log, 'info' | 'warn'>, every: Every = everyMs): () => Promise<void> {
  const sweep = createQualitySweep(quality, store, lease.holder);
  let running: Promise<void> | null = null;
  const look = async (): Promise<void> => {
    try {
      const done = await sweep.run();
      if (done.inspected + done.sampled + done.finished > 0) log.info(done, 'services inspected');
    } catch (error) {
      log.warn({ code: codeOf(error) }, 'services could not be inspected: tried again');
    }
    running = null;
  };
  const stop = every(LOOK_MS, () => {
    // Put off in a storm: the sweep goes on where it was.
    if (storm?.givesUp('background') === true) return;
    running ??= look();
  });
  return async () => {
    stop();
    await running;
  };
}
