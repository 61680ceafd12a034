import type { KnowledgeEntry } from '../../domain/knowledge.ts';

/** `error`: wrong or forbidden, must be mended; `warning`: likely wrong; `hint`: could be better. */
export type Severity = 'error' | 'warning' | 'hint';

export type LintRule =
  | 'wording.twice' | 'wording.same_question' | 'wording.repeated' | 'wording.few' | 'conflict.facts'
  | 'personal.mobile' | 'personal.identity' | 'personal.number' | 'personal.email' | 'personal.name' | 'personal.landline'
  | 'voice.sentences' | 'voice.link' | 'voice.list' | 'voice.brackets' | 'voice.symbols' | 'voice.english'
  | 'link.insecure' | 'link.dead' | 'link.unreachable' | 'link.refused'
  | 'days.impossible' | 'days.reversed' | 'days.expired' | 'days.expiring' | 'days.review' | 'source.replaced'
  | 'reference.related' | 'reference.self' | 'reference.department' | 'reference.item' | 'reference.town'
  | 'guide.materials' | 'guide.steps' | 'promise' | 'length.message' | 'length.paragraph' | 'row.refused';

export interface Finding {
  readonly rule: LintRule;
  readonly severity: Severity;
  /** The entry it is about, then others that have part in it. */
  readonly entryIds: readonly [string, ...string[]];
  readonly field: string | null;
  /** What is wrong, in Chinese; no personal data. */
  readonly text: string;
  /** How to mend it. */
  readonly mend: string;
}

export interface ReplacedSource {
  /** Title without 《》. */
  readonly title: string;
  readonly by: string;
  /** Day from which the new one holds. */
  readonly since: string;
}

export interface LintFacts {
  /** `YYYY-MM-DD`, Beijing. */
  readonly today: string;
  readonly departments: ReadonlySet<string>;
  readonly items: ReadonlySet<string>;
  readonly towns: ReadonlySet<string>;
  readonly replaced: readonly ReplacedSource[];
  /** Ids that `related` may name besides those of the entries given. */
  readonly others?: ReadonlySet<string>;
}

/** A rule that looks at one entry alone. */
export type EntryRule = (entry: KnowledgeEntry, facts: LintFacts) => readonly Finding[];

/** All texts of an entry that a citizen or seat reads or hears, with the field of each. */
export function textsOf(entry: KnowledgeEntry): readonly (readonly [string, string])[] {
  const { en } = entry;
  return [
    ['question', entry.question],
    ...entry.wordings.map((text, index) => [`wordings.${index}`, text] as const),
    ['answer', entry.answer],
    ['voice', entry.voice],
    ...(entry.card === undefined ? [] : ([['card.title', entry.card.title], ['card.text', entry.card.text]] as const)),
    ...(entry.links ?? []).map(({ title }, index) => [`links.${index}.title`, title] as const),
    ...[['conditions.who', entry.conditions?.who], ['conditions.where', entry.conditions?.where], ['fees', entry.fees], ['hours', entry.hours]].flatMap(([field, text]) => (field === undefined || text === undefined ? [] : [[field, text] as const])),
    ...(entry.steps ?? []).map((text, index) => [`steps.${index}`, text] as const),
    ...(entry.materials ?? []).map((text, index) => [`materials.${index}`, text] as const),
    ...(entry.places ?? []).flatMap(({ name, address, phone, hours }, index) => [['name', name], ['address', address], ['phone', phone], ['hours', hours]].flatMap(([part, text]) => (text === undefined ? [] : [[`places.${index}.${part}`, text] as const]))),
    ...(en === undefined ? [] : ([['en.question', en.question], ['en.answer', en.answer], ...(en.voice === undefined ? [] : [['en.voice', en.voice] as const])] as const)),
  ];
}
