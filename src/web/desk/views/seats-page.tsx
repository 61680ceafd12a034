import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { ManagedSeatView, SeatRole } from '../../shared/api-types.ts';
import { dateTime } from '../../shared/format.ts';
import { SEAT_ROLES } from '../labels.ts';
import { Chip, Empty, Field } from '../ui/bits.tsx';
import { useDesk, useSeat } from '../ui/context.ts';
import { DialogForm } from '../ui/dialog.tsx';
import { useLoaded } from '../ui/use-loaded.ts';
import { AuditLine } from './rules/parts/audit-line.tsx';
import '../styles/rules.css';
import { SkillsDialog } from './seat-skills.tsx';
import { DepartmentKeys, DepartmentSelect } from './department-keys.tsx';
import { SEATS_PAGE as w } from './house-words.ts';
import { COMMON as common } from '../words.ts';

type Asking = { readonly what: 'create' } | { readonly what: 'edit' | 'password' | 'active'; readonly seat: ManagedSeatView } | { readonly what: 'skills'; readonly seat: ManagedSeatView };
const ROLES: readonly SeatRole[] = ['seat', 'editor', 'supervisor', 'administrator', 'department'];
const MIN_PASSWORD = 8;

export function SeatsPage(): JSX.Element {
  const desk = useDesk();
  const me = useSeat();
  const seats = useLoaded(() => desk.api.seats(), 'seats');
  const [asking, setAsking] = useState<Asking | null>(null);
  const [query, setQuery] = useState('');
  const [role, setRole] = useState('');
  const wanted = query.trim().toLowerCase();
  const shown = seats.value?.filter((seat) => (role === '' || seat.role === role) && (wanted === '' || `${seat.displayName} ${seat.username}`.toLowerCase().includes(wanted)));
  return (
    <div class="page rules-page">
      <section>
        <header class="head">
          <h2>{common.seat}</h2>
          <button type="button" class="primary" onClick={() => setAsking({ what: 'create' })}>
            {w.newSeat}
          </button>
        </header>
        {seats.fault === '' ? null : <p class="fault">{seats.fault}</p>}
        <div class="find">
          <input type="search" aria-label={w.searchSeats} placeholder={w.nameUserName} value={query} onInput={(event) => setQuery(event.currentTarget.value)} autocomplete="off" />
          <select aria-label={w.onlyThisRole} value={role} onChange={(event) => setRole(event.currentTarget.value)}>
            <option value="">{w.allRoles}</option>
            {ROLES.map((one) => (
              <option key={one} value={one}>
                {SEAT_ROLES[one]}
              </option>
            ))}
          </select>
          <span class="dim" role="status">
            {shown === undefined ? '' : w.seat(shown.length)}
          </span>
        </div>
        <div class="table">
          <table>
            <thead>
              <tr>
                <th scope="col">{w.name}</th>
                <th scope="col">{w.userName}</th>
                <th scope="col">{w.role}</th>
                <th scope="col">{common.state}</th>
                <th scope="col">{w.made}</th>
                <th scope="col">{common.actions}</th>
              </tr>
            </thead>
            <tbody>
              {shown?.map((seat) => (
                <tr key={seat.id}>
                  <td>{seat.displayName}</td>
                  <td class="code">{seat.username}</td>
                  <td>{SEAT_ROLES[seat.role]}</td>
                  <td>
                    {seat.active ? null : <Chip>{w.inactive}</Chip>}
                    {seat.active ? <Chip tone={seat.online === true ? 'good' : 'plain'}>{seat.online === true ? w.online : w.notOnline}</Chip> : null}
                  </td>
                  <td>{dateTime(seat.createdAt)}</td>
                  <td class="actions">
                    <button type="button" onClick={() => setAsking({ what: 'edit', seat })}>
                      {common.change}
                    </button>
                    {seat.role === 'department' ? null : (
                      <button type="button" onClick={() => setAsking({ what: 'skills', seat })}>
                        {common.skillGroups}
                      </button>
                    )}
                    <button type="button" onClick={() => setAsking({ what: 'password', seat })}>
                      {w.newPassword}
                    </button>
                    <button type="button" disabled={seat.id === me.id} onClick={() => setAsking({ what: 'active', seat })}>
                      {seat.active ? common.deactivate : w.active}
                    </button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
        {shown?.length === 0 ? <Empty>{w.noMatchingSeats}</Empty> : null}
        <AuditLine filter={{ action: 'seat.created,seat.changed' }} fresh={String(asking === null)} />
      </section>
      <DepartmentKeys />
      {asking === null ? null : asking.what === 'skills' ? <SkillsDialog seat={asking.seat} onClose={() => setAsking(null)} /> : <SeatDialog asking={asking} onClose={() => setAsking(null)} done={seats.reload} />}
    </div>
  );
}

function SeatDialog({ asking, onClose, done }: { readonly asking: Exclude<Asking, { readonly what: 'skills' }>; readonly onClose: () => void; readonly done: () => void }): JSX.Element {
  const desk = useDesk();
  const seat = asking.what === 'create' ? null : asking.seat;
  const [username, setUsername] = useState('');
  const [displayName, setDisplayName] = useState(seat?.displayName ?? '');
  const [role, setRole] = useState<SeatRole>(seat?.role ?? 'seat');
  const [password, setPassword] = useState('');
  const [departmentId, setDepartmentId] = useState('');
  // An account of a department stays one, and no other becomes one.
  const roles = seat === null ? ROLES : ROLES.filter((one) => (one === 'department') === (seat.role === 'department'));

  const run = async (): Promise<void> => {
    if (seat === null) await desk.api.createSeat({ username: username.trim(), displayName: displayName.trim(), role, password, ...(role === 'department' ? { departmentId } : {}) });
    else if (asking.what === 'edit') await desk.api.changeSeat(seat.id, { displayName: displayName.trim(), role });
    else if (asking.what === 'password') await desk.api.changeSeat(seat.id, { password });
    else await desk.api.changeSeat(seat.id, { active: !seat.active });
    done();
  };

  const nameAndRole = (
    <>
      <Field label={w.name}>
        <input value={displayName} onInput={(event) => setDisplayName(event.currentTarget.value)} required maxLength={40} />
      </Field>
      <Field label={w.role}>
        <select value={role} onChange={(event) => setRole(ROLES.find((one) => one === event.currentTarget.value) ?? 'seat')}>
          {roles.map((one) => (
            <option key={one} value={one}>
              {SEAT_ROLES[one]}
            </option>
          ))}
        </select>
      </Field>
      {seat === null && role === 'department' ? (
        <Field label={w.department} hint={w.seesOnlyTicketsThat}>
          <DepartmentSelect value={departmentId} change={setDepartmentId} />
        </Field>
      ) : null}
    </>
  );
  const passwordField = (
    <Field label={w.password} hint={w.atLeastCharacters(MIN_PASSWORD)}>
      <input type="password" value={password} onInput={(event) => setPassword(event.currentTarget.value)} required minLength={MIN_PASSWORD} maxLength={256} autocomplete="new-password" />
    </Field>
  );

  switch (asking.what) {
    case 'create':
      return (
        <DialogForm title={w.newSeat} action={w.create} onClose={onClose} run={run}>
          <Field label={w.userName} hint={w.lettersDigitsDotsHyphens}>
            <input value={username} onInput={(event) => setUsername(event.currentTarget.value)} required pattern="[a-zA-Z0-9._\-]{3,40}" autocomplete="off" autocapitalize="off" />
          </Field>
          {nameAndRole}
          {passwordField}
        </DialogForm>
      );
    case 'edit':
      return (
        <DialogForm title={w.change(asking.seat.username)} action={common.save} onClose={onClose} run={run}>
          {nameAndRole}
        </DialogForm>
      );
    case 'password':
      return (
        <DialogForm title={w.newPasswordFor(asking.seat.displayName)} action={w.set} onClose={onClose} run={run}>
          <p class="dim">{w.windowsWhereTheyAre}</p>
          {passwordField}
        </DialogForm>
      );
    case 'active':
      return (
        <DialogForm title={`${asking.seat.active ? common.deactivate : w.active} ${asking.seat.displayName}`} action={asking.seat.active ? common.deactivate : w.active} danger={asking.seat.active} onClose={onClose} run={run}>
          <p>{asking.seat.active ? w.theyCannotSignIn : w.theyCanSignIn}</p>
        </DialogForm>
      );
  }
}
