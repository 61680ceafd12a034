import type { EpochMs, InboundActivity } from '../../domain/activity.ts';
import type { Capabilities, Channel, ChannelModule, ChannelPorts, Hook, HookReading, RawRequest } from '../contract.ts';
import { absoluteUrls, createReplayGuard, fetchMedia, offChannel, sendTyping, SUCCESS, urlCheckHook, warnInProduction } from './account.ts';
import { createClient } from './client.ts';
import type { EncodeOptions } from './encode.ts';
import { createNotify, type NoticeWay } from './notify.ts';
import { createQuota, MESSAGE_GRANT, type ActGrant } from './quota.ts';
import { createSender } from './send.ts';
import type { Env, Settings } from './settings.ts';
import { readTold } from './subscriptions.ts';
import type { WechatTemplates } from './templates.ts';
import { BODY_LIMIT_BYTES, verifyPush, type VerifiedPush } from './verify.ts';

/** The chat of a WeChat account, whatever kind of account it is: a kind says what is its own, the rest is put together here. */

/** What the chat of every account can do; how an answer goes out is the kind's. */
export const WECHAT_CHAT = {
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
} as const satisfies Capabilities;

/** An account that may also write to who does not write. */
export interface AccountSettings extends Settings {
  readonly templates: WechatTemplates;
  readonly way: NoticeWay;
}

export type AccountConfiguration = { readonly state: 'on'; readonly settings: AccountSettings } | { readonly state: 'off'; readonly missing: readonly string[] };

export interface AccountKind {
  readonly name: string;
  readonly path: Hook['path'];
  readonly account: EncodeOptions['account'];
  readonly capabilities: Capabilities;
  readonly settings: ChannelModule['settings'];
  /** @throws AppError `settings.invalid` */
  readonly read: (env: Env, production: boolean) => AccountConfiguration;
  /** What an act other than a message pays for. */
  readonly grant: ActGrant;
  readonly pushes: (settings: AccountSettings, ports: ChannelPorts) => Pick<Hook, 'patienceMs' | 'read' | 'encodeReply'>;
}

export function accountModule(kind: AccountKind): ChannelModule {
  const { name, path, capabilities } = kind;
  return {
    name,
    inbound: 'webhook',
    capabilities,
    settings: kind.settings,
    create: async ({ env, publicUrl, production, ports }) => {
      const configuration = kind.read(env, production);
      if (configuration.state === 'off') return offChannel({ name, path, capabilities, missing: configuration.missing });
      if (production) warnInProduction(configuration.settings, env['WECHAT_ALLOW_PLAIN'] === 'true', ports);
      return onChannel(kind, configuration.settings, publicUrl, ports);
    },
  };
}

function onChannel({ name, path, account, capabilities, grant, pushes }: AccountKind, settings: AccountSettings, publicUrl: string, ports: ChannelPorts): Channel {
  const client = createClient(settings, ports);
  return {
    name,
    capabilities: { ...capabilities, textLimit: settings.textLimitBytes },
    status: { state: 'on' },
    hooks: [urlCheckHook(path, settings), { method: 'POST', path, bodyLimitBytes: BODY_LIMIT_BYTES, ...pushes(settings, ports) }],
    send: createSender({ settings, client, quota: createQuota(ports.state, grant), ports, encode: { publicUrl: absoluteUrls(publicUrl, ports), account } }),
    ...(Object.keys(settings.templates).length === 0 ? {} : { notify: createNotify({ client, state: ports.state, templates: settings.templates, way: settings.way }) }),
    ...(settings.typing ? { sendTyping: (context) => sendTyping(client, context) } : {}),
    fetchAttachment: (attachment) => fetchMedia(client, settings, attachment),
    stop: () => client.close(),
  };
}

/** Either the answer, or a push of a citizen and what it says. */
export type Opened = { readonly reading: HookReading } | { readonly push: VerifiedPush; readonly activity: InboundActivity };

/** Checks and opens a push; what WeChat tells of notifications is answered here, and a plain push counts once only. */
export function createPushReader(settings: AccountSettings, decode: (push: VerifiedPush, settings: AccountSettings) => InboundActivity | null): (request: RawRequest, now: EpochMs) => Opened {
  const guardPlain = createReplayGuard(settings.windowMs);
  return (request, now) => {
    const push = verifyPush(request, now, settings);
    if (!push.ok) return { reading: { kind: 'refused', status: push.status, reason: push.reason } };
    const told = readTold(push, settings.templates);
    if (told !== null) return { reading: { kind: 'told', told, reply: SUCCESS } };
    const decoded = decode(push, settings);
    if (decoded === null) return { reading: { kind: 'refused', status: 400, reason: 'malformed' } };
    return { push, activity: push.mode === 'plain' ? guardPlain(push.once, decoded, now) : decoded };
  };
}
