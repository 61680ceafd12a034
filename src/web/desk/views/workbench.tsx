import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Empty } from '../ui/bits.tsx';
import { useDesk } from '../ui/context.ts';
import { ConversationPane } from './conversation-pane.tsx';
import { ContextPane } from './context-pane.tsx';
import { Queue } from './queue.tsx';

/** Queue, conversation and context side by side; on narrow screens one of them at a time. */
export function Workbench(): JSX.Element {
  const desk = useDesk();
  const conversation = desk.selected.value;
  const [ticketFor, setTicketFor] = useState<string | null>(null);
  const [showContext, setShowContext] = useState(false);
  const id = conversation?.id ?? null;

  useEffect(() => setTicketFor(null), [id]);
  useWorkbenchKeys();

  return (
    <div class={`workbench${conversation === null ? '' : ' chosen'}${showContext ? ' with-context' : ''}`}>
      <Queue />
      {conversation === null ? (
        <section class="pane conversation" aria-label="会话">
          <Empty>从左侧选择一个会话</Empty>
        </section>
      ) : (
        <ConversationPane
          key={conversation.id}
          conversation={conversation}
          openTicket={() => {
            setTicketFor(conversation.id);
            setShowContext(true);
          }}
          toggleContext={() => setShowContext(!showContext)}
        />
      )}
      {conversation === null ? (
        <aside class="pane context" aria-label="会话信息" />
      ) : (
        <ContextPane key={`context-${conversation.id}`} conversation={conversation} ticketOpen={ticketFor === conversation.id} setTicketOpen={(open) => setTicketFor(open ? conversation.id : null)} hide={() => setShowContext(false)} />
      )}
    </div>
  );
}

function useWorkbenchKeys(): void {
  const desk = useDesk();
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (!event.altKey || event.ctrlKey || event.metaKey || event.isComposing) return;
      const rows = desk.rows.value;
      const at = rows.findIndex((row) => row.id === desk.selectedId.value);
      const conversation = desk.selected.value;
      if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
        const next = rows[event.key === 'ArrowDown' ? Math.min(at + 1, rows.length - 1) : Math.max(at - 1, 0)];
        if (next !== undefined) desk.select(next.id);
      } else if (event.code === 'KeyT' && conversation !== null && conversation.owner !== 'human') void desk.take(conversation);
      else if (event.code === 'KeyR') document.querySelector<HTMLTextAreaElement>('.reply textarea')?.focus();
      else return;
      event.preventDefault();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [desk]);
}
