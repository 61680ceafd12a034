import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { calm, givenUpAt, levelFor, nextStorm, type StormRules, type StormSignals, type StormState } from '../../src/domain/storm.ts';

const rules: StormRules = {
  levels: [
    { name: '关注', from: { load: 2, wait: 1_000 }, givesUp: ['typing'] },
    { name: '繁忙', from: { load: 4, wait: 2_000 }, givesUp: ['long-answers'] },
    { name: '高峰', from: { load: 8 }, givesUp: ['rollups', 'suggestions'] },
  ],
  fallBelow: 0.5,
  calmMs: 60_000,
};
const pressed = (over: Partial<StormSignals>): StormSignals => ({ load: 0, wait: 0, loop: 0, lanes: 0, ...over });
/** One look every five seconds. */
const play = (state: StormState, signals: readonly StormSignals[], from = 0): StormState => signals.reduce((now, each, look) => nextStorm(rules, now, each, from + look * 5_000), state);

describe('the level of a storm', () => {
  it('is the highest that any signal asks for, with its reason', () => {
    expect(levelFor(rules, pressed({ load: 1.9 }))).toEqual({ level: 0, cause: null });
    expect(levelFor(rules, pressed({ load: 3, wait: 2_500 }))).toEqual({ level: 2, cause: { signal: 'wait', value: 2_500, limit: 2_000 } });
  });

  it('rises one step a look, so that what is given up goes in its order', () => {
    const heavy = pressed({ load: 12 });
    const first = play(calm(0), [heavy]);
    expect([first.level, first.began, first.cause?.signal]).toEqual([1, 0, 'load']);
    expect(play(calm(0), [heavy, heavy]).level).toBe(2);
    expect(play(calm(0), [heavy, heavy, heavy, heavy])).toMatchObject({ level: 3, began: 0, since: 10_000 });
    expect(givenUpAt(rules, 2)).toEqual(['typing', 'long-answers']);
    expect(givenUpAt(rules, 0)).toEqual([]);
  });

  it('falls one step after a calm time, and not while it flutters about the threshold', () => {
    const top = play(calm(0), [pressed({ load: 9 }), pressed({ load: 9 }), pressed({ load: 9 })]);
    // Above half of the threshold it stays, however long.
    expect(nextStorm(rules, play(top, Array.from({ length: 40 }, () => pressed({ load: 4.5 })), 15_000), pressed({ load: 4.5 }), 500_000).level).toBe(3);
    const calming = nextStorm(rules, top, pressed({ load: 1 }), 20_000);
    expect(calming).toMatchObject({ level: 3, calmSince: 20_000 });
    expect(nextStorm(rules, calming, pressed({ load: 5 }), 50_000)).toMatchObject({ level: 3, calmSince: null });
    const down = nextStorm(rules, calming, pressed({ load: 1 }), 80_000);
    expect(down).toMatchObject({ level: 2, since: 80_000, calmSince: 80_000, cause: null });
    expect(nextStorm(rules, down, pressed({}), 100_000).level).toBe(2);
    const low = nextStorm(rules, down, pressed({}), 140_000);
    expect(nextStorm(rules, low, pressed({}), 200_000)).toMatchObject({ level: 0, began: null });
  });

  it('stands where a person has set it until then', () => {
    const pinned = { ...calm(0), pin: { level: 2, until: 100_000, by: 'seat:1' } };
    const set = nextStorm(rules, pinned, pressed({ load: 12 }), 5_000);
    expect(set).toMatchObject({ level: 2, cause: { signal: 'hand' } });
    expect(nextStorm(rules, set, pressed({ load: 12 }), 99_999).level).toBe(2);
    expect(nextStorm(rules, set, pressed({ load: 12 }), 100_000)).toMatchObject({ level: 3, pin: null });
    expect(nextStorm(rules, { ...set, pin: { level: 0, until: 200_000, by: 'seat:1' } }, pressed({ load: 12 }), 110_000)).toMatchObject({ level: 0, began: null });
  });

  it('never jumps, whatever comes', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ load: fc.float({ min: 0, max: 40, noNaN: true }), wait: fc.nat(9_000), loop: fc.nat(3_000), lanes: fc.nat(9_000) }), { maxLength: 80 }), (looks) => {
        let state = calm(0);
        for (const [index, signals] of looks.entries()) {
          const next = nextStorm(rules, state, signals, index * 5_000);
          expect(Math.abs(next.level - state.level)).toBeLessThanOrEqual(1);
          expect(next.level).toBeLessThanOrEqual(rules.levels.length);
          expect(next.began === null).toBe(next.level === 0);
          state = next;
        }
      }),
      { numRuns: 60 },
    );
  });
});
