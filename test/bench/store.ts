import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import Client from 'better-sqlite3';
import { v7 as uuidv7 } from 'uuid';
import { asAddress } from '../../src/domain/activity.ts';
import { createStore, createVault, type Store } from '../../src/store/index.ts';
import { closedLoop } from './load.ts';
import type { Bench, Figure } from './types.ts';

const WRITERS = 128;
const WRITES = 10_000;
const BARE_COMMITS = 2000;
const MAX_MS = 5000;

/** What the store itself carries, without HTTP and without a dialog. */
export const store: Bench = {
  name: 'store',
  about: 'the store alone: one stored message a write, many writes a commit (synchronous=FULL)',
  run: async ({ progress, rounds, folder }) => {
    let commits = 0;
    const opened = await createStore({ dataDir: join(folder, 'store'), vault: createVault(randomBytes(32)), onCommit: () => (commits += 1) });
    try {
      const conversations: string[] = [];
      for (let writer = 0; writer < WRITERS; writer += 1) conversations.push(await open(opened, writer));
      const perSecond: number[] = [];
      const groups: number[] = [];
      for (let round = 0; round <= rounds; round += 1) {
        progress(round / (rounds + 2), round === 0 ? 'warming up' : `round ${round}`);
        commits = 0;
        const started = performance.now();
        const result = await closedLoop({ workers: WRITERS, count: WRITES, maxMs: MAX_MS, act: (writer) => append(opened, conversations[writer] ?? '') });
        if (round === 0) continue;
        perSecond.push(result.perSecond);
        groups.push(commits / ((performance.now() - started) / 1000));
      }
      progress((rounds + 1) / (rounds + 2), 'one commit a write');
      return [
        { what: 'writes', unit: '/s', rounds: perSecond, note: `${WRITERS} writers` },
        { what: 'commits', unit: '/s', rounds: groups },
        { what: 'bare inserts, a commit each', unit: '/s', rounds: Array.from({ length: rounds }, () => bareCommits(join(folder, 'bare.sqlite3'))) },
      ] satisfies Figure[];
    } finally {
      await opened.close();
    }
  },
};

async function open(to: Store, writer: number): Promise<string> {
  const id = uuidv7();
  await to.write(async (repos) => {
    const now = Date.now();
    const citizenId = await repos.citizens.resolve({ id: uuidv7(), channel: 'webchat', externalUserId: null, phone: null, displayName: null, now });
    await repos.conversations.create({ id, channel: 'webchat', address: asAddress(`bench-${writer}`), modality: 'text', locale: 'zh-CN', citizenId, now });
  });
  return id;
}

async function append(to: Store, conversationId: string): Promise<void> {
  await to.write((repos) =>
    repos.activities.append(conversationId, [
      { id: uuidv7(), direction: 'in', externalId: null, role: 'citizen', seatId: null, at: Date.now(), replyToId: null, content: { type: 'message', text: '居住证怎么办' }, channelData: null, sealed: null },
    ]),
  );
}

/** better-sqlite3 by itself: what one commit costs on this disk. */
function bareCommits(file: string): number {
  const database = new Client(file);
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  database.exec('create table if not exists messages (id integer primary key, body text not null)');
  const insert = database.prepare('insert into messages (body) values (?)');
  const started = performance.now();
  for (let commit = 0; commit < BARE_COMMITS; commit += 1) insert.run('居住证怎么办');
  const perSecond = BARE_COMMITS / ((performance.now() - started) / 1000);
  database.close();
  return perSecond;
}
