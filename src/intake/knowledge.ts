import type { CityData } from '../config/city.ts';
import type { KnowledgeAnswer } from '../dialog/types.ts';
import type { KnowledgeEntry } from '../domain/knowledge.ts';
import type { MatchEntry, Matcher } from '../matcher/types.ts';
import type { KnowledgeSnapshot } from './context.ts';

/** Does it hold on this day (`YYYY-MM-DD`, Beijing)? First and last day included. */
export const holdsOn = (entry: Pick<KnowledgeEntry, 'effectiveFrom' | 'expiresOn'>, today: string): boolean => entry.effectiveFrom <= today && (entry.expiresOn === undefined || entry.expiresOn >= today);

/**
 * A knowledge base that does not change: for tools and tests. Entries that do not hold today stay out; entries for the desk
 * only are in the desk's index, never in the citizens'. A running house follows the store (knowledge-live.ts).
 * @param today `YYYY-MM-DD`, Beijing
 */
export function buildKnowledge(entries: readonly KnowledgeEntry[], city: Pick<CityData, 'departments'>, today: string, createIndex: (entries: readonly MatchEntry[]) => Matcher): KnowledgeSnapshot {
  const valid = entries.filter((entry) => holdsOn(entry, today));
  const open = valid.filter((entry) => entry.audience !== 'desk');
  const all = new Map(valid.map((entry) => [entry.id, entry]));
  const answer = createAnswers(city);
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
      return entry === undefined || entry.audience === 'desk' ? null : answer(entry);
    },
  };
}

/** An entry as the dialog tells it, with the department's name in its source. One turn asks for the same entries several times, and citizens for the same ones all day. */
export function createAnswers(city: Pick<CityData, 'departments'>): (entry: KnowledgeEntry) => KnowledgeAnswer {
  let { departments } = city;
  let made = new WeakMap<KnowledgeEntry, KnowledgeAnswer>();
  return (entry) => {
    if (departments !== city.departments) {
      departments = city.departments;
      made = new WeakMap();
    }
    const known = made.get(entry);
    if (known !== undefined) return known;
    const answer = answerOf(entry, departments);
    made.set(entry, answer);
    return answer;
  };
}

function answerOf({ id, question, answer, voice, item, source, effectiveFrom, department, links, card, steps, materials, fees, hours, places, conditions, en }: KnowledgeEntry, departments: CityData['departments']): KnowledgeAnswer {
  const name = departments.find((candidate) => candidate.id === department)?.name;
  return {
    id, question, answer, voice,
    item: item ?? null,
    source: {
      title: source.title,
      effectiveFrom,
      ...(name === undefined ? {} : { department: name }),
      ...(source.url === undefined ? {} : { url: source.url }),
    },
    ...defined({ links, card, steps, materials, fees, hours, places, conditions, en }),
  };
}

/** The same without what is undefined. */
function defined<Fields extends object>(fields: Fields): { [Name in keyof Fields]?: NonNullable<Fields[Name]> } {
  const kept: { [Name in keyof Fields]?: NonNullable<Fields[Name]> } = {};
  for (const name in fields) {
    const value = fields[name];
    if (value !== undefined && value !== null) kept[name] = value;
  }
  return kept;
}

/**
 * What is indexed of an entry: all wordings of both languages, its scope and the days on which it holds. Its department is left
 * out: neighbours of one department say little about a question, and with it a tenth fewer of the evaluation set are answered at
 * the same number of wrong answers (docs/matcher.md).
 */
export function toMatchEntry(entry: KnowledgeEntry): MatchEntry {
  return {
    id: entry.id,
    question: entry.question,
    variants: [...entry.wordings, ...(entry.en === undefined ? [] : [entry.en.question, ...entry.en.wordings])],
    answer: entry.answer,
    category: entry.module,
    keywords: entry.keywords ?? [],
    from: entry.effectiveFrom,
    ...(entry.towns === undefined ? {} : { towns: entry.towns }),
    ...(entry.item === undefined ? {} : { item: entry.item }),
    ...(entry.expiresOn === undefined ? {} : { until: entry.expiresOn }),
  };
}
