import fastifyMultipart from '@fastify/multipart';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import Type from 'typebox';
import { DAY } from '../../../domain/clock.ts';
import { AppError } from '../../../domain/errors.ts';
import { writeUnit } from '../../../intake/context.ts';
import { MAX_MEDIA_BYTES } from '../../../intake/media.ts';
import { explainTicket } from '../../../tickets/explain.ts';
import { addFile } from '../../../tickets/files.ts';
import type { DeskDeps } from './index.ts';
import { IdParams } from './schemas.ts';
import { moverOf, requireSeen } from './scope.ts';
import { ClockView, CountView, FileView, RequestQuery, SinceQuery, WaitingView } from './ticket-schemas.ts';
import { departmentName, fileView, precedentsView, requestView } from './ticket-views.ts';

const tags = ['tickets'];
/** Counted back from now when nothing else is asked for. */
const COUNT_DAYS = 30;

/** What hangs on a ticket: its clocks in words, the requests that wait for judgement, its files. */
export function ticketWorkRoutes(deps: DeskDeps): FastifyPluginAsyncTypebox {
  const { context } = deps;
  /** Open to departments: each asks `scope.ts` what they may see. */
  const config = { departments: true };
  return async (app) => {
    await app.register(fastifyMultipart, { throwFileSizeLimit: true });

    app.get('/api/tickets/:id/clocks', { config, schema: { tags, summary: 'Every clock of a ticket replayed in words', params: IdParams, response: { 200: Type.Object({ clocks: Type.Array(ClockView) }) } } }, async (request) => {
      const signed = deps.signed(request);
      return context.store.read(async (repos) => {
        const ticket = requireSeen(signed, await repos.tickets.get(request.params.id));
        const explained = explainTicket(context, ticket, await repos.clocks.of(ticket.id), await repos.requests.of(ticket.id), context.now());
        return { clocks: explained.map((clock) => ({ ...clock, lines: [...clock.lines] })) };
      });
    });

    app.get('/api/tickets/requests', { schema: { tags, summary: 'Returns, extensions and holds that wait for judgement, first due first, with what was decided before', querystring: RequestQuery, response: { 200: Type.Object({ waiting: Type.Array(WaitingView) }) } } }, async (request) => {
      const { kind, limit = 50 } = request.query;
      return context.store.read(async (repos) => {
        const requests = await repos.requests.waiting({ limit, ...(kind === undefined ? {} : { kind }) });
        const tickets = new Map((await repos.tickets.getMany(requests.map(({ ticketId }) => ticketId))).map((ticket) => [ticket.id, ticket]));
        const waiting = [];
        for (const one of requests) {
          const ticket = tickets.get(one.ticketId);
          if (ticket === undefined) continue;
          const { id, number, title, state, version } = ticket;
          waiting.push({ request: requestView(context, one), ticket: { id, number, title, state, version }, precedents: await precedentsView(context, repos, one) });
        }
        return { waiting };
      });
    });

    app.get('/api/tickets/requests/counts', { schema: { tags, summary: 'Requests by department and kind: asked, upheld, refused', querystring: SinceQuery, response: { 200: Type.Object({ since: Type.Number(), counts: Type.Array(CountView) }) } } }, async (request) => {
      const since = request.query.since ?? context.now() - COUNT_DAYS * DAY;
      const counts = await context.store.read((repos) => repos.requests.counts(since));
      return { since, counts: counts.map((row) => ({ ...row, departmentName: departmentName(context.city, row.departmentId) })) };
    });

    app.get('/api/tickets/:id/files', { config, schema: { tags, summary: 'Files of a ticket', params: IdParams, response: { 200: Type.Object({ files: Type.Array(FileView) }) } } }, async (request) => {
      const signed = deps.signed(request);
      return context.store.read(async (repos) => {
        const ticket = requireSeen(signed, await repos.tickets.get(request.params.id));
        return { files: (await repos.ticketFiles.of(ticket.id)).map((file) => fileView(context, file)) };
      });
    });

    app.post('/api/tickets/:id/files', {
      config, bodyLimit: MAX_MEDIA_BYTES + 64 * 1024,
      schema: { tags, summary: 'Add a file (multipart/form-data, one file); moves name it as evidence', consumes: ['multipart/form-data'], params: IdParams, response: { 201: Type.Object({ file: FileView }) } },
    }, async (request, reply) => {
      const signed = deps.signed(request);
      const by = moverOf(signed);
      // Before the bytes are taken: a stranger's ticket stores nothing.
      const seen = requireSeen(signed, await context.store.read((repos) => repos.tickets.get(request.params.id)));
      if (by.role === 'department' && (by.actor.kind !== 'department' || seen.departmentId !== by.actor.departmentId)) throw new AppError('ticket.not_yours', 'only the leading department adds evidence', { status: 403, citizenText: '只有主办单位可以添加材料。' });
      const { name, bytes } = await readFile(request);
      const stored = await context.media.save(bytes, name);
      const file = await writeUnit(context, (unit) => addFile(context, unit, seen.id, { url: stored.url, name: stored.name ?? null, contentType: stored.contentType, purpose: 'evidence' }, by.actor));
      return reply.code(201).send({ file: fileView(context, file) });
    });
  };
}

/** @throws AppError `ticket.no_file`, `media.too_large` */
async function readFile(request: FastifyRequest): Promise<{ readonly name: string | undefined; readonly bytes: Buffer }> {
  if (!request.isMultipart()) throw new AppError('ticket.no_file', 'multipart/form-data with a file is expected', { status: 415, citizenText: '请以 multipart/form-data 上传一个文件。' });
  for await (const part of request.parts({ limits: { fileSize: MAX_MEDIA_BYTES, files: 1, fields: 4, fieldSize: 200, parts: 5 } })) {
    if (part.type === 'file') return { name: part.filename, bytes: await part.toBuffer() };
  }
  throw new AppError('ticket.no_file', 'the form has no file', { status: 400, citizenText: '表单里没有文件。' });
}
