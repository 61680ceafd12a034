import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asAddress, asExternalId, type InboundActivity } from '../../src/domain/activity.ts';
import { AppError } from '../../src/domain/errors.ts';
import type { Spool, SpoolOptions } from '../../src/intake/spool/contract.ts';
import { openSpool } from '../../src/intake/spool/index.ts';
import { createVault } from '../../src/store/vault.ts';
import { createFakeClock, type FakeClock } from '../fakes/clock.ts';
import { createFakeTimers, type FakeTimers } from '../fakes/timers.ts';

/** A store that keeps words in memory and can be away, hang, or refuse some of them. */
export interface FakeStore {
  mode: 'answers' | 'fails' | 'hangs';
  /** Of what is stored, in order: address and words. */
  readonly stored: { readonly address: string; readonly words: string; readonly at: number }[];
  /** Words that it will never take. */
  readonly never: Set<string>;
  /** Words that fail in a way nobody foresaw. */
  readonly odd: Set<string>;
  /** Ends what hangs: it happens after all. */
  release(): void;
  readonly calls: () => number;
  store(inbound: InboundActivity, at: number): Promise<'stored'>;
  ping(): Promise<void>;
}

const gone = () => new AppError('store.failed', 'the database failed (ECONNREFUSED)', { retry: 'later', status: 503 });

export function createFakeStore(): FakeStore {
  const known = new Set<string>();
  let hanging: (() => void)[] = [];
  let calls = 0;
  const self: FakeStore = {
    mode: 'answers',
    stored: [], never: new Set(), odd: new Set(),
    calls: () => calls,
    release() {
      const ready = hanging;
      hanging = [];
      for (const go of ready) go();
    },
    async store(inbound, at) {
      calls += 1;
      if (self.mode === 'fails') throw gone();
      if (self.mode === 'hangs') await new Promise<void>((resolve) => hanging.push(resolve));
      const words = wordsOf(inbound);
      if (self.never.has(words)) throw new AppError('activity.too_long', 'the message is too long', { status: 413 });
      if (self.odd.has(words)) throw new RangeError(`odd: ${words}`);
      const key = `${inbound.channel} ${inbound.externalId}`;
      if (!known.has(key)) {
        known.add(key);
        self.stored.push({ address: inbound.address, words, at });
      }
      return 'stored';
    },
    async ping() {
      if (self.mode === 'fails') throw gone();
      if (self.mode === 'hangs') await new Promise<void>((resolve) => hanging.push(resolve));
    },
  };
  return self;
}

export const wordsOf = (inbound: InboundActivity): string => (inbound.content.type === 'message' ? inbound.content.text : inbound.content.type);

let made = 0;
export function said(words: string, address = 'peer-1', over: Partial<InboundActivity> = {}): InboundActivity {
  return { channel: 'push', address: asAddress(address), externalId: asExternalId(`said-${(made += 1)}`), modality: 'text', content: { type: 'message', text: words }, identity: { externalUserId: 'user-1', phone: '13800138000' }, ...over };
}

export interface SpoolUnderTest {
  readonly root: string;
  readonly clock: FakeClock;
  readonly timers: FakeTimers;
  readonly store: FakeStore;
  readonly lines: { readonly level: string; readonly facts: object; readonly text: string }[];
  spool: Spool;
  say(words: string, address?: string): Promise<'stored' | 'spooled'>;
  /** The process dies; what is on the disk in this instant is all that a next one finds. */
  crash(over?: Partial<SpoolOptions>, spoil?: (root: string) => void): Promise<void>;
  reopen(over?: Partial<SpoolOptions>): Promise<void>;
  close(): Promise<void>;
}

const vault = createVault(Buffer.alloc(32, 7));

/** A spool in a folder of its own, with time and store in the test's hand. */
export async function openSpoolUnderTest(over: Partial<SpoolOptions> = {}): Promise<SpoolUnderTest> {
  const folders: string[] = [];
  const dead: Spool[] = [];
  const fresh = (): string => {
    const folder = mkdtempSync(join(tmpdir(), 'yihu-spool-'));
    folders.push(folder);
    return folder;
  };
  const clock = createFakeClock();
  const timers = createFakeTimers(clock);
  const store = createFakeStore();
  const lines: SpoolUnderTest['lines'] = [];
  const log = { info: (facts: object, text: string) => void lines.push({ level: 'info', facts, text }), warn: (facts: object, text: string) => void lines.push({ level: 'warn', facts, text }), error: (facts: object, text: string) => void lines.push({ level: 'error', facts, text }) };
  let ids = 0;
  let root = fresh();
  const open = (more: Partial<SpoolOptions> = {}): Promise<Spool> =>
    openSpool({
      folder: join(root, 'spool'), seal: vault.seal, open: vault.open, store: store.store, ping: store.ping, now: clock.now, newId: () => `id-${(ids += 1)}`, log, timers,
      segmentBytes: 4096, reserveSegments: 2, ...over, ...more,
    });
  const self: SpoolUnderTest = {
    get root() {
      return join(root, 'spool');
    },
    clock, timers, store, lines,
    spool: await open(),
    say: (words, address) => self.spool.take([said(words, address)], async ([inbound]) => {
      if (inbound === undefined) throw new Error('nothing given');
      return store.store(inbound, clock.now());
    }),
    async crash(more = {}, spoil = () => {}) {
      const image = fresh();
      cpSync(root, image, { recursive: true });
      dead.push(self.spool);
      root = image;
      spoil(join(image, 'spool'));
      self.spool = await open(more);
    },
    async reopen(more = {}) {
      await self.spool.stop();
      self.spool = await open(more);
    },
    async close() {
      store.mode = 'answers';
      store.release();
      await self.spool.stop();
      for (const spool of dead) await spool.stop();
      for (const folder of folders) rmSync(folder, { recursive: true, force: true });
    },
  };
  return self;
}
