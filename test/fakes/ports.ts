import { fileTypeFromBuffer } from 'file-type';
import type { Activity, ActivityContent, Attachment, EpochMs, ExternalId, InboundActivity, Role } from '../../src/domain/activity.ts';
import type { ChannelPorts, ChannelState, LiveEvent, MediaStore } from '../../src/channel/contract.ts';
import { AppError } from '../../src/domain/errors.ts';
import type { JsonValue } from '../../src/domain/json.ts';

/**
 * `ChannelPorts` in memory, for channel tests. It keeps the promises of the contract that a channel can observe:
 * once-only by (channel, externalId), seq without gaps, one conversation an address, subscribers told after the commit.
 */

export interface FakeConversation {
  readonly id: string;
  readonly channel: string;
  readonly address: string;
  readonly activities: Activity[];
}

export interface SayOptions {
  readonly role?: Exclude<Role, 'citizen'>;
  readonly seatId?: string;
  readonly replyToId?: string;
  readonly externalId?: ExternalId;
}

export interface FakePorts extends ChannelPorts {
  /** Accepted inbound activities, oldest first; duplicates are not in it. */
  readonly received: readonly InboundActivity[];
  /** How often `receive` answered `duplicate`. */
  readonly duplicates: () => number;
  /** Every openConversation call that really opened one. */
  readonly opened: readonly Pick<InboundActivity, 'channel' | 'address' | 'modality' | 'locale' | 'identity'>[];
  readonly typed: readonly { readonly conversationId: string; readonly role: Role }[];
  /** Reasons told to `refused`, oldest first. */
  readonly refusals: readonly string[];
  readonly logged: readonly { readonly level: 'info' | 'warn' | 'error'; readonly facts: object; readonly text: string }[];
  readonly conversations: ReadonlyMap<string, FakeConversation>;
  /** Live subscriptions of a conversation: 0 after everything was closed. */
  subscribers(conversationId: string): number;
  /** Appends an outgoing activity and tells the subscribers, as the turn's commit would. */
  say(conversationId: string, content: ActivityContent, options?: SayOptions): Activity;
  /** What the core does when a seat or the bot types. */
  type(conversationId: string, role: 'bot' | 'seat' | 'citizen'): void;
  /** The next `receive` rejects with this error once. */
  failNextReceive(error: Error): void;
}

export interface FakePortsOptions {
  readonly now: () => EpochMs;
  /** Bytes above which `media.save` refuses; 10 MiB unless told. */
  readonly mediaLimitBytes?: number;
}

export function createFakePorts(options: FakePortsOptions): FakePorts {
  const conversations = new Map<string, FakeConversation>();
  const byAddress = new Map<string, string>();
  const receipts = new Map<string, { activityId: string; conversationId: string; seq: number }>();
  const listeners = new Map<string, Set<(event: LiveEvent) => void>>();
  const received: InboundActivity[] = [];
  const opened: FakePorts['opened'][number][] = [];
  const refusals: string[] = [];
  const typed: { conversationId: string; role: Role }[] = [];
  const logged: { level: 'info' | 'warn' | 'error'; facts: object; text: string }[] = [];
  let duplicates = 0;
  let nextActivity = 1;
  let failure: Error | null = null;

  const publish = (conversationId: string, event: LiveEvent): void => {
    for (const listener of listeners.get(conversationId) ?? []) listener(event);
  };

  const conversationAt = (channel: string, address: string): { conversation: FakeConversation; created: boolean } => {
    const key = JSON.stringify([channel, address]);
    const known = conversations.get(byAddress.get(key) ?? '');
    if (known !== undefined) return { conversation: known, created: false };
    const conversation: FakeConversation = { id: `c${conversations.size + 1}`, channel, address, activities: [] };
    conversations.set(conversation.id, conversation);
    byAddress.set(key, conversation.id);
    return { conversation, created: true };
  };

  const append = (
    conversation: FakeConversation,
    part: { direction: 'in' | 'out'; role: Role; content: ActivityContent; externalId: ExternalId | null; seatId: string | null; replyToId: string | null; channelData: JsonValue },
  ): Activity => {
    const activity: Activity = {
      id: `a${nextActivity++}`,
      conversationId: conversation.id,
      seq: conversation.activities.length + 1,
      channel: conversation.channel,
      at: options.now(),
      ...part,
    };
    conversation.activities.push(activity);
    publish(conversation.id, { kind: 'activity', activity });
    return activity;
  };

  const mustHave = (conversationId: string): FakeConversation => {
    const conversation = conversations.get(conversationId);
    if (conversation === undefined) throw new AppError('conversation.not_found', 'no such conversation', { status: 404 });
    return conversation;
  };

  const log = (level: 'info' | 'warn' | 'error') => (facts: object, text: string): void => {
    logged.push({ level, facts, text });
  };

  return {
    now: options.now,
    log: { info: log('info'), warn: log('warn'), error: log('error') },
    refused: (reason) => void refusals.push(reason),
    receive: async (inbound) => {
      if (failure !== null) {
        const error = failure;
        failure = null;
        throw error;
      }
      const key = inbound.externalId === null ? null : JSON.stringify([inbound.channel, inbound.externalId]);
      const before = key === null ? undefined : receipts.get(key);
      if (before !== undefined) {
        duplicates += 1;
        return { status: 'duplicate', ...before };
      }
      const { conversation } = conversationAt(inbound.channel, inbound.address);
      received.push(inbound);
      const activity = append(conversation, {
        direction: 'in',
        role: 'citizen',
        content: inbound.content,
        externalId: inbound.externalId,
        seatId: null,
        replyToId: null,
        channelData: inbound.channelData ?? null,
      });
      const receipt = { activityId: activity.id, conversationId: conversation.id, seq: activity.seq };
      if (key !== null) receipts.set(key, receipt);
      return { status: 'accepted', ...receipt };
    },
    openConversation: async (inbound) => {
      const { conversation, created } = conversationAt(inbound.channel, inbound.address);
      if (created) opened.push(inbound);
      return { conversationId: conversation.id, created };
    },
    findConversation: async (channel, address) => {
      const id = byAddress.get(JSON.stringify([channel, address]));
      return id === undefined ? null : { conversationId: id };
    },
    history: async (conversationId, afterSeq, limit) => mustHave(conversationId).activities.filter((activity) => activity.seq > afterSeq).slice(0, limit),
    subscribe: (conversationId, listener) => {
      const set = listeners.get(conversationId) ?? new Set();
      listeners.set(conversationId, set);
      set.add(listener);
      return () => void set.delete(listener);
    },
    announceTyping: (conversationId, role) => {
      typed.push({ conversationId, role });
      publish(conversationId, { kind: 'typing', role });
    },
    state: createMemoryState(options.now),
    media: createMemoryMedia(options.mediaLimitBytes ?? 10 * 1024 * 1024),

    received,
    duplicates: () => duplicates,
    opened,
    typed,
    refusals,
    logged,
    conversations,
    subscribers: (conversationId) => listeners.get(conversationId)?.size ?? 0,
    say: (conversationId, content, said = {}) =>
      append(mustHave(conversationId), {
        direction: 'out',
        role: said.role ?? 'bot',
        content,
        externalId: said.externalId ?? null,
        seatId: said.seatId ?? null,
        replyToId: said.replyToId ?? null,
        channelData: null,
      }),
    type: (conversationId, role) => publish(conversationId, { kind: 'typing', role }),
    failNextReceive: (error) => {
      failure = error;
    },
  };
}

/** `ChannelState` in memory; `update` is atomic because nothing awaits inside it. */
export function createMemoryState(now: () => EpochMs): ChannelState {
  const values = new Map<string, { value: string; expiresAt: EpochMs | null }>();
  const read = (key: string): string | null => {
    const found = values.get(key);
    if (found === undefined || (found.expiresAt !== null && found.expiresAt <= now())) return null;
    return found.value;
  };
  return {
    get: async (key) => read(key),
    put: async (key, value, expiresAt) => {
      values.set(key, { value, expiresAt });
    },
    update: async (key, change) => {
      const next = change(read(key));
      values.set(key, next);
      return next.value;
    },
  };
}

/** `MediaStore` in memory. The token doubles as the media id here; the real store keeps them apart. */
export function createMemoryMedia(limitBytes: number): MediaStore {
  const kept = new Map<string, { attachment: Attachment; bytes: Buffer }>();
  return {
    save: async (bytes, name) => {
      if (bytes.length > limitBytes) throw new AppError('media.too_large', 'attachment above the size limit', { status: 413 });
      const type = await fileTypeFromBuffer(bytes);
      if (type === undefined) throw new AppError('media.type_refused', 'attachment type not recognised', { status: 415 });
      const token = `t${kept.size + 1}`;
      const attachment: Attachment = { contentType: type.mime, ...(name === undefined ? {} : { name }), url: `media:${token}`, sizeBytes: bytes.length };
      kept.set(token, { attachment, bytes });
      return attachment;
    },
    open: async (token) => kept.get(token) ?? null,
    publicUrl: (url) => {
      if (!url.startsWith('media:')) return url;
      const token = url.slice('media:'.length);
      return `/media/${token}/${encodeURIComponent(kept.get(token)?.attachment.name ?? 'file')}`;
    },
  };
}
