import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { hash } from 'node:crypto';
import type { LaneLease } from '../bus/contract.ts';
import type { Channel, HookOutcome, OutgoingMessage } from '../channel/contract.ts';
import type { EpochMs, ExternalId } from '../domain/activity.ts';
import { codeOf } from '../domain/errors.ts';
import type { OutboxRow } from '../store/contract.ts';
import { enqueue, writeUnit, type IntakeContext, type Unit } from './context.ts';
import { forChannel } from './outgoing.ts';

/**
 * Answers in the hook of a `push` channel (`Capabilities.answersInHook`): the first text of a turn goes in the answer to the webhook
 * that brought the citizen's word. Its send is queued all the same, but held back:
 *
 * - the answer went out whole: the send is done (`answered`), and what stands behind it goes;
 * - it did not (a broken connection, a crash), and the peer says its message again: the same words, and the send is held again;
 * - it did not, and nobody asks again: when its time comes, the send goes by `send`, and from then on a peer that still asks is told
 *   nothing new (`revoke`).
 *
 * So an answer is said once, whichever way it takes; only a crash between the last byte and our note of it says it twice (ADR 38).
 */

/** A turn whose webhook waits for its first text. */
export interface InHook {
  readonly externalId: ExternalId;
  /** The send is held back until then. */
  readonly until: EpochMs;
}

/** What goes in the answer, and the send that is held back for it. */
export interface Held {
  readonly message: OutgoingMessage;
  readonly rowId: string;
}

/** How long a send is held back after its words were given to the peer: WeChat asks again three times, 5 s apart. */
export const HOLD_MS = 25_000;
/** After the patience of a webhook: it looks once more before it gives up. */
export const LAST_LOOK_MS = 1_000;
/** A peer that asks again later than this is told nothing new. */
const KEEP_MS = 10 * 60_000;
/** Answers of a conversation that are remembered: more cannot be under way within the peer's attempts. */
const KEPT = 4;
const LEASE_MS = 2_000;

const Kept = Type.Array(Type.Object({ asked: Type.String(), rowId: Type.String(), activityIds: Type.Array(Type.String()) }));
type Kept = Static<typeof Kept>;
const kepts = Compile(Kept);

const keyOf = (conversationId: string): string => `in-hook:${conversationId}`;
const nameOf = (externalId: ExternalId): string => hash('sha256', externalId, 'hex').slice(0, 32);
export const sendLane = (conversationId: string): string => `send:${conversationId}`;

/** One text and nothing else: what a webhook's answer can carry. */
export function fitsInHook(channel: Channel, message: OutgoingMessage | undefined): message is OutgoingMessage {
  if (channel.capabilities.answersInHook !== true || message === undefined) return false;
  const { text, attachments = [], value } = message.content;
  return text !== '' && attachments.length === 0 && value === undefined;
}

/** Remembers, in the turn's transaction, which send answers which message. */
export async function keepAnswer(unit: Unit, given: { readonly channel: string; readonly conversationId: string; readonly externalId: ExternalId; readonly rowId: string; readonly activityIds: readonly string[]; readonly now: EpochMs }): Promise<void> {
  const { channel, conversationId, externalId, rowId, activityIds, now } = given;
  const kept = await read(unit, channel, conversationId, now);
  await write(unit, channel, conversationId, [...kept.slice(1 - KEPT), { asked: nameOf(externalId), rowId, activityIds: [...activityIds] }], now);
}

/**
 * The answer to a message whose turn is over, or that came before: the words that were kept for it, held back from being sent for as long as
 * the peer may ask. Nothing when they went another way, or are on it.
 */
export async function answerInHook(context: IntakeContext, channel: Channel, given: { readonly conversationId: string; readonly externalId: ExternalId; readonly turn: 'done' | 'late' }): Promise<HookOutcome> {
  const { conversationId, externalId, turn } = given;
  return writeUnit(context, async (unit) => {
    const now = context.now();
    const conversation = (await unit.repos.conversations.get(conversationId))?.owner ?? 'closed';
    const nothing: HookOutcome = { messages: [], turn, conversation };
    const entry = (await read(unit, channel.name, conversationId, now)).find(({ asked }) => asked === nameOf(externalId));
    if (entry === undefined) return nothing;
    const row = await unit.repos.outbox.get(entry.rowId);
    if (row !== null && !(await holdBack(unit, context, row, now))) return nothing;
    const said = await unit.repos.activities.getMany(entry.activityIds);
    const message = forChannel(context, channel, entry.activityIds.flatMap((id) => said.find((activity) => activity.id === id) ?? []))[0];
    return message === undefined ? nothing : { messages: [message], turn: 'done', conversation, inPlaceOf: entry.rowId };
  });
}

/**
 * The peer asked again and got an empty yes, because its push could only be spooled: it asks again only when it heard nothing. So the words
 * go by `send` now, also where they were noted as given: said twice rather than never. Of no effect when they went by `send` already.
 */
export async function sendInstead(context: IntakeContext, channel: string, { conversationId, externalId }: { readonly conversationId: string; readonly externalId: ExternalId }): Promise<void> {
  await writeUnit(context, async (unit) => {
    const now = context.now();
    const kept = await read(unit, channel, conversationId, now);
    const entry = kept.find(({ asked }) => asked === nameOf(externalId));
    if (entry === undefined) return;
    // From here on a note of the first answer completes nothing, and who asks once more is told nothing new.
    await write(unit, channel, conversationId, kept.filter((one) => one !== entry), now);
    const lane = sendLane(conversationId);
    const held = await unit.repos.outbox.get(entry.rowId);
    if (held === null) {
      await enqueue(unit, [{ id: entry.rowId, lane, kind: 'deliver', payload: { conversationId, activityIds: entry.activityIds, part: 0 }, availableAt: now, blocking: true, now }]);
    } else if (held.state === 'ready') {
      await unit.repos.outbox.put({ id: held.id, lane, kind: held.kind, payload: held.payload, availableAt: now, blocking: held.blocking, now });
      unit.after.push({ kind: 'wake', rows: [{ id: held.id, lane, availableAt: now }] });
    }
  });
}

/** False: it is being sent at this moment, or nobody will send it any more. */
async function holdBack(unit: Unit, context: IntakeContext, row: OutboxRow, now: EpochMs): Promise<boolean> {
  if (row.state !== 'ready') return false;
  const fence = await unit.repos.lanes.acquire(row.lane, context.lease.holder, now, LEASE_MS);
  if (fence === null) return false;
  const held = { id: row.id, lane: row.lane, availableAt: now + HOLD_MS };
  await unit.repos.outbox.put({ ...held, kind: row.kind, payload: row.payload, blocking: row.blocking, now });
  await unit.repos.lanes.release(row.lane, fence);
  unit.after.push({ kind: 'wake', rows: [held] });
  return true;
}

/** Rows behind a held one that are woken when it is done. */
const BEHIND = 8;

/** The answer went out whole: its send is done. Of no effect when it was noted before, or goes by `send` already. */
export async function answered(context: IntakeContext, rowId: string): Promise<void> {
  await writeUnit(context, async (unit) => {
    const row = await unit.repos.outbox.get(rowId);
    const conversationId = row?.payload['conversationId'];
    if (row === null || row.state !== 'ready' || typeof conversationId !== 'string') return;
    const conversation = await unit.repos.conversations.get(conversationId);
    const now = context.now();
    const entry = conversation === null ? undefined : (await read(unit, conversation.channel, conversationId, now)).find((one) => one.rowId === rowId);
    if (conversation === null || entry === undefined || !(await unit.repos.outbox.complete(rowId))) return;
    for (const activityId of entry.activityIds) {
      const receipt = { activityId, conversationId, status: 'delivered' as const, code: null, at: now };
      await unit.repos.activities.addReceipt(receipt);
      unit.after.push({ kind: 'receipt', conversationId, receipt });
    }
    const behind = await unit.repos.outbox.due(row.lane, now, BEHIND);
    if (behind.length > 0) unit.after.push({ kind: 'wake', rows: behind.map(({ id, lane, availableAt }) => ({ id, lane, availableAt })) });
    unit.after.push({ kind: 'count', name: 'sent', labels: { channel: conversation.channel, status: 'delivered' } });
  });
}

/** Pauses between attempts to note that an answer went out, while the database is away. Longer than it is held, it goes out again anyway. */
const AGAIN_MS = [200, 1_000, 3_000, 6_000, 12_000] as const;

/**
 * `answered`, whatever the database does meanwhile. Never throws.
 * @param pause rejects when there is no more time
 */
export async function noteAnswered(context: IntakeContext, rowId: string, pause: (ms: number) => Promise<void>): Promise<void> {
  let code = 'none';
  for (const ms of [...AGAIN_MS, null]) {
    try {
      return await answered(context, rowId);
    } catch (error) {
      code = codeOf(error);
    }
    if (ms === null || !(await pause(ms).then(() => true, () => false))) break;
  }
  context.log.warn({ code }, 'an answer in a hook could not be noted: it may be said twice');
}

/**
 * A held send has fallen due: from now on it goes by `send`, and whoever asks again is told nothing new.
 * @returns false when its words have gone out in a hook meanwhile
 */
export async function revoke(context: IntakeContext, channel: string, conversationId: string, row: OutboxRow, lease: LaneLease): Promise<boolean> {
  return writeUnit(context, async (unit) => {
    await unit.repos.lanes.assertFence(lease.lane, lease.fence);
    if (!(await unit.repos.outbox.pending(row.id))) return false;
    const kept = await read(unit, channel, conversationId, context.now());
    const others = kept.filter(({ rowId }) => rowId !== row.id);
    if (others.length < kept.length) await write(unit, channel, conversationId, others, context.now());
    return true;
  });
}

async function read(unit: Unit, channel: string, conversationId: string, now: EpochMs): Promise<Kept> {
  const value = await unit.repos.channelState.get(channel, keyOf(conversationId), now);
  const parsed: unknown = value === null ? [] : JSON.parse(value);
  return kepts.Check(parsed) ? parsed : [];
}

function write(unit: Unit, channel: string, conversationId: string, kept: Kept, now: EpochMs): Promise<void> {
  return unit.repos.channelState.put(channel, keyOf(conversationId), JSON.stringify(kept), now + KEEP_MS);
}
