import type { JSX } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { Chip, Empty } from '../../ui/bits.tsx';
import { useDesk } from '../../ui/context.ts';
import { useLoaded } from '../../ui/use-loaded.ts';
import { Caution, Found, ModuleChips } from './parts.tsx';
import { useSearch } from './use-search.ts';
import { FOUND_IN, moduleLabel, STATE_LIST, states } from './labels.ts';
import { ENTRY_LIST as w } from './words.ts';
import { COMMON as common } from '../../words.ts';

const PAGE = 30;

/** Every entry by search and filters; ↓ goes from the box into the list and on. */
export function EntryList({ chosen }: { readonly chosen: string }): JSX.Element {
  const desk = useDesk();
  const [query, setQuery] = useState('');
  const [module, setModule] = useState('');
  const [department, setDepartment] = useState('');
  const [town, setTown] = useState('');
  const [state, setState] = useState('');
  const list = useRef<HTMLDivElement>(null);
  const retired = state === 'retired';
  const { found, fault, behind, more } = useSearch({ q: query.trim(), module, department, town, state: retired ? '' : state, limit: PAGE });
  const move = (event: KeyboardEvent): void => {
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
    const rows = [...(list.current?.querySelectorAll<HTMLElement>('a.row') ?? [])];
    const at = rows.findIndex((row) => row === document.activeElement);
    const next = rows[event.key === 'ArrowDown' ? at + 1 : at - 1];
    if (next === undefined) return;
    event.preventDefault();
    next.focus();
  };

  return (
    <section class="list" aria-label={w.knowledgeList} onKeyDown={move}>
      <div class="filters">
        <input class="wide" type="search" aria-label={w.searchKnowledge} placeholder={w.charactersPinyinOrInitials} value={query} onInput={(event) => setQuery(event.currentTarget.value)} maxLength={200} autocomplete="off" disabled={retired} />
        <select aria-label={common.department} value={department} onChange={(event) => setDepartment(event.currentTarget.value)} disabled={retired}>
          <option value="">{w.allDepartments}</option>
          {desk.catalog.value?.departments.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
        <select aria-label={common.towns} value={town} onChange={(event) => setTown(event.currentTarget.value)} disabled={retired}>
          <option value="">{w.allTowns}</option>
          {desk.catalog.value?.towns.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
        <select aria-label={common.state} value={state} onChange={(event) => setState(event.currentTarget.value)}>
          <option value="">{common.allStates}</option>
          {STATE_LIST.map((each) => (
            <option key={each} value={each}>
              {states()[each].label}
            </option>
          ))}
          <option value="retired">{w.retired}</option>
        </select>
        <span class="dim total" role="status">
          {retired || found === null ? '' : w.entry(found.total, found.atLeast ? '+' : '', found.relaxed ? w.partlyMatching : '')}
        </span>
      </div>
      {retired ? null : <ModuleChips counts={found?.facets.modules ?? []} value={module} onChange={setModule} />}
      {fault === '' ? null : <p class="fault">{fault}</p>}
      <div class={behind ? 'rows behind' : 'rows'} ref={list}>
        {retired ? (
          <RetiredRows chosen={chosen} />
        ) : (
          <>
            {found?.hits.map((hit) => (
              <a key={hit.id} class="row" href={`#/knowledge/entry/${encodeURIComponent(hit.id)}`} aria-current={hit.id === chosen ? 'true' : undefined}>
                <span class="line">
                  <b class="who">
                    {hit.pinned ? <span aria-label={w.pinned}>★ </span> : null}
                    <Found text={hit.question} ranges={hit.ranges} />
                  </b>
                  <Caution hit={hit} />
                  {hit.foundIn !== null && FOUND_IN[hit.foundIn] !== undefined ? <Chip>{FOUND_IN[hit.foundIn]}</Chip> : null}
                </span>
                <span class="line">
                  <span class="preview">
                    {hit.wording === null && hit.foundIn !== 'answer' ? (
                      [moduleLabel(hit.module), hit.department, hit.source].filter((part) => part !== null).join(' · ')
                    ) : (
                      <Found text={(hit.wording ?? hit.snippet).text} ranges={(hit.wording ?? hit.snippet).ranges} />
                    )}
                  </span>
                </span>
              </a>
            ))}
            {found?.hits.length === 0 ? <Empty>{w.noMatchingKnowledge}</Empty> : null}
            {found?.cursor === null || found === null ? null : (
              <button type="button" class="more" onClick={more}>
                {w.more}
              </button>
            )}
          </>
        )}
      </div>
    </section>
  );
}

function RetiredRows({ chosen }: { readonly chosen: string }): JSX.Element {
  const desk = useDesk();
  const rows = useLoaded(() => desk.api.knowledge.rows({ state: 'retired', limit: 200 }), 'retired');
  return (
    <>
      {rows.fault === '' ? null : <p class="fault">{rows.fault}</p>}
      {rows.value?.entries.map((row) => (
        <a key={row.id} class="row" href={`#/knowledge/entry/${encodeURIComponent(row.id)}`} aria-current={row.id === chosen ? 'true' : undefined}>
          <span class="line">
            <b class="who">{row.question}</b>
            <Chip>{w.retired}</Chip>
          </span>
          <span class="line">
            <span class="preview">
              {moduleLabel(row.module)} · {row.departmentName}
            </span>
          </span>
        </a>
      ))}
      {rows.value?.entries.length === 0 ? <Empty>{w.noRetiredKnowledge}</Empty> : null}
    </>
  );
}
