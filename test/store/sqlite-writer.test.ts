import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import Client from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Repositories, Store } from '../../src/store/contract.ts';
import { openSqliteStore } from '../../src/store/drivers/sqlite.ts';
import { NOW } from '../contracts/store/support.ts';
import { anOutboxDraft } from '../factories/index.ts';
import { gate } from './gate.ts';
import { temporaryFolder, testVault } from './support.ts';

describe('SQLite group commit', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let file: string;
  let store: Store;
  let groups: number[];

  beforeEach(() => {
    folder = temporaryFolder();
    file = join(folder.path, 'yihu.sqlite3');
    groups = [];
    store = openSqliteStore({ file, vault: testVault(), onCommit: ({ jobs }) => groups.push(jobs) });
  });
  afterEach(async () => {
    await store.close();
    folder.remove();
  });

  const add = (id: string) => (repos: Repositories) => repos.outbox.add([anOutboxDraft({ id })]);
  const pending = (id: string) => store.read((repos) => repos.outbox.pending(id));
  const ready = async (): Promise<number> => (await store.read((repos) => repos.outbox.counts(NOW))).ready;

  /** However slow the machine is: what waits together is one group. */
  const timeless = async (): Promise<void> => {
    await store.close();
    store = openSqliteStore({ file, vault: testVault(), onCommit: ({ jobs }) => groups.push(jobs), elapsed: () => 0 });
  };

  it('commits writes that wait together at once', async () => {
    await Promise.all(Array.from({ length: 50 }, (_, index) => store.write(add(`r${index}`))));
    expect(groups.reduce((sum, jobs) => sum + jobs, 0)).toBe(50);
    expect(groups.length).toBeLessThan(25);
    expect(await ready()).toBe(50);
  });

  it('takes the turns of writes that follow each other', async () => {
    for (let index = 0; index < 3; index += 1) await store.write(add(`r${index}`));
    expect(groups).toEqual([1, 1, 1]);
  });

  it('never makes a group so long that others wait for it', async () => {
    await Promise.all(Array.from({ length: 1000 }, (_, index) => store.write(add(`r${index}`))));
    expect(Math.max(...groups)).toBeLessThanOrEqual(256);
    expect(await ready()).toBe(1000);
  });

  it('runs jobs in the order of asking', async () => {
    await Promise.all(Array.from({ length: 30 }, (_, index) => store.write(add(`r${index}`))));
    const rows = await store.read((repos) => repos.outbox.due('turn:conversation-0000', NOW, 100));
    expect(rows.map((row) => row.id)).toEqual(Array.from({ length: 30 }, (_, index) => `r${index}`));
  });

  it('forgets what is done while there is always more to do', async () => {
    setFlagsFromString('--expose-gc');
    const collectGarbage: unknown = runInNewContext('gc');
    if (typeof collectGarbage !== 'function') throw new Error('this Node does not let its garbage be collected');
    let more = true;
    let asked = 0;
    const jobs: Promise<void>[] = [];
    // Two chains, each asking for its next before it ends: one always waits, so the queue never runs empty.
    const ask = (given: { readonly id: string }): WeakRef<object> => {
      jobs.push(store.write(async (repos) => {
        if (more) ask({ id: `r${(asked += 1)}` });
        await repos.outbox.add([anOutboxDraft({ id: given.id })]);
      }));
      return new WeakRef(given);
    };
    const early = ask({ id: 'early' });
    ask({ id: 'beside' });
    while (groups.length < 3) await new Promise((resolve) => setImmediate(resolve));
    jobs.splice(0, 10);
    collectGarbage();
    const forgotten = early.deref() === undefined;
    more = false;
    for (let done = 0; done < jobs.length; done += 1) await jobs[done];
    expect(forgotten).toBe(true);
  });

  it('rejects a failing job alone', async () => {
    const outcomes = await Promise.allSettled(
      Array.from({ length: 9 }, (_, index) =>
        store.write(async (repos) => {
          await add(`r${index}`)(repos);
          if (index % 3 === 0) throw new Error(`job ${index}`);
          if (index % 3 === 1) await add(`r${index}`)(repos); // twice: the table refuses
        }),
      ),
    );
    expect(outcomes.map((one) => one.status)).toEqual(Array.from({ length: 9 }, (_, index) => (index % 3 === 2 ? 'fulfilled' : 'rejected')));
    expect(await ready()).toBe(3);
  });

  it('rejects a job that fails before its first statement', async () => {
    await expect(
      store.write(() => {
        throw new Error('not even a promise');
      }),
    ).rejects.toThrow('not even a promise');
    await store.write(add('next'));
    expect(await pending('next')).toBe(true);
  });

  it.each<[string, () => Promise<unknown>]>([
    ['a timer', () => new Promise((resolve) => setTimeout(resolve, 0))],
    ['an immediate', () => new Promise((resolve) => setImmediate(resolve))],
    ['the next tick', () => new Promise((resolve) => process.nextTick(resolve))],
    ['a file', () => readFile(new URL(import.meta.url))],
    ['another write', () => store.write((repos) => repos.seats.count())],
    ['nothing that ever happens', () => new Promise(() => {})],
  ])('refuses a job that waits for %s, and hurts nobody else', async (_what, wait) => {
    const slow = store.write(async (repos) => {
      await add('slow')(repos);
      await wait();
      await add('late')(repos);
    });
    const neighbours = ['a', 'b', 'c'].map((id) => store.write(add(id)));
    await expect(slow).rejects.toMatchObject({ name: 'AppError', code: 'store.slow_write' });
    await Promise.all(neighbours);
    expect([await pending('slow'), await pending('late'), await pending('a'), await pending('c')]).toEqual([false, false, true, true]);
  });

  it('refuses what a slow job still tries when it comes back', async () => {
    const back = gate();
    const tried = gate();
    let late: unknown = null;
    const slow = store.write(async (repos) => {
      const { outbox } = repos;
      await back.opened;
      await outbox.add([anOutboxDraft({ id: 'late' })]).catch((error: unknown) => (late = error));
      tried.open();
    });
    await expect(slow).rejects.toMatchObject({ code: 'store.slow_write' });
    // It comes back in the middle of somebody else's write.
    await store.write(async (repos) => {
      await add('other')(repos);
      back.open();
      await tried.opened;
    });
    expect(late).toMatchObject({ code: 'store.door_shut' });
    expect([await pending('other'), await pending('late')]).toEqual([true, false]);
  });

  it('lets a job take its time inside the repositories', async () => {
    await store.write(async (repos) => {
      for (let index = 0; index < 3000; index += 1) await add(`r${index}`)(repos);
    });
    expect(await ready()).toBe(3000);
  });

  it('rejects every job of a group whose commit fails, and none of the next', async () => {
    // A foreign key that is only looked at by COMMIT, broken by the row named `bad`.
    const beneath = new Client(file);
    beneath.exec(`
      create table parents (id integer primary key);
      create table children (parent integer references parents (id) deferrable initially deferred);
      create trigger break_commit after insert on outbox when new.id = 'bad' begin insert into children values (1); end;
    `);
    beneath.close();
    await timeless();
    groups.length = 0;
    const outcomes = await Promise.allSettled(['a', 'bad', 'b'].map((id) => store.write(add(id))));
    for (const outcome of outcomes) expect(outcome).toMatchObject({ status: 'rejected', reason: { name: 'AppError', code: 'store.constraint' } });
    expect(groups).toEqual([]);
    expect(await ready()).toBe(0);
    await store.write(add('next'));
    expect(await ready()).toBe(1);
  });

  it('rejects the whole group when SQLite gives the transaction up, and goes on', async () => {
    // RAISE(ROLLBACK) ends the transaction from within a statement, as a full disk does.
    const beneath = new Client(file);
    beneath.exec(`create trigger give_up after insert on outbox when new.id = 'bad' begin select raise(rollback, 'given up'); end;`);
    beneath.close();
    await timeless();
    const outcomes = await Promise.allSettled(['a', 'bad', 'b', 'c'].map((id) => store.write(add(id))));
    expect(outcomes.map((one) => one.status)).toEqual(['rejected', 'rejected', 'fulfilled', 'fulfilled']);
    expect([await pending('a'), await pending('bad'), await pending('b'), await pending('c')]).toEqual([false, false, true, true]);
  });
});

describe('SQLite doors', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let store: Store;

  beforeEach(() => {
    folder = temporaryFolder();
    store = openSqliteStore({ file: join(folder.path, 'deep', 'er', 'yihu.sqlite3'), vault: testVault() });
  });
  afterEach(async () => {
    await store.close();
    folder.remove();
  });

  const add = (id: string) => store.write((repos) => repos.outbox.add([anOutboxDraft({ id })]));

  it('reads one moment, whatever is committed meanwhile', async () => {
    const looked = gate();
    const written = gate();
    const seen: boolean[] = [];
    const reading = store.read(async ({ outbox }) => {
      seen.push(await outbox.pending('r1'));
      looked.open();
      await written.opened;
      seen.push(await outbox.pending('r1'));
    });
    await looked.opened;
    await add('r1');
    written.open();
    await reading;
    seen.push(await store.read(({ outbox }) => outbox.pending('r1')));
    expect(seen).toEqual([false, false, true]);
  });

  it('serves more readers at once than it has connections', async () => {
    await add('r1');
    const go = gate();
    const readers = Array.from({ length: 12 }, () =>
      store.read(async ({ outbox }) => {
        await go.opened;
        return outbox.pending('r1');
      }),
    );
    go.open();
    expect(await Promise.all(readers)).toEqual(Array.from({ length: 12 }, () => true));
  });

  it('gives a connection back when a reader throws', async () => {
    for (let index = 0; index < 10; index += 1) {
      await expect(
        store.read(async () => {
          throw new Error('reader');
        }),
      ).rejects.toThrow('reader');
    }
    expect(await store.read(({ outbox }) => outbox.pending('r1'))).toBe(false);
  });

  it('finishes what was asked for before it closes, and refuses what comes after', async () => {
    const go = gate();
    const reading = store.read(async ({ outbox }) => {
      await go.opened;
      return outbox.pending('r1');
    });
    const writes = ['r1', 'r2', 'r3'].map(add);
    const closing = store.close();
    await expect(add('r4')).rejects.toMatchObject({ code: 'store.closed', retry: 'later' });
    await expect(store.read(({ outbox }) => outbox.pending('r1'))).rejects.toMatchObject({ code: 'store.closed' });
    await expect(store.ping()).rejects.toMatchObject({ code: 'store.closed' });
    go.open();
    await Promise.all([...writes, reading, closing]);
    await store.close();
    const again = openSqliteStore({ file: join(folder.path, 'deep', 'er', 'yihu.sqlite3'), vault: testVault() });
    expect(await again.read((repos) => repos.outbox.counts(NOW))).toMatchObject({ ready: 3 });
    await again.close();
  });
});
