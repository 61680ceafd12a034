import { copyFileSync, existsSync, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import Client from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Store } from '../../src/store/contract.ts';
import { createDisk, type SyncedFile, walOf } from '../../src/store/drivers/sqlite-disk.ts';
import { openSqliteStore } from '../../src/store/drivers/sqlite.ts';
import { NOW } from '../contracts/store/support.ts';
import { anOutboxDraft } from '../factories/index.ts';
import { temporaryFolder, testVault } from './support.ts';

/** A disk that works when it is told to. */
function slowFile() {
  const syncs: ((error: unknown) => void)[] = [];
  let closed = false;
  const file: SyncedFile = { sync: (done) => void syncs.push(done), close: () => void (closed = true) };
  const end = (error: unknown): void => {
    const done = syncs.shift();
    if (done === undefined) throw new Error('nobody waits for the disk');
    done(error);
  };
  return { file, waiting: () => syncs.length, isClosed: () => closed, done: () => end(null), fail: () => end(Object.assign(new Error('EIO'), { code: 'EIO' })) };
}

/** All that can happen without the disk has happened. */
async function rest(): Promise<void> {
  for (let turn = 0; turn < 8; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

describe('disk', () => {
  it('tells at once when nothing was written', () => {
    const disk = createDisk(slowFile().file);
    const told: unknown[] = [];
    disk.whenDurable((lost) => told.push(lost));
    expect(told).toEqual([null]);
  });

  it('tells in the order of asking, and takes together what is committed while it works', () => {
    const slow = slowFile();
    const disk = createDisk(slow.file);
    const told: string[] = [];
    for (const name of ['a', 'b', 'c']) {
      disk.committed();
      disk.whenDurable(() => told.push(name));
    }
    disk.whenDurable(() => told.push('reader'));
    expect(slow.waiting()).toBe(1);
    slow.done();
    expect(told).toEqual(['a']);
    slow.done();
    expect(told).toEqual(['a', 'b', 'c', 'reader']);
    expect(slow.waiting()).toBe(0);
  });

  it('is lost for everybody who waits and who comes later, whatever a later try would say', () => {
    const slow = slowFile();
    const disk = createDisk(slow.file);
    const told: (string | undefined)[] = [];
    disk.committed();
    disk.whenDurable((lost) => told.push(lost?.code));
    disk.committed();
    disk.whenDurable((lost) => told.push(lost?.code));
    slow.fail();
    disk.committed();
    disk.whenDurable((lost) => told.push(lost?.code));
    expect(told).toEqual(['store.disk_failed', 'store.disk_failed', 'store.disk_failed']);
    expect(disk.lost).toMatchObject({ code: 'store.disk_failed', retry: 'later', details: { code: 'EIO' } });
    expect(slow.waiting()).toBe(0);
  });

  it('is lost when the file cannot be opened', () => {
    const folder = temporaryFolder();
    const disk = createDisk(walOf(join(folder.path, 'nothing.sqlite3')));
    disk.committed();
    expect(disk.lost).toMatchObject({ code: 'store.disk_failed', details: { code: 'ENOENT' } });
    disk.close();
    folder.remove();
  });
});

describe('SQLite and its disk', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let file: string;
  let slow: ReturnType<typeof slowFile>;
  let store: Store;

  beforeEach(() => {
    folder = temporaryFolder();
    file = join(folder.path, 'yihu.sqlite3');
    slow = slowFile();
    store = openSqliteStore({ file, vault: testVault(), wal: slow.file, elapsed: () => 0 });
  });
  afterEach(async () => {
    const closing = store.close();
    await rest();
    while (slow.waiting() > 0) {
      slow.done();
      await rest();
    }
    await closing;
    folder.remove();
  });

  const heard: string[] = [];
  beforeEach(() => void heard.splice(0));
  /** Adds a row and notes when its writer heard of it. */
  const add = (id: string, ran: () => void = () => {}) =>
    store
      .write(async (repos) => {
        await repos.outbox.add([anOutboxDraft({ id })]);
        ran();
      })
      .then(() => heard.push(id), (error: unknown) => heard.push(`${id}: ${error instanceof Error && 'code' in error ? String(error.code) : 'failed'}`));
  const pending = (id: string) => store.read((repos) => repos.outbox.pending(id));

  it('acknowledges a write when the disk has it, and does the next one meanwhile', async () => {
    let ran = false;
    void add('first');
    await rest();
    void add('second', () => (ran = true));
    await rest();
    expect([ran, heard]).toEqual([true, []]);
    slow.done();
    await rest();
    expect(heard).toEqual(['first']);
    slow.done();
    await rest();
    expect(heard).toEqual(['first', 'second']);
  });

  it('lets a reader hear of nothing that the disk does not have', async () => {
    void add('first');
    await rest();
    const seen: boolean[] = [];
    void pending('first').then((there) => seen.push(there));
    await rest();
    expect(seen).toEqual([]);
    slow.done();
    await rest();
    expect([heard, seen]).toEqual([['first'], [true]]);
    expect(await pending('first')).toBe(true);
  });

  it('tells a refusal that rests on an earlier write after that one is durable', async () => {
    void add('same');
    await rest();
    void add('same');
    await rest();
    expect(heard).toEqual([]);
    slow.done();
    await rest();
    expect(heard).toEqual(['same', 'same: store.constraint']);
  });

  it('acknowledges nobody when the disk fails, and neither writes nor reads afterwards', async () => {
    let ran = false;
    void add('first');
    await rest();
    void add('second');
    const reading = pending('first').catch((error: unknown) => error);
    await rest();
    slow.fail();
    await rest();
    expect(heard).toEqual(['first: store.disk_failed', 'second: store.disk_failed']);
    expect(await reading).toMatchObject({ code: 'store.disk_failed', status: 503 });
    await add('third', () => (ran = true));
    expect([ran, heard.at(-1)]).toEqual([false, 'third: store.disk_failed']);
    await expect(pending('first')).rejects.toMatchObject({ code: 'store.disk_failed' });
    await expect(store.ping()).rejects.toMatchObject({ code: 'store.disk_failed' });
    expect(slow.waiting()).toBe(0);
  });

  it('closes when the last commit is on the disk', async () => {
    void add('first');
    let closed = false;
    await rest();
    const closing = store.close().then(() => (closed = true));
    await rest();
    expect([closed, slow.isClosed()]).toEqual([false, false]);
    slow.done();
    await closing;
    expect([heard, slow.isClosed()]).toEqual([['first'], true]);
  });

  it('waits for no disk with synchronous=NORMAL', async () => {
    const trusting = openSqliteStore({ file: join(folder.path, 'other.sqlite3'), vault: testVault(), synchronous: 'NORMAL', wal: slow.file });
    await trusting.write((repos) => repos.outbox.add([anOutboxDraft({ id: 'r1' })]));
    expect(slow.waiting()).toBe(0);
    await trusting.close();
  });
});

describe('the file that is synced', () => {
  it('is the one SQLite writes to, through checkpoints and other connections that come and go', async () => {
    const folder = temporaryFolder();
    const file = join(folder.path, 'yihu.sqlite3');
    const store = openSqliteStore({ file, vault: testVault() });
    const identity = (): number => statSync(`${file}-wal`).ino;
    await store.write((repos) => repos.outbox.add([anOutboxDraft({ id: 'first' })]));
    const before = identity();
    const sizes = new Set<number>();
    // Some 20 MB: more than a checkpoint waits for.
    for (let round = 0; round < 10; round += 1) {
      await store.write((repos) => repos.outbox.add(Array.from({ length: 20 }, (_, index) => anOutboxDraft({ id: `r${round}-${index}`, payload: { text: 'x'.repeat(100_000) } }))));
      const other = new Client(file, { readonly: true });
      other.prepare('select count(*) from outbox').get();
      other.close();
      sizes.add(statSync(file).size);
    }
    // The database itself has grown: there was a checkpoint.
    expect(sizes.size).toBeGreaterThan(1);
    expect(identity()).toBe(before);
    await store.close();
    expect(existsSync(`${file}-wal`)).toBe(false);
    folder.remove();
  });
});

describe('a power cut', () => {
  it('takes nothing back that was acknowledged or read', async () => {
    const folder = temporaryFolder();
    const platter = join(folder.path, 'platter');
    mkdirSync(platter);
    const file = join(folder.path, 'yihu.sqlite3');
    // What is not on the platter is gone when the power goes: it gets the files as they are when they are synced.
    const wal: SyncedFile = {
      sync: (done) => {
        for (const end of ['', '-wal']) if (existsSync(`${file}${end}`)) copyFileSync(`${file}${end}`, join(platter, `yihu.sqlite3${end}`));
        setImmediate(() => done(null));
      },
      close: () => {},
    };
    const store = openSqliteStore({ file, vault: testVault(), wal });
    const told: string[] = [];
    let seen = 0;
    const write = async (writer: number): Promise<void> => {
      for (let index = 0; told.length < 200; index += 1) {
        const id = `w${writer}-${index}`;
        await store.write((repos) => repos.outbox.add([anOutboxDraft({ id })]));
        told.push(id);
        seen = Math.max(seen, (await store.read((repos) => repos.outbox.counts(NOW))).ready);
      }
    };
    const writers = [0, 1, 2].map(write);
    while (told.length < 100) await new Promise((resolve) => setImmediate(resolve));
    const [acknowledged, read] = [[...told], seen];
    mkdirSync(join(folder.path, 'after'));
    for (const end of ['', '-wal']) copyFileSync(join(platter, `yihu.sqlite3${end}`), join(folder.path, 'after', `yihu.sqlite3${end}`));
    await Promise.all(writers);
    await store.close();

    const after = openSqliteStore({ file: join(folder.path, 'after', 'yihu.sqlite3'), vault: testVault() });
    for (const id of acknowledged) expect(await after.read((repos) => repos.outbox.pending(id)), id).toBe(true);
    expect((await after.read((repos) => repos.outbox.counts(NOW))).ready).toBeGreaterThanOrEqual(read);
    await after.close();
    folder.remove();
  });
});
