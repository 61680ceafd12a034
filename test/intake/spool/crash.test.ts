import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { encodeFrame, readFrames } from '../../../src/intake/spool/frames.ts';
import { lockFolder } from '../../../src/intake/spool/lock.ts';
import { openOwnLog, realDisk } from '../../../src/intake/spool/own-log.ts';
import { openSpoolUnderTest, type SpoolUnderTest } from '../../support/spool.ts';
import { until } from '../../support/until.ts';

const opened: { close(): Promise<void> }[] = [];
const open = async (...given: Parameters<typeof openSpoolUnderTest>): Promise<SpoolUnderTest> => {
  const house = await openSpoolUnderTest(...given);
  opened.push(house);
  return house;
};
afterEach(async () => {
  for (const house of opened.splice(0)) await house.close();
});

const words = (house: SpoolUnderTest) => house.store.stored.map((one) => one.words);
const drained = (house: SpoolUnderTest) => until(async () => {
  if (house.spool.stats().state !== 'through') house.timers.pass(1_000);
  return house.spool.stats().state === 'through';
}, 'an empty spool');
/** Spool files of processes with something in them. */
const segments = (root: string): string[] =>
  readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => /^\d.*\.spool$/.test(name)).map((name) => join(root, name)).filter((path) => statSync(path).isFile() && readFrames(readFileSync(path)).payloads.length > 0).toSorted();
const lastFrameEnd = (path: string): number => readFrames(readFileSync(path)).payloads.reduce((end, payload) => end + 12 + payload.length, 0);

describe('frames', () => {
  it('come back as they went in, whatever lies behind them', () => {
    fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 300 })), fc.nat(64), (payloads, zeros) => {
      const bytes = Buffer.concat([...payloads.map((payload) => encodeFrame(Buffer.from(payload))), Buffer.alloc(zeros)]);
      expect(readFrames(bytes)).toEqual({ payloads: payloads.map((payload) => Buffer.from(payload)), damaged: 0 });
    }));
  });

  it('a torn end is cut off at the last whole one, wherever it is torn', () => {
    const frames = ['一', '二', '三'].map((text) => encodeFrame(Buffer.from(text)));
    const [first, second] = frames;
    if (first === undefined || second === undefined) throw new Error('frames');
    const bytes = Buffer.concat(frames);
    for (let end = first.length + second.length; end < bytes.length; end += 1) {
      for (const tail of [Buffer.alloc(0), Buffer.alloc(40), Buffer.alloc(40, 0xf5)]) {
        expect(readFrames(Buffer.concat([bytes.subarray(0, end), tail]))).toMatchObject({ payloads: [Buffer.from('一'), Buffer.from('二')], damaged: 0 });
      }
    }
  });

  it('a spoiled one in the middle costs itself alone, and is told', () => {
    const frames = ['一', '二', '三'].map((text) => encodeFrame(Buffer.from(text)));
    const second = frames[1]?.length ?? 0;
    for (let at = 0; at < second; at += 1) {
      const bytes = Buffer.concat(frames);
      const where = (frames[0]?.length ?? 0) + at;
      bytes[where] = (bytes[where] ?? 0) ^ 0x10;
      expect(readFrames(bytes)).toEqual({ payloads: [Buffer.from('一'), Buffer.from('三')], damaged: 1 });
    }
  });
});

describe('after a crash', () => {
  it('everything acknowledged is replayed, in order, before anything newer', async () => {
    const house = await open();
    house.store.mode = 'fails';
    for (let n = 0; n < 60; n += 1) await house.say(String(n));
    await house.crash();
    house.store.mode = 'answers';
    expect(house.spool.stats()).toMatchObject({ records: 60 });
    expect(await house.say('60')).toBe('spooled');
    house.spool.start();
    await drained(house);
    expect(words(house)).toEqual(Array.from({ length: 61 }, (_, n) => String(n)));
    await house.spool.stop();
    expect(readdirSync(house.root)).toEqual([]);
  });

  it('a torn tail never blocks', async () => {
    const house = await open();
    house.store.mode = 'fails';
    for (const one of ['一', '二', '三']) await house.say(one);
    await house.crash({}, (root) => {
      const file = segments(root)[0] ?? '';
      truncateSync(file, lastFrameEnd(file) - 7);
    });
    house.store.mode = 'answers';
    house.spool.start();
    await drained(house);
    expect(words(house)).toEqual(['一', '二']);
    expect(house.spool.stats()).toMatchObject({ damaged: 0 });
  });

  it('a spoiled file is replayed as far as it can be read, kept, and told', async () => {
    const house = await open();
    house.store.mode = 'fails';
    for (const one of ['一', '二', '三']) await house.say(one);
    await house.crash({}, (root) => {
      const file = segments(root)[0] ?? '';
      const bytes = readFileSync(file);
      bytes[(readFrames(bytes).payloads[0]?.length ?? 0) + 40] = 0;
      writeFileSync(file, bytes);
    });
    house.store.mode = 'answers';
    house.spool.start();
    await drained(house);
    expect(words(house)).toEqual(['一', '三']);
    expect(house.spool.stats()).toMatchObject({ damaged: 1, records: 0 });
    expect(readdirSync(join(house.root, 'damaged'))).toHaveLength(1);
  });

  it('between the store\'s commit and its notice, nothing is done twice', async () => {
    const house = await open();
    house.store.mode = 'fails';
    for (const one of ['一', '二', '三']) await house.say(one);
    const image = mkdtempSync(join(tmpdir(), 'yihu-spool-image-'));
    cpSync(house.root, join(image, 'spool'), { recursive: true });
    house.spool.start();
    house.store.mode = 'answers';
    await drained(house);
    // The disk as it was before the replay: all of it is replayed again.
    await house.crash({}, (root) => {
      rmSync(root, { recursive: true, force: true });
      cpSync(join(image, 'spool'), root, { recursive: true });
    });
    rmSync(image, { recursive: true, force: true });
    house.spool.start();
    await drained(house);
    expect(house.spool.stats()).toMatchObject({ replayed: 3 });
    expect(words(house)).toEqual(['一', '二', '三']);
  });

  it('another key opens nothing: all is set aside, and opens again with the right one', async () => {
    const house = await open();
    house.store.mode = 'fails';
    await house.say('一');
    house.store.mode = 'answers';
    await house.crash({ open: () => { throw new Error('another key'); } });
    house.spool.start();
    await drained(house);
    expect(house.spool.stats()).toMatchObject({ refused: 1, replayed: 0 });
    await house.crash({}, (root) => {
      mkdirSync(join(root, 'again'));
      cpSync(join(root, 'refused'), join(root, 'again'), { recursive: true });
    });
    house.spool.start();
    await drained(house);
    expect(words(house)).toEqual(['一']);
  });
});

describe('two processes', () => {
  it('never share a folder; one that lives is left alone, one that ended is taken over', async () => {
    const house = await open();
    house.store.mode = 'fails';
    await house.say('一');
    const second = await open({ folder: house.root });
    expect(second.spool.stats()).toMatchObject({ records: 0 });
    second.store.mode = 'fails';
    await second.say('二');
    expect(readdirSync(house.root)).toHaveLength(2);
    // The first ends in good order, with its database still away.
    await house.spool.stop();
    const third = await open({ folder: house.root });
    expect(third.spool.stats()).toMatchObject({ records: 1 });
    third.spool.start();
    await drained(third);
    expect(words(third)).toEqual(['一']);
  });

  it('what a process leaves while another runs is found by the next look', async () => {
    const house = await open();
    house.spool.start();
    const second = await open({ folder: house.root });
    second.store.mode = 'fails';
    await second.say('一');
    await second.spool.stop();
    house.timers.pass(60_000);
    await until(async () => words(house).length === 1, 'the left spool to be found');
    await drained(house);
  });

  it('a folder is locked by one at a time', () => {
    const folder = mkdtempSync(join(tmpdir(), 'yihu-lock-'));
    const first = lockFolder(folder);
    expect(first).not.toBeNull();
    expect(lockFolder(folder)).toBeNull();
    first?.();
    const second = lockFolder(folder);
    expect(second).not.toBeNull();
    second?.();
    rmSync(folder, { recursive: true, force: true });
  });
});

describe('a bad disk', () => {
  const enospc = () => Object.assign(new Error('no space left'), { code: 'ENOSPC' });

  it('that is full still has the room that was prepared; then webhooks are turned away', async () => {
    let full = false;
    const house = await open({ disk: { ...realDisk, write: async (handle, bytes, position) => {
      // What was written before may be written over; nothing may grow.
      if (full && bytes.every((byte) => byte === 0)) throw enospc();
      await realDisk.write(handle, bytes, position);
    } } });
    house.store.mode = 'fails';
    full = true;
    let taken = 0;
    const refusal = await (async () => {
      for (;;) {
        try {
          await house.say(String(taken));
          taken += 1;
        } catch (error) {
          return error;
        }
      }
    })();
    expect(refusal).toMatchObject({ code: 'spool.full', status: 503, retry: 'later' });
    expect(taken).toBeGreaterThan(10);
    house.store.mode = 'answers';
    house.spool.start();
    await drained(house);
    expect(words(house)).toEqual(Array.from({ length: taken }, (_, n) => String(n)));
  });

  it('that fails to sync acknowledges nothing, and is not asked twice for the same file', async () => {
    let failing = false;
    const house = await open({ disk: { ...realDisk, sync: async (handle) => {
      if (failing) throw Object.assign(new Error('input/output error'), { code: 'EIO' });
      await realDisk.sync(handle);
    } } });
    house.store.mode = 'fails';
    await house.say('一');
    failing = true;
    await expect(house.say('二')).rejects.toMatchObject({ code: 'spool.failed', status: 503 });
    expect(house.spool.stats()).toMatchObject({ records: 1, turnedAway: 1 });
    failing = false;
    expect(await house.say('三')).toBe('spooled');
    house.store.mode = 'answers';
    house.spool.start();
    await drained(house);
    expect(words(house)).toEqual(['一', '三']);
  });

  it('with no room at all at the start does not keep the gateway from starting', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'yihu-log-'));
    const log = await openOwnLog({ folder: join(folder, 'own'), damagedFolder: join(folder, 'damaged'), segmentBytes: 4096, reserveSegments: 2, disk: { ...realDisk, write: async () => { throw enospc(); } } });
    expect(log.unprepared).toBe(2);
    await expect(log.append(Buffer.from('x'))).rejects.toMatchObject({ code: 'spool.full' });
    await log.close(true);
    rmSync(folder, { recursive: true, force: true });
  });
});

describe('any course of events', () => {
  const step = fc.oneof(
    { weight: 5, arbitrary: fc.record({ do: fc.constant('say' as const), peer: fc.integer({ min: 1, max: 3 }) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('burst' as const), peer: fc.integer({ min: 1, max: 3 }), count: fc.integer({ min: 2, max: 12 }) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('mode' as const), mode: fc.constantFrom('answers' as const, 'fails' as const) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('time' as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('crash' as const), tear: fc.nat(200) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
  );

  it('loses nothing acknowledged, doubles nothing, and keeps each peer\'s order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const house = await openSpoolUnderTest({ segmentBytes: 2048 });
        try {
          const acknowledged = new Map<string, string[]>();
          let said = 0;
          const say = async (peer: number): Promise<void> => {
            const text = String((said += 1));
            await house.say(text, `peer-${peer}`);
            acknowledged.set(`peer-${peer}`, [...(acknowledged.get(`peer-${peer}`) ?? []), text]);
          };
          house.spool.start();
          for (const one of steps) {
            if (one.do === 'say') await say(one.peer);
            if (one.do === 'burst') await Promise.all(Array.from({ length: one.count }, () => say(one.peer)));
            if (one.do === 'mode') house.store.mode = one.mode;
            if (one.do === 'time') {
              house.clock.advance(1);
              house.timers.pass(1_000);
              await house.clock.settle();
            }
            if (one.do === 'restart') {
              await house.reopen();
              house.spool.start();
            }
            if (one.do === 'crash') {
              // A write that nobody was told of, torn wherever it is torn.
              await house.crash({}, (root) => {
                const file = segments(root).at(-1);
                if (file === undefined || one.tear === 0) return;
                const bytes = readFileSync(file);
                const torn = encodeFrame(Buffer.alloc(150, 65)).subarray(0, Math.min(one.tear, 161));
                torn.copy(bytes, Math.min(lastFrameEnd(file), bytes.length - torn.length));
                if (lastFrameEnd(file) + torn.length <= bytes.length) writeFileSync(file, bytes);
              });
              house.spool.start();
            }
          }
          house.store.mode = 'answers';
          await drained(house);
          const stored = new Map<string, string[]>();
          for (const { address, words: text } of house.store.stored) stored.set(address, [...(stored.get(address) ?? []), text]);
          expect(Object.fromEntries(stored)).toEqual(Object.fromEntries(acknowledged));
          expect(house.spool.stats()).toMatchObject({ records: 0, bytes: 0, refused: 0, damaged: 0 });
        } finally {
          await house.close();
        }
      }),
      { numRuns: 60 },
    );
  });
});
