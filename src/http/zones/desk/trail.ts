import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type, { type Static } from 'typebox';
import { Value } from 'typebox/value';
import { beijingText } from '../../../domain/clock.ts';
import { AppError, codeOf } from '../../../domain/errors.ts';
import { CONTENT_TYPES, writeTable } from '../../../knowledge/files/write.ts';
import type { Repositories, Store, TrailCheck, TrailEntry, TrailFilter, TrailMark } from '../../../store/contract.ts';
import { requireRole } from './auth.ts';
import type { DeskDeps } from './index.ts';

/** The trail: searched page by page, checked when somebody wants it checked, and given out as a file by administrators. */

const Text = Type.Union([Type.String(), Type.Null()]);
const Entry = Type.Object({ seq: Type.Number(), at: Type.Number(), actor: Type.String(), actorName: Type.String(), action: Type.String(), subject: Type.String(), purpose: Text });
const CheckSchema = Type.Object({
  state: Type.Union([Type.Literal('running'), Type.Literal('done'), Type.Literal('failed')]),
  startedAt: Type.Number(),
  updatedAt: Type.Number(),
  /** Entries looked at, and how many there were when it began. */
  upTo: Type.Integer(),
  total: Type.Integer(),
  /** The first entry that does not hold; null: so far all do. */
  brokenAt: Type.Union([Type.Integer(), Type.Null()]),
});
type Check = Static<typeof CheckSchema>;
const Filter = {
  actor: Type.Optional(Type.String({ minLength: 1, maxLength: 120 })),
  /** Parted by commas. */
  action: Type.Optional(Type.String({ minLength: 1, maxLength: 400 })),
  subject: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: '`ticket:…`; with a star at its end all that begin so' })),
  purpose: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
  from: Type.Optional(Type.Integer({ minimum: 0 })),
  to: Type.Optional(Type.Integer({ minimum: 0 })),
};
const Query = Type.Object({ ...Filter, before: Type.Optional(Type.Integer({ minimum: 1 })), limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 })) });

const LEADERS = ['supervisor', 'administrator'] as const;
/** What editors may look up too: who changed the rules, not who looked at whom. */
const OPEN_TO_EDITORS = /^catalogue:[a-z]+\/(?:\*|\d+)$/;
const tags = ['trail'];
const PLACE = 'house';
const KEY = 'trail-check';
const KEPT_MS = 365 * 86_400_000;
/** Without a sign for so long the node that checked is gone. */
const LOST_MS = 60_000;
const TOLD_EVERY = 10_000;
/** Rows of one file. */
const EXPORTED_AT_MOST = 200_000;
const EXPORT_PAGE = 1_000;

const filterOf = ({ actor, action, subject, purpose, from, to }: { readonly [Key in keyof typeof Filter]?: Static<(typeof Filter)[Key]> }): TrailFilter => ({
  ...(actor === undefined ? {} : { actor }), ...(action === undefined ? {} : { actions: action.split(',') }), ...(subject === undefined ? {} : { subject }), ...(purpose === undefined ? {} : { purpose }), ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }),
});

async function namesOf(repos: Repositories): Promise<ReadonlyMap<string, string>> {
  return new Map((await repos.seats.list()).map((seat) => [`seat:${seat.id}`, seat.displayName]));
}

const entryView = (names: ReadonlyMap<string, string>) => ({ seq, at, actor, action, subject, purpose }: TrailEntry): Static<typeof Entry> => ({ seq, at, actor, actorName: names.get(actor) ?? actor, action, subject, purpose });

export function trailRoutes(deps: DeskDeps): FastifyPluginAsyncTypebox {
  const { context } = deps;
  const { store, now } = context;
  const checks = createChecks(store, now);
  return async (app) => {
    app.addHook('onClose', () => checks.stop());

    app.get('/api/trail', {
      schema: {
        tags, summary: 'Who did what, newest first; `next` goes on, `brokenAt` is what the last check found', querystring: Query,
        description: 'Supervisors and administrators. Editors may ask who changed a catalogue (`subject=catalogue:…`). `next` with few entries: it looked through a stretch without finding more, older ones may be there.',
        response: { 200: Type.Object({ entries: Type.Array(Entry), next: Type.Union([Type.Integer(), Type.Null()]), brokenAt: Type.Union([Type.Integer(), Type.Null()]), check: Type.Union([CheckSchema, Type.Null()]) }) },
      },
    }, async (request) => {
      const signed = deps.signed(request);
      const { before, limit = 100, ...given } = request.query;
      requireRole(signed, given.subject !== undefined && OPEN_TO_EDITORS.test(given.subject) ? ['editor', ...LEADERS] : LEADERS);
      const check = await checks.state();
      return store.read(async (repos) => {
        const { entries, next } = await repos.trail.search(filterOf(given), { limit, before });
        return { entries: entries.map(entryView(await namesOf(repos))), next, brokenAt: check?.brokenAt ?? null, check };
      });
    });

    app.post('/api/trail/check', { schema: { tags, summary: 'Walk the whole chain beside the requests', response: { 202: CheckSchema } } }, async (request, reply) => {
      requireRole(deps.signed(request), LEADERS);
      void reply.code(202);
      return checks.begin();
    });

    app.get('/api/trail/check', { schema: { tags, summary: 'How far the last check is, and what it found', response: { 200: CheckSchema } } }, async (request) => {
      requireRole(deps.signed(request), LEADERS);
      const state = await checks.state();
      if (state === null) throw new AppError('trail.not_checked', 'the trail was not checked', { status: 404, citizenText: '还没有校验过。' });
      return state;
    });

    app.get('/api/trail/export', { schema: { tags, summary: 'A range as CSV, newest first; itself a row of the trail', querystring: Type.Object(Filter) } }, async (request, reply) => {
      const signed = deps.signed(request);
      requireRole(signed, ['administrator']);
      if (request.query.from === undefined) throw new AppError('trail.range_needed', 'give the beginning of the range', { status: 400, citizenText: '请给出起始时间。' });
      const filter = filterOf(request.query);
      const { names, head } = await store.read(async (repos) => ({ names: await namesOf(repos), head: await repos.trail.head() }));
      await store.write((repos) => repos.trail.append({ at: now(), actor: `seat:${signed.seat.id}`, action: 'trail.exported', subject: 'trail:range', purpose: JSON.stringify(request.query).slice(0, 300) }));
      const pages = async function* () {
        let before: number | null = head + 1;
        for (let rows = 0; before !== null && rows < EXPORTED_AT_MOST; ) {
          const from: number = before;
          const page = await store.read((repos) => repos.trail.search(filter, { limit: EXPORT_PAGE, before: from }));
          rows += page.entries.length;
          before = page.next;
          yield page.entries.map(({ seq, at, actor, action, subject, purpose, hash }) => [String(seq), beijingText(at), names.get(actor) ?? '', actor, action, subject, purpose ?? '', hash]);
          await nextTurn();
        }
      };
      const columns = ['序号', '时间（北京）', '操作人', '操作人编号', '操作', '对象', '用途', '校验值'].map((label) => ({ label, width: 20 }));
      return reply.header('content-type', CONTENT_TYPES.csv).header('content-disposition', 'attachment; filename="trail.csv"').header('cache-control', 'no-store').send(writeTable('csv', { columns, sheet: '审计', frozen: 1, pages: pages() }));
    });
  };
}

/** One check at a time; begun by one, asked for by others, on whatever node. */
function createChecks(store: Store, now: () => number) {
  let running: Promise<void> | null = null;
  let stopping = false;
  const keep = (check: Check): Promise<void> => store.write((repos) => repos.channelState.put(PLACE, KEY, JSON.stringify(check), now() + KEPT_MS));

  const state = async (): Promise<Check | null> => {
    const text = await store.read((repos) => repos.channelState.get(PLACE, KEY, now()));
    const found: unknown = text === null ? null : JSON.parse(text);
    if (!Value.Check(CheckSchema, found)) return null;
    return found.state === 'running' && now() - found.updatedAt > LOST_MS ? { ...found, state: 'failed' } : found;
  };

  async function walk(begun: Check): Promise<void> {
    let told = 0;
    let mark: TrailMark | null = null;
    try {
      for (;;) {
        const from: TrailMark | null = mark;
        const step: TrailCheck = await store.read((repos) => repos.trail.check(from));
        if (stopping) throw new AppError('trail.check_stopped', 'the node stops', { status: 503, retry: 'later' });
        const { upTo, brokenAt } = step;
        if (step.done) return await keep({ ...begun, state: 'done', updatedAt: now(), upTo: upTo.seq, total: Math.max(begun.total, upTo.seq), brokenAt });
        if (upTo.seq - told >= TOLD_EVERY) {
          told = upTo.seq;
          await keep({ ...begun, updatedAt: now(), upTo: upTo.seq });
        }
        mark = upTo;
        // Citizens' turns come between two stretches.
        await nextTurn();
      }
    } catch (error) {
      // A database that is away cannot keep this either; then the check counts as lost.
      await keep({ ...begun, state: 'failed', updatedAt: now(), upTo: mark?.seq ?? 0 }).catch(() => codeOf(error));
    }
  }

  return {
    state,
    async begin(): Promise<Check> {
      const before = await state();
      if (before?.state === 'running') return before;
      const begun: Check = { state: 'running', startedAt: now(), updatedAt: now(), upTo: 0, total: await store.read((repos) => repos.trail.head()), brokenAt: null };
      await keep(begun);
      const work = walk(begun).finally(() => {
        if (running === work) running = null;
      });
      running = work;
      return begun;
    },
    async stop(): Promise<void> {
      stopping = true;
      await running;
    },
  };
}
