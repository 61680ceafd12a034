import type { Channel, ChannelModule, ChannelPorts, Hook, HookReading } from '../../src/channel/contract.ts';
import { absoluteUrls, createReplayGuard, fetchMedia, offChannel, sendTyping, SUCCESS, urlCheckHook, warnInProduction } from '../../src/channel/wechat/account.ts';
import { createClient } from '../../src/channel/wechat/client.ts';
import { createNotify } from '../../src/channel/wechat/notify.ts';
import { createQuota, MESSAGE_GRANT } from '../../src/channel/wechat/quota.ts';
import { createSender } from '../../src/channel/wechat/send.ts';
import { readTold } from '../../src/channel/wechat/subscriptions.ts';
import { BODY_LIMIT_BYTES, verifyPush } from '../../src/channel/wechat/verify.ts';
import { readConfiguration, SETTINGS, type MiniProgramSettings } from './config.ts';
import { CHANNEL_NAME, decodePush } from './decode.ts';

/** The customer chat of a WeChat mini-program: pushes come in, answers go out by API. See README.md. */

const PATH = '/hooks/wechat/miniprogram';

const capabilities: Channel['capabilities'] = {
  modality: 'text',
  textLimit: 2048,
  textLimitUnit: 'bytes',
  choices: 'numbered',
  maxChoices: 20,
  attachmentsOut: true,
  links: 'clickable',
  typing: true,
  mergeTexts: true,
  delivery: 'push',
  replyWindowMs: MESSAGE_GRANT.windowMs,
  proactive: false,
};

export const channel: ChannelModule = {
  name: CHANNEL_NAME,
  inbound: 'webhook',
  capabilities,
  settings: SETTINGS,
  create: async ({ env, publicUrl, production, ports }) => {
    const configuration = readConfiguration(env, production);
    if (configuration.state === 'off') return offChannel({ name: CHANNEL_NAME, path: PATH, capabilities, missing: configuration.missing });
    if (production) warnInProduction(configuration.settings, env['WECHAT_ALLOW_PLAIN'] === 'true', ports);
    return onChannel(configuration.settings, publicUrl, ports);
  },
};

function onChannel(settings: MiniProgramSettings, publicUrl: string, ports: ChannelPorts): Channel {
  const client = createClient(settings, ports);
  return {
    name: CHANNEL_NAME,
    capabilities: { ...capabilities, textLimit: settings.textLimitBytes },
    status: { state: 'on' },
    hooks: [urlCheckHook(PATH, settings), pushHook(settings)],
    send: createSender({ settings, client, quota: createQuota(ports.state), ports, encode: { publicUrl: absoluteUrls(publicUrl, ports), account: 'mini-program' } }),
    ...(Object.keys(settings.templates).length === 0 ? {} : { notify: createNotify({ client, state: ports.state, templates: settings.templates, way: settings.way }) }),
    ...(settings.typing ? { sendTyping: (context) => sendTyping(client, context) } : {}),
    fetchAttachment: (attachment) => fetchMedia(client, settings, attachment),
    stop: () => client.close(),
  };
}

function pushHook(settings: MiniProgramSettings): Hook {
  const guardPlain = createReplayGuard(settings.windowMs);
  return {
    method: 'POST',
    path: PATH,
    bodyLimitBytes: BODY_LIMIT_BYTES,
    patienceMs: 0,
    read: (request, now): HookReading => {
      const push = verifyPush(request, now, settings);
      if (!push.ok) return { kind: 'refused', status: push.status, reason: push.reason };
      const told = readTold(push, settings.templates);
      if (told !== null) return { kind: 'told', told, reply: SUCCESS };
      const decoded = decodePush(push, settings);
      if (decoded === null) return { kind: 'refused', status: 400, reason: 'malformed' };
      const activity = push.mode === 'plain' ? guardPlain(push.once, decoded, now) : decoded;
      return { kind: 'inbound', activities: [activity], answerWhen: 'stored' };
    },
    // Answered as soon as it is stored; the bot's words go by API, whatever the outcome says.
    encodeReply: () => SUCCESS,
  };
}
