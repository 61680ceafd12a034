import type { JSX } from 'preact';
import type { ConversationView } from '../../shared/api-types.ts';
import { listTime, waited } from '../../shared/format.ts';
import { channelLabel, citizenLabel, emergencyLabel } from '../labels.ts';
import { rowsOf, type QueueView } from '../state/model.ts';
import { Chip, Empty } from '../ui/bits.tsx';
import { useDesk, useSeat } from '../ui/context.ts';

const VIEWS: readonly (readonly [QueueView, string, string])[] = [
  ['waiting', '待接入', '没有等待的市民'],
  ['mine', '我的', '您还没有接管会话'],
  ['others', '其他坐席', '其他坐席没有进行中的会话'],
  ['bot', '机器人', '机器人没有进行中的会话'],
  ['closed', '已结束', '没有已结束的会话'],
];

export function Queue(): JSX.Element {
  const desk = useDesk();
  const seat = useSeat();
  const state = desk.state.value;
  const rows = desk.rows.value;
  const view = desk.view.value;
  const counts: Readonly<Record<QueueView, number | null>> = {
    waiting: state.counts.waiting,
    mine: rowsOf(state, 'mine', seat.id).length,
    others: null,
    bot: state.counts.bot,
    closed: null,
  };
  const move = (event: KeyboardEvent): void => {
    const at = VIEWS.findIndex(([name]) => name === view);
    const next = event.key === 'ArrowRight' ? VIEWS[at + 1] : event.key === 'ArrowLeft' ? VIEWS[at - 1] : undefined;
    if (next === undefined) return;
    desk.view.value = next[0];
    document.getElementById(`tab-${next[0]}`)?.focus();
  };
  return (
    <section class="pane queue" aria-label="会话队列">
      <div class="tabs" role="tablist" aria-label="会话队列" onKeyDown={move}>
        {VIEWS.map(([name, label]) => (
          <button key={name} type="button" role="tab" id={`tab-${name}`} aria-selected={name === view} aria-controls="queue-rows" tabIndex={name === view ? 0 : -1} onClick={() => (desk.view.value = name)}>
            {label}
            <b class={name === 'waiting' && state.counts.waiting > 0 ? 'count warn' : 'count'}>{counts[name] ?? ''}</b>
          </button>
        ))}
      </div>
      <div class="rows" role="tabpanel" id="queue-rows" aria-labelledby={`tab-${view}`} tabIndex={-1}>
        {rows.map((row) => (
          <Row key={row.id} row={row} selected={row.id === desk.selectedId.value} />
        ))}
        {rows.length === 0 ? <Empty>{VIEWS.find(([name]) => name === view)?.[2]}</Empty> : null}
      </div>
    </section>
  );
}

function Row({ row, selected }: { readonly row: ConversationView; readonly selected: boolean }): JSX.Element {
  const desk = useDesk();
  const me = useSeat();
  const otherSeat = row.seatId === me.id ? null : row.seatName;
  const enterprise = row.enterprise ?? null;
  return (
    <button type="button" class={`row${row.emergency === null ? '' : ' emergency'}`} aria-current={selected ? 'true' : undefined} onClick={() => desk.select(row.id)}>
      <span class="line">
        <Chip tone="info">{channelLabel(row.channel)}</Chip>
        <b class="who">{citizenLabel(row)}</b>
        <RowTime row={row} />
      </span>
      <span class="line">
        <span class="preview">{row.preview === '' ? '（还没有消息）' : row.preview}</span>
        {row.unread > 0 ? (
          <b class="count bad" title="未读">
            {row.unread}
          </b>
        ) : null}
      </span>
      {row.emergency === null && row.handoffReason === null && otherSeat === null && enterprise === null ? null : (
        <span class="line">
          {row.emergency === null ? null : <Chip tone="bad">紧急 {emergencyLabel(row.emergency.category)}</Chip>}
          {enterprise === null ? null : <Chip tone="warn">{enterpriseLabel(enterprise, me.id)}</Chip>}
          {row.handoffReason === null ? null : <span class="reason">{row.handoffReason}</span>}
          {otherSeat === null ? null : <span class="reason">{otherSeat}</span>}
        </span>
      )}
    </button>
  );
}

/** The named seat of an enterprise takes it first; others see whose it is. */
function enterpriseLabel({ seatId, seatName }: NonNullable<ConversationView['enterprise']>, me: string): string {
  if (seatId === me) return '企业 · 您是专员';
  return seatName === null ? '企业' : `企业 · 专员${seatName}`;
}

/** A clock of its own, so that a tick redraws a few characters and not the whole queue. */
function RowTime({ row }: { readonly row: ConversationView }): JSX.Element {
  const now = useDesk().now.value;
  if (row.owner !== 'waiting' || row.waitingSince === null) return <time>{listTime(row.lastActivityAt, now)}</time>;
  const ms = now - row.waitingSince;
  return (
    <time class={ms > 180_000 ? 'wait long' : 'wait'} title="等待时间">
      等 {waited(ms)}
    </time>
  );
}
