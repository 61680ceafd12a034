import type { JSX, RefObject } from 'preact';
import { channelLabel } from '../labels.ts';
import { isFiltering, NO_FILTER, type Filter } from '../state/filters.ts';
import { useDesk } from '../ui/context.ts';
import { QUEUE_FILTER as w } from './conversation-words.ts';
import { COMMON as common } from '../words.ts';

/** Narrows the list that is shown. Folded away until it is wanted, so that the rows have the room. */
export function QueueFilter({ open, setOpen, box }: { readonly open: boolean; readonly setOpen: (open: boolean) => void; readonly box: RefObject<HTMLInputElement | null> }): JSX.Element {
  const desk = useDesk();
  const filter = desk.filter.value;
  const change = (part: Partial<Filter>): void => void (desk.filter.value = { ...filter, ...part });
  const channels = [...new Set([...desk.state.value.conversations.values()].map((row) => row.channel))].sort();
  const groups = desk.queue.groups.value?.groups ?? [];
  return (
    <search class="queue-filter" aria-label={w.narrowTheConversations}>
      <div class="row-of">
        <input
          ref={box}
          type="search"
          aria-label={w.byNameWordsOr}
          placeholder={w.find}
          value={filter.text}
          onInput={(event) => change({ text: event.currentTarget.value })}
          onKeyDown={(event) => {
            if (event.key !== 'Escape') return;
            desk.filter.value = NO_FILTER;
            setOpen(false);
            event.currentTarget.blur();
          }}
        />
        <button type="button" aria-expanded={open} onClick={() => setOpen(!open)}>
          {w.narrow(isFiltering(filter) ? w.active : '')}
        </button>
      </div>
      {open ? (
        <div class="row-of wrap">
          <select aria-label={w.channels} value={filter.channel} onChange={(event) => change({ channel: event.currentTarget.value })}>
            <option value="">{w.allChannels}</option>
            {channels.map((name) => (
              <option key={name} value={name}>
                {channelLabel(name)}
              </option>
            ))}
          </select>
          {groups.length === 0 ? null : (
            <select aria-label={common.skillGroups} value={filter.group} onChange={(event) => change({ group: event.currentTarget.value })}>
              <option value="">{w.allSkillGroups}</option>
              {groups.map((group) => (
                <option key={group.id} value={group.id}>
                  {group.name}
                </option>
              ))}
            </select>
          )}
          <Toggle label={w.urgent} on={filter.emergency} set={(emergency) => change({ emergency })} />
          <Toggle label={w.enterprise} on={filter.enterprise} set={(enterprise) => change({ enterprise })} />
          <Toggle label={w.unread} on={filter.unread} set={(unread) => change({ unread })} />
          <button type="button" class="link" disabled={!isFiltering(filter)} onClick={() => (desk.filter.value = NO_FILTER)}>
            {w.clear}
          </button>
        </div>
      ) : null}
    </search>
  );
}

function Toggle({ label, on, set }: { readonly label: string; readonly on: boolean; readonly set: (on: boolean) => void }): JSX.Element {
  return (
    <label class="check">
      <input type="checkbox" checked={on} onChange={(event) => set(event.currentTarget.checked)} />
      {label}
    </label>
  );
}
