import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Client from 'better-sqlite3';
import { createEmbeddedBus } from '../../src/bus/drivers/embedded.ts';
import type { Bus, JobHandlers } from '../../src/bus/contract.ts';
import type { Capabilities, Channel, OutgoingMessage, Receipt, SendContext } from '../../src/channel/contract.ts';
import { loadCity, type CityData } from '../../src/config/city.ts';
import type { DialogEffect, DialogEvent, DialogFacts } from '../../src/dialog/types.ts';
import { asAddress, asExternalId, type InboundActivity } from '../../src/domain/activity.ts';
import { createLegalClock } from '../../src/domain/legal-clock.ts';
import type { IntakeContext } from '../../src/intake/context.ts';
import { createDeliverHandler, createFetchHandler } from '../../src/intake/deliver.ts';
import type { Dialog } from '../../src/intake/dialog-port.ts';
import { createLiveHub } from '../../src/intake/live.ts';
import { createMediaStore } from '../../src/intake/media.ts';
import { queueHandlers } from '../../src/intake/queue/handlers.ts';
import { createStateMemory } from '../../src/intake/state-memory.ts';
import { NO_TRACES, type Tracer } from '../../src/intake/trace.ts';
import { createTimerHandler, createTurnHandler } from '../../src/intake/turn.ts';
import { createTurnWaiters } from '../../src/intake/waiters.ts';
import type { Seat, Store } from '../../src/store/contract.ts';
import { createStore } from '../../src/store/index.ts';
import { createVault } from '../../src/store/vault.ts';
import { createFakeClock, type FakeClock } from '../fakes/clock.ts';
import { putTables } from './sqlite-template.ts';
import { until } from './until.ts';

/** The checkout's own demo city; read once, it never changes in a test. */
export const city: CityData = loadCity(fileURLToPath(new URL('../..', import.meta.url)));

/** What a scripted dialog answers to an event; the real engine has its own tests. */
export type Script = (event: DialogEvent, facts: DialogFacts) => readonly DialogEffect[];

export interface IntakeUnderTest {
  readonly context: IntakeContext;
  readonly store: Store;
  readonly bus: Bus;
  readonly clock: FakeClock;
  /** What the push channel was asked to send. */
  readonly sent: { readonly message: OutgoingMessage; readonly context: SendContext }[];
  /** Decides the next receipts of the push channel; delivered when it runs out. */
  readonly receipts: Receipt[];
  /** The pretended push channel; tests may replace its parts. */
  readonly push: { -readonly [Key in keyof Channel]: Channel[Key] };
  /** Rows of some tables, by name: to see that nothing was stored. */
  rows(): Promise<Readonly<Record<string, number>>>;
  readonly counted: { readonly name: string; readonly labels: Readonly<Record<string, string>> }[];
  script: Script;
  /** Runs the bus until nothing is due. */
  settle(): Promise<void>;
  /** `more`: handlers beside those of intake. */
  startBus(more?: JobHandlers): Promise<void>;
  seat(over?: Partial<Seat>): Promise<Seat>;
  close(): Promise<void>;
}

const capabilities: Capabilities = { modality: 'text', textLimit: 2000, textLimitUnit: 'chars', choices: 'numbered', maxChoices: 8, attachmentsOut: false, links: 'text', typing: false, mergeTexts: true, delivery: 'push', replyWindowMs: null, proactive: false };

export interface OpenIntake {
  readonly folder?: string;
  /** Real channels beside the pretended ones; made once the context exists, as main.ts does it. */
  readonly channels?: (context: IntakeContext) => Promise<readonly Channel[]>;
  /** False: as on a node without the role `worker`; every turn goes by the bus. */
  readonly turnsHere?: boolean;
  readonly tracer?: Tracer;
  /** Another store than SQLite in the folder; whoever gives it closes it. */
  readonly store?: Store;
  /** Stands in for the demo city, a changed copy of it. */
  readonly city?: CityData;
}

/** Intake on a real SQLite store and the embedded bus, with a scripted dialog and three pretended channels. */
export async function openIntake(options: OpenIntake = {}): Promise<IntakeUnderTest> {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'yihu-intake-'));
  if (options.folder === undefined && options.store === undefined) await putTables(folder);
  const clock = createFakeClock();
  const store = options.store ?? (await createStore({ dataDir: folder, synchronous: 'NORMAL', vault: createVault(Buffer.alloc(32, 7)) }));
  const sent: IntakeUnderTest['sent'] = [];
  const receipts: Receipt[] = [];
  const counted: IntakeUnderTest['counted'] = [];
  const bus = createEmbeddedBus(store, { now: clock.now, holder: 'test', leaseMs: 10_000, sweepMs: 60_000, maxParallelLanes: 8, maxAttempts: 3, backoffMs: () => 1_000, random: () => 0.5 });
  let ids = 0;
  let carrying = false;
  const self: { script: Script } = { script: () => [{ kind: 'say', text: '收到', inputHint: 'acceptingInput' }] };
  const dialog: Dialog = {
    start: () => ({ format: 1, programVersion: 'test', data: {} }),
    restore: () => ({ format: 1, programVersion: 'test', data: {} }),
    advance: (state, event, facts) => ({ state, effects: self.script(event, facts) }),
    emergency: (text) => (text.includes('着火') ? { category: 'fire', words: ['着火'] } : null),
  };
  const push: IntakeUnderTest['push'] = {
    name: 'push', capabilities, status: { state: 'on' },
    send: async (message, context) => {
      sent.push({ message, context });
      return receipts.shift() ?? { status: 'delivered' };
    },
    fetchAttachment: async () => ({ bytes: Buffer.from('一段文字说明'), name: '说明.txt' }),
  };
  const channels: Record<string, Channel> = {
    push,
    stream: { name: 'stream', capabilities: { ...capabilities, delivery: 'stream' }, status: { state: 'on' } },
    phone: { name: 'phone', capabilities: { ...capabilities, modality: 'voice', choices: 'keys', delivery: 'pull', mergeTexts: false }, status: { state: 'on' } },
  };
  const media = createMediaStore(store, { publicUrl: () => 'https://yihu.test', now: clock.now });
  const context: IntakeContext = {
    store, bus, lease: { holder: 'test', ms: 10_000 }, turnsHere: () => carrying && bus.hasRoom(), now: clock.now, newId: () => `id-${String((ids += 1)).padStart(6, '0')}-${folder.slice(-6)}`,
    city: options.city ?? city, clock: createLegalClock((options.city ?? city).calendar), dialog,
    knowledge: { matcher: { match: () => ({ decision: { kind: 'abstain' }, ranked: [] }), size: 0 }, deskMatcher: { match: () => ({ decision: { kind: 'abstain' }, ranked: [] }), size: 0 }, entry: () => null, full: () => null },
    suggestItems: () => [],
    channel: (name) => channels[name] ?? null,
    mediaUrl: media.publicUrl, media,
    live: createLiveHub((error) => { throw error; }),
    waiters: createTurnWaiters(),
    log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
    trace: options.tracer ?? NO_TRACES,
    states: createStateMemory(),
    meter: { count: (name, labels) => { counted.push({ name, labels }); }, time: () => {} },
  };
  for (const channel of (await options.channels?.(context)) ?? []) channels[channel.name] = channel;
  const handlers = { turn: createTurnHandler(context), timer: createTimerHandler(context), deliver: createDeliverHandler(context), fetch: createFetchHandler(context), ...queueHandlers(context) };
  return {
    context, store, bus, clock, sent, receipts, counted, push,
    rows: async () => {
      const client = new Client(join(folder, 'yihu.sqlite3'), { readonly: true });
      try {
        return Object.fromEntries(['citizens', 'conversations', 'activities', 'outbox', 'replies', 'tickets', 'media', 'trail'].map((table) => [table, client.prepare<[], number>(`select count(*) from ${table}`).pluck().get() ?? -1]));
      } finally {
        client.close();
      }
    },
    get script() {
      return self.script;
    },
    set script(script: Script) {
      self.script = script;
    },
    startBus: async (more = {}) => {
      await bus.start({ ...handlers, ...more });
      carrying = options.turnsHere !== false;
    },
    settle: async () => {
      const idle = async (): Promise<boolean> => bus.running() === 0 && (await store.read((repos) => repos.outbox.dueLanes(clock.now(), 1))).length === 0;
      await until(async () => {
        bus.wake();
        // Twice: on a server, a lane may be leased, hence not due, and not yet running.
        return (await idle()) && (await idle());
      }, 'an idle bus');
    },
    seat: async (over = {}) => {
      const seat: Seat = { id: `seat-${(ids += 1)}`, username: `user${ids}`, displayName: `坐席${ids}`, role: 'seat', departmentId: null, active: true, createdAt: clock.now(), ...over };
      await store.write((repos) => repos.seats.create(seat, 'no-hash'));
      return seat;
    },
    close: async () => {
      await bus.stop(1_000);
      for (const channel of Object.values(channels)) await channel.stop?.();
      if (options.store === undefined) await store.close();
      if (options.folder === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}

let messages = 0;

/** An inbound message; every call is a new one unless `externalId` is given. */
export function aMessage(text: string, over: Partial<InboundActivity> & { readonly id?: string } = {}): InboundActivity {
  const { id, ...rest } = over;
  return {
    channel: 'push', address: asAddress('peer-1'), externalId: asExternalId(id ?? `message-${(messages += 1)}`), modality: 'text',
    content: { type: 'message', text }, identity: { externalUserId: 'user-1' }, ...rest,
  };
}
