import type { Channel, HookOutcome, HookReading } from '../channel/contract.ts';
import type { Address } from '../domain/activity.ts';
import { awaitTurn, collectReplies, conversationAt, turnPending } from './collect.ts';
import type { IntakeContext } from './context.ts';
import { answerInHook } from './in-hook.ts';
import { receive, type Taken } from './receive.ts';

/** What a webhook is answered with when nobody waits for a turn. */
const TAKEN: HookOutcome = { messages: [], turn: 'not-awaited', conversation: 'bot' };
/** The database is away: what was said is kept, nothing can be answered. */
const SPOOLED: HookOutcome = { messages: [], turn: 'spooled', conversation: 'bot' };
/** It answers, but not in time, or what was said before is not in it yet: the peer is asked to wait, which is the truth. */
const BUSY: HookOutcome = { messages: [], turn: 'late', conversation: 'bot' };
const GONE: HookOutcome = { messages: [], turn: 'not-awaited', conversation: 'closed' };

/** A webhook that brings something: stored (or spooled while the database is away), turned if somebody waits, and answered. */
export async function takeWebhook(context: IntakeContext, channel: Channel, reading: Extract<HookReading, { kind: 'inbound' }>, { patienceMs, trace }: { readonly patienceMs: number; readonly trace: string | null }): Promise<HookOutcome> {
  const awaited = reading.answerWhen === 'turn';
  const { heardUpTo = null } = reading;
  const store = async (activities: typeof reading.activities): Promise<Taken | null> => {
    let last: Taken | null = null;
    // The answer is the last one's: it carries what was said to the ones before it.
    for (const [index, activity] of activities.entries()) last = await receive(context, activity, { answer: awaited && index === activities.length - 1, heardUpTo, patienceMs, trace });
    return last;
  };
  const last = context.spool === undefined ? await store(reading.activities) : await context.spool.take(reading.activities, store);
  if (last === 'spooled') return spooledOutcome(context);
  const said = reading.activities.at(-1);
  const externalId = said?.externalId ?? null;
  if (!awaited || last === null || said === undefined || externalId === null) return TAKEN;
  if (last.answer !== null) return last.answer;
  return asking(context, channel.name, said.address, patienceMs, async () => {
    const turn = await awaitTurn(context, last.activityId, patienceMs);
    if (channel.capabilities.delivery !== 'pull') return answerInHook(context, channel, { conversationId: last.conversationId, externalId, turn });
    return collectReplies(context, channel, { conversationId: last.conversationId, externalId, turn, activityId: last.activityId, heardUpTo });
  });
}

/** A webhook that only asks for what waits. */
export async function collectWebhook(context: IntakeContext, channel: Channel, reading: Extract<HookReading, { kind: 'collect' }>): Promise<HookOutcome> {
  return asking(context, channel.name, reading.address, 0, async () => {
    const conversationId = await conversationAt(context, channel.name, reading.address);
    if (conversationId === null) return GONE;
    // A caller whose turn is still to come goes on waiting; one for whom nothing comes is asked again.
    const turn = (await turnPending(context, conversationId)) ? 'late' : 'done';
    return collectReplies(context, channel, { conversationId, externalId: reading.externalId, turn, heardUpTo: reading.heardUpTo ?? null });
  });
}

async function asking(context: IntakeContext, channel: string, address: Address, waitMs: number, ask: () => Promise<HookOutcome>): Promise<HookOutcome> {
  if (context.spool === undefined) return ask();
  const answer = await context.spool.ask(channel, address, ask, waitMs);
  return answer === 'away' ? spooledOutcome(context) : answer;
}

function spooledOutcome(context: IntakeContext): HookOutcome {
  return context.spool?.stats().state === 'draining' ? BUSY : SPOOLED;
}
