import type { JSX } from 'preact';
import type { ActivityView, ReceiptView } from '../../shared/api-types.ts';
import type { NoteView } from '../../shared/desk-work-types.ts';
import { clockTime, fileSize } from '../../shared/format.ts';
import { safeHref } from '../../shared/linkify.ts';
import { ROLES } from '../labels.ts';
import type { PendingReply } from '../state/model.ts';
import { RichText } from '../ui/bits.tsx';
import { useDesk, useSeat } from '../ui/context.ts';

/** One line each of a transcript. */

const HANDOFF: Readonly<Record<string, string>> = { accepted: '人工坐席已接入', failed: '转人工未成功', completed: '人工服务结束', waiting: '等待人工' };
const PICTURE = /^image\/(png|jpeg|gif|webp|bmp)$/;

/** What is opened large. */
export interface Picture {
  readonly href: string;
  readonly name: string;
}

/** Lines that are nothing to look at are left out before they take a place. */
export function isShown({ content }: ActivityView): boolean {
  if (content.type === 'event') return content.name === 'handoff.status' || content.name === 'handoff.initiate';
  return content.type !== 'typing';
}

export function ActivityLine({ activity, receipt, enlarge }: { readonly activity: ActivityView; readonly receipt: ReceiptView | undefined; readonly enlarge: (picture: Picture) => void }): JSX.Element | null {
  const seat = useSeat();
  const { content } = activity;
  if (content.type === 'event') {
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
        {(content.attachments ?? []).map((attachment, at) => (
          <AttachmentLine key={at} attachment={attachment} enlarge={enlarge} />
        ))}
        {(content.choices?.length ?? 0) === 0 ? null : <p class="offered">选项：{content.choices?.map((choice) => choice.title).join(' / ')}</p>}
        {content.source === undefined ? null : <p class="offered">依据：{[content.source.title, content.source.department, content.source.effectiveFrom].filter((part) => part !== undefined).join(' · ')}</p>}
      </div>
      {activity.direction === 'out' && activity.role !== 'citizen' ? <Delivery receipt={receipt} own={own} /> : null}
    </div>
  );
}

type Attached = NonNullable<Extract<ActivityView['content'], { type: 'message' }>['attachments']>[number];

function AttachmentLine({ attachment, enlarge }: { readonly attachment: Attached; readonly enlarge: (picture: Picture) => void }): JSX.Element {
  const href = safeHref(attachment.url, location.href);
  const name = attachment.name ?? '附件';
  if (href === null) return <p>{name}</p>;
  if (PICTURE.test(attachment.contentType)) {
    return (
      <button type="button" class="picture" aria-label={`放大图片 ${name}`} onClick={() => enlarge({ href, name })}>
        <img src={href} alt={name} loading="lazy" />
      </button>
    );
  }
  return (
    <a class="attachment file" href={href} target="_blank" rel="noopener noreferrer">
      <b aria-hidden="true">{kindOf(attachment.contentType)}</b>
      <span>
        {name}
        <small>{attachment.sizeBytes === undefined ? attachment.contentType : fileSize(attachment.sizeBytes)}</small>
      </span>
    </a>
  );
}

const kindOf = (contentType: string): string => (contentType.startsWith('audio/') ? '音' : contentType.startsWith('video/') ? '影' : contentType.startsWith('image/') ? '图' : '文');

function Delivery({ receipt, own }: { readonly receipt: ReceiptView | undefined; readonly own: boolean }): JSX.Element | null {
  if (receipt === undefined) return own ? <p class="delivery">已发出</p> : null;
  if (receipt.status === 'failed') return <p class="delivery bad">未送达{receipt.code === null ? '' : `（${receipt.code}）`}</p>;
  if (receipt.status === 'retrying') return <p class="delivery warn">送达失败，正在重试</p>;
  return own ? <p class="delivery">已送达</p> : null;
}

/** A private note: the citizen never sees it, and it looks like nothing that they see. */
export function NoteLine({ note }: { readonly note: NoteView }): JSX.Element {
  const me = useSeat();
  const forMe = note.toSeatId === me.id || note.mentions.some((person) => person.id === me.id);
  return (
    <div class={`private-note${note.kind === 'whisper' ? ' whisper' : ''}${forMe ? ' for-me' : ''}`}>
      <p class="meta">
        <b>{note.kind === 'whisper' ? `耳语 · ${note.seatName} → ${note.toSeatName ?? '坐席'}` : `内部备注 · ${note.seatName}`}</b>
        <time>{clockTime(note.at)}</time>
        <span>市民看不到</span>
      </p>
      <p class="text">{note.text}</p>
    </div>
  );
}

export function PendingLine({ conversationId, reply }: { readonly conversationId: string; readonly reply: PendingReply }): JSX.Element {
  const desk = useDesk();
  return (
    <div class="said seat own pending">
      <div class="bubble">
        <p class="text">{reply.text}</p>
      </div>
      {reply.error === null ? (
        <p class="delivery">{reply.heldUntil !== undefined && reply.heldUntil > Date.now() ? '即将发送，可以撤回' : '发送中'}</p>
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
