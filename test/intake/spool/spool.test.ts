import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { asAddress, type InboundActivity } from '../../../src/domain/activity.ts';
import { said, openSpoolUnderTest, type SpoolUnderTest } from '../../support/spool.ts';
import { until } from '../../support/until.ts';

let house: SpoolUnderTest;
beforeEach(async () => {
  house = await openSpoolUnderTest();
});
afterEach(() => house.close());

const words = () => house.store.stored.map((one) => one.words);
const drained = () => until(async () => {
  if (house.spool.stats().records > 0 || house.spool.stats().state !== 'through') house.timers.pass(1_000);
  return house.spool.stats().state === 'through';
}, 'an empty spool');
const files = (folder = house.root): string[] => readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => statSync(join(folder, name)).isFile()).toSorted();

describe('while the store answers', () => {
  it('goes through, and leaves nothing behind', async () => {
    house.spool.start();
    expect(await house.say('你好')).toBe('stored');
    expect(house.spool.stats()).toMatchObject({ state: 'through', records: 0, bytes: 0, spooled: 0, oldestAgeMs: 0 });
    await house.spool.stop();
    expect(files()).toEqual([]);
  });

  it('hands on what is not the store\'s absence', async () => {
    house.spool.start();
    house.store.never.add('太长');
    await expect(house.say('太长')).rejects.toMatchObject({ code: 'activity.too_long' });
    expect(house.spool.stats()).toMatchObject({ state: 'through', spooled: 0 });
  });

  it('gives what has no id one before it is stored, so that a replay can be told apart', async () => {
    const ids = new Set<string | null>();
    await house.spool.take([said('你好', 'peer-1', { externalId: null })], async (named) => named.forEach(({ externalId }) => ids.add(externalId)));
    expect([...ids]).toEqual([expect.stringMatching(/^taken:/)]);
  });
});

describe('while the store is busy', () => {
  it('one that is late among others that are answered goes into the spool alone', async () => {
    house.spool.start();
    house.store.mode = 'hangs';
    const slow = house.say('慢');
    await house.clock.settle();
    house.store.mode = 'answers';
    expect(await house.say('快', 'peer-2')).toBe('stored');
    house.timers.pass(2_500);
    expect(await slow).toBe('spooled');
    expect(house.spool.stats().state).not.toBe('away');
    expect(await house.say('还快', 'peer-2')).toBe('stored');
    expect(house.lines.filter(({ text }) => text.includes('away'))).toEqual([]);
    house.store.release();
    await drained();
    expect(words().toSorted()).toEqual(['快', '慢', '还快'].toSorted());
  });

  it('whoever has something in the spool waits for it instead of adding to it', async () => {
    let held: (() => void)[] = [];
    await house.reopen({
      store: async (inbound, at) => {
        await new Promise<void>((resolve) => held.push(resolve));
        return house.store.store(inbound, at);
      },
    });
    const go = (): void => {
      for (const each of held) each();
      held = [];
    };
    house.spool.start();
    house.store.mode = 'fails';
    for (const words of ['一', '二']) await house.say(words);
    house.store.mode = 'answers';
    await until(async () => {
      if (house.spool.stats().state === 'away') house.timers.pass(1_000);
      go();
      return house.spool.stats().state === 'draining';
    });
    const third = house.say('三');
    const asked = house.spool.ask('push', asAddress('peer-1'), async () => words().join(''));
    await until(async () => {
      go();
      return house.spool.stats().records === 0;
    });
    expect([await third, house.spool.stats().spooled]).toEqual(['stored', 2]);
    expect(await asked).toMatch(/^一二/);
    expect(words()).toEqual(['一', '二', '三']);
  });

  it('a city that goes on talking as soon as it is answered comes through', async () => {
    // The store does one thing after the other; each takes a while.
    let busy: Promise<unknown> = Promise.resolve();
    const slowly = (inbound: InboundActivity, at: number): Promise<'stored'> => {
      const mine = busy.then(async () => {
        await new Promise((resolve) => void setImmediate(resolve));
        return house.store.store(inbound, at);
      });
      busy = Promise.allSettled([mine]);
      return mine;
    };
    await house.reopen({ store: slowly });
    house.spool.start();
    house.store.mode = 'fails';
    const citizens = Array.from({ length: 24 }, (_, index) => `peer-${index}`);
    const said1 = await Promise.all(citizens.map((citizen) => house.say(`${citizen}:0`, citizen)));
    expect(new Set(said1)).toEqual(new Set(['spooled']));
    house.store.mode = 'answers';
    let spooled = 0;
    const talk = async (citizen: string): Promise<void> => {
      for (let turn = 1; turn <= 12; turn += 1) {
        const how = await house.spool.take([said(`${citizen}:${turn}`, citizen)], async ([inbound]) => (inbound === undefined ? 'stored' : slowly(inbound, house.clock.now())));
        if (how === 'spooled') spooled += 1;
      }
    };
    let talking = true;
    const all = Promise.all(citizens.map(talk)).finally(() => {
      talking = false;
    });
    await until(async () => {
      if (house.spool.stats().state === 'away') house.timers.pass(1_000);
      return !talking;
    }, 'the end of all talks');
    await all;
    await drained();
    for (const citizen of citizens) expect(house.store.stored.filter(({ address }) => address === citizen).map((one) => one.words)).toEqual(Array.from({ length: 13 }, (_, turn) => `${citizen}:${turn}`));
    // What was said while it was still away, and no more: 288 before, as each answer brought the next message.
    expect(spooled).toBeLessThanOrEqual(citizens.length * 2);
    expect(house.spool.stats()).toMatchObject({ state: 'through', records: 0 });
  });

  it('a process that stood still hears first what was done meanwhile', async () => {
    house.spool.start();
    let finish = (): void => {};
    const taken = house.spool.take([said('你好')], () => new Promise<'stored'>((resolve) => (finish = () => resolve('stored'))));
    await house.clock.settle();
    // Both are due in the same round of the event loop, the clock first.
    house.timers.pass(2_500);
    setImmediate(() => finish());
    expect(await taken).toBe('stored');
    expect(house.spool.stats()).toMatchObject({ state: 'through', spooled: 0 });
  });
});

describe('while the store is away', () => {
  it('takes, asks for no more than a look a second, and replays in order when it is back', async () => {
    house.spool.start();
    house.store.mode = 'fails';
    expect(await house.say('一')).toBe('spooled');
    expect(await house.say('二')).toBe('spooled');
    house.clock.advance(5_000);
    expect(await house.say('三', 'peer-2')).toBe('spooled');
    // Only the first one tried the store.
    expect(house.store.calls()).toBe(1);
    expect(house.spool.stats()).toMatchObject({ state: 'away', records: 3, spooled: 3, oldestAgeMs: 5_000 });
    house.store.mode = 'answers';
    await drained();
    expect(house.store.stored.filter(({ address }) => address === 'peer-1').map((one) => one.words)).toEqual(['一', '二']);
    expect(house.store.stored).toHaveLength(3);
    expect(house.spool.stats()).toMatchObject({ state: 'through', records: 0, bytes: 0, replayed: 3, oldestAgeMs: 0 });
    expect(house.store.stored[0]?.at).toBe(Date.parse('2026-11-23T09:00:00+08:00'));
    expect(await house.say('四')).toBe('stored');
  });

  it('a store that hangs costs one webhook its patience, the next ones nothing, and what it did after all is not done twice', async () => {
    house.spool.start();
    house.store.mode = 'hangs';
    const first = house.say('一');
    const second = house.say('二');
    await house.clock.settle();
    house.timers.pass(2_500);
    expect(await first).toBe('spooled');
    expect(await second).toBe('spooled');
    expect(await house.say('三')).toBe('spooled');
    expect(house.store.calls()).toBe(1);
    house.store.mode = 'answers';
    house.store.release();
    await drained();
    expect(words()).toEqual(['一', '二', '三']);
  });

  it('a later webhook of an address does not overtake one that is still on its way to the spool', async () => {
    house.spool.start();
    house.store.mode = 'hangs';
    const first = house.say('一');
    await house.clock.settle();
    house.store.mode = 'answers';
    const second = house.say('二');
    const other = house.say('另一个人', 'peer-2');
    expect(await other).toBe('stored');
    house.timers.pass(2_500);
    // Another one was answered meanwhile, so the store is not away: the second waits until the first is in it.
    expect([await first, await second]).toEqual(['spooled', 'stored']);
    await drained();
    expect(words().filter((one) => one !== '另一个人')).toEqual(['一', '二']);
    house.store.release();
  });

  it('once it is back, only addresses that still have something in the spool go through it', async () => {
    let go = (): void => {};
    const held = new Promise<void>((resolve) => (go = resolve));
    await house.reopen({
      // peer-2's replay is slow.
      store: async (inbound, at) => {
        if (inbound.address === 'peer-2') await held;
        return house.store.store(inbound, at);
      },
    });
    house.spool.start();
    house.store.mode = 'fails';
    await house.say('一', 'peer-1');
    await house.say('二', 'peer-2');
    house.store.mode = 'answers';
    await until(async () => {
      if (house.spool.stats().state === 'away') house.timers.pass(1_000);
      return house.spool.stats().state === 'draining';
    });
    expect(await house.say('三', 'peer-3')).toBe('stored');
    const fourth = house.say('四', 'peer-2');
    await house.clock.settle();
    house.timers.pass(2_000);
    expect(await fourth).toBe('spooled');
    go();
    await drained();
    expect(words()).toEqual(['一', '三', '二', '四']);
    expect(await house.say('五', 'peer-2')).toBe('stored');
  });

  it('after a start everybody goes through the spool until what was left is replayed', async () => {
    house.store.mode = 'fails';
    await house.say('一', 'peer-1');
    await house.reopen();
    house.store.mode = 'answers';
    expect(await house.say('二', 'peer-2')).toBe('spooled');
    expect(house.spool.stats()).toMatchObject({ state: 'draining', records: 2 });
    house.spool.start();
    await drained();
    expect(words().toSorted()).toEqual(['一', '二'].toSorted());
    expect(await house.say('三', 'peer-2')).toBe('stored');
  });

  it('asks nothing of a store that is away or still behind', async () => {
    house.spool.start();
    const ask = () => house.spool.ask('push', asAddress('peer-1'), () => house.store.ping());
    house.store.mode = 'fails';
    expect(await ask()).toBe('away');
    expect(house.spool.stats().state).toBe('away');
    house.store.mode = 'answers';
    await drained();
    expect(await house.spool.ask('push', asAddress('peer-1'), async () => 7)).toBe(7);
    await expect(house.spool.ask('push', asAddress('peer-1'), async () => { throw new RangeError('no'); })).rejects.toThrow(RangeError);
  });

  it('keeps words and numbers sealed', async () => {
    house.store.mode = 'fails';
    await house.say('我家的路灯坏了');
    const bytes = Buffer.concat(files().map((name) => readFileSync(join(house.root, name))));
    for (const secret of ['路灯', '13800138000', 'peer-1', 'user-1']) expect(bytes.includes(secret)).toBe(false);
  });

  it('many at once share a sync', async () => {
    house.store.mode = 'fails';
    await house.say('先');
    await Promise.all(Array.from({ length: 100 }, (_, n) => house.say(`第${n}`, `peer-${n}`)));
    const { spooled, syncs } = house.spool.stats();
    expect(spooled).toBe(101);
    // A file of 4 KiB takes some ten of them; each file needs a sync of its own.
    expect(syncs).toBeLessThan(20);
  });

  it('a database that answers but does not write is away', async () => {
    house.spool.start();
    const { ping } = house.store;
    house.store.mode = 'fails';
    await house.reopen({ ping: async () => {} });
    house.spool.start();
    expect(await house.say('一')).toBe('spooled');
    house.timers.pass(3_000);
    await house.clock.settle();
    expect(house.spool.stats()).toMatchObject({ state: 'away', records: 1 });
    house.store.mode = 'answers';
    await drained();
    expect(words()).toEqual(['一']);
    await ping();
  });
});

describe('limits', () => {
  it('turns away what does not fit, and takes again when there is room', async () => {
    await house.reopen({ limitBytes: 1_000 });
    house.spool.start();
    house.store.mode = 'fails';
    expect(await house.say('一')).toBe('spooled');
    await expect(house.say('字'.repeat(500))).rejects.toMatchObject({ code: 'spool.full', retry: 'later', status: 503 });
    expect(house.spool.stats()).toMatchObject({ records: 1, turnedAway: 1 });
    house.store.mode = 'answers';
    await drained();
    house.store.mode = 'fails';
    expect(await house.say('二')).toBe('spooled');
  });

  it('a message larger than a file has one of its own', async () => {
    house.store.mode = 'fails';
    await house.say('前');
    await house.say('长'.repeat(5_000));
    await house.say('后');
    house.spool.start();
    house.store.mode = 'answers';
    await drained();
    expect(words().map((one) => one[0])).toEqual(['前', '长', '后']);
  });

  it('files are written in advance and used again', async () => {
    house.spool.start();
    const before = files().length;
    for (let round = 0; round < 5; round += 1) {
      house.store.mode = 'fails';
      for (let n = 0; n < 30; n += 1) await house.say(`${round}-${n}`);
      house.store.mode = 'answers';
      await drained();
    }
    expect(words()).toHaveLength(150);
    await house.clock.settle();
    expect(files().length).toBeLessThanOrEqual(before + 1);
  });
});

describe('what the store will never take', () => {
  it('is set aside, sealed, and holds up nobody; not even its own address', async () => {
    house.spool.start();
    house.store.mode = 'fails';
    for (const one of ['一', '坏', '二']) await house.say(one);
    house.store.never.add('坏');
    house.store.mode = 'answers';
    await drained();
    expect(words()).toEqual(['一', '二']);
    expect(house.spool.stats()).toMatchObject({ refused: 1, replayed: 2, records: 0 });
    const kept = files().filter((name) => name.startsWith('refused'));
    expect(kept).toHaveLength(1);
    expect(house.lines.filter(({ level }) => level === 'error')).toMatchObject([{ facts: { code: 'activity.too_long', channel: 'push' } }]);
    expect(JSON.stringify(house.lines)).not.toMatch(/坏|13800138000|peer-1/);
  });

  it('an error that nobody foresaw is tried a few times, then set aside too', async () => {
    house.spool.start();
    house.store.mode = 'fails';
    for (const one of ['怪', '二']) await house.say(one);
    house.store.odd.add('怪');
    house.store.mode = 'answers';
    await drained();
    expect(words()).toEqual(['二']);
    expect(house.spool.stats()).toMatchObject({ refused: 1 });
  });

  it('what was set aside can be put back by an operator', async () => {
    house.spool.start();
    house.store.mode = 'fails';
    for (const one of ['一', '坏', '坏了']) await house.say(one);
    house.store.never.add('坏').add('坏了');
    house.store.mode = 'answers';
    await drained();
    const { mkdirSync, renameSync } = await import('node:fs');
    const name = files().find((file) => file.startsWith('refused')) ?? '';
    mkdirSync(join(house.root, 'again'));
    renameSync(join(house.root, name), join(house.root, 'again', '1.spool'));
    house.store.never.clear();
    await house.reopen();
    house.spool.start();
    await drained();
    expect(words()).toEqual(['一', '坏', '坏了']);
    expect(existsSync(join(house.root, 'again'))).toBe(false);
  });
});
