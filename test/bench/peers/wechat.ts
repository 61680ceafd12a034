import { randomBytes, randomInt } from 'node:crypto';
import { Pool } from 'undici';
import { buildPush, type PeerCredentials, type PushField } from '../../../src/cli/sim/wechat-peer.ts';
import { createWechatStandIn } from '../../../src/cli/sim/wechat-stand-in.ts';
import { lineOf, type BenchPeer } from './peer.ts';

export interface WechatBenchPeer extends BenchPeer {
  /** WECHAT_API_BASE of the gateway. */
  readonly apiBase: string;
  /** To be called once the gateway listens. */
  connect(url: string): void;
}

const ACCOUNT = 'gh_bench';

/** WeChat: encrypted pushes, answers by the API, whose other side runs in this process. */
export async function createWechatPeer(credentials: PeerCredentials, secret: string, connections: number): Promise<WechatBenchPeer> {
  const standIn = await createWechatStandIn({ appId: credentials.appId, secret });
  const turns: number[] = [];
  const waiting = new Map<string, () => void>();
  let pool: Pool | null = null;
  let messages = 22_900_000_000_000_001n;
  standIn.onSent(({ openid }) => {
    waiting.get(openid)?.();
    waiting.delete(openid);
  });

  const say = async (openid: string, text: string): Promise<void> => {
    const answered = new Promise<void>((resolve) => void waiting.set(openid, resolve));
    standIn.citizenWrote(openid);
    const timestamp = String(Math.floor(Date.now() / 1000));
    const fields: readonly PushField[] = [
      ['ToUserName', ACCOUNT, 'text'], ['FromUserName', openid, 'text'], ['CreateTime', timestamp, 'number'],
      ['MsgType', 'text', 'text'], ['Content', text, 'text'], ['MsgId', String((messages += 2n)), 'number'],
    ];
    const push = buildPush(fields, { credentials, mode: 'safe', format: 'xml', account: ACCOUNT, openid, timestamp, nonce: String(randomInt(1_000_000_000)), random: randomBytes(16) });
    if (pool === null) throw new Error('not connected');
    const response = await pool.request({ path: `/hooks/wechat/miniprogram?${push.query}`, method: 'POST', headers: { 'content-type': push.contentType }, body: push.body });
    await response.body.dump();
    if (response.statusCode !== 200) throw new Error(`HTTP ${response.statusCode}`);
    await answered;
  };
  const openidOf = (worker: number): string => `oBench${String(worker).padStart(22, '0')}`;

  return {
    apiBase: standIn.url,
    connect: (url) => {
      pool = new Pool(url, { connections });
    },
    open: async (worker) => {
      turns[worker] = 0;
      for (const text of ['楼下工地半夜两点还在施工吵死了，东城鸿福路', '13800138000', '对']) await say(openidOf(worker), text);
    },
    turn: async (worker) => {
      const turn = (turns[worker] ?? 0) + 1;
      turns[worker] = turn;
      await say(openidOf(worker), lineOf(turn));
    },
    close: async () => {
      await pool?.destroy();
      await standIn.close();
    },
  };
}
