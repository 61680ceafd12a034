import { setImmediate as breathe } from 'node:timers/promises';
import { createTopicFinder } from './finder.ts';
import type { TopicOptions, TopicsFound, TopicTicket } from './types.ts';

/** The finder as a report's reader uses it: here a little at a time, or in a thread of its own (thread.ts). */
export interface TopicsWork {
  see(tickets: readonly TopicTicket[]): Promise<void>;
  /** `progress`: 0 to 1, as far as can be told. */
  gather(progress: (share: number) => void): Promise<void>;
  sort(tickets: readonly TopicTicket[]): Promise<void>;
  finish(): Promise<TopicsFound>;
  close(): void;
}

export const NO_TOPICS: TopicsFound = { topics: [], tickets: 0, gathered: 0, matters: 0, covered: 0 };

/** Half way after so many steps: how many there are is not known before the end. */
const HALF_WAY = 120;

export function topicsHere(options: TopicOptions, wordsOf: (text: string) => readonly string[]): TopicsWork {
  const finder = createTopicFinder(options, wordsOf);
  return {
    see: async (tickets) => finder.see(tickets),
    gather: async (progress) => {
      const work = finder.gather();
      for (let steps = 1; work.next().done !== true; steps += 1) {
        progress(steps / (steps + HALF_WAY));
        await breathe();
      }
    },
    sort: async (tickets) => {
      finder.sort(tickets);
      await breathe();
    },
    finish: async () => finder.finish(),
    close: () => {},
  };
}
