import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Pool } from 'undici';
import { freePort } from '../support/server.ts';
import { closedLoop } from './load.ts';
import type { Bench, Figure } from './types.ts';

export const WORKERS = 128;
const REQUESTS = 3000;
const MAX_MS = 5000;

/** What any gateway on this machine would cost at least: HTTP and one durable row a message, nothing else. */
export const floor: Bench = {
  name: 'floor',
  about: 'a bare Fastify route with one committed insert a request, synchronous=FULL',
  run: async ({ progress, rounds, folder }) => {
    const port = await freePort();
    const child = fork(fileURLToPath(new URL('./floor-server.ts', import.meta.url)), [join(folder, 'floor.sqlite3'), String(port)], { execArgv: ['--import', 'tsx'] });
    const pool = new Pool(`http://127.0.0.1:${port}`, { connections: WORKERS });
    try {
      await once(child, 'message');
      const body = JSON.stringify({ type: 'message', text: '居住证怎么办', from: { id: 'me' } });
      const act = async (): Promise<void> => {
        const { statusCode, body: answer } = await pool.request({ path: '/', method: 'POST', headers: { 'content-type': 'application/json' }, body });
        await answer.dump();
        if (statusCode !== 200) throw new Error(`HTTP ${statusCode}`);
      };
      const results = [];
      for (let round = 0; round <= rounds; round += 1) {
        progress(round / (rounds + 1), round === 0 ? 'warming up' : `round ${round}`);
        const result = await closedLoop({ workers: WORKERS, count: REQUESTS, maxMs: MAX_MS, act });
        if (round > 0) results.push(result);
      }
      return [
        { what: 'requests', unit: '/s', rounds: results.map(({ perSecond }) => perSecond), note: `${WORKERS} connections` },
        { what: 'p50', unit: 'ms', rounds: results.map(({ p50 }) => p50) },
        { what: 'p99', unit: 'ms', rounds: results.map(({ p99 }) => p99) },
      ] satisfies Figure[];
    } finally {
      await pool.destroy();
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    }
  },
};
