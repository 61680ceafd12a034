import { openPostgresStore } from '../../../src/store/drivers/postgres.ts';
import { anOutboxDraft } from '../../factories/index.ts';
import { testVault } from '../support.ts';

/** Opens a database that others open at the same moment, adds some rows under its own name, and ends. */
const [url = '', name = ''] = process.argv.slice(2);
const store = await openPostgresStore({ url, vault: testVault(), connections: 2 });
for (let index = 0; index < 20; index += 1) await store.write((repos) => repos.outbox.add([anOutboxDraft({ id: `${name}-${index}` })]));
await store.close();
