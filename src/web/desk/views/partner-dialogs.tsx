import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { dateTime } from '../../shared/format.ts';
import type { PartnerKeyView, PartnerView } from '../api/partners.ts';
import { eventLabel } from '../labels.ts';
import { Chip, Empty, Field } from '../ui/bits.tsx';
import { useDesk } from '../ui/context.ts';
import { DialogForm } from '../ui/dialog.tsx';
import { useLoaded } from '../ui/use-loaded.ts';

/** A secret that the server tells once. */
export function ShownOnce({ title, secret, note, onClose }: { readonly title: string; readonly secret: string; readonly note: string; readonly onClose: () => void }): JSX.Element {
  return (
    <DialogForm title={title} action="已经保存好" onClose={onClose} run={async () => onClose()}>
      <p class="code">{secret}</p>
      <p class="dim">{note}</p>
    </DialogForm>
  );
}

/** A new partner (`partner` null), or what one may be told. `done` gets a new partner's webhook secret. */
export function PartnerDialog({ partner, events, onClose, done }: { readonly partner: PartnerView | null; readonly events: readonly string[]; readonly onClose: () => void; readonly done: (secret: string | null) => void }): JSX.Element {
  const desk = useDesk();
  const [id, setId] = useState('');
  const [name, setName] = useState(partner?.name ?? '');
  const [url, setUrl] = useState(partner?.webhookUrl ?? '');
  const [scope, setScope] = useState(partner?.scope ?? 'own');
  const [wanted, setWanted] = useState<readonly string[]>(partner?.events ?? events);

  const run = async (): Promise<void> => {
    const given = { name: name.trim(), webhookUrl: url.trim() === '' ? null : url.trim(), scope, events: events.filter((event) => wanted.includes(event)) };
    if (partner === null) done(await desk.api.partners.add(id.trim(), given));
    else {
      await desk.api.partners.change(partner.id, given);
      done(null);
    }
  };

  return (
    <DialogForm title={partner === null ? '新建合作平台' : `修改 ${partner.name}`} action={partner === null ? '建立' : '保存'} onClose={onClose} run={run}>
      {partner === null ? (
        <Field label="标识" hint="小写字母、数字、横线，2 到 40 位">
          <input value={id} onInput={(event) => setId(event.currentTarget.value)} required pattern="[a-z0-9\-]{2,40}" autocomplete="off" autocapitalize="off" />
        </Field>
      ) : null}
      <Field label="名称">
        <input value={name} onInput={(event) => setName(event.currentTarget.value)} required maxLength={80} />
      </Field>
      <Field label="可见范围">
        <select value={scope} onChange={(event) => setScope(event.currentTarget.value === 'all' ? 'all' : 'own')}>
          <option value="own">本平台提交的工单</option>
          <option value="all">全部非保密工单</option>
        </select>
      </Field>
      <Field label="推送地址" hint="http 或 https；空着则不推送">
        <input type="url" value={url} onInput={(event) => setUrl(event.currentTarget.value)} maxLength={2000} />
      </Field>
      <details>
        <summary>
          订阅的事件（{wanted.length}/{events.length}）
        </summary>
        <fieldset class="choices">
          <legend class="dim">发生这些事时推送</legend>
          {events.map((event) => (
            <label key={event} class="check">
              <input type="checkbox" checked={wanted.includes(event)} onChange={({ currentTarget }) => setWanted(currentTarget.checked ? [...wanted, event] : wanted.filter((one) => one !== event))} />
              {eventLabel(event)}
            </label>
          ))}
        </fieldset>
      </details>
    </DialogForm>
  );
}

export function ReplayDialog({ partner, onClose, done }: { readonly partner: PartnerView; readonly onClose: () => void; readonly done: () => void }): JSX.Element {
  const desk = useDesk();
  const [since, setSince] = useState('');
  const [deadOnly, setDeadOnly] = useState(true);
  const run = async (): Promise<void> => {
    const count = await desk.api.partners.replaySince(partner.id, new Date(since).getTime(), deadOnly);
    desk.alerts.say('info', count === 0 ? '这段时间没有要重发的推送' : `已放回队列重发 ${count} 条`);
    done();
  };
  return (
    <DialogForm title={`向 ${partner.name} 批量重发`} action="重发" onClose={onClose} run={run}>
      <Field label="从何时起">
        <input type="datetime-local" value={since} onInput={(event) => setSince(event.currentTarget.value)} required />
      </Field>
      <label class="check">
        <input type="checkbox" checked={deadOnly} onChange={(event) => setDeadOnly(event.currentTarget.checked)} />
        只重发没有送达的
      </label>
    </DialogForm>
  );
}

/** Keys by which a partner's system reads and files tickets. */
export function PartnerKeys({ partner, mayChange }: { readonly partner: PartnerView; readonly mayChange: boolean }): JSX.Element {
  const desk = useDesk();
  const keys = useLoaded(() => desk.api.partners.keys(partner.id), partner.id);
  const [making, setMaking] = useState(false);
  const [name, setName] = useState('');
  const [made, setMade] = useState<string | null>(null);
  const [revoking, setRevoking] = useState<PartnerKeyView | null>(null);
  const stateOf = (key: PartnerKeyView): JSX.Element => {
    if (key.revokedAt !== null) return <Chip>已收回</Chip>;
    return key.expiresAt !== null && key.expiresAt <= desk.now.value ? <Chip tone="warn">已过期</Chip> : <Chip tone="good">有效</Chip>;
  };
  return (
    <section aria-label="平台密钥">
      <header class="head">
        <h2>{partner.name} 的密钥</h2>
        {mayChange ? (
          <button type="button" onClick={() => setMaking(true)}>
            新建密钥
          </button>
        ) : null}
      </header>
      {keys.fault === '' ? null : <p class="fault">{keys.fault}</p>}
      {keys.value?.length === 0 ? <Empty>还没有密钥</Empty> : null}
      {keys.value === null || keys.value.length === 0 ? null : (
        <div class="table">
          <table class="stacking">
            <thead>
              <tr>
                <th scope="col">用途</th>
                <th scope="col">状态</th>
                <th scope="col">建立时间</th>
                <th scope="col">有效期至</th>
                <th scope="col">操作</th>
              </tr>
            </thead>
            <tbody>
              {keys.value.map((key) => (
                <tr key={key.id}>
                  <td data-label="用途">{key.name}</td>
                  <td data-label="状态">{stateOf(key)}</td>
                  <td data-label="建立时间">{dateTime(key.createdAt)}</td>
                  <td data-label="有效期至">{key.expiresAt === null ? '不限' : dateTime(key.expiresAt)}</td>
                  <td class="actions" data-label="操作">
                    {mayChange ? (
                      <button type="button" disabled={key.revokedAt !== null} aria-label={`收回 ${key.name}`} onClick={() => setRevoking(key)}>
                        收回
                      </button>
                    ) : null}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {making ? (
        <DialogForm
          title="新建平台密钥"
          action="建立"
          onClose={() => setMaking(false)}
          run={async () => {
            setMade(await desk.api.partners.addKey(partner.id, name.trim()));
            setName('');
            keys.reload();
          }}
        >
          <Field label="用途" hint="例如：业务系统名称">
            <input value={name} onInput={(event) => setName(event.currentTarget.value)} required maxLength={80} />
          </Field>
        </DialogForm>
      ) : null}
      {made === null ? null : <ShownOnce title="请现在抄下平台密钥" secret={made} note="关闭后不能再看到。请求时作为 api_key 参数给出。" onClose={() => setMade(null)} />}
      {revoking === null ? null : (
        <DialogForm
          title={`收回 ${revoking.name}`}
          action="收回"
          danger
          onClose={() => setRevoking(null)}
          run={async () => {
            await desk.api.partners.revokeKey(partner.id, revoking.id);
            keys.reload();
          }}
        >
          <p>收回后，用这个密钥的系统立刻不能再提交和查询。</p>
        </DialogForm>
      )}
    </section>
  );
}
