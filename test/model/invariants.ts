import { isQuiet, PLACES, settle, type State, type Step, type Variant } from './model.ts';

/** What law 1 says about a state; null when it holds, else what is broken. */
export function violated(state: State): string | null {
  if (state.staleWrites > 0) return 'a fenced holder has written';
  for (const talk of PLACES) {
    const effects = state.effects[talk];
    if (new Set(effects).size !== effects.length) return `an accepted message had two effects: ${effects.join(' ')}`;
    const places = effects.map((id) => state.accepted[talk].indexOf(id));
    if (places.some((place) => place === -1)) return 'an effect of nothing';
    if (places.some((place, index) => place < (places[index - 1] ?? -1))) return `effects out of order: ${effects.join(' ')}`;
    const waiting = state.rows.filter((row) => row.talk === talk).map(({ id }) => id);
    const lost = state.accepted[talk].find((id) => !effects.includes(id) && !waiting.includes(id));
    if (lost !== undefined) return `an accepted message is lost: ${lost}`;
  }
  return null;
}

/** From here two fair nodes bring everything to its end, and the law still holds. */
export function stuck(state: State, variant: Variant, play?: (step: Step) => void): string | null {
  const end = settle(state, variant, play);
  if (end === null) return `stuck: ${JSON.stringify(state.rows)}`;
  const broken = violated(end);
  if (broken !== null) return broken;
  for (const talk of PLACES) {
    const missing = end.accepted[talk].filter((id) => !end.effects[talk].includes(id) && !end.buried.includes(id));
    if (missing.length > 0) return `never done: ${missing.join(' ')}`;
  }
  return isQuiet(end) ? null : 'not quiet';
}
