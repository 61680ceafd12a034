import { openSqliteStore } from '../../../src/store/drivers/sqlite.ts';
import { anOutboxDraft } from '../../factories/index.ts';
import { testVault } from '../support.ts';

/** Opens a file that others open at the same moment, adds some rows under its own name, and ends. */
const [file = '', name = ''] = process.argv.slice(2);
const store = openSqliteStore({ file, vault: testVault(), synchronous: 'NORMAL' });
for (let index = 0; index < 20; index += 1) await store.write((repos) => repos.outbox.add([anOutboxDraft({ id: `${name}-${index}` })]));
await store.close();
