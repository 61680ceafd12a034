import type { EpochMs } from '../../domain/activity.ts';
import type { ChannelModule, Hook, HookReading, HookReply, Notification, RawRequest, Receipt } from '../contract.ts';
import { offHooks } from '../voice/telephone.ts';
import { BODY_LIMIT_BYTES, TEXT_MESSAGES } from './hear.ts';
import type { Env } from './settings.ts';

/** The channel of one vendor of text messages: reports and replies are pushed to two addresses, notifications go out by its API. */

export interface SmsVendor<Config extends object> {
  readonly name: string;
  /** `<path>/report` and `<path>/reply` take what the vendor pushes. */
  readonly path: `/hooks/${string}`;
  readonly settings: ChannelModule['settings'];
  /** @throws AppError `settings.invalid` */
  readonly read: (env: Env, production: boolean) => Config | { readonly missing: readonly string[] };
  readonly readReports: (config: Config, request: RawRequest) => HookReading;
  readonly readReplies: (config: Config, request: RawRequest) => HookReading;
  /** What tells the vendor that it need not push again. */
  readonly reply: HookReply;
  /** @throws AppError `sms.no_answer` where nobody knows whether it was taken */
  readonly send: (config: Config, notification: Notification, to: string, now: EpochMs) => Promise<Receipt>;
}

export function smsModule<Config extends object>({ name, path, settings, read, readReports, readReplies, reply, send }: SmsVendor<Config>): ChannelModule {
  const reports = { method: 'POST', path: `${path}/report`, bodyLimitBytes: BODY_LIMIT_BYTES, patienceMs: 0 } as const;
  const replies = { ...reports, path: `${path}/reply` } as const;
  return {
    name,
    inbound: 'webhook',
    capabilities: TEXT_MESSAGES,
    settings,
    create: async ({ env, production }) => {
      const config = read(env, production);
      if ('missing' in config) return { name, capabilities: TEXT_MESSAGES, status: { state: 'off', missing: config.missing }, hooks: offHooks([reports, replies]) };
      const hooks: readonly Hook[] = [
        { ...reports, read: (request) => readReports(config, request), encodeReply: () => reply },
        { ...replies, read: (request) => readReplies(config, request), encodeReply: () => reply },
      ];
      return { name, capabilities: TEXT_MESSAGES, status: { state: 'on' }, hooks, notify: (notification, { address, now }) => send(config, notification, address, now) };
    },
  };
}
