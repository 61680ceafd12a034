import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { claim } from '../bus/claim.ts';
import type { JobHandler, LaneLease } from '../bus/contract.ts';
import type { Activity, ActivityContent } from '../domain/activity.ts';
import type { Conversation } from '../domain/conversation.ts';
import { AppError, codeOf, isAppError } from '../domain/errors.ts';
import type { JsonObject, JsonValue } from '../domain/json.ts';
import type { DialogEvent } from '../dialog/types.ts';
import { writeUnit, type IntakeContext, type Unit } from './context.ts';
import { closedByPeer } from './hang-up.ts';
import { LAST_LOOK_MS } from './in-hook.ts';
import { say } from './outgoing.ts';
import { followTurn } from './queue/follow.ts';
import { begunAt, runPipeline } from './pipeline.ts';
import { traced, traceOf } from './trace.ts';

const TurnPayload = Type.Union([
  Type.Object({ conversationId: Type.String(), activityId: Type.String(), answerUntil: Type.Optional(Type.Number()) }),
  Type.Object({ conversationId: Type.String(), event: Type.Literal('handedBack') }),
]);
const turnPayload = Compile(TurnPayload);

const TimerPayload = Type.Object({ conversationId: Type.String(), token: Type.String() });
const timerPayload = Compile(TimerPayload);

const Sealed = Type.Object({ text: Type.String(), keys: Type.Union([Type.String(), Type.Null()]) });
const sealedShape = Compile(Sealed);

/**
 * The second half of a message's way: state, pipeline, answer and everything that follows in one transaction. Crash
 * before the commit: nothing happened and the row is done again. Crash after: the row is gone. So one effect.
 */
export function createTurnHandler(context: IntakeContext): JobHandler {
  return async (row, lease) => {
    if (!turnPayload.Check(row.payload)) return { kind: 'bury', code: 'turn.bad_payload' };
    const payload: Static<typeof TurnPayload> = row.payload;
    const started = performance.now();
    const waited = Math.max(0, context.now() - row.availableAt);
    context.meter.time('wait', waited / 1000);
    context.storm?.waited(waited);
    const activityId = 'activityId' in payload ? payload.activityId : null;
    const answerUntil = 'activityId' in payload ? (payload.answerUntil ?? null) : null;
    const span = context.trace.start('turn', { attempt: String(row.attempts + 1) }, traceOf(row.payload));
    let done: { readonly released: boolean; readonly channel: string };
    const work = (fn: (unit: Unit, conversation: Conversation) => Promise<void>) => async (unit: Unit): Promise<typeof done> => {
      await claim(unit, row, lease);
      const conversation = await requireConversation(unit, payload.conversationId);
      await fn(unit, conversation);
      return { released: await release(context, unit, lease), channel: conversation.channel };
    };
    try {
      done = await traced(span, () => writeUnit(context, work((unit, conversation) => turn(context, unit, conversation, activityId, answerUntil)), span.traceparent));
    } catch (error) {
      if (!isBroken(error, row.attempts)) throw error;
      context.log.error({ code: codeOf(error), conversationId: payload.conversationId, attempts: row.attempts }, 'a turn cannot be done: a person is asked');
      done = await writeUnit(context, work((unit, conversation) => askPerson(context, unit, conversation, activityId)));
    }
    context.meter.time('turn', (performance.now() - started) / 1000);
    // Only the webhooks of some channels wait for a turn; the others need not be told, least of all on every node.
    const delivery = context.channel(done.channel)?.capabilities.delivery ?? 'pull';
    if (activityId !== null && (delivery === 'pull' || answerUntil !== null)) context.waiters.done(activityId);
    return { kind: 'done', released: done.released };
  };
}

/** The turn of a stored activity, or of a conversation that a seat has handed back (null). */
async function turn(context: IntakeContext, unit: Unit, conversation: Conversation, activityId: string | null, answerUntil: number | null): Promise<void> {
  if (activityId === null) {
    await runPipeline(context, unit, begunAt(conversation), { type: 'handedBack' }, null);
    return;
  }
  const inbound = await unit.repos.activities.get(activityId);
  if (inbound === null) throw new AppError('activity.not_found', 'a turn without its activity', { status: 500 });
  if (inbound.content.type === 'endOfConversation') return closedByPeer(context, unit, conversation, inbound.content.code);
  const event = eventOf(inbound.content, await originalOf(unit, inbound));
  // The webhook may have given up by now, and nobody looks any more: then everything is sent.
  const hook = answerUntil !== null && inbound.externalId !== null && context.now() < answerUntil ? { externalId: inbound.externalId, until: answerUntil + LAST_LOOK_MS } : null;
  if (event !== null) await runPipeline(context, unit, begunAt(conversation, hook), event, inbound.id);
}

/** Tries of a turn that breaks; more would hold up the citizen's next words, 人工 among them, for hours. */
const MAX_TURN_TRIES = 3;

/** A fault of ours or of a flow, not of the database: the same again will not help. */
function isBroken(error: unknown, attempts: number): boolean {
  if (!isAppError(error)) return attempts + 1 >= MAX_TURN_TRIES;
  return error.retry === 'never' && error.code !== 'conversation.not_found' && error.code !== 'activity.not_found';
}

/** A turn that breaks for good must not leave the citizen alone: the dialog starts afresh and a person is asked for. */
async function askPerson(context: IntakeContext, unit: Unit, conversation: Conversation, activityId: string | null): Promise<void> {
  if (conversation.owner === 'human' || (conversation.owner === 'closed' && conversation.modality === 'voice')) return;
  await unit.repos.conversations.saveState(conversation.id, null);
  const waiting = await unit.repos.conversations.update(conversation.id, conversation.version, {
    owner: 'waiting', seatId: null, handoffReason: '系统未能处理市民的消息', waitingSince: conversation.waitingSince ?? context.now(),
  });
  const text = '抱歉，系统没有处理好您的消息，已为您通知人工坐席，请稍候。';
  await say(context, unit, waiting, [
    { id: context.newId(), direction: 'out', externalId: null, role: 'system', seatId: null, at: context.now(), replyToId: activityId, content: { type: 'message', text, inputHint: 'acceptingInput' }, channelData: null, sealed: null },
  ]);
  await followTurn(context, unit, conversation, waiting);
  unit.after.push({ kind: 'conversation', conversationId: waiting.id }, { kind: 'count', name: 'handoff', labels: { channel: waiting.channel } });
}

/** A dialog's timer fell due: the engine decides by its token whether it still means anything. */
export function createTimerHandler(context: IntakeContext): JobHandler {
  return async (row, lease) => {
    if (!timerPayload.Check(row.payload)) return { kind: 'bury', code: 'timer.bad_payload' };
    const payload: Static<typeof TimerPayload> = row.payload;
    const released = await writeUnit(context, async (unit) => {
      await claim(unit, row, lease);
      const conversation = await requireConversation(unit, payload.conversationId);
      if (conversation.owner === 'bot' || conversation.owner === 'waiting') {
        await runPipeline(context, unit, begunAt(conversation), { type: 'timeout', token: payload.token }, null);
      }
      return release(context, unit, lease);
    });
    return { kind: 'done', released };
  };
}

/** Lets go of the lane in the same transaction when nothing more is due in it; tells the bus which. */
export async function release(context: IntakeContext, unit: Unit, lease: LaneLease): Promise<boolean> {
  if ((await unit.repos.outbox.due(lease.lane, context.now(), 1)).length > 0) return false;
  await unit.repos.lanes.release(lease.lane, lease.fence);
  return true;
}

async function requireConversation(unit: Unit, id: string): Promise<Conversation> {
  const conversation = await unit.repos.conversations.get(id);
  if (conversation === null) throw new AppError('conversation.not_found', 'a turn without its conversation', { status: 500 });
  return conversation;
}

interface Original {
  readonly text: string;
  readonly keys: string | null;
  readonly value?: JsonValue;
}

/** What the citizen really said, where the stored row is masked. */
async function originalOf(unit: Unit, inbound: Activity): Promise<Original | null> {
  if (inbound.content.type !== 'message') return null;
  const sealed = await unit.repos.activities.unsealed(inbound.id);
  return sealed === null ? null : parseSealed(sealed);
}

/** An inbound activity as the dialog hears it; null when it means nothing to the dialog. */
export function eventOf(content: ActivityContent, original: Original | null): DialogEvent | null {
  if (content.type === 'event') {
    if (content.name === 'silence') return { type: 'silence' };
    return content.name === 'enter' || content.name === 'webchat/join' ? { type: 'enter' } : null;
  }
  if (content.type !== 'message') return null;
  const keys = original?.keys ?? content.keys;
  const value = original?.value ?? content.value;
  return {
    type: 'message',
    text: original?.text ?? content.text,
    attachments: content.attachments?.length ?? 0,
    ...(keys === undefined ? {} : { keys }),
    ...(value === undefined ? {} : { value }),
    ...(content.confidence === undefined ? {} : { confidence: content.confidence }),
  };
}

function parseSealed(sealed: string): Original | null {
  const parsed: JsonValue = JSON.parse(sealed);
  if (!isObject(parsed)) return null;
  const { value } = parsed;
  if (!sealedShape.Check(parsed)) return null;
  return { text: parsed.text, keys: parsed.keys, ...(value === undefined ? {} : { value }) };
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
