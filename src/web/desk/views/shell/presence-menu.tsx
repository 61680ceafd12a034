import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { PresenceState, SeatPresence } from '../../../shared/queue-types.ts';
import { waited } from '../../../shared/format.ts';
import { useDesk } from '../../ui/context.ts';
import { Popover } from '../../ui/popover.tsx';
import { useAction } from '../../ui/use-action.ts';

export const PRESENCES: Readonly<Record<SeatPresence, string>> = { online: '在线', busy: '忙碌', break: '小休', 'wrap-up': '整理', away: '离开', offline: '未登录' };
/** A shape each, so that no colour is needed to tell them apart. */
export const PRESENCE_MARKS: Readonly<Record<SeatPresence, string>> = { online: '●', busy: '◆', break: '◐', 'wrap-up': '◔', away: '○', offline: '·' };
const ABOUT: Readonly<Record<PresenceState, string>> = { online: '可以接待，会派会话给您', busy: '暂不派新会话，手上的继续', break: '小休', 'wrap-up': '整理工单，到时自动恢复', away: '离开座位' };

/** What the seat says of itself, and for how long already. */
export function PresenceMenu(): JSX.Element {
  const desk = useDesk();
  const [open, setOpen] = useState(false);
  const { state, reason, since, until } = desk.queue.presence.value;
  const reasons = desk.queue.groups.value?.breakReasons ?? [];
  const now = desk.now.value;
  const plain: readonly PresenceState[] = desk.queue.groups.value === null ? ['online', 'away'] : ['online', 'busy', 'wrap-up', 'away'];
  useAction('presence', () => setOpen(true));
  const choose = (next: PresenceState, why: string | null = null): void => {
    setOpen(false);
    void desk.setPresence(next, why);
  };
  const why = reasons.find((one) => one.id === reason)?.name;
  return (
    <Popover
      label={`接待状态：${PRESENCES[state]}${why === undefined ? '' : `（${why}）`}`}
      className={`presence ${state}`}
      open={open}
      setOpen={setOpen}
      button={
        <>
          <i aria-hidden="true">{PRESENCE_MARKS[state]}</i>
          <span class="unseen">接待状态：</span>
          {why ?? PRESENCES[state]}
          <small>{state === 'wrap-up' && until !== null ? `还有 ${waited(until - now)}` : waited(now - since)}</small>
        </>
      }
    >
      {plain.map((one) => (
        <button key={one} type="button" class="choice" aria-pressed={one === state} onClick={() => choose(one)}>
          <i aria-hidden="true">{PRESENCE_MARKS[one]}</i>
          <b>{PRESENCES[one]}</b>
          <small>{ABOUT[one]}</small>
        </button>
      ))}
      {reasons.map((one) => (
        <button key={one.id} type="button" class="choice" aria-pressed={state === 'break' && reason === one.id} onClick={() => choose('break', one.id)}>
          <i aria-hidden="true">{PRESENCE_MARKS.break}</i>
          <b>小休：{one.name}</b>
          <small>不派会话，时长计入小休</small>
        </button>
      ))}
    </Popover>
  );
}
