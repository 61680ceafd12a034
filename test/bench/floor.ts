import { join } from 'node:path';
import { startChild } from './child.ts';
import { benchRequests, roundFigures } from './rounds.ts';
import type { Bench } from './types.ts';

const BODY = JSON.stringify({ type: 'message', text: '居住证怎么办', from: { id: 'me' } });

/** What any gateway on this machine would cost at least: HTTP and one durable row a message, nothing else. */
export const floor: Bench = {
  name: 'floor',
  about: 'a bare Fastify route with one committed insert a request, synchronous=FULL; for information, commits in groups',
  run: async (context) => {
    const child = await startChild('./floor-server.ts', [join(context.folder, 'floor.sqlite3')]);
    try {
      const single = await benchRequests(context, child, '/', () => BODY, { from: 0, to: 0.5 });
      const grouped = await benchRequests(context, child, '/group', () => BODY, { from: 0.5, to: 1 });
      return [
        ...roundFigures(single, 'requests', 'request'),
        { what: 'requests, committed in groups', unit: '/s', rounds: grouped.map(({ perSecond }) => perSecond), note: 'what waits together is committed together' },
      ];
    } finally {
      await child.stop();
    }
  },
};
