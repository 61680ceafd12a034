import type { ChannelModule, Hook } from '../../src/channel/contract.ts';
import { BODY_LIMIT_BYTES, TEXT_MESSAGES } from '../../src/channel/sms/hear.ts';
import { offHooks } from '../../src/channel/voice/telephone.ts';
import { readConfig, settings } from './config.ts';
import { CHANNEL_NAME, readReplies, readReports, REPLY } from './decode.ts';
import { send } from './send.ts';

/** Text messages by Tencent Cloud: see README.md. */
export const channel: ChannelModule = {
  name: CHANNEL_NAME,
  inbound: 'webhook',
  capabilities: TEXT_MESSAGES,
  settings,
  create: async ({ env, production }) => {
    const config = readConfig(env, production);
    if ('missing' in config) return { name: CHANNEL_NAME, capabilities: TEXT_MESSAGES, status: { state: 'off', missing: config.missing }, hooks: offHooks([REPORTS, REPLIES]) };
    const hooks: readonly Hook[] = [
      { ...REPORTS, read: (request) => readReports(config, request), encodeReply: () => REPLY },
      { ...REPLIES, read: (request) => readReplies(config, request), encodeReply: () => REPLY },
    ];
    return {
      name: CHANNEL_NAME, capabilities: TEXT_MESSAGES, status: { state: 'on' }, hooks,
      notify: (notification, { address, now }) => send(config, notification, address, now),
    };
  },
};

const REPORTS = { method: 'POST', path: '/hooks/sms/tencent/report', bodyLimitBytes: BODY_LIMIT_BYTES, patienceMs: 0 } as const;
const REPLIES = { method: 'POST', path: '/hooks/sms/tencent/reply', bodyLimitBytes: BODY_LIMIT_BYTES, patienceMs: 0 } as const;
