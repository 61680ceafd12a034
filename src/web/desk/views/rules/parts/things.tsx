import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { FaultView } from '../../../../shared/rules-types.ts';
import { Chip, Empty } from '../../../ui/bits.tsx';
import { THINGS as w } from './words.ts';
import { COMMON as common } from '../../../words.ts';

export interface ThingRow {
  readonly id: string;
  readonly title: string;
  readonly note: string;
  /** What it is found by, beside title and note. */
  readonly words?: string;
  /** How deep it stands in a tree, from 0. */
  readonly depth?: number;
  /** Where it stands in its list: faults below are marked. */
  readonly pointer: string;
  readonly mark?: string;
  /** Heading under which it stands, with all that follow and have the same. */
  readonly group?: string;
}

const SHOWN = 200;

/** A searchable list at the left, the chosen thing at the right. ↓ and ↑ go through the list, Enter or → into the thing. */
export function Things({ label, rows, faults, chosen, choose, add, children }: { readonly label: string; readonly rows: readonly ThingRow[]; readonly faults: readonly FaultView[]; readonly chosen: string | null; readonly choose: (id: string | null) => void; readonly add?: { readonly label: string; readonly run: () => void } | undefined; readonly children: ComponentChildren }): JSX.Element {
  const [query, setQuery] = useState('');
  const [most, setMost] = useState(SHOWN);
  const place = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLUListElement>(null);
  const wanted = query.trim().toLowerCase();
  const found = rows.filter(({ id, title, note, words = '' }) => wanted === '' || `${id} ${title} ${note} ${words}`.toLowerCase().includes(wanted));
  useEffect(() => setMost(SHOWN), [wanted]);
  useEffect(() => {
    list.current?.querySelector('[aria-current="true"]')?.scrollIntoView({ block: 'nearest' });
  }, [chosen]);
  const move = (event: KeyboardEvent): void => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.isComposing) return;
    const all = [...(list.current?.querySelectorAll<HTMLElement>('button.thing') ?? [])];
    const at = all.findIndex((row) => row === document.activeElement);
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      const next = all[event.key === 'ArrowDown' ? at + 1 : at - 1];
      if (next === undefined) return;
      event.preventDefault();
      next.focus();
    } else if (event.key === 'ArrowRight' && at >= 0) {
      all[at]?.click();
      requestAnimationFrame(() => place.current?.querySelector<HTMLElement>('.thing-body input, .thing-body textarea, .thing-body select, .thing-body button')?.focus());
    }
  };
  return (
    <div class={chosen === null ? 'things' : 'things chosen'} ref={place}>
      <section class="thing-list" aria-label={label} onKeyDown={move}>
        <div class="find">
          <input type="search" aria-label={w.search(label)} placeholder={w.nameIdAlias} value={query} onInput={(event) => setQuery(event.currentTarget.value)} autocomplete="off" />
          <span class="dim" role="status">
            {found.length === rows.length ? w.rule(rows.length) : w.of(found.length, rows.length)}
          </span>
          {add === undefined ? null : (
            <button type="button" onClick={add.run}>
              {add.label}
            </button>
          )}
        </div>
        <ul ref={list}>
          {found.slice(0, most).map(({ id, title, note, depth = 0, pointer, mark, group }, place) => {
            const heads = group !== undefined && group !== found[place - 1]?.group;
            const wrong = faults.filter((fault) => fault.pointer === pointer || fault.pointer.startsWith(`${pointer}/`));
            return (
              <li key={id}>
                {heads ? (
                  <p class="heading">
                    {group === '' ? w.noField : group} <span class="dim">{found.filter((row) => row.group === group).length}</span>
                  </p>
                ) : null}
                <button type="button" class={`thing depth-${Math.min(4, depth)}`} aria-current={id === chosen ? 'true' : undefined} onClick={() => choose(id)}>
                  <span class="line">
                    <b>{title}</b>
                    {mark === undefined ? null : <Chip tone="info">{mark}</Chip>}
                    {wrong.length === 0 ? null : <Chip tone={wrong.some(({ severity }) => severity === 'error') ? 'bad' : 'warn'}>{wrong.some(({ severity }) => severity === 'error') ? w.hasErrors : w.hasWarnings}</Chip>}
                  </span>
                  <small>{note}</small>
                </button>
              </li>
            );
          })}
        </ul>
        {found.length === 0 ? <Empty>{rows.length === 0 ? w.noneAtAll : w.noneMatches}</Empty> : null}
        {found.length > most ? (
          <button type="button" class="more" onClick={() => setMost(most + SHOWN)}>
            {w.more(Math.min(SHOWN, found.length - most))}
          </button>
        ) : null}
      </section>
      <section class="thing-body" aria-label={common.content}>
        {chosen === null ? null : (
          <button type="button" class="back" onClick={() => choose(null)}>
            {w.backToTheList}
          </button>
        )}
        {chosen === null ? <Empty>{w.chooseOneOnThe}</Empty> : children}
      </section>
    </div>
  );
}
