import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createRota } from '../../src/channel/rota.ts';

const PERIOD_MS = 30_000;

describe('rota', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('gives each member one turn a period, and never all at once', () => {
    const turns = new Map<number, number>();
    let atOnce = 0;
    const rota = createRota<number>(PERIOD_MS, (members) => {
      for (const member of members) turns.set(member, (turns.get(member) ?? 0) + 1);
      atOnce += members.length;
    });
    for (let member = 0; member < 1_000; member += 1) rota.add(member);
    let most = 0;
    for (let step = 0; step < 100; step += 1) {
      atOnce = 0;
      vi.advanceTimersByTime(PERIOD_MS / 100);
      most = Math.max(most, atOnce);
    }
    rota.stop();
    expect(turns.size).toBe(1_000);
    expect(new Set(turns.values())).toEqual(new Set([1]));
    expect(most).toBe(10);
  });

  it('forgets who leaves, also in their own turn, and rests when nobody is left', () => {
    const seen: string[] = [];
    const rota = createRota<string>(PERIOD_MS, ([member]) => {
      if (member === undefined) return;
      seen.push(member);
      rota.remove(member);
    });
    rota.add('a');
    rota.add('a');
    rota.add('b');
    rota.remove('b');
    vi.advanceTimersByTime(PERIOD_MS * 3);
    expect(seen).toEqual(['a']);
    expect(vi.getTimerCount()).toBe(0);
    rota.add('c');
    vi.advanceTimersByTime(PERIOD_MS);
    expect(seen).toEqual(['a', 'c']);
  });
});
