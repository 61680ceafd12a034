import { parseArgs } from 'node:util';
import { DEMO_API_PORT, DEMO_WECHAT, DEMO_WECHAT_OFFICIAL } from './demo-settings.ts';
import type { PeerCredentials, PushFormat, PushMode } from './wechat-peer.ts';

/** Arguments of the WeChat simulator. */
/** Which of our accounts is talked to. */
export type WechatAccount = 'mini-program' | 'official';

/** Where an account's pushes go and how its settings are called. */
export const ACCOUNTS = {
  'mini-program': { hook: '/hooks/wechat/miniprogram', prefix: 'WECHAT_', id: 'gh_simulator', demo: { APPID: DEMO_WECHAT.WECHAT_APPID, SECRET: DEMO_WECHAT.WECHAT_SECRET, TOKEN: DEMO_WECHAT.WECHAT_TOKEN, AES_KEY: DEMO_WECHAT.WECHAT_AES_KEY } },
  official: { hook: '/hooks/wechat/official', prefix: 'WECHAT_MP_', id: 'gh_simulator_mp', demo: { APPID: DEMO_WECHAT_OFFICIAL.WECHAT_MP_APPID, SECRET: DEMO_WECHAT_OFFICIAL.WECHAT_MP_SECRET, TOKEN: DEMO_WECHAT_OFFICIAL.WECHAT_MP_TOKEN, AES_KEY: DEMO_WECHAT_OFFICIAL.WECHAT_MP_AES_KEY } },
} as const;

export interface WechatArguments {
  readonly of: WechatAccount;
  readonly help: boolean;
  readonly printEnv: boolean;
  readonly json: boolean;
  /** Without a trailing slash. */
  readonly url: string;
  readonly apiPort: number;
  readonly mode: PushMode;
  readonly format: PushFormat;
  readonly openid: string;
  readonly account: string;
  readonly waitMs: number;
  readonly credentials: PeerCredentials;
  readonly secret: string;
}

const MODES = ['safe', 'compatible', 'plain'] as const;
const FORMATS = ['xml', 'json'] as const;

/** The arguments, or one sentence on what is wrong with them. */
export function readArguments(argv: readonly string[], env: Readonly<Record<string, string | undefined>>, of: WechatAccount = 'mini-program'): WechatArguments | string {
  const { prefix, demo, id } = ACCOUNTS[of];
  let values;
  try {
    ({ values } = parseArgs({
      args: [...argv],
      options: {
        url: { type: 'string', default: 'http://127.0.0.1:3000' },
        'api-port': { type: 'string', default: String(DEMO_API_PORT) },
        mode: { type: 'string', default: 'safe' },
        format: { type: 'string', default: 'xml' },
        openid: { type: 'string', default: 'oSimulator00000000000000001' },
        account: { type: 'string', default: id },
        wait: { type: 'string', default: '5' },
        'print-env': { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  const mode = MODES.find((known) => known === values.mode);
  const format = FORMATS.find((known) => known === values.format);
  const apiPort = /^\d{1,5}$/.test(values['api-port']) ? Number(values['api-port']) : Number.NaN;
  const wait = /^\d{1,4}(\.\d+)?$/.test(values.wait) ? Number(values.wait) : Number.NaN;
  const setting = (name: keyof typeof demo): string => env[`${prefix}${name}`]?.trim() || demo[name];
  if (!URL.canParse(values.url) || !/^https?:/.test(values.url)) return `--url ${values.url} 不是网址`;
  if (mode === undefined) return `--mode 只能是 ${MODES.join('、')}`;
  if (format === undefined) return `--format 只能是 ${FORMATS.join('、')}`;
  if (!(apiPort <= 65_535)) return '--api-port 要是 0 到 65535 的整数';
  if (Number.isNaN(wait)) return '--wait 要是秒数';
  if (!/^o[\w-]{5,}$/.test(values.openid)) return '--openid 以 o 开头，由字母、数字、_ 和 - 组成';
  if (setting('AES_KEY').length !== 43) return `${prefix}AES_KEY 要恰好 43 个字符`;
  return {
    of,
    help: values.help,
    printEnv: values['print-env'],
    json: values.json,
    url: values.url.replace(/\/+$/, ''),
    apiPort,
    mode,
    format,
    openid: values.openid,
    account: values.account,
    waitMs: wait * 1000,
    credentials: { appId: setting('APPID'), token: setting('TOKEN'), aesKey: setting('AES_KEY') },
    secret: setting('SECRET'),
  };
}
