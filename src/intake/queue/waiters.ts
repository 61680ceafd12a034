import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { claim } from '../../bus/claim.ts';
import type { JobHandler } from '../../bus/contract.ts';
import type { Conversation } from '../../domain/conversation.ts';
import { enqueue, type IntakeContext, type Unit, writeUnit } from '../context.ts';
import { say } from '../outgoing.ts';
import { turnRow } from '../receive.ts';
import { release } from '../turn.ts';
import { houseSays, isSparing, statusDraft } from './citizen.ts';
import { endPeriod, leaveQueue } from './entry.ts';
import { openMatterTicket } from './matter.ts';
import { callbackSaid, minutesLeft, positionSaid } from './words.ts';

const TellPayload = Compile(Type.Object({ conversationId: Type.String(), ahead: Type.Number(), usualMs: Type.Union([Type.Number(), Type.Null()]), first: Type.Boolean() }));
const CallbackPayload = Compile(Type.Object({ conversationId: Type.String() }));

/** Tells one citizen where they stand. Where messages are counted (WeChat) only once, and where nothing is known and nobody is before them not at all. */
export function createTellHandler(context: IntakeContext): JobHandler {
  return async (row, lease) => {
    if (!TellPayload.Check(row.payload)) return { kind: 'bury', code: 'queue.bad_payload' };
    const { conversationId, ahead, usualMs, first } = row.payload;
    const released = await writeUnit(context, async (unit) => {
      await claim(unit, row, lease);
      const conversation = await unit.repos.conversations.get(conversationId);
      const entry = await unit.repos.queue.get(conversationId);
      if (conversation?.owner === 'waiting' && entry !== null && entry.offeredTo === null && !entry.leaving && (first || !isSparing(context, conversation))) {
        const minutes = minutesLeft(usualMs, context.now() - entry.waitedFrom);
        if (ahead > 0 || (first && minutes !== null)) await say(context, unit, conversation, [houseSays(context, positionSaid(conversation.locale, ahead, minutes))]);
      }
      return release(context, unit, lease);
    });
    return { kind: 'done', released };
  };
}

/** Nobody took it: a ticket that promises a call, the truth, and the bot is there again. */
export function createCallbackHandler(context: IntakeContext): JobHandler {
  return async (row, lease) => {
    if (!CallbackPayload.Check(row.payload)) return { kind: 'bury', code: 'queue.bad_payload' };
    const { conversationId } = row.payload;
    const released = await writeUnit(context, async (unit) => {
      await claim(unit, row, lease);
      const conversation = await unit.repos.conversations.get(conversationId);
      const entry = await unit.repos.queue.get(conversationId);
      // Taken by hand, called off or hung up meanwhile.
      if (conversation?.owner === 'waiting' && entry?.leaving === true) await promiseCall(context, unit, conversation);
      return release(context, unit, lease);
    });
    return { kind: 'done', released };
  };
}

async function promiseCall(context: IntakeContext, unit: Unit, conversation: Conversation): Promise<void> {
  const { repos } = unit;
  const period = await repos.services.current(conversation.id);
  const returned = await repos.conversations.update(conversation.id, conversation.version, { owner: 'bot', seatId: null, waitingSince: null, handoffReason: null });
  const ticket = await openMatterTicket(context, unit, conversation, {
    reason: `市民等待人工服务，坐席均未能接入，请回电。转人工原因：${conversation.handoffReason ?? '未说明'}`, callback: true, actor: { kind: 'system' }, openingKey: period === null ? null : `queue:${period.id}`,
  });
  const phone = (await repos.citizens.phoneLast4(conversation.citizenId)) !== null;
  await say(context, unit, returned, [statusDraft(context, 'failed'), houseSays(context, callbackSaid(conversation.locale, ticket.number, phone))]);
  await repos.outbox.cancel(`turn:${conversation.id}`, 'timer');
  await leaveQueue(context, unit, conversation.id);
  await endPeriod(context, unit, conversation.id, 'callback');
  await enqueue(unit, [turnRow(context, conversation.id, { event: 'handedBack' }, context.newId())]);
  unit.after.push({ kind: 'conversation', conversationId: conversation.id });
}
