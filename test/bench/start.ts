import { join } from 'node:path';
import { surround } from './gateway.ts';
import { firstLines } from './peers/peer.ts';
import { residentMegabytes } from './processor.ts';
import type { Bench, Figure } from './types.ts';

const START_SECONDS = 2;
const RESIDENT_MB = 250;

/** From the command to the first answer that a citizen reads, as `npm start` runs it. */
export const start: Bench = {
  name: 'start',
  about: 'cold start of the build to the first answer, and resident memory after it',
  run: async ({ progress, rounds, folder }) => {
    const listening: number[] = [];
    const answering: number[] = [];
    const resident: number[] = [];
    let fresh = 0;
    // The very first start makes the database and the secrets; it warms the disk for the others and is shown by itself.
    for (let round = 0; round <= rounds; round += 1) {
      progress(round / (rounds + 1), round === 0 ? 'first start' : `round ${round}`);
      const started = performance.now();
      const { server, peer, close } = await surround({ dataDir: join(folder, 'start'), channels: ['webchat'], places: 1, size: 'demo' });
      const up = performance.now();
      try {
        const caller = { number: round };
        const chat = peer('webchat');
        await chat.open(0, caller);
        const [line = ''] = firstLines('webchat', caller);
        await chat.say(0, line);
        const answered = performance.now();
        if (round === 0) {
          fresh = (answered - started) / 1000;
          continue;
        }
        listening.push((up - started) / 1000);
        answering.push((answered - started) / 1000);
        resident.push(residentMegabytes(server.pid));
      } finally {
        await close();
      }
    }
    return [
      { what: 'to listening', unit: 's', rounds: listening },
      { what: 'to the first answer', unit: 's', rounds: answering, budget: { limit: START_SECONDS, kind: 'most' }, note: 'by web chat, the conversation opened and its socket included' },
      { what: 'first start of all, to the first answer', unit: 's', rounds: [fresh] },
      { what: 'resident', unit: 'MB', rounds: resident, budget: { limit: RESIDENT_MB, kind: 'most' } },
    ] satisfies Figure[];
  },
};
