import type { News } from '../news.ts';
import type { SiblingLine } from '../siblings/line.ts';
import { tellSeldom } from '../tell-seldom.ts';
import { unwrap } from './envelope.ts';
import { createListeners } from './listeners.ts';
import { createOutbound } from './outbound.ts';

export interface SiblingNewsOptions {
  readonly line: Pick<SiblingLine, 'tell' | 'hear' | 'connected'>;
  /** Unique per process start: a process does not hear itself. */
  readonly nodeId: string;
  /** A code a trouble, not once for every failed try. */
  readonly onTrouble: (code: string) => void;
}

/** Longest message. */
const MAX_BYTES = 256 * 1024;

/** News of the processes of one machine to each other, through their primary: neither Redis nor PostgreSQL is there. */
export function createSiblingNews({ line, nodeId, onTrouble }: SiblingNewsOptions): News {
  const trouble = tellSeldom(onTrouble);
  const listeners = createListeners(trouble);
  let leave: (() => void) | null = null;

  const outbound = createOutbound(nodeId, MAX_BYTES, async (messages) => {
    if (leave === null || !line.connected()) return; // dropped: whoever misses it reads the store by watermark, poll or sweep
    for (const message of messages) line.tell(message);
  });

  return {
    publish: outbound.publish,
    subscribe: listeners.add,
    start: async () => {
      leave ??= line.hear((text) => listeners.tell(unwrap(text, nodeId)));
      if (!line.connected()) trouble(new Error('the primary is gone'));
    },
    stop: async () => {
      await outbound.stop();
      leave?.();
      leave = null;
    },
    connected: () => leave !== null && line.connected(),
  };
}
