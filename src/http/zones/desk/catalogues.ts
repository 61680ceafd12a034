import fastifyMultipart, { type MultipartFile } from '@fastify/multipart';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { FastifyRequest } from 'fastify';
import Type from 'typebox';
import type { CityData } from '../../../config/city.ts';
import { AppError } from '../../../domain/errors.ts';
import type { CatalogueFault } from '../../../domain/items.ts';
import { explainRoutes } from '../../../domain/routing.ts';
import { writeUnit } from '../../../intake/context.ts';
import { readDepartmentFile, writeDepartmentFile } from './department-file.ts';
import { readItemFile, writeItemFile } from './item-file.ts';
import { UPLOAD_LIMITS } from '../../../knowledge/files/limits.ts';
import { CONTENT_TYPES } from '../../../knowledge/files/write.ts';
import type { Catalogue } from '../../../store/contract.ts';
import { CATALOGUE_KINDS, readDepartmentsBody, readDispatchBody, readItemsBody } from '../../../tickets/catalogue/body.ts';
import { correctItem } from '../../../tickets/catalogue/correct.ts';
import { diffCatalogues } from '../../../tickets/catalogue/diff.ts';
import { createTrials, TrialStateSchema } from '../../../tickets/catalogue/trial-run.ts';
import { factsOf } from '../../../tickets/catalogue/trial.ts';
import { changeDraft, DRAFTING_ROLES, draftCatalogue, dropDraft, getCatalogue, listCatalogues, publishCatalogue, PUBLISHING_ROLES, reviewCatalogue, type CatalogueContext, type CatalogueEditor } from '../../../tickets/catalogue/work.ts';
import { requireRole } from './auth.ts';
import type { DeskDeps } from './index.ts';
import { IdParams, TicketView } from './schemas.ts';
import { moverOf, requireSeen } from './scope.ts';
import { ticketView } from './views.ts';

/** Catalogues of items, dispatch rules, departments, towns, the calendar and deadlines: versions, drafts by one person, publication by another. */

const shape = { additionalProperties: false };
const Text = Type.Union([Type.String(), Type.Null()]);
const Kind = Type.Enum([...CATALOGUE_KINDS]);
const KindParams = Type.Object({ kind: Kind });
const Version = Type.Integer({ minimum: 0, maximum: 1_000_000_000 });
const VersionParams = Type.Object({ kind: Kind, version: Version });
const DispatchParams = Type.Object({ version: Version });
const Note = Type.String({ maxLength: 1_000 });

const Fault = Type.Object({ pointer: Type.String(), subject: Type.String(), message: Type.String(), text: Type.String(), severity: Type.Union([Type.Literal('error'), Type.Literal('warning')]) });
const VersionView = Type.Object({ kind: Kind, version: Type.Integer(), state: Type.String(), note: Type.String(), author: Type.String(), createdAt: Type.Number(), publishedBy: Text, publishedAt: Type.Union([Type.Number(), Type.Null()]) });
const WholeView = Type.Object({ ...VersionView.properties, body: Type.Unknown() });
const OneAnswer = Type.Object({ catalogue: WholeView, faults: Type.Array(Fault) });
/** A whole body, or that of an earlier version to begin from. */
const DraftBody = Type.Object({ body: Type.Optional(Type.Unknown()), from: Type.Optional(Version), note: Type.Optional(Note) }, shape);
const ChangeBody = Type.Object({ body: Type.Unknown(), note: Type.Optional(Note) }, shape);
const Change = Type.Object({ what: Type.String(), id: Type.String(), how: Type.String(), fields: Type.Array(Type.Object({ field: Type.String(), before: Type.Unknown(), after: Type.Unknown() })) });
const Verdict = Type.Object({ routeId: Type.String(), fits: Type.Boolean(), problem: Text, conditions: Type.Array(Type.Object({ name: Type.String(), met: Type.Boolean(), text: Type.String() })) });
const RowReport = Type.Object({ line: Type.Number(), code: Text, status: Type.String(), reasons: Type.Array(Type.String()) });
const ImportAnswer = Type.Object({
  rows: Type.Array(RowReport), counts: Type.Object({ new: Type.Number(), changed: Type.Number(), same: Type.Number(), refused: Type.Number() }), gone: Type.Array(Type.String()), ignored: Type.Array(Type.String()),
  /** The draft that was made; null: only checked, or refused. */
  version: Type.Union([Type.Integer(), Type.Null()]),
});
const ImportQuery = Type.Object({ apply: Type.Optional(Type.Boolean()), scheme: Type.Optional(Type.String({ minLength: 1, maxLength: 60 })), edition: Type.Optional(Type.Integer({ minimum: 0 })) });
const ExportQuery = Type.Object({ format: Type.Optional(Type.Union([Type.Literal('xlsx'), Type.Literal('csv'), Type.Literal('jsonl')])) });
const CorrectBody = Type.Object({ version: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }), itemCode: Type.String({ minLength: 1, maxLength: 120 }), redispatch: Type.Optional(Type.Boolean()) }, shape);

/** A city's whole tree with its examples. */
const BODY_LIMIT = 8 * 1024 * 1024;
const tags = ['catalogues'];

/** What the wiring adds: config/ as it was read, and what follows a publication. */
export interface CatalogueWiring {
  readonly files: CityData;
  readonly announce: () => void;
}

export function catalogueRoutes(deps: DeskDeps): FastifyPluginAsyncTypebox {
  const { context } = deps;
  const { store, city, clock, now } = context;
  const work: CatalogueContext = { store, city, now, files: deps.catalogues?.files ?? city, announce: deps.catalogues?.announce ?? (() => {}) };
  const trials = createTrials({ store, city, clock, now });
  const by = (request: FastifyRequest, roles: typeof DRAFTING_ROLES): CatalogueEditor => {
    const signed = deps.signed(request);
    requireRole(signed, roles);
    return { id: signed.seat.id, role: signed.seat.role };
  };
  const answer = async (catalogue: Catalogue) => ({ catalogue, faults: views(await reviewCatalogue(work, catalogue.kind, catalogue.body)) });

  return async (app) => {
    app.addHook('onClose', () => trials.stop());
    await app.register(fastifyMultipart, { throwFileSizeLimit: true });

    app.get('/api/catalogues/:kind', { schema: { tags, summary: 'Versions, newest first; 0 is the file in config/', params: KindParams, response: { 200: Type.Object({ versions: Type.Array(VersionView) }) } } }, async (request) => ({
      versions: [...(await listCatalogues(work, request.params.kind))],
    }));

    app.get('/api/catalogues/:kind/:version', { schema: { tags, summary: 'One version, and what is wrong with it', params: VersionParams, response: { 200: OneAnswer } } }, async (request) =>
      answer(await getCatalogue(work, request.params.kind, request.params.version)),
    );

    app.post('/api/catalogues/:kind', { bodyLimit: BODY_LIMIT, schema: { tags, summary: 'Begin a draft, with a body or from a version', params: KindParams, body: DraftBody, response: { 200: OneAnswer } } }, async (request) => {
      const editor = by(request, DRAFTING_ROLES);
      const { kind } = request.params;
      const { body, from, note = '' } = request.body;
      if ((body === undefined) === (from === undefined)) throw new AppError('catalogue.bad_draft', 'give one of body and from', { citizenText: '请给出目录内容，或从哪个版本起草，二者选一。' });
      return answer(await draftCatalogue(work, kind, { body: from === undefined ? body : (await getCatalogue(work, kind, from)).body, note }, editor));
    });

    app.put('/api/catalogues/:kind/:version', { bodyLimit: BODY_LIMIT, schema: { tags, summary: 'Change one’s own draft', params: VersionParams, body: ChangeBody, response: { 200: OneAnswer } } }, async (request) => {
      const editor = by(request, DRAFTING_ROLES);
      const { kind, version } = request.params;
      return answer(await changeDraft(work, kind, version, { body: request.body.body, note: request.body.note ?? '' }, editor));
    });

    app.post('/api/catalogues/:kind/:version/publish', { schema: { tags, summary: 'Publish what somebody else drafted', params: VersionParams, response: { 200: OneAnswer } } }, async (request) =>
      answer(await publishCatalogue(work, request.params.kind, request.params.version, by(request, PUBLISHING_ROLES))),
    );

    app.delete('/api/catalogues/:kind/:version', { schema: { tags, summary: 'Throw a draft away: its author, or who may publish', params: VersionParams, response: { 204: Type.Null() } } }, async (request, reply) => {
      await dropDraft(work, request.params.kind, request.params.version, by(request, DRAFTING_ROLES));
      return reply.code(204).send(null);
    });

    app.get('/api/catalogues/:kind/:version/diff', { schema: { tags, summary: 'What differs from another version; from the one in force unless told', params: VersionParams, querystring: Type.Object({ against: Type.Optional(Version) }), response: { 200: Type.Object({ against: Type.Integer(), changes: Type.Array(Change) }) } } }, async (request) => {
      const { kind, version } = request.params;
      const against = request.query.against ?? (await store.read((repos) => repos.catalogues.publishedVersion(kind)));
      const [before, after] = [await getCatalogue(work, kind, against), await getCatalogue(work, kind, version)];
      return { against, changes: diffCatalogues(kind, before.body, after.body).map((change) => ({ ...change, fields: [...change.fields] })) };
    });

    app.post('/api/catalogues/items/import', {
      bodyLimit: UPLOAD_LIMITS.fileBytes + 64 * 1024,
      schema: {
        tags, summary: 'Look through a file of items (XLSX, CSV, JSONL) row by row; with apply=true make it a draft', consumes: ['multipart/form-data'], querystring: ImportQuery,
        description: 'multipart/form-data with one file, which is the whole new tree. Nothing is changed without `apply`, nor when a row is refused. `scheme` and `edition`: those in force unless told.',
        response: { 200: ImportAnswer },
      },
    }, async (request) => {
      const editor = by(request, DRAFTING_ROLES);
      const upload = await fileOf(request);
      const { apply = false, scheme = city.itemScheme.scheme, edition = city.itemScheme.version } = request.query;
      const { file, result } = await readItemFile({ name: upload.filename, bytes: await upload.toBuffer() }, UPLOAD_LIMITS, city, { scheme, version: edition });
      const draft = apply && result.catalogue !== null ? await draftCatalogue(work, 'items', { body: result.catalogue, note: `导入 ${upload.filename}`.slice(0, 200) }, editor) : null;
      return { rows: result.rows.map((row) => ({ ...row, reasons: [...row.reasons] })), counts: result.counts, gone: [...result.gone], ignored: [...file.ignored], version: draft?.version ?? null };
    });

    app.get('/api/catalogues/items/:version/export', { schema: { tags, summary: 'A version as a file that can be imported', params: DispatchParams, querystring: ExportQuery } }, async (request, reply) => {
      by(request, DRAFTING_ROLES);
      const { format = 'xlsx' } = request.query;
      const { version, body } = await getCatalogue(work, 'items', request.params.version);
      return reply
        .header('content-type', CONTENT_TYPES[format])
        .header('content-disposition', `attachment; filename="items-${version}.${format}"`)
        .header('cache-control', 'no-store')
        .send(writeItemFile(format, readItemsBody(body), city.departments));
    });

    app.post('/api/catalogues/departments/import', {
      bodyLimit: UPLOAD_LIMITS.fileBytes + 64 * 1024,
      schema: {
        tags, summary: 'Look through a file of departments (XLSX, CSV, JSONL) row by row; with apply=true make it a draft', consumes: ['multipart/form-data'], querystring: Type.Object({ apply: Type.Optional(Type.Boolean()) }),
        description: 'multipart/form-data with one file, which is the whole new list. Nothing is changed without `apply`, nor when a row is refused.',
        response: { 200: ImportAnswer },
      },
    }, async (request) => {
      const editor = by(request, DRAFTING_ROLES);
      const upload = await fileOf(request);
      const { file, result } = await readDepartmentFile({ name: upload.filename, bytes: await upload.toBuffer() }, UPLOAD_LIMITS, city.departments);
      const draft = request.query.apply === true && result.catalogue !== null ? await draftCatalogue(work, 'departments', { body: result.catalogue, note: `导入 ${upload.filename}`.slice(0, 200) }, editor) : null;
      return { rows: result.rows.map((row) => ({ ...row, reasons: [...row.reasons] })), counts: result.counts, gone: [...result.gone], ignored: [...file.ignored], version: draft?.version ?? null };
    });

    app.get('/api/catalogues/departments/:version/export', { schema: { tags, summary: 'A version as a file that can be imported', params: DispatchParams, querystring: ExportQuery } }, async (request, reply) => {
      by(request, DRAFTING_ROLES);
      const { format = 'xlsx' } = request.query;
      const { version, body } = await getCatalogue(work, 'departments', request.params.version);
      return reply
        .header('content-type', CONTENT_TYPES[format])
        .header('content-disposition', `attachment; filename="departments-${version}.${format}"`)
        .header('cache-control', 'no-store')
        .send(writeDepartmentFile(format, readDepartmentsBody(body).departments));
    });

    app.post('/api/catalogues/dispatch/:version/try', { schema: { tags, summary: 'Try a version on the tickets of the last days, beside the requests', params: DispatchParams, body: Type.Object({ days: Type.Optional(Type.Integer({ minimum: 1, maximum: 366 })) }, shape), response: { 202: TrialStateSchema } } }, async (request, reply) => {
      by(request, DRAFTING_ROLES);
      const { version, body } = await getCatalogue(work, 'dispatch', request.params.version);
      void reply.code(202);
      return trials.begin(version, readDispatchBody(body).routes, request.body.days ?? 30);
    });

    app.get('/api/catalogues/dispatch/:version/try', { schema: { tags, summary: 'How far the trial is, and what came of it', params: DispatchParams, response: { 200: TrialStateSchema } } }, async (request) => {
      by(request, DRAFTING_ROLES);
      const state = await trials.state(request.params.version);
      if (state === null) throw new AppError('catalogue.not_tried', 'this version was not tried', { status: 404, citizenText: '这个版本还没有试跑过。' });
      return state;
    });

    app.get('/api/catalogues/dispatch/:version/explain/:id', { schema: { tags, summary: 'What each rule says of a ticket as it is now, up to the one that takes it', params: Type.Object({ version: Version, id: IdParams.properties.id }), response: { 200: Type.Object({ verdicts: Type.Array(Verdict) }) } } }, async (request) => {
      const ticket = requireSeen(deps.signed(request), await store.read((repos) => repos.tickets.get(request.params.id)));
      const { body } = await getCatalogue(work, 'dispatch', request.params.version);
      const { items, itemGroups, departments, towns } = city;
      return { verdicts: explainRoutes(factsOf(clock, ticket), { routes: readDispatchBody(body).routes, items, itemGroups, departments, towns }).map((verdict) => ({ ...verdict, conditions: [...verdict.conditions] })) };
    });

    app.post('/api/tickets/:id/item', { schema: { tags: ['tickets'], summary: 'Put the item right; the item model learns from it', params: IdParams, body: CorrectBody, response: { 200: Type.Object({ ticket: TicketView }) } } }, async (request) => {
      const ticket = await writeUnit(context, (unit) => correctItem(context, unit, request.params.id, request.body, moverOf(deps.signed(request))));
      return { ticket: ticketView(context, ticket) };
    });
  };
}

async function fileOf(request: FastifyRequest): Promise<MultipartFile> {
  const upload = request.isMultipart() ? await request.file({ limits: { fileSize: UPLOAD_LIMITS.fileBytes, files: 1 } }) : undefined;
  if (upload === undefined) throw new AppError('catalogue.no_file', 'multipart/form-data with a file is expected', { status: 415, citizenText: '请以 multipart/form-data 上传一个文件。' });
  return upload;
}

const views = (faults: readonly CatalogueFault[]): CatalogueFault[] => [...faults];
