import type { Conversation } from '../../../src/domain/conversation.ts';
import type { ConversationRepository, Store } from '../../../src/store/contract.ts';
import { aCitizen, aNewConversation } from '../../factories/index.ts';
import type { StoreUnderTest } from '../store.contract.ts';

export type Subject = () => StoreUnderTest;

export const NOW = 1_760_000_000_000;

/** A stored citizen's id. */
export function makeCitizen(store: Store, overrides: Parameters<typeof aCitizen>[0] = {}): Promise<string> {
  return store.write((repos) => repos.citizens.resolve(aCitizen(overrides)));
}

/** A stored conversation of a new citizen. */
export function makeConversation(store: Store, overrides: Partial<Parameters<ConversationRepository['create']>[0]> = {}): Promise<Conversation> {
  return store.write(async (repos) => {
    const citizenId = overrides.citizenId ?? (await repos.citizens.resolve(aCitizen()));
    return repos.conversations.create(aNewConversation({ ...overrides, citizenId }));
  });
}
