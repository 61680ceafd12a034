export { aConversation, aMessage, anActivity, anActivityDraft, aNewConversation } from './conversations.ts';
export { nextId } from './ids.ts';
export { aKnowledgeEntry } from './knowledge.ts';
export { anOutboxDraft } from './outbox.ts';
export { aCitizen, aSeat } from './people.ts';
export { aTicket } from './tickets.ts';
