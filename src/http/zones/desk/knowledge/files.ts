import fastifyMultipart from '@fastify/multipart';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import Type from 'typebox';
import { AppError } from '../../../../domain/errors.ts';
import { KnowledgeModuleSchema } from '../../../../domain/knowledge.ts';
import { faultText } from '../../../../knowledge/files/faults.ts';
import { importKnowledge } from '../../../../knowledge/files/import.ts';
import { UPLOAD_LIMITS } from '../../../../knowledge/files/limits.ts';
import { createNames } from '../../../../knowledge/files/names.ts';
import type { KnowledgeFile } from '../../../../knowledge/files/open.ts';
import { publishedPages } from '../../../../knowledge/files/plan.ts';
import { CONTENT_TYPES, writeEntries } from '../../../../knowledge/files/write.ts';
import { beijingDay } from '../../../../knowledge/lint/sources.ts';
import type { KnowledgeDeps } from './index.ts';

const FormatSchema = Type.Union([Type.Literal('xlsx'), Type.Literal('csv'), Type.Literal('jsonl')]);
const Text = Type.Union([Type.String(), Type.Null()]);
const ImportQuery = Type.Object({ write: Type.Optional(Type.Boolean()), publish: Type.Optional(Type.Boolean()), skipBad: Type.Optional(Type.Boolean()) });
const ExportQuery = Type.Object({
  format: Type.Optional(FormatSchema), module: Type.Optional(KnowledgeModuleSchema), department: Type.Optional(Type.String({ pattern: '^[a-z0-9-]*$', maxLength: 100 })),
  state: Type.Optional(Type.Union([Type.Literal('published'), Type.Literal('retired')])),
});
const Outcome = Type.Union([Type.Literal('checked'), Type.Literal('refused'), Type.Literal('handed_in'), Type.Literal('published')]);
const Status = Type.Union([Type.Literal('new'), Type.Literal('changed'), Type.Literal('same'), Type.Literal('refused')]);
const ImportAnswer = Type.Object({
  file: Type.Object({ format: FormatSchema, encoding: Text, delimiter: Text, sheet: Text, ignored: Type.Array(Type.String()) }),
  outcome: Outcome,
  counts: Type.Object({ new: Type.Number(), changed: Type.Number(), same: Type.Number(), refused: Type.Number() }),
  written: Type.Number(),
  rows: Type.Array(Type.Object({
    row: Type.Number(), line: Type.Number(), id: Text, status: Status,
    faults: Type.Array(Type.Object({ field: Type.String(), rule: Type.String(), value: Type.Optional(Type.String()), text: Type.String() })),
  })),
});

const tags = ['knowledge'];
const FIELDS = new Set(['write', 'publish', 'skipBad']);

/** Knowledge by the file. One import at a time on a node: it takes memory and the database's writer. */
export function fileRoutes({ editing, editor }: KnowledgeDeps): FastifyPluginAsyncTypebox {
  const { store, now, newId, announce } = editing;
  // Asked anew each time: items are published while the gateway runs.
  const names = () => createNames(editing.city);
  let busy = false;
  return async (app) => {
    await app.register(fastifyMultipart, { throwFileSizeLimit: true });

    app.post('/api/knowledge/import', {
      bodyLimit: UPLOAD_LIMITS.fileBytes + 64 * 1024,
      schema: {
        tags, summary: 'Look through a file (XLSX, CSV, JSONL) row by row; with write=true hand its rows in for review', consumes: ['multipart/form-data'], querystring: ImportQuery,
        description: 'multipart/form-data with one file. `write`, `skipBad` and `publish` (administrators: without review) are query parameters or form fields. Without `write` nothing is changed; with it nothing is changed when a row is refused, unless `skipBad` is set.',
        response: { 200: ImportAnswer },
      },
    }, async (request) => {
      const seat = editor(request);
      if (!request.isMultipart()) throw new AppError('knowledge.no_file', 'multipart/form-data with a file is expected', { status: 415, citizenText: '请以 multipart/form-data 上传一个文件。' });
      if (busy) throw new AppError('knowledge.import_running', 'another import is running', { status: 409, citizenText: '另一个导入正在进行，请稍后再试。' });
      busy = true;
      try {
        const { file, fields } = await readForm(request);
        const asked = (name: keyof typeof request.query): boolean => request.query[name] === true || fields.get(name) === 'true';
        const write = asked('write');
        const publish = asked('publish');
        if (publish && seat.role !== 'administrator') throw new AppError('desk.forbidden', 'this role may not publish unreviewed', { status: 403, citizenText: '只有管理员可以不经审核直接发布。' });
        const report = await importKnowledge({ store, names: names(), now, newId, announce }, file, { write, publish, skipBad: asked('skipBad'), by: seat.id, limits: UPLOAD_LIMITS });
        return {
          file: { ...report.file, ignored: [...report.file.ignored] }, outcome: report.outcome, counts: report.counts, written: report.written,
          rows: report.rows.map(({ faults, ...row }) => ({ ...row, faults: faults.map((fault) => ({ ...fault, text: faultText(fault) })) })),
        };
      } finally {
        busy = false;
      }
    });

    app.get('/api/knowledge/export', { schema: { tags, summary: 'Published entries as a file', querystring: ExportQuery } }, async (request, reply) => {
      editor(request);
      const { format = 'xlsx', module, department, state } = request.query;
      const pages = publishedPages(store, { ...(module === undefined ? {} : { module }), ...(department === undefined || department === '' ? {} : { department }), ...(state === undefined ? {} : { state }) });
      return reply
        .header('content-type', CONTENT_TYPES[format])
        .header('content-disposition', `attachment; filename="knowledge-${beijingDay(now())}.${format}"`)
        .header('cache-control', 'no-store')
        .send(writeEntries(format, pages, names()));
    });
  };
}

async function readForm(request: FastifyRequest): Promise<{ readonly file: KnowledgeFile; readonly fields: ReadonlyMap<string, string> }> {
  const fields = new Map<string, string>();
  let file: KnowledgeFile | null = null;
  for await (const part of request.parts({ limits: { fileSize: UPLOAD_LIMITS.fileBytes, files: 1, fields: 8, fieldSize: 100, parts: 9 } })) {
    if (part.type === 'file') file = { name: part.filename, bytes: await part.toBuffer() };
    else if (FIELDS.has(part.fieldname) && typeof part.value === 'string') fields.set(part.fieldname, part.value);
  }
  if (file === null) throw new AppError('knowledge.no_file', 'the form has no file', { citizenText: '表单里没有文件。' });
  return { file, fields };
}
