import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import '../../styles/linkage.css';
import type { ConversationView, TicketView } from '../../../shared/api-types.ts';
import type { LinkSuggestion } from '../../api/linkage.ts';
import { Field } from '../../ui/bits.tsx';
import { useDesk } from '../../ui/context.ts';
import { DialogForm } from '../../ui/dialog.tsx';
import { useLoaded } from '../../ui/use-loaded.ts';
import { LINKAGE as w } from './words.ts';

type Of = { readonly conversation: ConversationView } | { readonly ticket: TicketView };

/** 一键转办: to 110 and others. What the rules name for the matter is chosen already. */
export function PassOnDialog({ of, onClose, done }: { readonly of: Of; readonly onClose: () => void; readonly done: () => void }): JSX.Element {
  const desk = useDesk();
  const conversation = 'conversation' in of ? of.conversation : null;
  const id = 'conversation' in of ? of.conversation.id : of.ticket.id;
  const loaded = useLoaded<readonly LinkSuggestion[]>(async () => (conversation === null ? (await desk.api.linkage.ofTicket(id)).suggestions : desk.api.linkage.ofConversation(id)), id);
  const [chosen, setChosen] = useState('');
  const [threeParty, setThreeParty] = useState(false);
  const [connect, setConnect] = useState(false);
  const [note, setNote] = useState('');
  const [clientId] = useState(() => desk.newId());
  const all = loaded.value ?? [];
  const target = all.find(({ profile }) => profile === chosen) ?? null;
  useEffect(() => {
    const [first] = all;
    if (chosen === '' && first !== undefined && first.why !== null) setChosen(first.profile);
  }, [loaded.value]);
  const mayConnect = conversation?.modality === 'voice' && target?.canDial === true;

  const run = async (): Promise<void> => {
    if (target === null) throw new Error(w.choose);
    if ('ticket' in of) {
      const { repeated } = await desk.api.linkage.passTicket(id, { profile: target.profile, mode: threeParty ? 'phone' : 'system', threeParty, note: note.trim() });
      desk.alerts.say('info', repeated ? w.alreadyPassed(target.name) : w.passedOn(target.name, of.ticket.number));
    } else {
      const { repeated, ticketNumber } = await desk.api.linkage.passConversation(id, { profile: target.profile, threeParty, connect: connect && mayConnect, note: note.trim(), clientId });
      desk.alerts.say('info', repeated ? w.alreadyPassed(target.name) : w.passedOn(target.name, ticketNumber));
    }
    done();
  };

  return (
    <DialogForm title={w.passOn} action={w.passOn} danger onClose={onClose} run={run}>
      {loaded.fault === '' ? null : <p class="fault">{loaded.fault}</p>}
      <fieldset class="kinds linkage-targets">
        <legend>{w.passOnTo}</legend>
        {all.map((one) => (
          <label key={one.profile}>
            <input type="radio" name="linkage-target" checked={chosen === one.profile} onChange={() => setChosen(one.profile)} />
            <span>
              {one.name}
              {one.why === null ? null : <small>{w.byRule(one.why)}</small>}
            </span>
          </label>
        ))}
      </fieldset>
      {target === null ? null : <p class="dim">{[target.number === null ? null : w.callNumber(target.number), target.on ? w.willBeSent : w.tellThem].filter((part) => part !== null).join(' · ')}</p>}
      <label class="check explained">
        <input type="checkbox" checked={threeParty} onChange={(event) => setThreeParty(event.currentTarget.checked)} />
        <span>
          {w.threeParty}
          <small>{w.threePartyHint}</small>
        </span>
      </label>
      {mayConnect ? (
        <label class="check explained">
          <input type="checkbox" checked={connect} onChange={(event) => setConnect(event.currentTarget.checked)} />
          <span>
            {w.connect}
            <small>{w.connectHint}</small>
          </span>
        </label>
      ) : null}
      <Field label={w.note} hint={w.noteHint}>
        <textarea rows={3} value={note} maxLength={1000} onInput={(event) => setNote(event.currentTarget.value)} />
      </Field>
    </DialogForm>
  );
}
