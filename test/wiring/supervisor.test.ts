import { describe, expect, it } from 'vitest';
import { AT_ONCE_MS, createSupervisor, MAX_AT_ONCE, type Supervisor } from '../../src/wiring/supervisor.ts';

interface Scene {
  readonly supervisor: Supervisor;
  /** Every start so far: number from 0, and whether it greets. */
  readonly forked: readonly (readonly [slot: number, greets: boolean])[];
  readonly told: readonly number[];
  readonly lines: readonly string[];
  /** The waits before starts that are to come. */
  waits(): readonly number[];
  pass(ms: number): void;
  /** Undefined while it runs. */
  exitCode(): Promise<number | undefined>;
}

function open(processes: number): Scene {
  const forked: (readonly [number, boolean])[] = [];
  const told: number[] = [];
  const lines: string[] = [];
  let at = 0;
  let timers: { readonly at: number; readonly ms: number; readonly act: () => void }[] = [];
  const log = { info: (_: object, text: string) => void lines.push(text), warn: (_: object, text: string) => void lines.push(text), error: (_: object, text: string) => void lines.push(text) };
  const supervisor = createSupervisor({
    processes,
    now: () => at,
    later: (ms, act) => {
      const timer = { at: at + ms, ms, act };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    log,
    fork: (slot, { greets }) => {
      forked.push([slot, greets]);
      return () => void told.push(slot);
    },
  });
  supervisor.begin();
  return {
    supervisor, forked, told, lines,
    waits: () => timers.map(({ ms }) => ms),
    pass: (ms) => {
      at += ms;
      const due = timers.filter((timer) => timer.at <= at);
      timers = timers.filter((timer) => timer.at > at);
      for (const { act } of due) act();
    },
    exitCode: () => Promise.race([supervisor.done, new Promise<undefined>((resolve) => void setImmediate(() => resolve(undefined)))]),
  };
}

const KILLED = { code: null, signal: 'SIGKILL' } as const;
const IN_ORDER = { code: 0, signal: null } as const;

describe('who watches over the processes of a machine', () => {
  it('starts the first, and each further one when the one before listens; only the very first greets', () => {
    const { supervisor, forked } = open(3);
    expect(forked).toEqual([[0, true]]);
    supervisor.listens(0);
    expect(forked).toEqual([[0, true], [1, false]]);
    supervisor.listens(0); // on a second address
    expect(forked).toHaveLength(2);
    supervisor.listens(1);
    expect(forked).toEqual([[0, true], [1, false], [2, false]]);
  });

  it.each([[{ code: 1, signal: null }, 1], [{ code: 3, signal: null }, 3], [IN_ORDER, 1], [KILLED, 1]] as const)('is what its first process is before it listens: ended with %j, it ends with %d', async (ending, code) => {
    const { supervisor, forked, exitCode } = open(2);
    supervisor.ended(0, ending);
    expect(await exitCode()).toBe(code);
    expect(forked).toHaveLength(1);
  });

  it('starts one that died anew, without a greeting, and says with what it died', async () => {
    const { supervisor, forked, lines, waits, pass, exitCode } = open(2);
    supervisor.listens(0);
    supervisor.listens(1);
    pass(AT_ONCE_MS);
    supervisor.ended(0, KILLED);
    expect([lines.at(-1), forked.length]).toEqual(['a process ended by itself: it is started anew', 2]);
    pass(waits()[0] ?? 0);
    expect(forked.at(-1)).toEqual([0, false]);
    expect(await exitCode()).toBeUndefined();
  });

  it('waits longer and longer while one dies at once, and begins anew when it has lived', async () => {
    const { supervisor, pass, exitCode, waits } = open(2);
    supervisor.listens(0);
    supervisor.listens(1);
    const waited: number[] = [];
    const die = (): void => {
      supervisor.ended(1, KILLED);
      waited.push(waits()[0] ?? 0);
      pass(waits()[0] ?? 0);
    };
    for (let time = 1; time < MAX_AT_ONCE; time += 1) die();
    expect(waited).toEqual(waited.toSorted((a, b) => a - b));
    expect(new Set(waited).size).toBe(MAX_AT_ONCE - 1);
    supervisor.listens(1);
    pass(AT_ONCE_MS);
    die();
    expect(waited.at(-1)).toBeLessThan(waited[0] ?? 0);
    expect(await exitCode()).toBeUndefined();
  });

  it('gives up on one that dies at once again and again: the others end in order, the house with 1', async () => {
    const { supervisor, told, lines, pass, exitCode, waits } = open(2);
    supervisor.listens(0);
    supervisor.listens(1);
    for (let time = 1; time <= MAX_AT_ONCE; time += 1) {
      supervisor.ended(1, { code: 1, signal: null });
      pass(waits()[0] ?? 0);
    }
    expect(told).toEqual([0]);
    expect(lines).toContain('a process died at once again and again: the house ends');
    expect(await exitCode()).toBeUndefined();
    supervisor.ended(0, IN_ORDER);
    expect(await exitCode()).toBe(1);
  });

  it('ends all in order, once, and with 0', async () => {
    const { supervisor, told, forked, exitCode } = open(2);
    supervisor.listens(0);
    supervisor.listens(1);
    supervisor.stop('SIGTERM');
    supervisor.stop('SIGINT');
    expect(told).toEqual([0, 1]);
    supervisor.ended(1, IN_ORDER);
    expect(await exitCode()).toBeUndefined();
    supervisor.ended(0, IN_ORDER);
    expect([await exitCode(), forked.length]).toEqual([0, 2]);
  });

  it('ends with 1 when one of them does not end in order', async () => {
    const { supervisor, exitCode } = open(2);
    supervisor.listens(0);
    supervisor.listens(1);
    supervisor.stop('SIGTERM');
    supervisor.ended(1, KILLED);
    supervisor.ended(0, IN_ORDER);
    expect(await exitCode()).toBe(1);
  });

  it('starts nothing any more once it stops, and asks nothing of what did not listen yet', async () => {
    const { supervisor, forked, waits, pass, exitCode } = open(3);
    supervisor.listens(0);
    pass(AT_ONCE_MS);
    supervisor.ended(0, KILLED);
    supervisor.stop('SIGTERM');
    expect(waits()).toEqual([]);
    supervisor.ended(1, { code: null, signal: 'SIGTERM' });
    expect([await exitCode(), forked.length]).toEqual([0, 2]);
  });
});
