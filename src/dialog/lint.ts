import { ACTIONS } from './actions.ts';
import { isFactName } from './conditions.ts';
import { COMMON_PROMPTS } from './flow-schema.ts';
import { lintPrompt, placeholders, speaksCantonese, type PromptRules } from './lint-prompts.ts';
import { lintSteps, targetsOf } from './lint-steps.ts';
import { lintTriggers } from './lint-triggers.ts';
import { parseTarget, type Condition, type Flow, type Program, type Prompt } from './program.ts';
import type { Issue, Path } from './source.ts';

/** What lies outside the flow files and may be checked against. */
export interface LintOptions {
  /** Codes of config/items.yaml; absent: item triggers are not checked. */
  readonly items?: readonly string[];
}

/** One flow under the lint. */
export interface LintContext {
  readonly program: Program;
  readonly flow: Flow;
  readonly issues: Issue[];
  /** Some prompt of the house is written in Cantonese. */
  readonly cantonese: boolean;
}

export function note(context: LintContext, path: Path, severity: Issue['severity'], rule: string, message: string): void {
  context.issues.push({ ...context.flow.source.at(path), severity, rule, message });
}

/** Result fields that some action of the flow brings; `count` is the engine's. */
export const resultFields = (flow: Flow): Set<string> =>
  new Set([...flow.steps.values()].flatMap((step) => (step.verb.kind === 'do' ? ACTIONS[step.verb.action].results : [])));

/** Finds what compiles but would embarrass us in front of a citizen. Pure; sorted by file and line. */
export function lintProgram(program: Program, options: LintOptions = {}): readonly Issue[] {
  const issues: Issue[] = [];
  // A caller hears the flows as one house: where one speaks Cantonese, all do.
  const cantonese = speaksCantonese(allPrompts(program));
  for (const flow of program.flows.values()) {
    const context: LintContext = { program, flow, issues, cantonese };
    lintFolder(context);
    lintSteps(context);
    lintSlots(context);
    lintTemplates(context);
  }
  lintTriggers(program, issues, options.items ?? null);
  lintDialog(program, issues, cantonese);
  return issues.sort((a, b) => (a.file === b.file ? a.line - b.line || a.column - b.column : a.file < b.file ? -1 : 1));
}

function lintFolder(context: LintContext): void {
  const { flow } = context;
  const folder = /([^/]+)\/flow\.ya?ml$/.exec(flow.source.path)?.[1];
  if (folder !== undefined && folder !== flow.id) note(context, ['id'], 'error', 'folder-name', `流程“${flow.id}”应放在同名的文件夹里，现在在“${folder}”`);
}

function lintSlots(context: LintContext): void {
  const { flow } = context;
  const asked = new Set<string>();
  const used = new Set<string>(flow.inherit);
  for (const step of flow.steps.values()) {
    const { verb } = step;
    if (verb.kind === 'ask') verb.slots.forEach((name) => asked.add(name));
    if (verb.kind === 'confirm') verb.slots.forEach((name) => used.add(name));
    if (verb.kind === 'answer') used.add(verb.slot);
    if (verb.kind === 'choose' && verb.save !== null) asked.add(verb.save);
    const values = [...Object.values(step.with), ...Object.values(step.set), ...(verb.kind === 'choose' ? verb.options.flatMap((option) => Object.values(option.with)) : [])];
    for (const value of values) if (typeof value === 'string' && value.startsWith('slot.')) used.add(value.slice(5));
    Object.keys(step.set).forEach((name) => asked.add(name));
    if (verb.kind === 'choose') verb.options.forEach((option) => Object.keys(option.set).forEach((name) => asked.add(name)));
  }
  for (const trigger of flow.triggers) Object.keys(trigger.set).forEach((name) => asked.add(name));
  for (const subject of subjectsOf(flow)) if (subject.startsWith('slot.')) used.add(subject.slice(5));
  for (const slot of flow.slots.values()) {
    const path: Path = ['slots', slot.name];
    if (slot.type === 'choice' && slot.options.length === 0) note(context, path, 'error', 'choice-without-options', `信息项“${slot.name}”是选择题，却没有选项`);
    if (slot.type !== 'choice' && slot.options.length > 0) note(context, [...path, 'options'], 'error', 'stray-setting', `只有 choice 类型的信息项有选项`);
    const isAsked = [...flow.steps.values()].some((step) => step.verb.kind === 'ask' && step.verb.slots.includes(slot.name));
    if (isAsked && slot.ask === null) note(context, path, 'error', 'missing-prompt', `信息项“${slot.name}”要问，却没有写怎么问（ask）`);
    if (isAsked && slot.again.length === 0 && slot.type !== 'text') note(context, path, 'warning', 'missing-again', `信息项“${slot.name}”没有写没听懂时换个问法（again）`);
    if (isAsked && slot.silent) note(context, path, 'error', 'silent-asked', `信息项“${slot.name}”写了不问（silent），步骤里却在问`);
    if (!asked.has(slot.name) && !slot.silent) note(context, path, 'error', 'slot-never-asked', `信息项“${slot.name}”从来没有问过；不用问请写 silent: true`);
    if (!used.has(slot.name)) note(context, path, 'warning', 'slot-never-used', `信息项“${slot.name}”问了却没有用到`);
  }
  flow.inherit.forEach((name, index) => {
    if (!flow.slots.has(name)) note(context, ['inherit', index], 'error', 'unknown-slot', `没有信息项“${name}”`);
  });
}

/** Every subject that conditions and templates of a flow look at. */
function subjectsOf(flow: Flow): Set<string> {
  const subjects = new Set<string>();
  const condition = (when: Condition): void => when?.forEach((group) => group.forEach((check) => subjects.add(check.subject)));
  for (const step of flow.steps.values()) {
    condition(step.when);
    step.say?.forEach((variant) => condition(variant.when));
    if (step.verb.kind === 'choose') step.verb.options.forEach((option) => condition(option.when));
  }
  for (const slot of flow.slots.values()) {
    condition(slot.when);
    slot.ask?.forEach((variant) => condition(variant.when));
  }
  for (const prompt of promptsOf(flow)) for (const name of placeholders(prompt.prompt)) subjects.add(name);
  return subjects;
}

/** Whatever is said by any flow, and in common. */
export const allPrompts = ({ dialog, flows }: Program): readonly Prompt[] => [
  ...Object.values(dialog.prompts),
  ...dialog.followUps.map(({ say }) => say),
  ...[...flows.values()].flatMap((flow) => promptsOf(flow).flatMap(({ prompt }) => (prompt === null ? [] : [prompt]))),
];

function promptsOf(flow: Flow): { prompt: NonNullable<ReturnType<Flow['steps']['get']>>['say']; path: Path }[] {
  return [
    ...[...flow.steps.values()].filter((step) => step.say !== null).map((step) => ({ prompt: step.say, path: ['steps', step.name, 'say'] })),
    ...[...flow.slots.values()].flatMap((slot) => [
      ...(slot.ask === null ? [] : [{ prompt: slot.ask, path: ['slots', slot.name, 'ask'] }]),
      ...slot.again.map((prompt, index) => ({ prompt, path: ['slots', slot.name, 'again', index] })),
    ]),
  ];
}

function lintTemplates(context: LintContext): void {
  const { flow } = context;
  const fields = resultFields(flow);
  fields.add('count');
  const rules: PromptRules = {
    known: (subject) => knownSubject(flow, fields, subject),
    cantonese: context.cantonese,
    report: (path, severity, rule, message) => note(context, path, severity, rule, message),
  };
  for (const { prompt } of promptsOf(flow)) if (prompt !== null) lintPrompt(prompt, rules);
  const check = (when: Condition, path: Path): void =>
    when?.forEach((group) =>
      group.forEach(({ subject }) => {
        if (!knownSubject(flow, fields, subject)) note(context, path, 'error', subject.startsWith('slot.') ? 'unknown-slot' : subject.startsWith('result.') ? 'unknown-result' : 'unknown-fact', `条件里的“${subject}”不存在`);
      }),
    );
  for (const step of flow.steps.values()) {
    check(step.when, ['steps', step.name, 'if']);
    step.say?.forEach((variant) => check(variant.when, [...variant.path, 'if']));
    if (step.verb.kind === 'choose') step.verb.options.forEach((option, index) => check(option.when, ['steps', step.name, 'choose', index, 'if']));
  }
  for (const slot of flow.slots.values()) {
    check(slot.when, ['slots', slot.name, 'if']);
    slot.ask?.forEach((variant) => check(variant.when, [...variant.path, 'if']));
  }
  flow.triggers.forEach((trigger, index) => check(trigger.when, ['triggers', index, 'if']));
}

export function knownSubject(flow: Flow, fields: ReadonlySet<string>, subject: string): boolean {
  if (subject.startsWith('slot.')) return flow.slots.has(subject.slice(5));
  if (subject.startsWith('result.')) return fields.has(subject.slice(7));
  return isFactName(subject.startsWith('fact.') ? subject.slice(5) : subject);
}

/** Names that the engine itself fills into common prompts. */
const EXTRA = new Set(['question', 'changes', 'flow', 'list']);

function lintDialog(program: Program, issues: Issue[], cantonese: boolean): void {
  const { dialog } = program;
  const report = (path: Path, severity: Issue['severity'], rule: string, message: string): void => {
    issues.push({ ...dialog.source.at(path), severity, rule, message });
  };
  for (const name of COMMON_PROMPTS) lintPrompt(dialog.prompts[name], { known: (subject) => EXTRA.has(subject) || isFactName(subject), cantonese, report });
  for (const { say } of dialog.followUps) lintPrompt(say, { known: (subject) => subject === 'list' || isFactName(subject), cantonese, report });
  for (const [name, target] of Object.entries(dialog.flows)) {
    const { flow: id, step } = parseTarget(target);
    const flow = program.flows.get(id);
    if (flow === undefined) report(['flows', name], 'error', 'unknown-flow', `没有流程“${id}”`);
    else if (step !== null && !flow.steps.has(step)) report(['flows', name], 'error', 'unknown-step', `流程“${id}”没有步骤“${step}”`);
  }
  const emergency = program.flows.get(parseTarget(dialog.flows.emergency).flow);
  dialog.emergency.forEach((rule, index) => {
    if (emergency !== undefined && !emergency.steps.has(rule.category)) report(['emergency', index, 'category'], 'error', 'unknown-step', `紧急流程里没有步骤“${rule.category}”`);
  });
  lintPersonWay(program, report);
}

/** Law 2: 人工 is understood, a seat can be reached, and where none is there a call back is filed. */
function lintPersonWay(program: Program, report: (path: Path, severity: Issue['severity'], rule: string, message: string) => void): void {
  const { dialog } = program;
  if (!dialog.words.person.includes('人工')) report(['words', 'person'], 'error', 'no-person', '转人工的词里必须有“人工”');
  if (dialog.words.personNot.includes('人工')) report(['words', 'personNot'], 'error', 'no-person', '“人工”不能列为例外');
  const seen = new Set<string>();
  const queue = [parseTarget(dialog.flows.person).flow];
  let handoff = false;
  let ticket = false;
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    const flow = program.flows.get(id);
    if (flow === undefined || seen.has(id)) continue;
    seen.add(id);
    for (const step of flow.steps.values()) {
      if (step.verb.kind === 'handoff') handoff = true;
      if (step.verb.kind === 'do' && step.verb.action === 'ticket.open' && step.with['callback'] === true) ticket = true;
      queue.push(...targetsOf(step).flows.map(({ target }) => parseTarget(target).flow));
    }
  }
  if (!handoff) report(['flows', 'person'], 'error', 'no-person', '转人工的流程里没有 handoff 步骤，市民找不到人');
  if (!ticket) report(['flows', 'person'], 'error', 'no-person', '没有坐席时必须能登记回电：缺少 do: ticket.open 且 callback: true 的步骤');
}
