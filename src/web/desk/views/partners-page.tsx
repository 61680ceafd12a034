import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { dateTime } from '../../shared/format.ts';
import { DELIVERY_PAGE, type DeliveryState, type DeliveryView, type PartnerView } from '../api/partners.ts';
import { DELIVERY_STATES } from '../labels.ts';
import { Chip, Empty } from '../ui/bits.tsx';
import { useDesk, useSeat } from '../ui/context.ts';
import { DialogForm } from '../ui/dialog.tsx';
import { useLoaded } from '../ui/use-loaded.ts';
import { PartnerDialog, PartnerKeys, ReplayDialog, ShownOnce } from './partner-dialogs.tsx';

type Asking = { readonly what: 'add' } | { readonly what: 'edit' | 'active' | 'secret' | 'replay'; readonly partner: PartnerView };
const STATES: readonly DeliveryState[] = ['waiting', 'delivered', 'dead'];
const TONES = { waiting: 'warn', delivered: 'good', dead: 'bad' } as const;

/** Partner platforms, their keys and what they were sent. Supervisors look and send again, administrators change. */
export function PartnersPage({ rest }: { readonly rest: string }): JSX.Element {
  const desk = useDesk();
  const mayChange = useSeat().role === 'administrator';
  const loaded = useLoaded(() => desk.api.partners.all(), 'partners');
  const [asking, setAsking] = useState<Asking | null>(null);
  const [secret, setSecret] = useState<string | null>(null);
  const [sent, setSent] = useState(0);
  const partners = loaded.value?.partners ?? [];
  const chosen = partners.find(({ id }) => id === rest);
  return (
    <div class="page">
      <section aria-label="合作平台">
        <header class="head">
          <h2>合作平台</h2>
          {mayChange ? (
            <button type="button" class="primary" disabled={loaded.value === null} onClick={() => setAsking({ what: 'add' })}>
              新建平台
            </button>
          ) : null}
        </header>
        {loaded.fault === '' ? null : <p class="fault">{loaded.fault}</p>}
        {loaded.value !== null && partners.length === 0 ? <Empty>还没有合作平台</Empty> : null}
        {partners.length === 0 ? null : (
          <div class="table">
            <table class="stacking">
              <thead>
                <tr>
                  <th scope="col">平台</th>
                  <th scope="col">状态</th>
                  <th scope="col">可见范围</th>
                  <th scope="col">推送</th>
                  <th scope="col">操作</th>
                </tr>
              </thead>
              <tbody>
                {partners.map((partner) => (
                  <tr key={partner.id} aria-current={partner.id === rest ? 'true' : undefined}>
                    <td data-label="平台">
                      {partner.name} <small class="code">{partner.id}</small>
                    </td>
                    <td data-label="状态">
                      <Chip tone={partner.active ? 'good' : 'plain'}>{partner.active ? '启用' : '已停用'}</Chip>
                    </td>
                    <td data-label="可见范围">{partner.scope === 'own' ? '本平台提交的工单' : '全部非保密工单'}</td>
                    <td data-label="推送">
                      {partner.webhookUrl === null ? '不推送' : `订阅 ${partner.events.length} 种事件`}
                      {partner.webhookUrl === null ? null : <small class="code address">{partner.webhookUrl}</small>}
                    </td>
                    <td class="actions" data-label="操作">
                      <a class="button" href={partner.id === rest ? '#/partners' : `#/partners/${partner.id}`} aria-label={`${partner.name} 的密钥`}>
                        密钥
                      </a>
                      <button type="button" disabled={partner.webhookUrl === null} onClick={() => setAsking({ what: 'replay', partner })}>
                        批量重发
                      </button>
                      {mayChange ? (
                        <>
                          <button type="button" onClick={() => setAsking({ what: 'edit', partner })}>
                            修改
                          </button>
                          <button type="button" onClick={() => setAsking({ what: 'secret', partner })}>
                            换推送密钥
                          </button>
                          <button type="button" onClick={() => setAsking({ what: 'active', partner })}>
                            {partner.active ? '停用' : '启用'}
                          </button>
                        </>
                      ) : null}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </section>
      {chosen === undefined ? null : <PartnerKeys key={chosen.id} partner={chosen} mayChange={mayChange} />}
      <Deliveries partners={partners} sent={sent} />
      {asking === null ? null : (
        <Ask
          asking={asking}
          events={loaded.value?.events ?? []}
          onClose={() => setAsking(null)}
          done={(made) => {
            if (made !== null) setSecret(made);
            loaded.reload();
            setSent(sent + 1);
          }}
        />
      )}
      {secret === null ? null : <ShownOnce title="请现在抄下推送密钥" secret={secret} note="用来核对推送的签名。关闭后不能再看到；更换时，旧密钥还有效一天。" onClose={() => setSecret(null)} />}
    </div>
  );
}

/** `done` gets the secret that is shown once, or null. */
function Ask({ asking, events, onClose, done }: { readonly asking: Asking; readonly events: readonly string[]; readonly onClose: () => void; readonly done: (secret: string | null) => void }): JSX.Element {
  const desk = useDesk();
  switch (asking.what) {
    case 'add':
      return <PartnerDialog partner={null} events={events} onClose={onClose} done={done} />;
    case 'edit':
      return <PartnerDialog partner={asking.partner} events={events} onClose={onClose} done={done} />;
    case 'replay':
      return <ReplayDialog partner={asking.partner} onClose={onClose} done={() => done(null)} />;
    case 'secret':
      return (
        <DialogForm title={`更换 ${asking.partner.name} 的推送密钥`} action="更换" onClose={onClose} run={async () => done(await desk.api.partners.renewSecret(asking.partner.id))}>
          <p>新密钥只显示一次。旧密钥还有效一天，请对方在一天内换上。</p>
        </DialogForm>
      );
    case 'active': {
      const { id, name, active } = asking.partner;
      const run = async (): Promise<void> => {
        await desk.api.partners.change(id, { active: !active });
        done(null);
      };
      return (
        <DialogForm title={`${active ? '停用' : '启用'} ${name}`} action={active ? '停用' : '启用'} danger={active} onClose={onClose} run={run}>
          <p>{active ? '停用后，它的密钥不能再用，也不再向它推送。' : '启用后，它的密钥重新有效，推送继续。'}</p>
        </DialogForm>
      );
    }
  }
}

function Deliveries({ partners, sent }: { readonly partners: readonly PartnerView[]; readonly sent: number }): JSX.Element {
  const desk = useDesk();
  const [state, setState] = useState<DeliveryState | ''>('');
  const [partner, setPartner] = useState('');
  const [older, setOlder] = useState<readonly DeliveryView[]>([]);
  const [busy, setBusy] = useState('');
  const list = useLoaded(async () => {
    setOlder([]);
    return desk.api.partners.deliveries({ partner, state });
  }, JSON.stringify([partner, state, sent]));
  const rows = [...(list.value ?? []), ...older];
  const nameOf = (id: string): string => partners.find((one) => one.id === id)?.name ?? id;

  const more = async (): Promise<void> => {
    const last = rows.at(-1);
    if (last === undefined) return;
    try {
      const next = await desk.api.partners.deliveries({ partner, state, before: last.id });
      setOlder([...older, ...next]);
      if (next.length === 0) desk.alerts.say('info', '没有更早的推送');
    } catch (error) {
      desk.alerts.say('error', error instanceof Error ? error.message : '没有读到');
    }
  };
  const replay = async (id: string): Promise<void> => {
    setBusy(id);
    try {
      await desk.api.partners.replayOne(id);
      desk.alerts.say('info', '已放回队列重发');
    } catch (error) {
      desk.alerts.say('error', error instanceof Error ? error.message : '重发没有成功');
    }
    setBusy('');
    list.reload();
  };

  return (
    <section aria-label="推送记录">
      <header class="head">
        <h2>推送记录</h2>
        <select class="short" aria-label="平台" value={partner} onChange={(event) => setPartner(event.currentTarget.value)}>
          <option value="">全部平台</option>
          {partners.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
        <select class="short" aria-label="推送状态" value={state} onChange={(event) => setState(STATES.find((one) => one === event.currentTarget.value) ?? '')}>
          <option value="">全部状态</option>
          {STATES.map((one) => (
            <option key={one} value={one}>
              {DELIVERY_STATES[one]}
            </option>
          ))}
        </select>
        <button type="button" onClick={list.reload}>
          刷新
        </button>
      </header>
      {list.fault === '' ? null : <p class="fault">{list.fault}</p>}
      {list.value !== null && rows.length === 0 ? <Empty>没有推送记录</Empty> : null}
      {rows.length === 0 ? null : (
        <div class="table">
          <table class="stacking">
            <thead>
              <tr>
                <th scope="col">时间</th>
                <th scope="col">平台</th>
                <th scope="col">工单</th>
                <th scope="col">状态</th>
                <th scope="col">最后的回答</th>
                <th scope="col">操作</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((one) => (
                <tr key={one.id}>
                  <td data-label="时间">{dateTime(one.createdAt)}</td>
                  <td data-label="平台">{nameOf(one.partnerId)}</td>
                  <td data-label="工单">
                    <a href={`#/tickets/${one.ticketId}`}>查看工单</a> <small class="dim">第 {one.seq} 条经过</small>
                  </td>
                  <td data-label="状态">
                    <Chip tone={TONES[one.state]}>{DELIVERY_STATES[one.state]}</Chip> <small class="dim">{one.attempts} 次</small>
                  </td>
                  <td data-label="最后的回答" class="code">
                    {one.lastResult ?? '—'}
                  </td>
                  <td class="actions" data-label="操作">
                    <button type="button" disabled={one.state === 'waiting' || busy === one.id} onClick={() => void replay(one.id)}>
                      重发
                    </button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {rows.length >= DELIVERY_PAGE ? (
        <button type="button" class="more" onClick={() => void more()}>
          更早的推送
        </button>
      ) : null}
    </section>
  );
}
