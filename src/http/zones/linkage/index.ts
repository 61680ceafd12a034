import { createHash, timingSafeEqual } from 'node:crypto';
import fastifyRateLimit from '@fastify/rate-limit';
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../../../domain/errors.ts';
import type { JsonValue } from '../../../domain/json.ts';
import { acknowledgementOf, type Taken } from '../../../linkage/acknowledge.ts';
import type { Endpoint, LinkageContext } from '../../../linkage/context.ts';
import { takeAcknowledgements, takeBody, takeList } from '../../../linkage/pick.ts';
import type { Log } from '../../../intake/context.ts';
import { isSigned } from '../../../partners/signature.ts';
import { describeError, errorBody } from '../../errors.ts';

/**
 * Where linked platforms post to: /hooks/linkage/<profile> (records), …/ack (acknowledgements that come by themselves) and …/list/<day>
 * (their list of a day). Bodies are left as raw bytes, because the signature covers them. Answers are the profile's own acknowledgement, in
 * JSON, once everything is stored.
 */

export interface LinkageZoneOptions {
  readonly context: LinkageContext;
  readonly log: Pick<Log, 'warn' | 'error'>;
  /** Requests a minute of one address: of the right peer and of whoever guesses. */
  readonly perAddress: number;
  readonly count: (reason: string) => void;
}

const BODY_LIMIT_BYTES = 4 * 1024 * 1024;
/** One answer for an unknown profile, one that is off, a wrong signature and an old one: a stranger learns nothing. */
const REFUSAL = errorBody('hook.refused', 'refused');

export function linkageZone({ context, log, perAddress, count }: LinkageZoneOptions): FastifyPluginAsync {
  return async (app) => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    app.setErrorHandler((error: unknown, request, reply) => {
      const { status, body } = describeError(error);
      if (status >= 500) log.error({ code: error instanceof Error && 'code' in error ? error.code : 'none', status, requestId: request.id }, 'a linked platform could not be answered');
      return reply.status(status === 500 ? 500 : status > 500 ? 503 : status).send(body);
    });
    await app.register(fastifyRateLimit, { max: perAddress, timeWindow: '1 minute' });

    const open = (request: FastifyRequest<{ Params: { profile: string } }>, reply: FastifyReply): { readonly endpoint: Endpoint; readonly text: string } | null => {
      const endpoint = context.house.endpoint(request.params.profile);
      const bytes = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
      const text = decode(bytes);
      if (endpoint === null || !endpoint.on || endpoint.profile.transport.kind !== 'http' || text === null || !isTheirs(endpoint, request, text, context.now())) {
        count('unauthorized');
        log.warn({ profile: endpoint?.profile.id ?? 'unknown', requestId: request.id }, 'a linkage request was refused');
        void reply.status(401).send(REFUSAL);
        return null;
      }
      return { endpoint, text };
    };

    app.post<{ Params: { profile: string } }>('/hooks/linkage/:profile', { bodyLimit: BODY_LIMIT_BYTES, schema: { hide: true } }, async (request, reply) => {
      const opened = open(request, reply);
      if (opened === null) return reply;
      const { profile } = opened.endpoint;
      const all = await orRefusal(async () => takeBody(context, profile, opened.text));
      for (const { state } of all) count(state);
      const answers: JsonValue[] = all.map((one) => acknowledgementOf(profile, one));
      // One record is answered by itself; a refusal is no failure of the transport, so that nobody sends it again for ever.
      return reply.status(200).type('application/json; charset=utf-8').send(JSON.stringify(answers.length === 1 ? answers[0] : { records: answers }));
    });

    app.post<{ Params: { profile: string } }>('/hooks/linkage/:profile/ack', { bodyLimit: BODY_LIMIT_BYTES, schema: { hide: true } }, async (request, reply) => {
      const opened = open(request, reply);
      if (opened === null) return reply;
      return reply.send({ acknowledgements: await takeAcknowledgements(context, opened.endpoint.profile, opened.text) });
    });

    app.post<{ Params: { profile: string; day: string } }>('/hooks/linkage/:profile/list/:day', { bodyLimit: BODY_LIMIT_BYTES, schema: { hide: true } }, async (request, reply) => {
      const opened = open(request, reply);
      if (opened === null) return reply;
      return reply.send({ day: request.params.day, lines: await takeList(context, opened.endpoint.profile, request.params.day, opened.text) });
    });
  };
}

/** What cannot be read at all is answered like a record that is wrong. */
async function orRefusal(run: () => Promise<readonly Taken[]>): Promise<readonly Taken[]> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof AppError && error.code === 'linkage.unreadable') return [{ number: '', version: 0, state: 'refused', code: error.code, text: error.citizenText, ticketNo: null }];
    throw error;
  }
}

function isTheirs({ profile, secret, key }: Endpoint, request: FastifyRequest, text: string, now: number): boolean {
  if (profile.transport.kind !== 'http') return false;
  if (profile.transport.auth === 'signature') return isSigned(Buffer.from(secret).toString('base64'), request.headers, text, Math.floor(now / 1000));
  const given = /^Bearer (.{1,500})$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
  return key !== '' && equal(given, key);
}

/** Hashing first makes the lengths equal; timingSafeEqual throws otherwise. */
function equal(left: string, right: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(left), digest(right));
}

function decode(bytes: Buffer): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}
