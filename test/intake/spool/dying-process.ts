import { asAddress, asExternalId } from '../../../src/domain/activity.ts';
import { AppError } from '../../../src/domain/errors.ts';
import { openSpool } from '../../../src/intake/spool/index.ts';
import { createVault } from '../../../src/store/vault.ts';

/** A process of its own, for kill.test.ts: takes webhooks while its database is away, and says which ones it has acknowledged. */
const [folder = ''] = process.argv.slice(2);
const vault = createVault(Buffer.alloc(32, 7));
const gone = async (): Promise<never> => {
  throw new AppError('store.failed', 'away', { retry: 'later', status: 503 });
};
let ids = 0;
const spool = await openSpool({ folder, seal: vault.seal, open: vault.open, store: gone, ping: gone, now: Date.now, newId: () => `${process.pid}-${(ids += 1)}`, log: { info: () => {}, warn: () => {}, error: () => {} }, segmentBytes: 16_384 });
spool.start();
const say = async (n: number): Promise<void> => {
  await spool.take([{ channel: 'push', address: asAddress('peer-1'), externalId: asExternalId(`n-${n}`), modality: 'text', content: { type: 'message', text: String(n) } }], gone);
  process.stdout.write(`${n}\n`);
};
for (let n = 0; ; n += 8) await Promise.all(Array.from({ length: 8 }, (_, k) => say(n + k)));
