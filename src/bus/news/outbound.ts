import type { NewsItem } from '../news.ts';
import { within } from '../outcome.ts';
import { wrap } from './envelope.ts';

/** Gathering time; a push to a socket at another node is this much later, ms. */
const GATHER_MS = 2;
/** Items that wait to be sent; more are dropped, as news may be lost. */
const MAX_WAITING = 10_000;
const GOODBYE_MS = 500;

export interface Outbound {
  publish(item: NewsItem): void;
  /** Takes no more and sends what is gathered, if that goes in a moment: the last turns before a stop are waited for elsewhere. */
  stop(): Promise<void>;
}

/**
 * Gathers what is told within a moment and sends it as few messages. The same item twice in a moment (`work`, a
 * conversation that changed) goes out once.
 * @param send takes messages of at most `maxBytes` each; returns when the next may come; never rejects
 */
export function createOutbound(nodeId: string, maxBytes: number, send: (messages: readonly string[]) => Promise<void>): Outbound {
  const frame = Buffer.byteLength(wrap(nodeId, []));
  let waiting = new Set<string>();
  let timer: NodeJS.Timeout | null = null;
  let sending: Promise<void> | null = null;
  let stopped = false;

  const flush = async (): Promise<void> => {
    while (waiting.size > 0) {
      const items = waiting;
      waiting = new Set();
      await send(pack(items));
    }
    sending = null;
  };

  const plan = (): void => {
    if (timer !== null || sending !== null) return;
    timer = setTimeout(() => {
      timer = null;
      sending = flush();
    }, GATHER_MS);
  };

  const pack = (items: ReadonlySet<string>): readonly string[] => {
    const messages: string[] = [];
    let batch: string[] = [];
    let size = frame;
    for (const item of items) {
      const bytes = Buffer.byteLength(item) + 1;
      if (frame + bytes > maxBytes) continue; // no item of ours is that long
      if (size + bytes > maxBytes) {
        messages.push(wrap(nodeId, batch));
        batch = [];
        size = frame;
      }
      batch.push(item);
      size += bytes;
    }
    if (batch.length > 0) messages.push(wrap(nodeId, batch));
    return messages;
  };

  return {
    publish: (item) => {
      if (stopped || waiting.size >= MAX_WAITING) return;
      waiting.add(JSON.stringify(item));
      plan();
    },
    stop: async () => {
      stopped = true;
      if (timer !== null) clearTimeout(timer);
      sending ??= flush();
      await within(sending, GOODBYE_MS);
    },
  };
}
