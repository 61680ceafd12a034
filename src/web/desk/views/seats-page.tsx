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
          <h2>坐席</h2>
          <button type="button" class="primary" onClick={() => setAsking({ what: 'create' })}>
            新建坐席
          </button>
        </header>
        {seats.fault === '' ? null : <p class="fault">{seats.fault}</p>}
        <div class="find">
          <input type="search" aria-label="检索坐席" placeholder="姓名、用户名" value={query} onInput={(event) => setQuery(event.currentTarget.value)} autocomplete="off" />
          <select aria-label="只看角色" value={role} onChange={(event) => setRole(event.currentTarget.value)}>
            <option value="">所有角色</option>
            {ROLES.map((one) => (
              <option key={one} value={one}>
                {SEAT_ROLES[one]}
              </option>
            ))}
          </select>
          <span class="dim" role="status">
            {shown === undefined ? '' : `${shown.length} 人`}
          </span>
        </div>
        <div class="table">
          <table>
            <thead>
              <tr>
                <th scope="col">姓名</th>
                <th scope="col">用户名</th>
                <th scope="col">角色</th>
                <th scope="col">状态</th>
                <th scope="col">建立时间</th>
                <th scope="col">操作</th>
              </tr>
            </thead>
            <tbody>
              {shown?.map((seat) => (
                <tr key={seat.id}>
                  <td>{seat.displayName}</td>
                  <td class="code">{seat.username}</td>
                  <td>{SEAT_ROLES[seat.role]}</td>
                  <td>
                    {seat.active ? null : <Chip>已停用</Chip>}
                    {seat.active ? <Chip tone={seat.online === true ? 'good' : 'plain'}>{seat.online === true ? '在线' : '不在线'}</Chip> : null}
                  </td>
                  <td>{dateTime(seat.createdAt)}</td>
                  <td class="actions">
                    <button type="button" onClick={() => setAsking({ what: 'edit', seat })}>
                      修改
                    </button>
                    {seat.role === 'department' ? null : (
                      <button type="button" onClick={() => setAsking({ what: 'skills', seat })}>
                        技能组
                      </button>
                    )}
                    <button type="button" onClick={() => setAsking({ what: 'password', seat })}>
                      重设密码
                    </button>
                    <button type="button" disabled={seat.id === me.id} onClick={() => setAsking({ what: 'active', seat })}>
                      {seat.active ? '停用' : '启用'}
                    </button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
        {shown?.length === 0 ? <Empty>没有匹配的坐席</Empty> : null}
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
      <Field label="姓名">
        <input value={displayName} onInput={(event) => setDisplayName(event.currentTarget.value)} required maxLength={40} />
      </Field>
      <Field label="角色">
        <select value={role} onChange={(event) => setRole(ROLES.find((one) => one === event.currentTarget.value) ?? 'seat')}>
          {roles.map((one) => (
            <option key={one} value={one}>
              {SEAT_ROLES[one]}
            </option>
          ))}
        </select>
      </Field>
      {seat === null && role === 'department' ? (
        <Field label="所属单位" hint="只能看到本单位主办、协办的工单">
          <DepartmentSelect value={departmentId} change={setDepartmentId} />
        </Field>
      ) : null}
    </>
  );
  const passwordField = (
    <Field label="密码" hint={`至少 ${MIN_PASSWORD} 位`}>
      <input type="password" value={password} onInput={(event) => setPassword(event.currentTarget.value)} required minLength={MIN_PASSWORD} maxLength={256} autocomplete="new-password" />
    </Field>
  );

  switch (asking.what) {
    case 'create':
      return (
        <DialogForm title="新建坐席" action="建立" onClose={onClose} run={run}>
          <Field label="用户名" hint="字母、数字、点、横线，3 到 40 位">
            <input value={username} onInput={(event) => setUsername(event.currentTarget.value)} required pattern="[a-zA-Z0-9._\-]{3,40}" autocomplete="off" autocapitalize="off" />
          </Field>
          {nameAndRole}
          {passwordField}
        </DialogForm>
      );
    case 'edit':
      return (
        <DialogForm title={`修改 ${asking.seat.username}`} action="保存" onClose={onClose} run={run}>
          {nameAndRole}
        </DialogForm>
      );
    case 'password':
      return (
        <DialogForm title={`重设 ${asking.seat.displayName} 的密码`} action="重设" onClose={onClose} run={run}>
          <p class="dim">重设后，对方已登录的窗口会退出。</p>
          {passwordField}
        </DialogForm>
      );
    case 'active':
      return (
        <DialogForm title={`${asking.seat.active ? '停用' : '启用'} ${asking.seat.displayName}`} action={asking.seat.active ? '停用' : '启用'} danger={asking.seat.active} onClose={onClose} run={run}>
          <p>{asking.seat.active ? '停用后不能登录，已登录的窗口会退出。' : '启用后可以重新登录。'}</p>
        </DialogForm>
      );
  }
}
