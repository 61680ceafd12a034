import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { v7 as uuidv7 } from 'uuid';
import { loadCity } from '../../src/config/city.ts';
import { loadSecrets } from '../../src/config/secrets.ts';
import { readSettings } from '../../src/config/settings.ts';
import { asAddress } from '../../src/domain/activity.ts';
import { DAY, HOUR, MINUTE, startOfDay } from '../../src/domain/clock.ts';
import { OPEN_STATES } from '../../src/domain/ticket.ts';
import type { MeasureName } from '../../src/measures/catalogue.ts';
import { rowsOf } from '../../src/measures/rows.ts';
import type { QueueEntry, Repositories, Rollup, SeatPresenceState, Store } from '../../src/store/contract.ts';
import { openSqliteStore } from '../../src/store/drivers/sqlite.ts';
import { createVault } from '../../src/store/vault.ts';
import { aTicket } from '../factories/index.ts';

/**
 * A lively day for the data wall, to look at: `tsx test/board/demo.ts DATA_DIR`. Writes nine days of rollups, open tickets, a queue and seats into
 * the data folder of a gateway that may be running, and then keeps seats alive and people coming until it is stopped. Everything is made up.
 */

export interface DemoDay {
  readonly store: Store;
  readonly now: number;
  /** 0 to 1; the same every time for pictures. */
  readonly random: () => number;
}

const city = loadCity(fileURLToPath(new URL('../..', import.meta.url)));
const CHANNELS: readonly (readonly [name: string, weight: number])[] = [['ivr-twilio', 5], ['wechat-miniprogram', 3], ['webchat', 2]];
/** How busy each hour of a day is. */
const CURVE = [2, 1, 1, 1, 1, 2, 4, 8, 16, 22, 24, 20, 13, 15, 21, 23, 22, 18, 12, 11, 10, 8, 5, 3];
/** Rain since two hours. */
const BURST = ['env.water.flood', 'city.drain'];
const SEATS = 48;

/** A row of numbers that looks like chance and is the same every time (a linear congruential generator). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** Counts of nine days: what a catch-up job would have made of some 60,000 messages. */
export async function fillCounts({ store, now, random }: DemoDay): Promise<void> {
  const some = (mean: number): number => Math.max(0, Math.round(mean * (0.75 + random() * 0.5)));
  const burst = city.items.find(({ code }) => BURST.includes(code)) ?? city.items.find(({ code }) => code.startsWith('env')) ?? city.items[0];
  for (let day = startOfDay(now) - 8 * DAY; day <= now; day += DAY) {
    const rows: Rollup[] = [];
    const count = (measure: MeasureName, at: number, amount: number, keys: Parameters<typeof rowsOf>[0]['keys'] = {}, sum = 0): void => {
      if (amount > 0) rows.push(...rowsOf({ measure, at, amount, sum, keys }));
    };
    CURVE.forEach((busy, index) => {
      const at = day + index * HOUR;
      if (at > now) return;
      const share = at + HOUR > now ? (now - at) / HOUR : 1;
      for (const [channel, weight] of CHANNELS) {
        const received = some(busy * weight * 6 * share);
        count('message.received', at, received, { channel });
        count('conversation.begun', at, Math.round(received / 5), { channel });
        const asked = Math.round(received / 12);
        const offered = Math.round(asked * 0.97);
        const accepted = Math.max(0, offered - (random() < 0.45 ? 0 : Math.round(offered * 0.05)));
        count('conversation.handed', at, asked, { channel });
        count('service.asked', at, asked, { channel, group: 'general' });
        count('service.offered', at, offered, { channel, group: 'general' });
        count('service.accepted', at, accepted, { channel, group: 'general' }, accepted * some(11_000));
        count('service.prompt', at, Math.min(accepted, Math.round(accepted * (0.78 + random() * 0.16))), { channel, group: 'general' });
      }
      const opened = some(busy * 1.7 * share);
      for (let ticket = 0; ticket < opened; ticket += 1) {
        const item = city.items[Math.floor(random() ** 2.2 * city.items.length)];
        const town = city.towns[Math.floor(random() ** 1.6 * city.towns.length)];
        count('ticket.opened', at, 1, { channel: 'webchat', kind: '投诉', town: town?.id ?? null, department: item?.department ?? null, item: item?.code ?? null });
      }
      if (day === startOfDay(now) && at > now - 2 * HOUR) for (let ticket = 0; ticket < 14; ticket += 1) count('ticket.opened', at, 1, { channel: 'ivr-twilio', kind: '求助', town: ['humen', 'changan', 'houjie'][ticket % 3] ?? null, department: burst?.department ?? null, item: burst?.code ?? null });
      const done = some(busy * 1.5 * share);
      const keys = { channel: 'webchat', kind: '投诉', town: 'humen', department: 'ecology', item: null };
      for (const [measure, part] of [['ticket.closed', 1], ['ticket.closed_due', 1], ['ticket.closed_on_time', 0.985], ['ticket.signed_due', 1.1], ['ticket.signed_on_time', 1.07], ['visit.answered', 0.6], ['visit.solved', 0.56], ['visit.rated', 0.5], ['visit.satisfied', 0.485]] as const) count(measure, at, Math.round(done * part), keys);
    });
    await store.write((repos) => repos.rollups.add(rows));
  }
}

/** Tickets, conversations, people in the queue and seats, as they might stand at this moment. */
export async function fillStates({ store, now, random }: DemoDay): Promise<readonly string[]> {
  const citizenId = await store.write((repos) => repos.citizens.resolve({ id: uuidv7(), channel: 'webchat', externalUserId: null, phone: null, displayName: null, now }));
  const weights = [2, 6, 22, 60, 3, 4, 3, 4, 5, 9, 14];
  await store.write(async ({ tickets }) => {
    for (const [index, state] of OPEN_STATES.entries()) {
      for (let amount = 0; amount < (weights[index] ?? 1) * 3; amount += 1) {
        const id = uuidv7();
        const late = random() < 0.06;
        await tickets.insert(aTicket({ id, number: `DEMO${id}`, citizenId, state, createdAt: now - Math.round(random() * 6 * DAY), overdueAt: late ? now - HOUR : null, archivedAt: null, departmentId: 'ecology' }), null);
      }
    }
  });
  const seats: string[] = [];
  for (let seat = 0; seat < SEATS; seat += 1) {
    const id = uuidv7();
    seats.push(id);
    await store.write(async (repos) => {
      await repos.seats.create({ id, username: `demo-${id}`, displayName: `演示坐席 ${seat + 1}`, role: 'seat', departmentId: null, active: true, createdAt: now }, 'nobody signs in');
      const states: readonly SeatPresenceState[] = ['busy', 'busy', 'busy', 'online', 'online', 'break', 'wrap-up', 'online', 'away'];
      await repos.seatWork.setState({ seatId: id, state: states[seat % states.length] ?? 'online', reason: null, since: now, until: seat % 9 === 6 ? now + DAY : null });
    });
  }
  for (let talk = 0; talk < 64; talk += 1) await aConversation(store, citizenId, now, seats[talk % 30] ?? null, 'human');
  for (let talk = 0; talk < 118; talk += 1) await aConversation(store, citizenId, now, null, 'bot');
  for (const [groupId, waiting] of [['general', 4], ['social', 2], ['cantonese', 1]] as const) {
    for (let place = 0; place < waiting; place += 1) await aWaiter(store, citizenId, now - (place + 1) * 31_000, groupId);
  }
  return seats;
}

async function aConversation(store: Store, citizenId: string, now: number, seatId: string | null, owner: 'bot' | 'human' | 'waiting'): Promise<string> {
  return store.write(async ({ conversations }) => {
    const id = uuidv7();
    const made = await conversations.create({ id, channel: 'webchat', address: asAddress(`demo ${id}`), modality: 'text', locale: 'zh-CN', citizenId, now });
    if (owner !== 'bot') await conversations.update(id, made.version, { owner, seatId, waitingSince: owner === 'waiting' ? now : null });
    return id;
  });
}

async function aWaiter(store: Store, citizenId: string, since: number, groupId: string): Promise<void> {
  const conversationId = await aConversation(store, citizenId, since, null, 'waiting');
  const entry: QueueEntry = { conversationId, kind: 'waiting', groupId, waitedFrom: since, groupSince: since, rankAt: since, wantedSeatId: null, offeredTo: null, offeredUntil: null, refusals: [], leaving: false, toldPosition: null, toldAt: null };
  await store.write((repos) => repos.queue.put(entry));
}

/** Seats are there, and a message comes now and then. */
export async function keepAlive(repos: Repositories, seats: readonly string[], now: number, random: () => number): Promise<void> {
  for (const id of seats.slice(0, -3)) await repos.seats.beat(id, 'online', now);
  const [channel] = CHANNELS[Math.floor(random() ** 2 * CHANNELS.length)] ?? ['webchat'];
  await repos.rollups.add(rowsOf({ measure: 'message.received', at: now, amount: 1 + Math.floor(random() * 6), keys: { channel } }));
}

async function main(folder: string): Promise<void> {
  const dataDir = resolve(folder);
  const { vaultKey } = loadSecrets(readSettings({ ...process.env, DATA_DIR: dataDir }));
  const store = openSqliteStore({ file: join(dataDir, 'yihu.sqlite3'), vault: createVault(vaultKey) });
  const given: DemoDay = { store, now: Date.now(), random: seeded(12_345) };
  await fillCounts(given);
  const seats = await fillStates(given);
  console.log(`filled ${dataDir}; keeping ${SEATS} seats alive until stopped`);
  const until = Date.now() + 30 * MINUTE;
  const timer = setInterval(() => {
    if (Date.now() > until) clearInterval(timer);
    store.write((repos) => keepAlive(repos, seats, Date.now(), given.random)).catch((error: unknown) => console.error(error));
  }, 3_000);
}

const [, entry, folder] = process.argv;
if (entry !== undefined && import.meta.url === new URL(`file://${resolve(entry)}`).href) {
  if (folder === undefined) {
    console.error('usage: tsx test/board/demo.ts DATA_DIR');
    process.exitCode = 2;
  } else await main(folder);
}
