import { join } from 'node:path';
import { startServer } from '../support/server.ts';
import { createWebchatPeer } from './peers/webchat.ts';
import { residentMegabytes } from './turns.ts';
import type { Bench, Figure } from './types.ts';

const START_SECONDS = 2;
const RESIDENT_MB = 250;
const SECRET = 'bench-directline-secret';

/** From the command to the first answer that a citizen reads, as `npm start` runs it. */
export const start: Bench = {
  name: 'start',
  about: 'cold start to the first answer, and resident memory after it',
  run: async ({ progress, rounds, folder }) => {
    const listening: number[] = [];
    const answering: number[] = [];
    const resident: number[] = [];
    let fresh = 0;
    // The very first start makes the database and the secrets; it warms the disk for the others and is shown by itself.
    for (let round = 0; round <= rounds; round += 1) {
      progress(round / (rounds + 1), round === 0 ? 'first start' : `round ${round}`);
      const started = performance.now();
      const server = await startServer({ dataDir: join(folder, 'start'), env: { DIRECTLINE_SECRET: SECRET } });
      const up = performance.now();
      const peer = createWebchatPeer(server.url, SECRET, 1);
      try {
        await peer.open(0);
        const answered = performance.now();
        if (round === 0) {
          fresh = (answered - started) / 1000;
          continue;
        }
        listening.push((up - started) / 1000);
        answering.push((answered - started) / 1000);
        resident.push(await residentMegabytes(server.pid));
      } finally {
        await peer.close();
        await server.stop();
      }
    }
    return [
      { what: 'to listening', unit: 's', rounds: listening },
      { what: 'to the first ticket', unit: 's', rounds: answering, budget: { limit: START_SECONDS, kind: 'most' }, note: 'three turns, the last opens a ticket' },
      { what: 'first start of all, to the first ticket', unit: 's', rounds: [fresh] },
      { what: 'resident', unit: 'MB', rounds: resident, budget: { limit: RESIDENT_MB, kind: 'most' } },
    ] satisfies Figure[];
  },
};
