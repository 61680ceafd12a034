import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import { AppError } from '../../../../domain/errors.ts';
import { addGapWording, dismissGap, draftFromGap, gatherGaps, requireCluster, type Drafted } from '../../../../knowledge/gaps.ts';
import type { GapCluster } from '../../../../store/contract.ts';
import type { DeskDeps } from '../index.ts';
import { IdParams } from '../schemas.ts';
import type { KnowledgeDeps } from './index.ts';
import { RevisionView } from './schemas.ts';
import { revisionView } from './views.ts';

const tags = ['knowledge'];
const shape = { additionalProperties: false };
const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);
const Text = Nullable(Type.String());

const State = Type.Union([Type.Literal('open'), Type.Literal('drafted'), Type.Literal('added'), Type.Literal('dismissed')]);
const ClusterView = Type.Object({
  id: Type.String(), state: State, title: Type.String(), samples: Type.Array(Type.String()), count: Type.Number(), unhelpful: Type.Number(),
  /** Nearest entry. */
  best: Nullable(Type.Object({ id: Type.String(), question: Text, score: Type.Number() })),
  firstAt: Type.Number(), lastAt: Type.Number(), entryId: Text, closedBy: Text,
});
const GapView = Type.Object({ id: Type.String(), kind: Type.Union([Type.Literal('unanswered'), Type.Literal('low'), Type.Literal('unhelpful')]), question: Type.String(), bestId: Text, bestScore: Type.Number(), at: Type.Number(), conversationId: Type.String() });
const ClustersAnswer = Type.Object({ gaps: Type.Array(ClusterView) });
const ClusterAnswer = Type.Object({ gap: ClusterView });
const DraftedAnswer = Type.Object({ gap: ClusterView, revision: RevisionView });
const Outcome = Type.Object({ top: Text, decision: Type.Union([Type.Literal('answer'), Type.Literal('choices'), Type.Literal('clarify'), Type.Literal('abstain')]), told: Text });
const Figures = Type.Object({ recallAt1: Type.Number(), wrongAnswers: Type.Number(), answered: Type.Number(), refused: Type.Number() });
const EffectAnswer = Type.Object({
  questions: Type.Object({ answerable: Type.Number(), unanswerable: Type.Number(), skipped: Type.Number() }),
  before: Figures,
  after: Figures,
  changed: Type.Array(Type.Object({ q: Type.String(), entry: Text, before: Outcome, after: Outcome, verdict: Type.Union([Type.Literal('better'), Type.Literal('worse'), Type.Literal('other')]) })),
});

const GapsQuery = Type.Object({ state: Type.Optional(State), since: Type.Optional(Type.Number({ minimum: 0 })), limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })) });
const WordingBody = Type.Object({ entryId: Type.String({ minLength: 1, maxLength: 100 }), wording: Type.String({ minLength: 2, maxLength: 80 }) }, shape);

/** Latest questions shown of one cluster. */
const SHOWN = 50;

/** What citizens asked and got no good answer to, gathered; and what a change would do before it is published. For editors. */
export function gapRoutes({ editing, editor }: KnowledgeDeps, previewEffect: DeskDeps['previewEffect']): FastifyPluginAsyncTypebox {
  const { store } = editing;

  const views = (clusters: readonly GapCluster[]) =>
    store.read(async (repos) => {
      const shown = [];
      for (const { bestId, bestScore, samples, ...cluster } of clusters) {
        const best = bestId === null ? null : { id: bestId, question: (await repos.knowledge.get(bestId))?.question ?? null, score: bestScore };
        shown.push({ ...cluster, samples: [...samples], best });
      }
      return shown;
    });
  const view = async (cluster: GapCluster) => {
    const [shown] = await views([cluster]);
    if (shown === undefined) throw new AppError('knowledge.gap_not_found', 'no such gap', { status: 404 });
    return shown;
  };
  const drafted = async ({ cluster, revision }: Drafted) => ({ gap: await view(cluster), revision: await store.read((repos) => revisionView(repos, revision)) });

  return async (app) => {
    app.get('/api/knowledge/gaps', { schema: { tags, summary: 'Gaps, the most asked first', querystring: GapsQuery, response: { 200: ClustersAnswer } } }, async (request) => {
      editor(request);
      const { state = 'open', since, limit = 50 } = request.query;
      return { gaps: await views(await store.read((repos) => repos.gaps.clusters({ states: [state], limit, ...(since === undefined ? {} : { since }) }))) };
    });

    app.post('/api/knowledge/gaps/cluster', { schema: { tags, summary: 'Gather now what is not gathered yet', response: { 200: Type.Object({ gaps: Type.Number(), clusters: Type.Number() }) } } }, async (request) => {
      editor(request);
      return gatherGaps(editing);
    });

    app.get('/api/knowledge/gaps/:id', { schema: { tags, summary: 'One gap and its latest questions', params: IdParams, response: { 200: Type.Object({ gap: ClusterView, questions: Type.Array(GapView) }) } } }, async (request) => {
      editor(request);
      const cluster = await requireCluster(store, request.params.id);
      const questions = await store.read((repos) => repos.gaps.ofCluster(cluster.id, SHOWN));
      return { gap: await view(cluster), questions: questions.map(({ clusterId: _own, ...gap }) => gap) };
    });

    app.post('/api/knowledge/gaps/:id/draft', { schema: { tags, summary: 'Draft an entry out of it', params: IdParams, response: { 200: DraftedAnswer } } }, async (request) => drafted(await draftFromGap(editing, editor(request), request.params.id)));

    app.post('/api/knowledge/gaps/:id/wording', { schema: { tags, summary: 'Draft a further wording of an entry', params: IdParams, body: WordingBody, response: { 200: DraftedAnswer } } }, async (request) =>
      drafted(await addGapWording(editing, editor(request), request.params.id, request.body)),
    );

    app.post('/api/knowledge/gaps/:id/dismiss', { schema: { tags, summary: 'Nothing is to be done about it', params: IdParams, response: { 200: ClusterAnswer } } }, async (request) => ({ gap: await view(await dismissGap(editing, editor(request), request.params.id)) }));

    app.get('/api/knowledge/revisions/:id/effect', { schema: { tags, summary: 'What publishing it would do to the evaluation set', params: IdParams, response: { 200: EffectAnswer } } }, async (request) => {
      editor(request);
      const revision = await store.read((repos) => repos.revisions.get(request.params.id));
      if (revision === null) throw new AppError('knowledge.not_found', 'no such revision', { status: 404, citizenText: '没有这个版本。' });
      if (previewEffect === undefined) throw new AppError('knowledge.no_evaluation', 'no evaluation set is loaded', { status: 503, citizenText: '没有评测集，无法评测。' });
      const { changed, ...effect } = await previewEffect(revision);
      return { ...effect, changed: [...changed] };
    });
  };
}
