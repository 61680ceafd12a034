import type { ConversationView, LiveFrame } from '../../shared/api-types.ts';
import { citizenLabel } from '../labels.ts';
import type { Mentions } from './notes.ts';
import type { Notify } from './notify.ts';
import type { QueueState } from './queue.ts';
import { ANNOUNCE as w } from '../words.ts';

/** Looks at frames before they change what is known: which offers came, who was mentioned, and what is worth a tone. */
export function createAnnouncer({ queue, mentions, notify, conversations, selected }: { readonly queue: QueueState; readonly mentions: Mentions; readonly notify: Notify; readonly conversations: () => ReadonlyMap<string, ConversationView>; readonly selected: () => string | null }) {
  const who = (id: string): string => {
    const row = conversations().get(id);
    return row === undefined ? w.newConversation : citizenLabel(row);
  };
  return (batch: readonly LiveFrame[], me: string): void => {
    const told = new Set<string>();
    for (const frame of batch) {
      if (queue.frame(frame, me) && frame.type === 'offer') notify.tell('offer', who(frame.conversationId), frame.conversationId);
      if (frame.type === 'emergency') notify.tell('emergency', who(frame.conversationId), frame.conversationId);
      if (frame.type === 'note' && mentions.heard(frame.note, me)) {
        notify.tell('mention', frame.note.seatName, frame.note.conversationId);
        if (selected() === frame.note.conversationId) mentions.looked(frame.note.conversationId);
      }
      if (frame.type !== 'conversation') continue;
      const row = frame.conversation;
      queue.rows([row], me);
      if (row.seatId !== me || told.has(row.id) || row.unread <= (conversations().get(row.id)?.unread ?? 0)) continue;
      told.add(row.id);
      notify.tell('message', citizenLabel(row), row.id);
    }
  };
}
