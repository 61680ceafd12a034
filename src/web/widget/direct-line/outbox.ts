import { createBackoff } from '../../shared/backoff.ts';
import { CallError } from './http.ts';
import type { Ports, TimerHandle } from '../../shared/ports.ts';

/** What the citizen sends. `file` makes it an upload. */
export interface Draft {
  readonly text: string;
  /** Machine value of a pressed postBack button. */
  readonly value?: unknown;
  readonly postBack?: boolean;
  readonly file?: File;
  /** Makes it an event of this name instead of a message. */
  readonly event?: string;
}

export type SendState =
  /** Waits for the connection or for the ones before it. */
  | 'queued'
  | 'sending'
  /** The service is away; tried again and again, for minutes. */
  | 'retrying'
  /** The server has it. */
  | 'sent'
  /** Could not be sent; can be tried again. */
  | 'failed'
  /** The server will never take it (too large, wrong type). */
  | 'rejected';

export interface Pending {
  readonly clientId: string;
  readonly draft: Draft;
  /** Epoch ms at which the citizen pressed send. */
  readonly at: number;
}

const MAX_ATTEMPTS = 4;
/** Quota waits and refused tokens do not burn attempts, but must end too. */
const MAX_HOLDS = 8;
/** How long a message waits for a service that says of itself that it is away. */
const AWAY_PATIENCE_MS = 10 * 60_000;

export interface Outbox {
  push(pending: Pending): void;
  /** Before everything that waits. */
  pushFirst(pending: Pending): void;
  /** Sends everything that failed again, in the order it was written. */
  retryFailed(): void;
  /** To be called when the connection came up. */
  flush(): void;
  /** The server's echo arrived: it is delivered, whatever the request said. */
  delivered(clientId: string): void;
  unsent(): readonly Pending[];
  stop(): void;
}

/**
 * Sends one message after the other, so that the server stores them in the order in which they were written. Every try
 * of a message carries the same clientActivityID, by which the server drops repeats.
 */
export function createOutbox(options: {
  readonly ports: Ports;
  /** Posts it and answers the server's activity id. Throws CallError. */
  readonly post: (pending: Pending) => Promise<string>;
  readonly ready: () => boolean;
  readonly changed: (clientId: string, state: SendState, info: { readonly serverId?: string; readonly status?: number }) => void;
  /** The conversation must be opened again; flush() is called afterwards. */
  readonly connectionFault: (fault: CallError) => void;
}): Outbox {
  const { ports } = options;
  let queue: Pending[] = [];
  let failed: Pending[] = [];
  /** Refusals in a row that did not count as an attempt; lives across reconnections. */
  let holds = 0;
  /** Since when the service has been away, by this page's posts; lives across reconnections. */
  let awaySince: number | null = null;
  let running = false;
  let stopped = false;
  let wait: { handle: TimerHandle; resume: () => void } | null = null;

  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        wait = null;
        resolve();
      };
      wait = { handle: ports.after(ms, done), resume: done };
    });
  }

  const mayRun = (): boolean => !stopped && options.ready();

  async function run(): Promise<void> {
    if (running) return;
    running = true;
    const backoff = createBackoff({ baseMs: 1_000, capMs: 8_000, random: ports.random });
    const awayBackoff = createBackoff({ baseMs: 2_000, capMs: 20_000, random: ports.random });
    while (mayRun()) {
      const head = queue[0];
      if (head === undefined) break;
      // While the service is away it stays “retrying”: words that change at every try would tell less.
      if (awaySince === null) options.changed(head.clientId, 'sending', {});
      try {
        const serverId = await options.post(head);
        if (queue[0] === head) queue.shift();
        options.changed(head.clientId, 'sent', { serverId });
        backoff.reset();
        awayBackoff.reset();
        holds = 0;
        awaySince = null;
      } catch (error) {
        if (queue[0] !== head) continue; // its echo came in meanwhile
        const fault = error instanceof CallError ? error : new CallError('network', 0, '');
        if (fault.fault === 'refused') {
          queue.shift();
          options.changed(head.clientId, 'rejected', { status: fault.status });
          continue;
        }
        if (fault.fault === 'away') {
          awaySince ??= ports.now();
          if (ports.now() - awaySince < AWAY_PATIENCE_MS) {
            options.changed(head.clientId, 'retrying', {});
            await pause(Math.max(fault.retryAfterMs, awayBackoff.next()));
            continue;
          }
          giveUp();
          break;
        }
        options.changed(head.clientId, 'queued', {});
        const held = fault.fault !== 'network' && fault.fault !== 'server';
        if (held) holds += 1;
        const again = held ? holds < MAX_HOLDS : backoff.attempts + 1 < MAX_ATTEMPTS;
        if (again && held && fault.fault !== 'slow-down') {
          options.connectionFault(fault); // ends ready(); flush() starts again
          break;
        }
        if (!again) {
          // Those behind it fail with it: sent alone they would overtake it.
          giveUp();
          break;
        }
        await pause(fault.fault === 'slow-down' ? fault.retryAfterMs : backoff.next());
      }
    }
    running = false;
  }

  function giveUp(): void {
    holds = 0;
    awaySince = null;
    failed = [...failed, ...queue];
    queue = [];
    for (const pending of failed) options.changed(pending.clientId, 'failed', {});
  }

  return {
    push(pending) {
      queue.push(pending);
      options.changed(pending.clientId, 'queued', {});
      void run();
    },
    pushFirst(pending) {
      queue = running ? [...queue.slice(0, 1), pending, ...queue.slice(1)] : [pending, ...queue];
      void run();
    },
    retryFailed() {
      queue = [...failed, ...queue];
      const again = failed;
      failed = [];
      for (const pending of again) options.changed(pending.clientId, 'queued', {});
      void run();
    },
    flush() {
      wait?.handle.cancel();
      wait?.resume();
      void run();
    },
    delivered(clientId) {
      queue = queue.filter((pending) => pending.clientId !== clientId);
      failed = failed.filter((pending) => pending.clientId !== clientId);
    },
    unsent: () => [...failed, ...queue],
    stop() {
      stopped = true;
      wait?.handle.cancel();
      wait?.resume();
    },
  };
}
