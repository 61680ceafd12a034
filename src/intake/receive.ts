import type { HeardUpTo, HookOutcome, ReceiveResult } from '../channel/contract.ts';
import type { DialogEvent } from '../dialog/types.ts';
import type { Activity, ActivityContent, InboundActivity } from '../domain/activity.ts';
import type { Conversation } from '../domain/conversation.ts';
import { AppError, codeOf, isAppError } from '../domain/errors.ts';
import type { ActivityDraft, ConversationChange, OutboxDraft, Repositories } from '../store/contract.ts';
import { answerOfTurn } from './collect.ts';
import { enqueue, writeUnit, type IntakeContext, type Unit } from './context.ts';
import { ENDED, settleEnd } from './hang-up.ts';
import { HOLD_MS } from './in-hook.ts';
import { queueSends } from './outgoing.ts';
import { REOPENED, runPipeline, type Begun } from './pipeline.ts';
import { protect } from './protect.ts';
import { rehearse } from './rehearse.ts';
import { traced } from './trace.ts';
import { eventOf } from './turn.ts';

/** Longest text that is taken; channels refuse longer ones with their own error before. */
export const MAX_TEXT_CHARS = 20_000;

/** What became of a message that was received. */
export interface Taken extends ReceiveResult {
  /** Its turn is over: it happened in the same transaction. */
  readonly turned: boolean;
  /** The webhook's answer, when the turn happened and one was asked for. */
  readonly answer: HookOutcome | null;
}

export interface Wants {
  readonly answer: boolean;
  /** What the waiting peer has heard already, see `HeardUpTo`. */
  readonly heardUpTo?: HeardUpTo;
  /** How long it waits, ms; 0 unless told. */
  readonly patienceMs?: number;
  /** `traceparent` of the webhook's span. */
  readonly trace?: string | null;
}

/**
 * The first half of a message's way: identity, conversation, activity and outbox row in one transaction. Only after
 * it resolves may the peer get its answer. When nothing is before the message in its conversation and this process does
 * turns, the second half happens in the same transaction (ADR 14): one commit, nothing queued, nothing to find again.
 * A message seen before (channel + externalId) changes nothing and gets the first one's ids.
 * @param wants `answer`: the peer waits for what the turn says, and its channel can carry that in the webhook's answer
 */
export async function receive(context: IntakeContext, inbound: InboundActivity, wants: Wants = { answer: false }): Promise<Taken> {
  const started = performance.now();
  if (inbound.content.type === 'message' && inbound.content.text.length > MAX_TEXT_CHARS) {
    throw new AppError('activity.too_long', 'the message is too long', { status: 413, citizenText: '这条消息太长了，请分几次发送。' });
  }
  try {
    const span = context.trace.start('store', { channel: inbound.channel }, wants.trace ?? null);
    const result = await traced(span, () => storeOrTurn(context, inbound, { ...wants, trace: span.traceparent }));
    context.meter.count('received', { channel: inbound.channel });
    if (inbound.content.type === 'message') context.storm?.heard();
    return result;
  } catch (error) {
    if (isAppError(error) && error.code === 'activity.duplicate') return duplicateOf(context, inbound);
    throw error;
  } finally {
    context.meter.time('store', (performance.now() - started) / 1000);
  }
}

async function storeOrTurn(context: IntakeContext, inbound: InboundActivity, wants: Wants): Promise<Taken> {
  const { trace = null } = wants;
  const event = context.turnsHere() ? eventOf(inbound.content, null) : null;
  if (event === null) return writeUnit(context, async (unit) => keep(context, unit, inbound, await begin(context, unit, inbound), wants), trace);
  try {
    const rehearsal = context.thinksAhead === true ? await rehearse(context, inbound, event) : null;
    let known = rehearsal?.conversation ?? null;
    return await writeUnit(context, async (unit) => {
      const first = await begin(context, unit, inbound, known);
      // If it has moved on since, the write is refused by its version, and the next run reads it.
      known = null;
      // Nothing can be before the first word of a conversation that is made in this transaction.
      const passable = first.created || (await unit.repos.lanes.passable(`turn:${first.begun.stored.id}`, context.now()));
      return passable ? turnNow(context, unit, inbound, { ...first, begun: { ...first.begun, rehearsal } }, event, wants) : keep(context, unit, inbound, first, wants);
    }, trace);
  } catch (error) {
    if (isAppError(error) && (error.code === 'activity.duplicate' || error.retry === 'later')) throw error;
    // Whatever is wrong with the turn, the message is kept; the bus tries the turn again and asks a person in the end.
    context.log.warn({ code: codeOf(error), channel: inbound.channel }, 'a turn failed as its message came: it is tried again');
    return writeUnit(context, async (unit) => keep(context, unit, inbound, await begin(context, unit, inbound), wants), trace);
  }
}

interface First {
  /** The conversation is made in this transaction. */
  readonly created: boolean;
  readonly begun: Begun;
  readonly activityId: string;
}

/** The conversation as it is (or was a moment ago), the message as it will be stored, and what the message changes. Nothing is written but a new conversation. */
async function begin(context: IntakeContext, unit: Unit, inbound: InboundActivity, known: Conversation | null = null): Promise<First> {
  const now = context.now();
  const { conversation: stored, created } = known === null ? await findOrOpen(context, unit.repos, inbound) : { conversation: known, created: false };
  const { content, sealed } = protect(inbound);
  const activityId = context.newId();
  const draft: ActivityDraft = { id: activityId, direction: 'in', externalId: inbound.externalId, role: 'citizen', seatId: null, at: now, replyToId: null, content, channelData: inbound.channelData ?? null, sealed };
  // Where nothing was ever said there is no state to be read either.
  const fresh = isNew(stored) || (stored.owner === 'closed' && content.type === 'message');
  return { created, activityId, begun: { stored, change: bump(stored, content, now), drafts: [draft], fresh, collect: false } };
}

function isNew(conversation: Conversation): boolean {
  return conversation.lastSeq === 0;
}

/** Stores the message and queues its turn. */
async function keep(context: IntakeContext, unit: Unit, inbound: InboundActivity, { begun }: First, wants: Wants): Promise<Taken> {
  const { repos } = unit;
  const { stored } = begun;
  if (begun.fresh && !isNew(stored)) await repos.conversations.saveState(stored.id, null);
  const ending = inbound.content.type === 'endOfConversation';
  // In order within the conversation: last words that nobody has understood yet come before the end.
  const endsLater = ending && (await hasOpenTurn(context, repos, stored.id));
  const endsNow = ending && !endsLater && stored.owner !== 'closed';
  const { conversation, activities } = await repos.activities.appendWith(stored, endsNow ? { ...begun.change, ...ENDED } : begun.change, begun.drafts);
  const [activity] = activities;
  if (activity === undefined) throw new AppError('store.append_failed', 'append gave no activity', { status: 500, retry: 'later' });
  const rows = copies(context, conversation.id, activity);
  if (endsLater || eventOf(inbound.content, null) !== null) rows.push(turnRow(context, conversation.id, { activityId: activity.id, ...awaitedUntil(context, inbound, wants) }, activity.id));
  if (endsNow && activity.content.type === 'endOfConversation') await settleEnd(context, unit, stored, activity.content.code);
  await enqueue(unit, rows);
  await queueSends(context, unit, conversation, activities);
  unit.after.push({ kind: 'live', conversationId: conversation.id, event: { kind: 'activity', activity } }, { kind: 'conversation', conversationId: conversation.id });
  return { status: 'accepted', activityId: activity.id, conversationId: activity.conversationId, seq: activity.seq, turned: false, answer: null };
}

/** Tells the turn that a webhook waits for its first text, and until when. */
function awaitedUntil(context: IntakeContext, inbound: InboundActivity, { answer, patienceMs = 0 }: Wants): { readonly answerUntil?: number } {
  return answer && patienceMs > 0 && context.channel(inbound.channel)?.capabilities.answersInHook === true ? { answerUntil: context.now() + patienceMs } : {};
}

/** Both halves at once. */
async function turnNow(context: IntakeContext, unit: Unit, inbound: InboundActivity, { begun, activityId }: First, event: DialogEvent, wants: Wants): Promise<Taken> {
  const started = performance.now();
  const span = context.trace.start('turn', { channel: inbound.channel }, wants.trace ?? null);
  const { externalId } = inbound;
  const channel = wants.answer && externalId !== null ? context.channel(inbound.channel) : null;
  const collect = channel?.capabilities.delivery === 'pull';
  const hook = channel?.capabilities.answersInHook === true && externalId !== null ? { externalId, until: context.now() + HOLD_MS } : null;
  const { conversation, activities, held } = await traced(span, () => runPipeline(context, unit, { ...begun, collect, hook }, event, activityId));
  const activity = activities.find((candidate) => candidate.id === activityId);
  if (activity === undefined) throw new AppError('store.append_failed', 'append gave no activity', { status: 500, retry: 'later' });
  await enqueue(unit, copies(context, conversation.id, activity));
  let answer: HookOutcome | null = null;
  if (channel !== null && collect && externalId !== null) answer = await answerOfTurn(context, unit, channel, { before: begun.stored, conversation, activities, externalId, heardUpTo: wants.heardUpTo ?? null });
  if (hook !== null) answer = { messages: held === null ? [] : [held.message], turn: 'done', conversation: conversation.owner, ...(held === null ? {} : { inPlaceOf: held.rowId }) };
  context.meter.time('turn', (performance.now() - started) / 1000);
  return { status: 'accepted', activityId, conversationId: conversation.id, seq: activity.seq, turned: true, answer };
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
  const vouched = inbound.identity?.phone ?? null;
  if (vouched !== null) await repos.enterprises.recognise(citizenId, vouched, now);
  const id = context.newId();
  const conversation = await repos.conversations.create({
    id,
    channel: inbound.channel,
    address: inbound.address,
    modality: inbound.modality,
    locale: inbound.locale ?? 'zh-CN',
    citizenId,
    now,
  });
  // Another node may have made it in the same moment.
  return { conversation, created: conversation.id === id };
}

/** A message to a closed conversation reopens it: nothing a citizen says is dropped. */
function bump(conversation: Conversation, content: ActivityContent, now: number): ConversationChange {
  if (content.type !== 'message' && content.type !== 'event') return {};
  const reopened = conversation.owner === 'closed' && content.type === 'message';
  const watched = conversation.owner === 'human' || conversation.owner === 'waiting';
  return {
    lastInboundAt: now,
    ...(watched && content.type === 'message' ? { unread: conversation.unread + 1 } : {}),
    ...(reopened ? REOPENED : {}),
  };
}

/** Attachments that have to be copied before the peer deletes them. */
function copies(context: IntakeContext, conversationId: string, activity: Activity): OutboxDraft[] {
  const { content } = activity;
  if (content.type !== 'message' || context.channel(activity.channel)?.fetchAttachment === undefined) return [];
  return (content.attachments ?? []).flatMap((attachment, index) =>
    attachment.url.startsWith('media:')
      ? []
      : [{ id: `fetch:${activity.id}:${index}`, lane: `fetch:${conversationId}`, kind: 'fetch', payload: { conversationId, activityId: activity.id, index }, availableAt: activity.at, blocking: true, now: activity.at }],
  );
}

/** The newest activities that are looked at for a turn that is still to come. */
const RECENT = 16;

async function hasOpenTurn(context: IntakeContext, repos: Repositories, conversationId: string): Promise<boolean> {
  // Mostly nothing at all waits; a timer or the lane's holder need not be a turn that is still to come.
  if (await repos.lanes.passable(`turn:${conversationId}`, context.now())) return false;
  for (const activity of await repos.activities.latest(conversationId, RECENT)) {
    if (activity.direction === 'in' && (await repos.outbox.pending(`turn:${activity.id}`))) return true;
  }
  return false;
}

/** The outbox row of one turn. Its id tells a retried webhook whether the turn is still pending. */
export function turnRow(context: IntakeContext, conversationId: string, payload: { activityId: string; answerUntil?: number } | { event: 'handedBack' }, key: string): OutboxDraft {
  const now = context.now();
  return { id: `turn:${key}`, lane: `turn:${conversationId}`, kind: 'turn', payload: { conversationId, ...payload }, availableAt: now, blocking: true, now };
}

async function duplicateOf(context: IntakeContext, inbound: InboundActivity): Promise<Taken> {
  const { externalId } = inbound;
  const known = externalId === null ? null : await context.store.read((repos) => repos.activities.findByExternalId(inbound.channel, externalId));
  if (known === null) throw new AppError('activity.vanished', 'a duplicate without its first copy', { status: 500, retry: 'later' });
  context.meter.count('duplicate', { channel: inbound.channel });
  return { status: 'duplicate', activityId: known.id, conversationId: known.conversationId, seq: known.seq, turned: false, answer: null };
}
