import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { ConversationView, TicketDraft, TicketKind } from '../../shared/api-types.ts';
import { URGENCIES } from '../labels.ts';
import { Empty, Field } from '../ui/bits.tsx';
import { Combobox } from '../ui/combobox.tsx';
import { useDesk, useSeat } from '../ui/context.ts';
import { AlikeHint } from './alike-panel.tsx';
import { acceptedOf, changedSince, forgetAccepted, labelsOf } from './assist/accepted.ts';

const KINDS: readonly TicketKind[] = ['咨询', '求助', '投诉', '举报', '建议', '表扬'];
const TITLE_CHARS = 40;

/** What the bot found out, as the beginning of a ticket. Masked values (a phone number) are left for the seat to fill in. */
export function draftFrom(conversation: ConversationView, towns: readonly { readonly id: string; readonly name: string }[], clientId: string): TicketDraft {
  const slot = (name: string): string => {
    const value = conversation.understood?.slots.find((one) => one.name === name)?.value ?? '';
    return value.includes('*') ? '' : value;
  };
  const item = conversation.understood?.items[0];
  const kind = KINDS.find((one) => one === slot('kind')) ?? '求助';
  const town = towns.find((one) => slot('town') !== '' && (one.name === slot('town') || one.name.startsWith(slot('town'))));
  const content = slot('content');
  return {
    kind,
    itemCode: item?.code ?? null,
    title: [...(content === '' ? (item?.name ?? '') : content)].slice(0, TITLE_CHARS).join(''),
    content,
    townId: town?.id ?? null,
    place: slot('place') || null,
    happened: slot('happened') || null,
    phone: null,
    name: slot('name') || null,
    urgency: conversation.emergency === null ? 'normal' : 'emergency',
    confidential: kind === '举报',
    callback: false,
    clientId,
  };
}

/** A ticket of a conversation. It begins with what the bot found out, then what was accepted of assist, then `initial`; what is accepted later is filled in, too. */
export function TicketForm({ conversation, close: closed, initial }: { readonly conversation: ConversationView; readonly close: () => void; readonly initial?: Partial<TicketDraft> }): JSX.Element {
  const desk = useDesk();
  const seat = useSeat();
  const catalog = desk.catalog.value;
  const taken = acceptedOf(seat.id, conversation.id);
  const held = useRef(taken);
  const [draft, setDraft] = useState<TicketDraft>(() => ({ ...draftFrom(conversation, catalog?.towns ?? [], desk.newId()), ...taken, ...initial }));
  const [fault, setFault] = useState('');
  const [busy, setBusy] = useState(false);
  const change = (part: Partial<TicketDraft>): void => setDraft((old) => ({ ...old, ...part }));
  const close = (): void => {
    forgetAccepted(conversation.id);
    closed();
  };
  useEffect(() => {
    const fresh = changedSince(held.current, taken);
    held.current = taken;
    change(fresh);
  }, [taken]);

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setFault('');
    try {
      const ticket = await desk.openTicket(conversation.id, { ...draft, title: draft.title.trim(), content: draft.content.trim() });
      desk.alerts.say('info', `已登记工单 ${ticket.number}`);
      close();
    } catch (error) {
      setFault(error instanceof Error ? error.message : '工单没有登记成功');
      setBusy(false);
    }
  };

  if (catalog === null) return <Empty>正在读取事项目录</Empty>;
  const items = catalog.items.map((item) => ({ value: item.code, label: item.name, note: `${item.field} · ${item.kinds.join('、')}`, keywords: item.code }));
  const suggested = conversation.understood?.items ?? [];
  return (
    <form class="form ticket-form" aria-label="开工单" onSubmit={(event) => void submit(event)}>
      <header>
        <h3>开工单</h3>
        <button type="button" class="plain" onClick={close}>
          取消
        </button>
      </header>
      {Object.keys(taken).length === 0 ? null : (
        <p class="dim" role="status">
          已从会话填入：{labelsOf(taken).join('、')}，请核对
        </p>
      )}
      <fieldset class="kinds">
        <legend>类别</legend>
        {catalog.kinds.map((kind) => (
          <label key={kind}>
            <input type="radio" name="kind" checked={draft.kind === kind} onChange={() => change({ kind, ...(kind === '举报' ? { confidential: true } : {}) })} />
            {kind}
          </label>
        ))}
      </fieldset>
      <div class="field">
        <span id="item-label">事项</span>
        <Combobox label="事项" options={items} value={draft.itemCode ?? ''} onChange={(code) => change({ itemCode: code === '' ? null : code })} placeholder="输入名称检索，可不填" />
        {suggested.length === 0 ? null : (
          <p class="dim">
            建议：
            {suggested.map((item) => (
              <button key={item.code} type="button" class="link" onClick={() => change({ itemCode: item.code })}>
                {item.name} {Math.round(item.score * 100)}%{item.sure === true ? '，把握大' : ''}
              </button>
            ))}
          </p>
        )}
      </div>
      <Field label="标题">
        <input value={draft.title} onInput={(event) => change({ title: event.currentTarget.value })} required minLength={2} maxLength={120} />
      </Field>
      <Field label="内容">
        <textarea rows={5} value={draft.content} onInput={(event) => change({ content: event.currentTarget.value })} required minLength={2} maxLength={5000} />
      </Field>
      <div class="two">
        <Field label="镇街（园区）">
          <select value={draft.townId ?? ''} onChange={(event) => change({ townId: event.currentTarget.value || null })}>
            <option value="">不确定</option>
            {catalog.towns.map((town) => (
              <option key={town.id} value={town.id}>
                {town.name}
              </option>
            ))}
          </select>
        </Field>
        <Field label="发生时间">
          <input value={draft.happened ?? ''} onInput={(event) => change({ happened: event.currentTarget.value || null })} maxLength={200} placeholder="市民的说法" />
        </Field>
      </div>
      <Field label="地点">
        <input value={draft.place ?? ''} onInput={(event) => change({ place: event.currentTarget.value || null })} maxLength={300} placeholder="路名、门牌、小区" />
      </Field>
      <div class="two">
        <Field label="联系电话" hint="可不填">
          <input type="tel" value={draft.phone ?? ''} onInput={(event) => change({ phone: event.currentTarget.value || null })} maxLength={30} autocomplete="off" placeholder={conversation.citizen.phoneMasked ?? ''} />
        </Field>
        <Field label="称呼" hint="可不填">
          <input value={draft.name ?? ''} onInput={(event) => change({ name: event.currentTarget.value || null })} maxLength={60} autocomplete="off" placeholder={conversation.citizen.nameMasked ?? ''} />
        </Field>
      </div>
      <Field label="紧急程度">
        <select value={draft.urgency} onChange={(event) => change({ urgency: catalog.urgencies.find((one) => one === event.currentTarget.value) ?? 'normal' })}>
          {catalog.urgencies.map((urgency) => (
            <option key={urgency} value={urgency}>
              {URGENCIES[urgency]}
            </option>
          ))}
        </select>
      </Field>
      <label class="check">
        <input type="checkbox" checked={draft.callback} onChange={(event) => change({ callback: event.currentTarget.checked })} />
        承诺回电
      </label>
      <label class="check">
        <input type="checkbox" checked={draft.confidential} onChange={(event) => change({ confidential: event.currentTarget.checked })} />
        市民要求保密
      </label>
      <AlikeHint draft={{ title: draft.title, content: draft.content, itemCode: draft.itemCode, townId: draft.townId, place: draft.place, confidential: draft.confidential }} />
      {fault === '' ? null : (
        <p class="fault" role="alert">
          {fault}
        </p>
      )}
      <button type="submit" class="primary" disabled={busy}>
        登记并告知市民编号
      </button>
    </form>
  );
}
