import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChannelState } from '../../../src/channel/contract.ts';
import { createSendRule } from '../../../src/cli/sim/wechat-send-rule.ts';
import { createMemoryState } from '../../fakes/ports.ts';
import { createQuota, type Account, type Quota, type Reservation } from '../../../src/channel/wechat/quota.ts';

const OPENID = 'oAAAAAAAAAAAAAAAAAAAAAAAAAAA';
const T0 = 1_790_000_000_000;
const HOUR = 3_600_000;

interface Bench {
  readonly quota: Quota;
  readonly state: ChannelState;
  /** Whether the core keeps the count with the receipt. */
  readonly keeps: boolean;
  now: number;
  lastMessageAt: number | null;
  lastEventAt: number | null;
  serial: number;
}

function bench(keeps = false): Bench {
  const memory = createMemoryState(() => made.now);
  const made: Bench = { now: T0, lastMessageAt: null, lastEventAt: null, serial: 0, keeps, state: memory, quota: createQuota(memory) };
  return made;
}

/** The count as one send sees it; `commit` is what the core does with the receipt. */
async function open(b: Bench, key: string, role: 'bot' | 'seat', openid = OPENID, first = false): Promise<Account & { commit(): Promise<void> }> {
  const kept = new Map<string, { value: string; expiresAt: number | null }>();
  const context = contextOf(b, role);
  const account = await b.quota(openid, key, b.keeps ? { ...context, first, keep: (name, value, expiresAt) => void kept.set(name, { value, expiresAt }) } : context);
  return {
    ...account,
    commit: async () => {
      for (const [name, { value, expiresAt }] of kept) await b.state.put(name, value, expiresAt);
    },
  };
}

/** An attempt that ends with its reservation, as a crash or a time-out does. */
async function reserve(b: Bench, key: string, sends: number, role: 'bot' | 'seat', openid = OPENID): Promise<Reservation> {
  const account = await open(b, key, role, openid);
  const place = await account.reserve(sends);
  await account.commit();
  return place;
}

async function settle(b: Bench, key: string, places: Parameters<Account['settle']>[0]): Promise<void> {
  const account = await open(b, key, 'bot');
  await account.settle(places);
  await account.commit();
}

const contextOf = (b: Bench, role: 'bot' | 'seat') => ({
  now: b.now,
  lastMessageAt: b.lastMessageAt,
  lastInboundAt: b.lastMessageAt === null && b.lastEventAt === null ? null : Math.max(b.lastMessageAt ?? 0, b.lastEventAt ?? 0),
  role,
});

/** One whole send; the answer of the reservation. */
async function send(b: Bench, role: 'bot' | 'seat' = 'bot', sends = 1, first = false): Promise<'ok' | 'closed' | 'spent' | 'kept'> {
  const key = `k${(b.serial += 1)}`;
  const account = await open(b, key, role, OPENID, first);
  const place = await account.reserve(sends);
  if (place.ok) await account.settle({ used: sends, hold: 0 });
  await account.commit();
  return place.ok ? 'ok' : place.why;
}

const wrote = (b: Bench): void => void (b.lastMessageAt = b.now);
const entered = (b: Bench): void => void (b.lastEventAt = b.now);

async function sendMany(b: Bench, times: number, role: 'bot' | 'seat' = 'bot'): Promise<string[]> {
  const results = [];
  for (let time = 0; time < times; time += 1) results.push(await send(b, role));
  return results;
}

describe.each([['updated by itself', false], ['kept with the receipt', true]] as const)('the count of sends, %s', (_how, keeps) => {
  it('gives a message five, the last one to seats', async () => {
    const b = bench(keeps);
    wrote(b);
    expect(await sendMany(b, 5)).toEqual(['ok', 'ok', 'ok', 'ok', 'kept']);
    expect(await sendMany(b, 2, 'seat')).toEqual(['ok', 'spent']);
    expect(await send(b)).toBe('spent');
  });

  it('starts anew with the next message and does not add up', async () => {
    const b = bench(keeps);
    wrote(b);
    expect(await sendMany(b, 3)).toEqual(['ok', 'ok', 'ok']);
    b.now += 1000;
    wrote(b);
    expect(await sendMany(b, 6, 'seat')).toEqual(['ok', 'ok', 'ok', 'ok', 'ok', 'spent']);
  });

  it('ends after 48 hours, and never begins without a word of the citizen', async () => {
    const b = bench(keeps);
    expect(await send(b, 'seat')).toBe('closed');
    wrote(b);
    b.now += 48 * HOUR - 1;
    expect(await send(b)).toBe('ok');
    b.now += 1;
    expect(await send(b, 'seat')).toBe('closed');
  });

  it('gives an entered chat two within a minute', async () => {
    const b = bench(keeps);
    entered(b);
    expect(await sendMany(b, 2)).toEqual(['ok', 'kept']);
    expect(await sendMany(b, 2, 'seat')).toEqual(['ok', 'spent']);
    b.now += 1;
    entered(b);
    b.now += 59_999;
    expect(await send(b)).toBe('ok');
    b.now += 1;
    expect(await send(b, 'seat')).toBe('closed');
  });

  it('keeps the message’s window when the citizen enters again, without adding', async () => {
    const b = bench(keeps);
    wrote(b);
    b.now += 1000;
    entered(b);
    b.now += 120_000;
    expect(await sendMany(b, 5, 'seat'), 'a minute after entering the 48 hours still run').toEqual(['ok', 'ok', 'ok', 'ok', 'ok']);
    expect(await send(b, 'seat')).toBe('spent');
    entered(b);
    expect(await sendMany(b, 3, 'seat')).toEqual(['ok', 'ok', 'spent']);
  });

  it('takes lastInboundAt for a message when nobody says what it was', async () => {
    const b = bench(keeps);
    const account = await b.quota(OPENID, 'a', { now: b.now, lastInboundAt: b.now - 120_000 });
    expect(await account.reserve(1)).toEqual({ ok: true });
  });

  it('counts each citizen alone', async () => {
    const b = bench(keeps);
    wrote(b);
    await sendMany(b, 5, 'seat');
    expect(await reserve(b, 'x', 1, 'bot', 'oBBBBBBBBBBBBBBBBBBBBBBBBBBB')).toEqual({ ok: true });
  });
});

describe.each([['updated by themselves', false], ['kept with the receipt', true]] as const)('reservations, %s', (_how, keeps) => {
  it('of one send are one, however often they are made: a crash costs nothing', async () => {
    const b = bench(keeps);
    wrote(b);
    for (let attempt = 0; attempt < 10; attempt += 1) expect(await reserve(b, 'same', 1, 'bot')).toEqual({ ok: true });
    expect(await sendMany(b, 4)).toEqual(['ok', 'ok', 'ok', 'kept']);
  });

  it('are given back when nothing was sent, held when nobody knows, closed when WeChat says so', async () => {
    const b = bench(keeps);
    wrote(b);
    await reserve(b, 'a', 4, 'bot');
    await settle(b, 'a', { used: 1, hold: 0 });
    expect(await sendMany(b, 4)).toEqual(['ok', 'ok', 'ok', 'kept']);
    await reserve(b, 'b', 1, 'seat');
    await settle(b, 'b', { used: 0, hold: 1 });
    expect(await send(b, 'seat'), 'another message finds the place taken').toBe('spent');
    expect(await reserve(b, 'b', 1, 'bot'), 'its own retry has it').toEqual({ ok: true });
    b.now += 1;
    wrote(b);
    await settle(b, 'closing', { used: 0, hold: 0, close: 'spent' });
    b.now += 1;
    wrote(b);
    expect(await send(b)).toBe('ok');
    await settle(b, 'closing', { used: 0, hold: 0, close: 'spent' });
    expect(await send(b, 'seat')).toBe('spent');
  });

  it('are refused for good once WeChat says that nothing arrives, until the citizen acts', async () => {
    const b = bench(keeps);
    wrote(b);
    expect(await send(b)).toBe('ok');
    await settle(b, 'x', { used: 0, hold: 0, close: 'shut' });
    expect(await sendMany(b, 2, 'seat')).toEqual(['closed', 'closed']);
    b.now += 1;
    wrote(b);
    expect(await send(b)).toBe('ok');
  });

  it('for more than is left are refused as a whole', async () => {
    const b = bench(keeps);
    wrote(b);
    expect(await send(b, 'bot', 5)).toBe('kept');
    expect(await send(b, 'seat', 6)).toBe('kept');
    expect(await send(b, 'bot', 4)).toBe('ok');
  });
});

describe('the first send of a message, which need not read the count', () => {
  const act = fc.record({ what: fc.constantFrom('wrote', 'entered', 'bot', 'seat', 'shut'), after: fc.constantFrom(1, 30_000, 70_000) });

  it('leaves the same count behind as one that reads it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 25 }), async (acts) => {
        const [reads, knows] = [bench(true), bench(true)];
        for (const { what, after } of acts) {
          const said: string[] = [];
          for (const b of [reads, knows]) {
            b.now += after;
            if (what === 'wrote') {
              wrote(b);
              said.push(await send(b, 'bot', 1, b === knows));
            } else if (what === 'entered') entered(b);
            else if (what === 'shut') await settle(b, 'x', { used: 0, hold: 0, close: 'shut' });
            else said.push(await send(b, what));
          }
          expect(said.slice(said.length / 2)).toEqual(said.slice(0, said.length / 2));
        }
      }),
      { numRuns: 200 },
    );
  });

  it('leaves in place how far other messages have come', async () => {
    const b = bench(true);
    wrote(b);
    const half = await open(b, 'half', 'bot');
    expect(await half.reserve(2)).toEqual({ ok: true });
    await half.advance({ limit: 600, offset: 200, extras: 0 });
    b.now += 1;
    wrote(b);
    expect(await send(b, 'bot', 1, true)).toBe('ok');
    expect((await open(b, 'half', 'bot')).progress()).toEqual({ limit: 600, offset: 200, extras: 0 });
  });
});

describe('reservations that the core does not keep', () => {
  it('made at once never exceed the grant', async () => {
    const b = bench();
    wrote(b);
    const places = await Promise.all(Array.from({ length: 20 }, (_unused, index) => reserve(b, `k${index}`, 1, 'seat')));
    expect(places.filter((place) => place.ok)).toHaveLength(5);
  });
});

describe.each([['updated by itself', false], ['kept with the receipt', true]] as const)('against WeChat’s own rule, %s', (_how, keeps) => {
  type Act = { readonly kind: 'write' | 'enter' | 'bot' | 'seat' } | { readonly kind: 'wait'; readonly ms: number };
  const act: fc.Arbitrary<Act> = fc.oneof(
    { weight: 2, arbitrary: fc.constantFrom<Act>({ kind: 'write' }, { kind: 'enter' }) },
    { weight: 5, arbitrary: fc.constantFrom<Act>({ kind: 'bot' }, { kind: 'seat' }) },
    { weight: 1, arbitrary: fc.constantFrom(1, 30_000, 60_000, HOUR, 47 * HOUR, 48 * HOUR).map((ms): Act => ({ kind: 'wait', ms })) },
  );

  it('never sends what WeChat would refuse, and a seat is never held back from what it would take', async () => {
    await fc.assert(fc.asyncProperty(fc.array(act, { maxLength: 60 }), async (acts) => {
      const b = bench(keeps);
      const rule = createSendRule(() => b.now);
      for (const step of acts) {
        // Two acts never share a millisecond here; the channel compares times.
        b.now += 1;
        if (step.kind === 'wait') b.now += step.ms;
        else if (step.kind === 'write') {
          wrote(b);
          rule.wrote(OPENID);
        } else if (step.kind === 'enter') {
          entered(b);
          rule.entered(OPENID);
        } else {
          const left = rule.left(OPENID);
          const result = await send(b, step.kind);
          expect(result === 'ok').toBe(left > (step.kind === 'seat' ? 0 : 1));
          if (result === 'ok') expect(rule.spend(OPENID)).toBe(0);
        }
      }
    }));
  });
});
