import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import type { ChannelState } from '../../src/channel/contract.ts';

/** Which node has the session: two at one account would throw each other out and hear everything twice. */
export interface Lease {
  /** Takes or renews it. Null: another node has it. Else since when messages are news, epoch ms. */
  hold(): Promise<number | null>;
  /** Lets go, if it is ours. */
  release(): Promise<void>;
}

const Held = Type.Object({ holder: Type.String(), until: Type.Number(), alive: Type.Number() });
const held = Compile(Held);
const KEY = 'holder';
const LEASE_MS = 30_000;
/** What was said while nobody listened is still taken if it is not older, ms. */
const GAP_MS = 24 * 60 * 60 * 1000;

export function createLease(state: ChannelState, now: () => number, me: string): Lease {
  let since: number | null = null;
  return {
    hold: async () => {
      let before: Static<typeof Held> | null = null;
      const text = await state.update(KEY, (current) => {
        const at = now();
        before = read(current);
        const taken = before !== null && before.holder !== me && before.until > at;
        return { value: taken && current !== null ? current : JSON.stringify({ holder: me, until: at + LEASE_MS, alive: at }), expiresAt: null };
      });
      if (read(text)?.holder !== me) {
        since = null;
        return null;
      }
      since ??= firstNews(before, now());
      return since;
    },
    release: async () => {
      await state.update(KEY, (current) => {
        const holder = read(current);
        return { value: holder?.holder === me ? JSON.stringify({ ...holder, until: 0, alive: now() }) : (current ?? JSON.stringify({ holder: '', until: 0, alive: now() })), expiresAt: null };
      });
      since = null;
    },
  };
}

/** From where the last node stopped listening: a restart loses nothing, and the years before the first start stay out. */
function firstNews(before: Static<typeof Held> | null, at: number): number {
  return before === null ? at : Math.max(before.alive, at - GAP_MS);
}

function read(text: string | null): Static<typeof Held> | null {
  if (text === null) return null;
  const value: unknown = JSON.parse(text);
  return held.Check(value) ? value : null;
}
