import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runYihu } from '../../src/cli/yihu.ts';
import { createStore } from '../../src/store/index.ts';
import { temporaryFolder, testVault, TEST_KEY } from '../store/support.ts';
import { fill } from '../store/transfer-support.ts';
import { ran, type Ran } from './told.ts';
import { POSTGRES_MISSING, postgresForTests } from '../support/postgres.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const KEY = TEST_KEY.toString('base64');
const server = await postgresForTests();
let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());
afterAll(() => server?.close());

const path = (name: string): string => join(folder.path, name);

/** The command in this process, with its own settings. */
const yihu = (given: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> => ran(() => runYihu(given), { DATA_DIR: path('unused'), DATABASE_URL: '', VAULT_KEY: '', ...env });

describe('yihu', () => {
  it('explains itself, and ends with 2 when it is called wrongly', async () => {
    for (const given of [['--help'], ['migrate', '--help'], ['export', '--help'], ['import', '--help'], ['flow', '--help'], ['sim', '--help']]) {
      expect(await yihu(given)).toMatchObject({ code: 0, out: expect.stringContaining('用法'), err: '' });
    }
    for (const given of [[], ['nothing'], ['migrate', 'surplus'], ['export'], ['import', 'a', 'b'], ['export', 'x', '--unknown'], ['flow', 'nothing']]) {
      expect(await yihu(given)).toMatchObject({ code: 2, out: '', err: expect.stringContaining('用法') });
    }
    expect(existsSync(path('unused'))).toBe(false);
  });

  it('is a program that ends with that code', async () => {
    const child = spawn(process.execPath, ['--import', 'tsx', 'src/cli/yihu.ts', 'nothing'], { cwd: ROOT, stdio: 'ignore' });
    expect(await new Promise((resolve) => child.once('close', resolve))).toBe(2);
  });

  it('migrates, exports and imports SQLite', async () => {
    const fresh = await yihu(['migrate', '--data-dir', path('from')]);
    expect(fresh).toMatchObject({ code: 0, out: expect.stringMatching(/SQLite：从 空数据库 到 \d{4}_\w+/) });
    expect(await yihu(['migrate', '--data-dir', path('from')])).toMatchObject({ code: 0, out: expect.stringContaining('已经是最新') });
    const store = await createStore({ dataDir: path('from'), vault: testVault() });
    await fill(store, 30);
    await store.close();

    // Without a key nothing is made up.
    expect(await yihu(['export', path('all.jsonl.gz'), '--data-dir', path('from')])).toMatchObject({ code: 1, err: expect.stringContaining('VAULT_KEY') });
    expect(existsSync(path('from/secrets.json'))).toBe(false);

    const exported = await yihu(['export', path('all.jsonl.gz'), '--data-dir', path('from'), '--json'], { VAULT_KEY: KEY });
    expect(exported).toMatchObject({ code: 0, err: '' });
    expect(JSON.parse(exported.out)).toMatchObject({ ok: true, dialect: 'sqlite', tables: { activities: 30 } });
    expect(await yihu(['export', path('all.jsonl.gz'), '--data-dir', path('from')], { VAULT_KEY: KEY })).toMatchObject({ code: 1, err: expect.stringContaining('已经存在') });
    const imported = await yihu(['import', path('all.jsonl.gz'), '--data-dir', path('to')], { VAULT_KEY: KEY });
    expect(imported).toMatchObject({ code: 0, out: expect.stringContaining('都已核对'), err: '' });
    const again = await yihu(['import', path('all.jsonl.gz'), '--data-dir', path('to'), '--json'], { VAULT_KEY: KEY });
    expect(again.code).toBe(1);
    expect(JSON.parse(again.out)).toMatchObject({ ok: false, code: 'transfer.not_empty' });
    const otherKey = await yihu(['import', path('all.jsonl.gz'), '--data-dir', path('third')], { VAULT_KEY: Buffer.alloc(32, 1).toString('base64') });
    expect(otherKey).toMatchObject({ code: 1, err: expect.stringContaining('VAULT_KEY') });
  });

  it('says that a server is not there, without its password', async () => {
    const { code, out, err } = await yihu(['migrate'], { DATABASE_URL: 'postgres://yihu:pass-word@127.0.0.1:1/yihu' });
    expect(code).toBe(1);
    expect(out + err).not.toContain('pass-word');
  });

  if (server === null) it.skip(`works with PostgreSQL: ${POSTGRES_MISSING}`, () => {});
  else {
    it('works with PostgreSQL', async () => {
      const { url, drop } = await server.fresh();
      const migrated = await yihu(['migrate', '--json'], { DATABASE_URL: url });
      expect(JSON.parse(migrated.out)).toMatchObject({ ok: true, dialect: 'postgres', from: null });
      const store = await createStore({ databaseUrl: url, dataDir: path('unused'), vault: testVault(), connections: 2 });
      await fill(store, 30);
      await store.close();
      expect(await yihu(['export', path('all.jsonl'), '--database', url], { VAULT_KEY: KEY })).toMatchObject({ code: 0, err: '' });
      const imported = await yihu(['import', path('all.jsonl'), '--data-dir', path('to'), '--json'], { VAULT_KEY: KEY, DATABASE_URL: url });
      expect(JSON.parse(imported.out)).toMatchObject({ ok: true, dialect: 'sqlite', tables: { activities: 30 }, trailBrokenAt: null });
      await drop();
    });
  }
});
