import { openSqliteStore } from '../../../src/store/drivers/sqlite.ts';
import { anActivityDraft, anOutboxDraft } from '../../factories/index.ts';
import { testVault } from '../support.ts';

/** Appends to one conversation without end; prints a line for every append that was acknowledged. */
const [file = '', conversationId = ''] = process.argv.slice(2);
const store = openSqliteStore({ file, vault: testVault() });

async function write(flow: number): Promise<never> {
  for (let count = 1; ; count += 1) {
    const id = `${flow}-${count}`;
    await store.write(async (repos) => {
      await repos.activities.append(conversationId, [anActivityDraft({ id: `a${id}` }), anActivityDraft({ id: `b${id}` })]);
      await repos.outbox.add([anOutboxDraft({ id: `row${id}` })]);
    });
    process.stdout.write(`${id}\n`);
  }
}
await Promise.all([1, 2, 3, 4].map(write));
