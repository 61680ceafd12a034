import { setImmediate as rest } from 'node:timers/promises';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import { findRoot } from '../../../../config/root.ts';
import type { KnowledgeEntry } from '../../../../domain/knowledge.ts';
import { publishedPages } from '../../../../knowledge/files/plan.ts';
import { countFindings, lintSteps, sortFindings, type Finding } from '../../../../knowledge/lint/index.ts';
import { beijingDay, lintFacts, loadReplacedSources } from '../../../../knowledge/lint/sources.ts';
import { addLintTasks } from '../../../../knowledge/lint/tasks.ts';
import type { KnowledgeDeps } from './index.ts';

const SeveritySchema = Type.Union([Type.Literal('error'), Type.Literal('warning'), Type.Literal('hint')]);
const LintQuery = Type.Object({ severity: Type.Optional(SeveritySchema), entryId: Type.Optional(Type.String({ maxLength: 100 })), limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 5_000 })) });
const LintAnswer = Type.Object({
  entries: Type.Number(),
  counts: Type.Object({ error: Type.Number(), warning: Type.Number(), hint: Type.Number() }),
  findings: Type.Array(Type.Object({ rule: Type.String(), severity: SeveritySchema, entryIds: Type.Array(Type.String()), field: Type.Union([Type.String(), Type.Null()]), text: Type.String(), mend: Type.String() })),
});

interface Linted {
  /** What it was made of. */
  readonly mark: string;
  readonly entries: readonly KnowledgeEntry[];
  readonly findings: readonly Finding[];
}

const tags = ['knowledge'];
const FINDINGS = 500;
/** Pieces of lint work between two looks at what else there is to do: some milliseconds. */
const PIECES = 20;

/** What is wrong with the published knowledge. Links are only looked at from the command line: it would make the gateway call whatever address an entry names. */
export function lintRoutes({ editing, editor }: KnowledgeDeps): FastifyPluginAsyncTypebox {
  const { store, now, newId, city } = editing;
  const replaced = loadReplacedSources(findRoot(import.meta.url));
  let last: Promise<Linted> | null = null;

  /** Made anew when an entry or the day has changed; those who ask meanwhile wait for the same. */
  async function linted(): Promise<Linted> {
    const today = beijingDay(now());
    const mark = `${today} ${await store.read((repos) => repos.knowledge.changeSeq())}`;
    const known = last;
    if (known !== null && (await known.catch(() => null))?.mark === mark) return known;
    if (last !== known && last !== null) return last;
    const made = lint(mark, today);
    last = made;
    return made;
  }

  async function lint(mark: string, today: string): Promise<Linted> {
    const entries: KnowledgeEntry[] = [];
    for await (const page of publishedPages(store, {})) entries.push(...page);
    const findings: Finding[] = [];
    let pieces = 0;
    for (const finding of lintSteps(entries, lintFacts(city, today, replaced))) {
      if (finding !== null) findings.push(finding);
      else if ((pieces += 1) % PIECES === 0) await rest();
    }
    return { mark, entries, findings: sortFindings(findings) };
  }

  return async (app) => {
    app.get('/api/knowledge/lint', { schema: { tags, summary: 'What is wrong with the published entries, errors first', querystring: LintQuery, response: { 200: LintAnswer } } }, async (request) => {
      editor(request);
      const { severity, entryId, limit = FINDINGS } = request.query;
      const { entries, findings } = await linted();
      const shown = findings.filter((finding) => (severity === undefined || finding.severity === severity) && (entryId === undefined || finding.entryIds.includes(entryId)));
      return { entries: entries.length, counts: countFindings(findings), findings: shown.slice(0, limit).map((finding) => ({ ...finding, entryIds: [...finding.entryIds] })) };
    });

    app.post('/api/knowledge/lint/tasks', { schema: { tags, summary: 'Make tasks of errors and warnings; each finding makes one, however often it is found', response: { 200: Type.Object({ added: Type.Number() }) } } }, async (request) => {
      const seat = editor(request);
      const { entries, findings } = await linted();
      return { added: await addLintTasks({ store, now, newId }, findings, entries, seat.id) };
    });
  };
}
