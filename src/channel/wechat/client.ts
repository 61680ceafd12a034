import { Agent, FormData, Pool, request, type Dispatcher } from 'undici';
import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import type { ChannelPorts } from '../contract.ts';
import { codeOf } from '../../domain/errors.ts';
import type { Settings } from './settings.ts';
import { rowOf } from './errcodes.ts';
import { createTokens } from './token.ts';
import { quoteBigIntegers } from './wire.ts';

/**
 * The WeChat API over HTTP: kept connections, time-outs on every call, the token put in and renewed once when it is refused.
 * Answers are values; nothing here throws for what the peer does. Calls are made by undici's `dispatch`, without the streams
 * and signals of its `request`: a third of the processor time, and every answer of a bot is such a call.
 */

const AnswerSchema = Type.Object({
  errcode: Type.Optional(Type.Integer()),
  errmsg: Type.Optional(Type.String()),
  access_token: Type.Optional(Type.String()),
  expires_in: Type.Optional(Type.Number()),
  media_id: Type.Optional(Type.String()),
  /** Where a citizen's video lies. */
  video_url: Type.Optional(Type.String()),
  /** Of a subscription or template message. A 64-bit number: kept as text. */
  msgid: Type.Optional(Type.Union([Type.String(), Type.Number()])),
});
export type AnswerBody = Static<typeof AnswerSchema>;
const answers = Compile(AnswerSchema);

export type Answer =
  /** The peer answered. `errcode` 0 is success. */
  | { readonly kind: 'answer'; readonly errcode: number; readonly body: AnswerBody }
  /** No usable answer. `sent` false: the request certainly never reached the peer. `code`: a fixed word. */
  | { readonly kind: 'unreachable'; readonly sent: boolean; readonly code: 'wechat.unreachable' | 'wechat.timeout' | 'wechat.http_error' | 'wechat.nonsense' };

export type Bytes = { readonly kind: 'bytes'; readonly bytes: Buffer } | { readonly kind: 'gone' } | { readonly kind: 'too-large' } | Extract<Answer, { kind: 'unreachable' }>;

export interface WechatClient {
  /** POST of a JSON body with the access token. */
  call(path: string, body: object): Promise<Answer>;
  /** Uploads a temporary picture; success carries `media_id`. It lives 3 days. */
  upload(picture: { readonly bytes: Buffer; readonly contentType: string; readonly name: string }): Promise<Answer>;
  /** A citizen's picture by media id. `gone` when WeChat no longer has it. */
  download(mediaId: string): Promise<Bytes | Extract<Answer, { kind: 'answer' }>>;
  /** A picture by its public address, without token. The caller checks the host. */
  fetchPublic(url: string): Promise<Bytes>;
  close(): Promise<void>;
}

/** Answers of the API are short; more is not an answer. */
const ANSWER_LIMIT_BYTES = 64 * 1024;

/** Errors raised before a byte of the request left us. */
const NEVER_SENT: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT']);
const TIMED_OUT: ReadonlySet<string> = new Set(['UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'TimeoutError', 'ETIMEDOUT']);

/** WeChat answers in some 60 to 100 ms [K]: fewer connections than this would hold up a busy city's sends. Unused ones are closed. */
const CONNECTIONS = 128;
const JSON_HEADERS = { 'content-type': 'application/json; charset=utf-8' } as const;

export function createClient(settings: Settings, ports: Pick<ChannelPorts, 'now' | 'log' | 'state'>): WechatClient {
  const network = {
    keepAliveTimeout: 20_000,
    connect: { timeout: Math.min(settings.timeoutMs, 3000) },
    headersTimeout: settings.timeoutMs,
    bodyTimeout: settings.timeoutMs,
  };
  const base = new URL(settings.apiBase);
  const basePath = base.pathname.replace(/\/+$/, '');
  const api = new Pool(base.origin, { ...network, connections: CONNECTIONS });
  // Pictures, which come from other hosts as well, and which are few.
  const agent = new Agent({ ...network, connections: 16 });

  const exchange = async (url: string, options: { method: 'GET' | 'POST'; headers?: Record<string, string>; body?: string | FormData }): Promise<Dispatcher.ResponseData | Extract<Answer, { kind: 'unreachable' }>> => {
    try {
      return await request(url, { ...options, body: options.body ?? null, dispatcher: agent, signal: AbortSignal.timeout(settings.timeoutMs) });
    } catch (error) {
      return unreachable(error);
    }
  };

  const readAnswer = async (response: Dispatcher.ResponseData): Promise<Answer> => {
    const read = await readAll(response, ANSWER_LIMIT_BYTES);
    if (read.kind === 'unreachable') return read;
    if (response.statusCode !== 200) return { kind: 'unreachable', sent: true, code: 'wechat.http_error' };
    return (read.kind === 'bytes' ? parseAnswer(read.bytes) : null) ?? { kind: 'unreachable', sent: true, code: 'wechat.nonsense' };
  };

  const post = async (path: string, body: string): Promise<Answer> => {
    const answer = await dispatchPost(api, `${basePath}${path}`, body, settings.timeoutMs);
    report(ports, path, answer);
    return answer;
  };

  const postForm = async (path: string, body: FormData): Promise<Answer> => {
    const response = await exchange(`${settings.apiBase}${path}`, { method: 'POST', body });
    const answer = 'kind' in response ? response : await readAnswer(response);
    report(ports, path, answer);
    return answer;
  };

  const tokens = createTokens(settings, ports, (body) => post('/cgi-bin/stable_token', JSON.stringify(body)));

  /** Runs a call with the token; a refused token is renewed and the call made once more. */
  const withToken = async <T extends { readonly kind: string }>(run: (token: string) => Promise<T | Answer>): Promise<T | Answer> => {
    const first = await tokens.current();
    if (typeof first !== 'string') return notSent(first);
    const answer = await run(first);
    if (!isAnswer(answer) || rowOf(answer.errcode).reaction.kind !== 'token') return answer;
    const second = await tokens.renew(first);
    return typeof second === 'string' ? run(second) : notSent(second);
  };

  return {
    // JSON.stringify leaves Chinese as it is; WeChat refuses \u escapes (40033).
    call: (path, body) => withToken((token) => post(`${path}?access_token=${encodeURIComponent(token)}`, JSON.stringify(body))),
    upload: (picture) => withToken((token) => {
      const form = new FormData();
      form.append('media', new Blob([new Uint8Array(picture.bytes)], { type: picture.contentType }), picture.name);
      return postForm(withQuery('/cgi-bin/media/upload', { access_token: token, type: 'image' }), form);
    }),
    download: (mediaId) => withToken(async (token): Promise<Bytes | Answer> => {
      const response = await exchange(`${settings.apiBase}${withQuery('/cgi-bin/media/get', { access_token: token, media_id: mediaId })}`, { method: 'GET' });
      if ('kind' in response) return response;
      // Trouble comes as JSON (also labelled text/plain) with status 200, the picture as anything else.
      const type = String(response.headers['content-type'] ?? '');
      if (response.statusCode === 200 && !/json|text\/plain/.test(type)) return readAll(response, settings.mediaMaxBytes);
      const answer = await readAnswer(response);
      report(ports, '/cgi-bin/media/get', answer);
      return isAnswer(answer) && answer.errcode === 40007 ? { kind: 'gone' } : answer;
    }),
    fetchPublic: async (url) => {
      const response = await exchange(url, { method: 'GET' });
      if ('kind' in response) return response;
      const read = await readAll(response, settings.mediaMaxBytes);
      if (response.statusCode === 200 || read.kind === 'unreachable') return read;
      return response.statusCode === 404 || response.statusCode === 410 ? { kind: 'gone' } : { kind: 'unreachable', sent: true, code: 'wechat.http_error' };
    },
    close: async () => {
      await Promise.all([api.close(), agent.close()]);
    },
  };
}

/** One POST of JSON and its answer, at most `timeoutMs` from here to the last byte. Never rejects. */
function dispatchPost(pool: Pool, path: string, body: string, timeoutMs: number): Promise<Answer> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    let status = 0;
    let running: Dispatcher.DispatchController | null = null;
    let over = false;
    const end = (answer: Answer): void => {
      if (over) return;
      over = true;
      clearTimeout(timer);
      // oxlint-disable-next-line promise/no-multiple-resolved -- `over` lets it happen once
      resolve(answer);
    };
    const giveUp = (answer: Answer): void => {
      end(answer);
      running?.abort(new Error('given up'));
    };
    // Still waiting for a connection: the request has not left us, and `onRequestStart` sees to it that it never does.
    const timer = setTimeout(() => giveUp({ kind: 'unreachable', sent: running !== null, code: 'wechat.timeout' }), timeoutMs);
    pool.dispatch({ path, method: 'POST', headers: JSON_HEADERS, body }, {
      onRequestStart: (controller) => {
        running = controller;
        if (over) controller.abort(new Error('given up'));
      },
      onResponseStart: (_controller, statusCode) => {
        status = statusCode;
      },
      onResponseData: (_controller, chunk) => {
        size += chunk.length;
        if (size > ANSWER_LIMIT_BYTES) giveUp({ kind: 'unreachable', sent: true, code: status === 200 ? 'wechat.nonsense' : 'wechat.http_error' });
        else chunks.push(chunk);
      },
      onResponseEnd: () => end(answerOf(status, chunks)),
      onResponseError: (_controller, error) => end(unreachable(error)),
    });
  });
}

function answerOf(status: number, chunks: readonly Buffer[]): Answer {
  if (status !== 200) return { kind: 'unreachable', sent: true, code: 'wechat.http_error' };
  const [only] = chunks;
  return parseAnswer(chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks)) ?? { kind: 'unreachable', sent: true, code: 'wechat.nonsense' };
}

/** No token, so the call itself was never made. */
function notSent(answer: Answer): Answer {
  return answer.kind === 'unreachable' ? { ...answer, sent: false } : answer;
}

function isAnswer(value: { readonly kind: string }): value is Extract<Answer, { kind: 'answer' }> {
  return value.kind === 'answer';
}

function withQuery(path: string, query: Readonly<Record<string, string>>): string {
  return `${path}?${new URLSearchParams(query).toString()}`;
}

/** Reads a body up to a limit; a longer one is drained no further. */
async function readAll(response: Dispatcher.ResponseData, limit: number): Promise<Exclude<Bytes, { kind: 'gone' }>> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of response.body) {
      const bytes = Buffer.from(chunk);
      size += bytes.length;
      if (size > limit) return { kind: 'too-large' };
      chunks.push(bytes);
    }
  } catch (error) {
    return unreachable(error);
  }
  return { kind: 'bytes', bytes: Buffer.concat(chunks) };
}

function parseAnswer(bytes: Buffer): Answer | null {
  try {
    const body: unknown = JSON.parse(quoteBigIntegers(bytes.toString('utf8')));
    return answers.Check(body) ? { kind: 'answer', errcode: body.errcode ?? 0, body } : null;
  } catch {
    return null;
  }
}

function unreachable(error: unknown): Extract<Answer, { kind: 'unreachable' }> {
  const code = codeOf(error);
  return { kind: 'unreachable', sent: !NEVER_SENT.has(code), code: TIMED_OUT.has(code) ? 'wechat.timeout' : 'wechat.unreachable' };
}

/** Leaves a line for every refusal: path, errcode and WeChat's request id, nothing else of what it said. */
function report(ports: Pick<ChannelPorts, 'log'>, path: string, answer: Answer): void {
  if (answer.kind === 'answer' && answer.errcode === 0) return undefined;
  const call = path.split('?')[0] ?? path;
  if (answer.kind === 'unreachable') return ports.log.warn({ call, code: answer.code }, 'WeChat API gave no answer');
  const row = rowOf(answer.errcode);
  if (row.reaction.kind === 'delivered' || row.reaction.kind === 'ignore') return undefined;
  const rid = /\brid:\s*([0-9a-f-]{1,64})/i.exec(answer.body.errmsg ?? '')?.[1] ?? null;
  return ports.log.warn({ call, errcode: answer.errcode, code: row.code, rid }, 'WeChat API refused a call');
}
