import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createStore } from '../../src/store/index.ts';
import { temporaryFolder, testVault } from './support.ts';

describe('createStore', () => {
  it('keeps SQLite in the data folder when no database is named', async () => {
    const folder = temporaryFolder();
    const store = await createStore({ dataDir: join(folder.path, 'data'), vault: testVault() });
    expect(store.dialect).toBe('sqlite');
    await store.ping();
    await store.close();
    expect(existsSync(join(folder.path, 'data', 'yihu.sqlite3'))).toBe(true);
    folder.remove();
  });

  it.each(['mysql://127.0.0.1/yihu', 'file:yihu.db', '127.0.0.1'])('refuses %s', async (databaseUrl) => {
    await expect(createStore({ databaseUrl, dataDir: '/nowhere', vault: testVault() })).rejects.toMatchObject({ code: 'store.bad_url' });
  });

  it('goes to PostgreSQL by its address, and tells of a server that is not there without the password', async () => {
    const error: unknown = await createStore({ databaseUrl: 'postgres://yihu:pass-word@127.0.0.1:1/yihu', dataDir: '/nowhere', vault: testVault() }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: 'AppError', code: 'store.failed', retry: 'later' });
    expect(JSON.stringify([error, String(error)])).not.toContain('pass-word');
  });
});
