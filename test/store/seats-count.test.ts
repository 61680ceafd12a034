import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Store } from '../../src/store/contract.ts';
import { openSqliteStore } from '../../src/store/drivers/sqlite.ts';
import { aSeat } from '../factories/index.ts';
import { temporaryFolder, testVault } from './support.ts';

const NOW = 1_760_000_000_000;

/** Every turn asks whether anybody is there; where one process writes, a count serves for half a second. */
describe('the count of seats that are there, on SQLite', () => {
  const folder = temporaryFolder();
  let [ours, theirs]: Store[] = [];
  beforeEach(async () => {
    const open = (): Store => openSqliteStore({ file: join(folder.path, 'yihu.sqlite3'), vault: testVault() });
    [ours, theirs] = [open(), open()];
  });
  afterEach(async () => {
    await ours?.close();
    await theirs?.close();
    folder.remove();
  });

  const online = (store: Store | undefined, since: number): Promise<number> | undefined => store?.write((repos) => repos.seats.onlineCount(since));

  it('follows what this process writes at once, and another one soon', async () => {
    await ours?.write((repos) => repos.seats.create(aSeat({ id: 's1', username: 'one' }), 'hash'));
    await ours?.write((repos) => repos.seats.create(aSeat({ id: 's2', username: 'two' }), 'hash'));
    expect(await online(ours, NOW)).toBe(0);
    await ours?.write((repos) => repos.seats.beat('s1', 'online', NOW + 5_000));
    expect(await online(ours, NOW)).toBe(1);
    await theirs?.write((repos) => repos.seats.beat('s2', 'online', NOW + 5_000));
    expect(await online(ours, NOW + 499)).toBe(1);
    expect(await online(ours, NOW + 500)).toBe(2);
    // Readers count for themselves.
    expect(await ours?.read((repos) => repos.seats.onlineCount(NOW + 5_001))).toBe(0);
    await ours?.write((repos) => repos.seats.update('s1', { active: false }));
    expect(await online(ours, NOW + 500)).toBe(1);
    // A clock that was put back is no reason to believe an old count.
    await theirs?.write((repos) => repos.seats.leave('s2', NOW + 5_000));
    expect(await online(ours, NOW + 400)).toBe(0);
  });
});
