import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSteadyClock } from '../../src/wiring/steady-clock.ts';

const T0 = 1_795_000_000_000;

function clocks(newest: number | null) {
  const at = { wall: T0, monotonic: 500 };
  const implausible: number[] = [];
  const now = createSteadyClock({ wall: () => at.wall, monotonic: () => at.monotonic, newest, onImplausible: (ms) => implausible.push(ms) });
  const pass = (ms: number): void => {
    at.wall += ms;
    at.monotonic += ms;
  };
  return { at, now, pass, implausible };
}

describe('steady clock', () => {
  it('is the wall clock while that runs forward', () => {
    const { at, now, pass } = clocks(null);
    expect(now()).toBe(T0);
    pass(1234);
    expect(now()).toBe(T0 + 1234);
    at.wall += 3_600_000; // set forward
    expect(now()).toBe(T0 + 3_601_234);
  });

  it('begins at the newest time of the store and lets the wall catch up at half speed', () => {
    const { now, pass } = clocks(T0 + 50_000);
    expect(now()).toBe(T0 + 50_000);
    pass(40_000);
    expect(now()).toBe(T0 + 70_000);
    pass(60_000);
    expect(now()).toBe(T0 + 100_000);
    pass(1_000);
    expect(now()).toBe(T0 + 101_000);
  });

  it('goes on when the wall clock is set back under it', () => {
    const { at, now, pass } = clocks(null);
    pass(10_000);
    now();
    at.wall -= 60_000;
    pass(20_000);
    expect(now()).toBe(T0 + 20_000);
  });

  it('believes the wall when the store is absurdly far ahead, and says so', () => {
    const { now, implausible } = clocks(T0 + 86_400_000);
    expect(now()).toBe(T0);
    expect(implausible).toEqual([86_400_000]);
  });

  it('an old store changes nothing', () => expect(clocks(T0 - 1_000).now()).toBe(T0));

  it('never runs backwards, never behind the wall, and is at the wall again in time', () => {
    const step = fc.record({ pass: fc.integer({ min: 0, max: 30_000 }), jump: fc.integer({ min: -120_000, max: 120_000 }) });
    fc.assert(
      fc.property(fc.option(fc.integer({ min: -60_000, max: 600_000 })), fc.array(step, { maxLength: 30 }), (ahead, steps) => {
        const { at, now, pass } = clocks(ahead === null ? null : T0 + ahead);
        let before = now();
        for (const { pass: ms, jump } of steps) {
          pass(ms);
          at.wall += jump;
          const next = now();
          expect(next).toBeGreaterThanOrEqual(before);
          expect(next).toBeGreaterThanOrEqual(at.wall);
          before = next;
        }
        const behind = before - at.wall;
        pass(2 * behind + 1);
        expect(Math.abs(now() - at.wall)).toBeLessThanOrEqual(1);
      }),
    );
  });
});
