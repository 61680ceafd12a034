import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { dateTime } from '../../../shared/format.ts';
import type { LetterView } from '../../../shared/rules-types.ts';
import { Empty, Field } from '../../ui/bits.tsx';
import { useDesk } from '../../ui/context.ts';
import { Dialog, DialogForm } from '../../ui/dialog.tsx';
import { useLoaded } from '../../ui/use-loaded.ts';
import '../../styles/rules.css';
import { AuditLine } from './parts/audit-line.tsx';

const KINDS: Readonly<Record<string, string>> = { deliver: '发送消息', turn: '处理消息', timer: '定时', fetch: '取附件', 'ticket.event': '通知工单进展', notice: '告知市民' };
const kindLabel = (kind: string): string => KINDS[kind] ?? kind;
const ROLES: Readonly<Record<string, string>> = { citizen: '市民', bot: '机器人', seat: '坐席', system: '系统' };
const PAGE = 100;

/** What could not be done for good: `#/dead-letters`, `#/dead-letters/kind=…&error=…`. */
export function DeadLettersPage({ rest }: { readonly rest: string }): JSX.Element {
  const desk = useDesk();
  const given = new URLSearchParams(rest);
  const [kind, error] = [given.get('kind') ?? undefined, given.get('error') ?? undefined];
  const [query, setQuery] = useState('');
  const [rows, setRows] = useState<readonly LetterView[]>([]);
  const [more, setMore] = useState(false);
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const [opened, setOpened] = useState<string | null>(null);
  const [discarding, setDiscarding] = useState(false);
  const filter = { ...(kind === undefined ? {} : { kind }), ...(error === undefined ? {} : { error }), ...(query.trim() === '' ? {} : { q: query.trim() }) };
  const key = JSON.stringify(filter);
  const groups = useLoaded(() => desk.api.rules.letterGroups(), 'groups');
  const letters = useLoaded(() => desk.api.rules.letters({ ...filter, limit: PAGE }), `letters ${key}`);
  useEffect(() => {
    if (letters.value === null) return;
    setRows(letters.value);
    setMore(letters.value.length === PAGE);
    setPicked(new Set());
  }, [letters.value]);
  const reload = (): void => {
    groups.reload();
    letters.reload();
  };
  const older = async (): Promise<void> => {
    const last = rows.at(-1);
    if (last === undefined) return;
    try {
      const next = await desk.api.rules.letters({ ...filter, limit: PAGE, before: last.diedAt, beforePosition: last.position });
      setRows([...rows, ...next]);
      setMore(next.length === PAGE);
    } catch (fault) {
      desk.alerts.say('error', fault instanceof Error ? fault.message : '没有读到');
    }
  };
  const ids = rows.filter(({ id }) => picked.has(id)).map(({ id }) => id);
  const revive = async (wanted: readonly string[]): Promise<void> => {
    try {
      const done = await desk.api.rules.reviveLetters(wanted);
      desk.alerts.say('info', `${done} 条已放回队列`);
    } catch (fault) {
      desk.alerts.say('error', fault instanceof Error ? fault.message : '没有成功');
    }
    reload();
  };
  const all = rows.length > 0 && ids.length === rows.length;

  return (
    <div class="page rules-page">
      <section aria-label="死信">
        <header class="head">
          <div class="title">
            <h2>死信</h2>
            <p class="dim">试了多次还没做成的事。先看为什么，再放回队列重试，或写明理由丢弃；都会进审计。</p>
          </div>
          <button type="button" onClick={reload}>
            刷新
          </button>
        </header>
        {[groups.fault, letters.fault].filter((fault) => fault !== '').map((fault) => (
          <p key={fault} class="fault" role="alert">
            {fault}
          </p>
        ))}
        {(groups.value?.length ?? 0) === 0 ? null : (
          <ul class="groups" aria-label="按错误归类">
            <li>
              <a href="#/dead-letters" aria-current={kind === undefined ? 'true' : undefined}>
                全部 {groups.value?.reduce((sum, { amount }) => sum + amount, 0)}
              </a>
            </li>
            {groups.value?.map((group) => (
              <li key={`${group.kind} ${group.error ?? ''}`}>
                <a href={`#/dead-letters/${new URLSearchParams({ kind: group.kind, error: group.error ?? '' }).toString()}`} aria-current={kind === group.kind && error === (group.error ?? '') ? 'true' : undefined}>
                  {kindLabel(group.kind)} <span class="code">{group.error ?? '没有错误'}</span> <b>{group.amount}</b>
                  <small class="dim">{dateTime(group.newestAt)}</small>
                </a>
              </li>
            ))}
          </ul>
        )}
        <div class="find">
          <input type="search" aria-label="检索死信" placeholder="编号、通道、错误" value={query} onInput={(event) => setQuery(event.currentTarget.value)} autocomplete="off" />
          <span class="dim" role="status">
            {rows.length}
            {more ? '+' : ''} 条{ids.length === 0 ? '' : `，选中 ${ids.length} 条`}
          </span>
          <button type="button" disabled={ids.length === 0} onClick={() => void revive(ids)}>
            重试选中的
          </button>
          <button type="button" class="danger" disabled={ids.length === 0} onClick={() => setDiscarding(true)}>
            丢弃选中的
          </button>
        </div>
        {rows.length === 0 && !letters.loading ? <Empty>{key === '{}' ? '没有死信，一切都已做完' : '没有匹配的死信'}</Empty> : null}
        {rows.length === 0 ? null : (
          <div class="table">
            <table>
              <thead>
                <tr>
                  <th scope="col">
                    <input type="checkbox" aria-label="全选" checked={all} onChange={() => setPicked(all ? new Set() : new Set(rows.map(({ id }) => id)))} />
                  </th>
                  <th scope="col">放弃时间</th>
                  <th scope="col">做什么</th>
                  <th scope="col">通道</th>
                  <th scope="col">尝试</th>
                  <th scope="col">最后的错误</th>
                  <th scope="col">操作</th>
                </tr>
              </thead>
              <tbody>
                {rows.map((letter) => (
                  <tr key={letter.id}>
                    <td>
                      <input type="checkbox" aria-label={`选中 ${letter.id}`} checked={picked.has(letter.id)} onChange={(event) => { const next = new Set(picked); if (event.currentTarget.checked) next.add(letter.id); else next.delete(letter.id); setPicked(next); }} />
                    </td>
                    <td>{dateTime(letter.diedAt)}</td>
                    <td>{kindLabel(letter.kind)}</td>
                    <td class="code">{letter.lane}</td>
                    <td>{letter.attempts}</td>
                    <td class="code">{letter.lastError ?? ''}</td>
                    <td class="actions">
                      <button type="button" onClick={() => setOpened(letter.id)}>
                        查看
                      </button>
                      <button type="button" onClick={() => void revive([letter.id])}>
                        重试
                      </button>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
        {more ? (
          <button type="button" class="more" onClick={() => void older()}>
            更早的
          </button>
        ) : null}
        <AuditLine filter={{ action: 'dead_letter.retried,dead_letter.discarded' }} fresh={String(letters.value?.length ?? 0)} />
      </section>
      {opened === null ? null : <LetterDialog id={opened} onClose={() => setOpened(null)} />}
      {discarding ? <DiscardDialog ids={ids} onClose={() => setDiscarding(false)} done={reload} /> : null}
    </div>
  );
}

function DiscardDialog({ ids, onClose, done }: { readonly ids: readonly string[]; readonly onClose: () => void; readonly done: () => void }): JSX.Element {
  const desk = useDesk();
  const [reason, setReason] = useState('');
  return (
    <DialogForm title={`丢弃 ${ids.length} 条死信`} action="丢弃" danger onClose={onClose} run={async () => {
      const count = await desk.api.rules.discardLetters(ids, reason.trim());
      desk.alerts.say('info', `已丢弃 ${count} 条`);
      done();
    }}>
      <p>丢弃后不会再做，也找不回来。</p>
      <Field label="理由" hint="会写进审计，不要写个人信息">
        <input value={reason} minLength={2} maxLength={200} required onInput={(event) => setReason(event.currentTarget.value)} />
      </Field>
    </DialogForm>
  );
}

function LetterDialog({ id, onClose }: { readonly id: string; readonly onClose: () => void }): JSX.Element {
  const desk = useDesk();
  const letter = useLoaded(() => desk.api.rules.letter(id), `letter ${id}`);
  return (
    <Dialog title="死信内容" onClose={onClose}>
      {letter.fault === '' ? null : <p class="fault">{letter.fault}</p>}
      {letter.value === null ? null : (
        <div class="letter">
          <dl>
            <div>
              <dt>编号</dt>
              <dd class="code">{letter.value.letter.id}</dd>
            </div>
            <div>
              <dt>做什么</dt>
              <dd>{kindLabel(letter.value.letter.kind)}</dd>
            </div>
            <div>
              <dt>错误</dt>
              <dd class="code">{letter.value.letter.lastError ?? '没有'}</dd>
            </div>
            {letter.value.payload.map(({ name, value }) => (
              <div key={name}>
                <dt class="code">{name}</dt>
                <dd class="code">{value}</dd>
              </div>
            ))}
          </dl>
          {letter.value.activities.length === 0 ? null : (
            <>
              <h4>相关消息（不显示内容）</h4>
              <ul class="lines">
                {letter.value.activities.map(({ id: activityId, at, role, type, chars }) => (
                  <li key={activityId}>
                    {dateTime(at)} {ROLES[role] ?? role} {type === 'message' ? `${chars} 字` : type}
                  </li>
                ))}
              </ul>
            </>
          )}
          {letter.value.letter.conversationId === null ? null : (
            <p>
              <button
                type="button"
                class="link"
                onClick={() => {
                  const conversationId = letter.value?.letter.conversationId;
                  if (conversationId === null || conversationId === undefined) return;
                  location.hash = '#/conversations';
                  desk.select(conversationId);
                  onClose();
                }}
              >
                打开会话
              </button>
            </p>
          )}
        </div>
      )}
      <div class="buttons">
        <button type="button" onClick={onClose}>
          关闭
        </button>
      </div>
    </Dialog>
  );
}
