import type { JSX } from 'preact';
import type { ActivityView, ReceiptView } from '../../shared/api-types.ts';
import type { NoteView } from '../../shared/desk-work-types.ts';
import { clockTime, fileSize } from '../../shared/format.ts';
import { safeHref } from '../../shared/linkify.ts';
import { ROLES } from '../labels.ts';
import type { PendingReply } from '../state/model.ts';
import { RichText } from '../ui/bits.tsx';
import { useDesk, useSeat } from '../ui/context.ts';
import { MESSAGE as w, HANDOFF_WORDS } from './conversation-words.ts';
import { COMMON as common } from '../words.ts';

/** One line each of a transcript. */

const HANDOFF: Readonly<Record<string, string>> = HANDOFF_WORDS;
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
    const words = typeof state === 'string' ? (HANDOFF[state] ?? state) : w.askedForAPerson;
    return (
      <p class="notice">
        {words} · {clockTime(activity.at)}
      </p>
    );
  }
  if (content.type === 'endOfConversation') return <p class="notice">{w.conversationEnded(clockTime(activity.at))}</p>;
  if (content.type === 'unsupported') return <p class="notice">{w.receivedSomethingNotSupported(content.kind, clockTime(activity.at))}</p>;
  if (content.type !== 'message') return null;
  const own = activity.role === 'seat' && activity.seatId === seat.id;
  return (
    <div class={`said ${activity.role}${own ? ' own' : ''}`}>
      <p class="meta">
        <b>{activity.role === 'seat' ? (activity.seatName ?? ROLES.seat) : ROLES[activity.role]}</b> <time>{clockTime(activity.at)}</time>
        {content.keys === undefined ? null : <span>{w.key(content.keys)}</span>}
        {content.confidence === undefined ? null : <span title={w.certaintyOfTheSpeech}>{w.heard(Math.round(content.confidence * 100))}</span>}
      </p>
      <div class="bubble">
        {content.text === '' && (content.attachments?.length ?? 0) === 0 ? <p class="dim">{w.noText}</p> : null}
        {content.text === '' ? null : (
          <p class="text">
            <RichText text={content.text} />
          </p>
        )}
        {(content.attachments ?? []).map((attachment, at) => (
          <AttachmentLine key={at} attachment={attachment} enlarge={enlarge} />
        ))}
        {(content.choices?.length ?? 0) === 0 ? null : <p class="offered">{w.choices}{content.choices?.map((choice) => choice.title).join(' / ')}</p>}
        {content.source === undefined ? null : <p class="offered">{w.source}{[content.source.title, content.source.department, content.source.effectiveFrom].filter((part) => part !== undefined).join(' · ')}</p>}
      </div>
      {activity.direction === 'out' && activity.role !== 'citizen' ? <Delivery receipt={receipt} own={own} /> : null}
    </div>
  );
}

type Attached = NonNullable<Extract<ActivityView['content'], { type: 'message' }>['attachments']>[number];

function AttachmentLine({ attachment, enlarge }: { readonly attachment: Attached; readonly enlarge: (picture: Picture) => void }): JSX.Element {
  const href = safeHref(attachment.url, location.href);
  const name = attachment.name ?? w.attachment;
  if (href === null) return <p>{name}</p>;
  if (PICTURE.test(attachment.contentType)) {
    return (
      <button type="button" class="picture" aria-label={w.enlargePicture(name)} onClick={() => enlarge({ href, name })}>
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

const kindOf = (contentType: string): string => (contentType.startsWith('audio/') ? w.a : contentType.startsWith('video/') ? w.v : contentType.startsWith('image/') ? w.p : w.d);

function Delivery({ receipt, own }: { readonly receipt: ReceiptView | undefined; readonly own: boolean }): JSX.Element | null {
  if (receipt === undefined) return own ? <p class="delivery">{w.sent}</p> : null;
  if (receipt.status === 'failed') return <p class="delivery bad">{w.notDelivered}{receipt.code === null ? '' : common.inBrackets(receipt.code)}</p>;
  if (receipt.status === 'retrying') return <p class="delivery warn">{w.deliveryFailedTryingAgain}</p>;
  return own ? <p class="delivery">{w.delivered}</p> : null;
}

/** A private note: the citizen never sees it, and it looks like nothing that they see. */
export function NoteLine({ note }: { readonly note: NoteView }): JSX.Element {
  const me = useSeat();
  const forMe = note.toSeatId === me.id || note.mentions.some((person) => person.id === me.id);
  return (
    <div class={`private-note${note.kind === 'whisper' ? ' whisper' : ''}${forMe ? ' for-me' : ''}`}>
      <p class="meta">
        <b>{note.kind === 'whisper' ? w.whisper(note.seatName, note.toSeatName ?? common.seat) : w.privateNote(note.seatName)}</b>
        <time>{clockTime(note.at)}</time>
        <span>{w.notSeenByCitizens}</span>
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
        <p class="delivery">{reply.heldUntil !== undefined && reply.heldUntil > Date.now() ? w.aboutToBeSent : w.sending}</p>
      ) : (
        <p class="delivery bad" role="alert">
          {w.notSent(reply.error)}
          <button type="button" class="link" onClick={() => desk.replies.retry(conversationId, reply)}>
            {common.tryAgain}
          </button>
          <button type="button" class="link" onClick={() => desk.replies.drop(conversationId, reply)}>
            {w.drop}
          </button>
        </p>
      )}
    </div>
  );
}
