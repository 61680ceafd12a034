import { ACTIONS } from './actions.ts';
import { knownSubject, note, resultFields, type LintContext } from './lint.ts';
import { parseTarget, type Flow, type Step } from './program.ts';
import type { Path } from './source.ts';

/** Steps: everything leads somewhere, everything can be reached, actions get what they need. */

export interface Targets {
  readonly steps: readonly { readonly target: string; readonly path: Path }[];
  readonly flows: readonly { readonly target: string; readonly path: Path }[];
}

/** Every place a step can lead to. */
export function targetsOf(step: Step): Targets {
  const steps: { target: string; path: Path }[] = [];
  const flows: { target: string; path: Path }[] = [];
  const base: Path = ['steps', step.name];
  const add = (target: string | null, ...path: (string | number)[]): void => {
    if (target !== null) steps.push({ target, path: [...base, ...path] });
  };
  const { verb } = step;
  if (step.when !== null) add(step.otherwise, 'else');
  add(step.onFail, 'onFail');
  switch (verb.kind) {
    case 'confirm':
      add(verb.yes ?? step.next, verb.yes === null ? 'next' : 'yes');
      add(verb.no, 'no');
      break;
    case 'choose':
      verb.options.forEach((option, index) => {
        if (option.go !== null) flows.push({ target: option.go, path: [...base, 'choose', index, 'go'] });
        else add(option.next ?? step.next, 'choose', index, 'next');
      });
      if (verb.list !== null) add(verb.list.next ?? step.next, 'list', 'next');
      break;
    case 'answer':
      add(verb.found ?? step.next, 'found');
      add(verb.none ?? step.next, 'none');
      break;
    case 'do':
      add(verb.ok ?? step.next, 'ok');
      add(verb.error, 'error');
      for (const [code, target] of Object.entries(verb.errors)) add(target, 'errors', code);
      break;
    case 'wait':
      if (verb.patience !== null) add(verb.patience.next, 'patience', 'next');
      break;
    case 'run':
      flows.push({ target: verb.flow, path: [...base, 'run'] });
      add(step.next, 'next');
      break;
    case 'go':
      flows.push({ target: verb.flow, path: [...base, 'go'] });
      break;
    case 'done':
    case 'end':
      break;
    default:
      add(step.next, 'next');
  }
  return { steps, flows };
}

export function lintSteps(context: LintContext): void {
  const { flow, program } = context;
  for (const step of flow.steps.values()) {
    const { steps, flows } = targetsOf(step);
    for (const { target, path } of steps) if (!flow.steps.has(target)) note(context, path, 'error', 'unknown-step', `步骤“${step.name}”要去的“${target}”不存在`);
    for (const { target, path } of flows) {
      const { flow: id, step: start } = parseTarget(target);
      const other = program.flows.get(id);
      if (other === undefined) note(context, path, 'error', 'unknown-flow', `没有流程“${id}”`);
      else if (start !== null && !other.steps.has(start)) note(context, path, 'error', 'unknown-step', `流程“${id}”没有步骤“${start}”`);
    }
    lintVerb(context, step);
  }
  lintReach(context);
}

function lintVerb(context: LintContext, step: Step): void {
  const { flow, program } = context;
  const base: Path = ['steps', step.name];
  const { verb } = step;
  const slots = verb.kind === 'ask' || verb.kind === 'confirm' ? verb.slots : [];
  slots.forEach((name, index) => {
    if (!flow.slots.has(name)) note(context, [...base, verb.kind, index], 'error', 'unknown-slot', `没有信息项“${name}”`);
  });
  if (verb.kind === 'answer' && !flow.slots.has(verb.slot)) note(context, [...base, 'answer'], 'error', 'unknown-slot', `没有信息项“${verb.slot}”`);
  for (const name of [...Object.keys(step.set), ...step.clear]) if (!flow.slots.has(name)) note(context, [...base, Object.hasOwn(step.set, name) ? 'set' : 'clear'], 'error', 'unknown-slot', `没有信息项“${name}”`);
  if (verb.kind === 'do') lintAction(context, step, verb);
  if (verb.kind === 'choose') lintChoose(context, step, verb);
  if (verb.kind === 'go' || verb.kind === 'run') lintArguments(context, parseTarget(verb.flow).flow, step.with, [...base, 'with']);
  lintValues(context, step.with, [...base, 'with']);
  const person = parseTarget(program.dialog.flows.person).flow;
  if (verb.kind === 'go' && parseTarget(verb.flow).flow === person && verb.reason === null) note(context, [...base, 'go'], 'warning', 'no-reason', '转人工请写明原因（reason），坐席看得到');
}

function lintValues(context: LintContext, values: Readonly<Record<string, string | number | boolean>>, path: Path): void {
  const fields = resultFields(context.flow);
  for (const [name, value] of Object.entries(values)) {
    if (typeof value !== 'string' || !/^(?:slot|result|fact)\./.test(value)) continue;
    if (!knownSubject(context.flow, fields, value)) note(context, [...path, name], 'error', value.startsWith('slot.') ? 'unknown-slot' : value.startsWith('fact.') ? 'unknown-fact' : 'unknown-result', `“${value}”不存在`);
  }
}

/** Values handed to another flow must land in slots that it has. */
function lintArguments(context: LintContext, target: string, values: Readonly<Record<string, unknown>>, path: Path): void {
  const other: Flow | undefined = context.program.flows.get(target);
  if (other === undefined) return;
  for (const name of Object.keys(values)) if (!other.slots.has(name)) note(context, [...path, name], 'error', 'unknown-slot', `流程“${target}”没有信息项“${name}”`);
}

function lintAction(context: LintContext, step: Step, verb: Extract<Step['verb'], { kind: 'do' }>): void {
  const base: Path = ['steps', step.name];
  const spec = ACTIONS[verb.action];
  for (const name of Object.keys(step.with)) if (!Object.hasOwn(spec.args, name)) note(context, [...base, 'with', name], 'error', 'unknown-argument', `动作 ${verb.action} 没有参数“${name}”`);
  for (const [name, need] of Object.entries(spec.args)) if (need === 'needed' && !Object.hasOwn(step.with, name)) note(context, [...base, 'do'], 'error', 'missing-argument', `动作 ${verb.action} 缺少参数“${name}”`);
  for (const code of Object.keys(verb.errors)) if (!spec.errors.includes(code)) note(context, [...base, 'errors', code], 'error', 'unknown-error-code', `动作 ${verb.action} 没有错误“${code}”`);
  if (verb.error === null) note(context, [...base, 'do'], 'error', 'no-error-branch', `动作 ${verb.action} 失败时没有去处（error），市民会走进死胡同`);
}

function lintChoose(context: LintContext, step: Step, verb: Extract<Step['verb'], { kind: 'choose' }>): void {
  const { flow, program } = context;
  const person = parseTarget(program.dialog.flows.person).flow;
  const seen = new Map<string, number>();
  verb.options.forEach((option, index) => {
    const path: Path = ['steps', step.name, 'choose', index];
    if (option.key === '0' && (option.go === null || parseTarget(option.go).flow !== person)) note(context, [...path, 'key'], 'error', 'key-zero', '按键 0 只能用来转人工');
    if (option.key !== null && seen.has(option.key) && option.when === null) note(context, [...path, 'key'], 'error', 'key-clash', `按键 ${option.key} 用了两次`);
    if (option.key !== null && verb.list !== null && /^[1-5]$/.test(option.key)) note(context, [...path, 'key'], 'error', 'key-clash', `按键 ${option.key} 留给了列表`);
    if (option.key !== null) seen.set(option.key, index);
    if (option.go !== null) lintArguments(context, parseTarget(option.go).flow, option.with, [...path, 'with']);
    lintValues(context, option.with, [...path, 'with']);
    for (const name of Object.keys(option.set)) if (!flow.slots.has(name)) note(context, [...path, 'set', name], 'error', 'unknown-slot', `没有信息项“${name}”`);
  });
  if (verb.save !== null && !flow.slots.has(verb.save)) note(context, ['steps', step.name, 'save'], 'error', 'unknown-slot', `没有信息项“${verb.save}”`);
}

/** Steps that nothing leads to: usually a typo in a neighbour's `next`. */
function lintReach(context: LintContext): void {
  const { flow, program } = context;
  const entries = new Set<string>([flow.first]);
  for (const trigger of flow.triggers) if (trigger.start !== null) entries.add(trigger.start);
  if (flow.cancel !== null) entries.add(flow.cancel);
  const fromOutside = [...Object.values(program.dialog.flows), ...[...program.flows.values()].flatMap((other) => [...other.steps.values()].flatMap((step) => targetsOf(step).flows.map(({ target }) => target)))];
  for (const target of fromOutside) {
    const parsed = parseTarget(target);
    if (parsed.flow === flow.id && parsed.step !== null) entries.add(parsed.step);
  }
  if (parseTarget(program.dialog.flows.emergency).flow === flow.id) program.dialog.emergency.forEach((rule) => entries.add(rule.category));
  const seen = new Set<string>();
  const queue = [...entries];
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    const step = flow.steps.get(name);
    if (step === undefined || seen.has(name)) continue;
    seen.add(name);
    queue.push(...targetsOf(step).steps.map(({ target }) => target));
  }
  for (const name of flow.steps.keys()) if (!seen.has(name)) note(context, ['steps', name], 'error', 'unreachable-step', `没有哪一步会走到“${name}”`);
}
