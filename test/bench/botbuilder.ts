import { startChild } from './child.ts';
import { lineOf } from './peers/peer.ts';
import { benchRequests, roundFigures, WORKERS } from './rounds.ts';
import { residentMegabytes } from './processor.ts';
import type { Bench } from './types.ts';

/** A bot that keeps nothing: the same lines, one HTTP exchange each, the answer in it. */
export const botbuilder: Bench = {
  name: 'botbuilder',
  about: 'peer: a Bot Framework bot (CloudAdapter, MemoryStorage, a keyword reply), nothing durable',
  run: async (context) => {
    const child = await startChild('./botbuilder-server.ts');
    const turns = Array.from({ length: WORKERS }, () => 0);
    const bodyOf = (worker: number): string => {
      const turn = (turns[worker] ?? 0) + 1;
      turns[worker] = turn;
      return `{"type":"message","id":"${worker}-${turn}","channelId":"bench","deliveryMode":"expectReplies","serviceUrl":"http://127.0.0.1","from":{"id":"citizen-${worker}"},"recipient":{"id":"bot"},"conversation":{"id":"conversation-${worker}"},"text":${JSON.stringify(lineOf(turn))}}`;
    };
    try {
      const rounds = await benchRequests(context, child, '/api/messages', bodyOf);
      return [...roundFigures(rounds, 'turns', 'turn'), { what: 'resident afterwards', unit: 'MB', rounds: [residentMegabytes(child.pid)] }];
    } finally {
      await child.stop();
    }
  },
};
