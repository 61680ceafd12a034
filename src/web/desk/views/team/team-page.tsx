import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import '../../styles/team.css';
import type { ConversationView } from '../../../shared/api-types.ts';
import type { SeatPresenceView } from '../../../shared/queue-types.ts';
import { waited } from '../../ui/times.ts';
import { channelLabel, citizenLabel, emergencyLabel, SEAT_ROLES } from '../../labels.ts';
import { Chip, Empty } from '../../ui/bits.tsx';
import { useDesk } from '../../ui/context.ts';
import { PRESENCE_MARKS, PRESENCES } from '../shell/presence-menu.tsx';
import { TEAM_PAGE as w } from './words.ts';
import { COMMON as common } from '../../words.ts';

const REFRESH_MS = 15_000;
const ORDER: readonly SeatPresenceView['presence'][] = ['online', 'busy', 'wrap-up', 'break', 'away', 'offline'];

/** 班组: groups with who waits, every seat with how long already, every conversation that a seat has. */
export function TeamPage(): JSX.Element {
  const desk = useDesk();
  const [rows, setRows] = useState<readonly ConversationView[] | null>(null);
  const [fault, setFault] = useState('');
  const [group, setGroup] = useState('');

  useEffect(() => {
    let there = true;
    const load = async (): Promise<void> => {
      try {
        const [{ conversations }] = await Promise.all([desk.api.conversations('human', 200), desk.queue.loadSeats(), desk.queue.load()]);
        if (!there) return;
        setRows(conversations);
        setFault('');
      } catch (error) {
        if (there) setFault(error instanceof Error ? error.message : common.couldNotBeRead);
      }
    };
    void load();
    const timer = setInterval(() => void load(), REFRESH_MS);
    return () => {
      there = false;
      clearInterval(timer);
    };
  }, []);

  const groups = desk.queue.groups.value?.groups ?? [];
  const names = new Map(groups.map((one) => [one.id, one.name]));
  const seats = desk.queue.seats.value
    .filter((seat) => group === '' || seat.groups.includes(group))
    .toSorted((a, b) => ORDER.indexOf(a.presence) - ORDER.indexOf(b.presence) || b.load - a.load || a.displayName.localeCompare(b.displayName, 'zh'));
  const shown = (rows ?? []).filter((row) => group === '' || row.groupId === group);
  const now = desk.now.value;
  return (
    <div class="page team">
      {fault === '' ? null : <p class="fault">{fault}</p>}
      <section aria-labelledby="team-groups">
        <header class="head">
          <h2 id="team-groups">{common.skillGroups}</h2>
        </header>
        {groups.length === 0 ? <Empty>{w.noSkillGroupsAre}</Empty> : null}
        <ul class="group-tiles">
          {groups.map((one) => (
            <li key={one.id}>
              <button type="button" aria-pressed={group === one.id} onClick={() => setGroup(group === one.id ? '' : one.id)}>
                <b>{one.name}</b>
                <span>
                  {w.waiting}<strong>{one.waiting}</strong>
                  {one.oldestWaitingSince === null ? '' : w.longest(waited(now - one.oldestWaitingSince))}
                </span>
                <small>
                  {w.onlineFree(one.seatsOnline, one.seatsFree)}
                </small>
              </button>
            </li>
          ))}
        </ul>
      </section>
      <section aria-labelledby="team-seats">
        <header class="head">
          <h2 id="team-seats">{w.seats(seats.length)}</h2>
          <p class="dim">{ORDER.map((one) => `${PRESENCES[one]} ${seats.filter((seat) => seat.presence === one).length}`).join(common.clause)}</p>
        </header>
        <div class="table" tabIndex={0} role="region" aria-labelledby="team-seats">
          <table>
            <thead>
              <tr>
                <th scope="col">{w.name}</th>
                <th scope="col">{common.state}</th>
                <th scope="col">{w.for}</th>
                <th scope="col">{w.has}</th>
                <th scope="col">{common.skillGroups}</th>
              </tr>
            </thead>
            <tbody>
              {seats.map((seat) => (
                <tr key={seat.id}>
                  <td>
                    {seat.displayName} <small class="dim">{SEAT_ROLES[seat.role]}</small>
                  </td>
                  <td>
                    <span class={`state ${seat.presence}`}>
                      <i aria-hidden="true">{PRESENCE_MARKS[seat.presence]}</i> {PRESENCES[seat.presence]}
                      {seat.reason === null ? '' : common.afterColon(reasonOf(seat.reason))}
                    </span>
                  </td>
                  <td>{seat.since === null ? '' : waited(now - seat.since)}</td>
                  <td>
                    {seat.load} / {seat.capacity}
                    {seat.load >= seat.capacity ? <Chip tone="warn">{w.full}</Chip> : null}
                  </td>
                  <td>{seat.groups.map((id) => names.get(id) ?? id).join(common.comma)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </section>
      <section aria-labelledby="team-rows">
        <header class="head">
          <h2 id="team-rows">{w.conversationsGoingOn(shown.length)}</h2>
        </header>
        {rows !== null && shown.length === 0 ? <Empty>{w.noConversationsGoingOn}</Empty> : null}
        <div class="table" tabIndex={0} role="region" aria-labelledby="team-rows">
          <table>
            <tbody>
              {shown.map((row) => (
                <Line key={row.id} row={row} now={now} change={(next) => setRows((old) => (old ?? []).map((one) => (one.id === next.id ? next : one)))} />
              ))}
            </tbody>
          </table>
        </div>
      </section>
    </div>
  );

  function reasonOf(id: string): string {
    return desk.queue.groups.value?.breakReasons.find((one) => one.id === id)?.name ?? id;
  }
}

function Line({ row, now, change }: { readonly row: ConversationView; readonly now: number; readonly change: (row: ConversationView) => void }): JSX.Element {
  const desk = useDesk();
  const me = desk.session.value?.seat.id;
  const listening = (row.participants ?? []).some((one) => one.kind === 'listener' && one.seatId === me);
  const look = (): void => {
    desk.view.value = 'others';
    location.hash = '#/conversations';
    desk.select(row.id);
  };
  const listen = async (): Promise<void> => {
    try {
      change(listening ? await desk.api.queue.unlisten(row.id) : await desk.api.queue.listen(row.id));
      if (!listening) look();
    } catch (error) {
      desk.alerts.complain(error);
    }
  };
  return (
    <tr>
      <td>{row.seatName ?? common.seat}</td>
      <td>
        <Chip tone="info">{channelLabel(row.channel)}</Chip> {citizenLabel(row)}
        {row.emergency === null ? null : <Chip tone="bad">{w.emergency(emergencyLabel(row.emergency.category))}</Chip>}
      </td>
      <td class="preview">{row.preview}</td>
      <td>{row.unread > 0 ? w.unread(row.unread) : ''}</td>
      <td class="dim">{w.silentFor(waited(now - row.lastActivityAt))}</td>
      <td class="actions">
        <button type="button" onClick={look}>
          {common.show}
        </button>
        {row.seatId === me ? null : (
          <button type="button" aria-pressed={listening} onClick={() => void listen()}>
            {listening ? w.stopListening : w.listen}
          </button>
        )}
      </td>
    </tr>
  );
}
