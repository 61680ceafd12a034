import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import type { MatchResult } from '../matcher/types.ts';
import { locate, schemaIssues, type Issue, type SourceText } from './source.ts';
import type { Knowledge } from './transcript.ts';

/**
 * The small fixed knowledge base that transcripts are run with (flows/transcripts.yaml), so that an edit of the real one
 * does not change how flows are judged. An entry answers when one of its `asks` stands in the question.
 */
const KnowledgeSchema = Type.Object(
  {
    entries: Type.Array(
      Type.Object(
        { id: Type.String(), question: Type.String(), asks: Type.Array(Type.String(), { minItems: 1 }), answer: Type.String(), voice: Type.String(), source: Type.Object({ title: Type.String() }), item: Type.Optional(Type.String()) },
        { additionalProperties: false },
      ),
    ),
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
    match: (question): MatchResult => {
      const ranked = data.entries
        .map((entry) => ({ id: entry.id, matched: entry.asks.filter((ask) => question.includes(ask)) }))
        .filter(({ matched }) => matched.length > 0)
        .map(({ id, matched }) => ({ id, matched, score: 0.9 }));
      const [first, second] = ranked;
      if (first === undefined) return { decision: { kind: 'abstain' }, ranked: [] };
      return { decision: second === undefined ? { kind: 'answer', hit: first } : { kind: 'choices', hits: ranked.slice(0, 3) }, ranked };
    },
    entry: (id) => {
      const entry = data.entries.find((one) => one.id === id);
      return entry === undefined ? null : { id, question: entry.question, answer: entry.answer, voice: entry.voice, source: entry.source, item: entry.item ?? null };
    },
    suggestItems: (text) =>
      data.items.flatMap((item) => {
        const matched = item.words.filter((word) => text.includes(word));
        return matched.length === 0 ? [] : [{ code: item.code, name: item.name, score: 0.8, matched }];
      }),
  };
}
