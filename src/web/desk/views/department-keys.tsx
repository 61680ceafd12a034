import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { DepartmentKeyView } from '../../shared/api-types.ts';
import { dateTime } from '../../shared/format.ts';
import { Chip, Empty, Field } from '../ui/bits.tsx';
import { useDesk } from '../ui/context.ts';
import { DialogForm } from '../ui/dialog.tsx';
import { useLoaded } from '../ui/use-loaded.ts';
import { DEPARTMENT_KEYS as w } from './house-words.ts';
import { COMMON as common } from '../words.ts';

/** Keys by which departments' own systems read and answer their tickets. */
export function DepartmentKeys(): JSX.Element {
  const desk = useDesk();
  const keys = useLoaded(() => desk.api.departmentKeys(), 'department-keys');
  const [making, setMaking] = useState(false);
  const [revoking, setRevoking] = useState<DepartmentKeyView | null>(null);
  const [made, setMade] = useState<string | null>(null);
  const stateOf = (key: DepartmentKeyView): JSX.Element => {
    if (key.revokedAt !== null) return <Chip>{w.revoked}</Chip>;
    return key.expiresAt !== null && key.expiresAt <= desk.now.value ? <Chip tone="warn">{common.expired}</Chip> : <Chip tone="good">{common.valid}</Chip>;
  };
  return (
    <section>
      <header class="head">
        <h2>{w.departmentsSystemKeys}</h2>
        <button type="button" onClick={() => setMaking(true)}>
          {w.newKey}
        </button>
      </header>
      <p class="dim">{w.aDepartmentsOwnSystem}</p>
      {keys.fault === '' ? null : <p class="fault">{keys.fault}</p>}
      {keys.value?.length === 0 ? <Empty>{w.noKeysYet}</Empty> : null}
      {keys.value === null || keys.value.length === 0 ? null : (
        <div class="table">
          <table>
            <thead>
              <tr>
                <th scope="col">{common.department}</th>
                <th scope="col">{common.purpose}</th>
                <th scope="col">{common.state}</th>
                <th scope="col">{w.validUntil}</th>
                <th scope="col">{common.actions}</th>
              </tr>
            </thead>
            <tbody>
              {keys.value.map((key) => (
                <tr key={key.id}>
                  <td>{key.departmentName}</td>
                  <td>{key.name}</td>
                  <td>{stateOf(key)}</td>
                  <td>{key.expiresAt === null ? w.noEnd : dateTime(key.expiresAt)}</td>
                  <td class="actions">
                    <button type="button" disabled={key.revokedAt !== null} onClick={() => setRevoking(key)}>
                      {w.revoke}
                    </button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {making ? (
        <NewKey
          onClose={() => setMaking(false)}
          made={(key) => {
            setMade(key);
            keys.reload();
          }}
        />
      ) : null}
      {made === null ? null : (
        <DialogForm title={w.copyTheKeyNow} action={w.iHaveSavedIt} onClose={() => setMade(null)} run={async () => setMade(null)}>
          <p class="code">{made}</p>
          <p class="dim">{w.itCannotBeSeen}</p>
        </DialogForm>
      )}
      {revoking === null ? null : (
        <DialogForm
          title={w.revoke2(revoking.name)}
          action={w.revoke}
          danger
          onClose={() => setRevoking(null)}
          run={async () => {
            await desk.api.revokeDepartmentKey(revoking.id);
            keys.reload();
          }}
        >
          <p>{w.systemsWithThisKey}</p>
        </DialogForm>
      )}
    </section>
  );
}

function NewKey({ onClose, made }: { readonly onClose: () => void; readonly made: (key: string) => void }): JSX.Element {
  const desk = useDesk();
  const [departmentId, setDepartmentId] = useState('');
  const [name, setName] = useState('');
  const run = async (): Promise<void> => made(await desk.api.createDepartmentKey({ departmentId, name: name.trim() }));
  return (
    <DialogForm title={w.newSystemKey} action={w.create} onClose={onClose} run={run}>
      <Field label={common.department}>
        <DepartmentSelect value={departmentId} change={setDepartmentId} />
      </Field>
      <Field label={common.purpose} hint={w.forExampleTheSystems}>
        <input value={name} onInput={(event) => setName(event.currentTarget.value)} required maxLength={60} />
      </Field>
    </DialogForm>
  );
}

export function DepartmentSelect({ value, change }: { readonly value: string; readonly change: (id: string) => void }): JSX.Element {
  const desk = useDesk();
  return (
    <select value={value} onChange={(event) => change(event.currentTarget.value)} required>
      <option value="">{common.pleaseChoose}</option>
      {desk.catalog.value?.departments.map((one) => (
        <option key={one.id} value={one.id}>
          {one.name}
        </option>
      ))}
    </select>
  );
}
