import type { JSX, TargetedKeyboardEvent } from 'preact';
import { useId, useMemo, useState } from 'preact/hooks';
import type { TicketView } from '../../../shared/api-types.ts';
import { channelLabel, citizenLabel, OWNERS, stateLabel } from '../../labels.ts';
import { groupName as pageGroupName, pageName, type Page } from '../../pages.tsx';
import { ACTIONS, actionName, groupName, type ActionId } from '../../state/keys.ts';
import { begins, finds } from '../../state/pinyin.ts';
import { useDesk } from '../../ui/context.ts';
import { Dialog } from '../../ui/dialog.tsx';
import { useLoaded } from '../../ui/use-loaded.ts';
import { PALETTE as w } from './words.ts';
import { COMMON as common } from '../../words.ts';

interface Entry {
  readonly id: string;
  readonly label: string;
  readonly note: string;
  readonly shown: string;
  readonly run: () => void;
  /** What it is called, without the kind that stands before it. */
  readonly name: string;
}

const SHOWN = 14;
const CONVERSATIONS = 6;
/** Digits of a ticket's number that are worth a question to the server. */
const NUMBER = /^\d{6,17}$/;

/** Every page and everything that can be done now, by its words or their initials; conversations and tickets by what is known of them. */
export function Palette({ pages, letters, onClose }: { readonly pages: readonly Page[]; readonly letters: ReadonlyMap<string, string>; readonly onClose: () => void }): JSX.Element {
  const desk = useDesk();
  const [query, setQuery] = useState('');
  const [active, setActive] = useState(0);
  const list = useId();
  const typed = query.trim();
  const found = useLoaded<readonly TicketView[]>(() => (NUMBER.test(typed) ? desk.api.tickets({ q: typed }) : Promise.resolve([])), NUMBER.test(typed) ? typed : '');
  const possible = useMemo(() => [...desk.actions.possible.peek()].filter((id) => id !== 'palette'), []);

  const entries: Entry[] = [
    ...possible.filter((id) => finds(typed, actionName(id))).map((id: ActionId) => ({ id: `action-${id}`, name: actionName(id), label: actionName(id), note: groupName(ACTIONS[id].group), shown: ACTIONS[id].shown, run: () => void desk.actions.run(id) })),
    ...pages.filter((page) => finds(typed, `${pageName(page)} ${pageGroupName(page.group)}`)).map((page) => ({ id: `page-${page.path}`, name: pageName(page), label: w.open(pageName(page)), note: pageGroupName(page.group), shown: letters.has(page.path) ? w.gThen((letters.get(page.path) ?? '').toUpperCase()) : '', run: () => void (location.hash = `#/${page.path}`) })),
    ...(typed === '' ? [] : [...desk.state.value.conversations.values()].filter((row) => finds(typed, `${row.citizen.nameMasked ?? ''} ${row.citizen.phoneMasked ?? ''} ${row.preview} ${row.id}`)).slice(0, CONVERSATIONS)).map((row) => ({
      id: `conversation-${row.id}`, name: citizenLabel(row), label: w.conversation(citizenLabel(row), row.preview), note: `${channelLabel(row.channel)} · ${OWNERS[row.owner]}`, shown: '',
      run: () => {
        location.hash = '#/conversations';
        desk.select(row.id);
      },
    })),
    ...(found.value ?? []).slice(0, CONVERSATIONS).map((ticket) => ({ id: `ticket-${ticket.id}`, name: ticket.number, label: w.ticket(ticket.number, ticket.title), note: stateLabel(ticket.state), shown: '', run: () => void (location.hash = `#/tickets/${ticket.id}`) })),
  ]
    .toSorted((a, b) => Number(begins(typed, b.name)) - Number(begins(typed, a.name)))
    .slice(0, SHOWN);
  const chosen = Math.min(active, Math.max(0, entries.length - 1));

  const run = (entry: Entry | undefined): void => {
    if (entry === undefined) return;
    onClose();
    // The dialog gives the focus back first; what runs may want it elsewhere.
    setTimeout(entry.run, 0);
  };
  const onKeyDown = (event: TargetedKeyboardEvent<HTMLInputElement>): void => {
    if (event.isComposing) return;
    if (event.key === 'Enter') {
      event.preventDefault();
      run(entries[chosen]);
    } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      setActive((chosen + (event.key === 'ArrowDown' ? 1 : -1) + entries.length) % Math.max(1, entries.length));
    }
  };
  return (
    <Dialog title={w.commandPalette} onClose={onClose} className="palette">
      <input
        role="combobox"
        aria-label={w.pageActionConversationOr}
        placeholder={w.pageActionConversationOrTicket}
        aria-expanded={true}
        aria-controls={list}
        aria-activedescendant={entries[chosen] === undefined ? undefined : `${list}-${chosen}`}
        autocomplete="off"
        value={query}
        autofocus
        onInput={(event) => {
          setQuery(event.currentTarget.value);
          setActive(0);
        }}
        onKeyDown={onKeyDown}
      />
      <ul role="listbox" id={list} aria-label={common.result}>
        {entries.map((entry, at) => (
          <li key={entry.id} id={`${list}-${at}`} role="option" aria-selected={at === chosen} onMouseDown={(event) => event.preventDefault()} onMouseMove={() => setActive(at)} onClick={() => run(entry)}>
            <span>{entry.label}</span>
            <small>{entry.note}</small>
            {entry.shown === '' ? null : <kbd>{entry.shown}</kbd>}
          </li>
        ))}
        {entries.length === 0 ? (
          <li class="none" role="option" aria-selected={false} aria-disabled={true}>
            {w.nothingFound}
          </li>
        ) : null}
      </ul>
    </Dialog>
  );
}
