import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { ConversationView } from '../../shared/api-types.ts';
import type { SeatPresenceView, TransferTarget } from '../../shared/queue-types.ts';
import type { Desk } from '../state/desk.ts';
import { Field } from '../ui/bits.tsx';
import { Combobox, type Option } from '../ui/combobox.tsx';
import { useDesk, useSeat } from '../ui/context.ts';
import { DialogForm } from '../ui/dialog.tsx';
import { PRESENCES } from './shell/presence-menu.tsx';
import { TRANSFER_DIALOG as w } from './conversation-words.ts';
import { COMMON as common } from '../words.ts';

type Kind = 'seat' | 'group' | 'department';
const kinds = (): readonly (readonly [Kind, string])[] => [['seat', common.seat], ['group', common.skillGroups], ['department', common.department]];

/** Gives a conversation to somebody else, with a word on what it is about. To a department it goes as a ticket. */
export function TransferDialog({ conversation, onClose }: { readonly conversation: ConversationView; readonly onClose: () => void }): JSX.Element {
  const desk = useDesk();
  const [kind, setKind] = useState<Kind>('seat');
  const [target, setTarget] = useState('');
  const [note, setNote] = useState('');
  const [clientId] = useState(() => desk.newId());
  const seats = useSeatOptions();
  const groups = desk.queue.groups.value?.groups ?? [];
  const options: Readonly<Record<Kind, readonly Option[]>> = {
    seat: seats,
    group: groups.map((group) => ({ value: group.id, label: group.name, note: w.onlineFreeWaiting(group.seatsOnline, group.seatsFree, group.waiting) })),
    department: (desk.catalog.value?.departments ?? []).map((department) => ({ value: department.id, label: department.name, note: w.becomesATicketThe })),
  };
  const run = async (): Promise<void> => {
    if (target === '') throw new Error(w.pleaseChoose(kinds().find(([one]) => one === kind)?.[1] ?? ''));
    const to: TransferTarget = kind === 'seat' ? { seat: target } : kind === 'group' ? { group: target } : { department: target };
    const done = await desk.api.queue.transfer(conversation.id, to, note.trim(), clientId);
    await desk.act(done.conversation, () => Promise.resolve(done.conversation));
    desk.alerts.say('info', done.ticketNumber === null ? w.transferred : w.passedToTheDepartment(done.ticketNumber));
  };
  return (
    <DialogForm title={w.transferTheConversation} action={w.transfer} onClose={onClose} run={run}>
      <fieldset class="kinds">
        <legend>{w.transferTo}</legend>
        {kinds().map(([one, label]) => (
          <label key={one}>
            <input type="radio" name="transfer-kind" checked={kind === one} onChange={() => { setKind(one); setTarget(''); }} />
            {label}
          </label>
        ))}
      </fieldset>
      <Combobox key={kind} label={kinds().find(([one]) => one === kind)?.[1] ?? ''} options={options[kind]} value={target} onChange={setTarget} placeholder={w.typeANameTo} />
      <Field label={w.noteForTheHand} hint={w.seenByWhoTakes}>
        <textarea rows={3} value={note} maxLength={1000} onInput={(event) => setNote(event.currentTarget.value)} required={kind === 'department'} />
      </Field>
    </DialogForm>
  );
}

/** Somebody comes in beside the seat that has it; both may answer. */
export function InviteDialog({ conversation, onClose }: { readonly conversation: ConversationView; readonly onClose: () => void }): JSX.Element {
  const desk = useDesk();
  const [target, setTarget] = useState('');
  const seats = useSeatOptions();
  const run = async (): Promise<void> => {
    if (target === '') throw new Error(w.pleaseChooseAColleague);
    const invited = await desk.api.queue.invite(conversation.id, target);
    await desk.act(invited, () => Promise.resolve(invited));
  };
  return (
    <DialogForm title={w.inviteAColleague} action={w.invite} onClose={onClose} run={run}>
      <p class="dim">{w.theyCanReadAll}</p>
      <Combobox label={common.aColleague} options={seats} value={target} onChange={setTarget} placeholder={w.typeANameToFind} />
    </DialogForm>
  );
}

/** Who is there first, the least burdened before the others. */
function useSeatOptions(): readonly Option[] {
  const desk = useDesk();
  const me = useSeat();
  useEffect(() => void loadPeople(desk), []);
  const seats = desk.queue.seats.value;
  const rank = (seat: SeatPresenceView): number => (seat.presence === 'online' ? 0 : seat.presence === 'offline' ? 2 : 1);
  if (seats.length > 0) {
    return seats
      .filter((seat) => seat.id !== me.id)
      .toSorted((a, b) => rank(a) - rank(b) || a.load - b.load)
      .map((seat) => ({ value: seat.id, label: seat.displayName, note: w.has(PRESENCES[seat.presence], seat.load, seat.capacity) }));
  }
  return desk.mentions.colleagues.value.filter((one) => one.id !== me.id).map((one) => ({ value: one.id, label: one.name, note: '' }));
}

async function loadPeople(desk: Desk): Promise<void> {
  // Without presence the names alone must do.
  await desk.queue.loadSeats().catch(() => undefined);
  if (desk.queue.seats.peek().length === 0) await desk.mentions.loadColleagues().catch(() => undefined);
}
