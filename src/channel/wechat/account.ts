import { asExternalId, type Attachment, type EpochMs, type ExternalId, type InboundActivity } from '../../domain/activity.ts';
import { AppError } from '../../domain/errors.ts';
import type { Channel, ChannelPorts, Hook, HookReading, HookReply } from '../contract.ts';
import { parseAddress } from './address.ts';
import type { WechatClient } from './client.ts';
import { readMediaUrl } from './push.ts';
import type { Settings } from './settings.ts';
import { BODY_LIMIT_BYTES, verifyUrlCheck } from './verify.ts';

/** What the channels of all WeChat accounts have in common: the URL check, being off, typing, and files that citizens send. */

const TEXT_PLAIN = 'text/plain; charset=utf-8';

/** WeChat's word for "taken": it stops resending. Never encrypted. */
export const SUCCESS: HookReply = { status: 200, contentType: TEXT_PLAIN, body: 'success' };

/** Settings that were meant for a developer's machine. */
export function warnInProduction(settings: Settings, plainAsked: boolean, ports: Pick<ChannelPorts, 'log'>): void {
  if (plainAsked) ports.log.warn({ setting: 'WECHAT_ALLOW_PLAIN' }, 'plain pushes are refused in production');
  const base = new URL(settings.apiBase);
  if (base.protocol === 'http:' && !['127.0.0.1', 'localhost', '[::1]'].includes(base.hostname)) ports.log.warn({ setting: 'WECHAT_API_BASE' }, 'the AppSecret goes to the WeChat API without TLS');
}

/** Says which setting is missing and accepts nothing. */
export function offChannel(given: { readonly name: string; readonly path: Hook['path']; readonly capabilities: Channel['capabilities']; readonly missing: readonly string[] }): Channel {
  const { name, path, capabilities, missing } = given;
  const reply: HookReply = { status: 503, contentType: TEXT_PLAIN, body: `channel off, missing settings: ${missing.join(', ')}` };
  const hook = (method: 'GET' | 'POST'): Hook => ({ method, path, bodyLimitBytes: BODY_LIMIT_BYTES, patienceMs: 0, read: () => ({ kind: 'reply', reply }), encodeReply: () => reply });
  return { name, capabilities, status: { state: 'off', missing }, hooks: [hook('GET'), hook('POST')], send: async () => ({ status: 'failed', code: 'wechat.off', fallback: true }) };
}

/** The check that follows saving the push settings. */
export function urlCheckHook(path: Hook['path'], settings: Settings): Hook {
  return {
    method: 'GET',
    path,
    bodyLimitBytes: BODY_LIMIT_BYTES,
    patienceMs: 0,
    read: (request, now): HookReading => {
      const checked = verifyUrlCheck(request, now, settings);
      if (!checked.ok) return { kind: 'refused', status: checked.status, reason: checked.reason };
      return { kind: 'reply', reply: { status: 200, contentType: TEXT_PLAIN, body: checked.echo, headers: { 'x-content-type-options': 'nosniff' } } };
    },
    encodeReply: () => SUCCESS,
  };
}

/**
 * A plain push signs its timestamp and nonce but not its body, so whoever saw one could send other words under the same
 * signature. Within the window the first message under a signature gives its key to all others: intake then finds a
 * duplicate and gives the stored answer. Development only (production refuses plain pushes), hence memory will do; the
 * result for one request stays the same however often it is read.
 */
export function createReplayGuard(windowMs: number): (once: string, activity: InboundActivity, now: EpochMs) => InboundActivity {
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

/** Absolute public address of an attachment's url. */
export function absoluteUrls(publicUrl: string, ports: Pick<ChannelPorts, 'media'>): (url: string) => string {
  const base = publicUrl.replace(/\/+$/, '');
  return (url) => {
    const shown = ports.media.publicUrl(url);
    return shown.startsWith('/') ? `${base}${shown}` : shown;
  };
}

/** Best effort: WeChat shows it only within 30 s of the citizen's message, and every refusal is of no importance. */
export async function sendTyping(client: WechatClient, context: Parameters<NonNullable<Channel['sendTyping']>>[0]): Promise<void> {
  const peer = parseAddress(context.address);
  const written = context.lastMessageAt ?? context.lastInboundAt;
  if (peer === null || written === null || context.now - written > 30_000) return;
  await client.call('/cgi-bin/message/custom/typing', { touser: peer.openid, command: 'Typing' });
}

/** The bytes of what a citizen sent: by media id first, then by its public address on a host of WeChat. Null when it is gone. */
export async function fetchMedia(client: WechatClient, settings: Settings, attachment: Attachment): Promise<{ readonly bytes: Buffer } | null> {
  const source = readMediaUrl(attachment.url);
  if (source === null) return null;
  const { mediaId } = source;
  const first = mediaId === null ? { kind: 'gone' as const } : await client.download(mediaId);
  if (first.kind === 'bytes') return { bytes: first.bytes };
  if (first.kind === 'too-large') throw tooLarge();
  // A video is not given but told where it lies.
  const picUrl = first.kind === 'answer' && first.body.video_url !== undefined && URL.canParse(first.body.video_url) ? first.body.video_url : source.picUrl;
  const second = picUrl === null || !isMediaHost(picUrl, settings) ? null : await client.fetchPublic(picUrl);
  if (second?.kind === 'bytes') return { bytes: second.bytes };
  if (second?.kind === 'too-large') throw tooLarge();
  if (first.kind === 'gone' && (second === null || second.kind === 'gone')) return null;
  throw new AppError('wechat.media_unreachable', 'the file could not be fetched now', { status: 502, retry: 'later' });
}

function tooLarge(): AppError {
  return new AppError('media.too_large', 'the picture is above WECHAT_MEDIA_MAX_BYTES', { status: 413 });
}

/** An address in a push is the peer's word; only hosts that serve WeChat's media are asked, or the stand-in of the API itself. */
function isMediaHost(url: string, settings: Settings): boolean {
  const { hostname, host } = new URL(url);
  if (host === new URL(settings.apiBase).host) return true;
  return settings.picHosts.some((suffix) => hostname === suffix || hostname.endsWith(`.${suffix}`));
}
