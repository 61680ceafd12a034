import type { ChannelPorts, ChannelState } from '../channel/contract.ts';
import type { EpochMs } from '../domain/activity.ts';
import { writeUnit, type IntakeContext } from './context.ts';
import type { Limiter } from './limiter.ts';
import { findOrOpen, receive } from './receive.ts';

/** What the core lends to one channel. Values of `state` are sealed by the store. */
export function createPorts(context: IntakeContext, channel: string, limiter: Limiter): ChannelPorts {
  return {
    now: context.now,
    log: context.log,
    refused: (reason, requestId) => {
      context.meter.count('refused', { channel, reason });
      context.log.warn({ channel, reason, requestId }, 'webhook refused');
    },
    receive: async (inbound) => {
      // Signed peers resend what is refused; only the open web is slowed down here.
      if (context.channel(inbound.channel)?.plugin !== undefined) limiter.take(`${inbound.channel}:${inbound.address}`);
      return receive(context, inbound);
    },
    openConversation: (inbound) =>
      writeUnit(context, async (unit) => {
        const { conversation, created } = await findOrOpen(context, unit.repos, inbound);
        if (created) unit.after.push({ kind: 'conversation', conversationId: conversation.id });
        return { conversationId: conversation.id, created };
      }),
    findConversation: async (name, address) => {
      const found = await context.store.read((repos) => repos.conversations.findByAddress(name, address));
      return found === null ? null : { conversationId: found.id };
    },
    history: (conversationId, afterSeq, limit) => context.store.read((repos) => repos.activities.after(conversationId, afterSeq, limit)),
    subscribe: (conversationId, listener) => context.live.subscribe(conversationId, listener),
    announceTyping: (conversationId, role) => {
      if (context.storm?.givesUp('typing') !== true) context.live.publish(conversationId, { kind: 'typing', role });
    },
    state: createState(context, channel),
    media: context.media,
  };
}

function createState(context: IntakeContext, channel: string): ChannelState {
  const now = (): EpochMs => context.now();
  return {
    get: (key) => context.store.read((repos) => repos.channelState.get(channel, key, now())),
    put: (key, value, expiresAt) => context.store.write((repos) => repos.channelState.put(channel, key, value, expiresAt)),
    update: (key, change) =>
      context.store.write(async (repos) => {
        const next = change(await repos.channelState.get(channel, key, now()));
        await repos.channelState.put(channel, key, next.value, next.expiresAt);
        return next.value;
      }),
  };
}
