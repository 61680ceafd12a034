import type { ConversationView } from '../../shared/api-types.ts';
import { arrayOf, isBoolean, isNumber, isRecord, isString, isUnknown, keepValid, nullable, object, oneOf, type Guard } from '../../shared/guards.ts';
import type { GroupsAnswer, GroupView, PresenceState, SeatPresenceView, SkillsView, TransferTarget } from '../../shared/queue-types.ts';
import { isConversation, isSeatPresence } from './guards.ts';
import type { Calls } from './knowledge.ts';

const isGroup: Guard<GroupView> = object({ id: isString, name: isString, waiting: isNumber, oldestWaitingSince: nullable(isNumber), seatsOnline: isNumber, seatsFree: isNumber });
const isReason = object({ id: isString, name: isString });
const isSkills: Guard<SkillsView> = object({ seatId: isString, groups: arrayOf(isString), capacity: isNumber, default: isBoolean });

/** Queues, presence, transfer and joining (src/http/zones/desk/queue-schemas.ts). */
export function createQueueApi({ request, read, list }: Calls) {
  const id = encodeURIComponent;
  const one = async (conversationId: string, action: string, body: object = {}): Promise<ConversationView> => (await read(object({ conversation: isConversation }), 'POST', `/api/conversations/${id(conversationId)}/${action}`, body)).conversation;
  return {
    async groups(): Promise<GroupsAnswer> {
      const answer = await read(object({ groups: arrayOf(isUnknown), assign: oneOf('offer', 'manual'), breakReasons: arrayOf(isReason) }), 'GET', '/api/groups');
      return { ...answer, groups: keepValid(answer.groups, isGroup) };
    },
    presence: (): Promise<SeatPresenceView[]> => list('seats', isSeatPresence, '/api/seats/presence'),
    setPresence: async (state: PresenceState, reason: string | null): Promise<void> =>
      void (await request('PUT', '/api/presence', state === 'online' || state === 'away' ? { presence: state } : reason === null ? { state } : { state, reason })),
    skills: (seatId: string): Promise<SkillsView> => read(isSkills, 'GET', `/api/seats/${id(seatId)}/skills`),
    setSkills: async (seatId: string, given: { readonly groups: readonly string[]; readonly capacity: number }): Promise<void> => void (await request('PUT', `/api/seats/${id(seatId)}/skills`, given)),
    accept: (conversationId: string): Promise<ConversationView> => one(conversationId, 'accept'),
    decline: async (conversationId: string, last = false): Promise<void> => void (await request('POST', `/api/conversations/${id(conversationId)}/decline`, {}, last)),
    /** The number of the ticket that was opened, for a transfer to a department; else null. */
    async transfer(conversationId: string, to: TransferTarget, note: string, clientId: string): Promise<{ readonly conversation: ConversationView; readonly ticketNumber: string | null }> {
      const answer = await read(isRecord, 'POST', `/api/conversations/${id(conversationId)}/transfer`, { to, note, clientId });
      const { conversation, ticket } = answer;
      if (!isConversation(conversation)) throw new TypeError('the server answered a transfer without its conversation');
      return { conversation, ticketNumber: object({ number: isString })(ticket) ? ticket.number : null };
    },
    invite: (conversationId: string, seatId: string): Promise<ConversationView> => one(conversationId, 'invite', { seatId }),
    leave: (conversationId: string): Promise<ConversationView> => one(conversationId, 'leave'),
    listen: (conversationId: string): Promise<ConversationView> => one(conversationId, 'listen'),
    unlisten: (conversationId: string): Promise<ConversationView> => one(conversationId, 'unlisten'),
  };
}
