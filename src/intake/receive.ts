import type { ReceiveResult } from '../channel/contract.ts';
import type { Activity, ActivityContent, InboundActivity } from '../domain/activity.ts';
import type { Conversation } from '../domain/conversation.ts';
import { AppError, isAppError } from '../domain/errors.ts';
import type { OutboxDraft, Repositories } from '../store/contract.ts';
import { writeUnit, type IntakeContext } from './context.ts';
import { closedByPeer } from './hang-up.ts';
import { REOPENED } from './pipeline.ts';
import { protect } from './protect.ts';

/** Longest text that is taken; channels refuse longer ones with their own error before. */
export const MAX_TEXT_CHARS = 20_000;

/** Events that the dialog understands; others are stored and stay without a turn. */
const DIALOG_EVENTS: ReadonlySet<string> = new Set(['enter', 'silence', 'webchat/join']);

/**
 * The first half of a message's way: identity, conversation, activity and outbox row in one transaction. Only after
 * it resolves may the peer get its answer. A message seen before (channel + externalId) changes nothing and gets the
 * first one's ids.
 */
export async function receive(context: IntakeContext, inbound: InboundActivity): Promise<ReceiveResult> {
  const started = performance.now();
  if (inbound.content.type === 'message' && inbound.content.text.length > MAX_TEXT_CHARS) {
    throw new AppError('activity.too_long', 'the message is too long', { status: 413, citizenText: '这条消息太长了，请分几次发送。' });
  }
  try {
    const result = await store(context, inbound);
    context.meter.count(result.status === 'accepted' ? 'received' : 'duplicate', { channel: inbound.channel });
    return result;
  } catch (error) {
    // Two copies of one webhook raced; the other one is stored now.
    if (inbound.externalId !== null && isAppError(error) && error.code === 'activity.duplicate') return duplicateOf(context, inbound);
    throw error;
  } finally {
    context.meter.time('receive', (performance.now() - started) / 1000);
  }
}

async function store(context: IntakeContext, inbound: InboundActivity): Promise<ReceiveResult> {
  return writeUnit(context, async (unit) => {
    const { repos } = unit;
    if (inbound.externalId !== null) {
      const known = await repos.activities.findByExternalId(inbound.channel, inbound.externalId);
      if (known !== null) return { status: 'duplicate', activityId: known.id, conversationId: known.conversationId, seq: known.seq };
    }
    const now = context.now();
    const found = await findOrOpen(context, repos, inbound);
    const { content, sealed } = protect(inbound);
    const [activity] = await repos.activities.append(found.conversation.id, [
      { id: context.newId(), direction: 'in', externalId: inbound.externalId, role: 'citizen', seatId: null, at: now, replyToId: null, content, channelData: inbound.channelData ?? null, sealed },
    ]);
    if (activity === undefined) throw new AppError('store.append_failed', 'append gave no activity', { status: 500, retry: 'later' });

    await bump(repos, found.conversation, content, now);
    const rows = followUps(context, found.conversation.id, activity);
    if (content.type === 'endOfConversation') {
      // In order within the conversation: last words that nobody has understood yet come before the end.
      if (await hasOpenTurn(repos, found.conversation.id)) rows.push(turnRow(context, found.conversation.id, { activityId: activity.id }, activity.id));
      else await closedByPeer(context, unit, found.conversation, content.code);
    }
    if (rows.length > 0) {
      await repos.outbox.add(rows);
      unit.after.push({ kind: 'wake' });
    }
    unit.after.push({ kind: 'live', conversationId: found.conversation.id, event: { kind: 'activity', activity } }, { kind: 'conversation', conversationId: found.conversation.id });
    return { status: 'accepted', activityId: activity.id, conversationId: activity.conversationId, seq: activity.seq };
  });
}

/** The conversation at this address, opened with its citizen when it is the first word. */
export async function findOrOpen(
  context: IntakeContext,
  repos: Repositories,
  inbound: Pick<InboundActivity, 'channel' | 'address' | 'modality' | 'locale' | 'identity'>,
): Promise<{ conversation: Conversation; created: boolean }> {
  const known = await repos.conversations.findByAddress(inbound.channel, inbound.address);
  if (known !== null) return { conversation: known, created: false };
  const now = context.now();
  const citizenId = await repos.citizens.resolve({
    id: context.newId(),
    channel: inbound.channel,
    externalUserId: inbound.identity?.externalUserId ?? null,
    phone: inbound.identity?.phone ?? null,
    displayName: inbound.identity?.displayName ?? null,
    now,
  });
  const conversation = await repos.conversations.create({
    id: context.newId(),
    channel: inbound.channel,
    address: inbound.address,
    modality: inbound.modality,
    locale: inbound.locale ?? 'zh-CN',
    citizenId,
    now,
  });
  return { conversation, created: true };
}

/** A message to a closed conversation reopens it: nothing a citizen says is dropped. */
async function bump(repos: Repositories, conversation: Conversation, content: ActivityContent, now: number): Promise<void> {
  if (content.type !== 'message' && content.type !== 'event') return;
  const reopened = conversation.owner === 'closed' && content.type === 'message';
  const watched = conversation.owner === 'human' || conversation.owner === 'waiting';
  if (reopened) await repos.conversations.saveState(conversation.id, null);
  await repos.conversations.update(conversation.id, conversation.version, {
    lastInboundAt: now,
    ...(watched && content.type === 'message' ? { unread: conversation.unread + 1 } : {}),
    ...(reopened ? REOPENED : {}),
  });
}

function followUps(context: IntakeContext, conversationId: string, activity: Activity): OutboxDraft[] {
  const { content } = activity;
  const rows: OutboxDraft[] = [];
  if (content.type === 'message' || (content.type === 'event' && DIALOG_EVENTS.has(content.name))) {
    rows.push(turnRow(context, conversationId, { activityId: activity.id }, activity.id));
  }
  const copies = context.channel(activity.channel)?.fetchAttachment !== undefined;
  if (content.type === 'message') {
    (content.attachments ?? []).forEach((attachment, index) => {
      if (attachment.url.startsWith('media:') || !copies) return;
      rows.push({ id: `fetch:${activity.id}:${index}`, lane: `fetch:${conversationId}`, kind: 'fetch', payload: { conversationId, activityId: activity.id, index }, availableAt: activity.at, blocking: true, now: activity.at });
    });
  }
  return rows;
}

/** The newest activities that are looked at for a turn that is still to come. */
const RECENT = 16;

async function hasOpenTurn(repos: Repositories, conversationId: string): Promise<boolean> {
  for (const activity of await repos.activities.latest(conversationId, RECENT)) {
    if (activity.direction === 'in' && (await repos.outbox.pending(`turn:${activity.id}`))) return true;
  }
  return false;
}

/** The outbox row of one turn. Its id tells a retried webhook whether the turn is still pending. */
export function turnRow(context: IntakeContext, conversationId: string, payload: { activityId: string } | { event: 'handedBack' }, key: string): OutboxDraft {
  const now = context.now();
  return { id: `turn:${key}`, lane: `turn:${conversationId}`, kind: 'turn', payload: { conversationId, ...payload }, availableAt: now, blocking: true, now };
}

async function duplicateOf(context: IntakeContext, inbound: InboundActivity): Promise<ReceiveResult> {
  const { externalId } = inbound;
  const known = externalId === null ? null : await context.store.read((repos) => repos.activities.findByExternalId(inbound.channel, externalId));
  if (known === null) throw new AppError('activity.vanished', 'a duplicate without its first copy', { status: 500, retry: 'later' });
  context.meter.count('duplicate', { channel: inbound.channel });
  return { status: 'duplicate', activityId: known.id, conversationId: known.conversationId, seq: known.seq };
}
