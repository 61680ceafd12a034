import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import type { ChannelState } from '../../src/channel/contract.ts';
import type { Address } from '../../src/domain/activity.ts';
import { ReferenceShape, type Reference } from './wire.ts';

/** What is kept of each conversation, sealed in the channel's state: how to come back to it, and what its last replies carried. */

const KeptShape = Type.Object({
  reference: ReferenceShape,
  caller: Type.Union([Type.String(), Type.Null()]),
  /** The last activity asked for its answer in the reply (`expectReplies`). */
  replies: Type.Boolean(),
  /** Until then a reply is being made: sends of the outbox wait for what it carries. Epoch ms. */
  openUntil: Type.Number(),
  /** Everything up to this seq was in a reply or was sent. */
  heard: Type.Integer(),
  /** Activities of ours that a reply carried or that were sent beside one, newest last. */
  given: Type.Array(Type.String()),
  /** The last replies by what they answered, so that a repetition gets the same. */
  answers: Type.Array(Type.Object({ key: Type.String(), from: Type.Integer(), ids: Type.Array(Type.String()) })),
  /** A person has the conversation: nobody answers by himself. */
  human: Type.Boolean(),
  /** The hub behind the channel was asked for a person and has not said how it ended. */
  asked: Type.Boolean(),
});
export type Kept = Static<typeof KeptShape>;
const keptShape = Compile(KeptShape);

const GIVEN = 200;
const ANSWERS = 5;
/** A conversation that nobody comes back to for so long is forgotten, ms: 400 days. */
const KEPT_MS = 400 * 24 * 60 * 60 * 1000;

export interface References {
  get(address: Address): Promise<Kept | null>;
  /** Notes how to come back, with each activity that comes. `openUntil` 0: no reply is awaited. */
  note(address: Address, seen: { readonly reference: Reference; readonly caller: string | null; readonly replies: boolean; readonly openUntil: number }): Promise<Kept>;
  /** Nothing happens to a conversation that is not known. */
  change(address: Address, change: (kept: Kept) => Kept): Promise<void>;
}

export function createReferences(state: ChannelState, now: () => number): References {
  const key = (address: Address): string => `conversation:${address}`;
  const write = (kept: Kept): { value: string; expiresAt: number } => ({ value: JSON.stringify({ ...kept, given: kept.given.slice(-GIVEN), answers: kept.answers.slice(-ANSWERS) }), expiresAt: now() + KEPT_MS });
  return {
    get: async (address) => read(await state.get(key(address))),
    note: async (address, seen) => {
      const next = await state.update(key(address), (current) => {
        const before = read(current);
        return write({ heard: 0, given: [], answers: [], human: false, asked: false, ...before, ...seen });
      });
      const kept = read(next);
      if (kept === null) throw new Error('unreachable: what was just written is read');
      return kept;
    },
    change: async (address, change) => {
      await state.update(key(address), (current) => {
        const before = read(current);
        return before === null ? { value: current ?? '', expiresAt: now() } : write(change(before));
      });
    },
  };
}

function read(text: string | null): Kept | null {
  if (text === null || text === '') return null;
  const value: unknown = JSON.parse(text);
  return keptShape.Check(value) ? value : null;
}
