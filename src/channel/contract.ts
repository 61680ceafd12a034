import type { FastifyPluginAsync } from 'fastify';
import type { Activity, Address, Attachment, EpochMs, ExternalId, InboundActivity, Locale, MessageContent, Modality, Role } from '../domain/activity.ts';
import type { JsonValue } from '../domain/json.ts';

/**
 * What a channel is. A folder in `channels/` exports `channel: ChannelModule` from its index.ts. The required part is
 * short; everything a channel cannot do is said by data (`Capabilities`), not by code in the core.
 */

/** Data, never code: what the channel can carry. `degrade()` reads it. */
export interface Capabilities {
  readonly modality: Modality;
  /** Longest text of one send, in UTF-16 code units unless `textLimitUnit` is `bytes`. */
  readonly textLimit: number;
  readonly textLimitUnit: 'chars' | 'bytes';
  /** How choices are shown: real buttons, a numbered list in the text, spoken keys. */
  readonly choices: 'buttons' | 'numbered' | 'keys';
  readonly maxChoices: number;
  readonly attachmentsOut: boolean;
  readonly links: 'clickable' | 'text' | 'none';
  readonly typing: boolean;
  /** True: several texts of one turn become one send (WeChat's quota). */
  readonly mergeTexts: boolean;
  /**
   * How outgoing activities reach the peer.
   * `push`: one call of `send` an activity group, through the outbox.
   * `stream`: stored is delivered; connected clients are told, others read by watermark.
   * `pull`: they wait until the peer's next request (a phone call's webhook) collects them.
   */
  readonly delivery: 'push' | 'stream' | 'pull';
  /**
   * `push` only: the first text of a turn may go in the answer to the webhook that brought the citizen's word (a reading that says
   * `answerWhen: 'turn'`); what does not fit, and what comes later, goes by `send`. Absent: everything goes by `send`.
   */
  readonly answersInHook?: true;
  /** Milliseconds after the citizen's last message in which we may write; null: always. */
  readonly replyWindowMs: number | null;
  /** May we write to somebody who did not write first? */
  readonly proactive: boolean;
  /** `push` only: names of events that the peer is sent as well, in their order between the messages (`OutgoingMessage.event`); none unless told. */
  readonly events?: readonly string[];
  /** Several telephones can talk with the caller at once (三方通话): a running channel of this kind has `Channel.conference`, where calls can be placed. */
  readonly conference?: true;
}

/** Setting-driven state. A channel without its secret is off, the rest of the house runs. */
export type ChannelStatus =
  /** `note`: what an operator should know of a session that is not up (`waits for a scan`); absent when all is well. */
  | { readonly state: 'on'; readonly note?: string }
  | { readonly state: 'off'; readonly missing: readonly string[] };

/** The raw HTTP request of a webhook: bytes as received, nothing decoded. */
export interface RawRequest {
  readonly method: string;
  /** Path and query exactly as received (`/hooks/…?a=b`). */
  readonly url: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Buffer;
  /** Where it came from: the peer's address, as far as trusted proxies tell (TRUSTED_PROXIES). */
  readonly peer?: string;
}

export interface HookReply {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a webhook turned out to be. Pure result of `Hook.read`. A reading that says `told` besides is about what we sent, not about what somebody said. */
export type HookReading =
  /** Forged, stale or malformed. The outside gets one generic body; `reason` goes to the counter and log (a fixed word, no data). */
  | { readonly kind: 'refused'; readonly status: 400 | 401 | 403 | 413 | 415; readonly reason: string }
  /** Answered at once, nothing stored (URL check, plain acknowledgement). */
  | { readonly kind: 'reply'; readonly reply: HookReply }
  /** News of what we sent or whom we called; stored before `reply` goes out, and of no effect when it comes again. */
  | { readonly kind: 'told'; readonly told: Told; readonly reply: HookReply }
  /** Messages to store before the peer is answered. */
  | {
      readonly kind: 'inbound';
      readonly activities: readonly InboundActivity[];
      /** `turn`: wait for the bot's answer and hand it to `encodeReply`; `stored`: answer as soon as it is stored. */
      readonly answerWhen: 'stored' | 'turn';
      readonly heardUpTo?: HeardUpTo;
      /** Stored in the same breath: a call that is answered is both. */
      readonly told?: Told;
    }
  /** Nothing said, but the peer collects what waits for it (`pull` delivery); a repeated `externalId` gets the same answer again. */
  | { readonly kind: 'collect'; readonly address: Address; readonly externalId: ExternalId; readonly heardUpTo?: HeardUpTo };

/**
 * The `HookOutcome.upTo` of the last answer that this peer really got, as it hands it back: its next answer carries everything
 * after it, so that an answer which was made but never arrived is heard after all. Null or absent: the peer keeps no
 * such mark, and what was collected once counts as heard.
 */
export type HeardUpTo = number | null;

/** What the hook zone knows when it asks for the reply's bytes. */
export interface HookOutcome {
  /** Outgoing messages this answer must carry, oldest first, already degraded; empty for `stored`. `push`: one text, or nothing. */
  readonly messages: readonly OutgoingMessage[];
  /** The house's own, channels leave it alone: the send that this answer takes the place of. */
  readonly inPlaceOf?: string;
  /**
   * `late`: the turn is not done within the channel's patience; the messages come with the next collect.
   * `spooled`: the database is away. What came is kept and will be stored; there is no answer now, nor whom to ask for one.
   */
  readonly turn: 'done' | 'late' | 'not-awaited' | 'spooled';
  /** Everything of the conversation up to here is in this answer or in those before it; absent when nothing was collected. */
  readonly upTo?: number;
  /** Who writes now: the phone keeps polling while it waits for a seat. `closed`: say goodbye and hang up. */
  readonly conversation: 'bot' | 'waiting' | 'human' | 'closed';
  /** Language of the conversation; absent where there was nobody to ask. Tells the telephone which Chinese is spoken. */
  readonly locale?: Locale;
}

export interface Hook {
  readonly method: 'GET' | 'POST';
  /** Full path, e.g. `/hooks/wechat/miniprogram`. */
  readonly path: `/hooks/${string}`;
  readonly bodyLimitBytes: number;
  /** Longest wait for a turn before `late`, ms. */
  readonly patienceMs: number;
  /** Verify then decode. Pure: no I/O, no clock; throws nothing (every fault is a `refused`). */
  readonly read: (request: RawRequest, now: EpochMs) => HookReading;
  readonly encodeReply: (request: RawRequest, outcome: HookOutcome) => HookReply;
}

/** One message on its way out, after degrade(). */
export interface OutgoingMessage {
  /** Activity ids it carries (several when texts were merged). */
  readonly activityIds: readonly string[];
  readonly content: MessageContent;
  /** An event instead of words (`Capabilities.events`); `content` is empty then. */
  readonly event?: { readonly name: string; readonly value?: JsonValue };
}

/** How a push ended. `retryAfterMs` does not burn an attempt. */
export type Receipt =
  | { readonly status: 'delivered'; readonly externalId?: ExternalId }
  | {
      readonly status: 'retry';
      readonly code: string;
      readonly retryAfterMs?: number;
      /** Only the citizen's next word (or a seat's, who may use what the bot may not) opens the way: then it may be tried at once, and be sent together with what else waits. */
      readonly awaits?: 'citizen';
    }
  /** Will never arrive on this channel now. `fallback`: another way (SMS, a seat's call) is needed and the desk is told. */
  | { readonly status: 'failed'; readonly code: string; readonly fallback: boolean };

export interface SendContext {
  readonly address: Address;
  /** When the citizen last wrote, for reply windows and quotas; null if never. */
  readonly lastInboundAt: EpochMs | null;
  /** The same for messages alone, as a peer may allow less after an event such as opening the chat; null if only events so far; absent if not known. */
  readonly lastMessageAt?: EpochMs | null;
  /** Who wrote the message; absent: the bot. WeChat's last send is kept for seats. */
  readonly role?: Role;
  /**
   * Puts a value of the channel's own state into the very transaction that notes how this send ended, so that it costs no passage
   * of its own; the last value of a key counts, whatever the receipt says. Only for what the sends of one conversation know of
   * it, as these never run at the same time. Absent: the channel uses `ports.state`.
   */
  readonly keep?: (key: string, value: string, expiresAt: EpochMs | null) => void;
  /**
   * The first send since the citizen's last message (`lastMessageAt`), tried for the first time: what the channel counts by message
   * begins with it, and need not be read. Absent or false: not known.
   */
  readonly first?: boolean;
  readonly now: EpochMs;
}

/** Small durable key-value state of one channel (access token, send quota). Values are sealed at rest. */
export interface ChannelState {
  get(key: string): Promise<string | null>;
  /** `expiresAt` null keeps it until overwritten. */
  put(key: string, value: string, expiresAt: EpochMs | null): Promise<void>;
  /** Atomic read-modify-write; the function is pure and may run twice. Returns the stored value. */
  update(key: string, change: (current: string | null) => { readonly value: string; readonly expiresAt: EpochMs | null }): Promise<string>;
}

/** Bytes kept for attachments, outside the database rows that everyone reads. */
export interface MediaStore {
  /** Stores bytes, answers `media:<id>`; refuses (AppError `media.too_large`, `media.type_refused`). The type is derived from the bytes. */
  save(bytes: Buffer, name: string | undefined): Promise<Attachment>;
  /** Null when unknown or expired. `token` is the unguessable part of the public URL. */
  open(token: string): Promise<{ readonly attachment: Attachment; readonly bytes: Buffer } | null>;
  /** Public path (`/media/<token>/<name>`) of a `media:` url; other urls pass unchanged. */
  publicUrl(url: string): string;
}

export type ReceiveResult = {
  readonly status: 'accepted' | 'duplicate';
  readonly activityId: string;
  readonly conversationId: string;
  readonly seq: number;
};

/** Something connected clients of a conversation are told at once. `typing` is never stored. */
export type LiveEvent =
  | { readonly kind: 'activity'; readonly activity: Activity }
  | { readonly kind: 'typing'; readonly role: 'bot' | 'seat' | 'citizen' };

/** What the core lends to a channel. A channel has no other way in. */
export interface ChannelPorts {
  readonly now: () => EpochMs;
  readonly log: { info(facts: object, text: string): void; warn(facts: object, text: string): void; error(facts: object, text: string): void };
  /** Counts and logs a request that a plugin under `/hooks/` turned away, as the hooks zone does for `refused`. `reason` is a fixed word. */
  refused(reason: string, requestId: string): void;
  /** Stores an inbound activity and its outbox row in one transaction. Resolves after commit. */
  receive(inbound: InboundActivity): Promise<ReceiveResult>;
  /** Makes sure that a conversation exists for an address (web chat opens before anything is said). True if it was made now. */
  openConversation(inbound: Pick<InboundActivity, 'channel' | 'address' | 'modality' | 'locale' | 'identity'>): Promise<{ conversationId: string; created: boolean }>;
  /** Null when there is no conversation at this address. */
  findConversation(channel: string, address: Address): Promise<{ conversationId: string } | null>;
  /** Stored activities after `afterSeq`, oldest first, at most `limit`. */
  history(conversationId: string, afterSeq: number, limit: number): Promise<readonly Activity[]>;
  /** Calls back for every activity committed to this conversation from now on. Returns the unsubscribe. */
  subscribe(conversationId: string, listener: (event: LiveEvent) => void): () => void;
  /** Tells the desk and other sockets that somebody types; not stored. */
  announceTyping(conversationId: string, role: 'citizen' | 'bot' | 'seat'): void;
  readonly state: ChannelState;
  readonly media: MediaStore;
}

/** What a peer lets us know about things we began. */
export interface Told {
  readonly reports: readonly DeliveryReport[];
  readonly consents: readonly ConsentChange[];
  /** How a three-party call went on; absent: nothing of one. */
  readonly conference?: readonly ConferenceReport[];
}

/** How a notification or a call of ours went on. Reports may come twice, late and out of order. */
export interface DeliveryReport {
  readonly of: 'notification' | 'call';
  /** Our key, where the peer hands it back; else null. One of `key` and `externalId` is there. */
  readonly key: string | null;
  readonly externalId: ExternalId | null;
  /**
   * Notification: `delivered`, `failed`. Call: `ringing`, `answered` (a person, or nobody knows), `machine`, then one of `completed`, `busy`,
   * `no-answer`, `canceled`, `failed`.
   */
  readonly state: 'delivered' | 'failed' | 'ringing' | 'answered' | 'machine' | 'completed' | 'busy' | 'no-answer' | 'canceled';
  /** The peer's word for why; never a number or a name. */
  readonly code: string | null;
  /** When it happened, by the peer's clock; null: it does not say. */
  readonly at: EpochMs | null;
  /** Whole seconds of talk, with `completed`. */
  readonly seconds?: number;
}

/** A citizen allows or forbids being written to, where the peer or the law asks for it (WeChat subscription, 退订 by SMS). */
export interface ConsentChange {
  readonly address: Address;
  /** As in the identity of what the same citizen writes; absent: only whoever has a conversation at this address is meant. */
  readonly externalUserId?: string;
  /** `all`: every template of this channel. */
  readonly template: NotificationTemplate | 'all';
  /** So many sends more; `always` until taken back; `never` until given again. */
  readonly grant: number | 'always' | 'never';
  /** Names this change, so that a repetition adds nothing. */
  readonly externalId: ExternalId;
}

/** What a notification is about; vendors approve one template for each. */
export type NotificationTemplate = 'progress' | 'visit' | 'callback' | 'notice';

/**
 * Something to tell somebody who is not talking with us. SMS and WeChat carry it by an approved template whose variables they fill from
 * `facts`; what has no template for it answers `failed` with `notification.no_template`.
 */
export interface Notification {
  /** Names it for good and comes back in reports. A second `notify` with one key is a repetition after a crash. */
  readonly key: string;
  readonly template: NotificationTemplate;
  /** The whole of it in one or two sentences, for channels that carry free text. */
  readonly text: string;
  readonly facts: NotificationFacts;
}

/** Each is short and fit for the open: no name, no number of a telephone, nothing of a confidential matter. */
export interface NotificationFacts {
  readonly number: string;
  readonly title: string;
  readonly state: string;
  readonly department: string;
  /** Beijing time, `11月24日 10:00`. */
  readonly time: string;
}

/** A call that we place. When it is answered, the peer asks our voice hook as for a call that came in, `key` in its address. */
export interface CallOrder {
  readonly key: string;
  /** E.164. */
  readonly to: string;
  /** Longest ringing. */
  readonly ringSeconds: number;
  /** Asks the peer to tell machines from people. */
  readonly detectMachine: boolean;
}

/** `unknown`: the peer may have taken it (a broken answer): it is never placed again under this key; `findCall` or a report tells. */
export type CallReceipt =
  | { readonly status: 'placed'; readonly externalId: ExternalId }
  | { readonly status: 'refused'; readonly code: string; readonly retryAfterMs?: number }
  | { readonly status: 'unknown'; readonly code: string };

/** Who talks in a three-party call: the citizen whose call it is, the seat, and the service it is passed on to (110 …). */
export type ConferenceParty = 'citizen' | 'seat' | 'service';

/** A telephone to be rung and brought into a room. */
export interface ConferenceLeg {
  /** Names the room, the same for everybody in it; no telephone number and no name is in it. */
  readonly room: string;
  readonly party: Exclude<ConferenceParty, 'citizen'>;
  /** Names this one ringing for good: a second leg under it is never placed. */
  readonly key: string;
  /** As the platform dials it. */
  readonly to: string;
  /** Longest ringing. */
  readonly ringSeconds: number;
  /** What whoever picks up hears before the room. */
  readonly greeting: string;
}

/** What happened to a party of a room, or to the room (`party` and `externalId` null). Reports may come twice, late and out of order. */
export interface ConferenceReport {
  readonly room: string;
  /** Null: known by its call alone. */
  readonly party: ConferenceParty | null;
  /** Of a leg: the key of its order, where the peer hands it back. */
  readonly key: string | null;
  /** The peer's name of the party's call. */
  readonly externalId: ExternalId | null;
  /** Of a leg `ringing` to `completed`; `joined`, `left` of any party, and `completed` of a citizen who has hung up in it; `ended` of the room. */
  readonly state: 'ringing' | 'answered' | 'busy' | 'no-answer' | 'canceled' | 'failed' | 'completed' | 'joined' | 'left' | 'ended';
  readonly code: string | null;
  readonly at: EpochMs | null;
}

/** How moving the caller ended. `unknown`: the peer may have done it; doing it again does no harm. */
export type MoveReceipt = { readonly status: 'moved' } | { readonly status: 'refused' | 'unknown'; readonly code: string };

/** How the end of a leg was taken. `ended`: the peer ends it, or it was over; what became of it a report tells. `unknown`: the peer may have done it; asking again does no harm. */
export type EndReceipt = { readonly status: 'ended' } | { readonly status: 'refused' | 'unknown'; readonly code: string };

/** Three-party calls of a telephone channel. Nothing here throws for a peer's answer, and nothing is tried twice by itself. */
export interface ConferenceCalls {
  /** Brings a live call into a room, out of whatever it is in; it hears hold words until somebody else is there. */
  bring(call: { readonly room: string; readonly address: Address; readonly locale: Locale; readonly now: EpochMs }): Promise<MoveReceipt>;
  /** Takes it out again, back to where callers wait for the seat's words. */
  release(call: { readonly address: Address; readonly locale: Locale; readonly now: EpochMs }): Promise<MoveReceipt>;
  /** Rings a telephone; whoever picks up is in the room. */
  ring(leg: ConferenceLeg): Promise<CallReceipt>;
  /** Stops a leg's ringing, or hangs up where it is answered. `answered` is what we have heard: one that was answered this very moment is hung up too. */
  end(leg: { readonly externalId: ExternalId; readonly answered: boolean }): Promise<EndReceipt>;
  /** What became of a ringing that ended `unknown`; null: it does not ring now. Absent: the peer cannot be searched. Throws AppError when it cannot be asked now. */
  find?(leg: Pick<ConferenceLeg, 'room' | 'party' | 'key'>): Promise<ConferenceReport | null>;
}

/** A running channel. */
export interface Channel {
  readonly name: string;
  readonly capabilities: Capabilities;
  readonly status: ChannelStatus;
  /** Inbound `webhook`: mounted raw in the hooks zone. */
  readonly hooks?: readonly Hook[];
  /** Inbound `socket`: a plugin with its own auth (web chat), mounted at the root of the citizen zone. */
  readonly plugin?: FastifyPluginAsync;
  /** Required for `push` delivery. Must not throw for a peer's answer; a throw counts as `retry`. May block on the network. */
  send?(message: OutgoingMessage, context: SendContext): Promise<Receipt>;
  /** Optional extra: reach somebody who is not talking with us, by address (openid, E.164 number). Must not throw for a peer's answer. */
  notify?(notification: Notification, to: { readonly address: Address; readonly now: EpochMs }): Promise<Receipt>;
  /** Optional extra: place a call. Must not throw; never places a second one for one key by itself. */
  call?(order: CallOrder): Promise<CallReceipt>;
  /** What became of a call whose placing ended `unknown`; null: the peer knows of none. Throws AppError when it cannot be asked now. */
  findCall?(key: string, placedAt: EpochMs): Promise<DeliveryReport | null>;
  /** Optional extra, with `Capabilities.conference`: three-party calls. */
  readonly conference?: ConferenceCalls;
  /** Optional extra: tell the citizen that somebody is typing. */
  sendTyping?(context: SendContext): Promise<void>;
  /** Optional extra: copy a peer's attachment before it expires. Null when it is gone. */
  fetchAttachment?(attachment: Attachment): Promise<{ readonly bytes: Buffer; readonly name?: string } | null>;
  stop?(): Promise<void>;
}

/** What `channels/<name>/index.ts` exports as `channel`. */
export interface ChannelModule {
  readonly name: string;
  readonly inbound: 'webhook' | 'socket' | 'session';
  readonly capabilities: Capabilities;
  /** Environment variables it reads, for documentation and the settings check. `secret` ones never appear in logs. */
  readonly settings: readonly { readonly name: string; readonly required: boolean; readonly secret: boolean; readonly about: string }[];
  /** Samples for the contract suite. */
  create(options: { readonly env: Readonly<Record<string, string | undefined>>; readonly publicUrl: string; readonly production: boolean; readonly ports: ChannelPorts }): Promise<Channel>;
}
