import { createBackoff } from '../../shared/backoff.ts';
import type { Ports } from '../../shared/ports.ts';
import { ApiError, type Api } from '../api/client.ts';
import type { DeskEvent, PendingReply } from './model.ts';

export interface Replies {
  send(conversationId: string, text: string): void;
  retry(conversationId: string, pending: PendingReply): void;
  /** Gives up on a reply that could not be sent. */
  drop(conversationId: string, pending: PendingReply): void;
}

const AUTOMATIC_TRIES = 3;

/**
 * Sends a seat's replies one after the other within a conversation, each with its own idempotency key: a repeated try
 * says nothing twice. What is refused (somebody else has the conversation) stays visible with its reason.
 */
export function createReplies(options: {
  readonly api: Pick<Api, 'reply'>;
  readonly ports: Pick<Ports, 'now' | 'after' | 'random' | 'newId'>;
  readonly apply: (event: DeskEvent) => void;
  /** The seat does not have the conversation: look at who does. */
  readonly conflict: (conversationId: string) => void;
}): Replies {
  const { ports, apply } = options;
  const queues = new Map<string, PendingReply[]>();

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
        if (!(error instanceof ApiError)) return '未能发送';
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
      const pending: PendingReply = { clientId: ports.newId(), text, at: ports.now(), error: null };
      apply({ type: 'replying', conversationId, pending });
      push(conversationId, pending);
    },
    retry(conversationId, pending) {
      apply({ type: 'replyFailed', conversationId, clientId: pending.clientId, error: null });
      push(conversationId, pending);
    },
    drop: (conversationId, pending) => apply({ type: 'replyDropped', conversationId, clientId: pending.clientId }),
  };
}
