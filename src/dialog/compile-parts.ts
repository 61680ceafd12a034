import type { Locale } from '../domain/activity.ts';
import { checkPattern } from './safe-pattern.ts';
import { compileCondition } from './conditions.ts';
import type { PromptSource, SlotSource, StepSource, TitleSource, TriggerSource, OptionSource } from './flow-schema.ts';
import type { Option, Prompt, PromptVariant, Slot, Step, Trigger, Verb, Wording } from './program.ts';
import type { Issue, Located, Path } from './source.ts';

/** Source shapes → program parts. Faults are collected, not thrown, so that an operator sees all of them at once. */
export interface Collector {
  readonly source: Located;
  readonly issues: Issue[];
}

export function report(collector: Collector, path: Path, rule: string, message: string, severity: Issue['severity'] = 'error'): void {
  collector.issues.push({ ...collector.source.at(path), severity, rule, message });
}

export function compilePrompt(source: PromptSource, path: Path): Prompt {
  const variants = Array.isArray(source) ? source : [source];
  return variants.map((variant, index): PromptVariant => {
    const wordings: Partial<Record<Locale, Wording>> = {};
    if (variant.zh !== undefined) wordings['zh-CN'] = compileWording(variant.zh);
    // Spoken Cantonese: nobody is written to in it.
    if (variant.hk !== undefined) wordings['zh-HK'] = { text: null, voice: variant.hk };
    if (variant.en !== undefined) wordings.en = compileWording(variant.en);
    return { when: compileCondition(variant.if), wordings, path: Array.isArray(source) ? [...path, index] : path };
  });
}

/** A title is heard as well as read, and may have a word of its own in Cantonese. */
export const titleOf = ({ zh, hk, en }: TitleSource): Readonly<Record<Locale, string>> => ({ 'zh-CN': zh, 'zh-HK': hk ?? zh, en });

function compileWording(source: NonNullable<Exclude<PromptSource, unknown[]>['zh']>): Wording {
  return typeof source === 'string' ? { text: source, voice: source } : { text: source.text ?? null, voice: source.voice ?? null };
}

export function compilePatterns(collector: Collector, sources: readonly string[], path: Path): { readonly pattern: RegExp; readonly groups: readonly string[] }[] {
  return sources.flatMap((source, index) => {
    const checked = checkPattern(source);
    if (checked.ok) return [{ pattern: checked.pattern, groups: checked.groups }];
    report(collector, [...path, index], 'unsafe-pattern', `正则“${source}”不能用：${checked.reason}`);
    return [];
  });
}

export function compileTrigger(collector: Collector, flow: string, source: TriggerSource, path: Path, slots: ReadonlySet<string>): Trigger {
  const patterns = compilePatterns(collector, source.patterns ?? [], [...path, 'patterns']);
  patterns.forEach(({ groups }, index) => {
    for (const group of groups) if (!slots.has(group)) report(collector, [...path, 'patterns', index], 'unknown-slot', `正则里的分组“${group}”不是本流程的信息项`);
  });
  return {
    flow,
    start: source.start ?? null,
    phrases: (source.phrases ?? []).map((phrase) => phrase.toLowerCase()),
    patterns: patterns.map(({ pattern }) => pattern),
    items: source.items ?? [],
    keys: source.keys ?? [],
    signals: source.signals ?? [],
    priority: source.priority ?? 50,
    set: source.set ?? {},
    yields: source.yields ?? false,
    whole: source.whole ?? false,
    when: compileCondition(source.if),
    path,
  };
}

const lower = (words: readonly string[] | undefined): string[] => (words ?? []).map((word) => word.toLowerCase());

export function compileSlot(name: string, source: SlotSource, path: Path): Slot {
  return {
    name,
    type: source.type,
    label: titleOf(source.label),
    required: source.required ?? true,
    from: source.from ?? (source.type === 'text' || source.type === 'number' || source.type === 'yesno' ? 'never' : 'any'),
    silent: source.silent ?? false,
    when: compileCondition(source.if),
    ask: source.ask === undefined ? null : compilePrompt(source.ask, [...path, 'ask']),
    again: (source.again ?? []).map((prompt, index) => compilePrompt(prompt, [...path, 'again', index])),
    names: lower(source.names),
    options: (source.options ?? []).map((option) => ({ value: option.value, title: titleOf(option.title), words: lower(option.words) })),
    yes: lower(source.yes),
    no: lower(source.no),
    min: source.min ?? null,
    max: source.max ?? null,
    digits: source.digits ?? null,
    loose: source.loose ?? false,
    files: source.files ?? false,
    free: source.free ?? false,
  };
}

/** As flow files name them. */
const LANGUAGES: Readonly<Record<'zh' | 'hk' | 'en', Locale>> = { zh: 'zh-CN', hk: 'zh-HK', en: 'en' };

const VERBS = ['ask', 'confirm', 'choose', 'answer', 'handoff', 'wait', 'do', 'run', 'go', 'done', 'end'] as const;

export function compileStep(collector: Collector, name: string, source: StepSource, following: string | null, actionKnown: (name: string) => boolean): Step {
  const path: Path = ['steps', name];
  const used = VERBS.filter((verb) => source[verb] !== undefined && source[verb] !== false);
  if (used.length > 1) report(collector, [...path, used[1] ?? ''], 'two-verbs', `步骤“${name}”同时写了 ${used.join('、')}，一步只能做一件事`);
  const details: Readonly<Record<string, readonly string[]>> = {
    yes: ['confirm'], no: ['confirm'], free: ['choose'], save: ['choose'], list: ['choose'], found: ['answer'], none: ['answer'],
    with: ['do', 'go', 'run'], ok: ['do'], error: ['do'], errors: ['do'], reason: ['go', 'handoff'], patience: ['wait'], onFail: ['ask', 'confirm', 'choose'],
  };
  for (const [detail, verbs] of Object.entries(details)) {
    if (Object.hasOwn(source, detail) && !used.some((verb) => verbs.includes(verb))) report(collector, [...path, detail], 'stray-setting', `步骤“${name}”里的“${detail}”只能和 ${verbs.join('、')} 一起用`);
  }
  if (used.length === 0 && source.say === undefined && source.set === undefined && source.clear === undefined && source.gap === undefined && source.language === undefined && source.if === undefined && source.next === undefined) {
    report(collector, path, 'empty-step', `步骤“${name}”什么也没做`);
  }
  return {
    name,
    when: compileCondition(source.if),
    otherwise: source.else ?? following,
    say: source.say === undefined ? null : compilePrompt(source.say, [...path, 'say']),
    verb: compileVerb(collector, name, source, used[0], actionKnown),
    set: source.set ?? {},
    clear: source.clear ?? [],
    unhelpful: source.gap === 'unhelpful',
    language: source.language === undefined ? null : LANGUAGES[source.language],
    with: source.with ?? {},
    next: source.next ?? following,
    onFail: source.onFail ?? null,
  };
}

function compileVerb(collector: Collector, name: string, source: StepSource, verb: (typeof VERBS)[number] | undefined, actionKnown: (name: string) => boolean): Verb {
  switch (verb) {
    case 'ask':
      return { kind: 'ask', slots: source.ask ?? [] };
    case 'confirm':
      return { kind: 'confirm', slots: source.confirm ?? [], yes: source.yes ?? null, no: source.no ?? null };
    case 'choose':
      return { kind: 'choose', options: (source.choose ?? []).map(compileOption), free: source.free ?? false, save: source.save ?? null, list: source.list ?? null };
    case 'answer':
      return { kind: 'answer', slot: source.answer ?? '', found: source.found ?? null, none: source.none ?? null };
    case 'handoff':
      return { kind: 'handoff', reason: source.reason ?? null };
    case 'wait':
      return { kind: 'wait', patience: source.patience ?? null };
    case 'do': {
      const action = source.do ?? '';
      if (!isAction(action, actionKnown)) {
        report(collector, ['steps', name, 'do'], 'unknown-action', `没有名为“${action}”的动作`);
        return { kind: 'done' };
      }
      return { kind: 'do', action, ok: source.ok ?? null, error: source.error ?? null, errors: source.errors ?? {} };
    }
    case 'run':
      return { kind: 'run', flow: source.run ?? '' };
    case 'go':
      return { kind: 'go', flow: source.go ?? '', reason: source.reason ?? null };
    case 'done':
      return { kind: 'done' };
    case 'end':
      return { kind: 'end', code: source.end ?? 'completedSuccessfully' };
    case undefined:
      return { kind: 'say' };
  }
}

type ActionName = Extract<Verb, { kind: 'do' }>['action'];
const isAction = (name: string, known: (name: string) => boolean): name is ActionName => known(name);

function compileOption(source: OptionSource): Option {
  return {
    title: titleOf(source.title),
    words: lower(source.words),
    key: source.key ?? null,
    value: source.value ?? source.title.zh,
    when: compileCondition(source.if),
    set: source.set ?? {},
    next: source.next ?? null,
    go: source.go ?? null,
    with: source.with ?? {},
    reason: source.reason ?? null,
  };
}
