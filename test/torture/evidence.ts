import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import pg from 'pg';
import Type, { type Static, type TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { createStore, createVault } from '../../src/store/index.ts';
import { groupBy } from './group.ts';
import type { ChannelName } from './types.ts';
import type { FinishedTalk } from './world.ts';

/** What is in the database in the end, read over a connection of our own and not by the gateway's queries. */

const ConversationRow = Type.Object({ id: Type.String(), channel: Type.String(), address: Type.String(), last_seq: Type.Number() });
const ActivityRow = Type.Object({ id: Type.String(), conversation_id: Type.String(), seq: Type.Number(), direction: Type.String(), role: Type.String(), reply_to_id: Type.Union([Type.String(), Type.Null()]), content: Type.String() });
const ReceiptRow = Type.Object({ conversation_id: Type.String(), activity_id: Type.String(), status: Type.String() });
const TicketRow = Type.Object({ id: Type.String(), number: Type.String(), conversation_id: Type.Union([Type.String(), Type.Null()]), title: Type.String(), content: Type.String(), place: Type.Union([Type.String(), Type.Null()]), state: Type.String() });
const TicketEventRow = Type.Object({ ticket_id: Type.String(), seq: Type.Number(), type: Type.String() });
const SequenceRow = Type.Object({ day: Type.String(), last: Type.Number() });
const OutboxRow = Type.Object({ id: Type.String(), lane: Type.String(), kind: Type.String(), state: Type.String(), attempts: Type.Number(), available_at: Type.Number(), last_error: Type.Union([Type.String(), Type.Null()]) });
const LaneRow = Type.Object({ lane: Type.String(), expires_at: Type.Number() });
const AmountRow = Type.Object({ amount: Type.Number() });
const PurposeRow = Type.Object({ purpose: Type.Union([Type.String(), Type.Null()]) });

/** What a message says, whatever else is in it. */
const Content = Type.Object({ type: Type.String(), text: Type.Optional(Type.String()), choices: Type.Optional(Type.Array(Type.Unknown())), name: Type.Optional(Type.String()) });

export interface StoredActivity extends Omit<Static<typeof ActivityRow>, 'content'> {
  readonly content: Static<typeof Content>;
}
export type WaitingRow = Static<typeof OutboxRow>;

/** One conversation as it is stored. */
export interface Found {
  readonly id: string;
  readonly lastSeq: number;
  readonly activities: readonly StoredActivity[];
  readonly delivered: readonly string[];
  readonly failed: readonly string[];
  readonly tickets: readonly (Static<typeof TicketRow> & { readonly events: readonly string[] })[];
}

export interface Evidence {
  readonly found: ReadonlyMap<FinishedTalk, Found>;
  readonly conversations: number;
  readonly inbound: number;
  readonly outbound: number;
  readonly ticketNumbers: readonly string[];
  readonly sequences: readonly Static<typeof SequenceRow>[];
  readonly outbox: readonly WaitingRow[];
  readonly lanes: readonly Static<typeof LaneRow>[];
  readonly purposes: readonly string[];
  /** First place of the trail's chain that does not hold, or null. */
  readonly trailBreaksAt: number | null;
}

export interface Looker {
  /** Everything that waits and is no timer of the future, by the gateway's clock. */
  waiting(now: number): Promise<readonly WaitingRow[]>;
  /** Messages of citizens that are stored. */
  inbound(): Promise<number>;
  collect(talks: readonly FinishedTalk[]): Promise<Evidence>;
  close(): Promise<void>;
}

interface Connection {
  rows<Schema extends TSchema>(shape: Schema, text: string): Promise<readonly Static<Schema>[]>;
  close(): Promise<void>;
}

export interface LookAt {
  /** Empty: SQLite. */
  readonly databaseUrl: string;
  /** Folder of the SQLite file, and a scratch folder otherwise. */
  readonly dataDir: string;
  readonly vaultKey: string;
}

export async function openLooker(at: LookAt): Promise<Looker> {
  const db = at.databaseUrl === '' ? openSqlite(join(at.dataDir, 'yihu.sqlite3')) : await openPostgres(at.databaseUrl);
  const inbound = async (): Promise<number> => (await db.rows(AmountRow, "select count(*) as amount from activities where direction = 'in' and role = 'citizen'"))[0]?.amount ?? 0;
  return {
    inbound,
    waiting: (now) => db.rows(OutboxRow, `select id, lane, kind, state, attempts, available_at, last_error from outbox where kind <> 'timer' or state = 'dead' or available_at <= ${Math.trunc(now)} order by position`),
    close: () => db.close(),
    collect: async (talks) => {
      const conversations = await db.rows(ConversationRow, 'select id, channel, address, last_seq from conversations where last_seq > 0');
      const activities = (await db.rows(ActivityRow, 'select id, conversation_id, seq, direction, role, reply_to_id, content from activities order by conversation_id, seq')).map(readActivity);
      const receipts = await db.rows(ReceiptRow, 'select conversation_id, activity_id, status from delivery_receipts order by position');
      const tickets = await db.rows(TicketRow, 'select id, number, conversation_id, title, content, place, state from tickets');
      const events = groupBy(await db.rows(TicketEventRow, 'select ticket_id, seq, type from ticket_events order by ticket_id, seq'), ({ ticket_id }) => ticket_id);
      const byConversation = { activities: groupBy(activities, (row) => row.conversation_id), receipts: groupBy(receipts, (row) => row.conversation_id), tickets: groupBy(tickets, (row) => row.conversation_id) };
      const byAddress = new Map(conversations.map((row) => [`${row.channel} ${row.address}`, row]));
      const found = new Map<FinishedTalk, Found>();
      for (const talk of talks) {
        const row = byAddress.get(addressOf(talk));
        if (row === undefined) continue;
        const noted = byConversation.receipts.get(row.id) ?? [];
        found.set(talk, {
          id: row.id,
          lastSeq: row.last_seq,
          activities: byConversation.activities.get(row.id) ?? [],
          delivered: noted.filter(({ status }) => status === 'delivered').map(({ activity_id }) => activity_id),
          failed: noted.filter(({ status }) => status === 'failed').map(({ activity_id }) => activity_id),
          tickets: (byConversation.tickets.get(row.id) ?? []).map((ticket) => ({ ...ticket, events: (events.get(ticket.id) ?? []).map(({ seq, type }) => `${seq} ${type}`) })),
        });
      }
      return {
        found,
        conversations: conversations.length,
        inbound: await inbound(),
        outbound: activities.filter(({ direction, content }) => direction === 'out' && content.type === 'message').length,
        ticketNumbers: tickets.map(({ number }) => number),
        sequences: await db.rows(SequenceRow, 'select day, last from ticket_sequences'),
        outbox: await db.rows(OutboxRow, 'select id, lane, kind, state, attempts, available_at, last_error from outbox order by position'),
        lanes: await db.rows(LaneRow, 'select lane, expires_at from lanes where expires_at > 0'),
        purposes: (await db.rows(PurposeRow, 'select purpose from trail where purpose is not null')).flatMap(({ purpose }) => purpose ?? []),
        trailBreaksAt: await verifyTrail(at),
      };
    },
  };
}

const addressOf = ({ channel, address }: { readonly channel: ChannelName; readonly address: string }): string => `${channel} ${address}`;

function readActivity(row: Static<typeof ActivityRow>): StoredActivity {
  const content: unknown = JSON.parse(row.content);
  return { ...row, content: Value.Check(Content, content) ? content : { type: 'unreadable' } };
}

/** The chain is keyed, so its owner's code walks it; its tests show that it sees a changed row. */
async function verifyTrail({ databaseUrl, dataDir, vaultKey }: LookAt): Promise<number | null> {
  const store = await createStore({ databaseUrl, dataDir, vault: createVault(Buffer.from(vaultKey, 'base64')) });
  try {
    return await store.read((repos) => repos.trail.verify());
  } finally {
    await store.close();
  }
}

function checked<Schema extends TSchema>(shape: Schema, rows: readonly unknown[]): readonly Static<Schema>[] {
  return rows.map((row) => {
    if (!Value.Check(shape, row)) throw new Error(`a row is not what the check expects: ${[...Value.Errors(shape, row)].map(({ instancePath, message }) => `${instancePath} ${message}`).join(', ')}`);
    return row;
  });
}

function openSqlite(file: string): Connection {
  const client = new Sqlite(file, { readonly: true, timeout: 10_000 });
  return { rows: async (shape, text) => checked(shape, client.prepare(text).all()), close: async () => void client.close() };
}

/** A connection for each look: the database is restarted under it. */
async function openPostgres(url: string): Promise<Connection> {
  const types = { getTypeParser: (id: number) => (id === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(id)) };
  return {
    rows: async (shape, text) => {
      const client = new pg.Client({ connectionString: url, types });
      await client.connect();
      try {
        return checked(shape, (await client.query(text)).rows);
      } finally {
        await client.end();
      }
    },
    close: async () => undefined,
  };
}
