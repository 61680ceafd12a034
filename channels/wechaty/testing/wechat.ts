import { randomUUID } from 'node:crypto';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { BroadcastChannel } from 'node:worker_threads';
import { readEvent, type MockCommand, type MockEvent, type MockMessage } from './mock-wire.ts';

/** Who plays WeChat: people write to the account, which a mock puppet holds in the channel's thread. */
export interface MockWechat {
  /** Settings of a gateway that is in this process. */
  readonly env: Readonly<Record<string, string>>;
  readonly sent: readonly { readonly to: string; readonly text: string }[];
  /** How often a puppet was started, and logged in. */
  readonly starts: () => number;
  readonly logins: () => number;
  /** Waits for a puppet that was not logged in before and logs it in. */
  logIn(): Promise<void>;
  order(command: MockCommand): void;
  arrive(message: MockMessage): void;
  onSent(listener: (to: string, text: string) => void): () => void;
  close(): void;
}

export function createMockWechat(): MockWechat {
  const name = `yihu.wechaty.${randomUUID()}`;
  const line = new BroadcastChannel(name);
  line.unref();
  const sent: { to: string; text: string }[] = [];
  const listeners = new Set<(to: string, text: string) => void>();
  const waiting = new Set<() => void>();
  let starts = 0;
  let logins = 0;
  let used = 0;
  const until = async (met: () => boolean): Promise<void> => {
    // Alive while it is waited for.
    const alive = setInterval(() => undefined, 1_000);
    while (!met()) await new Promise<void>((resolve) => waiting.add(resolve));
    clearInterval(alive);
  };
  const take = (event: MockEvent | null): void => {
    if (event?.event === 'up') starts += 1;
    if (event?.event === 'in') logins += 1;
    for (const resume of waiting) resume();
    waiting.clear();
    if (event?.event !== 'sent') return;
    sent.push({ to: event.to, text: event.text });
    for (const listener of listeners) listener(event.to, event.text);
  };
  // oxlint-disable-next-line unicorn/prefer-add-event-listener -- Node types no other way
  line.onmessage = (event) => take(readEvent(typeof event === 'object' && event !== null && 'data' in event ? event.data : null));
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- between threads, not windows
  const order = (command: MockCommand): void => line.postMessage(command);
  return {
    env: { WECHATY_PUPPET: pathToFileURL(fileURLToPath(new URL('./mock-puppet.ts', import.meta.url))).href, WECHATY_PUPPET_ENDPOINT: name, WECHATY_SEND_GAP_MS: '0' },
    sent,
    starts: () => starts,
    logins: () => logins,
    logIn: async () => {
      await until(() => starts > used);
      used = starts;
      const before = logins;
      order({ command: 'login' });
      await until(() => logins > before);
    },
    order,
    arrive: (message) => order({ command: 'arrive', message }),
    onSent: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close: () => line.close(),
  };
}
