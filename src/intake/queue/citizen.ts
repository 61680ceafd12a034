import type { Conversation } from '../../domain/conversation.ts';
import type { ActivityDraft } from '../../store/contract.ts';
import type { IntakeContext } from '../context.ts';
import type { Said } from './words.ts';

/** How the house speaks in a conversation. */

export function houseDraft(context: IntakeContext, content: ActivityDraft['content']): ActivityDraft {
  return { id: context.newId(), direction: 'out', externalId: null, role: 'system', seatId: null, at: context.now(), replyToId: null, content, channelData: null, sealed: null };
}

export function houseSays(context: IntakeContext, said: Said): ActivityDraft {
  return houseDraft(context, { type: 'message', text: said.text, ...(said.speak === undefined ? {} : { speak: said.speak }), inputHint: 'acceptingInput' });
}

/** Screens show how the handoff stands; channels that cannot show it leave it out. */
export function statusDraft(context: IntakeContext, state: 'waiting' | 'accepted' | 'failed' | 'completed', message?: string): ActivityDraft {
  return houseDraft(context, { type: 'event', name: 'handoff.status', value: message === undefined ? { state } : { state, message } });
}

/** Each message counts against what the peer allows until the citizen writes again (WeChat): only what must be said is. */
export function isSparing(context: IntakeContext, conversation: Pick<Conversation, 'channel'>): boolean {
  return (context.channel(conversation.channel)?.capabilities.replyWindowMs ?? null) !== null;
}

/** What is nice to know, but where messages are counted. */
export function courtesy(context: IntakeContext, conversation: Conversation, said: Said): ActivityDraft[] {
  return isSparing(context, conversation) ? [] : [houseSays(context, said)];
}
