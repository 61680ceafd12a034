import { join } from 'node:path';
import type { CityData } from '../config/city.ts';
import { faultsError, readYaml, type FileFault } from '../config/files.ts';
import { checkPattern } from '../dialog/safe-pattern.ts';
import { pathOf } from '../domain/items.ts';
import { AssistRulesSchema, type AssistRuleFile, type FactRule, type QuestionRule, type SignRule } from './rules-schema.ts';
import { compileFinder, createNegation, type Finder } from './words.ts';

/** The rules, compiled: every list is made a finder once. */
export interface AssistRules {
  readonly file: AssistRuleFile;
  /** Longest first. */
  readonly courtesyWords: readonly string[];
  /** Longest first. */
  readonly openers: readonly string[];
  readonly asides: Finder;
  readonly question: Finder;
  readonly rhetorical: Finder;
  readonly asked: Readonly<Record<'place' | 'time' | 'name' | 'phone', Finder>>;
  readonly kinds: readonly { readonly kind: AssistRuleFile['kinds'][number]['kind']; readonly finder: Finder }[];
  readonly callback: Finder;
  readonly confidential: Finder;
  readonly facts: readonly { readonly rule: FactRule; readonly finder: Finder; /** Longest first. */ readonly trim: readonly string[] }[];
  readonly questions: readonly { readonly rule: QuestionRule; readonly unless: Finder }[];
  readonly signs: readonly { readonly rule: SignRule; readonly finder: Finder }[];
  readonly isDenied: (folded: string, at: number) => boolean;
}

const PATH = ['config', 'assist.yaml'];

/**
 * Reads and checks config/assist.yaml.
 * @param root folder that holds `config/`
 * @returns the rules, compiled when they are first asked for: a start does not wait for that
 * @throws AppError `config.invalid` with every fault and its place
 */
export function loadAssistRules(root: string, city: Pick<CityData, 'items' | 'itemGroups'>): () => AssistRules {
  const file = readYaml(root, join(root, ...PATH), AssistRulesSchema);
  if (file.value === null) throw faultsError(file.faults);
  const { value } = file;
  const faults = checkRules(value, city, file.fault);
  if (faults.length > 0) throw faultsError(faults);
  let compiled: AssistRules | null = null;
  return () => (compiled ??= compileRules(value));
}

/** What a schema cannot say: patterns that are safe, names that exist, ids that stand once. */
export function checkRules(rules: AssistRuleFile, city: Pick<CityData, 'items' | 'itemGroups'>, fault: (pointer: string, message: string) => FileFault): FileFault[] {
  const faults: FileFault[] = [];
  const say = (pointer: string, message: string): void => void faults.push(fault(pointer, message));
  const patterns = (pointer: string, list: readonly string[] | undefined): void => {
    list?.forEach((source, index) => {
      const checked = checkPattern(source);
      if (!checked.ok) say(`${pointer}/${index}`, checked.reason);
    });
  };
  const lookup = (pointer: string, { words, patterns: wanted, not }: { readonly words?: readonly string[]; readonly patterns?: readonly string[]; readonly not?: readonly string[] }, required: boolean): void => {
    patterns(`${pointer}/patterns`, wanted);
    patterns(`${pointer}/not`, not);
    if (required && (words ?? []).length + (wanted ?? []).length === 0) say(pointer, 'neither words nor patterns');
  };
  const once = (pointer: string, ids: readonly string[]): void => {
    ids.forEach((id, index) => {
      if (ids.indexOf(id) !== index) say(`${pointer}/${index}/id`, `${id} stands twice`);
    });
  };
  patterns('/asides', rules.asides);
  const question = checkPattern(rules.question);
  if (!question.ok) say('/question', question.reason);
  const rhetorical = checkPattern(rules.rhetorical);
  if (!rhetorical.ok) say('/rhetorical', rhetorical.reason);
  lookup('/wishes/callback', rules.wishes.callback, true);
  lookup('/wishes/confidential', rules.wishes.confidential, true);
  rules.facts.forEach((fact, index) => {
    lookup(`/facts/${index}`, fact, fact.builtin === undefined);
  });
  rules.mood.signs.forEach((sign, index) => lookup(`/mood/signs/${index}`, sign, true));
  once('/facts', rules.facts.map(({ id }) => id));
  once('/questions', rules.questions.map(({ id }) => id));
  once('/mood/signs', rules.mood.signs.map(({ id }) => id));
  const facts = new Set(rules.facts.map(({ id }) => id));
  const signs = new Set(rules.mood.signs.map(({ id }) => id));
  const codes = new Set(city.items.flatMap(({ code }) => pathOf({ items: city.items, groups: city.itemGroups }, code)));
  rules.questions.forEach((rule, index) => {
    if (rule.fact !== undefined && !facts.has(rule.fact)) say(`/questions/${index}/fact`, `no fact ${rule.fact}`);
    if (rule.fact === undefined && rule.items === undefined && rule.kinds === undefined) say(`/questions/${index}`, 'it would always be asked: name a fact, items or kinds');
    for (const name of ['items', 'not'] as const) rule[name]?.forEach((code, place) => codes.has(code) || say(`/questions/${index}/${name}/${place}`, `no item is or stands under ${code}`));
  });
  rules.mood.together.forEach(({ signs: named }, index) => named.forEach((id, place) => signs.has(id) || say(`/mood/together/${index}/signs/${place}`, `no sign ${id}`)));
  if (rules.mood.angry <= rules.mood.upset) say('/mood/angry', 'must be more than upset');
  return faults;
}

export function compileRules(file: AssistRuleFile): AssistRules {
  const words = (list: readonly string[]): Finder => compileFinder({ words: list });
  return {
    file,
    courtesyWords: longestFirst(file.courtesies),
    openers: longestFirst(file.openers),
    asides: compileFinder({ patterns: file.asides }),
    question: compileFinder({ patterns: [file.question] }),
    rhetorical: compileFinder({ patterns: [file.rhetorical] }),
    asked: { place: words(file.asked.place), time: words(file.asked.time), name: words(file.asked.name), phone: words(file.asked.phone) },
    kinds: file.kinds.map(({ kind, words: list }) => ({ kind, finder: words(list) })),
    callback: compileFinder(file.wishes.callback),
    confidential: compileFinder(file.wishes.confidential),
    facts: file.facts.map((rule) => ({ rule, finder: compileFinder(rule), trim: longestFirst(rule.trim ?? []) })),
    questions: file.questions.map((rule) => ({ rule, unless: words(rule.unless ?? []) })).sort((a, b) => a.rule.order - b.rule.order),
    signs: file.mood.signs.map((rule) => ({ rule, finder: compileFinder(rule) })),
    isDenied: createNegation(file.mood.negations, file.mood.between),
  };
}

const longestFirst = (words: readonly string[]): readonly string[] => [...words].sort((a, b) => b.length - a.length);
