import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { ConversationView, TicketDraft, TicketKind } from '../../shared/api-types.ts';
import { URGENCIES, kindLabel } from '../labels.ts';
import { Empty, Field } from '../ui/bits.tsx';
import { Combobox } from '../ui/combobox.tsx';
import { useDesk, useSeat } from '../ui/context.ts';
import { AlikeHint } from './alike-panel.tsx';
import { acceptedOf, changedSince, forgetAccepted, labelsOf } from './assist/accepted.ts';
import { TICKET_FORM as w } from './ticket-words.ts';
import { COMMON as common } from '../words.ts';

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
      desk.alerts.say('info', w.ticketOpened(ticket.number));
      close();
    } catch (error) {
      setFault(error instanceof Error ? error.message : w.theTicketCouldNot);
      setBusy(false);
    }
  };

  if (catalog === null) return <Empty>{w.readingTheItems}</Empty>;
  const items = catalog.items.map((item) => ({ value: item.code, label: item.name, note: `${item.field} · ${item.kinds.join(common.comma)}`, keywords: item.code }));
  const suggested = conversation.understood?.items ?? [];
  return (
    <form class="form ticket-form" aria-label={w.openATicket} onSubmit={(event) => void submit(event)}>
      <header>
        <h3>{w.openATicket}</h3>
        <button type="button" class="plain" onClick={close}>
          {common.cancel}
        </button>
      </header>
      {Object.keys(taken).length === 0 ? null : (
        <p class="dim" role="status">
          {w.filledFromTheConversation(labelsOf(taken).join(common.comma))}
        </p>
      )}
      <fieldset class="kinds">
        <legend>{common.kind}</legend>
        {catalog.kinds.map((kind) => (
          <label key={kind}>
            <input type="radio" name="kind" checked={draft.kind === kind} onChange={() => change({ kind, ...(kind === '举报' ? { confidential: true } : {}) })} />
            {kindLabel(kind)}
          </label>
        ))}
      </fieldset>
      <div class="field">
        <span id="item-label">{common.items}</span>
        <Combobox label={common.items} options={items} value={draft.itemCode ?? ''} onChange={(code) => change({ itemCode: code === '' ? null : code })} placeholder={w.typeANameTo} />
        {suggested.length === 0 ? null : (
          <p class="dim">
            {w.suggested}
            {suggested.map((item) => (
              <button key={item.code} type="button" class="link" onClick={() => change({ itemCode: item.code })}>
                {item.name} {Math.round(item.score * 100)}%{item.sure === true ? w.quiteSure : ''}
              </button>
            ))}
          </p>
        )}
      </div>
      <Field label={common.title}>
        <input value={draft.title} onInput={(event) => change({ title: event.currentTarget.value })} required minLength={2} maxLength={120} />
      </Field>
      <Field label={common.content}>
        <textarea rows={5} value={draft.content} onInput={(event) => change({ content: event.currentTarget.value })} required minLength={2} maxLength={5000} />
      </Field>
      <div class="two">
        <Field label={w.townZone}>
          <select value={draft.townId ?? ''} onChange={(event) => change({ townId: event.currentTarget.value || null })}>
            <option value="">{w.notSure}</option>
            {catalog.towns.map((town) => (
              <option key={town.id} value={town.id}>
                {town.name}
              </option>
            ))}
          </select>
        </Field>
        <Field label={w.whenItHappened}>
          <input value={draft.happened ?? ''} onInput={(event) => change({ happened: event.currentTarget.value || null })} maxLength={200} placeholder={w.inTheCitizensWords} />
        </Field>
      </div>
      <Field label={common.place}>
        <input value={draft.place ?? ''} onInput={(event) => change({ place: event.currentTarget.value || null })} maxLength={300} placeholder={w.streetNumberEstate} />
      </Field>
      <div class="two">
        <Field label={w.phoneNumber} hint={w.optional}>
          <input type="tel" value={draft.phone ?? ''} onInput={(event) => change({ phone: event.currentTarget.value || null })} maxLength={30} autocomplete="off" placeholder={conversation.citizen.phoneMasked ?? ''} />
        </Field>
        <Field label={w.name} hint={w.optional}>
          <input value={draft.name ?? ''} onInput={(event) => change({ name: event.currentTarget.value || null })} maxLength={60} autocomplete="off" placeholder={conversation.citizen.nameMasked ?? ''} />
        </Field>
      </div>
      <Field label={common.urgency}>
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
        {w.callBackPromised}
      </label>
      <label class="check">
        <input type="checkbox" checked={draft.confidential} onChange={(event) => change({ confidential: event.currentTarget.checked })} />
        {w.theCitizenAsksFor}
      </label>
      <AlikeHint draft={{ title: draft.title, content: draft.content, itemCode: draft.itemCode, townId: draft.townId, place: draft.place, confidential: draft.confidential }} />
      {fault === '' ? null : (
        <p class="fault" role="alert">
          {fault}
        </p>
      )}
      <button type="submit" class="primary" disabled={busy}>
        {w.openItAndTell}
      </button>
    </form>
  );
}
