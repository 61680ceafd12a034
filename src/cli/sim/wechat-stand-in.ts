import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { createNoticeDesk, NOTICE_PATHS, type NoticeDesk } from './wechat-notice-desk.ts';
import { createSendRule } from './wechat-send-rule.ts';
import { createTokenDesk, type App } from './wechat-token-desk.ts';

/**
 * The WeChat API's side that our accounts need, on a local port: stable_token, custom/send with the real quota rule, typing, media
 * upload and get, subscription and template messages, the menu. A gateway started with WECHAT_API_BASE pointing here sends as it would to WeChat.
 * Errors are chosen as the vendor documents them: status 200, errcode, errmsg with a request id.
 */

export interface StandInOptions {
  readonly appId: string;
  readonly secret: string;
  /** Whose API it is; they differ in what may be sent and in what an act grants. A mini-program's unless told. */
  readonly account?: 'mini-program' | 'official';
  /** An official account beside the mini-program; each app has tokens of its own. */
  readonly official?: { readonly appId: string; readonly secret: string };
  readonly now?: () => number;
  /** 0: a free one. */
  readonly port?: number;
  /** Life of a token in seconds; WeChat's is 7200. */
  readonly tokenSeconds?: number;
}

export interface SentMessage {
  readonly openid: string;
  readonly type: string;
  /** Text, or title of a card or link, or media id of a picture. */
  readonly text: string;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface ApiCall {
  readonly path: string;
  /** Null when the answer has none: a picture, a breakage. */
  readonly errcode: number | null;
  /** The request's body as received. */
  readonly raw: string;
}

export type Breakage = 'hang-up' | 'status-500' | 'nonsense' | 'stall';

export interface WechatStandIn {
  readonly url: string;
  /** Accepted sends, oldest first. */
  readonly sent: readonly SentMessage[];
  /** Every call, oldest first. */
  readonly calls: readonly ApiCall[];
  /** Templates, consents and the messages that were sent by them. */
  readonly notices: NoticeDesk;
  /** Menus that were made, as received. */
  readonly menus: readonly unknown[];
  readonly typed: readonly { readonly openid: string; readonly command: string }[];
  /** The next calls to a path that ends so (custom/send unless told) answer this errcode. */
  failNext(errcode: number, options?: { readonly path?: string; readonly times?: number }): void;
  /** The next call to such a path gets no proper answer. `stall` never answers. */
  breakNext(how: Breakage, options?: { readonly path?: string }): void;
  /** A citizen's act, which grants sends. */
  citizenWrote(openid: string): void;
  citizenEntered(openid: string): void;
  /** Puts a picture where a push can point to. */
  addPicture(bytes: Buffer, contentType: string): { readonly mediaId: string; readonly picUrl: string };
  /** A video is not given by its media id: the answer says where it lies. */
  addVideo(bytes: Buffer): { readonly mediaId: string };
  /** Makes all tokens invalid at once, as a forced refresh elsewhere does. */
  revokeTokens(): void;
  /** Sends that WeChat would still take for this citizen. */
  left(openid: string): number;
  /** Called for every accepted send. Returns the unsubscribe. */
  onSent(listener: (message: SentMessage) => void): () => void;
  /** Called for every call, refused ones too. Returns the unsubscribe. */
  onCall(listener: (call: ApiCall) => void): () => void;
  close(): Promise<void>;
}

const TypingRequest = Compile(Type.Object({ touser: Type.String(), command: Type.String() }));
const SendRequest = Compile(Type.Object({
  touser: Type.String(),
  msgtype: Type.String(),
  text: Type.Optional(Type.Object({ content: Type.String() })),
  image: Type.Optional(Type.Object({ media_id: Type.String() })),
  link: Type.Optional(Type.Object({ title: Type.String(), description: Type.String(), url: Type.String(), thumb_url: Type.String() })),
  news: Type.Optional(Type.Object({ articles: Type.Array(Type.Object({ title: Type.String(), description: Type.String(), url: Type.String(), picurl: Type.String() }), { minItems: 1, maxItems: 1 }) })),
  miniprogrampage: Type.Optional(Type.Object({ title: Type.String(), appid: Type.Optional(Type.String()), pagepath: Type.String(), thumb_media_id: Type.String() })),
}));

export async function createWechatStandIn(options: StandInOptions): Promise<WechatStandIn> {
  const now = options.now ?? Date.now;
  const tokenMs = (options.tokenSeconds ?? 7200) * 1000;
  const apps: readonly App[] = [{ appId: options.appId, secret: options.secret, official: options.account === 'official' }, ...(options.official === undefined ? [] : [{ ...options.official, official: true }])];
  const rule = createSendRule(now, options.account === 'official' ? 3 : 2);
  const notices = createNoticeDesk();
  const menus: unknown[] = [];
  const videos = new Map<string, string>();
  const sent: SentMessage[] = [];
  const calls: ApiCall[] = [];
  const typed: { openid: string; command: string }[] = [];
  const pictures = new Map<string, Picture>();
  const listeners = new Set<(message: SentMessage) => void>();
  const callListeners = new Set<(call: ApiCall) => void>();
  const tokens = createTokenDesk(apps, now, tokenMs);
  const faults: Fault[] = [];
  let url = '';

  const send = ({ official }: App, raw: string): number => {
    if (raw === '') return 44002;
    const body = parse(raw);
    if (/\\u[0-9a-f]{4}/i.test(raw)) return 40033;
    if (!SendRequest.Check(body)) return 47001;
    const text = body.text?.content ?? body.image?.media_id ?? body.link?.title ?? body.news?.articles[0]?.title ?? body.miniprogrampage?.title;
    if (!['text', 'image', official ? 'news' : 'link', 'miniprogrampage'].includes(body.msgtype) || text === undefined) return 40008;
    if (official && body.miniprogrampage !== undefined && body.miniprogrampage.appid === undefined) return 40013;
    if (!body.touser.startsWith('o')) return 40003;
    if (body.msgtype === 'text' && text.trim() === '') return 44004;
    if (body.msgtype === 'text' && Buffer.byteLength(text, 'utf8') > 2048) return 45002;
    const mediaId = body.image?.media_id ?? body.miniprogrampage?.thumb_media_id;
    if (mediaId !== undefined && !pictures.has(mediaId)) return 40007;
    const refused = rule.spend(body.touser);
    if (refused !== 0) return refused;
    const message: SentMessage = { openid: body.touser, type: body.msgtype, text, body: { ...body } };
    sent.push(message);
    for (const listener of listeners) listener(message);
    return 0;
  };

  const type = (raw: string): number => {
    const body = parse(raw);
    if (!TypingRequest.Check(body)) return 47001;
    if (body.command !== 'Typing' && body.command !== 'CancelTyping') return 45072;
    if (!rule.wroteWithin(body.touser, 30_000)) return 45080;
    typed.push({ openid: body.touser, command: body.command });
    return 0;
  };

  const addPicture = (bytes: Buffer, contentType: string): { mediaId: string; picUrl: string } => {
    const mediaId = `media-${randomBytes(16).toString('hex')}`;
    pictures.set(mediaId, { bytes, contentType });
    return { mediaId, picUrl: `${url}/pic/${mediaId}` };
  };

  const videoAt = (mediaId: string): Answer => {
    const at = videos.get(mediaId);
    return at === undefined ? { errcode: 40007 } : { errcode: 0, video_url: at };
  };

  const upload = async (request: IncomingMessage, raw: Buffer): Promise<Answer> => {
    try {
      const form = await new Response(new Uint8Array(raw), { headers: { 'content-type': String(request.headers['content-type'] ?? '') } }).formData();
      const media = form.get('media');
      if (media === null || typeof media === 'string') return { errcode: 41005 };
      if (!/^image\/(png|jpe?g|gif|bmp)$/.test(media.type)) return { errcode: 40005 };
      return { errcode: 0, media_id: addPicture(Buffer.from(await media.arrayBuffer()), media.type).mediaId };
    } catch {
      return { errcode: 41005 };
    }
  };

  const answer = async (path: string, query: URLSearchParams, request: IncomingMessage, raw: Buffer): Promise<Answer> => {
    if (path.startsWith('/pic/')) return pictures.get(path.slice('/pic/'.length)) ?? { status: 404 };
    if (path === '/cgi-bin/stable_token') return tokens.grant(parse(raw.toString('utf8')));
    const app = tokens.appOf(query.get('access_token'));
    if (typeof app === 'number') return { errcode: app };
    if (NOTICE_PATHS.includes(path)) return notices.send(path, parse(raw.toString('utf8')), app.official);
    switch (path) {
      case '/cgi-bin/menu/create':
        menus.push(parse(raw.toString('utf8')));
        return { errcode: app.official ? 0 : 48001 };
      case '/cgi-bin/message/custom/send':
        return { errcode: send(app, raw.toString('utf8')) };
      case '/cgi-bin/message/custom/typing':
        return { errcode: type(raw.toString('utf8')) };
      case '/cgi-bin/media/upload':
        return upload(request, raw);
      case '/cgi-bin/media/get':
        return pictures.get(query.get('media_id') ?? '') ?? videoAt(query.get('media_id') ?? '');
      default:
        return { errcode: 40066 };
    }
  };

  const note = (call: ApiCall): void => {
    calls.push(call);
    for (const listener of callListeners) listener(call);
  };

  /** Takes the next fault that was ordered for this path. */
  const takeFault = (path: string): Fault | undefined => {
    const fault = faults.find((candidate) => path.endsWith(candidate.path));
    if (fault === undefined) return undefined;
    fault.left -= 1;
    if (fault.left === 0) faults.splice(faults.indexOf(fault), 1);
    return fault;
  };

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const raw = await readBody(request);
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://stand-in.invalid');
    const fault = takeFault(pathname);
    if (fault?.how !== undefined) {
      note({ path: pathname, errcode: null, raw: raw.toString('utf8') });
      return broken(fault.how, request, response);
    }
    const given = fault?.errcode === undefined ? await answer(pathname, searchParams, request, raw) : { errcode: fault.errcode };
    note({ path: pathname, errcode: 'errcode' in given ? given.errcode : null, raw: raw.toString('utf8') });
    reply(given, response);
  };

  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const bound = server.address();
  url = `http://127.0.0.1:${typeof bound === 'object' && bound !== null ? bound.port : 0}`;

  return {
    url,
    sent,
    calls,
    notices,
    menus,
    typed,
    failNext: (errcode, { path = 'custom/send', times = 1 } = {}) => void faults.push({ path, left: times, errcode }),
    breakNext: (how, { path = 'custom/send' } = {}) => void faults.push({ path, left: 1, how }),
    citizenWrote: rule.wrote,
    citizenEntered: rule.entered,
    addPicture,
    addVideo: (bytes) => {
      const { mediaId, picUrl } = addPicture(bytes, 'video/mp4');
      videos.set(`video-${mediaId}`, picUrl);
      return { mediaId: `video-${mediaId}` };
    },
    revokeTokens: tokens.revoke,
    left: rule.left,
    onSent: (listener) => subscribe(listeners, listener),
    onCall: (listener) => subscribe(callListeners, listener),
    close: () => new Promise((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    }),
  };
}

function subscribe<T>(listeners: Set<T>, listener: T): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** A fault ordered by a test or by the person at the terminal. */
interface Fault {
  readonly path: string;
  left: number;
  readonly errcode?: number;
  readonly how?: Breakage;
}

interface Picture {
  readonly bytes: Buffer;
  readonly contentType: string;
}

type Answer = Picture | { readonly status: 404 } | { readonly errcode: number; readonly access_token?: string; readonly expires_in?: number; readonly media_id?: string; readonly video_url?: string; readonly msgid?: bigint };

function reply(given: Answer, response: ServerResponse): void {
  if ('status' in given) return void response.writeHead(given.status).end();
  if ('bytes' in given) return void response.writeHead(200, { 'content-type': given.contentType, 'content-disposition': 'attachment; filename="picture"' }).end(given.bytes);
  const { errcode, msgid, ...fields } = given;
  // A good stable_token answer has no errcode; everything else names it.
  const shown = fields.access_token === undefined && fields.video_url === undefined ? { errcode, errmsg: errcode === 0 ? 'ok' : `refused rid: ${requestId()}`, ...fields } : fields;
  // A message's number is written bare, as WeChat does, also beyond 2^53.
  const numbered = msgid === undefined ? '' : `,"msgid":${msgid}`;
  response.writeHead(200, { 'content-type': 'application/json; encoding=utf-8' }).end(JSON.stringify(shown).replace(/\}$/, `${numbered}}`));
}

function broken(how: Breakage, request: IncomingMessage, response: ServerResponse): void {
  if (how === 'hang-up') request.socket.destroy();
  else if (how === 'status-500') response.writeHead(500, { 'content-type': 'text/html' }).end('<html>error</html>');
  else if (how === 'nonsense') response.writeHead(200, { 'content-type': 'text/html' }).end('<html>gateway');
  // `stall`: the connection stays open until the caller gives up or the stand-in closes.
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

function parse(raw: string): unknown {
  try {
    return JSON.parse(raw);
  } catch {
    return null;
  }
}

function requestId(): string {
  return [4, 4, 4].map((bytes) => randomBytes(bytes).toString('hex')).join('-');
}
