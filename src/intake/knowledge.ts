import type { CityData } from '../config/city.ts';
import type { KnowledgeEntry } from '../domain/knowledge.ts';
import type { MatchEntry, Matcher } from '../matcher/types.ts';
import type { KnowledgeSnapshot } from './context.ts';

/**
 * Builds the snapshot that turns and the desk read. Expired entries stay out; entries for the desk only are in the
 * desk's index, never in the citizens'.
 * @param today `YYYY-MM-DD`, Beijing
 */
export function buildKnowledge(entries: readonly KnowledgeEntry[], city: Pick<CityData, 'departments'>, today: string, createIndex: (entries: readonly MatchEntry[]) => Matcher): KnowledgeSnapshot {
  const valid = entries.filter((entry) => entry.effectiveFrom <= today && (entry.expiresOn === undefined || entry.expiresOn >= today));
  const open = valid.filter((entry) => entry.audience !== 'desk');
  const all = new Map(valid.map((entry) => [entry.id, entry]));
  const departments = new Map(city.departments.map((department) => [department.id, department.name]));
  let desk: Matcher | null = null;
  return {
    matcher: createIndex(open.map(toMatchEntry)),
    // Made when a seat first searches: a start should not wait for it.
    get deskMatcher() {
      desk ??= createIndex(valid.map(toMatchEntry));
      return desk;
    },
    full: (id) => all.get(id) ?? null,
    entry: (id) => {
      const entry = all.get(id);
      if (entry === undefined || entry.audience === 'desk') return null;
      const department = departments.get(entry.department);
      return {
        id: entry.id,
        question: entry.question,
        answer: entry.answer,
        voice: entry.voice,
        item: entry.item ?? null,
        source: {
          title: entry.source.title,
          effectiveFrom: entry.effectiveFrom,
          ...(department === undefined ? {} : { department }),
          ...(entry.source.url === undefined ? {} : { url: entry.source.url }),
        },
      };
    },
  };
}

function toMatchEntry(entry: KnowledgeEntry): MatchEntry {
  return { id: entry.id, question: entry.question, variants: entry.wordings, answer: entry.answer, category: entry.module, keywords: entry.keywords ?? [] };
}
