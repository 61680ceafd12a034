import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import type { JobHandler } from '../bus/contract.ts';
import type { Activity } from '../domain/activity.ts';
import type { Conversation } from '../domain/conversation.ts';
import { AppError } from '../domain/errors.ts';
import type { DialogEvent } from '../dialog/types.ts';
import type { OutboxRow } from '../store/contract.ts';
import { writeUnit, type IntakeContext, type Unit } from './context.ts';
import { runPipeline } from './pipeline.ts';

const TurnPayload = Type.Object({
  conversationId: Type.String(),
  activityId: Type.Optional(Type.String()),
  event: Type.Optional(Type.Literal('handedBack')),
});
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
    context.meter.time('wait', Math.max(0, context.now() - row.availableAt) / 1000);
    await writeUnit(context, async (unit) => {
      await claim(unit, row, lease);
      const conversation = await requireConversation(unit, payload.conversationId);
      const inbound = payload.activityId === undefined ? null : await unit.repos.activities.get(payload.activityId);
      const event = inbound === null ? ({ type: 'handedBack' } as const) : await toEvent(unit, inbound);
      if (event !== null) await runPipeline(context, unit, conversation, event, inbound);
    });
    context.meter.time('turn', (performance.now() - started) / 1000);
    if (payload.activityId !== undefined) context.waiters.done(payload.activityId);
    return { kind: 'done' };
  };
}

/** A dialog's timer fell due: the engine decides by its token whether it still means anything. */
export function createTimerHandler(context: IntakeContext): JobHandler {
  return async (row, lease) => {
    if (!timerPayload.Check(row.payload)) return { kind: 'bury', code: 'timer.bad_payload' };
    const payload: Static<typeof TimerPayload> = row.payload;
    await writeUnit(context, async (unit) => {
      await claim(unit, row, lease);
      const conversation = await requireConversation(unit, payload.conversationId);
      if (conversation.owner === 'bot' || conversation.owner === 'waiting') {
        await runPipeline(context, unit, conversation, { type: 'timeout', token: payload.token }, null);
      }
    });
    return { kind: 'done' };
  };
}

/** The row's effect happens in this transaction or not at all: still our lane, still undone. */
export async function claim(unit: Unit, row: OutboxRow, lease: { readonly lane: string; readonly fence: number }): Promise<void> {
  await unit.repos.lanes.assertFence(lease.lane, lease.fence);
  if (!(await unit.repos.outbox.complete(row.id))) {
    throw new AppError('outbox.gone', 'the row was done by somebody else', { status: 409, retry: 'conflict' });
  }
}

async function requireConversation(unit: Unit, id: string): Promise<Conversation> {
  const conversation = await unit.repos.conversations.get(id);
  if (conversation === null) throw new AppError('conversation.not_found', 'a turn without its conversation', { status: 500 });
  return conversation;
}

/** What the citizen really said: the unsealed text where the stored one is masked. */
async function toEvent(unit: Unit, inbound: Activity): Promise<DialogEvent | null> {
  const { content } = inbound;
  if (content.type === 'event') {
    if (content.name === 'silence') return { type: 'silence' };
    return content.name === 'enter' || content.name === 'webchat/join' ? { type: 'enter' } : null;
  }
  if (content.type !== 'message') return null;
  const sealed = await unit.repos.activities.unsealed(inbound.id);
  const original = sealed === null ? null : parseSealed(sealed);
  const keys = original?.keys ?? content.keys;
  return {
    type: 'message',
    text: original?.text ?? content.text,
    attachments: content.attachments?.length ?? 0,
    ...(keys === undefined ? {} : { keys }),
    ...(content.value === undefined ? {} : { value: content.value }),
    ...(content.confidence === undefined ? {} : { confidence: content.confidence }),
  };
}

function parseSealed(sealed: string): { text: string; keys: string | null } | null {
  const value: unknown = JSON.parse(sealed);
  return sealedShape.Check(value) ? value : null;
}
