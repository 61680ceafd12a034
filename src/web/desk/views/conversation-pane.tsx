import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { ConversationView } from '../../shared/api-types.ts';
import { waited } from '../ui/times.ts';
import { channelLabel, citizenLabel, emergencyLabel, OWNERS } from '../labels.ts';
import { Chip } from '../ui/bits.tsx';
import { useDesk, useSeat } from '../ui/context.ts';
import { DialogForm } from '../ui/dialog.tsx';
import { useAction } from '../ui/use-action.ts';
import { NoteBox } from './note-box.tsx';
import { Reply } from './reply.tsx';
import { ConferenceArea } from './linkage/conference.tsx';
import { PassOnDialog } from './linkage/pass-on-dialog.tsx';
import { CONFERENCE, LINKAGE } from './linkage/words.ts';
import { InviteDialog, TransferDialog } from './transfer-dialog.tsx';
import { TranscriptView } from './transcript.tsx';
import { CONVERSATION_PANE as w } from './conversation-words.ts';
import { COMMON as common } from '../words.ts';

type Asking = 'force' | 'transfer' | 'invite' | 'passOn' | 'conference' | null;
type Writing = 'reply' | 'note' | 'whisper';

export function ConversationPane({ conversation, openTicket, toggleContext }: { readonly conversation: ConversationView; readonly openTicket: () => void; readonly toggleContext: () => void }): JSX.Element {
  const desk = useDesk();
  const seat = useSeat();
  const [asking, setAsking] = useState<Asking>(null);
  const [writing, setWriting] = useState<Writing>('reply');
  const { owner } = conversation;
  const groupName = conversation.groupName ?? null;
  const passedOn = conversation.transferNote ?? null;
  const mine = owner === 'human' && conversation.seatId === seat.id;
  const othersHave = owner === 'human' && !mine;
  const chief = seat.role === 'supervisor' || seat.role === 'administrator';
  const joined = (conversation.participants ?? []).find((one) => one.seatId === seat.id)?.kind;
  const writes = mine || joined === 'guest';
  const queued = desk.queue.groups.value !== null;
  const ending = desk.undo.waiting.value.some((one) => one.key === conversation.id);
  const voice = conversation.modality === 'voice';
  const canClose = owner !== 'closed' && !othersHave;

  // What arrives while the conversation is looked at is read.
  useEffect(() => {
    if (document.visibilityState === 'visible') desk.seen();
  }, [conversation.lastSeq, conversation.unread, mine]);
  useEffect(() => setWriting('reply'), [writes]);

  const take = (): void => void desk.take(conversation);
  const listen = (): void => void desk.act(conversation, () => (joined === 'listener' ? desk.api.queue.unlisten(conversation.id) : desk.api.queue.listen(conversation.id)));
  const leave = (): void => void desk.act(conversation, () => desk.api.queue.leave(conversation.id));
  useAction('take', take, owner !== 'human');
  useAction('handBack', () => desk.handBack(conversation), mine);
  useAction('close', () => desk.close(conversation), canClose);
  useAction('transfer', () => setAsking('transfer'), mine);
  useAction('passOn', () => setAsking('passOn'), mine);
  useAction('conference', () => setAsking('conference'), mine && voice);
  useAction('invite', () => setAsking('invite'), mine && queued);
  useAction('ticket', openTicket, !othersHave);
  useAction('note', () => setWriting('note'));
  useAction('listen', listen, othersHave && chief && queued);
  useAction('whisper', () => setWriting('whisper'), othersHave && chief);
  useAction('context', toggleContext);

  return (
    <section class="pane conversation" aria-label={w.conversationWith(citizenLabel(conversation))}>
      <header class="head">
        <button type="button" class="plain back" onClick={() => desk.select(null)}>
          {w.queue}
        </button>
        <div class="title">
          <h2>{citizenLabel(conversation)}</h2>
          <p class="dim">
            <Chip tone="info">{channelLabel(conversation.channel)}</Chip>
            <Chip tone={owner === 'waiting' ? 'warn' : mine ? 'good' : 'plain'}>{othersHave ? w.with(conversation.seatName ?? w.anotherSeat) : OWNERS[owner]}</Chip>
            {groupName === null ? null : <Chip>{groupName}</Chip>}
            <Waiting conversation={conversation} />
            {conversation.handoffReason === null ? null : <span>{conversation.handoffReason}</span>}
            {(conversation.participants ?? []).filter((one) => one.seatId !== seat.id).map((one) => (
              <Chip key={one.seatId}>{one.kind === 'guest' ? w.takesPart(one.seatName) : w.listens(one.seatName)}</Chip>
            ))}
          </p>
        </div>
        <div class="buttons">
          {mine || othersHave ? null : (
            <button type="button" class="primary" title="Alt+T" onClick={take}>
              {w.takeOver}
            </button>
          )}
          {othersHave && chief && queued ? (
            <button type="button" title="Alt+L" aria-pressed={joined === 'listener'} onClick={listen}>
              {joined === 'listener' ? w.stopListening : w.listen}
            </button>
          ) : null}
          {othersHave && chief ? (
            <button type="button" title="Alt+W" onClick={() => setWriting('whisper')}>
              {w.whisper}
            </button>
          ) : null}
          {othersHave && seat.role !== 'seat' ? (
            <button type="button" onClick={() => setAsking('force')}>
              {w.takeOverByForce}
            </button>
          ) : null}
          {joined === 'guest' ? (
            <button type="button" onClick={leave}>
              {w.leave}
            </button>
          ) : null}
          {mine ? (
            <button type="button" title="Alt+G" onClick={() => setAsking('transfer')}>
              {w.transfer}
            </button>
          ) : null}
          {mine ? (
            <button type="button" class={conversation.emergency === null ? '' : 'danger'} title="Alt+E" onClick={() => setAsking('passOn')}>
              {LINKAGE.passOn}
            </button>
          ) : null}
          {mine && voice ? (
            <button type="button" class={conversation.emergency === null ? '' : 'danger'} title="Alt+9" onClick={() => setAsking('conference')}>
              {CONFERENCE.title}
            </button>
          ) : null}
          {mine && queued ? (
            <button type="button" title="Alt+I" onClick={() => setAsking('invite')}>
              {w.invite}
            </button>
          ) : null}
          {mine ? (
            <button type="button" title="Alt+B" disabled={ending} onClick={() => desk.handBack(conversation)}>
              {w.handBackToThe}
            </button>
          ) : null}
          {canClose ? (
            <button type="button" title="Alt+J" disabled={ending} onClick={() => desk.close(conversation)}>
              {w.end}
            </button>
          ) : null}
          {othersHave ? null : (
            <button type="button" title="Alt+O" onClick={openTicket}>
              {w.openATicket}
            </button>
          )}
          <button type="button" class="context-toggle" title="Alt+V" onClick={toggleContext}>
            {w.details}
          </button>
        </div>
      </header>
      {conversation.emergency === null ? null : (
        <p class="emergency-banner" role="alert">
          <b>{w.emergency(emergencyLabel(conversation.emergency.category))}</b>
          <span>{w.words(conversation.emergency.words.join(common.comma))}</span>
          <span>{w.firstMakeSureOf}</span>
        </p>
      )}
      {passedOn === null ? null : (
        <p class="transfer-note">
          <b>{w.from(passedOn.fromSeatName ?? common.aColleague)}</b>
          {passedOn.note}
        </p>
      )}
      {voice ? <ConferenceArea conversation={conversation} mine={mine} asking={asking === 'conference'} ask={() => setAsking('conference')} close={() => setAsking(null)} /> : null}
      <TranscriptView conversation={conversation} />
      {writing === 'reply' ? (
        writes ? (
          <Reply conversation={conversation} note={() => setWriting('note')} />
        ) : (
          <div class="reply off">
            <p class="dim">{othersHave ? w.isServingYouCan(conversation.seatName ?? w.anotherSeat) : w.takeOverToReply}</p>
            <button type="button" class="link" onClick={() => setWriting('note')}>
              {w.writeAPrivateNote}
            </button>
          </div>
        )
      ) : (
        <NoteBox conversation={conversation} kind={writing} close={() => setWriting('reply')} />
      )}
      {asking === 'force' ? (
        <DialogForm title={w.takeOverByForce} action={w.takeOverByForce} danger onClose={() => setAsking(null)} run={() => desk.take(conversation, true)}>
          <p>{w.isServingThisCitizen(conversation.seatName ?? w.anotherSeat)}</p>
        </DialogForm>
      ) : null}
      {asking === 'passOn' ? <PassOnDialog of={{ conversation }} onClose={() => setAsking(null)} done={() => undefined} /> : null}
      {asking === 'transfer' ? <TransferDialog conversation={conversation} onClose={() => setAsking(null)} /> : null}
      {asking === 'invite' ? <InviteDialog conversation={conversation} onClose={() => setAsking(null)} /> : null}
    </section>
  );
}

function Waiting({ conversation }: { readonly conversation: ConversationView }): JSX.Element | null {
  const now = useDesk().now.value;
  const position = conversation.position ?? null;
  if (conversation.owner !== 'waiting' || conversation.waitingSince === null) return null;
  return (
    <span class="wait">
      {w.waiting(waited(now - conversation.waitingSince))}
      {position === null ? '' : w.place(position)}
    </span>
  );
}
