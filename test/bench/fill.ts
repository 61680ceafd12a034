import { randomBytes } from 'node:crypto';
import Client, { type Database, type Statement } from 'better-sqlite3';

/**
 * Fills a SQLite store fast: conversations that a gateway really had are copied, row by row with everything that belongs to
 * them, under new ids, until the store has so many activities. What the columns mean is not known here; only ids, names that
 * must be unique, and times are changed, so rows stay shaped as the gateway wrote them.
 */

type Value = string | number | bigint | Buffer | null;

/** How a value of a copied row comes about. */
type Change =
  | { readonly kind: 'same'; readonly value: Value }
  /** One of the conversation's own ids and names, by its place among them. */
  | { readonly kind: 'own'; readonly index: number }
  /** A moment, so many ms before the conversation's last. */
  | { readonly kind: 'time'; readonly before: number };

interface RowCopy {
  readonly insert: Statement;
  readonly values: readonly Change[];
}

interface Pattern {
  readonly rows: readonly RowCopy[];
  /** What must be new in each copy; all distinct. */
  readonly own: readonly string[];
  readonly activities: number;
  readonly owner: string;
}

export interface FillOptions {
  readonly file: string;
  /** Activities to have in the end. */
  readonly activities: number;
  /** End of the time over which the copies are spread, epoch ms. */
  readonly until: number;
  readonly progress: (part: number) => void;
  readonly stop: AbortSignal;
}

const SPREAD_MS = 330 * 24 * 3_600_000;
const TRANSACTION_ROWS = 20_000;
/** Unique in their tables; what is not null in them is the conversation's own, like its ids. */
const OWN_COLUMNS: ReadonlySet<string> = new Set(['id', 'external_id', 'address', 'number', 'user_index', 'phone_index']);
const TIME_COLUMN = /^(at|\w+_at|waiting_since)$/;

/** Copies until there are enough; resolves with the number of activities that are there now. The gateway must not run. */
export async function fill({ file, activities, until, progress, stop }: FillOptions): Promise<number> {
  const database = new Client(file);
  try {
    for (const pragma of ['journal_mode = MEMORY', 'synchronous = OFF', 'cache_size = -400000', 'foreign_keys = OFF']) database.pragma(pragma);
    const patterns = patternsOf(database);
    const first = patterns[0];
    if (first === undefined) throw new Error('no conversation to copy');
    const already = countOf(database);
    const wanted = activities - already;
    const perRound = patterns.reduce((sum, pattern) => sum + pattern.activities, 0);
    const copies = Math.max(1, Math.ceil((wanted / perRound) * patterns.length));
    const owners = new Map<string, number>();
    let made = 0;
    for (let copy = 0; made < wanted && !stop.aborted; ) {
      const from = made;
      database.exec('begin');
      while (made < wanted && made - from < TRANSACTION_ROWS) {
        const pattern = patterns[copy % patterns.length] ?? first;
        const at = Math.round(until - SPREAD_MS + (SPREAD_MS * copy) / copies);
        writeCopy(pattern, copy, at);
        owners.set(pattern.owner, (owners.get(pattern.owner) ?? 0) + 1);
        made += pattern.activities;
        copy += 1;
      }
      database.exec('commit');
      progress(Math.min(1, made / Math.max(1, wanted)));
      // Lets Ctrl+C in.
      await new Promise((resolve) => void setImmediate(resolve));
    }
    tally(database, owners);
    database.pragma('journal_mode = WAL');
    return already + made;
  } finally {
    database.close();
  }
}

function writeCopy(pattern: Pattern, copy: number, at: number): void {
  const own = pattern.own.map((old, index) => renewed(old, copy, index, at));
  for (const { insert, values } of pattern.rows) {
    insert.run(values.map((change) => (change.kind === 'same' ? change.value : change.kind === 'own' ? (own[change.index] ?? null) : at - change.before)));
  }
}

/** As an id of that time would be: UUIDs of version 7 grow with time, so they go to the end of their index, as real ones do. */
export function renewed(old: string, copy: number, index: number, at: number): string {
  if (/^[0-9a-f]{8}-[0-9a-f]{4}-7/.test(old)) {
    const time = at.toString(16).padStart(12, '0');
    const rest = randomBytes(8).toString('hex');
    return `${time.slice(0, 8)}-${time.slice(8)}-7${(index % 4096).toString(16).padStart(3, '0')}-a${rest.slice(1, 4)}-${rest.slice(4)}`;
  }
  if (/^\d+$/.test(old)) return `1${String(copy * 64 + index).padStart(old.length - 1, '0')}`;
  return randomBytes(Math.ceil((old.length * 3) / 4)).toString('base64url').slice(0, old.length);
}

function patternsOf(database: Database): readonly Pattern[] {
  const tables = namesOf(database, "select name from pragma_table_list where schema = 'main' and type = 'table' and name not like 'sqlite_%'");
  const columns = new Map(tables.map((table) => [table, namesOf(database, `select name from pragma_table_info('${table}')`)]));
  const ofConversation = tables.filter((table) => columns.get(table)?.includes('conversation_id') === true);
  const inserts = new Map(tables.map((table) => {
    const kept = keptColumns(columns.get(table) ?? []);
    return [table, database.prepare(`insert into "${table}" (${kept.map((name) => `"${name}"`).join(', ')}) values (${kept.map(() => '?').join(', ')})`)];
  }));
  const rowsOf = (table: string, column: string, value: Value): readonly Readonly<Record<string, Value>>[] =>
    database.prepare<[Value], Readonly<Record<string, Value>>>(`select * from "${table}" where "${column}" = ?`).all(value);

  return database.prepare<[], { readonly id: string; readonly citizen_id: string; readonly owner: string; readonly last_activity_at: number }>('select * from conversations where last_seq > 0').all().map((conversation): Pattern => {
    const found = [
      ['citizens', rowsOf('citizens', 'id', conversation.citizen_id)] as const,
      ['citizen_identities', rowsOf('citizen_identities', 'citizen_id', conversation.citizen_id)] as const,
      ['conversations', rowsOf('conversations', 'id', conversation.id)] as const,
      ...ofConversation.map((table) => [table, rowsOf(table, 'conversation_id', conversation.id)] as const),
      ...rowsOf('tickets', 'conversation_id', conversation.id).flatMap(({ id }) => ['ticket_events', 'ticket_clocks', 'ticket_departments'].map((table) => [table, rowsOf(table, 'ticket_id', id ?? null)] as const)),
    ];
    const own = [...new Set(found.flatMap(([, rows]) => rows.flatMap((row) => Object.entries(row).flatMap(([name, value]) => (OWN_COLUMNS.has(name) && typeof value === 'string' ? [value] : [])))))];
    const placeOf = new Map(own.map((value, index) => [value, index]));
    const change = (name: string, value: Value): Change => {
      const index = typeof value === 'string' ? placeOf.get(value) : undefined;
      if (index !== undefined) return { kind: 'own', index };
      return TIME_COLUMN.test(name) && typeof value === 'number' ? { kind: 'time', before: conversation.last_activity_at - value } : { kind: 'same', value };
    };
    const rows = found.flatMap(([table, its]) => its.flatMap((row): readonly RowCopy[] => {
      const insert = inserts.get(table);
      return insert === undefined ? [] : [{ insert, values: keptColumns(columns.get(table) ?? []).map((name) => change(name, row[name] ?? null)) }];
    }));
    return { rows, own, owner: conversation.owner, activities: found.filter(([table]) => table === 'activities').reduce((sum, [, its]) => sum + its.length, 0) };
  });
}

/** `position` is given by the database. */
function keptColumns(names: readonly string[]): readonly string[] {
  return names.filter((name) => name !== 'position');
}

function namesOf(database: Database, statement: string): readonly string[] {
  return database.prepare<[], { readonly name: string }>(statement).all().map(({ name }) => name);
}

function countOf(database: Database): number {
  return database.prepare<[], { readonly amount: number }>('select count(*) as amount from activities').get()?.amount ?? 0;
}

/** The house counts conversations as they come; copies must be counted as well. */
function tally(database: Database, owners: ReadonlyMap<string, number>): void {
  const add = database.prepare('insert into conversation_tallies (owner, slot, amount) values (?, 0, ?) on conflict (owner, slot) do update set amount = amount + excluded.amount');
  for (const [owner, amount] of owners) add.run(owner, amount);
}
