import type { Channel, ChannelModule, ChannelPorts, Hook, HookReading, HookReply } from '../../src/channel/contract.ts';
import { asExternalId, type Attachment, type EpochMs, type ExternalId, type InboundActivity } from '../../src/domain/activity.ts';
import { AppError } from '../../src/domain/errors.ts';
import { parseAddress } from './address.ts';
import { createClient, type WechatClient } from './client.ts';
import { readConfiguration, SETTINGS, type Settings } from './config.ts';
import { CHANNEL_NAME, decodePush, readPictureUrl } from './decode.ts';
import { createQuota, MESSAGE_GRANT } from './quota.ts';
import { createSender } from './send.ts';
import { BODY_LIMIT_BYTES, verifyPush, verifyUrlCheck } from './verify.ts';

/** The customer chat of a WeChat mini-program: pushes come in, answers go out by API. See README.md. */

const PATH = '/hooks/wechat/miniprogram';
const TEXT_PLAIN = 'text/plain; charset=utf-8';

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
    if (configuration.state === 'off') return offChannel(configuration.missing);
    if (production) warnInProduction(configuration.settings, env['WECHAT_ALLOW_PLAIN'] === 'true', ports);
    return onChannel(configuration.settings, publicUrl, ports);
  },
};

/** Settings that were meant for a developer's machine. */
function warnInProduction(settings: Settings, plainAsked: boolean, ports: ChannelPorts): void {
  if (plainAsked) ports.log.warn({ setting: 'WECHAT_ALLOW_PLAIN' }, 'plain pushes are refused in production');
  const base = new URL(settings.apiBase);
  if (base.protocol === 'http:' && !['127.0.0.1', 'localhost', '[::1]'].includes(base.hostname)) ports.log.warn({ setting: 'WECHAT_API_BASE' }, 'the AppSecret goes to the WeChat API without TLS');
}

/** Says which setting is missing and accepts nothing. */
function offChannel(missing: readonly string[]): Channel {
  const reply: HookReply = { status: 503, contentType: TEXT_PLAIN, body: `channel off, missing settings: ${missing.join(', ')}` };
  const hook = (method: 'GET' | 'POST'): Hook => ({ method, path: PATH, bodyLimitBytes: BODY_LIMIT_BYTES, patienceMs: 0, read: () => ({ kind: 'reply', reply }), encodeReply: () => reply });
  return {
    name: CHANNEL_NAME,
    capabilities,
    status: { state: 'off', missing },
    hooks: [hook('GET'), hook('POST')],
    send: async () => ({ status: 'failed', code: 'wechat.off', fallback: true }),
  };
}

function onChannel(settings: Settings, publicUrl: string, ports: ChannelPorts): Channel {
  const client = createClient(settings, ports);
  const base = publicUrl.replace(/\/+$/, '');
  const absolute = (url: string): string => {
    const shown = ports.media.publicUrl(url);
    return shown.startsWith('/') ? `${base}${shown}` : shown;
  };
  return {
    name: CHANNEL_NAME,
    capabilities: { ...capabilities, textLimit: settings.textLimitBytes },
    status: { state: 'on' },
    hooks: [urlCheckHook(settings), pushHook(settings)],
    send: createSender({ settings, client, quota: createQuota(ports.state), ports, encode: { publicUrl: absolute } }),
    ...(settings.typing ? { sendTyping: (context) => sendTyping(client, context) } : {}),
    fetchAttachment: (attachment) => fetchPicture(client, settings, attachment),
    stop: () => client.close(),
  };
}

function urlCheckHook(settings: Settings): Hook {
  return {
    method: 'GET',
    path: PATH,
    bodyLimitBytes: BODY_LIMIT_BYTES,
    patienceMs: 0,
    read: (request, now): HookReading => {
      const checked = verifyUrlCheck(request, now, settings);
      if (!checked.ok) return { kind: 'refused', status: checked.status, reason: checked.reason };
      return { kind: 'reply', reply: { status: 200, contentType: TEXT_PLAIN, body: checked.echo, headers: { 'x-content-type-options': 'nosniff' } } };
    },
    encodeReply: () => success,
  };
}

/** WeChat's word for "taken": it stops resending. Never encrypted. */
const success: HookReply = { status: 200, contentType: TEXT_PLAIN, body: 'success' };

function pushHook(settings: Settings): Hook {
  const guardPlain = createReplayGuard(settings.windowMs);
  return {
    method: 'POST',
    path: PATH,
    bodyLimitBytes: BODY_LIMIT_BYTES,
    patienceMs: 0,
    read: (request, now): HookReading => {
      const push = verifyPush(request, now, settings);
      if (!push.ok) return { kind: 'refused', status: push.status, reason: push.reason };
      const decoded = decodePush(push, settings);
      if (decoded === null) return { kind: 'refused', status: 400, reason: 'malformed' };
      const activity = push.mode === 'plain' ? guardPlain(push.once, decoded, now) : decoded;
      return { kind: 'inbound', activities: [activity], answerWhen: 'stored' };
    },
    // Answered as soon as it is stored; the bot's words go by API, whatever the outcome says.
    encodeReply: () => success,
  };
}

/**
 * A plain push signs its timestamp and nonce but not its body, so whoever saw one could send other words under the same
 * signature. Within the window the first message under a signature gives its key to all others: intake then finds a
 * duplicate and gives the stored answer. Development only (production refuses plain pushes), hence memory will do; the
 * result for one request stays the same however often it is read.
 */
function createReplayGuard(windowMs: number): (once: string, activity: InboundActivity, now: EpochMs) => InboundActivity {
  const seen = new Map<string, { readonly externalId: ExternalId | null; readonly at: EpochMs }>();
  return (once, activity, now) => {
    for (const [key, entry] of seen) {
      // Oldest first; a timestamp may lie a window ahead of our clock as well as behind it.
      if (now - entry.at <= 2 * windowMs && seen.size < 10_000) break;
      seen.delete(key);
    }
    const first = seen.get(once);
    if (first === undefined) {
      seen.set(once, { externalId: activity.externalId, at: now });
      return activity;
    }
    return { ...activity, externalId: first.externalId === null ? null : asExternalId(first.externalId) };
  };
}

/** Best effort: WeChat shows it only within 30 s of the citizen's message, and every refusal is of no importance. */
async function sendTyping(client: WechatClient, context: Parameters<NonNullable<Channel['sendTyping']>>[0]): Promise<void> {
  const peer = parseAddress(context.address);
  const written = context.lastMessageAt ?? context.lastInboundAt;
  if (peer === null || written === null || context.now - written > 30_000) return;
  await client.call('/cgi-bin/message/custom/typing', { touser: peer.openid, command: 'Typing' });
}

/** The picture's bytes: by media id first, then by its public address on a host of WeChat. Null when it is gone. */
async function fetchPicture(client: WechatClient, settings: Settings, attachment: Attachment): Promise<{ readonly bytes: Buffer } | null> {
  const source = readPictureUrl(attachment.url);
  if (source === null) return null;
  const { mediaId, picUrl } = source;
  const first = mediaId === null ? { kind: 'gone' as const } : await client.download(mediaId);
  if (first.kind === 'bytes') return { bytes: first.bytes };
  if (first.kind === 'too-large') throw tooLarge();
  const second = picUrl === null || !isPictureHost(picUrl, settings) ? null : await client.fetchPublic(picUrl);
  if (second?.kind === 'bytes') return { bytes: second.bytes };
  if (second?.kind === 'too-large') throw tooLarge();
  if (first.kind === 'gone' && (second === null || second.kind === 'gone')) return null;
  throw new AppError('wechat.media_unreachable', 'the picture could not be fetched now', { status: 502, retry: 'later' });
}

function tooLarge(): AppError {
  return new AppError('media.too_large', 'the picture is above WECHAT_MEDIA_MAX_BYTES', { status: 413 });
}

/** A PicUrl is the peer's word; only hosts that serve WeChat's pictures are asked, or the stand-in of the API itself. */
function isPictureHost(url: string, settings: Settings): boolean {
  const { hostname, host } = new URL(url);
  if (host === new URL(settings.apiBase).host) return true;
  return settings.picHosts.some((suffix) => hostname === suffix || hostname.endsWith(`.${suffix}`));
}
