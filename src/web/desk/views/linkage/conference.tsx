import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import '../../styles/linkage.css';
import type { ConversationView } from '../../../shared/api-types.ts';
import type { CallPartyRow, CallRow, ConferenceState, LinkSuggestion } from '../../api/linkage.ts';
import { Chip, Field, type Tone } from '../../ui/bits.tsx';
import { useDesk } from '../../ui/context.ts';
import { DialogForm } from '../../ui/dialog.tsx';
import { type Loaded, useLoaded } from '../../ui/use-loaded.ts';
import { CALL_STATES, CONFERENCE as w, LINKAGE } from './words.ts';

/** A call that goes on is looked at this often, ms. */
const LOOK_MS = 2_000;
const TONES: Readonly<Partial<Record<CallPartyRow['state'], Tone>>> = { in: 'good', busy: 'bad', 'no-answer': 'bad', failed: 'bad', unknown: 'warn', ringing: 'info', calling: 'info', answered: 'info', waiting: 'info' };
const OUTCOMES: ReadonlySet<CallPartyRow['state']> = new Set(['busy', 'no-answer', 'canceled', 'failed', 'unknown']);
const UNDER_WAY: ReadonlySet<CallPartyRow['state']> = new Set(['waiting', 'calling', 'ringing', 'answered', 'in']);

/** How the newest three-party call of a conversation stands; looks again while one goes on. */
function useConference(conversation: ConversationView): Loaded<ConferenceState> {
  const desk = useDesk();
  const [open, setOpen] = useState(false);
  const beat = open ? Math.floor(desk.now.value / LOOK_MS) : 0;
  const loaded = useLoaded(() => desk.api.linkage.conference(conversation.id), `${conversation.id} ${conversation.version} ${beat}`);
  const goesOn = loaded.value?.call?.state === 'open';
  useEffect(() => setOpen(goesOn), [goesOn]);
  return loaded;
}

/** On a caller's conversation: how the three-party call stands, and beginning one. */
export function ConferenceArea({ conversation, mine, asking, ask, close }: { readonly conversation: ConversationView; readonly mine: boolean; readonly asking: boolean; readonly ask: () => void; readonly close: () => void }): JSX.Element {
  const loaded = useConference(conversation);
  const call = loaded.value?.call ?? null;
  return (
    <>
      {call === null ? null : <ConferencePanel conversation={conversation} call={call} mine={mine} phone={loaded.value?.phone ?? null} ask={ask} reload={loaded.reload} />}
      {asking ? <ConferenceDialog conversation={conversation} conference={loaded.value} onClose={close} done={loaded.reload} /> : null}
    </>
  );
}

/** 三方通话: to whom, and on which telephone of the seat's. */
function ConferenceDialog({ conversation, conference, onClose, done }: { readonly conversation: ConversationView; readonly conference: ConferenceState | null; readonly onClose: () => void; readonly done: () => void }): JSX.Element {
  const desk = useDesk();
  const loaded = useLoaded<readonly LinkSuggestion[]>(() => desk.api.linkage.ofConversation(conversation.id), conversation.id);
  const [chosen, setChosen] = useState('');
  const [phone, setPhone] = useState('');
  const [note, setNote] = useState('');
  const [clientId] = useState(() => desk.newId());
  const all = (loaded.value ?? []).filter(({ canDial }) => canDial);
  const target = all.find(({ profile }) => profile === chosen) ?? null;
  const known = conference?.phone ?? null;
  useEffect(() => {
    const [first] = all;
    // Where there is nobody else there is nothing to choose.
    if (chosen === '' && first !== undefined && (first.why !== null || all.length === 1)) setChosen(first.profile);
  }, [loaded.value]);

  const run = async (): Promise<void> => {
    if (conference?.able === false) throw new Error(conference.why ?? w.nobodyToDial);
    if (target === null) throw new Error(LINKAGE.choose);
    if (phone.trim() !== '') await desk.api.linkage.setPhone(phone.trim());
    await desk.api.linkage.passConversation(conversation.id, { profile: target.profile, threeParty: true, connect: false, conference: true, note: note.trim(), clientId });
    desk.alerts.say('info', w.begun(target.name));
    done();
  };

  return (
    <DialogForm title={w.title} action={w.begin} danger onClose={onClose} run={run}>
      {loaded.fault === '' ? null : <p class="fault">{loaded.fault}</p>}
      {conference === null || conference.able ? <p class="dim">{w.hint}</p> : <p class="fault">{conference.why}</p>}
      <fieldset class="kinds linkage-targets">
        <legend>{LINKAGE.passOnTo}</legend>
        {all.map((one) => (
          <label key={one.profile}>
            <input type="radio" name="conference-target" checked={chosen === one.profile} onChange={() => setChosen(one.profile)} />
            <span>
              {one.name}
              {one.why === null ? null : <small>{LINKAGE.byRule(one.why)}</small>}
            </span>
          </label>
        ))}
        {loaded.value !== null && all.length === 0 ? <p class="dim">{w.nobodyToDial}</p> : null}
      </fieldset>
      <Field label={w.yourPhone} hint={known === null ? w.phoneHint : w.phoneSet(known)}>
        <input inputMode="tel" autocomplete="off" value={phone} maxLength={30} required={known === null} onInput={(event) => setPhone(event.currentTarget.value)} />
      </Field>
      <Field label={LINKAGE.note} hint={LINKAGE.noteHint}>
        <textarea rows={2} value={note} maxLength={1000} onInput={(event) => setNote(event.currentTarget.value)} />
      </Field>
    </DialogForm>
  );
}

/** Who is there, live; whoever was not reached is said aloud, and can be rung again. */
function ConferencePanel({ conversation, call, mine, phone, ask, reload }: { readonly conversation: ConversationView; readonly call: CallRow; readonly mine: boolean; readonly phone: string | null; readonly ask: () => void; readonly reload: () => void }): JSX.Element | null {
  const desk = useDesk();
  const [looking, setLooking] = useState<'seat' | 'service' | null>(null);
  const open = call.state === 'open';
  const nameOf = { citizen: w.citizen, seat: w.seat, service: call.profileName } as const;
  const ring = async (party: 'seat' | 'service', looked: boolean): Promise<void> => {
    await desk.api.linkage.ring(conversation.id, party, looked);
    reload();
  };
  const press = (party: 'seat' | 'service'): void => {
    if (call[party]?.state === 'unknown') return setLooking(party);
    // Without a telephone there is nothing to ring yet.
    if (party === 'seat' && phone === null) return ask();
    ring(party, false).catch((error: unknown) => desk.alerts.say('error', error instanceof Error ? error.message : String(error)));
  };
  const service = call.service;
  return (
    <section class="conference-panel" aria-label={w.title}>
      <p>
        <b>{open ? w.live(call.profileName) : w.over(call.profileName)}</b>
        {(['citizen', 'seat', 'service'] as const).map((party) => {
          const row = call[party];
          return row === null ? null : (
            <Chip key={party} tone={TONES[row.state] ?? 'plain'}>
              {nameOf[party]} {CALL_STATES[row.state]}
            </Chip>
          );
        })}
        {open && mine
          ? (['seat', 'service'] as const).map((party) =>
              call[party] !== null && UNDER_WAY.has(call[party].state) ? null : (
                <button type="button" key={party} onClick={() => press(party)}>
                  {party === 'seat' && call.seat === null ? w.join : w.again(nameOf[party])}
                </button>
              ),
            )
          : null}
      </p>
      {service !== null && OUTCOMES.has(service.state) && conversation.owner === 'human' ? (
        <p class="fault" role="alert">
          {w.notReached(call.profileName, CALL_STATES[service.state])}
        </p>
      ) : null}
      {looking === null ? null : (
        <DialogForm title={w.again(nameOf[looking])} action={w.lookedAction} danger onClose={() => setLooking(null)} run={() => ring(looking, true)}>
          <p>{w.looked(nameOf[looking])}</p>
        </DialogForm>
      )}
    </section>
  );
}
