import { createBackoff } from '../../shared/backoff.ts';
import type { Ports, TimerHandle } from '../../shared/ports.ts';
import { ApiError, type Api } from '../api/client.ts';
import type { DeskEvent, PendingReply } from './model.ts';
import { REPLIES as w } from '../words.ts';

export interface Replies {
  send(conversationId: string, text: string): void;
  /** Takes back a reply that is held; its text, or null when it is too late. */
  recall(conversationId: string): string | null;
  /** The page is left: what is held goes now. */
  flush(): void;
  retry(conversationId: string, pending: PendingReply): void;
  /** Gives up on a reply that could not be sent. */
  drop(conversationId: string, pending: PendingReply): void;
}

const AUTOMATIC_TRIES = 3;
/** How long a reply is held where the seat wants to be able to take it back. */
export const RECALL_MS = 3_000;

/**
 * Sends a seat's replies one after the other within a conversation, each with its own idempotency key: a repeated try
 * says nothing twice. What is refused (somebody else has the conversation) stays visible with its reason.
 */
export function createReplies(options: {
  readonly api: Pick<Api, 'reply'>;
  readonly ports: Pick<Ports, 'now' | 'after' | 'random' | 'newId'>;
  /** Is a reply held for a moment first? */
  readonly holds: () => boolean;
  readonly apply: (event: DeskEvent) => void;
  /** The seat does not have the conversation: look at who does. */
  readonly conflict: (conversationId: string) => void;
}): Replies {
  const { ports, apply } = options;
  const queues = new Map<string, PendingReply[]>();
  const held: { readonly conversationId: string; readonly pending: PendingReply; readonly timer: TimerHandle }[] = [];

  function push(conversationId: string, pending: PendingReply): void {
    const running = queues.get(conversationId);
    if (running !== undefined) {
      running.push(pending);
      return;
    }
    const queue = [pending];
    queues.set(conversationId, queue);
    void run(conversationId, queue);
  }

  async function run(conversationId: string, queue: PendingReply[]): Promise<void> {
    for (let head = queue[0]; head !== undefined; head = queue[0]) {
      const fault = await attempt(conversationId, head);
      queue.shift();
      if (fault === null) continue;
      // Those behind would overtake it: they stop with it.
      for (const pending of [head, ...queue.splice(0)]) apply({ type: 'replyFailed', conversationId, clientId: pending.clientId, error: fault });
    }
    queues.delete(conversationId);
  }

  /** Null when it was said, else why not. */
  async function attempt(conversationId: string, pending: PendingReply): Promise<string | null> {
    const backoff = createBackoff({ baseMs: 800, capMs: 4_000, random: ports.random });
    for (;;) {
      try {
        const { conversation, activity } = await options.api.reply(conversationId, pending.text, pending.clientId);
        apply({ type: 'replied', conversationId, clientId: pending.clientId, activity });
        apply({ type: 'conversation', conversation });
        return null;
      } catch (error) {
        if (!(error instanceof ApiError)) return w.couldNotBeSent;
        if (error.status === 409) options.conflict(conversationId);
        const passing = error.status === 0 || error.status >= 500 || error.status === 429;
        if (!passing || backoff.attempts + 1 >= AUTOMATIC_TRIES) return error.message;
        const wait = backoff.next();
        await new Promise<void>((resolve) => void ports.after(wait, resolve));
      }
    }
  }

  return {
    send(conversationId, text) {
      const at = ports.now();
      const pending: PendingReply = { clientId: ports.newId(), text, at, error: null, ...(options.holds() ? { heldUntil: at + RECALL_MS } : {}) };
      apply({ type: 'replying', conversationId, pending });
      if (pending.heldUntil === undefined) {
        push(conversationId, pending);
        return;
      }
      const timer = ports.after(RECALL_MS, () => {
        const place = held.findIndex((one) => one.pending === pending);
        if (place < 0) return;
        held.splice(place, 1);
        push(conversationId, pending);
      });
      held.push({ conversationId, pending, timer });
    },
    recall(conversationId) {
      const place = held.findLastIndex((one) => one.conversationId === conversationId);
      const [one] = place < 0 ? [] : held.splice(place, 1);
      if (one === undefined) return null;
      one.timer.cancel();
      apply({ type: 'replyDropped', conversationId, clientId: one.pending.clientId });
      return one.pending.text;
    },
    flush() {
      for (const { conversationId, pending, timer } of held.splice(0)) {
        timer.cancel();
        // Nobody is left to hear of a failure; the browser finishes the request by itself.
        options.api.reply(conversationId, pending.text, pending.clientId, true).catch(() => undefined);
      }
    },
    retry(conversationId, pending) {
      apply({ type: 'replyFailed', conversationId, clientId: pending.clientId, error: null });
      push(conversationId, pending);
    },
    drop: (conversationId, pending) => apply({ type: 'replyDropped', conversationId, clientId: pending.clientId }),
  };
}
