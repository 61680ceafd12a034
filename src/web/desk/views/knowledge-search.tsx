import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { KnowledgeHit } from '../../shared/api-types.ts';
import { Empty, Marked, Score } from '../ui/bits.tsx';
import { useDesk } from '../ui/context.ts';
import { INSERT_EVENT } from './reply.tsx';

const PAUSE_MS = 300;

/** The seats' search over the knowledge base; an answer can be put into the reply box. */
export function KnowledgeSearch(): JSX.Element {
  const desk = useDesk();
  const [query, setQuery] = useState('');
  const [hits, setHits] = useState<readonly KnowledgeHit[] | null>(null);
  const [fault, setFault] = useState('');

  useEffect(() => {
    const wanted = query.trim();
    if (wanted === '') {
      setHits(null);
      return undefined;
    }
    let stale = false;
    const search = async (text: string): Promise<void> => {
      try {
        const found = await desk.api.knowledge(text);
        if (stale) return;
        setHits(found);
        setFault('');
      } catch (error) {
        if (!stale) setFault(error instanceof Error ? error.message : '没有查到');
      }
    };
    const timer = setTimeout(() => {
      void search(wanted);
    }, PAUSE_MS);
    return () => {
      stale = true;
      clearTimeout(timer);
    };
  }, [query]);

  return (
    <div class="knowledge">
      <input type="search" value={query} onInput={(event) => setQuery(event.currentTarget.value)} aria-label="检索知识库" placeholder="检索知识库" maxLength={200} />
      {fault === '' ? null : <p class="fault">{fault}</p>}
      {hits?.length === 0 ? <Empty>没有匹配的知识</Empty> : null}
      {hits?.map((hit) => (
        <details key={hit.id} class="hit">
          <summary>
            <b>
              <Marked text={hit.question} words={hit.matched} />
            </b>
            <Score value={hit.score} />
          </summary>
          <p class="text">{hit.answer}</p>
          <small>{[hit.department, hit.source].filter((part) => part !== null && part !== '').join(' · ')}</small>
          <button type="button" onClick={() => dispatchEvent(new CustomEvent(INSERT_EVENT, { detail: hit.answer }))}>
            放入回复框
          </button>
        </details>
      ))}
    </div>
  );
}
