import type { JSX, RefObject } from 'preact';
import { channelLabel } from '../labels.ts';
import { isFiltering, NO_FILTER, type Filter } from '../state/filters.ts';
import { useDesk } from '../ui/context.ts';

/** Narrows the list that is shown. Folded away until it is wanted, so that the rows have the room. */
export function QueueFilter({ open, setOpen, box }: { readonly open: boolean; readonly setOpen: (open: boolean) => void; readonly box: RefObject<HTMLInputElement | null> }): JSX.Element {
  const desk = useDesk();
  const filter = desk.filter.value;
  const change = (part: Partial<Filter>): void => void (desk.filter.value = { ...filter, ...part });
  const channels = [...new Set([...desk.state.value.conversations.values()].map((row) => row.channel))].sort();
  const groups = desk.queue.groups.value?.groups ?? [];
  return (
    <search class="queue-filter" aria-label="筛选会话">
      <div class="row-of">
        <input
          ref={box}
          type="search"
          aria-label="按称呼、内容、坐席查找"
          placeholder="查找  /"
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
          筛选{isFiltering(filter) ? '（已启用）' : ''}
        </button>
      </div>
      {open ? (
        <div class="row-of wrap">
          <select aria-label="渠道" value={filter.channel} onChange={(event) => change({ channel: event.currentTarget.value })}>
            <option value="">全部渠道</option>
            {channels.map((name) => (
              <option key={name} value={name}>
                {channelLabel(name)}
              </option>
            ))}
          </select>
          {groups.length === 0 ? null : (
            <select aria-label="技能组" value={filter.group} onChange={(event) => change({ group: event.currentTarget.value })}>
              <option value="">全部技能组</option>
              {groups.map((group) => (
                <option key={group.id} value={group.id}>
                  {group.name}
                </option>
              ))}
            </select>
          )}
          <Toggle label="紧急" on={filter.emergency} set={(emergency) => change({ emergency })} />
          <Toggle label="企业" on={filter.enterprise} set={(enterprise) => change({ enterprise })} />
          <Toggle label="未读" on={filter.unread} set={(unread) => change({ unread })} />
          <button type="button" class="link" disabled={!isFiltering(filter)} onClick={() => (desk.filter.value = NO_FILTER)}>
            清除
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
