import { setImmediate as nextTurn } from 'node:timers/promises';
import { isAppError } from '../domain/errors.ts';
import type { Store } from '../store/contract.ts';
import { refusalOf } from './life.ts';
import { inspectPeriod, keep, keepRules, type Made, type QualityContext } from './work.ts';

/**
 * Inspects services that have ended, one node at a time: rows drive it, so that a crash loses nothing and a second look does nothing twice. Thinking is done
 * between the doors; a batch and how far it got are written in one transaction.
 */

export interface QualitySweep {
  /** Everything that is due now; what another node is at is left to it. */
  run(): Promise<{ readonly inspected: number; readonly sampled: number; readonly finished: number }>;
}

const LANE = 'quality:sweep';
const LEASE_MS = 60_000;
const BATCH = 25;
/** Batches of a run; the rest follows at the next. */
const BATCHES = 40;
const PLACE = 'house';
const CURSOR = 'quality-cursor';
const VETOES = 'quality-vetoes';
const MINUTE = 60_000;
const NOTHING = { inspected: 0, sampled: 0, finished: 0 };

export function createQualitySweep(context: QualityContext, store: Store, holder: string): QualitySweep {
  const { inspector, now } = context;
  const graceMs = Math.max(1, inspector.rules.graceMinutes) * MINUTE;
  let kept = false;

  const cursorOf = (key: string): Promise<number> => store.read(async (repos) => Number((await repos.channelState.get(PLACE, key, now())) ?? '0'));

  /** Null: there is no more for now. */
  async function batch(fence: number): Promise<{ inspected: number; sampled: number } | null> {
    const from = await cursorOf(CURSOR);
    // What ended just now may still get its ticket; and a node with a slower clock may still be writing.
    const due = (await store.read((repos) => repos.services.changedAfter(from, BATCH))).filter(({ changedAt }) => changedAt <= now() - graceMs);
    const last = due.at(-1);
    if (last === undefined) return null;
    const made: Made[] = [];
    for (const period of due) {
      const one = await store.read((repos) => inspectPeriod(context, repos, period));
      if (one !== null) made.push(one);
      // Citizens' turns come between two inspections.
      await nextTurn();
    }
    return store.write(async (repos) => {
      await repos.lanes.assertFence(LANE, fence);
      if (!kept) await keepRules(context, repos);
      let [inspected, sampled] = [0, 0];
      for (const one of made) {
        if (!(await keep(repos, one))) continue;
        inspected += 1;
        if (one.inspection.state === 'sampled') sampled += 1;
      }
      if (inspected > 0) await repos.trail.append({ at: now(), actor: 'system', action: 'quality.inspected', subject: `inspections:${made[0]?.inspection.id ?? ''}`, purpose: `${inspected} 件，其中 ${sampled} 件待复核，规则 ${context.rulesVersion}` });
      await repos.channelState.put(PLACE, CURSOR, String(last.changedAt), null);
      return { inspected, sampled };
    });
  }

  /** Whom a citizen vetoed later is looked at later. */
  async function dissatisfied(fence: number): Promise<number> {
    if (!inspector.rules.sampling.dissatisfied) return 0;
    const from = await cursorOf(VETOES);
    return store.write(async (repos) => {
      await repos.lanes.assertFence(LANE, fence);
      const vetoes = (await repos.quality.vetoedAfter(from, BATCH)).filter(({ at }) => at <= now() - MINUTE);
      const last = vetoes.at(-1);
      if (last === undefined) return 0;
      let sampled = 0;
      for (const { conversationId } of vetoes) {
        if (conversationId === null) continue;
        for (const { id, version } of await repos.quality.list({ conversationId, state: 'automatic', limit: 5 })) {
          await repos.quality.update(id, version, { state: 'sampled', sampledFor: 'dissatisfied' });
          await repos.trail.append({ at: now(), actor: 'system', action: 'quality.sampled', subject: `inspection:${id}`, purpose: '市民对办理结果不满意' });
          sampled += 1;
        }
      }
      await repos.channelState.put(PLACE, VETOES, String(last.at), null);
      return sampled;
    });
  }

  async function expire(fence: number): Promise<number> {
    return store.write(async (repos) => {
      await repos.lanes.assertFence(LANE, fence);
      let finished = 0;
      for (const inspection of await repos.quality.appealsOver(now(), BATCH)) {
        if (refusalOf(inspection, 'expire', 'house', now()) !== null) continue;
        await repos.quality.update(inspection.id, inspection.version, { state: 'final', finalAt: now() });
        await repos.trail.append({ at: now(), actor: 'system', action: 'quality.expired', subject: `inspection:${inspection.id}`, purpose: null });
        finished += 1;
      }
      return finished;
    });
  }

  return {
    async run() {
      const fence = await store.write((repos) => repos.lanes.acquire(LANE, holder, now(), LEASE_MS));
      if (fence === null) return NOTHING;
      const done = { ...NOTHING };
      try {
        for (let count = 0; count < BATCHES; count += 1) {
          const one = await batch(fence);
          if (one === null) break;
          kept = true;
          done.inspected += one.inspected;
          done.sampled += one.sampled;
          if (!(await store.write((repos) => repos.lanes.renew(LANE, fence, now(), LEASE_MS)))) return done;
          await nextTurn();
        }
        done.sampled += await dissatisfied(fence);
        done.finished += await expire(fence);
      } catch (error) {
        // Another node has it now, and goes on where the last batch ended.
        if (!isAppError(error) || error.code !== 'lane.fenced') throw error;
        return done;
      }
      await store.write((repos) => repos.lanes.release(LANE, fence));
      return done;
    },
  };
}
