import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import Client from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSqliteStore } from '../../src/store/drivers/sqlite.ts';
import { makeConversation, NOW } from '../contracts/store/support.ts';
import { anOutboxDraft } from '../factories/index.ts';
import { temporaryFolder, testVault } from './support.ts';

type Child = ChildProcessByStdio<Writable, Readable, null>;

describe('SQLite and other processes', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let file: string;
  let children: Child[];

  beforeEach(() => {
    folder = temporaryFolder();
    file = join(folder.path, 'yihu.sqlite3');
    children = [];
  });
  afterEach(() => {
    for (const child of children) child.kill('SIGKILL');
    folder.remove();
  });

  function run(script: string, ...given: string[]): Child {
    const path = fileURLToPath(new URL(`children/${script}`, import.meta.url));
    const child = spawn(process.execPath, [...(script.endsWith('.ts') ? ['--import', 'tsx'] : []), path, ...given], { stdio: ['pipe', 'pipe', 'inherit'] });
    children.push(child);
    return child;
  }

  it('keeps everything acknowledged, and nothing by halves, when a process is killed in the middle', async () => {
    const before = openSqliteStore({ file, vault: testVault() });
    const { id } = await makeConversation(before);
    await before.close();

    const child = run('write-until-killed.ts', file, id);
    const acknowledged: string[] = [];
    for await (const line of createInterface(child.stdout)) {
      acknowledged.push(line);
      if (acknowledged.length === 60) child.kill('SIGKILL');
    }

    const beneath = new Client(file);
    expect(beneath.pragma('integrity_check', { simple: true })).toBe('ok');
    beneath.close();
    const store = openSqliteStore({ file, vault: testVault() });
    await store.read(async ({ activities, outbox, conversations }) => {
      expect(acknowledged.length).toBeGreaterThanOrEqual(60);
      for (const done of acknowledged) {
        expect(await activities.getMany([`a${done}`, `b${done}`])).toHaveLength(2);
        expect(await outbox.pending(`row${done}`)).toBe(true);
      }
      const all = await activities.after(id, 0, 1_000_000);
      expect(all.map((activity) => activity.seq)).toEqual(all.map((_, index) => index + 1));
      expect(all.length).toBe(2 * (await outbox.counts(NOW)).ready);
      expect((await conversations.get(id))?.lastSeq).toBe(all.length);
    });
    await makeConversation(store);
    await store.close();
  });

  it('waits for another process that holds the file, without stopping this one', async () => {
    const store = openSqliteStore({ file, vault: testVault() });
    const holder = run('hold-the-file.mjs', file);
    await once(holder.stdout, 'data');
    let written = false;
    const write = store.write((repos) => repos.outbox.add([anOutboxDraft({ id: 'patient' })])).then(() => (written = true));
    // The loop turns and reads go on while the write waits.
    for (let looks = 0; looks < 20; looks += 1) expect(await store.read((repos) => repos.outbox.pending('patient'))).toBe(false);
    for (let turns = 0; turns < 20; turns += 1) await new Promise(setImmediate);
    expect(written).toBe(false);
    holder.stdin.write('go\n');
    await write;
    expect(await store.read((repos) => repos.outbox.pending('patient'))).toBe(true);
    await store.close();
  });

  it('gives up on a file that is held too long, as something to try later', async () => {
    const store = openSqliteStore({ file, vault: testVault(), busyMs: 30 });
    const holder = run('hold-the-file.mjs', file);
    await once(holder.stdout, 'data');
    const writes = [1, 2].map((index) => store.write((repos) => repos.outbox.add([anOutboxDraft({ id: `w${index}` })])));
    for (const write of writes) await expect(write).rejects.toMatchObject({ name: 'AppError', code: 'store.busy', retry: 'later' });
    const gone = once(holder, 'exit');
    holder.stdin.write('go\n');
    await gone;
    await store.write((repos) => repos.outbox.add([anOutboxDraft({ id: 'w3' })]));
    expect(await store.read((repos) => repos.outbox.counts(NOW))).toMatchObject({ ready: 1 });
    await store.close();
  });

  it('lets several processes start at once on an empty folder', async () => {
    const starters = ['a', 'b', 'c'].map((name) => run('open-and-write.ts', file, name));
    const codes = await Promise.all(starters.map(async (child) => (await once(child, 'exit'))[0] as unknown));
    expect(codes).toEqual([0, 0, 0]);
    const store = openSqliteStore({ file, vault: testVault() });
    expect(await store.read((repos) => repos.outbox.counts(NOW))).toMatchObject({ ready: 60 });
    await store.close();
  });
});
