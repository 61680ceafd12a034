import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createStore, type Store } from '../../src/store/index.ts';
import { temporaryFolder, testVault } from '../store/support.ts';
import { STEPS } from './explore.ts';
import { apply, INITIAL, isEnabled, settle, SOUND, type State, type Step } from './model.ts';
import { openReal, storedOf } from './real.ts';

/** The model cannot drift away from the code: the same steps are done on a real store, and every answer must be the same. */

const folder = temporaryFolder();
let store: Store;
let runs = 0;

beforeAll(async () => {
  store = await createStore({ dataDir: folder.path, synchronous: 'NORMAL', vault: testVault() });
});
afterAll(async () => {
  await store.close();
  folder.remove();
});

async function playBoth(steps: readonly Step[]): Promise<State> {
  const real = await openReal(store, `run${(runs += 1)}`);
  let state = INITIAL;
  for (const step of steps) {
    if (!isEnabled(state, step, SOUND)) continue;
    const next = apply(state, step, SOUND);
    expect(`${step.do}: ${await real.play(step)}`).toBe(`${step.do}: ${next.answer}`);
    state = next.state;
  }
  expect(await real.look()).toEqual(storedOf(state));
  // And the end that fair nodes bring about is the same end.
  const rest: Step[] = [];
  const end = settle(state, SOUND, (step) => void rest.push(step));
  for (const step of rest) await real.play(step);
  expect(end === null ? null : storedOf(end)).toEqual(await real.look());
  return state;
}

/** More of what fills lanes than of what empties nodes, so that ways lead somewhere. */
const steps = fc.array(fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...STEPS) }, { weight: 2, arbitrary: fc.constantFrom(...STEPS.filter((step) => ['receive', 'receive-inline', 'look', 'acquire', 'commit'].includes(step.do))) }), { minLength: 10, maxLength: 60, size: 'max' });

describe('the store does what the model does', () => {
  it('on ways by chance', async () => {
    const seen = { queued: 0, dead: 0, fences: 0 };
    await fc.assert(
      fc.asyncProperty(steps, async (way) => {
        const state = await playBoth(way);
        seen.queued += state.nextPosition - 1;
        seen.dead += state.buried.length;
        seen.fences += state.lanes.filter(({ fence }) => fence > 0).length;
      }),
      { numRuns: 60, seed: 20_261_122 },
    );
    expect(seen.queued).toBeGreaterThan(20);
    expect(seen.dead).toBeGreaterThan(0);
    expect(seen.fences).toBeGreaterThan(10);
  });

  it('where a holder slept and another took over', async () => {
    const state = await playBoth([
      { do: 'receive', node: 0, talk: 0 }, { do: 'receive', node: 0, talk: 0 }, { do: 'look', node: 0 }, { do: 'acquire', node: 0, talk: 0 },
      { do: 'pause', node: 0 }, { do: 'expire' }, { do: 'look', node: 1 }, { do: 'acquire', node: 1, talk: 0 }, { do: 'commit', node: 1, talk: 0 },
      { do: 'resume', node: 0 }, { do: 'commit', node: 0, talk: 0 }, { do: 'receive-inline', node: 0, talk: 0 }, { do: 'commit', node: 1, talk: 0 },
    ]);
    expect(state.effects[0]).toEqual(['0.1', '0.2']);
    expect(state.rows.map(({ id }) => id)).toEqual(['0.3']);
  });
});
