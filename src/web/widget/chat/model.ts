import { isRecord, isString, object, optional } from '../../shared/guards.ts';
import { safeAction, safeHref } from '../../shared/linkify.ts';
import type { Pending, SendState } from '../direct-line/outbox.ts';
import { actionsOf, attachmentsOf, cardActionsOf, clientIdOf, type WireActivity } from '../direct-line/wire.ts';

export type Speaker = 'citizen' | 'bot' | 'seat' | 'system';
/** Who answers at the moment, as the hand-over notices tell. */
export type Mode = 'bot' | 'waiting' | 'human';
export type NoticeCode = 'handoff.waiting' | 'handoff.accepted' | 'handoff.failed' | 'handoff.completed' | 'ended' | 'restarted';

export interface SourceLine {
  readonly title: string;
  readonly department: string | undefined;
  readonly effectiveFrom: string | undefined;
  readonly href: string | undefined;
}

/** A button under a message: it says something, or it opens or dials something. */
export type Action =
  | { readonly kind: 'say'; readonly title: string; readonly text: string }
  | { readonly kind: 'post'; readonly title: string; readonly text: string; readonly value: unknown }
  | { readonly kind: 'link'; readonly title: string; readonly href: string };

export interface Media {
  readonly name: string;
  /** Null while it is only described (an upload on its way without preview). */
  readonly href: string | null;
  readonly image: boolean;
}

export interface MessageEntry {
  readonly kind: 'message';
  readonly key: string;
  readonly from: Speaker;
  readonly name: string | undefined;
  readonly text: string;
  /** Epoch ms. */
  readonly at: number;
  readonly actions: readonly Action[];
  readonly media: readonly Media[];
  readonly source: SourceLine | null;
  /** How far an own message got. */
  readonly delivery: SendState;
  /** HTTP status of a refusal, to say why. */
  readonly refusal: number;
}

export interface NoticeEntry {
  readonly kind: 'notice';
  readonly key: string;
  readonly at: number;
  readonly code: NoticeCode;
  /** The server's own words, shown instead of ours. */
  readonly text: string | undefined;
}

export type Entry = MessageEntry | NoticeEntry;

export interface Chat {
  /** In the server's order. */
  readonly entries: readonly Entry[];
  /** Own messages that the server has not echoed yet, oldest first; shown after the others. */
  readonly outgoing: readonly MessageEntry[];
  readonly mode: Mode;
  readonly typing: 'bot' | 'seat' | null;
  /** Messages that arrived while the panel was closed. */
  readonly unread: number;
}

export const EMPTY_CHAT: Chat = { entries: [], outgoing: [], mode: 'bot', typing: null, unread: 0 };

export type ChatEvent =
  | { readonly type: 'arrived'; readonly activity: WireActivity; readonly own: boolean; readonly now: number; readonly seen: boolean }
  | { readonly type: 'written'; readonly pending: Pending; readonly preview: string | null }
  | { readonly type: 'progress'; readonly clientId: string; readonly state: SendState; readonly status: number }
  | { readonly type: 'restarted'; readonly now: number }
  | { readonly type: 'typingEnded' }
  | { readonly type: 'seen' };

/** The transcript's reducer. Pure; `endpoint` resolves relative addresses of attachments. */
export function reduce(chat: Chat, event: ChatEvent, endpoint: string): Chat {
  switch (event.type) {
    case 'arrived':
      return arrived(chat, event, endpoint);
    case 'written':
      return { ...chat, outgoing: [...chat.outgoing, writtenEntry(event.pending, event.preview)] };
    case 'progress':
      return {
        ...chat,
        outgoing: chat.outgoing.map((entry) => (entry.key === event.clientId ? { ...entry, delivery: event.state, refusal: event.status } : entry)),
      };
    case 'restarted': {
      if (chat.entries.length === 0) return chat;
      const notice: NoticeEntry = { kind: 'notice', key: `restarted-${event.now}`, at: event.now, code: 'restarted', text: undefined };
      return { ...chat, mode: 'bot', typing: null, entries: [...chat.entries, notice] };
    }
    case 'typingEnded':
      return chat.typing === null ? chat : { ...chat, typing: null };
    case 'seen':
      return chat.unread === 0 ? chat : { ...chat, unread: 0 };
  }
}

function arrived(chat: Chat, event: Extract<ChatEvent, { type: 'arrived' }>, endpoint: string): Chat {
  const { activity } = event;
  const at = readTime(activity.timestamp, event.now);
  const key = activity.id ?? `${activity.type}-${event.now}-${chat.entries.length}`;
  if (activity.type === 'typing') return event.own ? chat : { ...chat, typing: speakerOf(activity) === 'seat' ? 'seat' : 'bot' };
  if (activity.type === 'message') {
    const clientId = clientIdOf(activity);
    const echoed = clientId === undefined ? undefined : chat.outgoing.find((entry) => entry.key === clientId);
    // The echo keeps the key of the bubble it confirms: nothing moves, nothing is read out twice.
    const entry = readMessage(activity, event.own, echoed?.key ?? key, at, endpoint, echoed);
    const outgoing = echoed === undefined ? chat.outgoing : chat.outgoing.filter((other) => other !== echoed);
    if (entry === null) return { ...chat, outgoing, typing: event.own ? chat.typing : null };
    return {
      ...chat,
      entries: [...chat.entries, entry],
      outgoing,
      // A seat's message proves that a person is there, should the notice have been missed.
      mode: entry.from === 'seat' ? 'human' : chat.mode,
      typing: event.own ? chat.typing : null,
      unread: event.own || event.seen ? chat.unread : chat.unread + 1,
    };
  }
  const notice = readNotice(activity);
  if (notice === null) return chat;
  const last = chat.entries[chat.entries.length - 1];
  // Initiate and status may both say “waiting”: one line is enough.
  if (last?.kind === 'notice' && last.code === notice.code && last.text === notice.text) return { ...chat, mode: notice.mode };
  return { ...chat, mode: notice.mode, typing: null, entries: [...chat.entries, { kind: 'notice', key, at, code: notice.code, text: notice.text }] };
}

function writtenEntry(pending: Pending, preview: string | null): MessageEntry {
  const { file } = pending.draft;
  return {
    kind: 'message',
    key: pending.clientId,
    from: 'citizen',
    name: undefined,
    text: pending.draft.text,
    at: pending.at,
    actions: [],
    media: file === undefined ? [] : [{ name: file.name, href: preview, image: file.type.startsWith('image/') && preview !== null }],
    source: null,
    delivery: 'queued',
    refusal: 0,
  };
}

function readMessage(activity: WireActivity, own: boolean, key: string, at: number, endpoint: string, echoed: MessageEntry | undefined): MessageEntry | null {
  const media = attachmentsOf(activity)
    .filter((attachment) => attachment.contentUrl !== undefined)
    .map((attachment): Media => {
      const href = safeHref(attachment.contentUrl ?? '', `${endpoint}/`);
      return { name: attachment.name ?? '', href, image: href !== null && /^image\/(png|jpeg|gif|webp|bmp)$/.test(attachment.contentType) };
    });
  const source = own ? null : readSource(activity.channelData);
  // A pressed button comes back without text: keep the words that were on it.
  const text = withoutFooter(activity.text ?? echoed?.text ?? '', source);
  const shownMedia = media.length > 0 ? media : (echoed?.media ?? []);
  const actions = own ? [] : [...cardActionsOf(activity), ...actionsOf(activity)].flatMap(readAction);
  if (text === '' && shownMedia.length === 0 && actions.length === 0) return null;
  return {
    kind: 'message',
    key,
    from: own ? 'citizen' : speakerOf(activity),
    name: activity.from.name,
    text,
    at,
    actions,
    media: shownMedia,
    source,
    delivery: 'sent',
    refusal: 0,
  };
}

function readTime(timestamp: string | undefined, fallback: number): number {
  const at = timestamp === undefined ? Number.NaN : Date.parse(timestamp);
  return Number.isNaN(at) ? fallback : at;
}

/** Direct Line's roles are `bot` and `user` only; the house's server tells seat and system apart by `from.id`. */
function speakerOf(activity: WireActivity): Speaker {
  const { id } = activity.from;
  return id === 'seat' || id === 'system' ? id : 'bot';
}

const isSource = object({ title: isString, department: optional(isString), effectiveFrom: optional(isString), url: optional(isString) });

function readSource(channelData: unknown): SourceLine | null {
  const source = isRecord(channelData) ? channelData['source'] : undefined;
  if (!isSource(source)) return null;
  return { title: source.title, department: source.department, effectiveFrom: source.effectiveFrom, href: safeHref(source.url ?? '') ?? undefined };
}

/** The server repeats the source as the text's last paragraph, for clients that know nothing of channelData. */
function withoutFooter(text: string, source: SourceLine | null): string {
  const at = text.lastIndexOf('\n\n来源：');
  return source !== null && at > 0 && text.includes(source.title, at) ? text.slice(0, at) : text;
}

function readAction(action: ReturnType<typeof actionsOf>[number]): Action[] {
  const value = isString(action.value) ? action.value : undefined;
  const title = action.title ?? action.displayText ?? value ?? '';
  if (title === '') return [];
  switch (action.type) {
    case 'imBack':
      return [{ kind: 'say', title, text: value ?? title }];
    case 'postBack':
      return [{ kind: 'post', title, text: title, value: action.value }];
    case 'messageBack':
      return [{ kind: 'post', title, text: action.displayText ?? title, value: action.value }];
    case 'openUrl':
    case 'call': {
      const href = safeAction(action.type === 'call' && value !== undefined && !value.includes(':') ? `tel:${value}` : (value ?? ''));
      return href === null ? [] : [{ kind: 'link', title, href }];
    }
    default:
      return [];
  }
}

/** Hand-over and end-of-conversation, null for any other activity. */
function readNotice(activity: WireActivity): { readonly code: NoticeCode; readonly mode: Mode; readonly text: string | undefined } | null {
  if (activity.type === 'endOfConversation') return { code: 'ended', mode: 'bot', text: undefined };
  if (activity.type !== 'event') return null;
  if (activity.name === 'handoff.initiate') return { code: 'handoff.waiting', mode: 'waiting', text: undefined };
  if (activity.name !== 'handoff.status' || !isRecord(activity.value)) return null;
  const text = isString(activity.value['message']) && activity.value['message'] !== '' ? activity.value['message'] : undefined;
  switch (activity.value['state']) {
    case 'waiting':
    case 'queued':
      return { code: 'handoff.waiting', mode: 'waiting', text };
    case 'accepted':
      return { code: 'handoff.accepted', mode: 'human', text };
    case 'failed':
      return { code: 'handoff.failed', mode: 'bot', text };
    case 'completed':
      return { code: 'handoff.completed', mode: 'bot', text };
    default:
      return null;
  }
}
