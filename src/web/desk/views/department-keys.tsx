import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { DepartmentKeyView } from '../../shared/api-types.ts';
import { dateTime } from '../../shared/format.ts';
import { Chip, Empty, Field } from '../ui/bits.tsx';
import { useDesk } from '../ui/context.ts';
import { DialogForm } from '../ui/dialog.tsx';
import { useLoaded } from '../ui/use-loaded.ts';

/** Keys by which departments' own systems read and answer their tickets. */
export function DepartmentKeys(): JSX.Element {
  const desk = useDesk();
  const keys = useLoaded(() => desk.api.departmentKeys(), 'department-keys');
  const [making, setMaking] = useState(false);
  const [revoking, setRevoking] = useState<DepartmentKeyView | null>(null);
  const [made, setMade] = useState<string | null>(null);
  const stateOf = (key: DepartmentKeyView): JSX.Element => {
    if (key.revokedAt !== null) return <Chip>已收回</Chip>;
    return key.expiresAt !== null && key.expiresAt <= desk.now.value ? <Chip tone="warn">已过期</Chip> : <Chip tone="good">有效</Chip>;
  };
  return (
    <section>
      <header class="head">
        <h2>承办单位系统密钥</h2>
        <button type="button" onClick={() => setMaking(true)}>
          新建密钥
        </button>
      </header>
      <p class="dim">承办单位自己的业务系统用它读取和办理本单位的工单，权限与本单位账号相同。密钥只显示一次。</p>
      {keys.fault === '' ? null : <p class="fault">{keys.fault}</p>}
      {keys.value?.length === 0 ? <Empty>还没有密钥</Empty> : null}
      {keys.value === null || keys.value.length === 0 ? null : (
        <div class="table">
          <table>
            <thead>
              <tr>
                <th scope="col">承办单位</th>
                <th scope="col">用途</th>
                <th scope="col">状态</th>
                <th scope="col">有效期至</th>
                <th scope="col">操作</th>
              </tr>
            </thead>
            <tbody>
              {keys.value.map((key) => (
                <tr key={key.id}>
                  <td>{key.departmentName}</td>
                  <td>{key.name}</td>
                  <td>{stateOf(key)}</td>
                  <td>{key.expiresAt === null ? '不限' : dateTime(key.expiresAt)}</td>
                  <td class="actions">
                    <button type="button" disabled={key.revokedAt !== null} onClick={() => setRevoking(key)}>
                      收回
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
        <DialogForm title="请现在抄下密钥" action="已经保存好" onClose={() => setMade(null)} run={async () => setMade(null)}>
          <p class="code">{made}</p>
          <p class="dim">关闭后不能再看到。请求时放在 Authorization: Bearer 后面。</p>
        </DialogForm>
      )}
      {revoking === null ? null : (
        <DialogForm
          title={`收回 ${revoking.name}`}
          action="收回"
          danger
          onClose={() => setRevoking(null)}
          run={async () => {
            await desk.api.revokeDepartmentKey(revoking.id);
            keys.reload();
          }}
        >
          <p>收回后，用这个密钥的系统立刻不能再读取工单。</p>
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
    <DialogForm title="新建系统密钥" action="建立" onClose={onClose} run={run}>
      <Field label="承办单位">
        <DepartmentSelect value={departmentId} change={setDepartmentId} />
      </Field>
      <Field label="用途" hint="例如：业务系统名称">
        <input value={name} onInput={(event) => setName(event.currentTarget.value)} required maxLength={60} />
      </Field>
    </DialogForm>
  );
}

export function DepartmentSelect({ value, change }: { readonly value: string; readonly change: (id: string) => void }): JSX.Element {
  const desk = useDesk();
  return (
    <select value={value} onChange={(event) => change(event.currentTarget.value)} required>
      <option value="">请选择</option>
      {desk.catalog.value?.departments.map((one) => (
        <option key={one.id} value={one.id}>
          {one.name}
        </option>
      ))}
    </select>
  );
}
