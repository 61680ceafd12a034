import { fileURLToPath } from 'node:url';
import { loadCity } from '../../src/config/city.ts';
import type { Surrounded } from './gateway.ts';
import { ticketNumberIn, type Mix, type Talk } from './mix.ts';

/** Citizens who live a mix: each holds one conversation after the other. */
export interface Talkers {
  /** The next message of this worker, answer awaited; opens and ends conversations on the way. */
  act(worker: number): Promise<void>;
  /** Forms that ended without a ticket: a flow that no longer goes as the mix thinks. */
  readonly withoutTicket: number;
  readonly tickets: number;
}

export function createTalkers(around: Surrounded, mix: Mix): Talkers {
  const talks: ({ readonly talk: Talk; next: number } | undefined)[] = [];
  let tickets = 0;
  let withoutTicket = 0;
  return {
    get tickets() {
      return tickets;
    },
    get withoutTicket() {
      return withoutTicket;
    },
    act: async (worker) => {
      let current = talks[worker];
      if (current === undefined) {
        current = { talk: mix.next(), next: 0 };
        talks[worker] = current;
        await around.peer(current.talk.channel).open(worker, current.talk.caller);
      }
      const { talk } = current;
      const peer = around.peer(talk.channel);
      const answer = await peer.say(worker, talk.lines[current.next] ?? '');
      current.next += 1;
      if (current.next < talk.lines.length) return;
      talks[worker] = undefined;
      if (talk.opensTicket) {
        const number = ticketNumberIn(answer.toString('utf8'));
        if (number === null) withoutTicket += 1;
        else {
          tickets += 1;
          mix.opened({ number, caller: talk.caller });
        }
      }
      await peer.leave(worker);
    },
  };
}

/** How citizens ask: every wording of the demo knowledge. */
export function cityQuestions(): readonly string[] {
  return loadCity(fileURLToPath(new URL('../..', import.meta.url))).knowledge.flatMap((entry) => [entry.question, ...entry.wordings]);
}
