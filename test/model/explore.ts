import { stuck, violated } from './invariants.ts';
import { apply, INITIAL, isEnabled, PLACES, SKEW_MS, SOUND, type State, type Step, type Variant } from './model.ts';

/** Every step there is. */
export const STEPS: readonly Step[] = [
  ...PLACES.flatMap((node): readonly Step[] => [
    ...PLACES.flatMap((talk): readonly Step[] => (['receive', 'receive-inline', 'resend', 'acquire', 'commit', 'complete', 'retry', 'bury', 'renew', 'release'] as const).map((act) => ({ do: act, node, talk }))),
    { do: 'look', node }, { do: 'crash', node }, { do: 'pause', node }, { do: 'resume', node }, { do: 'skew', node, ms: SKEW_MS }, { do: 'skew', node, ms: -SKEW_MS },
  ]),
  { do: 'expire' },
  { do: 'flush' },
];

export interface Exploration {
  readonly states: number;
  readonly steps: number;
  /** The shortest way to a state that breaks the law. */
  readonly counterexample: { readonly why: string; readonly way: readonly Step[] } | null;
}

interface Found {
  readonly state: State;
  readonly before: Found | null;
  readonly step: Step | null;
}

/**
 * Breadth first from a state, over every interleaving of the given steps; equal states are gone on from once. In each state
 * the law must hold, and two fair nodes must be able to bring everything to its end.
 */
export function explore(given: { readonly depth: number; readonly steps?: readonly Step[]; readonly from?: State; readonly variant?: Variant }): Exploration {
  const { depth, steps = STEPS, from = INITIAL, variant = SOUND } = given;
  const known = new Set([keyOf(from)]);
  let layer: Found[] = [{ state: from, before: null, step: null }];
  let taken = 0;
  for (let level = 0; level < depth; level += 1) {
    const next: Found[] = [];
    for (const found of layer) {
      for (const step of steps) {
        if (!isEnabled(found.state, step, variant)) continue;
        taken += 1;
        const { state } = apply(found.state, step, variant);
        const key = keyOf(state);
        if (known.has(key)) continue;
        known.add(key);
        const reached = { state, before: found, step };
        const why = violated(state) ?? stuck(state, variant);
        if (why !== null) return { states: known.size, steps: taken, counterexample: { why, way: wayTo(reached) } };
        next.push(reached);
      }
    }
    layer = next;
  }
  return { states: known.size, steps: taken, counterexample: null };
}

function wayTo(found: Found): readonly Step[] {
  return found.before === null || found.step === null ? [] : [...wayTo(found.before), found.step];
}

const keyOf = (state: State): string => JSON.stringify(state);
