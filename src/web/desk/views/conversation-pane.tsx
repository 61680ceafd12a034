import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { ConversationView } from '../../shared/api-types.ts';
import { waited } from '../../shared/format.ts';
import { channelLabel, citizenLabel, emergencyLabel, OWNERS } from '../labels.ts';
import { Chip } from '../ui/bits.tsx';
import { useDesk, useSeat } from '../ui/context.ts';
import { DialogForm } from '../ui/dialog.tsx';
import { useAction } from '../ui/use-action.ts';
import { NoteBox } from './note-box.tsx';
import { Reply } from './reply.tsx';
import { InviteDialog, TransferDialog } from './transfer-dialog.tsx';
import { TranscriptView } from './transcript.tsx';

type Asking = 'force' | 'transfer' | 'invite' | null;
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
  useAction('invite', () => setAsking('invite'), mine && queued);
  useAction('ticket', openTicket, !othersHave);
  useAction('note', () => setWriting('note'));
  useAction('listen', listen, othersHave && chief && queued);
  useAction('whisper', () => setWriting('whisper'), othersHave && chief);
  useAction('context', toggleContext);

  return (
    <section class="pane conversation" aria-label={`与${citizenLabel(conversation)}的会话`}>
      <header class="head">
        <button type="button" class="plain back" onClick={() => desk.select(null)}>
          ← 队列
        </button>
        <div class="title">
          <h2>{citizenLabel(conversation)}</h2>
          <p class="dim">
            <Chip tone="info">{channelLabel(conversation.channel)}</Chip>
            <Chip tone={owner === 'waiting' ? 'warn' : mine ? 'good' : 'plain'}>{othersHave ? `${conversation.seatName ?? '其他坐席'}接待` : OWNERS[owner]}</Chip>
            {groupName === null ? null : <Chip>{groupName}</Chip>}
            <Waiting conversation={conversation} />
            {conversation.handoffReason === null ? null : <span>{conversation.handoffReason}</span>}
            {(conversation.participants ?? []).filter((one) => one.seatId !== seat.id).map((one) => (
              <Chip key={one.seatId}>{one.kind === 'guest' ? `${one.seatName} 参与` : `${one.seatName} 监听`}</Chip>
            ))}
          </p>
        </div>
        <div class="buttons">
          {mine || othersHave ? null : (
            <button type="button" class="primary" title="Alt+T" onClick={take}>
              接管
            </button>
          )}
          {othersHave && chief && queued ? (
            <button type="button" title="Alt+L" aria-pressed={joined === 'listener'} onClick={listen}>
              {joined === 'listener' ? '停止监听' : '监听'}
            </button>
          ) : null}
          {othersHave && chief ? (
            <button type="button" title="Alt+W" onClick={() => setWriting('whisper')}>
              耳语
            </button>
          ) : null}
          {othersHave && seat.role !== 'seat' ? (
            <button type="button" onClick={() => setAsking('force')}>
              强制接管
            </button>
          ) : null}
          {joined === 'guest' ? (
            <button type="button" onClick={leave}>
              退出会话
            </button>
          ) : null}
          {mine ? (
            <button type="button" title="Alt+G" onClick={() => setAsking('transfer')}>
              转接
            </button>
          ) : null}
          {mine && queued ? (
            <button type="button" title="Alt+I" onClick={() => setAsking('invite')}>
              邀请
            </button>
          ) : null}
          {mine ? (
            <button type="button" title="Alt+B" disabled={ending} onClick={() => desk.handBack(conversation)}>
              交还机器人
            </button>
          ) : null}
          {canClose ? (
            <button type="button" title="Alt+J" disabled={ending} onClick={() => desk.close(conversation)}>
              结束
            </button>
          ) : null}
          {othersHave ? null : (
            <button type="button" title="Alt+O" onClick={openTicket}>
              开工单
            </button>
          )}
          <button type="button" class="context-toggle" title="Alt+V" onClick={toggleContext}>
            信息
          </button>
        </div>
      </header>
      {conversation.emergency === null ? null : (
        <p class="emergency-banner" role="alert">
          <b>紧急：{emergencyLabel(conversation.emergency.category)}</b>
          <span>触发词：{conversation.emergency.words.join('、')}</span>
          <span>请先确认安全，必要时转 110 / 119 / 120 / 122</span>
        </p>
      )}
      {passedOn === null ? null : (
        <p class="transfer-note">
          <b>{passedOn.fromSeatName ?? '同事'} 转来：</b>
          {passedOn.note}
        </p>
      )}
      <TranscriptView conversation={conversation} />
      {writing === 'reply' ? (
        writes ? (
          <Reply conversation={conversation} note={() => setWriting('note')} />
        ) : (
          <div class="reply off">
            <p class="dim">{othersHave ? `${conversation.seatName ?? '其他坐席'}正在接待，您只能查看` : '接管之后才能回复'}</p>
            <button type="button" class="link" onClick={() => setWriting('note')}>
              写内部备注
            </button>
          </div>
        )
      ) : (
        <NoteBox conversation={conversation} kind={writing} close={() => setWriting('reply')} />
      )}
      {asking === 'force' ? (
        <DialogForm title="强制接管" action="强制接管" danger onClose={() => setAsking(null)} run={() => desk.take(conversation, true)}>
          <p>{conversation.seatName ?? '其他坐席'}正在接待这位市民。强制接管后对方将不能再回复。</p>
        </DialogForm>
      ) : null}
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
      已等 {waited(now - conversation.waitingSince)}
      {position === null ? '' : ` · 第 ${position} 位`}
    </span>
  );
}
