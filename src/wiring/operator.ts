import { createHash } from 'node:crypto';
import type { Settings } from '../config/settings.ts';
import type { Log } from '../intake/context.ts';
import type { Store } from '../store/contract.ts';

/** What an operator reads: the words after a start, and what changes later. */

/** The first words of a node that listens at `address`: only where its roles are really at work. */
export function welcome(address: string, roles: Settings['ROLES']): string {
  const pages = `    citizens  ${address}/\n    seats     ${address}/desk\n    API       ${address}/api/docs`;
  const state = `    state     ${address}/readyz`;
  switch (roles) {
    case 'web,worker':
      return `  Yihu 一呼 is ready\n${pages}`;
    case 'web':
      return `  Yihu 一呼 is ready to take messages; nodes with the role worker answer them\n${pages}\n${state}`;
    case 'worker':
      return `  Yihu 一呼 is ready to answer what nodes with the role web take; no pages here\n${state}\n    measures  ${address}/metrics`;
  }
}

const LOOK_MS = 1_000;
const WITHOUT: Readonly<Record<string, string>> = {
  redis: 'Redis is away: work is carried from the database until it is back',
  news: 'news of other nodes are cut off: this node looks into the database itself until they are back',
};

/**
 * Tells when a part goes away and when it is back, once each. The error behind it is logged where it happens.
 * @returns how to stop it
 */
export function tellParts(parts: Readonly<Record<string, () => boolean>>, log: Pick<Log, 'info' | 'warn'>): () => void {
  const away = new Set<string>();
  const look = (): void => {
    for (const [part, isUp] of Object.entries(parts)) {
      if (isUp()) {
        if (away.delete(part)) log.info({ part }, `${part} is back`);
      } else if (!away.has(part)) {
        away.add(part);
        log.warn({ part }, WITHOUT[part] ?? `${part} is away`);
      }
    }
  };
  const timer = setInterval(look, LOOK_MS);
  timer.unref();
  return () => clearInterval(timer);
}

const NOTE = { channel: 'house', key: 'directline-secret' } as const;

/**
 * Nodes with different DIRECTLINE_SECRETs refuse each other's web chats, which nobody sees until a page changes its node. A new
 * secret on purpose looks the same at first, so it is only said.
 */
export async function noticeOtherSecret(store: Store, secret: string, now: () => number, log: Pick<Log, 'warn'>): Promise<void> {
  const digest = createHash('sha256').update(`yihu ${secret}`).digest('base64');
  const { channel, key } = NOTE;
  const before = await store.read((repos) => repos.channelState.get(channel, key, now()));
  if (before === digest) return;
  await store.write((repos) => repos.channelState.put(channel, key, digest, null));
  if (before !== null) log.warn({ setting: 'DIRECTLINE_SECRET' }, 'another DIRECTLINE_SECRET than at the last start of a node: every node needs the same one, and web chats that were open must begin anew');
}

/** A bus event in an operator's words. */
export function busWords(kind: 'retried' | 'buried' | 'fenced' | 'failed', rowKind: string): string {
  switch (kind) {
    case 'retried':
      return 'not done, tried again later';
    case 'buried':
      return 'given up: a dead letter';
    case 'fenced':
      return 'another node did it meanwhile';
    case 'failed':
      return rowKind === 'redis' ? 'trouble with Redis' : 'the bus could not look for work: it looks again';
  }
}
