import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asAddress } from '../../../src/domain/activity.ts';
import type { IntakeContext } from '../../../src/intake/context.ts';
import { receive } from '../../../src/intake/receive.ts';
import { openSpool, type Spool } from '../../../src/intake/spool/index.ts';
import { storeSpooled } from '../../../src/intake/spool/store.ts';
import type { Store } from '../../../src/store/contract.ts';
import { createStore } from '../../../src/store/index.ts';
import { createVault } from '../../../src/store/vault.ts';
import { aMessage, openIntake, type IntakeUnderTest } from '../../support/intake.ts';
import { POSTGRES_MISSING, privatePostgres } from '../../support/postgres.ts';
import { until } from '../../support/until.ts';

/** The spool before a real PostgreSQL that is killed, and one that is frozen: what a driver really does then. */

const server = await privatePostgres();
const vault = createVault(Buffer.alloc(32, 7));

describe.skipIf(server === null)(server === null ? `the spool before PostgreSQL: ${POSTGRES_MISSING}` : 'the spool before PostgreSQL', () => {
  let intake: IntakeUnderTest;
  let store: Store;
  let context: IntakeContext;
  let spool: Spool;
  const folder = mkdtempSync(join(tmpdir(), 'yihu-spool-pg-'));

  beforeAll(async () => {
    if (server === null) return;
    intake = await openIntake();
    store = await createStore({ databaseUrl: (await server.fresh()).url, dataDir: folder, vault });
    context = { ...intake.context, store, turnsHere: () => false };
    spool = await openSpool({
      folder: join(folder, 'spool'), seal: vault.seal, open: vault.open, now: Date.now, newId: context.newId, log: context.log, patienceMs: 400, probeMs: 50,
      store: (inbound, at) => storeSpooled(context, inbound, at), ping: () => store.ping(),
    });
    spool.start();
  });
  afterAll(async () => {
    if (server === null) return;
    await spool.stop();
    await store.close();
    await intake.close();
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const say = (text: string, id = text) =>
    spool.take([aMessage(text, { id })], async (named) => {
      for (const inbound of named) await receive(context, inbound);
      return 'stored' as const;
    });
  const stored = async (): Promise<readonly string[]> => {
    const found = await store.read((repos) => repos.conversations.findByAddress('push', asAddress('peer-1')));
    const activities = await store.read((repos) => repos.activities.after(found?.id ?? '', 0, 1_000));
    return activities.map(({ content }) => (content.type === 'message' ? content.text : content.type));
  };
  const drained = () => until(async () => spool.stats().state === 'through', 'an empty spool');

  it('that is killed and comes back', async () => {
    expect(await say('一')).toBe('stored');
    await server?.kill();
    for (const text of ['二', '三', '四']) expect(await say(text)).toBe('spooled');
    // The peer resends what it has had an answer to, and what it has not.
    expect(await say('又一', '一')).toBe('spooled');
    expect(spool.stats()).toMatchObject({ state: 'away', records: 4 });
    await server?.start();
    await drained();
    expect(await say('五')).toBe('stored');
    expect(await stored()).toEqual(['一', '二', '三', '四', '五']);
  });

  it('that is frozen and goes on, and does late what it was asked', async () => {
    server?.freeze();
    for (const text of ['六', '七']) expect(await say(text)).toBe('spooled');
    server?.thaw();
    await drained();
    expect(await say('八')).toBe('stored');
    expect(await stored()).toEqual(['一', '二', '三', '四', '五', '六', '七', '八']);
  });
});
