import { randomBytes, randomInt } from 'node:crypto';
import type { Channel, ChannelModule, ChannelPorts, ConsentChange, Hook, HookOutcome, HookReading, HookReply, RawRequest } from '../../src/channel/contract.ts';
import { absoluteUrls, createReplayGuard, fetchMedia, offChannel, sendTyping, SUCCESS, urlCheckHook, warnInProduction } from '../../src/channel/wechat/account.ts';
import { createClient } from '../../src/channel/wechat/client.ts';
import { createNotify } from '../../src/channel/wechat/notify.ts';
import { createQuota, FOLLOW_GRANT, MESSAGE_GRANT } from '../../src/channel/wechat/quota.ts';
import { createSender } from '../../src/channel/wechat/send.ts';
import { followChange, readTold } from '../../src/channel/wechat/subscriptions.ts';
import { BODY_LIMIT_BYTES, verifyPush, type VerifiedPush } from '../../src/channel/wechat/verify.ts';
import { readConfiguration, SETTINGS, type OfficialSettings } from './config.ts';
import { CHANNEL_NAME, decodePush } from './decode.ts';
import { passiveText } from './passive.ts';

/** The chat of a WeChat official account: pushes come in, the first text goes in the answer to the push, the rest by API. See README.md. */

const PATH = '/hooks/wechat/official';
/** WeChat cuts the connection after 5 s; the rest is for the way there and back. */
const PATIENCE_MS = 4_000;

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
  answersInHook: true,
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

function onChannel(settings: OfficialSettings, publicUrl: string, ports: ChannelPorts): Channel {
  const client = createClient(settings, ports);
  return {
    name: CHANNEL_NAME,
    capabilities: { ...capabilities, textLimit: settings.textLimitBytes },
    status: { state: 'on' },
    hooks: [urlCheckHook(PATH, settings), pushHook(settings, ports)],
    send: createSender({ settings, client, quota: createQuota(ports.state, FOLLOW_GRANT), ports, encode: { publicUrl: absoluteUrls(publicUrl, ports), account: 'official' } }),
    ...(Object.keys(settings.templates).length === 0 ? {} : { notify: createNotify({ client, state: ports.state, templates: settings.templates, way: settings.way }) }),
    ...(settings.typing ? { sendTyping: (context) => sendTyping(client, context) } : {}),
    fetchAttachment: (attachment) => fetchMedia(client, settings, attachment),
    stop: () => client.close(),
  };
}

function pushHook(settings: OfficialSettings, ports: ChannelPorts): Hook {
  const guardPlain = createReplayGuard(settings.windowMs);
  /** What a request turned out to be: its answer is sealed with the same key, and nobody opens it twice. */
  const opened = new WeakMap<RawRequest, VerifiedPush>();
  return {
    method: 'POST',
    path: PATH,
    bodyLimitBytes: BODY_LIMIT_BYTES,
    patienceMs: PATIENCE_MS,
    read: (request, now): HookReading => {
      const push = verifyPush(request, now, settings);
      if (!push.ok) return { kind: 'refused', status: push.status, reason: push.reason };
      const told = readTold(push, settings.templates);
      if (told !== null) return { kind: 'told', told, reply: SUCCESS };
      const decoded = decodePush(push, settings);
      if (decoded === null) return { kind: 'refused', status: 400, reason: 'malformed' };
      opened.set(request, push);
      const activity = push.mode === 'plain' ? guardPlain(push.once, decoded, now) : decoded;
      const { content } = activity;
      // The others make no turn: there is nothing to wait for.
      const speaks = content.type === 'message' || (content.type === 'event' && content.name === 'enter');
      const following = followed(push, settings);
      return { kind: 'inbound', activities: [activity], answerWhen: speaks ? 'turn' : 'stored', ...(following === null ? {} : { told: { reports: [], consents: [following] } }) };
    },
    encodeReply: (request, outcome) => answer(outcome, opened.get(request) ?? verifyPush(request, ports.now(), settings), settings, ports),
  };
}

/** Template messages reach whoever follows the account. */
function followed(push: VerifiedPush, { way, templates }: OfficialSettings): ConsentChange | null {
  if (way.kind !== 'template' || Object.keys(templates).length === 0) return null;
  const event = push.fields.get('MsgType') === 'event' ? push.fields.get('Event') : undefined;
  if (event === 'subscribe') return followChange(push, 'always');
  return event === 'unsubscribe' ? followChange(push, 'never') : null;
}

/** The text that the house gives, else only that we have it. */
function answer({ messages }: HookOutcome, push: ReturnType<typeof verifyPush>, settings: OfficialSettings, ports: Pick<ChannelPorts, 'now'>): HookReply {
  const text = messages[0]?.content.text ?? '';
  if (!push.ok || text === '') return SUCCESS;
  return passiveText(push, text, settings, { random: randomBytes(16), nonce: String(randomInt(100_000_000, 2_000_000_000)), now: ports.now() });
}
