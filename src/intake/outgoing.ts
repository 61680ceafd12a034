import { degrade } from '../channel/degrade.ts';
import type { Channel, OutgoingMessage } from '../channel/contract.ts';
import type { Activity, EpochMs } from '../domain/activity.ts';
import type { Conversation } from '../domain/conversation.ts';
import type { ActivityDraft, OutboxDraft, OutboxRow } from '../store/contract.ts';
import { enqueue, type IntakeContext, type Unit } from './context.ts';
import { fitsInHook, keepAnswer, sendLane, type Held, type InHook } from './in-hook.ts';
import { withTrace } from './trace.ts';

/**
 * Appends what bot, seat or house say, and queues the sends of a `push` channel: one outbox row a send, so that a
 * crash repeats at most the one that was under way.
 */
export async function say(context: IntakeContext, unit: Unit, conversation: Conversation, drafts: readonly ActivityDraft[]): Promise<readonly Activity[]> {
  if (drafts.length === 0) return [];
  const activities = await unit.repos.activities.append(conversation.id, drafts);
  for (const activity of activities) unit.after.push({ kind: 'live', conversationId: conversation.id, event: { kind: 'activity', activity } });
  await queueSends(context, unit, conversation, activities);
  return activities;
}

/**
 * Queues the sends of what was just appended. When nothing waits before them, this process takes their lane in the same
 * transaction and sends right after the commit: no search, no second passage through the store.
 * @param hook the webhook that waits for the first text; it is held back then, and returned
 */
export async function queueSends(context: IntakeContext, unit: Unit, conversation: Conversation, activities: readonly Activity[], hook: InHook | null = null): Promise<Held | null> {
  const channel = context.channel(conversation.channel);
  if (channel?.capabilities.delivery !== 'push') return null;
  const now = context.now();
  const { lanes, outbox } = unit.repos;
  const lane = sendLane(conversation.id);
  const said = activities.filter((activity) => activity.direction === 'out');
  const parts = forChannel(context, channel, said);
  const activityIds = said.map((activity) => activity.id);
  const first = activityIds[0];
  // What waited for the citizen's next word goes before the answer to it; a seat's words may use what the bot may not.
  const opens = activities.some((activity) => activity.content.type === 'message' && (activity.direction === 'in' || activity.role === 'seat'));
  if ((first === undefined || parts.length === 0) && !opens) return null;
  const [message] = parts;
  const inHook = hook !== null && fitsInHook(channel, message);
  const takes = message !== undefined && !inHook && context.bus.hasRoom();
  const fence = takes ? await lanes.acquirePassable(lane, context.lease.holder, now, context.lease.ms) : null;
  const free = takes ? fence !== null : await lanes.passable(lane, now);
  if (opens && !free) await hastenSends(unit, lane, now);
  if (first === undefined || message === undefined) return null;
  const drafts: OutboxDraft[] = parts.map((_, part) => ({ id: `deliver:${first}:${part}`, lane, kind: 'deliver', payload: withTrace({ conversationId: conversation.id, activityIds, part }, unit.trace), availableAt: now, blocking: true, now }));
  // What waits in the lane goes first; it could not follow words that are given to the webhook now.
  if (inHook && free) {
    const [head, ...behind] = drafts;
    if (head !== undefined) {
      const [held] = await outbox.add([{ ...head, payload: { ...head.payload, inHook: true }, availableAt: hook.until }, ...behind]);
      await keepAnswer(unit, { channel: channel.name, conversationId: conversation.id, externalId: hook.externalId, rowId: head.id, activityIds, now });
      if (held !== undefined) unit.after.push({ kind: 'wake', rows: [held] });
      return { message, rowId: head.id };
    }
  }
  if (fence === null) {
    await enqueue(unit, drafts);
    return null;
  }
  const rows = await outbox.add(drafts);
  const spoken = activities.findLast((activity) => activity.direction === 'in' && activity.content.type === 'message');
  const [head] = rows;
  if (head !== undefined && spoken !== undefined) fresh.set(head, { conversation, rows, said, parts, lastMessageAt: spoken.at, until: now + context.lease.ms });
  unit.after.push({ kind: 'adopt', lease: { lane, fence }, rows });
  return null;
}

/** What the turn that queued sends knew about them: all that their sending needs. */
export interface FreshSends {
  readonly conversation: Conversation;
  readonly rows: readonly OutboxRow[];
  readonly said: readonly Activity[];
  /** `said` as the channel carries it. */
  readonly parts: readonly OutgoingMessage[];
  readonly lastMessageAt: EpochMs;
  /** The lease that was taken with them has ended by then: somebody else may have sent them. */
  readonly until: EpochMs;
}

/** By the very row that this process added and adopted; a row that was read from the store is another object. */
const fresh = new WeakMap<OutboxRow, FreshSends>();

/**
 * Sends that go out right after the turn that made them, under the lease taken in its transaction, need not read back what it
 * wrote. Only for the first row of a turn: what is sent together with it is gone when its own time comes, and only the store
 * tells. Null: read it.
 */
export function takeFresh(row: OutboxRow, now: EpochMs): FreshSends | null {
  const known = fresh.get(row);
  fresh.delete(row);
  return known !== undefined && now < known.until ? known : null;
}

/** Ends the error of a send that only the citizen's next word can open the way for. */
export const AWAITS_CITIZEN = ' awaits:citizen';

async function hastenSends(unit: Unit, lane: string, now: number): Promise<void> {
  const ids = await unit.repos.outbox.hasten(lane, AWAITS_CITIZEN, now);
  if (ids.length > 0) unit.after.push({ kind: 'wake', rows: ids.map((id) => ({ id, lane, availableAt: now })) });
}

/** Stored activities as the channel can carry them. Deterministic: the deliver job cuts the same parts again. */
export function forChannel(context: IntakeContext, channel: Channel, activities: readonly Activity[]): readonly OutgoingMessage[] {
  const sends: OutgoingMessage[] = [];
  let messages: OutgoingMessage[] = [];
  const flush = (): void => {
    sends.push(...degrade(messages, channel.capabilities, { publicUrl: context.mediaUrl }));
    messages = [];
  };
  for (const { id, direction, content } of activities) {
    if (direction !== 'out') continue;
    if (content.type === 'message') messages.push({ activityIds: [id], content });
    if (content.type !== 'event' || channel.capabilities.events?.includes(content.name) !== true) continue;
    flush();
    sends.push({ activityIds: [id], content: { type: 'message', text: '' }, event: { name: content.name, ...(content.value === undefined ? {} : { value: content.value }) } });
  }
  flush();
  return sends;
}
