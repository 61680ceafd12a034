import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type, { type Static } from 'typebox';
import { AppError } from '../../../domain/errors.ts';
import { writeUnit } from '../../../intake/context.ts';
import { stretchesOf } from '../../../quality/collect.ts';
import { qualityFigures } from '../../../quality/figures.ts';
import { isLeader, maySee, movesOf, type QualityActor } from '../../../quality/life.ts';
import { inspectPeriod, inspectStretch, keep, keepRules, type Made, moveInspection, notFound, type QualityContext, requireLeader } from '../../../quality/work.ts';
import type { Inspection, InspectionFinding, Repositories } from '../../../store/contract.ts';
import type { DeskDeps } from './index.ts';
import { ActivityView, Counter, IdParams } from './schemas.ts';
import { activityViews } from './views.ts';

/** Quality inspection at the desk: leaders see and judge all, everybody else sees their own and may appeal. Closed to departments. */

const shape = { additionalProperties: false };
const Text = Type.Union([Type.String(), Type.Null()]);
const Time = Type.Union([Type.Number(), Type.Null()]);
const Version = Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER });
const State = Type.Union([Type.Literal('automatic'), Type.Literal('sampled'), Type.Literal('told'), Type.Literal('appealed'), Type.Literal('final')]);
const MoveName = Type.Union([Type.Literal('sample'), Type.Literal('judge'), Type.Literal('accept'), Type.Literal('appeal'), Type.Literal('rejudge')]);
const Slug = Type.String({ minLength: 1, maxLength: 100 });

const InspectionView = Type.Object({
  id: Type.String(), conversationId: Type.String(), channel: Type.String(), modality: Type.String(), groupId: Text, seatId: Type.String(), seatName: Text, fromSeq: Type.Number(), toSeq: Type.Number(), startedAt: Type.Number(), endedAt: Type.Number(),
  rulesVersion: Type.String(), score: Type.Number(), automaticScore: Type.Number(), fatal: Type.Boolean(), state: State, sampledFor: Text, inspectorName: Text, judgedAt: Time, note: Text, appealBy: Time, appeal: Text, appealedAt: Time,
  rejudgedByName: Text, rejudgement: Text, finalAt: Time, version: Type.Number(),
});
const FindingView = Type.Object({
  number: Type.Number(), rule: Type.String(), ruleName: Type.String(), seatName: Text, severity: Type.String(), points: Type.Number(), seq: Type.Number(), start: Type.Number(), end: Type.Number(), sentence: Type.String(), why: Type.String(), verdict: Type.String(),
});
const ListQuery = Type.Object({
  state: Type.Optional(State), seatId: Type.Optional(Slug), groupId: Type.Optional(Slug), channel: Type.Optional(Slug), rule: Type.Optional(Slug), atMost: Type.Optional(Type.Integer({ minimum: 0, maximum: 100 })),
  from: Type.Optional(Counter), to: Type.Optional(Counter), before: Type.Optional(Counter), beforeId: Type.Optional(Slug), limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
});
const Counts = Type.Object({ automatic: Type.Number(), sampled: Type.Number(), told: Type.Number(), appealed: Type.Number(), final: Type.Number() });
const MoveBody = Type.Object(
  {
    version: Version,
    verdicts: Type.Optional(Type.Array(Type.Object({ number: Version, stands: Type.Boolean() }, shape), { maxItems: 200 })),
    added: Type.Optional(Type.Array(Type.Object({ rule: Slug, seq: Version, why: Type.String({ minLength: 2, maxLength: 300 }) }, shape), { maxItems: 20 })),
    note: Type.Optional(Type.String({ maxLength: 1000 })),
  },
  shape,
);
const RangeQuery = Type.Object({ from: Counter, to: Counter });
const RuleView = Type.Object({ id: Type.String(), name: Type.String(), about: Type.String(), check: Type.String(), severity: Type.String(), points: Type.Number(), most: Type.Union([Type.Number(), Type.Null()]), channels: Type.Array(Type.String()), modalities: Type.Array(Type.String()), active: Type.Boolean() });
const FiguresView = Type.Object({
  inspections: Type.Number(), score: Time, fatal: Type.Number(), looked: Type.Number(), appealed: Type.Number(), changed: Type.Number(),
  rules: Type.Array(Type.Object({ rule: Type.String(), ruleName: Type.String(), findings: Type.Number(), right: Time })),
  seats: Type.Array(Type.Object({ seatId: Type.String(), seatName: Text, inspections: Type.Number(), score: Type.Number(), fatal: Type.Number(), findings: Type.Record(Type.String(), Type.Number()) })),
});

const SHOWN = 50;
const VERSIONS_SHOWN = 50;
const TRANSCRIPT_MOST = 1_000;
const ACTIVITIES_AT_ONCE = 300;

export function qualityRoutes(deps: DeskDeps): FastifyPluginAsyncTypebox {
  const { context, quality } = deps;
  const tags = ['quality'];
  return async (app) => {
    // A house without rules of inspection has no such routes.
    if (quality === undefined) return;
    const { rules } = quality.inspector;
    const names = new Map(rules.rules.map(({ id, name }) => [id, name]));
    const ruleName = (id: string): string => names.get(id) ?? id;

    app.get('/api/quality/inspections', { schema: { tags, summary: 'Inspections, last ended first; seats get their own', querystring: ListQuery, response: { 200: Type.Object({ inspections: Type.Array(InspectionView), counts: Counts }) } } }, async (request) => {
      const actor = deps.signed(request).seat;
      const { before, beforeId, limit = SHOWN, seatId, ...filter } = request.query;
      const own = isLeader(actor) ? (seatId === undefined ? {} : { seatId }) : { seatId: actor.id };
      const past = before === undefined || beforeId === undefined ? {} : { before: { endedAt: before, id: beforeId } };
      return context.store.read(async (repos) => ({ inspections: await views(repos, await repos.quality.list({ ...filter, ...own, ...past, limit })), counts: { ...(await repos.quality.counts(own)) } }));
    });

    app.get('/api/quality/inspections/:id', { schema: { tags, summary: 'One inspection with its findings, what was said, and what may be done', params: IdParams, response: { 200: Type.Object({ inspection: InspectionView, findings: Type.Array(FindingView), activities: Type.Array(ActivityView), moves: Type.Array(Type.String()) }) } } }, async (request) => {
      const actor = deps.signed(request).seat;
      return context.store.read(async (repos) => {
        const inspection = await repos.quality.get(request.params.id);
        if (inspection === null || !maySee(inspection, actor)) throw notFound();
        return {
          inspection: await one(repos, inspection),
          findings: await findingViews(repos, await repos.quality.findings(inspection.id), ruleName),
          activities: await activityViews(context, repos, await said(repos, inspection)),
          moves: [...movesOf(inspection, actor, context.now())],
        };
      });
    });

    app.post('/api/quality/inspections', { schema: { tags, summary: 'Inspect the last service of a conversation now; leaders only', body: Type.Object({ conversationId: Slug }, shape), response: { 200: Type.Object({ inspection: InspectionView }) } } }, async (request) => {
      const actor = deps.signed(request).seat;
      requireLeader(actor);
      const made = await context.store.read((repos) => byHand(quality, repos, request.body.conversationId));
      return context.store.write(async (repos) => {
        await keepRules(quality, repos);
        if (await keep(repos, made)) {
          await repos.trail.append({ at: context.now(), actor: `seat:${actor.id}`, action: 'quality.inspected', subject: `inspection:${made.inspection.id}`, purpose: null });
          return { inspection: await one(repos, made.inspection) };
        }
        const known = (await repos.quality.list({ conversationId: made.inspection.conversationId, limit: SHOWN })).find(({ key }) => key === made.inspection.key);
        if (known === undefined) throw notFound();
        return { inspection: await one(repos, known) };
      });
    });

    app.post('/api/quality/inspections/:id/:move', { schema: { tags, summary: 'sample, judge, accept, appeal, rejudge', params: Type.Object({ ...IdParams.properties, move: MoveName }), body: MoveBody, response: { 200: Type.Object({ inspection: InspectionView }) } } }, async (request) => {
      const actor: QualityActor = deps.signed(request).seat;
      const { version, verdicts = [], added = [], note = '' } = request.body;
      const { move } = request.params;
      return writeUnit(context, async ({ repos, after }) => {
        const inspection = await moveInspection(quality, repos, request.params.id, move, actor, { version, verdicts, added, note });
        // A result to who served, an appeal to who judged; nobody is told what they did themselves.
        const concerned = move === 'appeal' ? inspection.inspectorId : inspection.seatId;
        if ((move === 'judge' || move === 'appeal' || move === 'rejudge') && concerned !== null && concerned !== actor.id) after.push({ kind: 'inspection', inspectionId: inspection.id, move, seatIds: [concerned] });
        return { inspection: await one(repos, inspection) };
      });
    });

    app.get('/api/quality/figures', { schema: { tags, summary: 'Counts and means by rule and by seat, of services that ended in a range; seats get their own', querystring: RangeQuery, response: { 200: FiguresView } } }, async (request) => {
      const actor = deps.signed(request).seat;
      return context.store.read(async (repos) => {
        const figures = await qualityFigures(repos, { ...request.query, ...(isLeader(actor) ? {} : { seatId: actor.id }) });
        const seats = await nameMap(repos, figures.seats.map(({ seatId }) => seatId));
        return {
          ...figures,
          rules: figures.rules.map((row) => ({ ...row, ruleName: ruleName(row.rule) })),
          seats: figures.seats.map((row) => ({ ...row, findings: { ...row.findings }, seatName: seats.get(row.seatId) ?? null })),
        };
      });
    });

    app.get('/api/quality/rules', { schema: { tags, summary: 'The rules in force, the plan of samples, and which versions there were', response: { 200: Type.Object({ version: Type.String(), fatalAtMost: Type.Number(), appealWorkdays: Type.Number(), rules: Type.Array(RuleView), sampling: Type.Unknown(), versions: Type.Array(Type.Object({ version: Type.String(), since: Type.Number() })) }) } } }, async (request) => {
      const leads = isLeader(deps.signed(request).seat);
      const { key: _key, ...sampling } = rules.sampling;
      return {
        version: quality.rulesVersion,
        fatalAtMost: rules.fatalAtMost,
        appealWorkdays: rules.appealWorkdays,
        rules: rules.rules.map(({ id, name, about, check, severity, points, most = null, channels = [], modalities = [], active }) => ({ id, name, about, check, severity, points, most, channels: [...channels], modalities: [...modalities], active })),
        // Who is drawn, and how often, is for those who inspect.
        sampling: leads ? sampling : null,
        versions: (await context.store.read((repos) => repos.quality.rulesVersions(VERSIONS_SHOWN))).map((row) => ({ ...row })),
      };
    });

    app.get('/api/quality/rules/:version', { schema: { tags, summary: 'The rules of a version as they were, with words and figures; leaders only', params: Type.Object({ version: Slug }), response: { 200: Type.Object({ version: Type.String(), rules: Type.Unknown() }) } } }, async (request) => {
      requireLeader(deps.signed(request).seat);
      const { version } = request.params;
      const body = version === quality.rulesVersion ? rules : await context.store.read((repos) => repos.quality.rulesOf(version));
      if (body === null) throw new AppError('quality.no_rules', 'no such version', { status: 404, citizenText: '没有这个版本的规则。' });
      return { version, rules: body };
    });
  };
}

async function byHand(quality: QualityContext, repos: Repositories, conversationId: string): Promise<Made> {
  const conversation = await repos.conversations.get(conversationId);
  if (conversation === null) throw new AppError('conversation.not_found', 'no such conversation', { status: 404, citizenText: '没有找到这个会话。' });
  const period = (await repos.services.list({ conversationId, limit: 5 })).find(({ acceptedAt, endedAt }) => acceptedAt !== null && endedAt !== null);
  const made = period === undefined ? null : await inspectPeriod(quality, repos, period);
  if (made !== null) return made;
  const [stretch] = stretchesOf(await repos.activities.latest(conversationId, TRANSCRIPT_MOST)).filter(({ outcome }) => outcome !== 'open');
  const other = stretch === undefined ? null : await inspectStretch(quality, repos, conversation, stretch);
  if (other === null) throw new AppError('quality.nothing', 'no seat has served and ended here', { status: 409, citizenText: '这个会话没有已经结束的人工服务，无法质检。' });
  return other;
}

async function said(repos: Repositories, { conversationId, fromSeq, toSeq }: Inspection) {
  const found = [];
  for (let after = Math.max(fromSeq - 1, toSeq - TRANSCRIPT_MOST); after < toSeq; after += ACTIVITIES_AT_ONCE) found.push(...(await repos.activities.between(conversationId, after, Math.min(toSeq, after + ACTIVITIES_AT_ONCE))));
  return found;
}

async function nameMap(repos: Repositories, ids: readonly (string | null)[]): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>();
  for (const id of new Set(ids)) {
    const seat = id === null ? null : await repos.seats.get(id);
    if (seat !== null) names.set(seat.id, seat.displayName);
  }
  return names;
}

async function views(repos: Repositories, inspections: readonly Inspection[]): Promise<Static<typeof InspectionView>[]> {
  const names = await nameMap(repos, inspections.flatMap(({ seatId, inspectorId, rejudgedBy }) => [seatId, inspectorId, rejudgedBy]));
  const name = (id: string | null): string | null => (id === null ? null : (names.get(id) ?? null));
  return inspections.map(({ key: _key, periodId: _period, createdAt: _created, inspectorId, rejudgedBy, ...row }) => ({ ...row, seatName: name(row.seatId), inspectorName: name(inspectorId), rejudgedByName: name(rejudgedBy) }));
}

async function one(repos: Repositories, inspection: Inspection): Promise<Static<typeof InspectionView>> {
  const [view] = await views(repos, [inspection]);
  if (view === undefined) throw notFound();
  return view;
}

async function findingViews(repos: Repositories, findings: readonly InspectionFinding[], ruleName: (id: string) => string): Promise<Static<typeof FindingView>[]> {
  const names = await nameMap(repos, findings.map(({ seatId }) => seatId));
  return findings.map(({ inspectionId: _id, at: _at, seatId, ...row }) => ({ ...row, ruleName: ruleName(row.rule), seatName: seatId === null ? null : (names.get(seatId) ?? null) }));
}
