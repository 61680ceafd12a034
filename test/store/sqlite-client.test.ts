import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import Client from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isBusy, isSafeToLetGo, openSqliteClient, type SqliteClient } from '../../src/store/drivers/sqlite-client.ts';
import { temporaryFolder } from './support.ts';

/** All connections that the door has closed in this test. */
const connections: WeakRef<object>[] = [];
const { close } = Client.prototype;

setFlagsFromString('--expose_gc');
const collect: unknown = runInNewContext('gc');

/** How many of them are there when all that nobody holds has been collected. */
async function alive(...kinds: readonly (readonly WeakRef<object>[])[]): Promise<number[]> {
  if (typeof collect !== 'function') throw new TypeError('there is no gc');
  await setImmediate(); // what this turn of the event loop has looked at is not collected within it
  collect();
  return kinds.map((refs) => refs.filter((ref) => ref.deref() !== undefined).length);
}

describe('the door to better-sqlite3', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let file: string;
  beforeEach(() => {
    folder = temporaryFolder();
    file = join(folder.path, 'a.sqlite3');
    connections.length = 0;
    Client.prototype.close = function noting(this: Client.Database) {
      connections.push(new WeakRef(this));
      return close.call(this);
    };
  });
  afterEach(() => {
    Client.prototype.close = close;
    folder.remove();
  });

  it('gives the same statement for the same text, and another one for rows as arrays', () => {
    const client = openSqliteClient(file, { keep: 2 });
    const statement = client.prepare('select 1 as one');
    const raw = client.prepareRaw('select 1 as one');
    expect(client.prepare('select 1 as one')).toBe(statement);
    expect(client.prepareRaw('select 1 as one')).toBe(raw);
    for (let round = 0; round < 2; round += 1) {
      expect(statement.all()).toEqual([{ one: 1 }]);
      expect(raw.all()).toEqual([[1]]);
    }
    for (let text = 0; text < 20; text += 1) expect(client.prepareRaw(`select ${text}`).get()).toEqual([text]);
    // Forgotten, which is no matter to who has it.
    expect(client.prepare('select 1 as one')).toBe(statement);
    expect(client.prepareRaw('select 1 as one')).not.toBe(raw);
    expect(raw.all()).toEqual([[1]]);
    expect(client.prepareRaw('create table a (b)').run().changes).toBe(0);
    client.close();
  });

  it('sets pragmas and tells a busy file from other failures', () => {
    const client = openSqliteClient(file, { timeout: 0 });
    client.exec('pragma journal_mode = WAL; pragma cache_size = -123');
    expect(client.prepareRaw('pragma journal_mode').get()).toEqual(['wal']);
    expect(client.prepareRaw('pragma cache_size').get()).toEqual([-123]);
    const other = openSqliteClient(file, { timeout: 0 });
    client.exec('begin immediate');
    expect([client.inTransaction, other.inTransaction]).toEqual([true, false]);
    expect(isBusy(failureOf(() => other.exec('begin immediate')))).toBe(true);
    expect(isBusy(failureOf(() => other.prepare('select a from nothing')))).toBe(false);
    client.exec('rollback');
    for (const one of [client, other]) one.close();
    expect(client.open).toBe(false);
  });

  it('leaves nothing to the collector where that would end the process, not when it is closed either', async () => {
    const statements: WeakRef<object>[] = [];
    const use = (client: SqliteClient): void => {
      client.exec('pragma cache_size = -100; create table a (b)');
      for (let text = 0; text < 600; text += 1) statements.push(new WeakRef(client.prepare(`insert into a values (${text})`)), new WeakRef(client.prepareRaw(`select * from a where b < ${text}`)));
      client.close();
    };
    use(openSqliteClient(':memory:', { keep: 'all' }));
    openSqliteClient(':memory:', { keep: 'all' }).close(); // what the lock of a folder is: never asked anything
    expect(await alive(connections, statements)).toEqual([2, 1200]);
  });

  it('lets go elsewhere: while it is open of what was not used lately, and of all when it is closed', async () => {
    const statements: WeakRef<object>[] = [];
    const open = [openSqliteClient(':memory:', { keep: 50 })];
    // In functions of their own, which leave nothing of it in this one.
    const use = ({ prepareRaw }: SqliteClient): void => {
      for (let text = 0; text < 600; text += 1) statements.push(new WeakRef(prepareRaw(`select ${text}`)));
    };
    const end = (client: SqliteClient): void => client.close();
    open.forEach(use);
    const [kept] = await alive(statements);
    expect(kept).toBeGreaterThanOrEqual(50);
    expect(kept).toBeLessThanOrEqual(100);
    open.splice(0).forEach(end);
    expect(connections).toHaveLength(1);
    expect(await alive(connections, statements)).toEqual([0, 0]);
  });

  it.each([
    ['20.19.0', true],
    ['22.23.1', true],
    ['24.0.0', false],
    ['24.18.1', false],
    ['24.21.0', false],
    ['25.9.0', false],
    ['26.3.1', false],
    ['26.4.0', true],
    ['26.11.0', true],
    ['28.0.0', true],
  ])('knows Node %s: %s', (version, safe) => {
    expect(isSafeToLetGo(version)).toBe(safe);
  });
});

function failureOf(attempt: () => unknown): unknown {
  try {
    attempt();
  } catch (error) {
    return error;
  }
  return null;
}
