import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type, { type Static } from 'typebox';
import { beijingDay } from '../../../../domain/clock.ts';
import { AppError } from '../../../../domain/errors.ts';
import { KnowledgeModuleSchema, type KnowledgeEntry } from '../../../../domain/knowledge.ts';
import { stateOf, type FinderHit, type MarkedText } from '../../../../matcher/finder/index.ts';
import type { MatchHit } from '../../../../matcher/types.ts';
import type { DeskDeps } from '../index.ts';
import { createFinderHolder } from './finder-holder.ts';

const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) => Type.Union([schema, Type.Null()]);
/** From and to (exclusive), UTF-16 units. */
const Ranges = Type.Array(Type.Array(Type.Integer({ minimum: 0 }), { minItems: 2, maxItems: 2 }));
const Marked = Type.Object({ text: Type.String(), ranges: Ranges });
const StateSchema = Type.Union([Type.Literal('valid'), Type.Literal('due'), Type.Literal('expired'), Type.Literal('coming')]);
const Counts = Type.Array(Type.Object({ id: Type.String(), name: Nullable(Type.String()), count: Type.Integer() }));

export const KnowledgeHitView = Type.Object({
  id: Type.String(),
  module: KnowledgeModuleSchema,
  question: Type.String(),
  ranges: Ranges,
  /** The wording that was found when the question was not. */
  wording: Nullable(Marked),
  snippet: Marked,
  answer: Type.String(),
  voice: Type.String(),
  department: Nullable(Type.String()),
  source: Type.String(),
  sourceUrl: Nullable(Type.String()),
  audience: Type.Union([Type.Literal('public'), Type.Literal('desk')]),
  effectiveFrom: Type.String(),
  expiresOn: Nullable(Type.String()),
  reviewOn: Nullable(Type.String()),
  state: StateSchema,
  /** Why the entry should not be read out as it is; null: it may. */
  stale: Nullable(Type.String()),
  score: Type.Number(),
  matched: Type.Array(Type.String()),
  /** `meaning`: the matcher thinks that it answers the sentence. */
  foundIn: Nullable(Type.Union([Type.Literal('question'), Type.Literal('wording'), Type.Literal('keyword'), Type.Literal('answer'), Type.Literal('meaning')])),
  pinned: Type.Boolean(),
  /** This seat opened it lately. */
  recent: Type.Boolean(),
});
type HitView = Static<typeof KnowledgeHitView>;

const Department = Type.String({ pattern: '^[a-z0-9-]+$', maxLength: 60 });
interface Memos {
  readonly pinned: ReadonlySet<string>;
  readonly recent: ReadonlySet<string>;
}

const SearchQuery = Type.Object({
  q: Type.Optional(Type.String({ maxLength: 200 })),
  module: Type.Optional(KnowledgeModuleSchema),
  department: Type.Optional(Department),
  town: Type.Optional(Department),
  state: Type.Optional(StateSchema),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 50 })),
  cursor: Type.Optional(Type.String({ pattern: '^[0-9]{1,4}$' })),
});

const LIMIT = 20;
/** Nobody pages further; what is wanted is found by another word. */
const LAST_OFFSET = 2_000;
const RECENT = 20;
/** So few hits of the letters leave room for what the matcher understands. */
const FEW = 5;
/** Chinese characters from which on what is typed is taken for somebody's sentence. */
const SENTENCE = 6;
const SIMILAR = 8;

/**
 * Search over every entry, those for the desk included, while one types. What holds the letters comes first; when that is
 * little and what was typed is a sentence, what the matcher thinks it asks for follows (`foundIn: meaning`). A citizen's
 * whole sentence goes to the matcher alone by `/similar`.
 */
export function knowledgeSearchRoutes(deps: DeskDeps): FastifyPluginAsyncTypebox {
  const { city, knowledge, store, now } = deps.context;
  const holder = createFinderHolder(deps.context);

  const viewOf = (entry: KnowledgeEntry, today: string, { pinned, recent }: Memos) => ({
    id: entry.id,
    module: entry.module,
    question: entry.question,
    answer: entry.answer,
    voice: entry.voice,
    department: city.departments.find(({ id }) => id === entry.department)?.name ?? null,
    source: entry.source.article === undefined ? entry.source.title : `${entry.source.title}${entry.source.article}`,
    sourceUrl: entry.source.url ?? null,
    audience: entry.audience ?? ('public' as const),
    effectiveFrom: entry.effectiveFrom,
    expiresOn: entry.expiresOn ?? null,
    reviewOn: entry.reviewOn ?? null,
    state: stateOf(entry, today),
    stale: staleReason(entry, today),
    pinned: pinned.has(entry.id),
    recent: recent.has(entry.id),
  });
  const found = (hit: FinderHit, today: string, memos: Memos): HitView => ({
    ...viewOf(hit.entry, today, memos),
    ranges: hit.ranges.map(([from, to]) => [from, to]),
    wording: hit.wording === null ? null : marked(hit.wording),
    snippet: marked(hit.snippet),
    score: hit.score,
    matched: [...hit.matched],
    foundIn: hit.foundIn,
  });
  const meant = (hit: MatchHit, today: string, memos: Memos): HitView[] => {
    const entry = knowledge.full(hit.id);
    if (entry === null) return [];
    return [{ ...viewOf(entry, today, memos), ranges: [], wording: null, snippet: { text: [...entry.answer].slice(0, 72).join(''), ranges: [] }, score: hit.score, matched: [...hit.matched], foundIn: 'meaning' }];
  };

  return async (app) => {
    app.get('/api/knowledge', {
      schema: {
        tags: ['knowledge'], summary: 'Search as one types: characters, pinyin, initials, filters and counts; entries for the desk included', querystring: SearchQuery,
        response: { 200: Type.Object({ hits: Type.Array(KnowledgeHitView), total: Type.Integer(), atLeast: Type.Boolean(), relaxed: Type.Boolean(), cursor: Nullable(Type.String()), facets: Type.Object({ modules: Counts, departments: Counts }) }) },
      },
    }, async (request) => {
      const { q = '', module, department, town, state, limit = LIMIT, cursor = '0' } = request.query;
      const offset = Number(cursor);
      if (offset > LAST_OFFSET) throw new AppError('http.bad_request', 'the cursor is too far', { status: 400, citizenText: '请换个词缩小范围。' });
      const today = beijingDay(now());
      const { seat } = deps.signed(request);
      const { newest, pinned, recent } = await store.read(async (repos) => ({
        newest: await repos.knowledge.changeSeq(),
        pinned: await repos.knowledgeMemos.pinned(seat.id),
        recent: await repos.knowledgeMemos.recent(seat.id, RECENT),
      }));
      const finder = await holder.at(newest);
      const result = finder.search({
        text: q, today, limit, offset, recent, pinned,
        ...(module === undefined ? {} : { module }), ...(department === undefined ? {} : { department }), ...(town === undefined ? {} : { town }), ...(state === undefined ? {} : { state }),
      });
      const memos = { pinned: new Set(pinned), recent: new Set(recent) };
      const hits = result.hits.map((hit) => found(hit, today, memos));
      if (offset === 0 && isSentence(q) && (result.relaxed || result.total < FEW)) {
        const known = new Set(hits.map(({ id }) => id));
        const others = knowledge.deskMatcher.match(q, { limit: SIMILAR, context: { today } }).ranked.filter(({ id }) => !known.has(id)).flatMap((hit) => meant(hit, today, memos));
        const asked = others.filter((hit) => isAsked(knowledge.full(hit.id), { module, department, town, state }, hit.state));
        // Letters that were found only in part are the weaker sign.
        if (result.relaxed) hits.unshift(...asked);
        else hits.push(...asked);
      }
      const next = offset + limit;
      return {
        hits: hits.slice(0, Math.max(limit, SIMILAR)),
        total: Math.max(result.total, hits.length),
        atLeast: result.atLeast,
        relaxed: result.relaxed,
        cursor: result.total > next && next <= LAST_OFFSET ? String(next) : null,
        facets: {
          modules: Object.entries(result.facets.modules).map(([id, count]) => ({ id, name: null, count })),
          departments: Object.entries(result.facets.departments).map(([id, count]) => ({ id, name: city.departments.find((department) => department.id === id)?.name ?? null, count })).sort((a, b) => b.count - a.count || (a.id < b.id ? -1 : 1)),
        },
      };
    });

    app.get('/api/knowledge/similar', {
      schema: {
        tags: ['knowledge'], summary: 'What a sentence asks for, by the matcher', querystring: Type.Object({ text: Type.String({ minLength: 1, maxLength: 500 }), limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 20 })) }),
        response: { 200: Type.Object({ hits: Type.Array(KnowledgeHitView) }) },
      },
    }, async (request) => {
      const today = beijingDay(now());
      const { seat } = deps.signed(request);
      const memos = await store.read(async (repos) => ({ pinned: new Set(await repos.knowledgeMemos.pinned(seat.id)), recent: new Set(await repos.knowledgeMemos.recent(seat.id, RECENT)) }));
      const { ranked } = knowledge.deskMatcher.match(request.query.text, { limit: request.query.limit ?? SIMILAR, context: { today } });
      return { hits: ranked.flatMap((hit) => meant(hit, today, memos)) };
    });
  };
}

/** Why an entry should not be read out as it is, in words for the seat. */
export function staleReason(entry: Pick<KnowledgeEntry, 'effectiveFrom' | 'expiresOn' | 'reviewOn'>, today: string): string | null {
  switch (stateOf(entry, today)) {
    case 'coming':
      return `${entry.effectiveFrom} 起生效`;
    case 'expired':
      return `已于 ${entry.expiresOn ?? ''} 失效`;
    case 'due':
      return `复核日 ${entry.reviewOn ?? ''} 已到`;
    case 'valid':
      return null;
  }
}

function isSentence(text: string): boolean {
  return /[？?]\s*$/.test(text) || (text.match(/\p{Script=Han}/gu) ?? []).length >= SENTENCE || text.trim().split(/\s+/).length > 3;
}

interface Filters {
  readonly module: string | undefined;
  readonly department: string | undefined;
  readonly town: string | undefined;
  readonly state: string | undefined;
}

function isAsked(entry: KnowledgeEntry | null, { module, department, town, state }: Filters, entryState: string): boolean {
  if (entry === null) return false;
  return (
    (module === undefined || entry.module === module) &&
    (department === undefined || entry.department === department || (entry.alsoDepartments?.includes(department) ?? false)) &&
    (town === undefined || entry.towns === undefined || entry.towns.includes(town)) &&
    (state === undefined || state === entryState)
  );
}

function marked({ text, ranges }: MarkedText): { text: string; ranges: number[][] } {
  return { text, ranges: ranges.map(([from, to]) => [from, to]) };
}
