import { createCipheriv, createHash } from 'node:crypto';
import type { PeerCredentials } from '../../../src/cli/sim/wechat-peer.ts';
import { createWire, requestText } from '../wire/http.ts';
import { createWechatApi } from './wechat-api.ts';
import type { CitizenPeer } from './peer.ts';

export interface WechatBenchPeer extends CitizenPeer {
  /** WECHAT_API_BASE of the gateway. */
  readonly apiBase: string;
  /** To be called once the gateway listens. */
  connect(url: string): void;
}

const ACCOUNT = 'gh_bench';
/** Above 2^53, as on the wire. One count for the whole process: two peers never give the same. */
let messages = 22_900_000_000_000_001n + BigInt(Date.now()) * 1000n;

/** WeChat: encrypted pushes (safe mode), answers by the API, whose other side runs in this process. */
export async function createWechatPeer(credentials: PeerCredentials, places: number): Promise<WechatBenchPeer> {
  const answers = new Map<string, (body: Buffer) => void>();
  const api = await createWechatApi((openid, body) => {
    const take = answers.get(openid);
    answers.delete(openid);
    take?.(body);
  });
  const openids: string[] = [];
  const seal = createSeal(credentials);
  let wires: ReturnType<typeof createWire>[] = [];
  let host = '';
  let nonce = 100_000_000;

  return {
    apiBase: api.url,
    connect: (url) => {
      host = new URL(url).host;
      wires = Array.from({ length: places }, () => createWire(url));
    },
    open: async (place, caller) => {
      openids[place] = `oBench${String(caller.number).padStart(22, '0')}`;
    },
    say: async (place, text) => {
      const wire = wires[place];
      const openid = openids[place];
      if (wire === undefined || openid === undefined) throw new Error('WeChat: not connected or not opened');
      const answered = new Promise<Buffer>((resolve) => void answers.set(openid, resolve));
      const timestamp = String(Math.floor(Date.now() / 1000));
      messages += 2n;
      nonce += 1;
      const sealed = seal(`<xml><ToUserName><![CDATA[${ACCOUNT}]]></ToUserName>\n<FromUserName><![CDATA[${openid}]]></FromUserName>\n<CreateTime>${timestamp}</CreateTime>\n<MsgType><![CDATA[text]]></MsgType>\n<Content><![CDATA[${text}]]></Content>\n<MsgId>${messages}</MsgId></xml>`);
      const query = `signature=${sha1([credentials.token, timestamp, String(nonce)])}&timestamp=${timestamp}&nonce=${nonce}&openid=${openid}&encrypt_type=aes&msg_signature=${sha1([credentials.token, timestamp, String(nonce), sealed])}`;
      const { status } = await wire.exchange(requestText(
        `POST /hooks/wechat/miniprogram?${query} HTTP/1.1\r\nhost: ${host}\r\ncontent-type: text/xml\r\n`,
        `<xml><ToUserName><![CDATA[${ACCOUNT}]]></ToUserName>\n<Encrypt><![CDATA[${sealed}]]></Encrypt></xml>`,
      ));
      if (status !== 200) throw new Error(`WeChat: HTTP ${status}`);
      return answered;
    },
    leave: async () => undefined,
    close: async () => {
      for (const wire of wires) wire.close();
      await api.close();
    },
  };
}

function sha1(parts: readonly string[]): string {
  return createHash('sha1').update([...parts].sort().join('')).digest('hex');
}

/** WeChat's cipher: 16 bytes, length, text, AppID, padded to 32, AES-256-CBC. The first bytes need not be random to be read. */
function createSeal({ aesKey, appId }: PeerCredentials): (text: string) => string {
  const key = Buffer.from(`${aesKey}=`, 'base64');
  const iv = key.subarray(0, 16);
  return (text) => {
    const length = Buffer.byteLength(text);
    const size = 20 + length + appId.length;
    const missing = 32 - (size % 32);
    const clear = Buffer.alloc(size + missing, missing);
    clear.fill(7, 0, 16);
    clear.writeUInt32BE(length, 16);
    clear.write(text, 20, 'utf8');
    clear.write(appId, 20 + length, 'latin1');
    const cipher = createCipheriv('aes-256-cbc', key, iv).setAutoPadding(false);
    return Buffer.concat([cipher.update(clear), cipher.final()]).toString('base64');
  };
}
