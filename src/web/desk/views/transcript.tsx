import { Fragment, type JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { ActivityView, ConversationView, ReceiptView } from '../../shared/api-types.ts';
import { clockTime, dayHeading, sameDay } from '../../shared/format.ts';
import { safeHref } from '../../shared/linkify.ts';
import { ROLES } from '../labels.ts';
import type { PendingReply } from '../state/model.ts';
import { Empty, RichText } from '../ui/bits.tsx';
import { useDesk, useSeat } from '../ui/context.ts';

const NEAR_END_PX = 120;
const HANDOFF: Readonly<Record<string, string>> = { accepted: '人工坐席已接入', failed: '转人工未成功', completed: '人工服务结束', waiting: '等待人工' };

export function TranscriptView({ conversation }: { readonly conversation: ConversationView }): JSX.Element {
  const desk = useDesk();
  const transcript = desk.transcript.value;
  const box = useRef<HTMLDivElement>(null);
  const following = useRef(true);
  const activities = (transcript?.activities ?? []).filter((activity) => activity.content.type !== 'typing');
  const pending = transcript?.pending ?? [];
  const lastKey = `${activities.at(-1)?.id ?? ''}/${pending.length}`;

  useLayoutEffect(() => {
    const element = box.current;
    if (element !== null && following.current) element.scrollTop = element.scrollHeight;
  }, [lastKey]);

  const onScroll = (): void => {
    const element = box.current;
    if (element !== null) following.current = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_END_PX;
  };

  return (
    <div class="transcript" ref={box} role="log" aria-label="对话记录" tabIndex={0} onScroll={onScroll}>
      {transcript === null ? <Empty>正在读取</Empty> : null}
      {(activities[0]?.seq ?? 1) > 1 ? <p class="day">更早的 {(activities[0]?.seq ?? 1) - 1} 条未显示</p> : null}
      {activities.map((activity, at) => {
        const before = activities[at - 1];
        return (
          <Fragment key={activity.id}>
            {before === undefined || !sameDay(before.at, activity.at) ? <p class="day">{dayHeading(activity.at, Date.now(), 'zh-CN')}</p> : null}
            <ActivityLine activity={activity} receipt={transcript?.receipts.get(activity.id)} />
          </Fragment>
        );
      })}
      {pending.map((reply) => (
        <PendingLine key={reply.clientId} conversationId={conversation.id} reply={reply} />
      ))}
      <TypingLine />
    </div>
  );
}

function TypingLine(): JSX.Element | null {
  const desk = useDesk();
  return (desk.transcript.value?.typingUntil ?? 0) > desk.now.value ? <p class="typing">市民正在输入…</p> : null;
}

function ActivityLine({ activity, receipt }: { readonly activity: ActivityView; readonly receipt: ReceiptView | undefined }): JSX.Element | null {
  const seat = useSeat();
  const { content } = activity;
  if (content.type === 'event') {
    if (content.name !== 'handoff.status' && content.name !== 'handoff.initiate') return null;
    const state = typeof content.value === 'object' && content.value !== null && !Array.isArray(content.value) ? content.value['state'] : undefined;
    const words = typeof state === 'string' ? (HANDOFF[state] ?? state) : '请求转人工';
    return (
      <p class="notice">
        {words} · {clockTime(activity.at)}
      </p>
    );
  }
  if (content.type === 'endOfConversation') return <p class="notice">会话结束 · {clockTime(activity.at)}</p>;
  if (content.type === 'unsupported') return <p class="notice">收到不支持的内容（{content.kind}） · {clockTime(activity.at)}</p>;
  if (content.type !== 'message') return null;
  const own = activity.role === 'seat' && activity.seatId === seat.id;
  return (
    <div class={`said ${activity.role}${own ? ' own' : ''}`}>
      <p class="meta">
        <b>{activity.role === 'seat' ? (activity.seatName ?? ROLES.seat) : ROLES[activity.role]}</b> <time>{clockTime(activity.at)}</time>
        {content.keys === undefined ? null : <span>按键 {content.keys}</span>}
        {content.confidence === undefined ? null : <span title="语音识别的把握">识别 {Math.round(content.confidence * 100)}%</span>}
      </p>
      <div class="bubble">
        {content.text === '' && (content.attachments?.length ?? 0) === 0 ? <p class="dim">（没有文字）</p> : null}
        {content.text === '' ? null : (
          <p class="text">
            <RichText text={content.text} />
          </p>
        )}
        {(content.attachments ?? []).map((attachment, at) => {
          const href = safeHref(attachment.url, location.href);
          const name = attachment.name ?? '附件';
          if (href === null) return <p key={at}>{name}</p>;
          return (
            <a key={at} class="attachment" href={href} target="_blank" rel="noopener noreferrer">
              {/^image\/(png|jpeg|gif|webp|bmp)$/.test(attachment.contentType) ? <img src={href} alt={name} loading="lazy" /> : name}
            </a>
          );
        })}
        {(content.choices?.length ?? 0) === 0 ? null : <p class="offered">选项：{content.choices?.map((choice) => choice.title).join(' / ')}</p>}
        {content.source === undefined ? null : <p class="offered">依据：{[content.source.title, content.source.department, content.source.effectiveFrom].filter((part) => part !== undefined).join(' · ')}</p>}
      </div>
      {activity.direction === 'out' && activity.role !== 'citizen' ? <Delivery receipt={receipt} own={own} /> : null}
    </div>
  );
}

function Delivery({ receipt, own }: { readonly receipt: ReceiptView | undefined; readonly own: boolean }): JSX.Element | null {
  if (receipt === undefined) return own ? <p class="delivery">已发出</p> : null;
  if (receipt.status === 'failed') return <p class="delivery bad">未送达{receipt.code === null ? '' : `（${receipt.code}）`}</p>;
  if (receipt.status === 'retrying') return <p class="delivery warn">送达失败，正在重试</p>;
  return own ? <p class="delivery">已送达</p> : null;
}

function PendingLine({ conversationId, reply }: { readonly conversationId: string; readonly reply: PendingReply }): JSX.Element {
  const desk = useDesk();
  return (
    <div class="said seat own pending">
      <div class="bubble">
        <p class="text">{reply.text}</p>
      </div>
      {reply.error === null ? (
        <p class="delivery">发送中</p>
      ) : (
        <p class="delivery bad" role="alert">
          未发出：{reply.error}
          <button type="button" class="link" onClick={() => desk.replies.retry(conversationId, reply)}>
            重试
          </button>
          <button type="button" class="link" onClick={() => desk.replies.drop(conversationId, reply)}>
            放弃
          </button>
        </p>
      )}
    </div>
  );
}
