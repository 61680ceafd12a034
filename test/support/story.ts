import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import type { CallSim } from '../../src/cli/sim/call-sim.ts';
import { createJambonzSim } from '../../src/cli/sim/jambonz-sim.ts';
import { createPhoneSim } from '../../src/cli/sim/phone-sim.ts';
import { createAliyunSim } from '../../src/cli/sim/aliyun-sim.ts';
import { createVxmlSim } from '../../src/cli/sim/vxml-sim.ts';
import { createWechatPeer, readPassive, type WechatPeer } from '../../src/cli/sim/wechat-peer.ts';
import { createWechatStandIn, type WechatStandIn } from '../../src/cli/sim/wechat-stand-in.ts';
import { openHouse, type House } from '../../src/main.ts';
import { until } from './until.ts';

/** The whole house, with its real flows and knowledge, listening on this machine, and real peers to talk to it. */
export interface Story {
  readonly house: House;
  readonly url: string;
  /** Everything the house logged, to be searched for what must not be there. */
  readonly log: readonly string[];
  /** A call by this platform; Twilio unless told. */
  phone(from?: string, channel?: PhoneChannel): CallSim;
  wechat(openid?: string): WechatCitizen;
  /** On the official account. */
  official(openid?: string): OfficialCitizen;
  web(): Promise<WebCitizen>;
  desk(role?: 'admin'): Promise<Desk>;
  /** Resolves when the house has nothing to do that is due by its clock. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

export interface StoryOptions {
  /** The house's clock, epoch ms; this machine's unless told. */
  readonly now?: () => number;
  /** Settings besides; gets the house's own address. */
  readonly env?: (url: string) => Readonly<Record<string, string>>;
}

/** Channels that carry calls. */
export const PHONE_CHANNELS = ['ivr-twilio', 'ivr-jambonz', 'ivr-vxml', 'ivr-aliyun'] as const;
export type PhoneChannel = (typeof PHONE_CHANNELS)[number];

export interface WechatCitizen {
  readonly peer: WechatPeer;
  readonly openid: string;
  /** Sends a text and resolves with what WeChat was given to show until the house has nothing more to do. */
  say(text: string): Promise<readonly string[]>;
  readonly seen: () => readonly string[];
}

export interface OfficialCitizen {
  readonly peer: WechatPeer;
  /** Pushes and resolves with what WeChat shows then: the text in the answer to the push, and what came by API. */
  push(fields: Parameters<WechatPeer['push']>[0]): Promise<{ readonly passive: string | null; readonly sent: readonly string[] }>;
  /** The last push once more; resolves with the text in its answer. */
  again(): Promise<string | null>;
  readonly seen: () => readonly string[];
}

export interface WebActivity {
  readonly id: string;
  readonly type: string;
  readonly text?: string;
  readonly name?: string;
  readonly from: { readonly id: string; readonly name?: string; readonly role?: string };
  readonly suggestedActions?: { readonly actions: readonly { readonly title: string; readonly value: string }[] };
  readonly channelData?: { readonly source?: { readonly title: string; readonly department?: string }; readonly clientActivityID?: string };
}

export interface WebCitizen {
  readonly conversationId: string;
  /** Says something and resolves with the house's answers. */
  say(text: string, clientId?: string): Promise<readonly WebActivity[]>;
  /** What came since the last look, without saying anything. */
  look(): Promise<readonly WebActivity[]>;
  all(): Promise<readonly WebActivity[]>;
}

export interface Desk {
  readonly seatId: string;
  get<Body>(path: string): Promise<Body>;
  send<Body>(method: 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: object): Promise<Body>;
  /** Comes online: bots then hand over instead of promising a callback. */
  online(): Promise<void>;
}

const TOKEN = 'story-phone-token';
const WECHAT = { appId: 'wx0000000000000000', token: 'story-token', aesKey: 'StoryStoryStoryStoryStoryStoryStoryStoryStA' };

const OFFICIAL = { appId: 'wx0000000000000001', token: 'story-mp-token', aesKey: 'OfficialOfficialOfficialOfficialOfficialOff' };

export async function openStory({ now = Date.now, env = () => ({}) }: StoryOptions = {}): Promise<Story> {
  const folder = mkdtempSync(join(tmpdir(), 'yihu-story-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const standIn: WechatStandIn = await createWechatStandIn({ appId: WECHAT.appId, secret: 'story-secret', official: { appId: OFFICIAL.appId, secret: 'story-mp-secret' }, port: 0 });
  const log: string[] = [];
  const house = await openHouse({
    env: {
      HOST: '127.0.0.1', PORT: String(port), PUBLIC_URL: url, DATA_DIR: folder, ADMIN_PASSWORD: 'story-password', SQLITE_SYNCHRONOUS: 'NORMAL', RATE_LIMIT_CITIZEN: '1000',
      // A machine that runs three tests at once is late like one in a storm: then nobody would see who types.
      STORM_MODE: 'off',
      TWILIO_AUTH_TOKEN: TOKEN, JAMBONZ_WEBHOOK_SECRET: TOKEN, VXML_SECRET: TOKEN, ALIYUN_IVR_SECRET: TOKEN, VXML_SPEECH_GRAMMAR: 'builtin:story', WECHAT_APPID: WECHAT.appId, WECHAT_SECRET: 'story-secret', WECHAT_TOKEN: WECHAT.token, WECHAT_AES_KEY: WECHAT.aesKey, WECHAT_API_BASE: standIn.url,
      ...env(url),
      WECHAT_MP_APPID: OFFICIAL.appId, WECHAT_MP_SECRET: 'story-mp-secret', WECHAT_MP_TOKEN: OFFICIAL.token, WECHAT_MP_AES_KEY: OFFICIAL.aesKey,
    },
    ...(now === Date.now ? {} : { now }),
    logger: pino({ level: 'debug' }, { write: (line: string) => void log.push(line) }),
  });
  await house.app.listen({ host: '127.0.0.1', port });

  const idle = (): Promise<void> =>
    until(async () => {
      house.bus.wake();
      return house.bus.running() === 0 && (await house.store.read((repos) => repos.outbox.dueLanes(now(), 1))).length === 0;
    }, 'an idle house');

  return {
    house, url, log, idle,
    phone: (from = '+8613800138000', channel = 'ivr-twilio') => {
      const line = { baseUrl: url, from, wait: idle };
      switch (channel) {
        case 'ivr-twilio':
          return createPhoneSim({ ...line, authToken: TOKEN });
        case 'ivr-jambonz':
          return createJambonzSim({ ...line, secret: TOKEN });
        case 'ivr-vxml':
          return createVxmlSim({ ...line, secret: TOKEN });
        case 'ivr-aliyun':
          return createAliyunSim({ ...line, secret: TOKEN });
      }
    },
    wechat: (openid = 'oStory000000000000000000001') => {
      const peer = createWechatPeer({ hookUrl: `${url}/hooks/wechat/miniprogram`, credentials: WECHAT, mode: 'safe', format: 'json', account: 'gh_story', openid });
      const seen = (): string[] => standIn.sent.filter((message) => message.openid === openid).map((message) => textOf(message.body));
      return {
        peer, openid, seen,
        say: async (text) => {
          const before = seen().length;
          standIn.citizenWrote(openid);
          const pushed = await peer.push(peer.text(text));
          if (!pushed.taken) throw new Error('the push was not taken');
          await idle();
          return seen().slice(before);
        },
      };
    },
    official: (openid = 'oOfficial00000000000000001') => {
      const at = { credentials: OFFICIAL, mode: 'safe' as const, account: 'gh_story_mp', openid };
      const peer = createWechatPeer({ ...at, hookUrl: `${url}/hooks/wechat/official`, format: 'xml' });
      const seen = (): string[] => standIn.sent.filter((message) => message.openid === openid).map((message) => textOf(message.body));
      return {
        peer, seen,
        again: async () => readPassive((await peer.resend())?.attempts.at(-1)?.body ?? '', at),
        push: async (fields) => {
          const before = seen().length;
          standIn.citizenWrote(openid);
          const pushed = await peer.push(fields);
          if (!pushed.taken) throw new Error('the push was not taken');
          await idle();
          return { passive: readPassive(pushed.attempts.at(-1)?.body ?? '', at), sent: seen().slice(before) };
        },
      };
    },
    web: () => openWeb(url, idle),
    desk: () => openDesk(url),
    close: async () => {
      await house.close();
      await standIn.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function openWeb(url: string, idle: () => Promise<void>): Promise<WebCitizen> {
  const token = (await ask<{ token: string }>(`${url}/widget/token`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' })).token;
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const base = `${url}/v3/directline/conversations`;
  const { conversationId } = await ask<{ conversationId: string }>(base, { method: 'POST', headers, body: '{"locale":"zh-CN"}' });
  await idle();
  let watermark = '';
  let count = 0;
  const look = async (): Promise<WebActivity[]> => {
    const got = await ask<{ activities: WebActivity[]; watermark: string }>(`${base}/${conversationId}/activities?watermark=${watermark}`, { headers });
    watermark = got.watermark;
    return got.activities.filter((activity) => activity.from.role !== 'user');
  };
  await look();
  return {
    conversationId, look,
    say: async (text, clientId = `story-${(count += 1)}`) => {
      await ask(`${base}/${conversationId}/activities`, { method: 'POST', headers, body: JSON.stringify({ type: 'message', text, from: { id: 'citizen' }, locale: 'zh-CN', channelData: { clientActivityID: clientId } }) });
      await idle();
      return look();
    },
    all: async () => (await ask<{ activities: WebActivity[] }>(`${base}/${conversationId}/activities?watermark=`, { headers })).activities,
  };
}

async function openDesk(url: string): Promise<Desk> {
  const response = await fetch(`${url}/api/session`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ username: 'admin', password: 'story-password' }) });
  const { csrf, seat } = (await response.json()) as { csrf: string; seat: { id: string } };
  const cookie = (response.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  const headers = { cookie, 'x-csrf-token': csrf };
  return {
    seatId: seat.id,
    get: (path) => ask(`${url}${path}`, { headers }),
    send: (method, path, body = {}) => ask(`${url}${path}`, { method, headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    online: async () => {
      await ask(`${url}/api/presence`, { method: 'PUT', headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify({ presence: 'online' }) });
    },
  };
}

/** JSON of an answer that must be a good one. */
async function ask<Body>(url: string, init: RequestInit): Promise<Body> {
  const response = await fetch(url, init);
  const text = await response.text();
  if (!response.ok) throw new Error(`${init.method ?? 'GET'} ${new URL(url).pathname} answered ${response.status}: ${text.slice(0, 300)}`);
  return (text === '' ? null : JSON.parse(text)) as Body;
}

function textOf(body: Readonly<Record<string, unknown>>): string {
  const { text } = body;
  return typeof text === 'object' && text !== null && 'content' in text && typeof text.content === 'string' ? text.content : '';
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
