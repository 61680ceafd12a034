import type { DialogEvent, DialogState, DialogStep } from '../dialog/types.ts';
import type { InboundActivity } from '../domain/activity.ts';
import type { Conversation } from '../domain/conversation.ts';
import type { JsonValue } from '../domain/json.ts';
import type { Repositories } from '../store/contract.ts';
import type { IntakeContext } from './context.ts';
import { gatherFacts, type Gathered } from './facts.ts';

/**
 * What the dialog will make of a message, thought out before its transaction begins (ADR 44). Several processes that share one SQLite
 * file write one after the other, and thinking is the longest part of a turn: whoever thinks while another writes waits for nobody.
 */
export interface Rehearsal extends Gathered {
  /** As it was then: what was thought counts for no other version of it. */
  readonly conversation: Conversation;
  /** The state as it was. */
  readonly state: DialogState;
  readonly step: DialogStep;
}

/**
 * Reads and thinks, changes nothing. Null where there is nothing to think ahead: the first word of a conversation, one that a seat has,
 * one that begins again, anything but a message. The turn then thinks by itself, as it does when its conversation has moved on meanwhile.
 */
export async function rehearse(context: IntakeContext, inbound: InboundActivity, event: DialogEvent): Promise<Rehearsal | null> {
  if (event.type !== 'message') return null;
  return context.store.read(async (repos) => {
    const conversation = await repos.conversations.findByAddress(inbound.channel, inbound.address);
    if (conversation === null || conversation.lastSeq === 0 || conversation.owner === 'human' || conversation.owner === 'closed') return null;
    const gathered = await gatherFacts(context, { repos }, conversation);
    const state = context.dialog.restore(await stateOf(context, repos, conversation));
    return { ...gathered, conversation, state, step: context.dialog.advance(state, event, gathered.facts) };
  }, { ahead: true });
}

/** The dialog's state of a conversation: as this process left it, or as it is stored. */
export async function stateOf(context: IntakeContext, repos: Repositories, { id, version }: Pick<Conversation, 'id' | 'version'>): Promise<JsonValue> {
  return context.states.get(id, version) ?? (await repos.conversations.loadState(id));
}
