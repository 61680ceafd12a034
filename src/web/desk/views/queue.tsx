import type { JSX, TargetedKeyboardEvent } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { ConversationView } from '../../shared/api-types.ts';
import { listTime } from '../../shared/format.ts';
import { waited } from '../ui/times.ts';
import { channelLabel, citizenLabel, emergencyLabel, URGENCIES } from '../labels.ts';
import { language } from '../language.ts';
import { isFiltering, NO_FILTER } from '../state/filters.ts';
import { rowsOf, type QueueView } from '../state/model.ts';
import { Chip, Empty } from '../ui/bits.tsx';
import { useDesk, useSeat } from '../ui/context.ts';
import { useAction } from '../ui/use-action.ts';
import { useVirtual } from '../ui/use-virtual.ts';
import { moods } from './assist/parts.tsx';
import { QueueFilter } from './queue-filter.tsx';
import { QUEUE as w } from './conversation-words.ts';
import { COMMON as common } from '../words.ts';

const views = (): readonly (readonly [QueueView, string, string])[] => [
  ['waiting', w.waiting, w.noCitizenIsWaiting],
  ['mine', w.mine, w.youHaveNoConversations],
  ['others', w.anotherSeat, w.noOtherSeatHas],
  ['bot', w.bot, w.theBotHasNo],
  ['closed', common.ended, w.noEndedConversations],
];
const ROW_PX = 76;
/** So near to its end, the next page of a long list is fetched. */
const NEAR_ROWS = 20;

export function Queue(): JSX.Element {
  const desk = useDesk();
  const seat = useSeat();
  const state = desk.state.value;
  const rows = desk.rows.value;
  const view = desk.view.value;
  const selectedId = desk.selectedId.value;
  const [filterOpen, setFilterOpen] = useState(false);
  const opener = useRef<HTMLInputElement | null>(null);
  const list = useVirtual({ count: rows.length, keyOf: (at) => rows[at]?.id ?? String(at), estimate: ROW_PX });
  const mine = rowsOf(state, 'mine', seat.id);
  const counts: Readonly<Record<QueueView, number | null>> = { waiting: state.counts.waiting, mine: mine.length, others: null, bot: state.counts.bot, closed: null };

  const show = (name: QueueView): void => void (desk.view.value = name);
  useAction('list1', () => show('waiting'));
  useAction('list2', () => show('mine'));
  useAction('list3', () => show('others'));
  useAction('list4', () => show('bot'));
  useAction('list5', () => show('closed'));
  useAction('find', () => {
    setFilterOpen(true);
    queueMicrotask(() => opener.current?.focus()); // drawn by then, and before the next key
  });
  const step = (by: 1 | -1): void => {
    const at = rows.findIndex((row) => row.id === selectedId);
    const next = Math.max(0, Math.min(rows.length - 1, at + by));
    const row = rows[next];
    if (row === undefined) return;
    desk.select(row.id);
    list.show(next);
  };
  useAction('next', () => step(1), rows.length > 0);
  useAction('previous', () => step(-1), rows.length > 0);
  const unread = mine.filter((row) => row.unread > 0 && row.id !== selectedId);
  useAction('nextUnread', () => {
    show('mine');
    desk.select(unread[0]?.id ?? null);
  }, unread.length > 0);
  const longest = rowsOf(state, 'waiting', seat.id)[0];
  useAction('takeNext', () => {
    if (longest === undefined) return;
    desk.select(longest.id);
    void desk.take(longest);
  }, longest !== undefined);

  const last = list.items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (rows.length > 0 && last >= rows.length - NEAR_ROWS) void desk.more();
  }, [last, rows.length, view]);

  const move = (event: KeyboardEvent): void => {
    const at = views().findIndex(([name]) => name === view);
    const next = event.key === 'ArrowRight' ? views()[at + 1] : event.key === 'ArrowLeft' ? views()[at - 1] : undefined;
    if (next === undefined) return;
    desk.view.value = next[0];
    document.getElementById(`tab-${next[0]}`)?.focus();
  };
  const onRowKey = (event: TargetedKeyboardEvent<HTMLDivElement>): void => {
    if (event.altKey || (event.key !== 'ArrowDown' && event.key !== 'ArrowUp')) return;
    const at = Number(event.target instanceof HTMLElement ? event.target.closest('[data-index]')?.getAttribute('data-index') : '-1') + (event.key === 'ArrowDown' ? 1 : -1);
    if (at < 0 || at >= rows.length) return;
    event.preventDefault();
    list.show(at);
    requestAnimationFrame(() => list.box.current?.querySelector<HTMLElement>(`[data-index="${at}"] button`)?.focus());
  };
  return (
    <section class="pane queue" aria-label={w.conversations}>
      <div class="tabs" role="tablist" aria-label={w.conversations} onKeyDown={move}>
        {views().map(([name, label]) => (
          <button key={name} type="button" role="tab" id={`tab-${name}`} aria-selected={name === view} aria-controls="queue-rows" tabIndex={name === view ? 0 : -1} onClick={() => (desk.view.value = name)}>
            {label}
            <b class={name === 'waiting' && state.counts.waiting > 0 ? 'count warn' : 'count'}>{counts[name] ?? ''}</b>
          </button>
        ))}
      </div>
      <QueueFilter open={filterOpen} setOpen={setFilterOpen} box={opener} />
      {view === 'waiting' ? <Groups /> : null}
      <div class="rows" role="tabpanel" id="queue-rows" aria-labelledby={`tab-${view}`} tabIndex={-1} ref={list.box} onKeyDown={onRowKey}>
        <div class="virtual" style={{ height: `${list.total}px` }}>
          {list.items.map((item) => {
            const row = rows[item.index];
            return row === undefined ? null : (
              <div key={row.id} class="place" data-index={item.index} ref={list.measure} style={{ transform: `translateY(${item.start}px)` }}>
                <Row row={row} selected={row.id === selectedId} />
              </div>
            );
          })}
        </div>
        {rows.length === 0 ? (
          isFiltering(desk.filter.value) ? (
            <Empty>
              {w.noMatchingConversations}
              <button type="button" class="link" onClick={() => (desk.filter.value = NO_FILTER)}>
                {w.clearTheFilter}
              </button>
            </Empty>
          ) : (
            <Empty>{views().find(([name]) => name === view)?.[2]}</Empty>
          )
        ) : null}
      </div>
    </section>
  );
}

/** How many wait in each skill group, and how long already; a press narrows the list to it. */
function Groups(): JSX.Element | null {
  const desk = useDesk();
  const groups = (desk.queue.groups.value?.groups ?? []).filter((group) => group.waiting > 0);
  if (groups.length === 0) return null;
  const { group: chosen } = desk.filter.value;
  return (
    <ul class="group-counts" aria-label={w.waitingBySkillGroup}>
      {groups.map((group) => (
        <li key={group.id}>
          <button type="button" aria-pressed={chosen === group.id} title={w.ofSeatsFree(group.seatsFree, group.seatsOnline)} onClick={() => (desk.filter.value = { ...desk.filter.value, group: chosen === group.id ? '' : group.id })}>
            {group.name} <b>{group.waiting}</b>
            {group.oldestWaitingSince === null ? null : <small>{w.longest(waited(desk.now.value - group.oldestWaitingSince))}</small>}
          </button>
        </li>
      ))}
    </ul>
  );
}

function Row({ row, selected }: { readonly row: ConversationView; readonly selected: boolean }): JSX.Element {
  const desk = useDesk();
  const me = useSeat();
  const otherSeat = row.seatId === me.id ? null : row.seatName;
  const enterprise = row.enterprise ?? null;
  const mentioned = desk.mentions.conversations.value.has(row.id);
  const drafted = desk.drafts.of(row.id) !== '' && !selected;
  const position = row.position ?? null;
  const mood = row.mood ?? null;
  const bare = mood === null && row.emergency === null && row.handoffReason === null && otherSeat === null && enterprise === null && position === null && !mentioned && !drafted;
  return (
    <button type="button" class={`row${row.emergency === null ? '' : ' emergency'}${row.unread > 0 ? ' unread' : ''}`} aria-current={selected ? 'true' : undefined} onClick={() => desk.select(row.id)}>
      <span class="line">
        <Chip tone="info">{channelLabel(row.channel)}</Chip>
        <b class="who">{citizenLabel(row)}</b>
        <RowTime row={row} />
      </span>
      <span class="line">
        <span class="preview">{row.preview === '' ? w.noMessagesYet : row.preview}</span>
        {row.unread > 0 ? (
          <b class="count bad" title={w.unread(row.unread)}>
            {row.unread}
            <span class="unseen">{w.unread2}</span>
          </b>
        ) : null}
      </span>
      {bare ? null : (
        <span class="line">
          {row.emergency === null ? null : <Chip tone="bad">{w.emergency(emergencyLabel(row.emergency.category))}</Chip>}
          {mood === null ? null : <MoodChip mood={mood} safety={row.emergency !== null} />}
          {mentioned ? <Chip tone="warn">{w.mentionsYou}</Chip> : null}
          {enterprise === null ? null : <Chip tone="warn">{enterpriseLabel(enterprise, me.id)}</Chip>}
          {position === null ? null : <Chip>{w.place(row.groupName ?? '', position).trim()}</Chip>}
          {drafted ? <Chip>{w.draft}</Chip> : null}
          {row.handoffReason === null ? null : <span class="reason">{row.handoffReason}</span>}
          {otherSeat === null ? null : <span class="reason">{otherSeat}</span>}
        </span>
      )}
    </button>
  );
}

/** How the citizen feels, else how urgent it is; the words it comes from on hover. What an emergency says already is not said twice. */
function MoodChip({ mood, safety }: { readonly mood: NonNullable<ConversationView['mood']>; readonly safety: boolean }): JSX.Element | null {
  const { label, tone } = moods()[mood.level];
  if (mood.level === 'calm' && (safety || mood.urgency === 'normal')) return null;
  const words = mood.words.map((word) => `“${word}”`).join(common.comma);
  return (
    <span title={language.value === 'en' ? w.becauseOf(words) : mood.why}>
      <Chip tone={mood.level === 'calm' ? 'warn' : tone}>{mood.level === 'calm' ? URGENCIES[mood.urgency] : label}</Chip>
    </span>
  );
}

/** The named seat of an enterprise takes it first; others see whose it is. */
function enterpriseLabel({ seatId, seatName }: NonNullable<ConversationView['enterprise']>, me: string): string {
  if (seatId === me) return w.enterpriseYours;
  return seatName === null ? w.enterprise : w.enterprise2(seatName);
}

/** A clock of its own, so that a tick redraws a few characters and not the whole queue. */
function RowTime({ row }: { readonly row: ConversationView }): JSX.Element {
  const now = useDesk().now.value;
  if (row.owner !== 'waiting' || row.waitingSince === null) return <time>{listTime(row.lastActivityAt, now)}</time>;
  const ms = now - row.waitingSince;
  const long = ms > 180_000;
  return (
    <time class={long ? 'wait long' : 'wait'} title={long ? w.waitingForMoreThan : w.waitingTime}>
      {w.waiting2(long ? w.mark : '', waited(ms))}
    </time>
  );
}
