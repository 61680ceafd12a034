import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { explore, STEPS } from './explore.ts';
import { stuck, violated } from './invariants.ts';
import { apply, INITIAL, isEnabled, SOUND, type State, type Step, type Variant } from './model.ts';

/** Every interleaving of a few steps, then long ways by chance, which shrink when they break the law. */

const someSteps = (length: number): fc.Arbitrary<readonly Step[]> => fc.array(fc.constantFrom(...STEPS), { minLength: 1, maxLength: length, size: 'max' });

/** Those of the steps that can happen, one after the other; tells the first state that breaks the law. */
function walk(steps: readonly Step[], variant: Variant = SOUND, from: State = INITIAL): { readonly state: State; readonly broken: string | null } {
  let state = from;
  for (const step of steps) {
    if (!isEnabled(state, step, variant)) continue;
    state = apply(state, step, variant).state;
    const broken = violated(state);
    if (broken !== null) return { state, broken };
  }
  return { state, broken: stuck(state, variant) };
}

/** Node 0 has taken the lane with the first two of three messages. */
const CONTENDED: State = walk([
  { do: 'receive', node: 1, talk: 0 }, { do: 'receive', node: 0, talk: 0 }, { do: 'receive', node: 1, talk: 0 },
  { do: 'look', node: 0 }, { do: 'acquire', node: 0, talk: 0 },
]).state;

describe('lane, outbox and lease', () => {
  it('keep the law in every interleaving from an empty house', () => {
    const { states, steps, counterexample } = explore({ depth: 4 });
    expect(counterexample).toBeNull();
    expect(states).toBeGreaterThan(1_000);
    expect(steps).toBeGreaterThan(states);
  });

  it('keep the law in every interleaving of two nodes over one conversation, deeper', () => {
    const left: readonly Step['do'][] = ['skew', 'flush', 'bury', 'complete'];
    const { states, counterexample } = explore({ depth: 6, steps: STEPS.filter((step) => (!('talk' in step) || step.talk === 0) && !left.includes(step.do)), from: CONTENDED });
    expect(counterexample).toBeNull();
    expect(states).toBeGreaterThan(5_000);
  });

  it('keep the law on long ways', () => {
    fc.assert(
      fc.property(someSteps(120), (steps) => {
        expect(walk(steps).broken).toBeNull();
      }),
      { numRuns: 1_000, seed: 20_261_122 },
    );
  });

  it('do something on long ways, or the property above would be worth nothing', () => {
    const ends = fc.sample(someSteps(120), { numRuns: 200, seed: 20_261_122 }).map((steps) => walk(steps).state);
    expect(ends.filter(({ accepted }) => accepted[0].length > 3).length).toBeGreaterThan(50);
    expect(ends.filter(({ rows }) => rows.length > 0).length).toBeGreaterThan(20);
    expect(ends.filter(({ buried }) => buried.length > 0).length).toBeGreaterThan(5);
    expect(ends.filter(({ lanes }) => lanes[0].fence > 0).length).toBeGreaterThan(20);
  });

  it('turn an idle conversation at once and let a busy one wait', () => {
    expect(CONTENDED.rows.map(({ id }) => id)).toEqual(['0.1', '0.2', '0.3']);
    expect(apply(CONTENDED, { do: 'receive-inline', node: 1, talk: 0 }).answer).toBe('queued');
    expect(apply(CONTENDED, { do: 'receive-inline', node: 1, talk: 1 }).answer).toBe('turned at once');
  });

  it('stop a holder that slept', () => {
    const slept = walk([{ do: 'pause', node: 0 }, { do: 'expire' }, { do: 'look', node: 1 }, { do: 'acquire', node: 1, talk: 0 }, { do: 'resume', node: 0 }], SOUND, CONTENDED);
    expect(slept.broken).toBeNull();
    const { state, answer } = apply(slept.state, { do: 'commit', node: 0, talk: 0 });
    expect(answer).toBe('fenced');
    expect(state.effects[0]).toEqual([]);
    expect(apply(state, { do: 'commit', node: 1, talk: 0 }).answer).toBe('done');
  });
});

describe('the checker', () => {
  const broken: readonly (readonly [name: string, variant: Variant, says: RegExp])[] = [
    ['a holder whose fence nobody asks for', { ...SOUND, fence: false }, /fenced holder has written/],
    ['a completion in a transaction of its own', { ...SOUND, completionInside: false }, /two effects/],
    ['an inbox that forgets', { ...SOUND, inbox: false }, /two effects/],
    ['an inline turn that does not ask whether the lane is free', { ...SOUND, passability: false }, /out of order/],
  ];
  for (const [name, variant, says] of broken) {
    it(`sees ${name}, and shows the shortest way to it`, () => {
      const { counterexample } = explore({ depth: 6, from: CONTENDED, variant });
      expect(counterexample?.why).toMatch(says);
      expect(counterexample?.way.length).toBeLessThanOrEqual(5);
      // The same way is harmless in the sound model.
      expect(walk(counterexample?.way ?? [], SOUND, CONTENDED).broken).toBeNull();
    });

    it(`finds ${name} on ways by chance, and shrinks them`, () => {
      const found = fc.check(fc.property(someSteps(80), (steps) => walk(steps, variant).broken === null), { numRuns: 3_000, seed: 20_261_122 });
      expect(found.failed).toBe(true);
      expect(found.counterexample?.[0].length).toBeLessThanOrEqual(12);
    });
  }
});
