import { setTimeout as sleep } from 'node:timers/promises';
import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';
import type { Talk } from './words.ts';
import type { ChannelName } from './types.ts';

/** The outside world of the gateway, as its peers see it. */
export interface World {
  /** Of the load balancer before the nodes. */
  readonly url: string;
  /** The gateway's clock. */
  now(): number;
  /** A citizen's rest between two words. */
  breathe(): Promise<void>;
  /** Resolves at once while a node runs, else when one runs again; rejects when the run is over. */
  up(): Promise<void>;
  count(what: Counted): void;
}

/** `sent` a request goes out; `resent` the same one again; `accepted` the first yes for a message; `refused` a repetition changed nothing. */
export type Counted = 'sent' | 'resent' | 'accepted' | 'refused' | 'reconnected' | 'looked';

/** One conversation as its citizen saw it; every line was accepted. */
export interface FinishedTalk extends Talk {
  readonly channel: ChannelName;
  /** The conversation's address. */
  readonly address: string;
  /** What came back, in the order it came. To be asked when nothing is under way any more. */
  heard(): Promise<readonly string[]>;
}

/** The gateway broke its word. Not for resending: it ends the run. */
export class BrokenWord extends Error {
  override readonly name = 'BrokenWord';
}

const POLL_MS = 5;
/** How often a citizen writes on without waiting for the answer, and how often an answered message comes again. */
export const HASTE = 0.35;
export const REPEAT = 0.3;

/** Tries until it works, waiting for the gateway between two tries. */
export async function untilAnswered<Result>(world: World, attempt: () => Promise<Result | null>): Promise<Result> {
  for (let tries = 1; ; tries += 1) {
    await world.up();
    world.count('sent');
    const result = await attempt().catch((error: unknown) => {
      if (error instanceof BrokenWord) throw error;
      return null;
    });
    if (result !== null) return result;
    world.count('resent');
    await sleep(Math.min(200, POLL_MS * tries));
  }
}

/** Looks again and again until it sees, as long as the run lasts. */
export async function untilSeen(world: World, look: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 1; !(await look()); tries += 1) {
    await world.up();
    await sleep(Math.min(50, POLL_MS * tries));
  }
}

/** Null from a gateway that is stopping or unwell; throws for a broken connection, BrokenWord for an answer that is wrong. */
export async function ask<Schema extends TSchema>(url: string, init: RequestInit, shape: Schema): Promise<Static<Schema> | null> {
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(10_000) });
  const text = await response.text();
  if (response.status >= 500 || response.status === 429) return null;
  const body: unknown = response.ok ? JSON.parse(text) : null;
  if (!Value.Check(shape, body)) throw new BrokenWord(`HTTP ${response.status} from ${new URL(url).pathname.replace(/conversations\/[^/]+/, 'conversations/…')}: ${text.slice(0, 200)}`);
  return body;
}

/** Neighbours that are equal count once: a send that was under way at a crash may come again. */
export const withoutRepeats = (texts: readonly string[]): readonly string[] => texts.filter((text, index) => text !== texts[index - 1]);
