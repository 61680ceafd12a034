import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { PresenceState, SeatPresence } from '../../../shared/queue-types.ts';
import { waited } from '../../ui/times.ts';
import { useDesk } from '../../ui/context.ts';
import { Popover } from '../../ui/popover.tsx';
import { useAction } from '../../ui/use-action.ts';
import { PRESENCE_MENU as w, PRESENCES_WORDS, ABOUT_WORDS } from './words.ts';
import { COMMON as common } from '../../words.ts';

export const PRESENCES: Readonly<Record<SeatPresence, string>> = PRESENCES_WORDS;
/** A shape each, so that no colour is needed to tell them apart. */
export const PRESENCE_MARKS: Readonly<Record<SeatPresence, string>> = { online: '●', busy: '◆', break: '◐', 'wrap-up': '◔', away: '○', offline: '·' };
const ABOUT: Readonly<Record<PresenceState, string>> = ABOUT_WORDS;

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
      label={w.presence(PRESENCES[state], why === undefined ? '' : common.inBrackets(why))}
      className={`presence ${state}`}
      open={open}
      setOpen={setOpen}
      button={
        <>
          <i aria-hidden="true">{PRESENCE_MARKS[state]}</i>
          <span class="unseen">{w.presence2}</span>
          {why ?? PRESENCES[state]}
          <small>{state === 'wrap-up' && until !== null ? w.left(waited(until - now)) : waited(now - since)}</small>
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
          <b>{w.break(one.name)}</b>
          <small>{w.nothingIsOfferedCounts}</small>
        </button>
      ))}
    </Popover>
  );
}
