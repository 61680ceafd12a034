import { type Address, asAddress, type Activity, type MessageContent } from '../../src/domain/activity.ts';
import type { Conversation } from '../../src/domain/conversation.ts';
import type { ActivityDraft, ConversationRepository } from '../../src/store/contract.ts';
import { nextId } from './ids.ts';

const NOW = 1_760_000_000_000;

export function aConversation(overrides: Partial<Conversation> = {}): Conversation {
  const id = overrides.id ?? nextId('conversation');
  return {
    id, channel: 'webchat', address: asAddress(`address of ${id}`), modality: 'text', locale: 'zh-CN', citizenId: 'citizen-0000', enterpriseId: null, owner: 'bot', seatId: null,
    handoffReason: null, waitingSince: null, emergency: null, understood: null, unread: 0, createdAt: NOW, lastInboundAt: null, lastActivityAt: NOW,
    lastSeq: 0, collectedSeq: 0, version: 1, ...overrides,
  };
}

type ConversationGiven = Parameters<ConversationRepository['create']>[0];

/** For `conversations.create`; the citizen has to be there. */
export function aNewConversation(overrides: Partial<ConversationGiven> & { readonly citizenId: string }): ConversationGiven {
  const id = overrides.id ?? nextId('conversation');
  const address: Address = asAddress(`address of ${id}`);
  return { id, channel: 'webchat', address, modality: 'text', locale: 'zh-CN', now: NOW, ...overrides };
}

export function aMessage(overrides: Partial<MessageContent> = {}): MessageContent {
  return { type: 'message', text: '小区旁边的工地夜里还在施工', ...overrides };
}

/** A citizen's message, not stored yet. */
export function anActivityDraft(overrides: Partial<ActivityDraft> = {}): ActivityDraft {
  return {
    id: nextId('activity'), direction: 'in', externalId: null, role: 'citizen', seatId: null, at: NOW, replyToId: null, content: aMessage(), channelData: null, sealed: null,
    ...overrides,
  };
}

export function anActivity(overrides: Partial<Activity> = {}): Activity {
  const { sealed: _sealed, ...draft } = anActivityDraft();
  return { ...draft, conversationId: 'conversation-0000', seq: 1, channel: 'webchat', ...overrides };
}
