import type { KnowledgeEntry } from '../../domain/knowledge.ts';
import { conflicts } from './conflicts.ts';
import { ENTRY_RULES } from './entry-rules.ts';
import type { Finding, LintFacts, Severity } from './types.ts';

/** The lint of the knowledge base: what is wrong with it, and how to mend it. Pure; links are looked at in links.ts. */

export type { Finding, LintFacts, LintRule, ReplacedSource, Severity } from './types.ts';

const ORDER: Readonly<Record<Severity, number>> = { error: 0, warning: 1, hint: 2 };

/**
 * The findings in pieces of work: a generator that gives a finding or, after a piece without one, null. Whoever must stay
 * able to answer others (a server) rests between pieces.
 */
export function* lintSteps(entries: readonly KnowledgeEntry[], facts: LintFacts): Generator<Finding | null> {
  const ids = new Set(entries.map(({ id }) => id));
  for (const entry of entries) {
    for (const rule of ENTRY_RULES) yield* rule(entry, facts);
    for (const [index, id] of (entry.related ?? []).entries()) {
      if (!ids.has(id) && facts.others?.has(id) !== true) yield { rule: 'reference.related', severity: 'error', entryIds: [entry.id], field: `related.${index}`, text: `相关知识“${id}”不存在`, mend: '改正编号，或删去' };
    }
    yield null;
  }
  yield* conflicts(entries);
}

/** All findings: errors first, then by entry. */
export function lintEntries(entries: readonly KnowledgeEntry[], facts: LintFacts): readonly Finding[] {
  return sortFindings([...lintSteps(entries, facts)].filter((finding) => finding !== null));
}

export function sortFindings(findings: readonly Finding[]): readonly Finding[] {
  return findings.toSorted((a, b) => ORDER[a.severity] - ORDER[b.severity] || (a.entryIds[0] < b.entryIds[0] ? -1 : a.entryIds[0] > b.entryIds[0] ? 1 : 0));
}

export function countFindings(findings: readonly Finding[]): Readonly<Record<Severity, number>> {
  const counts = { error: 0, warning: 0, hint: 0 };
  for (const { severity } of findings) counts[severity] += 1;
  return counts;
}
