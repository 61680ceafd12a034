import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Empty } from '../ui/bits.tsx';
import { useDesk } from '../ui/context.ts';
import { ConversationPane } from './conversation-pane.tsx';
import { ContextPane } from './context-pane.tsx';
import { Queue } from './queue.tsx';
import { WORKBENCH as w } from './conversation-words.ts';
import { COMMON as common } from '../words.ts';

/** Queue, conversation and context side by side; on narrow screens one of them at a time. */
export function Workbench(): JSX.Element {
  const desk = useDesk();
  const conversation = desk.selected.value;
  const [ticketFor, setTicketFor] = useState<string | null>(null);
  const [showContext, setShowContext] = useState(false);
  /** On wide screens the context stands beside the rest until it is folded away. */
  const [folded, setFolded] = useState(false);
  const id = conversation?.id ?? null;

  useEffect(() => setTicketFor(null), [id]);

  return (
    <div class={`workbench${conversation === null ? '' : ' chosen'}${showContext ? ' with-context' : ''}${folded ? ' folded' : ''}`}>
      <Queue />
      {conversation === null ? (
        <section class="pane conversation" aria-label={common.conversations}>
          <Empty>
            {w.chooseAConversationOn}<kbd>Alt+Enter</kbd>{w.toTakeTheCitizen}<kbd>?</kbd>
          </Empty>
        </section>
      ) : (
        <ConversationPane
          key={conversation.id}
          conversation={conversation}
          openTicket={() => {
            setTicketFor(conversation.id);
            setShowContext(true);
            setFolded(false);
          }}
          toggleContext={() => {
            setShowContext(!showContext);
            setFolded(!folded);
          }}
        />
      )}
      {conversation === null ? (
        <aside class="pane context" aria-label={w.conversationDetails} />
      ) : (
        <ContextPane key={`context-${conversation.id}`} conversation={conversation} ticketOpen={ticketFor === conversation.id} setTicketOpen={(open) => setTicketFor(open ? conversation.id : null)} hide={() => setShowContext(false)} />
      )}
    </div>
  );
}
