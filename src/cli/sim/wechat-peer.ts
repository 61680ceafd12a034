import { createCipheriv, createDecipheriv, createHash, randomBytes, randomInt } from 'node:crypto';

/**
 * WeChat's side of a message push: writes, encrypts, signs, posts, and resends when nobody answers. Written from the vendor's
 * description on its own, not with the channel's code, so that one checks the other.
 * Source: developers.weixin.qq.com, mini-program, "message push" and "message encryption and decryption".
 */

export interface PeerCredentials {
  readonly appId: string;
  readonly token: string;
  /** EncodingAESKey, 43 characters. */
  readonly aesKey: string;
}

export type PushMode = 'safe' | 'compatible' | 'plain';
export type PushFormat = 'xml' | 'json';

/** A field of a push. Numbers are written bare, as WeChat does, also beyond 2^53. */
export type PushField = readonly [name: string, value: string, kind: 'text' | 'number'];

export interface PushAttempt {
  /** HTTP status; null when the connection failed or nobody answered in time. */
  readonly status: number | null;
  readonly body: string;
}

export interface PushResult {
  readonly attempts: readonly PushAttempt[];
  /** Taken: an answer of status 200 in time. */
  readonly taken: boolean;
}

export interface PeerOptions {
  /** Full address of the hook. */
  readonly hookUrl: string;
  readonly credentials: PeerCredentials;
  readonly mode: PushMode;
  readonly format: PushFormat;
  /** Our account, the push's ToUserName. */
  readonly account: string;
  readonly openid: string;
  /** Longest wait for an answer; WeChat's is 5 s. */
  readonly timeoutMs?: number;
  readonly now?: () => number;
}

export interface WechatPeer {
  /** The check that follows saving the push settings; true when the hook echoes as it must. */
  checkUrl(): Promise<PushResult>;
  push(fields: readonly PushField[], format?: PushFormat): Promise<PushResult>;
  /** The last push once more, as after a lost answer: same message, new signature. Null when there was none. */
  resend(): Promise<PushResult | null>;
  text(content: string): readonly PushField[];
  image(picUrl: string, mediaId: string): readonly PushField[];
  card(title: string, pagePath: string): readonly PushField[];
  enter(sessionFrom: string): readonly PushField[];
  /** Official accounts. `recognised`: what WeChat's speech recognition understood; empty: nothing. */
  voice(mediaId: string, recognised: string): readonly PushField[];
  video(mediaId: string): readonly PushField[];
  place(latitude: string, longitude: string, label: string): readonly PushField[];
  link(title: string, url: string): readonly PushField[];
  /** An event of an official account: `subscribe`, `unsubscribe`, `SCAN`, `CLICK`, `VIEW`. */
  event(name: string, key: string): readonly PushField[];
}

/** The text of a passive answer: null for `success` and for nothing. Throws when WeChat would refuse it: not sealed as agreed, or to somebody else. */
export function readPassive(body: string, { credentials, mode, account, openid }: Pick<PeerOptions, 'credentials' | 'mode' | 'account' | 'openid'>): string | null {
  if (body === 'success' || body === '') return null;
  const outer = readAnswer(body);
  let inner = outer;
  if (mode !== 'plain') {
    const sealed = outer('Encrypt');
    if (outer('MsgSignature') !== sha1([credentials.token, outer('TimeStamp'), outer('Nonce'), sealed])) throw new Error('the signature of the answer does not hold');
    inner = readAnswer(unseal(sealed, credentials));
  }
  if (inner('ToUserName') !== openid || inner('FromUserName') !== account) throw new Error('the answer is for somebody else');
  if (inner('MsgType') !== 'text' || !/^\d+$/.test(inner('CreateTime'))) throw new Error('the answer is no text');
  return inner('Content');
}

function readAnswer(body: string): (name: string) => string {
  if (body.startsWith('{')) {
    const parsed: unknown = JSON.parse(body);
    const fields = new Map<string, unknown>(typeof parsed === 'object' && parsed !== null ? Object.entries(parsed) : []);
    return (name) => String(fields.get(name) ?? '');
  }
  return (name) => {
    const text = new RegExp(`<${name}>(.*)</${name}>`, 's').exec(body)?.[1] ?? '';
    return text.startsWith('<![CDATA[') ? text.slice(9, -3).replaceAll(']]]]><![CDATA[>', ']]>') : text;
  };
}

function unseal(sealed: string, credentials: PeerCredentials): string {
  const key = Buffer.from(`${credentials.aesKey}=`, 'base64');
  const decipher = createDecipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false);
  const padded = Buffer.concat([decipher.update(Buffer.from(sealed, 'base64')), decipher.final()]);
  const plain = padded.subarray(0, padded.length - (padded.at(-1) ?? 0));
  const end = 20 + plain.readUInt32BE(16);
  if (plain.subarray(end).toString('utf8') !== credentials.appId) throw new Error('the answer is sealed for another account');
  return plain.subarray(20, end).toString('utf8');
}

/** After the first attempt WeChat tries three times more. */
const RESENDS = 3;

export function createWechatPeer(options: PeerOptions): WechatPeer {
  const { credentials, account, openid } = options;
  const now = options.now ?? Date.now;
  const timeoutMs = options.timeoutMs ?? 5000;
  let last: { readonly fields: readonly PushField[]; readonly format: PushFormat } | null = null;

  const common = (type: string): readonly PushField[] => [
    ['ToUserName', account, 'text'],
    ['FromUserName', openid, 'text'],
    ['CreateTime', String(Math.floor(now() / 1000)), 'number'],
    ['MsgType', type, 'text'],
  ];
  const messageId = (): PushField => ['MsgId', String(nextMessageId(now())), 'number'];

  const post = async (fields: readonly PushField[], format: PushFormat): Promise<PushResult> => {
    const attempts: PushAttempt[] = [];
    for (let tried = 0; tried <= RESENDS; tried += 1) {
      const request = buildPush(fields, { ...options, format, timestamp: String(Math.floor(now() / 1000)), nonce: String(randomInt(100_000_000, 2_000_000_000)), random: randomBytes(16) });
      const attempt = await ask(`${options.hookUrl}?${request.query}`, timeoutMs, { method: 'POST', headers: { 'content-type': request.contentType }, body: request.body });
      attempts.push(attempt);
      if (attempt.status === 200) return { attempts, taken: true };
    }
    return { attempts, taken: false };
  };

  return {
    checkUrl: async () => {
      const timestamp = String(Math.floor(now() / 1000));
      const nonce = String(randomInt(100_000_000, 2_000_000_000));
      const echostr = String(randomInt(1_000_000_000, 9_000_000_000));
      const query = new URLSearchParams({ signature: sha1([credentials.token, timestamp, nonce]), timestamp, nonce, echostr });
      const attempt = await ask(`${options.hookUrl}?${query.toString()}`, timeoutMs, { method: 'GET' });
      return { attempts: [attempt], taken: attempt.status === 200 && attempt.body === echostr };
    },
    push: async (fields, format = options.format) => {
      last = { fields, format };
      return post(fields, format);
    },
    resend: async () => (last === null ? null : post(last.fields, last.format)),
    text: (content) => [...common('text'), ['Content', content, 'text'], messageId()],
    image: (picUrl, mediaId) => [...common('image'), ['PicUrl', picUrl, 'text'], ['MediaId', mediaId, 'text'], messageId()],
    card: (title, pagePath) => [
      ...common('miniprogrampage'),
      ['Title', title, 'text'],
      ['AppId', credentials.appId, 'text'],
      ['PagePath', pagePath, 'text'],
      ['ThumbUrl', '', 'text'],
      ['ThumbMediaId', '', 'text'],
      messageId(),
    ],
    voice: (mediaId, recognised) => [...common('voice'), ['MediaId', mediaId, 'text'], ['Format', 'amr', 'text'], ['Recognition', recognised, 'text'], messageId()],
    video: (mediaId) => [...common('video'), ['MediaId', mediaId, 'text'], ['ThumbMediaId', '', 'text'], messageId()],
    place: (latitude, longitude, label) => [...common('location'), ['Location_X', latitude, 'number'], ['Location_Y', longitude, 'number'], ['Scale', '20', 'number'], ['Label', label, 'text'], messageId()],
    link: (title, url) => [...common('link'), ['Title', title, 'text'], ['Description', '', 'text'], ['Url', url, 'text'], messageId()],
    event: (name, key) => [...common('event'), ['Event', name, 'text'], ['EventKey', key, 'text']],
    enter: (sessionFrom) => [...common('event'), ['Event', 'user_enter_tempsession', 'text'], ['SessionFrom', sessionFrom, 'text']],
  };
}

/** The last MsgId of any peer in this process: two that write in the same millisecond must not give the same one. */
let lastMessageId = 0n;

/** 22,900,000,000,000,000 and more, as seen on the wire: a double cannot hold it. Grows whatever the clock does. */
function nextMessageId(now: number): bigint {
  const byClock = 22_900_000_000_000_001n + BigInt(now) * 1000n;
  lastMessageId = byClock > lastMessageId ? byClock : lastMessageId + 2n;
  return lastMessageId;
}

export interface BuildOptions extends Pick<PeerOptions, 'credentials' | 'mode' | 'format' | 'account' | 'openid'> {
  readonly timestamp: string;
  readonly nonce: string;
  readonly random: Buffer;
  /** The message as text, for what is no flat list of fields. */
  readonly clear?: string;
}

/** Query and body of one push. */
export function buildPush(fields: readonly PushField[], options: BuildOptions): { readonly query: string; readonly body: string; readonly contentType: string } {
  const { credentials, timestamp, nonce, format } = options;
  const contentType = format === 'xml' ? 'text/xml' : 'application/json';
  const query = new URLSearchParams({ signature: sha1([credentials.token, timestamp, nonce]), timestamp, nonce, openid: options.openid });
  const clear = options.clear ?? writeFields(fields, format);
  if (options.mode === 'plain') return { query: query.toString(), body: clear, contentType };
  const sealed = seal(clear, credentials, options.random);
  query.set('encrypt_type', 'aes');
  query.set('msg_signature', sha1([credentials.token, timestamp, nonce, sealed]));
  const shown: readonly PushField[] = options.mode === 'compatible' ? fields : [['ToUserName', options.account, 'text']];
  return { query: query.toString(), body: writeFields([...shown, ['Encrypt', sealed, 'text']], format), contentType };
}

/** WeChat's two formats. Text stands in CDATA, with `]]>` cut in two. */
export function writeFields(fields: readonly PushField[], format: PushFormat): string {
  if (format === 'json') return `{${fields.map(([name, value, kind]) => `${JSON.stringify(name)}:${kind === 'number' ? value : JSON.stringify(value)}`).join(',')}}`;
  const element = ([name, value, kind]: PushField): string => `<${name}>${kind === 'number' ? value : `<![CDATA[${value.replaceAll(']]>', ']]]]><![CDATA[>')}]]>`}</${name}>`;
  return `<xml>${fields.map(element).join('\n')}</xml>`;
}

function sha1(parts: readonly string[]): string {
  return createHash('sha1').update([...parts].sort().join('')).digest('hex');
}

function seal(text: string, credentials: PeerCredentials, random: Buffer): string {
  const key = Buffer.from(`${credentials.aesKey}=`, 'base64');
  const message = Buffer.from(text, 'utf8');
  const head = Buffer.alloc(20);
  random.copy(head, 0, 0, 16);
  head.writeUInt32BE(message.length, 16);
  const unpadded = Buffer.concat([head, message, Buffer.from(credentials.appId, 'utf8')]);
  const missing = 32 - (unpadded.length % 32);
  const cipher = createCipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false);
  return Buffer.concat([cipher.update(Buffer.concat([unpadded, Buffer.alloc(missing, missing)])), cipher.final()]).toString('base64');
}

async function ask(url: string, timeoutMs: number, init: RequestInit): Promise<PushAttempt> {
  try {
    const response = await fetch(url, { ...init, redirect: 'manual', signal: AbortSignal.timeout(timeoutMs) });
    return { status: response.status, body: await response.text() };
  } catch {
    return { status: null, body: '' };
  }
}
