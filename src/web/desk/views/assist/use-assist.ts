import { useEffect, useRef, useState } from 'preact/hooks';
import type { AssistView } from '../../../shared/assist-types.ts';
import { useDesk } from '../../ui/context.ts';
import { COMMON as common } from '../../words.ts';

/** Messages of one breath are answered together. */
const PAUSE_MS = 300;

export interface Assisted {
  readonly view: AssistView | null;
  readonly fault: string;
  /** Something was said that the view does not know yet. */
  readonly behind: boolean;
  reload(): void;
}

/** Assist for a conversation; read again when its row changes, the newest answer wins. */
export function useAssist(conversationId: string): Assisted {
  const desk = useDesk();
  const row = desk.state.value.conversations.get(conversationId);
  const known = desk.state.value.transcripts.get(conversationId);
  const tickets = known?.tickets.map(({ id, version }) => `${id}.${version}`).join(' ') ?? '';
  const wanted = `${row?.version ?? 0} ${row?.lastSeq ?? 0} ${tickets}`;
  const [view, setView] = useState<AssistView | null>(null);
  const [fault, setFault] = useState('');
  const [again, setAgain] = useState(0);
  const asked = useRef(0);

  useEffect(() => {
    const mine = (asked.current += 1);
    const first = view?.conversationId !== conversationId;
    const look = async (): Promise<void> => {
      try {
        const answer = await desk.api.assist.of(conversationId);
        if (mine !== asked.current) return;
        setView(answer);
        setFault('');
      } catch (error) {
        if (mine === asked.current) setFault(error instanceof Error ? error.message : common.couldNotBeRead);
      }
    };
    const timer = setTimeout(() => void look(), first ? 0 : PAUSE_MS);
    return () => clearTimeout(timer);
  }, [conversationId, wanted, again]);
  useEffect(() => () => void (asked.current += 1), []);

  const shown = view?.conversationId === conversationId ? view : null;
  return { view: shown, fault, behind: shown !== null && row !== undefined && row.lastSeq > shown.lastSeq, reload: () => setAgain((count) => count + 1) };
}
