import type { News } from '../news.ts';
import type { SiblingLine } from '../siblings/line.ts';
import { tellSeldom } from '../tell-seldom.ts';
import { unwrap } from './envelope.ts';
import { createListeners } from './listeners.ts';
import { createOutbound } from './outbound.ts';

export interface SiblingNewsOptions {
  readonly line: Pick<SiblingLine, 'tell' | 'hear' | 'hearLoss' | 'connected'>;
  /** Unique per process start: a process does not hear itself. */
  readonly nodeId: string;
  /** A code a trouble, not once for every failed try. */
  readonly onTrouble: (code: string) => void;
}

/**
 * One that was killed may have committed turns and not told of them any more. For so long news count as cut off, so that
 * those who listen are helped by a look into the database (catch-up), ms.
 */
const DOUBT_MS = 3_000;
/** Longest message. */
const MAX_BYTES = 256 * 1024;

/** News of the processes of one machine to each other, through their primary: neither Redis nor PostgreSQL is there. */
export function createSiblingNews({ line, nodeId, onTrouble }: SiblingNewsOptions): News {
  const trouble = tellSeldom(onTrouble);
  const listeners = createListeners(trouble);
  let leave: (() => void) | null = null;
  /** By the process clock. */
  let inDoubtUntil = -Infinity;

  const outbound = createOutbound(nodeId, MAX_BYTES, async (messages) => {
    if (leave === null || !line.connected()) return; // dropped: whoever misses it reads the store by watermark, poll or sweep
    for (const message of messages) line.tell(message);
  });

  return {
    publish: outbound.publish,
    subscribe: listeners.add,
    start: async () => {
      if (leave !== null) return;
      const [unhear, unmourn] = [
        line.hear((text) => listeners.tell(unwrap(text, nodeId))),
        line.hearLoss(() => {
          inDoubtUntil = performance.now() + DOUBT_MS;
        }),
      ];
      leave = () => {
        unhear();
        unmourn();
      };
      if (!line.connected()) trouble(new Error('the primary is gone'));
    },
    stop: async () => {
      await outbound.stop();
      leave?.();
      leave = null;
    },
    connected: () => leave !== null && line.connected() && performance.now() >= inDoubtUntil,
  };
}
