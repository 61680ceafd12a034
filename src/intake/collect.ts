import type { Channel, HeardUpTo, HookOutcome } from '../channel/contract.ts';
import type { Activity, Address, ExternalId } from '../domain/activity.ts';
import type { Conversation } from '../domain/conversation.ts';
import type { IntakeContext, Unit } from './context.ts';
import { forChannel } from './outgoing.ts';

/**
 * What a `pull` channel's webhook is answered with: everything said since the last answer. The range is stored under
 * the request's id, so the same request again hears the same words.
 */
export async function collectReplies(context: IntakeContext, channel: Channel, given: { readonly conversationId: string; readonly externalId: ExternalId; readonly turn: HookOutcome['turn']; readonly activityId?: string; readonly heardUpTo?: HeardUpTo }): Promise<HookOutcome> {
  const { activities, owner, locale, missed, upTo } = await context.store.write(async (repos) => {
    const range = await repos.replies.collect({ channel: channel.name, externalId: given.externalId, conversationId: given.conversationId, heardUpTo: given.heardUpTo ?? null, now: context.now() });
    const between = await repos.activities.between(given.conversationId, range.fromSeq, range.toSeq);
    const conversation = await repos.conversations.get(given.conversationId);
    // The first time the answer was late: a repeat must not be told "done" with nothing to say.
    const missed = range.repeated && given.activityId !== undefined && (await repos.activities.after(given.conversationId, range.toSeq, ANSWERS_LOOKED_AT)).some((activity) => activity.replyToId === given.activityId);
    return { activities: between, owner: conversation?.owner ?? 'closed', locale: conversation?.locale, missed, upTo: range.toSeq };
  });
  return outcomeOf(context, channel, activities, { turn: missed ? 'late' : given.turn, owner, locale, upTo });
}

/**
 * The answer of a turn that happened in the transaction that took its message: what waited before, and what was said
 * now. Its range is stored as `collectReplies` would, in the same commit.
 */
export async function answerOfTurn(
  context: IntakeContext,
  unit: Unit,
  channel: Channel,
  given: { readonly before: Conversation; readonly conversation: Conversation; readonly activities: readonly Activity[]; readonly externalId: ExternalId; readonly heardUpTo: HeardUpTo },
): Promise<HookOutcome> {
  const { before, conversation, activities, externalId, heardUpTo } = given;
  const fromSeq = Math.min(heardUpTo ?? before.collectedSeq, before.lastSeq);
  const waited = fromSeq < before.lastSeq ? await unit.repos.activities.between(before.id, fromSeq, before.lastSeq) : [];
  // The range is kept with the message itself (`appendWith`), unless the peer has heard less or more than was collected.
  if (fromSeq !== Math.min(before.collectedSeq, before.lastSeq)) await unit.repos.replies.insert({ channel: channel.name, externalId, conversationId: before.id, fromSeq, toSeq: conversation.lastSeq, now: context.now() });
  return outcomeOf(context, channel, [...waited, ...activities], { turn: 'done', owner: conversation.owner, locale: conversation.locale, upTo: conversation.lastSeq });
}

function outcomeOf(context: IntakeContext, channel: Channel, activities: readonly Activity[], { turn, owner, locale, upTo }: { readonly turn: HookOutcome['turn']; readonly owner: Conversation['owner']; readonly locale: Conversation['locale'] | undefined; readonly upTo: number }): HookOutcome {
  const ended = activities.some((activity) => activity.direction === 'out' && activity.content.type === 'endOfConversation');
  return { messages: forChannel(context, channel, activities), turn, conversation: ended ? 'closed' : owner, ...(locale === undefined ? {} : { locale }), upTo };
}

/** Activities after a stored range that are searched for the late answer of its request. */
const ANSWERS_LOOKED_AT = 20;

/** The conversation at an address, for a poll that brings no message; null when nothing was ever said there. */
export async function conversationAt(context: IntakeContext, channel: string, address: Address): Promise<string | null> {
  return (await context.store.read((repos) => repos.conversations.findByAddress(channel, address)))?.id ?? null;
}

/** Waits for the turn of an activity, here, at another node, or already over. */
export async function awaitTurn(context: IntakeContext, activityId: string, patienceMs: number): Promise<'done' | 'late'> {
  const pending = (): Promise<boolean> => context.store.read((repos) => repos.outbox.pending(`turn:${activityId}`));
  const waiter = context.waiters.wait(activityId, patienceMs, pending);
  try {
    // Register first, then look: a turn that ended in between is seen by one of the two.
    if (await pending()) return await waiter.outcome;
    return 'done';
  } finally {
    waiter.cancel();
  }
}

/** Is something of this conversation still to be turned? Then a polling caller should go on waiting. */
export async function turnPending(context: IntakeContext, conversationId: string): Promise<boolean> {
  return (await context.store.read((repos) => repos.outbox.due(`turn:${conversationId}`, context.now(), 1))).length > 0;
}
