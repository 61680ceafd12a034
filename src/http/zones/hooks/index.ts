import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import type { Channel, Hook, HookReading, HookReply, RawRequest, Told } from '../../../channel/contract.ts';
import { AppError, codeOf } from '../../../domain/errors.ts';
import type { IntakeContext } from '../../../intake/context.ts';
import { noteAnswered } from '../../../intake/in-hook.ts';
import { refusedAloud } from '../../../intake/storm/refusal.ts';
import { collectWebhook, takeWebhook } from '../../../intake/take.ts';
import { traced } from '../../../intake/trace.ts';
import { describeError, errorBody } from '../../errors.ts';

/** One body for every forged, stale or malformed webhook: a stranger learns nothing from it. */
const REFUSAL = errorBody('hook.refused', 'refused');

/**
 * The webhooks of all channels. Encapsulated: only here are bodies left as raw bytes, because signatures cover the
 * bytes as sent. No session, no cookie, no rate limit by address: a peer sends everything from one address.
 */
export function hooksZone(context: IntakeContext, channels: readonly Channel[]): FastifyPluginAsync {
  return async (app) => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    const note = keepNotes(app, context);
    const byPath = new Map(channels.flatMap((channel) => (channel.hooks ?? []).map((hook) => [hook.path as string, channel.name])));
    app.setErrorHandler((error: unknown, request, reply) => {
      const { status, body } = describeError(error);
      // What the server itself cannot read (too large, a broken content type) is refused and counted like a forgery.
      if (status < 500 && status !== 409 && status !== 429) {
        refuse(context, byPath.get(request.routeOptions.url ?? '') ?? 'unknown', REASONS[status] ?? 'unreadable', request.id);
        return reply.status(status).send(REFUSAL);
      }
      context.log.error({ code: error instanceof Error && 'code' in error ? error.code : 'none', status, route: request.routeOptions.url ?? 'unknown', requestId: request.id }, 'webhook failed');
      // A peer tries again after a 5xx and gives up after a 4xx: what went wrong on our side is never its fault.
      const failed = status === 500 ? 500 : 503;
      return reply.status(failed).send(failed === status ? body : errorBody('hook.busy', '服务暂时不可用，请稍后再试。'));
    });
    for (const channel of channels) {
      for (const hook of channel.hooks ?? []) {
        app.route({
          method: hook.method,
          url: hook.path,
          bodyLimit: hook.bodyLimitBytes,
          schema: { hide: true },
          handler: (request, reply) => handle({ context, note }, channel, hook, request, reply),
        });
      }
    }
  };
}

const REASONS: Readonly<Record<number, string>> = { 413: 'too_large', 415: 'content_type' };

function refuse(context: IntakeContext, channel: string, reason: string, requestId: string): void {
  context.meter.count('refused', { channel, reason });
  context.log.warn({ channel, reason, requestId }, 'webhook refused');
}

/** A channel's reader must not throw; if it does for some strange bytes, that is a malformed webhook and no failure of the house. */
function readSafely(context: IntakeContext, hook: Hook, raw: RawRequest): HookReading {
  try {
    return hook.read(raw, context.now());
  } catch {
    return { kind: 'refused', status: 400, reason: 'reader_threw' };
  }
}

async function handle({ context, note }: { readonly context: IntakeContext; readonly note: Note }, channel: Channel, hook: Hook, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  if (channel.status.state === 'off') {
    return reply.status(503).send(errorBody('channel.off', `channel ${channel.name} is off: set ${channel.status.missing.join(', ')}`));
  }
  const raw: RawRequest = { method: request.method, url: request.raw.url ?? request.url, headers: request.headers, body: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0), peer: request.ip };
  const started = performance.now();
  const reading = readSafely(context, hook, raw);
  context.meter.time('verify', (performance.now() - started) / 1000);
  switch (reading.kind) {
    case 'refused':
      refuse(context, channel.name, reading.reason, request.id);
      return reply.status(reading.status).send(REFUSAL);
    case 'reply':
      return send(reply, reading.reply);
    case 'collect':
      return send(reply, hook.encodeReply(raw, await collectWebhook(context, channel, reading)));
    case 'told':
      await heed(context, channel, reading.told);
      return send(reply, reading.reply);
    case 'inbound': {
      // First: a message that is spooled while the database is away does not come again, and its news would be lost.
      if (reading.told !== undefined) await heed(context, channel, { ...reading.told, consents: [] });
      const span = context.trace.start('webhook', { channel: channel.name, requestId: request.id }, null);
      const outcome = await traced(span, () => takeWebhook(context, channel, reading, { patienceMs: hook.patienceMs, trace: span.traceparent })).catch((error: unknown) => {
        const aloud = refusedAloud(channel, error, context.storm);
        if (aloud === null) throw error;
        context.log.error({ code: codeOf(error), channel: channel.name, requestId: request.id }, 'a caller was told that nothing can be kept now');
        return aloud;
      });
      // Whose they are is known only now: the first thing that a citizen does may be to allow something.
      if (reading.told !== undefined) await heed(context, channel, { reports: [], consents: reading.told.consents });
      const { inPlaceOf } = outcome;
      // A peer that has hung up hears nothing; it asks again, or the words go by themselves later.
      if (inPlaceOf !== undefined && request.raw.socket.writable !== false) reply.raw.once('finish', () => note(inPlaceOf));
      return send(reply, hook.encodeReply(raw, outcome));
    }
  }
}

type Note = (rowId: string) => void;

/** Notes after the last byte which answers went out whole, and lets nobody close the house before that is done. */
function keepNotes(app: FastifyInstance, context: IntakeContext): Note {
  const closing = new AbortController();
  const underWay = new Set<Promise<void>>();
  app.addHook('onClose', async () => {
    closing.abort();
    await Promise.all(underWay);
  });
  return (rowId) => {
    const noted = noteAnswered(context, rowId, (ms) => sleep(ms, undefined, { signal: closing.signal, ref: false })).finally(() => underWay.delete(noted));
    underWay.add(noted);
  };
}

/**
 * News of what we began is stored before the peer is answered. While that cannot be done the peer is asked to say it again (503): nobody waits at
 * the other end, and a report is of no effect when it comes twice.
 */
async function heed(context: IntakeContext, channel: Channel, told: Told): Promise<void> {
  if (told.reports.length + told.consents.length + (told.conference ?? []).length === 0) return;
  try {
    if (context.heed === undefined) throw new AppError('outbound.absent', 'this house begins nothing', { retry: 'later', status: 503 });
    await context.heed(channel.name, told);
  } catch (error) {
    throw new AppError('outbound.not_stored', `a report could not be stored (${codeOf(error)})`, { retry: 'later', status: 503 });
  }
}

function send(reply: FastifyReply, answer: HookReply): FastifyReply {
  if (answer.headers !== undefined) void reply.headers(answer.headers);
  return reply.status(answer.status).header('content-type', answer.contentType).send(answer.body);
}
