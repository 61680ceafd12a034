import type { EpochMs } from './activity.ts';

/**
 * Storm mode (高峰模式): how hard the house is pressed, and what it gives up for it, in an order that config/storm.yaml names. Pure: what was
 * measured and what holds go in, what holds from now on comes out. Every node asks the same question of the same figures.
 */

/** What can be given up. Emergencies, a person, and taking what a citizen says are not among it. */
export const GIVEN_UP = ['typing', 'long-answers', 'rollups', 'background', 'suggestions'] as const;
export type GivenUp = (typeof GIVEN_UP)[number];

/** What presses: messages against the usual, turns that wait, a loop that is late, conversations whose work is due. */
export const SIGNALS = ['load', 'wait', 'loop', 'lanes'] as const;
export type StormSignal = (typeof SIGNALS)[number];

/** `load`: × the usual; `wait` and `loop`: ms; `lanes`: how many. */
export type StormSignals = Readonly<Record<StormSignal, number>>;

export interface StormLevel {
  readonly name: string;
  /** From here on; a signal that is left out does not lead to this level. */
  readonly from: Partial<StormSignals>;
  /** Given up from this level on, beside what the levels below have given up. */
  readonly givesUp: readonly GivenUp[];
}

export interface StormRules {
  /** Level 1 first; level 0 is calm. */
  readonly levels: readonly StormLevel[];
  /** A level is left when all its signals lie below this part of its thresholds … */
  readonly fallBelow: number;
  /** … for so long, ms; each further step down takes as long again. */
  readonly calmMs: number;
}

/** Why a level was reached; null: the pressure was gone. */
export interface StormCause {
  readonly signal: StormSignal | 'hand';
  readonly value: number;
  readonly limit: number;
}

/** A person has set the level. */
export interface StormPin {
  readonly level: number;
  readonly until: EpochMs;
  readonly by: string;
}

export interface StormState {
  /** 0: calm. */
  readonly level: number;
  /** Since when this level holds. */
  readonly since: EpochMs;
  /** Since when it has not been calm; null: it is. */
  readonly began: EpochMs | null;
  /** Since when the pressure lies below what this level holds by. */
  readonly calmSince: EpochMs | null;
  readonly cause: StormCause | null;
  readonly pin: StormPin | null;
}

export const calm = (now: EpochMs): StormState => ({ level: 0, since: now, began: null, calmSince: null, cause: null, pin: null });

/** The highest level that any signal asks for, and which signal; level 0 when none does. */
export function levelFor({ levels }: StormRules, signals: StormSignals): { readonly level: number; readonly cause: StormCause | null } {
  for (let level = levels.length; level > 0; level -= 1) {
    for (const signal of SIGNALS) {
      const limit = levels[level - 1]?.from[signal];
      if (limit !== undefined && signals[signal] >= limit) return { level, cause: { signal, value: signals[signal], limit } };
    }
  }
  return { level: 0, cause: null };
}

/**
 * What holds from now on. Up at once, but one step a look, so that what is given up goes in its order and a single spike does not take
 * everything; down one step after the pressure has stayed below for a while, so that it does not flutter.
 */
export function nextStorm(rules: StormRules, state: StormState, signals: StormSignals, now: EpochMs): StormState {
  const pin = state.pin !== null && state.pin.until > now ? state.pin : null;
  const at = { ...state, pin };
  if (pin !== null) return pin.level === state.level ? at : moved(at, pin.level, { signal: 'hand', value: pin.level, limit: pin.level }, now);
  const wanted = levelFor(rules, signals);
  if (wanted.level > state.level) return moved(at, state.level + 1, wanted.cause, now);
  if (state.level === 0) return state.calmSince === null && state.pin === null ? state : { ...at, calmSince: null };
  if (wanted.level === state.level || holdsOn(rules, state.level, signals)) return { ...at, calmSince: null };
  const calmSince = state.calmSince ?? now;
  if (now - calmSince < rules.calmMs) return { ...at, calmSince };
  return { ...moved(at, state.level - 1, null, now), calmSince: state.level === 1 ? null : now };
}

/** Everything that is given up at a level, in its order. */
export function givenUpAt({ levels }: Pick<StormRules, 'levels'>, level: number): readonly GivenUp[] {
  return levels.slice(0, level).flatMap(({ givesUp }) => givesUp);
}

function moved(state: StormState, level: number, cause: StormCause | null, now: EpochMs): StormState {
  return { ...state, level, since: now, began: level === 0 ? null : (state.began ?? now), calmSince: null, cause };
}

function holdsOn({ levels, fallBelow }: StormRules, level: number, signals: StormSignals): boolean {
  return SIGNALS.some((signal) => {
    const limit = levels[level - 1]?.from[signal];
    return limit !== undefined && signals[signal] >= limit * fallBelow;
  });
}
