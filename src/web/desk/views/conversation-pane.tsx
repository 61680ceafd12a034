import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { ConversationView } from '../../shared/api-types.ts';
import { waited } from '../../shared/format.ts';
import { channelLabel, citizenLabel, emergencyLabel, OWNERS } from '../labels.ts';
import { Chip } from '../ui/bits.tsx';
import { useDesk, useSeat } from '../ui/context.ts';
import { DialogForm } from '../ui/dialog.tsx';
import { Reply } from './reply.tsx';
import { TranscriptView } from './transcript.tsx';

type Asking = 'close' | 'force' | null;

export function ConversationPane({ conversation, openTicket, toggleContext }: { readonly conversation: ConversationView; readonly openTicket: () => void; readonly toggleContext: () => void }): JSX.Element {
  const desk = useDesk();
  const seat = useSeat();
  const [asking, setAsking] = useState<Asking>(null);
  const mine = conversation.owner === 'human' && conversation.seatId === seat.id;
  const othersHave = conversation.owner === 'human' && !mine;

  // What arrives while the conversation is looked at is read.
  useEffect(() => {
    if (document.visibilityState === 'visible') desk.seen();
  }, [conversation.lastSeq, conversation.unread, mine]);

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
            <Chip tone={conversation.owner === 'waiting' ? 'warn' : mine ? 'good' : 'plain'}>{othersHave ? `${conversation.seatName ?? '其他坐席'}接待` : OWNERS[conversation.owner]}</Chip>
            <Waiting conversation={conversation} />
            {conversation.handoffReason === null ? null : <span>{conversation.handoffReason}</span>}
          </p>
        </div>
        <div class="buttons">
          {mine || othersHave ? null : (
            <button type="button" class="primary" onClick={() => void desk.take(conversation)}>
              接管
            </button>
          )}
          {othersHave && seat.role !== 'seat' ? (
            <button type="button" onClick={() => setAsking('force')}>
              强制接管
            </button>
          ) : null}
          {mine ? (
            <button type="button" onClick={() => void desk.handBack(conversation)}>
              交还机器人
            </button>
          ) : null}
          {conversation.owner === 'closed' || othersHave ? null : (
            <button type="button" onClick={() => setAsking('close')}>
              结束
            </button>
          )}
          {othersHave ? null : (
            <button type="button" onClick={openTicket}>
              开工单
            </button>
          )}
          <button type="button" class="context-toggle" onClick={toggleContext}>
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
      <TranscriptView conversation={conversation} />
      <Reply conversation={conversation} mine={mine} />
      {asking === 'close' ? (
        <DialogForm title="结束会话" action="结束会话" danger onClose={() => setAsking(null)} run={() => desk.close(conversation)}>
          <p>会话结束后由机器人等候，市民再发消息会重新开始。确定结束？</p>
        </DialogForm>
      ) : null}
      {asking === 'force' ? (
        <DialogForm title="强制接管" action="强制接管" danger onClose={() => setAsking(null)} run={() => desk.take(conversation, true)}>
          <p>{conversation.seatName ?? '其他坐席'}正在接待这位市民。强制接管后对方将不能再回复。</p>
        </DialogForm>
      ) : null}
    </section>
  );
}

function Waiting({ conversation }: { readonly conversation: ConversationView }): JSX.Element | null {
  const now = useDesk().now.value;
  return conversation.owner === 'waiting' && conversation.waitingSince !== null ? <span class="wait">已等 {waited(now - conversation.waitingSince)}</span> : null;
}
