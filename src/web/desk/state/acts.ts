import type { ConversationView } from '../../shared/api-types.ts';
import { ApiError, type Api } from '../api/client.ts';
import { citizenLabel } from '../labels.ts';
import type { Acts } from './desk-contract.ts';
import type { DeskEvent } from './model.ts';
import type { QueueState } from './queue.ts';
import type { Undo } from './undo.ts';
import { ACTS as w } from '../words.ts';

/** What a seat does to a conversation. The server decides; a conflict shows who has it now. */
export function createActs(given: {
  readonly api: Api;
  readonly apply: (event: DeskEvent) => void;
  readonly undo: Undo;
  readonly queue: QueueState;
  readonly complain: (error: unknown) => void;
  readonly load: (conversationId: string) => Promise<void>;
  readonly select: (conversationId: string) => void;
  readonly newId: () => string;
  readonly seatId: () => string;
  readonly conversations: () => ReadonlyMap<string, ConversationView>;
  readonly showMine: () => void;
}): Acts {
  const { api, apply, undo, queue, complain, load, conversations, seatId } = given;

  async function act(conversation: ConversationView, run: () => Promise<ConversationView>): Promise<boolean> {
    try {
      apply({ type: 'conversation', conversation: await run() });
      return true;
    } catch (error) {
      const conflict = error instanceof ApiError && error.status === 409;
      if (conflict) await load(conversation.id).catch(() => undefined);
      complain(conflict ? new ApiError(409, error.code, conflictText(conversation.id, error)) : error);
      return false;
    }
  }

  function conflictText(id: string, error: ApiError): string {
    const now = conversations().get(id);
    return now?.owner === 'human' && now.seatId !== seatId() ? w.hasTakenThisConversation(now.seatName ?? w.anotherSeat) : error.message;
  }

  return {
    act,
    async take(conversation, force = false) {
      await act(conversation, () => api.take(conversation.id, conversation.version, force));
      // It has left the list it was found in: follow it.
      if (conversations().get(conversation.id)?.seatId === seatId()) given.showMine();
    },
    handBack: (conversation) => undo.later(conversation.id, w.handBackToThe(citizenLabel(conversation)), (last) => void act(conversation, () => api.handBack(conversation.id, last))),
    close: (conversation) => undo.later(conversation.id, w.endTheConversationWith(citizenLabel(conversation)), (last) => void act(conversation, () => api.close(conversation.id, last))),
    decline(id) {
      queue.hide(id, true);
      const run = (last: boolean): void => {
        queue.drop(id);
        queue.hide(id, false);
        api.queue.decline(id, last).catch(complain);
      };
      undo.later(`offer:${id}`, w.declineTheConversationOffered, run, () => queue.hide(id, false));
    },
    async accept(id) {
      undo.undo(`offer:${id}`);
      try {
        apply({ type: 'conversation', conversation: await api.queue.accept(id) });
        given.showMine();
        given.select(id);
      } catch (error) {
        complain(error);
      }
      queue.drop(id);
    },
    async addNote(id, note) {
      apply({ type: 'notes', conversationId: id, notes: [await api.deskWork.addNote(id, note)] });
    },
    async sendFile(id, file) {
      const { conversation, activity } = await api.deskWork.sendFile(id, file, given.newId());
      apply({ type: 'more', conversationId: id, activities: [activity] });
      apply({ type: 'conversation', conversation });
    },
    async openTicket(id, draft) {
      const ticket = await api.openTicket(id, draft);
      apply({ type: 'ticket', ticket });
      return ticket;
    },
  };
}
