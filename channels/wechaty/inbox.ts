import { setTimeout as sleep } from 'node:timers/promises';
import type { ChannelPorts, ReceiveResult } from '../../src/channel/contract.ts';
import type { Attachment } from '../../src/domain/activity.ts';
import { codeOf, isAppError } from '../../src/domain/errors.ts';
import { CHANNEL, decode } from './decode.ts';
import type { Carried, Heard } from './talk.ts';

/**
 * From the session into the house. WeChat brings a message once and never again, so one that cannot be stored now is tried
 * until it can; what one person writes stays in its order.
 */
export interface Inbox {
  take(heard: Heard, carried: Carried): void;
  /** Resolves when nothing is under way. */
  idle(): Promise<void>;
  /** Gives up what still waits. */
  stop(): void;
}

const WAITING_LIMIT = 500;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 60_000;
const TRIES = 30;

export function createInbox(ports: ChannelPorts, stored: (heard: Heard, result: ReceiveResult) => void): Inbox {
  const chains = new Map<string, Promise<void>>();
  const stopping = new AbortController();
  let waiting = 0;

  const store = async (heard: Heard, carried: Carried): Promise<void> => {
    const inbound = decode(heard, carried, await saveFile(ports, carried.file));
    for (let attempt = 1, wait = FIRST_WAIT_MS; !stopping.signal.aborted; attempt += 1, wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
      try {
        stored(heard, await ports.receive(inbound));
        return;
      } catch (error) {
        const hopeless = isAppError(error) && error.retry === 'never' && error.status < 500;
        if (hopeless || attempt === TRIES) {
          ports.log.error({ channel: CHANNEL, code: codeOf(error), attempt }, 'a message could not be stored and is lost');
          return;
        }
        await pause(isAppError(error) && error.retryAfterMs !== undefined ? error.retryAfterMs : wait, stopping.signal);
      }
    }
  };

  return {
    take: (heard, carried) => {
      if (waiting >= WAITING_LIMIT) {
        ports.log.error({ channel: CHANNEL, waiting }, 'too much waits to be stored: a message is lost');
        return;
      }
      waiting += 1;
      const chain = (chains.get(heard.talkerId) ?? Promise.resolve()).then(() => store(heard, carried)).catch((error: unknown) => ports.log.error({ channel: CHANNEL, code: codeOf(error) }, 'a message could not be read and is lost')).finally(() => {
        waiting -= 1;
        if (chains.get(heard.talkerId) === chain) chains.delete(heard.talkerId);
      });
      chains.set(heard.talkerId, chain);
    },
    idle: async () => {
      while (chains.size > 0) await Promise.all(chains.values());
    },
    stop: () => stopping.abort(),
  };
}

/** Null: none, or one that the house does not take (size, type); the message is told without it. */
async function saveFile(ports: ChannelPorts, file: Carried['file']): Promise<Attachment | null> {
  if (file === undefined) return null;
  try {
    return await ports.media.save(Buffer.from(file.bytes), file.name);
  } catch (error) {
    ports.log.info({ channel: CHANNEL, code: codeOf(error) }, 'a file was not taken');
    return null;
  }
}

/** Ends early, and without an error, when the channel stops. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
