import { useEffect, useRef, useState } from 'preact/hooks';
import type { KnowledgeFound } from '../../../shared/api-types.ts';
import type { KnowledgeWish } from '../../api/knowledge.ts';
import { useDesk } from '../../ui/context.ts';
import { USE_SEARCH as w } from './words.ts';

/** Between the last key and the question: shorter than the pause between two keys of a quick typist. */
const PAUSE_MS = 60;

export interface Search {
  readonly found: KnowledgeFound | null;
  /** What was asked for it; it may be behind what is typed by now. */
  readonly answered: KnowledgeWish | null;
  readonly fault: string;
  /** What is shown belongs to what was typed before. */
  readonly behind: boolean;
  reload(): void;
  /** Adds the next page. */
  more(): void;
}

/** Asks while one types. What comes late, after something else was typed, is dropped. */
export function useSearch(wish: KnowledgeWish): Search {
  const desk = useDesk();
  const [found, setFound] = useState<{ readonly answer: KnowledgeFound; readonly wish: KnowledgeWish } | null>(null);
  const [fault, setFault] = useState('');
  const [behind, setBehind] = useState(true);
  const [again, setAgain] = useState(0);
  const latest = useRef(0);
  const key = JSON.stringify(wish);

  useEffect(() => {
    const mine = (latest.current += 1);
    setBehind(true);
    const ask = async (): Promise<void> => {
      try {
        const answer = await desk.api.knowledge.search(wish);
        if (mine !== latest.current) return;
        setFound({ answer, wish });
        setFault('');
      } catch (error) {
        if (mine !== latest.current) return;
        setFault(error instanceof Error ? error.message : w.nothingFound);
      }
      setBehind(false);
    };
    const timer = setTimeout(() => void ask(), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [key, again]);
  useEffect(() => () => void (latest.current += 1), []);

  const more = async (): Promise<void> => {
    if (found === null || found.answer.cursor === null) return;
    const mine = latest.current;
    const { answer, wish: asked } = found;
    try {
      const next = await desk.api.knowledge.search({ ...asked, cursor: found.answer.cursor });
      if (mine === latest.current) setFound({ wish: asked, answer: { ...next, hits: [...answer.hits, ...next.hits.filter((hit) => answer.hits.every((old) => old.id !== hit.id))] } });
    } catch (error) {
      if (mine === latest.current) setFault(error instanceof Error ? error.message : w.nothingFound);
    }
  };

  return { found: found?.answer ?? null, answered: found?.wish ?? null, fault, behind, reload: () => setAgain(again + 1), more: () => void more() };
}
