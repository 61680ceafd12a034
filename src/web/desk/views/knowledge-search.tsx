import type { JSX, TargetedKeyboardEvent } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { KnowledgeHit } from '../../shared/api-types.ts';
import { Chip, Empty } from '../ui/bits.tsx';
import { useDesk, useSeat } from '../ui/context.ts';
import { NoteDialog } from './knowledge/note-dialog.tsx';
import { Caution, Found, Freshness, ModuleChips } from './knowledge/parts.tsx';
import { useSearch } from './knowledge/use-search.ts';
import { FOUND_IN, moduleLabel } from './knowledge/labels.ts';
import { INSERT_EVENT } from './reply.tsx';
import { KNOWLEDGE_SEARCH as w } from './conversation-words.ts';
import { COMMON as common } from '../words.ts';

const SHOWN = 12;
/** A citizen's line that is shorter says nothing. */
const MIN_SAID = 4;

/** The seats' search beside a conversation. Keys: ↓ ↑ through the hits, Enter opens, Enter again puts the answer into the reply, Esc goes back. */
export function KnowledgeSearch(): JSX.Element {
  const desk = useDesk();
  const [query, setQuery] = useState('');
  const [module, setModule] = useState('');
  const [department, setDepartment] = useState('');
  const [opened, setOpened] = useState('');
  const [noting, setNoting] = useState<KnowledgeHit | null>(null);
  const box = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLUListElement>(null);
  const typed = query.trim();
  const { found, answered, fault, behind, reload } = useSearch({ q: typed, module, department, limit: SHOWN });

  // Of what is shown, not of what is typed by now.
  const asked = answered !== null && `${answered.q ?? ''}${answered.module ?? ''}${answered.department ?? ''}` !== '';
  const hits = (found?.hits ?? []).filter((hit) => asked || hit.pinned || hit.recent);
  const said = useSaid();

  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (!event.altKey || event.ctrlKey || event.metaKey || event.code !== 'KeyK') return;
      event.preventDefault();
      box.current?.focus({ preventScroll: true });
      box.current?.select();
      box.current?.scrollIntoView({ block: 'start' });
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);

  const focusHit = (at: number): void => {
    const heads = list.current?.querySelectorAll('summary') ?? [];
    const head = heads[Math.min(at, heads.length - 1)];
    if (at < 0) box.current?.focus();
    else head?.focus();
  };
  const open = (hit: KnowledgeHit): void => {
    setOpened(hit.id);
    requestAnimationFrame(() => list.current?.querySelector('.body')?.scrollIntoView({ block: 'nearest' }));
    // Remembered as opened lately; that it was not is no harm.
    desk.api.knowledge.entry(hit.id).catch(() => undefined);
  };
  const onBoxKey = (event: TargetedKeyboardEvent<HTMLInputElement>): void => {
    if (event.isComposing) return;
    if (event.key === 'ArrowDown') focusHit(0);
    else if (event.key === 'Enter') {
      const first = hits[0];
      if (behind || first === undefined) return;
      open(first);
      focusHit(0);
    } else if (event.key === 'Escape' && query !== '') setQuery('');
    else return;
    event.preventDefault();
  };
  const onHitKey = (event: TargetedKeyboardEvent<HTMLElement>, hit: KnowledgeHit, at: number): void => {
    if (event.key === 'ArrowDown') focusHit(at + 1);
    else if (event.key === 'ArrowUp') focusHit(at - 1);
    else if (event.key === 'Escape') {
      setOpened('');
      focusHit(-1);
    } else if (event.key === 'Enter') {
      if (opened === hit.id) insert(hit);
      else open(hit);
    } else return;
    event.preventDefault();
  };
  const insert = (hit: KnowledgeHit): void => {
    if (hit.audience === 'desk') return;
    const text = desk.selected.value?.modality === 'voice' ? hit.voice : hit.answer;
    dispatchEvent(new CustomEvent(INSERT_EVENT, { detail: text }));
  };
  const pin = async (hit: KnowledgeHit): Promise<void> => {
    try {
      await desk.api.knowledge.pin(hit.id, !hit.pinned);
      reload();
    } catch (error) {
      desk.alerts.say('error', error instanceof Error ? error.message : common.thatDidNotWork);
    }
  };

  return (
    <div class="knowledge">
      <input ref={box} type="search" value={query} onInput={(event) => setQuery(event.currentTarget.value)} onKeyDown={onBoxKey} aria-label={w.searchTheKnowledgeBase} placeholder={w.charactersPinyinOrInitials} maxLength={200} autocomplete="off" />
      {said === null ? null : (
        <button type="button" class="link" onClick={() => setQuery(said)}>
          {w.searchByTheCitizens}
        </button>
      )}
      {asked ? <ModuleChips counts={found?.facets.modules ?? []} value={module} onChange={setModule} /> : null}
      {asked && ((found?.facets.departments.length ?? 0) > 1 || department !== '') ? (
        <select aria-label={w.narrowByDepartment} value={department} onChange={(event) => setDepartment(event.currentTarget.value)}>
          <option value="">{w.allDepartments}</option>
          {found?.facets.departments.map(({ id, name, count }) => (
            <option key={id} value={id}>
              {common.bracketed(name ?? id, count)}
            </option>
          ))}
        </select>
      ) : null}
      {fault === '' ? null : (
        <p class="fault" role="alert">
          {fault}
        </p>
      )}
      <p class="dim count-line" role="status">
        {asked && found !== null && !behind ? (found.total === 0 ? w.noMatchingKnowledge : w.entry(found.total, found.atLeast ? '+' : '', found.relaxed ? w.partlyMatching : '')) : ''}
      </p>
      {!asked && hits.length === 0 && found !== null ? <Empty>{w.entriesYouOpenedOr}</Empty> : null}
      <ul ref={list} class={behind ? 'hits behind' : 'hits'}>
        {hits.map((hit, at) => (
          <li key={hit.id}>
            <details class="hit" open={opened === hit.id}>
              <summary
                onKeyDown={(event) => onHitKey(event, hit, at)}
                onClick={(event) => {
                  event.preventDefault();
                  if (opened === hit.id) setOpened('');
                  else open(hit);
                }}
              >
                <b>
                  {hit.pinned ? <span aria-label={w.pinned}>★ </span> : null}
                  <Found text={hit.question} ranges={hit.ranges} />
                </b>
                <Caution hit={hit} />
                {opened === hit.id ? null : <HitLine hit={hit} asked={asked} />}
              </summary>
              {opened === hit.id ? <HitBody hit={hit} insert={() => insert(hit)} pin={() => void pin(hit)} note={() => setNoting(hit)} /> : null}
            </details>
          </li>
        ))}
      </ul>
      {noting === null ? null : <NoteDialog entry={noting} conversationId={desk.selectedId.value} onClose={() => setNoting(null)} />}
    </div>
  );
}

/** Under the question: why it was found, else what it says. */
function HitLine({ hit, asked }: { readonly hit: KnowledgeHit; readonly asked: boolean }): JSX.Element {
  const place = hit.foundIn === null ? undefined : FOUND_IN[hit.foundIn];
  const shown = hit.wording ?? hit.snippet;
  return (
    <small class="why">
      {asked && place !== undefined ? <Chip>{place}</Chip> : null}
      <span>
        <Found text={shown.text} ranges={shown.ranges} />
      </span>
    </small>
  );
}

function HitBody({ hit, insert, pin, note }: { readonly hit: KnowledgeHit; readonly insert: () => void; readonly pin: () => void; readonly note: () => void }): JSX.Element {
  const desk = useDesk();
  const seat = useSeat();
  const conversation = desk.selected.value;
  const mine = conversation?.seatId === seat.id;
  const voice = conversation?.modality === 'voice';
  return (
    <div class="body">
      {hit.stale === null ? null : <p class={`caution ${hit.state}`}>{w.checkBeforeAnswering(hit.stale)}</p>}
      <p class="text">{voice ? hit.voice : hit.answer}</p>
      <small>{[moduleLabel(hit.module), hit.department, hit.source].filter((part) => part !== null && part !== '').join(' · ')}</small>
      <Freshness hit={hit} />
      <div class="acts">
        {hit.audience === 'desk' ? (
          <span class="dim">{w.forSeatsOnlyDo}</span>
        ) : (
          <button type="button" class="primary" disabled={!mine} title={mine ? undefined : w.takeTheConversationTo} onClick={insert}>
            {w.putIntoTheReply}
          </button>
        )}
        <button type="button" aria-pressed={hit.pinned} onClick={pin}>
          {hit.pinned ? w.unpin : w.pin}
        </button>
        <button type="button" onClick={note}>
          {w.feedback}
        </button>
        <a class="button" href={`#/knowledge/entry/${encodeURIComponent(hit.id)}`}>
          {w.fullText}
        </a>
      </div>
    </div>
  );
}

/** What the citizen said last, if it is more than a word. */
function useSaid(): string | null {
  const desk = useDesk();
  const lines = desk.transcript.value?.activities ?? [];
  const last = lines.findLast(({ role, content }) => role === 'citizen' && content.type === 'message' && content.text.trim().length >= MIN_SAID);
  return last === undefined || last.content.type !== 'message' ? null : [...last.content.text.trim()].slice(0, 120).join('');
}
