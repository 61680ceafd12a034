import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Client from 'better-sqlite3';
import type { ActivityDraft, Repositories, Store, Vault } from '../../../src/store/contract.ts';
import { asAddress, asExternalId } from '../../../src/domain/activity.ts';
import { openSqliteStore } from '../../../src/store/drivers/sqlite.ts';
import { median } from '../statistics.ts';

/**
 * Processor time of the SQLite store alone: `npx tsx test/bench/parts/store.ts [--rounds N] [--only turn]`. What a statement costs above
 * better-sqlite3: passages of one kind of statement and passages like a whole turn are played through the store; every
 * statement that a first play sends, with its values, is then played again by better-sqlite3 alone on a copy of the file as it was.
 * Nothing is sealed, so that no cipher is measured.
 */

const given = process.argv.indexOf('--rounds');
const ROUNDS = given === -1 ? 9 : Number(process.argv[given + 1]);
const onlyAt = process.argv.indexOf('--only');
const only = onlyAt === -1 ? '' : (process.argv[onlyAt + 1] ?? '');
const CONVERSATIONS = 64;
/** Passages that wait together: one commit. */
const TOGETHER = 16;
const TURNS = 480;
const READS = 4000;

const clear: Vault = { seal: (text) => text, open: (sealed) => sealed, blindIndex: (domain, value) => `${domain} ${value}` };
const NOW = Date.parse('2026-11-24T10:00:00+08:00');
const folder = mkdtempSync(join(tmpdir(), 'yihu-parts-'));

type Method = 'run' | 'all' | 'get';
interface Sent {
  readonly sql: string;
  readonly method: Method;
  readonly values: readonly unknown[];
}

/** While this is a list, statements prepared from here on are noted in it as they run. */
let noted: Sent[] | null = null;
const prepare: (this: Client.Database, sql: string) => Client.Statement = Client.prototype.prepare;
Object.defineProperty(Client.prototype, 'prepare', { value: function noting(this: Client.Database, sql: string): Client.Statement {
  const statement = prepare.call(this, sql);
  const notes = noted;
  if (notes !== null) {
    for (const method of ['run', 'all', 'get'] as const) {
      const play: (...values: unknown[]) => unknown = statement[method].bind(statement);
      Object.defineProperty(statement, method, { value: (...values: unknown[]): unknown => {
        notes.push({ sql, method, values: values.flat() });
        return play(...values);
      } });
    }
  }
  return statement;
} });

/** µs so far. */
const spent = (): number => {
  const { user, system } = process.cpuUsage();
  return user + system;
};

const id = (kind: string, number: number): string => `${kind}-0190f8a2-7c1e-7000-8000-${String(number).padStart(12, '0')}`;
const addressOf = (number: number) => asAddress(`user ${number}`);
const open = (file: string): Store => openSqliteStore({ file, vault: clear, synchronous: 'NORMAL' });

async function fill(file: string): Promise<void> {
  const store = open(file);
  for (let number = 0; number < CONVERSATIONS; number += 1) {
    await store.write(async (repos) => {
      const citizenId = await repos.citizens.resolve({ id: id('citizen', number), channel: 'webchat', externalUserId: `user ${number}`, phone: null, displayName: null, now: NOW });
      const conversation = await repos.conversations.create({ id: id('conversation', number), channel: 'webchat', address: addressOf(number), modality: 'text', locale: 'zh-CN', citizenId, now: NOW });
      await repos.conversations.saveState(conversation.id, { data: { stack: [] } });
    });
  }
  await store.close();
}

let turns = 0;
function draft(number: number, direction: 'in' | 'out'): ActivityDraft {
  return {
    id: id(direction, number), direction, externalId: direction === 'in' ? asExternalId(id('external', number)) : null, role: direction === 'in' ? 'citizen' : 'bot', seatId: null, at: NOW + number, replyToId: null,
    content: { type: 'message', text: '小区门口的路灯坏了三天了，晚上老人走路很不方便，请尽快派人来修一下。', inputHint: 'acceptingInput' }, channelData: null, sealed: null,
  };
}

/** What taking a message and turning it asks of the store. */
async function turn(repos: Repositories): Promise<number> {
  turns += 1;
  const number = turns;
  const now = NOW + number;
  const stored = await repos.conversations.findByAddress('webchat', addressOf(number % CONVERSATIONS));
  if (stored === null) throw new Error('a conversation is missing');
  const lane = `turn:${stored.id}`;
  if (!(await repos.lanes.passable(lane, now))) throw new Error('the lane is taken');
  await repos.seats.onlineCount(now - 45_000);
  await repos.citizens.phoneLast4(stored.citizenId);
  await repos.conversations.loadState(stored.id);
  await repos.outbox.put({ id: `timer:${stored.id}`, lane, kind: 'timer', payload: { conversationId: stored.id, token: String(number) }, availableAt: now + 600_000, blocking: false, now });
  await repos.conversations.saveState(stored.id, { format: 1, data: { stack: [{ flow: 'complaint', step: 'place', slots: { item: '路灯', number } }] } });
  await repos.activities.appendWith(stored, { lastInboundAt: now, understood: null }, [draft(number, 'in'), draft(number, 'out')]);
  await repos.lanes.acquire(`send:${stored.id}`, 'node', now, 0);
  const [row] = await repos.outbox.add([{ id: id('send', number), lane: `send:${stored.id}`, kind: 'send', payload: { conversationId: stored.id, number }, availableAt: now, blocking: true, now }]);
  if (row !== undefined) await repos.outbox.complete(row.id);
  return number;
}

async function playTurns(store: Store): Promise<void> {
  for (let done = 0; done < TURNS; done += TOGETHER) await Promise.all(Array.from({ length: TOGETHER }, () => store.write(turn)));
}
const playGets = (store: Store): Promise<void> => store.write(async (repos) => {
  for (let done = 0; done < READS; done += 1) await repos.conversations.get(id('conversation', done % CONVERSATIONS));
});
const playPending = (store: Store): Promise<void> => store.write(async (repos) => {
  for (let done = 0; done < READS; done += 1) await repos.outbox.pending('nothing');
});
const playEmpty = async (store: Store): Promise<void> => {
  for (let done = 0; done < TURNS * 4; done += TOGETHER) await Promise.all(Array.from({ length: TOGETHER }, () => store.write(async () => done)));
};

/** The second of two noted plays by better-sqlite3 alone, µs. */
function playNatively(file: string, before: readonly Sent[], sent: readonly Sent[]): number {
  const client = new Client(file);
  client.pragma('synchronous = NORMAL');
  client.pragma('foreign_keys = ON');
  client.pragma('wal_autocheckpoint = 4000');
  client.pragma('cache_size = -16000');
  client.pragma('temp_store = MEMORY');
  const statements = new Map<string, Client.Statement>();
  const ready = ({ sql, method, values }: Sent) => {
    let statement = statements.get(sql);
    if (statement === undefined) {
      statement = client.prepare(sql);
      if (statement.reader) statement.raw(true);
      statements.set(sql, statement);
    }
    return { statement, reader: method !== 'run', values };
  };
  const play = (plays: readonly ReturnType<typeof ready>[]): void => {
    for (const { statement, reader, values } of plays) {
      if (reader) statement.all(values);
      else statement.run(values);
    }
  };
  const [first, second] = [before.map(ready), sent.map(ready)];
  play(first);
  const from = spent();
  play(second);
  const used = spent() - from;
  client.close();
  return used;
}

async function measure(what: string, per: number, play: (store: Store) => Promise<void>): Promise<void> {
  if (!what.startsWith(only)) return;
  const start = join(folder, 'start.sqlite3');
  const of = async (given: (file: string) => Promise<number>): Promise<number> => {
    const file = join(folder, 'round.sqlite3');
    for (const end of ['', '-wal', '-shm']) rmSync(file + end, { force: true });
    cpSync(start, file);
    turns = 0;
    return given(file);
  };
  const notes: Sent[] = [];
  let before: Sent[] = [];
  noted = notes;
  await of(async (file) => {
    const store = open(file);
    // Not what is measured: preparing, migrating and the first play, after which all statements and pages are at hand.
    notes.length = 0;
    await play(store);
    before = notes.splice(0);
    await play(store);
    noted = null;
    await store.close();
    return 0;
  });
  const through: number[] = [];
  const native: number[] = [];
  for (let round = -2; round < ROUNDS; round += 1) {
    const ours = await of(async (file) => {
      const store = open(file);
      await play(store);
      const from = spent();
      await play(store);
      const used = spent() - from;
      await store.close();
      return used;
    });
    const theirs = await of(async (file) => playNatively(file, before, notes));
    if (round >= 0) {
      through.push(ours / per);
      native.push(theirs / per);
    }
  }
  const [ours, theirs] = [median(through), median(native)];
  const each = notes.length / per;
  console.log(`${what.padEnd(34)} ${ours.toFixed(1).padStart(7)} µs   native ${theirs.toFixed(1).padStart(7)} µs   ${each.toFixed(1)} statements   above native ${((ours - theirs) / each).toFixed(2)} µs a statement (least ${((Math.min(...through) - Math.min(...native)) / each).toFixed(2)})`);
}

try {
  await fill(join(folder, 'start.sqlite3'));
  await measure('conversations.get (one passage)', READS, playGets);
  await measure('outbox.pending (one passage)', READS, playPending);
  await measure('empty write passage', TURNS * 4, playEmpty);
  await measure('turn (write passage)', TURNS, playTurns);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
