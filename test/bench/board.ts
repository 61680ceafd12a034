import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Client from 'better-sqlite3';
import { loadCity } from '../../src/config/city.ts';
import { DAY, HOUR } from '../../src/domain/clock.ts';
import { presenceOf } from '../../src/intake/queue/plan.ts';
import { type BoardGiven, readCounts, readStates } from '../../src/measures/board.ts';
import { catchUp } from '../../src/measures/catch-up.ts';
import { loadMeasureSettings } from '../../src/measures/settings.ts';
import { idBefore } from '../../src/measures/times.ts';
import { migrateSqlite, openSqliteStore } from '../../src/store/drivers/sqlite.ts';
import { createVault } from '../../src/store/index.ts';
import { fillSqlite } from './parts/tickets-fill.ts';
import { ownCpuMs } from './processor.ts';
import { createRandom, percentile } from './statistics.ts';
import type { Bench, BenchContext, Figure } from './types.ts';

/**
 * The data wall over a full store: `npm run bench -- board --rows 10000000`. --rows messages and a tenth as many tickets are laid down row by row, the
 * catch-up job counts all of them, and then the wall is asked for.
 */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const WALL_MS = 100;
const STATES_MS = 10;
const RUNS = 50;
/** The newest message; the wall is looked at a moment later. */
const UNTIL = Date.parse('2026-11-23T15:30:00+08:00');
/** Rows of one transaction of the filler. */
const FILL_AT_ONCE = 50_000;
/** Messages of one conversation. */
const TALK = 8;
const SPAN_MS = 335 * DAY;
const CHANNELS = ['ivr-twilio', 'ivr-twilio', 'wechat-miniprogram', 'webchat'];
const TICKETS_MOST = 1_000_000;
const TICKETS_COUNTED = 20_000;
/** When the wall is looked at. */
const NOW = UNTIL + 60_000;

export const board: Bench = {
  name: 'board',
  about: 'the data wall over --rows messages and a tenth as many tickets (a million at most): a picture, and what counting costs, SQLite',
  long: true,
  run: async (context) => {
    const file = join(context.folder, 'board.sqlite3');
    await migrateSqlite(file);
    const client = new Client(file);
    client.pragma('synchronous = OFF');
    const messages = fillMessages(client, context);
    const perMessages = await countAll(context, file, (part) => context.progress(0.4 + part * 0.2, 'counting messages'), messages / 10_000);
    const tickets = Math.min(TICKETS_MOST, Math.ceil(context.sizes.rows / 10));
    await fillSqlite(client, { rows: tickets, until: UNTIL - HOUR, stop: context.stop, progress: (part, doing) => context.progress(0.6 + part * 0.2, doing) });
    // Of very many tickets only the last are counted here: the wall's states want them all, its counts are no quicker for fewer.
    const counted = Math.min(tickets, TICKETS_COUNTED);
    client.prepare('insert into measure_cursors (source, cursor) values (?, ?) on conflict do update set cursor = excluded.cursor').run('tickets', String(UNTIL - SPAN_MS * (counted / tickets)));
    client.close();
    const perTickets = await countAll(context, file, (part) => context.progress(0.8 + part * 0.15, 'counting tickets'), counted / 1_000);
    return [
      { what: 'messages', unit: '', rounds: [messages] },
      { what: 'tickets', unit: '', rounds: [tickets] },
      { what: 'counting, processor time per 10,000 messages', unit: 'ms', rounds: [perMessages] },
      { what: 'counting, processor time per 1,000 tickets (ten events each)', unit: 'ms', rounds: [perTickets] },
      ...(await look(context, file)),
    ];
  },
};

/** Conversations one after the other over eleven months, in the order of time: a question, an answer with its source, and so on. */
function fillMessages(client: Client.Database, { sizes, stop, progress }: BenchContext): number {
  const insert = client.prepare('insert into activities (id, conversation_id, seq, direction, channel, role, at, reply_to_id, content) values (?, ?, ?, ?, ?, ?, ?, ?, ?)');
  const step = SPAN_MS / sizes.rows;
  const random = createRandom(20_261_123);
  const question = JSON.stringify({ type: 'message', text: '小区旁边的工地夜里十一点还在施工，影响老人和孩子休息，希望尽快处理。' });
  const answer = JSON.stringify({ type: 'message', text: '建筑施工噪声由生态环境部门负责，夜间二十二时至次日六时不得施工，您可以直接登记投诉。', source: { title: '建筑施工噪声', department: '市生态环境局' } });
  let done = 0;
  const some = client.transaction((to: number) => {
    for (; done < to; done += 1) {
      const at = Math.floor(UNTIL - SPAN_MS + done * step);
      const talk = Math.floor(done / TALK);
      const seq = (done % TALK) + 1;
      const asks = seq % 2 === 1;
      const id = idOf(at, done);
      insert.run(id, `conversation-${talk}`, seq, asks ? 'in' : 'out', CHANNELS[talk % CHANNELS.length], asks ? 'citizen' : 'bot', at, asks ? null : idOf(Math.floor(UNTIL - SPAN_MS + (done - 1) * step), done - 1), asks || random() < 0.4 ? question : answer);
    }
  });
  while (done < sizes.rows && !stop.aborted) {
    some(Math.min(sizes.rows, done + FILL_AT_ONCE));
    progress((done / sizes.rows) * 0.4, `messages, ${Math.round((done / sizes.rows) * 100)} %`);
  }
  return done;
}

const idOf = (at: number, serial: number): string => `${idBefore(at).slice(0, 14)}7000-8000-${String(serial).padStart(12, '0')}`;

/** Counts until nothing is left; processor time by the `amount`, ms. */
async function countAll({ stop }: BenchContext, file: string, progress: (part: number) => void, amount: number): Promise<number> {
  const store = openSqliteStore({ file, vault: createVault(randomBytes(32)), synchronous: 'NORMAL' });
  try {
    const { limits } = loadMeasureSettings(ROOT);
    const before = ownCpuMs();
    let more = true;
    for (let passes = 1; more && !stop.aborted; passes += 1) {
      ({ more } = await catchUp({ store, holder: 'bench', limits: () => limits, now: () => NOW, settleMs: 5_000 }));
      progress(1 - 1 / passes);
    }
    return (ownCpuMs() - before) / amount;
  } finally {
    await store.close();
  }
}

async function look({ stop }: BenchContext, file: string): Promise<readonly Figure[]> {
  const store = openSqliteStore({ file, vault: createVault(randomBytes(32)), synchronous: 'NORMAL' });
  try {
    const given: BoardGiven = { city: loadCity(ROOT), settings: loadMeasureSettings(ROOT), channels: CHANNELS, presenceOf: (seat, at) => presenceOf(seat, at).presence };
    const walls: number[] = [];
    const states: number[] = [];
    for (let run = 0; run <= RUNS && !stop.aborted; run += 1) {
      const timed = async (times: number[], fn: () => Promise<unknown>): Promise<void> => {
        // Processor time: what else the machine does is not the wall's.
        const from = ownCpuMs();
        await fn();
        if (run > 0) times.push(ownCpuMs() - from);
      };
      await timed(walls, () => store.read(async (repos) => [await readCounts(repos, given, NOW), await readStates(repos, given, NOW)]));
      await timed(states, () => store.read((repos) => readStates(repos, given, NOW)));
    }
    const client = new Client(file, { readonly: true });
    const rollups = client.prepare<[], { readonly amount: number }>('select count(*) as amount from measure_rollups').get()?.amount ?? 0;
    client.close();
    const p95 = (times: readonly number[]): number => percentile(times.toSorted((left, right) => left - right), 0.95);
    return [
      { what: 'rollup rows', unit: '', rounds: [rollups] },
      { what: 'a whole picture, processor time, p95', unit: 'ms', rounds: [p95(walls)], budget: { limit: WALL_MS, kind: 'most' } },
      { what: 'its states alone (queue, seats, open tickets), processor time, p95', unit: 'ms', rounds: [p95(states)], budget: { limit: STATES_MS, kind: 'most' } },
    ];
  } finally {
    await store.close();
  }
}
