import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { KnowledgeEntrySchema } from '../domain/knowledge.ts';
import type { MatchResult } from '../matcher/types.ts';
import { locate, schemaIssues, type Issue, type SourceText } from './source.ts';
import type { Knowledge } from './transcript.ts';

/**
 * The small fixed knowledge base that transcripts are run with (flows/transcripts.yaml), so that an edit of the real one
 * does not change how flows are judged. An entry answers when one of its `asks` stands in the question, or one of its
 * `after` does while the conversation is about that entry. `clarify` rules come first, and only for their whole question.
 */
const strict = { additionalProperties: false } as const;
const Texts = Type.Array(Type.String(), { minItems: 1 });
const { links, steps, materials, fees, hours, places, conditions, en } = KnowledgeEntrySchema.properties;

const KnowledgeSchema = Type.Object(
  {
    entries: Type.Array(
      Type.Object(
        {
          id: Type.String(), question: Type.String(), asks: Texts, answer: Type.String(), voice: Type.String(), source: Type.Object({ title: Type.String() }), item: Type.Optional(Type.String()),
          after: Type.Optional(Type.Object({ entry: Type.String(), asks: Texts }, strict)),
          town: Type.Optional(Type.String()),
          links, steps, materials, fees, hours, places, conditions, en,
        },
        strict,
      ),
    ),
    clarify: Type.Optional(Type.Array(Type.Object({ asks: Texts, options: Type.Array(Type.Object({ label: Type.String(), ids: Texts }, strict), { minItems: 2 }) }, strict))),
    items: Type.Array(Type.Object({ code: Type.String(), name: Type.String(), words: Type.Array(Type.String(), { minItems: 1 }) }, { additionalProperties: false })),
  },
  { additionalProperties: false },
);

const Check = Compile(KnowledgeSchema);

export function readTranscriptKnowledge(source: SourceText): { readonly knowledge: Knowledge | null; readonly issues: readonly Issue[] } {
  const located = locate(source);
  if (located.issues.length > 0) return { knowledge: null, issues: located.issues };
  const data: unknown = located.data;
  if (!Check.Check(data)) return { knowledge: null, issues: schemaIssues(located, Check.Errors(data)) };
  return { knowledge: knowledgeOf(data), issues: [] };
}

function knowledgeOf(data: Static<typeof KnowledgeSchema>): Knowledge {
  return {
    match: (question, options): MatchResult => {
      const { lastId = null, town = null } = options?.context ?? {};
      const lower = question.toLowerCase();
      const ranked = data.entries
        .filter((entry) => entry.town === undefined || town === null || entry.town === town)
        .map((entry) => ({ id: entry.id, matched: [...entry.asks, ...(entry.en?.wordings ?? []), ...(entry.after !== undefined && entry.after.entry === lastId ? entry.after.asks : [])].filter((ask) => lower.includes(ask.toLowerCase())) }))
        .filter(({ matched }) => matched.length > 0)
        .map(({ id, matched }) => ({ id, matched, score: 0.9 }));
      const [first, second] = ranked;
      const unclear = data.clarify?.find(({ asks }) => asks.includes(question));
      if (unclear !== undefined) return { decision: { kind: 'clarify', facet: 'word', options: unclear.options }, ranked };
      if (first === undefined) return { decision: { kind: 'abstain' }, ranked: [] };
      return { decision: second === undefined ? { kind: 'answer', hit: first } : { kind: 'choices', hits: ranked.slice(0, 3) }, ranked };
    },
    entry: (id) => {
      const entry = data.entries.find((one) => one.id === id);
      if (entry === undefined) return null;
      const { asks: _asks, after: _after, town: _town, ...told } = entry;
      return { ...told, item: entry.item ?? null };
    },
    suggestItems: (text) =>
      data.items.flatMap((item) => {
        const matched = item.words.filter((word) => text.includes(word));
        return matched.length === 0 ? [] : [{ code: item.code, name: item.name, score: 0.8, matched }];
      }),
  };
}
