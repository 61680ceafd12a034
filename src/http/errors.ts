import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError, isAppError } from '../domain/errors.ts';

/** `{ error: { code, message } }`: the one shape of a refusal, everywhere but where a protocol has its own. */
export interface ErrorBody {
  readonly error: { readonly code: string; readonly message: string };
}

export function errorBody(code: string, message: string): ErrorBody {
  return { error: { code, message } };
}

const GENERIC = new AppError('http.failed', 'never thrown').citizenText;
/** Somebody was faster: said to seats and programs, where the words for a citizen would mislead. */
const CONFLICT_TEXT = '内容已被他人更改，请刷新后再试。';

/** Turns whatever a handler throws into a status, a code and a text without inner facts. */
export function describeError(error: unknown): { status: number; body: ErrorBody; retryAfterMs?: number } {
  if (isAppError(error)) {
    return {
      status: error.status,
      body: errorBody(error.code, error.status >= 500 ? '服务暂时不可用，请稍后再试。' : error.status === 409 && error.citizenText === GENERIC ? CONFLICT_TEXT : error.citizenText),
      ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
    };
  }
  if (!(error instanceof Error)) return { status: 500, body: errorBody('http.failed', '服务暂时不可用，请稍后再试。') };
  const status = 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : 500;
  if (status >= 400 && status < 500) {
    const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
    return { status, body: errorBody(httpCode(status), code === 'FST_ERR_VALIDATION' ? error.message : httpText(status)) };
  }
  return { status: 500, body: errorBody('http.failed', '服务暂时不可用，请稍后再试。') };
}

export function setErrorHandling(app: FastifyInstance): void {
  app.setErrorHandler((error: unknown, request: FastifyRequest, reply: FastifyReply) => {
    const { status, body, retryAfterMs } = describeError(error);
    // The error object itself may quote a body; only its code and place are logged.
    const facts = { code: error instanceof Error && 'code' in error ? error.code : 'none', status, method: request.method, route: request.routeOptions.url ?? 'unknown', requestId: request.id };
    if (status >= 500) app.log.error({ ...facts, name: error instanceof Error ? error.name : typeof error, stack: firstFrames(error) }, 'request failed');
    else app.log.debug(facts, 'request refused');
    if (retryAfterMs !== undefined) void reply.header('retry-after', String(Math.max(1, Math.ceil(retryAfterMs / 1000))));
    return reply.status(status).send(body);
  });
  app.setNotFoundHandler((_request, reply) => reply.status(404).send(errorBody('http.not_found', '没有这个地址。')));
}

/** Addresses that the router cannot read; its own answer would quote them. */
export function answerFrameworkError(error: FastifyError, _request: FastifyRequest, reply: FastifyReply): void {
  const { status, body } = describeError(error);
  void reply.status(status).header('content-type', 'application/json; charset=utf-8').serializer((value: unknown) => JSON.stringify(value)).send(body);
}

/** Stack without the first line: that one carries the message, which may quote input. */
function firstFrames(error: unknown): string {
  return (error instanceof Error ? (error.stack ?? '') : '').split('\n').filter((line) => line.trimStart().startsWith('at ')).slice(0, 6).join('\n');
}

function httpCode(status: number): string {
  const known: Readonly<Record<number, string>> = { 400: 'http.bad_request', 401: 'http.unauthorized', 403: 'http.forbidden', 404: 'http.not_found', 405: 'http.method', 413: 'http.too_large', 414: 'http.uri_too_long', 415: 'http.media_type', 429: 'http.too_many', 431: 'http.headers_too_large' };
  return known[status] ?? 'http.refused';
}

function httpText(status: number): string {
  const known: Readonly<Record<number, string>> = { 400: '请求格式不正确。', 401: '请先登录。', 403: '没有权限。', 404: '没有这个地址。', 413: '内容太大了。', 415: '不支持这种格式。', 429: '请求太频繁，请稍后再试。' };
  return known[status] ?? '请求不能处理。';
}
