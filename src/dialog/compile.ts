import { createHash } from 'node:crypto';
import { Compile } from 'typebox/compile';
import type { Town } from '../domain/config-files.ts';
import { AppError } from '../domain/errors.ts';
import { isActionName } from './actions.ts';
import { compilePatterns, compilePrompt, compileSlot, compileStep, compileTrigger, report, titleOf, type Collector } from './compile-parts.ts';
import { COMMON_PROMPTS, DialogFileSchema, FlowSchema, OPTIONAL_PROMPTS, type CommonPrompt } from './flow-schema.ts';
import { WORD_LISTS, type DialogRules, type Flow, type Program, type Prompt, type Slot, type Step } from './program.ts';
import type { SlotLexicon } from './slots-types.ts';
import { dialectPairs } from './listen.ts';
import { formatIssue, locate, locateKnown, schemaIssues, type Issue, type KnownTexts, type Located, type SourceText } from './source.ts';

const FlowCheck = Compile(FlowSchema);
const DialogCheck = Compile(DialogFileSchema);

/** Everything a program is made of: texts of files (read by the caller) and the checked lists they refer to. */
export interface ProgramSources {
  /** flows/<id>/flow.yaml */
  readonly flows: readonly SourceText[];
  /** config/dialog.yaml */
  readonly dialog: SourceText;
  readonly towns: readonly Town[];
  /** The slot part of config/lexicon.yaml. */
  readonly lexicon: SlotLexicon & { readonly dialect?: Readonly<Record<string, string>> };
  /** Spares the parsing of texts that were parsed before. */
  readonly known?: KnownTexts;
}

export interface Compiled {
  /** Null when there are errors. */
  readonly program: Program | null;
  readonly issues: readonly Issue[];
}

/** Compiles flows. Pure: reads no files, never throws; every fault is an issue with file, line and column. */
export function compileFlows(sources: ProgramSources): Compiled {
  const issues: Issue[] = [];
  const dialog = compileDialog(sources.dialog, sources.known, issues);
  const flows = new Map<string, Flow>();
  for (const source of sources.flows) {
    const flow = compileFlow(source, sources.known, issues);
    if (flow === null) continue;
    const twin = flows.get(flow.id);
    if (twin !== undefined) {
      issues.push({ ...flow.source.at(['id']), severity: 'error', rule: 'duplicate-flow', message: `流程“${flow.id}”已经在 ${twin.source.path} 里有了` });
      continue;
    }
    flows.set(flow.id, flow);
  }
  if (dialog === null || issues.some((issue) => issue.severity === 'error')) return { program: null, issues };
  const triggers = [...flows.values()].flatMap((flow) => flow.triggers).sort((a, b) => b.priority - a.priority);
  const program: Program = { version: versionOf(sources), flows, dialog, towns: sources.towns, dialect: dialectPairs(sources.lexicon.dialect ?? {}), lexicon: { ...sources.lexicon, yes: [...sources.lexicon.yes, ...dialog.words.yes], no: [...sources.lexicon.no, ...dialog.words.no] }, triggers };
  return { program, issues };
}

/** As `compileFlows`, for a program that must run: throws AppError `flow.invalid` with every fault in its message. */
export function compileOrThrow(sources: ProgramSources): Program {
  const { program, issues } = compileFlows(sources);
  if (program === null) {
    throw new AppError('flow.invalid', `流程文件有错误：\n${issues.filter((issue) => issue.severity === 'error').map(formatIssue).join('\n')}`, { status: 500, details: { issues: issues.length } });
  }
  return program;
}

/** Hash of the rules' texts alone: a new town must not restart the forms of running conversations. */
function versionOf(sources: ProgramSources): string {
  const hash = createHash('sha256');
  for (const { text } of [...sources.flows].sort((a, b) => (a.path < b.path ? -1 : 1))) hash.update(text).update('\0');
  return hash.update(sources.dialog.text).digest('hex').slice(0, 12);
}

/** What was parsed before and is not as it should be is not believed: the text decides. */
function locateChecked(source: SourceText, known: KnownTexts | undefined, fits: (data: unknown) => boolean): Located {
  const value = known?.(source.text);
  return value !== undefined && fits(value) ? locateKnown(source, value) : locate(source);
}

function compileFlow(source: SourceText, known: KnownTexts | undefined, issues: Issue[]): Flow | null {
  const located = locateChecked(source, known, (data) => FlowCheck.Check(data));
  issues.push(...located.issues);
  if (located.issues.length > 0) return null;
  const data: unknown = located.data;
  if (!FlowCheck.Check(data)) {
    issues.push(...schemaIssues(located, FlowCheck.Errors(data)));
    return null;
  }
  const collector: Collector = { source: located, issues };
  const slots = new Map<string, Slot>(Object.entries(data.slots ?? {}).map(([name, slot]) => [name, compileSlot(name, slot, ['slots', name])]));
  const names = Object.keys(data.steps);
  const first = names[0];
  if (first === undefined) {
    report(collector, ['steps'], 'empty-flow', `流程“${data.id}”没有步骤`);
    return null;
  }
  const steps = new Map<string, Step>(
    Object.entries(data.steps).map(([name, step], index) => [name, compileStep(collector, name, step, names[index + 1] ?? null, isActionName)]),
  );
  const slotNames = new Set(slots.keys());
  return {
    id: data.id,
    title: titleOf(data.title),
    aside: data.aside ?? false,
    interrupts: data.interrupts ?? false,
    inherit: data.inherit ?? [],
    triggers: (data.triggers ?? []).map((trigger, index) => compileTrigger(collector, data.id, trigger, ['triggers', index], slotNames)),
    slots,
    steps,
    first,
    cancel: data.cancel ?? null,
    source: located,
  };
}

function compileDialog(source: SourceText, known: KnownTexts | undefined, issues: Issue[]): DialogRules | null {
  const located = locateChecked(source, known, (data) => DialogCheck.Check(data));
  issues.push(...located.issues);
  if (located.issues.length > 0) return null;
  const data: unknown = located.data;
  if (!DialogCheck.Check(data)) {
    issues.push(...schemaIssues(located, DialogCheck.Errors(data)));
    return null;
  }
  const collector: Collector = { source: located, issues };
  const patterns = (list: readonly string[], ...path: (string | number)[]): RegExp[] => compilePatterns(collector, list, path).map(({ pattern }) => pattern);
  const prompts: Partial<Record<CommonPrompt, Prompt>> = {};
  for (const [name, prompt] of Object.entries(data.prompts)) {
    if (isCommonPrompt(name)) prompts[name] = compilePrompt(prompt, ['prompts', name]);
    else report(collector, ['prompts', name], 'unknown-prompt', `没有名为“${name}”的公共话术`);
  }
  for (const name of COMMON_PROMPTS) {
    if (prompts[name] === undefined && OPTIONAL_PROMPTS.includes(name)) prompts[name] = [];
    if (prompts[name] === undefined) report(collector, ['prompts'], 'missing-prompt', `缺少公共话术“${name}”`);
  }
  if (!hasAll(prompts)) return null;
  const { decide } = data;
  // Words are compared with lower-case text.
  const words = { ...NO_WORDS, ...data.words };
  for (const list of WORD_LISTS) words[list] = lower(words[list]);
  return {
    source: located,
    flows: data.flows,
    timers: { remindMs: data.timers.remindMinutes * 60_000, closeMs: data.timers.closeMinutes * 60_000, restMs: data.timers.restMinutes * 60_000 },
    itemScore: data.itemScore,
    hearingScore: data.hearingScore,
    words,
    decide: {
      complaint: lower(decide.complaint),
      question: patterns(decide.question, 'decide', 'question'),
      rhetorical: patterns(decide.rhetorical, 'decide', 'rhetorical'),
      trouble: patterns(decide.trouble, 'decide', 'trouble'),
      statement: patterns(decide.statement, 'decide', 'statement'),
      business: patterns(decide.business, 'decide', 'business'),
      kinds: decide.kinds.map((one) => ({ kind: one.kind, words: lower(one.words) })),
      otherwise: decide.otherwise,
    },
    emergency: data.emergency.map((rule, index) => ({ category: rule.category, patterns: patterns(rule.patterns, 'emergency', index, 'patterns'), not: patterns(rule.not ?? [], 'emergency', index, 'not') })),
    englishTopics: (data.englishTopics ?? []).map((topic) => ({ words: lower(topic.words), ask: topic.ask })),
    followUps: (data.followUps ?? []).map((rule, index) => ({ about: rule.about, patterns: patterns(rule.patterns, 'followUps', index, 'patterns'), say: compilePrompt(rule.say, ['followUps', index, 'say']) })),
    // Longest first, so that a word inside another is not taken out of it.
    followUpFiller: lower(data.followUpFiller ?? []).toSorted((a, b) => b.length - a.length),
    emergencyNot: patterns(data.emergencyNot, 'emergencyNot'),
    prompts,
  };
}

const NO_WORDS: Readonly<Record<'cantonese' | 'cantoneseHints' | 'slower' | 'faster' | 'more', string[]>> = { cantonese: [], cantoneseHints: [], slower: [], faster: [], more: [] };
const lower = (words: readonly string[]): string[] => words.map((word) => word.toLowerCase());
const isCommonPrompt = (name: string): name is CommonPrompt => COMMON_PROMPTS.some((known) => known === name);
const hasAll = (prompts: Partial<Record<CommonPrompt, Prompt>>): prompts is Record<CommonPrompt, Prompt> => COMMON_PROMPTS.every((name) => prompts[name] !== undefined);
