import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEmbeddedBus } from '../../../src/bus/drivers/embedded.ts';
import { asAddress } from '../../../src/domain/activity.ts';
import { isAppError } from '../../../src/domain/errors.ts';
import type { QueueRules } from '../../../src/domain/queue-rules.ts';
import { writeUnit } from '../../../src/intake/context.ts';
import { close, handBack, reply, takeOver } from '../../../src/intake/handoff.ts';
import { beatSeats, sayPresence } from '../../../src/intake/queue/presence.ts';
import { queueHandlers } from '../../../src/intake/queue/handlers.ts';
import { acceptOffer, declineOffer, transferConversation } from '../../../src/intake/queue/transfer.ts';
import { createTimerHandler, createTurnHandler } from '../../../src/intake/turn.ts';
import { receive } from '../../../src/intake/receive.ts';
import type { Seat, Store } from '../../../src/store/contract.ts';
import { createVault } from '../../../src/store/vault.ts';
import { openAnyPostgresStore } from '../../support/any-postgres.ts';
import { aMessage, city, openIntake, type IntakeUnderTest } from '../../support/intake.ts';
import { until } from '../../support/until.ts';

const CAPACITY = 2;
const SEATS = 5;
const CITIZENS = 9;
const queueRules: QueueRules = {
  assign: 'offer', strategy: 'least-loaded', offerSeconds: 25, retrySeconds: 5, wrapUpSeconds: 5, leaseSeconds: 60, capacity: CAPACITY, priority: { emergency: 3600, enterprise: 300 }, tellSeconds: 120, breaks: [{ id: 'meal', name: '用餐' }],
  groups: [
    { id: 'english', name: '英语', general: true, match: { locales: ['en'] }, overflowSeconds: 90, next: 'general' },
    { id: 'general', name: '综合', general: true, overflowSeconds: 86_400, next: 'callback' },
  ],
};

type Act = { readonly kind: 'accept' | 'decline' | 'close' | 'handBack' | 'reply' | 'ask' | 'callOff' | 'break' | 'online' | 'die' | 'take' | 'toSeat' | 'toGroup'; readonly seat: number; readonly citizen: number; readonly other: number };
const act = (kinds: readonly Act['kind'][]) => fc.record({ kind: fc.constantFrom(...kinds), seat: fc.nat(SEATS - 1), citizen: fc.nat(CITIZENS - 1), other: fc.nat(SEATS - 1) });
/** By what is offered alone; then also what people do by hand, which may give a seat more than the house would. */
const OFFERED: readonly Act['kind'][] = ['accept', 'accept', 'accept', 'decline', 'close', 'handBack', 'reply', 'ask', 'ask', 'callOff', 'break', 'online', 'die'];
const BY_HAND: readonly Act['kind'][] = [...OFFERED, 'take', 'take', 'toSeat', 'toGroup'];

const vault = createVault(Buffer.alloc(32, 7));
interface Backend {
  readonly name: string;
  readonly runs: number;
  /** `undefined` store: SQLite in a folder of its own. */
  open(): Promise<{ readonly store: Store | undefined; close(): Promise<void> }>;
}
const BACKENDS: readonly Backend[] = [
  { name: 'SQLite', runs: 4, open: async () => ({ store: undefined, close: async () => {} }) },
  {
    name: 'PostgreSQL', runs: 2,
    open: async () => {
      const store = await openAnyPostgresStore(vault);
      return { store, close: () => store.close() };
    },
  },
];

describe.each(BACKENDS)('many seats, many citizens, all at once: $name', ({ runs, open }) => {
  let backend: Awaited<ReturnType<Backend['open']>>;
  let round = 0;
  beforeAll(async () => {
    backend = await open();
  }, 60_000);
  afterAll(() => backend.close());

  for (const [name, kinds] of [['by offers', OFFERED], ['by hand too', BY_HAND]] as const) {
    it(`${name}: never two owners, never more than a seat carries, nobody forgotten`, async () => {
      const { store } = backend;
      await fc.assert(
        fc.asyncProperty(fc.array(fc.array(act(kinds), { minLength: 2, maxLength: 8 }), { minLength: 4, maxLength: 10 }), async (waves) => {
          round += 1;
          const house = await openHouse(store, `r${round}`);
          try {
            for (const wave of waves) {
              await house.atOnce(wave);
              await house.check(kinds === OFFERED);
            }
            await house.serveAll();
          } finally {
            await house.close();
          }
        }),
        { numRuns: runs, interruptAfterTimeLimit: 60_000, markInterruptAsFailure: false },
      );
    }, 180_000);
  }
});

function expectOver(error: unknown): void {
  if (!isAppError(error) || error.code !== 'offer.over') throw error;
}

async function openHouse(store: Store | undefined, round: string) {
  const intake: IntakeUnderTest = await openIntake({ city: { ...city, queueRules }, ...(store === undefined ? {} : { store }) });
  intake.script = (event) => (event.type !== 'message' ? [] : event.text === '不等了' ? [{ kind: 'handoffCancelled' }] : [{ kind: 'handoff', reason: '市民要求人工服务', understood: { flow: null, slots: [], items: [] } }]);
  await intake.startBus();
  const { context } = intake;
  // A second node on the same database.
  const second = createEmbeddedBus(intake.store, { now: intake.clock.now, holder: 'second', leaseMs: 10_000, sweepMs: 60_000, maxParallelLanes: 8, maxAttempts: 3, backoffMs: () => 1_000, random: () => 0.5 });
  await second.start({ turn: createTurnHandler(context), timer: createTimerHandler(context), ...queueHandlers(context) });
  const settle = (): Promise<void> =>
    until(async () => {
      second.wake();
      await intake.settle();
      return second.running() === 0 && (await intake.store.read((repos) => repos.outbox.dueLanes(intake.clock.now(), 1))).length === 0;
    }, 'two idle buses');
  const seats: Seat[] = [];
  for (let index = 0; index < SEATS; index += 1) seats.push(await intake.seat({ id: `${round}-seat-${index}`, username: `${round}-seat-${index}`, role: index === 0 ? 'supervisor' : 'seat' }));
  const dead = new Set<string>();
  const beat = () => writeUnit(context, (unit) => beatSeats(unit, seats.flatMap(({ id }) => (dead.has(id) ? [] : [id])), intake.clock.now()));
  await beat();
  const ids: string[] = [];
  const say = async (citizen: number, text: string): Promise<string> => (await receive(context, aMessage(text, { channel: 'stream', address: asAddress(`${round}-${citizen}`), locale: citizen % 3 === 0 ? 'en' : 'zh-CN', identity: { externalUserId: `${round}-${citizen}` } }))).conversationId;
  for (let citizen = 0; citizen < CITIZENS; citizen += 1) ids.push(await say(citizen, '我要人工'));
  await settle();

  const seatAt = (index: number): Seat => seats[index] ?? expect.fail('no seat');
  let replies = 0;
  const perform = async ({ kind, seat: index, citizen, other }: Act): Promise<unknown> => {
    const [seat, id] = [seatAt(index), ids[citizen] ?? ''];
    switch (kind) {
      case 'accept': return acceptOffer(context, id, seat);
      case 'decline': return declineOffer(context, id, seat);
      case 'close': return close(context, id, seat);
      case 'handBack': return handBack(context, id, seat);
      case 'reply': return reply(context, id, seat, { text: '您好', clientId: `reply-${(replies += 1)}-${round}` });
      case 'ask': return say(citizen, '我要人工');
      case 'callOff': return say(citizen, '不等了');
      case 'break': return sayPresence(context, seat.id, 'break', 'meal');
      case 'online': {
        dead.delete(seat.id);
        return sayPresence(context, seat.id, 'online', null);
      }
      case 'die': return void dead.add(seat.id);
      case 'take': return takeOver(context, id, seat, { force: true });
      case 'toSeat': return transferConversation(context, id, seat, { to: { seat: seatAt(other).id }, note: '' });
      case 'toGroup': return transferConversation(context, id, seat, { to: { group: other % 2 === 0 ? 'english' : 'general' }, note: '' });
    }
  };
  const pass = async (seconds: number): Promise<void> => {
    for (let left = seconds; left > 0; left -= 10) {
      intake.clock.advance(10_000);
      await beat();
      await settle();
    }
  };

  return {
    atOnce: async (wave: readonly Act[]): Promise<void> => {
      const results = await Promise.allSettled(wave.map(perform));
      for (const result of results) if (result.status === 'rejected' && !(isAppError(result.reason) && result.reason.status < 500)) throw result.reason;
      await settle();
      // A page that is gone is missed after a minute and a half.
      await pass(wave.some(({ kind }) => kind === 'die') ? 90 : 10);
    },
    check: async (capacity: boolean): Promise<void> => {
      await intake.store.read(async (repos) => {
        const offered = new Map<string, number>();
        for (const id of ids) {
          const conversation = (await repos.conversations.get(id)) ?? expect.fail('gone');
          const entry = await repos.queue.get(id);
          const open = (await repos.services.list({ conversationId: id, limit: 100 })).filter(({ endedAt }) => endedAt === null);
          const served = conversation.owner === 'waiting' || conversation.owner === 'human';
          const state = { owner: conversation.owner, seat: conversation.seatId !== null, entry: entry?.kind ?? null, open: open.length };
          if (conversation.owner === 'waiting') expect(state).toEqual({ owner: 'waiting', seat: false, entry: 'waiting', open: 1 });
          else if (conversation.owner === 'human') expect(state).toMatchObject({ seat: true, open: 1 });
          else expect(state).toEqual({ owner: conversation.owner, seat: false, entry: null, open: 0 });
          if (conversation.owner === 'human') {
            expect(entry?.kind ?? 'transfer').toBe('transfer');
            expect(open[0]?.seatId).toBe(conversation.seatId);
          }
          expect(served || open.length === 0).toBe(true);
          if (entry !== null && entry.offeredTo !== null) offered.set(entry.offeredTo, (offered.get(entry.offeredTo) ?? 0) + 1);
        }
        for (const seat of await repos.seatWork.roster()) {
          if (!seat.id.startsWith(`${round}-`)) continue;
          expect(seat.offered).toBe(offered.get(seat.id) ?? 0);
          if (capacity) expect(seat.serving + seat.offered).toBeLessThanOrEqual(CAPACITY);
        }
        expect((await repos.outbox.dead(10)).map(({ kind, lastError }) => [kind, lastError])).toEqual([]);
      });
    },
    /** Everybody comes back to work, accepts and closes: in the end nobody waits. */
    serveAll: async (): Promise<void> => {
      dead.clear();
      for (const seat of seats) await sayPresence(context, seat.id, 'online', null);
      for (let tries = 0; tries < 40; tries += 1) {
        await pass(10);
        let open = 0;
        for (const id of ids) {
          const conversation = await intake.store.read((repos) => repos.conversations.get(id));
          const offeredTo = (await intake.store.read((repos) => repos.queue.get(id)))?.offeredTo ?? null;
          if (conversation?.owner === 'human') await close(context, id, seats.find((seat) => seat.id === conversation.seatId) ?? seatAt(0));
          else if (conversation?.owner === 'waiting') {
            open += 1;
            // An offer may have run out a moment ago; then it comes again.
            if (offeredTo !== null) await acceptOffer(context, id, seats.find((seat) => seat.id === offeredTo) ?? seatAt(0)).catch(expectOver);
          }
        }
        if (open === 0) return;
      }
      expect.fail('somebody still waits');
    },
    close: async (): Promise<void> => {
      // What is left of this round must not be offered in the next one, which shares the database.
      for (const id of ids) await intake.store.write((repos) => repos.queue.remove(id));
      for (const seat of seats) await intake.store.write((repos) => repos.seats.update(seat.id, { active: false }));
      await second.stop(1_000);
      await intake.close();
    },
  };
}
