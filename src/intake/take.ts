import type { Channel, HookOutcome, HookReading } from '../channel/contract.ts';
import type { Address, ExternalId } from '../domain/activity.ts';
import { awaitTurn, collectReplies, conversationAt, turnPending } from './collect.ts';
import type { IntakeContext } from './context.ts';
import { receive, type Taken } from './receive.ts';
import { codeOf } from './turn.ts';

/** What a webhook is answered with when nobody waits for a turn. */
const TAKEN: HookOutcome = { messages: [], turn: 'not-awaited', conversation: 'bot' };
/** The database is away: what was said is kept, nothing can be answered. */
const SPOOLED: HookOutcome = { messages: [], turn: 'spooled', conversation: 'bot' };
const GONE: HookOutcome = { messages: [], turn: 'not-awaited', conversation: 'closed' };

/** A webhook that brings something: stored (or spooled while the database is away), turned if somebody waits, and answered. */
export async function takeWebhook(context: IntakeContext, channel: Channel, reading: Extract<HookReading, { kind: 'inbound' }>, { patienceMs, trace }: { readonly patienceMs: number; readonly trace: string | null }): Promise<HookOutcome> {
  const awaited = reading.answerWhen === 'turn';
  const said = reading.activities.at(-1);
  const externalId = said?.externalId ?? null;
  const late = createLate(context, channel.name, externalId);
  const store = async (activities: typeof reading.activities): Promise<Taken | null> => {
    let last: Taken | null = null;
    // The answer is the last one's: it carries what was said to the ones before it.
    for (const [index, activity] of activities.entries()) last = await receive(context, activity, { answer: awaited && index === activities.length - 1, trace });
    return late.ended(last, last !== null && last.answer !== null);
  };
  const last = context.spool === undefined ? await store(reading.activities) : await context.spool.take(reading.activities, store);
  if (last === 'spooled') {
    late.unsent();
    return SPOOLED;
  }
  if (!awaited || last === null || said === undefined || externalId === null) return TAKEN;
  if (last.answer !== null) return last.answer;
  return asking(context, channel.name, said.address, patienceMs, externalId, async () => {
    const turn = await awaitTurn(context, last.activityId, patienceMs);
    return collectReplies(context, channel, { conversationId: last.conversationId, externalId, turn, activityId: last.activityId });
  });
}

/** A webhook that only asks for what waits. */
export async function collectWebhook(context: IntakeContext, channel: Channel, reading: Extract<HookReading, { kind: 'collect' }>): Promise<HookOutcome> {
  return asking(context, channel.name, reading.address, 0, reading.externalId, async () => {
    const conversationId = await conversationAt(context, channel.name, reading.address);
    if (conversationId === null) return GONE;
    // A caller whose turn is still to come goes on waiting; one for whom nothing comes is asked again.
    const turn = (await turnPending(context, conversationId)) ? 'late' : 'done';
    return collectReplies(context, channel, { conversationId, externalId: reading.externalId, turn });
  });
}

async function asking(context: IntakeContext, channel: string, address: Address, waitMs: number, externalId: ExternalId, ask: () => Promise<HookOutcome>): Promise<HookOutcome> {
  if (context.spool === undefined) return ask();
  const late = createLate(context, channel, externalId);
  const answer = await context.spool.ask(channel, address, async () => late.ended(await ask(), true), waitMs);
  if (answer !== 'away') return answer;
  late.unsent();
  return SPOOLED;
}

/**
 * A store that hangs is not waited for, but may still do its work: then an answer is collected that no caller hears. Such a
 * range is given back, so that the next request collects it: rather said twice than not at all.
 */
function createLate(context: IntakeContext, channel: string, externalId: ExternalId | null): { ended<Result>(result: Result, collected: boolean): Result; unsent(): void } {
  let collected = false;
  let unsent = false;
  const settle = (): void => {
    if (!collected || !unsent || externalId === null) return;
    collected = false;
    context.store.write((repos) => repos.replies.giveBack(channel, externalId)).catch((error: unknown) => context.log.warn({ code: codeOf(error), channel }, 'an answer that came too late could not be given back'));
  };
  return {
    ended: (result, hasCollected) => {
      collected ||= hasCollected;
      settle();
      return result;
    },
    unsent: () => {
      unsent = true;
      settle();
    },
  };
}
