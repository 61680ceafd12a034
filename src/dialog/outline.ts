import { Compile } from 'typebox/compile';
import type { JsonObject } from '../domain/json.ts';
import { type ConditionSource, FlowSchema, type FlowSource, type OptionSource, type PromptSource, type SlotSource, type SlotType, type StepSource, type TriggerSource } from './flow-schema.ts';
import { locate, type SourceText } from './source.ts';
import { loadCore } from './state.ts';
import type { DialogState } from './types.ts';

/** A flow as people read it: what begins it, what it asks, what each step says and where it leads, with the lines of its file. Pure. */

export interface OutlineLine {
  /** What it is about: 条件, 说, 问, 选项 … */
  readonly label: string;
  readonly text: string;
}

export interface OutlineLink {
  readonly label: string;
  /** A step of this flow, or `flow` / `flow.step` of another one. */
  readonly to: string;
  readonly other: boolean;
}

export interface OutlinePart {
  readonly name: string;
  readonly title: string;
  /** 1-based. */
  readonly line: number;
  readonly lines: readonly OutlineLine[];
  readonly links: readonly OutlineLink[];
}

export interface FlowOutline {
  readonly id: string;
  readonly title: string;
  readonly about: string;
  readonly path: string;
  /** A short exchange in the middle of another flow; may be begun in the middle of one. */
  readonly aside: boolean;
  readonly interrupts: boolean;
  readonly inherit: readonly string[];
  readonly cancel: string | null;
  readonly triggers: readonly OutlinePart[];
  readonly slots: readonly OutlinePart[];
  readonly steps: readonly OutlinePart[];
}

const FlowCheck = Compile(FlowSchema);
const isFlow = (value: unknown): value is FlowSource => FlowCheck.Check(value);

/** Null for a text that is no flow; those of a running program all are. */
export function outlineFlow(source: SourceText): FlowOutline | null {
  const located = locate(source);
  const flow: unknown = located.data;
  if (!isFlow(flow)) return null;
  const lineOf = (...path: (string | number)[]): number => located.at(path).line;
  return {
    id: flow.id, title: flow.title.zh, about: flow.about, path: source.path, aside: flow.aside === true, interrupts: flow.interrupts === true, inherit: flow.inherit ?? [], cancel: flow.cancel ?? null,
    triggers: (flow.triggers ?? []).map((trigger, index) => ({ name: String(index + 1), title: `触发 ${index + 1}`, line: lineOf('triggers', index), lines: triggerLines(trigger), links: trigger.start === undefined ? [] : [{ label: '从这一步开始', to: trigger.start, other: false }] })),
    slots: Object.entries(flow.slots ?? {}).map(([name, slot]) => ({ name, title: slot.label.zh, line: lineOf('slots', name), lines: slotLines(slot), links: [] })),
    steps: Object.entries(flow.steps).map(([name, step]) => ({ name, title: name, line: lineOf('steps', name), lines: stepLines(step, flow), links: stepLinks(step) })),
  };
}

const list = (words: readonly (string | number)[], most = 12): string => `${words.slice(0, most).map((word) => `“${word}”`).join('、')}${words.length > most ? `等 ${words.length} 个` : ''}`;

const SUBJECTS: Readonly<Record<string, string>> = {
  seatsOnline: '在线坐席数', seatHoursOpen: '坐席时间内', officeHoursOpen: '办公时间内', modality: '方式', channel: '渠道', locale: '语言', knownPhoneLast4: '渠道给的电话后四位', visitNumber: '待回访工单', enterprise: '企业',
  saidPhoneLast4: '说过的电话后四位', waiting: '正在等人工', emergency: '紧急情况', personAsked: '同一句话里要求转人工', misses: '连续没听懂的次数',
};
const nameOf = (subject: string): string => SUBJECTS[subject] ?? (subject.startsWith('slot.') ? `槽位 ${subject.slice(5)}` : subject.startsWith('result.') ? `结果 ${subject.slice(7)}` : subject);

function testText(test: unknown): string {
  if (test === 'present') return '有值';
  if (test === 'missing') return '没有值';
  if (test === true) return '为是';
  if (test === false) return '为否';
  if (test === null) return '为空';
  if (Array.isArray(test)) return `为${list(test.map(String))}之一`;
  if (typeof test === 'object') {
    const { above, below } = { above: undefined, below: undefined, ...test };
    return [above === undefined ? '' : `大于 ${String(above)}`, below === undefined ? '' : `小于 ${String(below)}`].filter((part) => part !== '').join('且');
  }
  return `为“${String(test)}”`;
}

/** A condition in one sentence. */
export function conditionText(condition: ConditionSource): string {
  const groups = Array.isArray(condition) ? condition : [condition];
  return groups.map((group) => Object.entries(group).map(([subject, test]) => `${nameOf(subject)}${testText(test)}`).join('，并且')).join('；或者');
}

const condition = (given: ConditionSource | undefined): OutlineLine[] => (given === undefined ? [] : [{ label: '条件', text: conditionText(given) }]);

function promptLines(label: string, prompt: PromptSource | undefined): OutlineLine[] {
  if (prompt === undefined) return [];
  return (Array.isArray(prompt) ? prompt : [prompt]).flatMap(({ if: when, zh }) => {
    if (zh === undefined) return [];
    const [text, voice] = typeof zh === 'string' ? [zh, undefined] : [zh.text, zh.voice];
    const lead = when === undefined ? '' : `（${conditionText(when)}）`;
    if (text === undefined || voice === undefined || text === voice) return [{ label: text === undefined ? `${label}·电话` : label, text: `${lead}${text ?? voice ?? ''}` }];
    return [{ label: `${label}·文字`, text: `${lead}${text}` }, { label: `${label}·电话`, text: `${lead}${voice}` }];
  });
}

const SIGNALS: Readonly<Record<string, string>> = { trouble: '在说遇到的麻烦', question: '在提问' };

function triggerLines({ phrases, patterns, items, keys, signals, priority, set, yields, whole, if: when }: TriggerSource): OutlineLine[] {
  return [
    ...(phrases === undefined ? [] : [{ label: whole === true ? '整句是' : '听到', text: list(phrases, 40) }]),
    ...(patterns === undefined ? [] : [{ label: '句式', text: patterns.join('  ') }]),
    ...(items === undefined ? [] : [{ label: '事项', text: items.join('、') }]),
    ...(keys === undefined ? [] : [{ label: '按键', text: keys.join('、') }]),
    ...(signals === undefined ? [] : [{ label: '判断', text: signals.map((signal) => SIGNALS[signal] ?? signal).join('、') }]),
    ...condition(when),
    ...(set === undefined ? [] : [{ label: '记下', text: valuesText(set) }]),
    { label: '优先级', text: `${priority ?? 50}${yields === true ? '；像提问时让给知识库' : ''}` },
  ];
}

const TYPES: Readonly<Record<SlotType, string>> = { town: '镇街', place: '地点', datetime: '时间', phone: '电话', name: '姓名', ticketNumber: '工单号', choice: '选择', yesno: '是否', text: '文字', number: '数字' };

function slotLines(slot: SlotSource): OutlineLine[] {
  const notes = [TYPES[slot.type], slot.required === true ? '必填' : '可不填', slot.silent === true ? '不问，听到就记' : '', slot.digits === undefined ? '' : `${slot.digits} 位数字`].filter((note) => note !== '');
  return [
    { label: '类型', text: notes.join('，') },
    ...condition(slot.if),
    ...promptLines('问', slot.ask),
    ...(slot.again ?? []).flatMap((prompt, index) => promptLines(`再问 ${index + 1}`, prompt)),
    ...(slot.options === undefined ? [] : [{ label: '选项', text: slot.options.map(({ title }) => title.zh).join('、') }]),
  ];
}

const valuesText = (values: Readonly<Record<string, string | number | boolean>>): string => Object.entries(values).map(([name, value]) => `${name} = ${String(value)}`).join('，');

const ACTIONS: Readonly<Record<string, string>> = {
  'ticket.open': '登记工单', 'ticket.find': '查询工单进度', 'ticket.mine': '查找本人的工单', 'ticket.supplement': '补充工单', 'ticket.urge': '催办', 'ticket.withdraw': '撤回诉求', 'ticket.reopen': '重新办理', 'ticket.rate': '评价', 'ticket.visit': '找待回访的工单',
  'call.about': '查这次外呼是为什么', 'call.note': '记下外呼的回答', 'call.answer': '记下回访结果', 'call.stop': '以后不再外呼',
};
/** An action in words. */
export const actionText = (action: string): string => ACTIONS[action] ?? action;

function stepLines(step: StepSource, flow: FlowSource): OutlineLine[] {
  const labels = (names: readonly string[]): string => names.map((name) => flow.slots?.[name]?.label.zh ?? name).join('、');
  const lines: OutlineLine[] = [...condition(step.if), ...promptLines('说', step.say)];
  const add = (label: string, text: string): void => void lines.push({ label, text });
  if (step.ask !== undefined) add('问', labels(step.ask));
  if (step.confirm !== undefined) add('核对', labels(step.confirm));
  for (const option of step.choose ?? []) add('选项', optionText(option));
  if (step.list !== undefined) add('选项', `结果 ${step.list.from} 里的每一项：${step.list.title}`);
  if (step.answer !== undefined) add('查知识库', labels([step.answer]));
  if (step.do !== undefined) add('动作', `${actionText(step.do)}（${step.do}）`);
  if (step.handoff === true) add('转人工', step.reason ?? '请求人工');
  if (step.wait === true) add('等待', step.patience === undefined ? '等人工接入' : `等人工接入，${step.patience.minutes} 分钟后另行安排`);
  if (step.run !== undefined) add('转入', `流程 ${step.run}，完了再回来`);
  if (step.go !== undefined) add('转去', `流程 ${step.go}${step.reason === undefined ? '' : `（${step.reason}）`}`);
  if (step.with !== undefined) add('带上', valuesText(step.with));
  if (step.set !== undefined) add('记下', valuesText(step.set));
  if (step.clear !== undefined) add('清空', labels(step.clear));
  if (step.gap !== undefined) add('缺口', '记一条“答案没有帮助”');
  if (step.done === true) add('结束', '流程完成');
  if (step.end !== undefined) add('结束', '结束会话');
  return lines;
}

function optionText({ title, words = [], key, if: when }: OptionSource): string {
  return `${key === undefined ? '' : `${key} `}${title.zh}${words.length === 0 ? '' : `（也听：${words.slice(0, 8).join('、')}）`}${when === undefined ? '' : `，${conditionText(when)}时`}`;
}

function stepLinks(step: StepSource): OutlineLink[] {
  const links: OutlineLink[] = [];
  const to = (label: string, target: string | undefined, other = false): void => {
    if (target !== undefined) links.push({ label, to: target, other });
  };
  to('条件不成立', step.else);
  to('下一步', step.next);
  to('答“是”', step.yes);
  to('答“否”', step.no);
  to('找到答案', step.found);
  to('没有答案', step.none);
  to('成功', step.ok);
  to('不成功', step.error);
  for (const [code, target] of Object.entries(step.errors ?? {})) to(`不成功：${code}`, target);
  to('三次没听懂', step.onFail);
  to('等不到', step.patience?.next);
  for (const option of step.choose ?? []) {
    to(`选“${option.title.zh}”`, option.next);
    to(`选“${option.title.zh}”`, option.go, true);
  }
  to('选中一项', step.list?.next);
  to('转入', step.run, true);
  to('转去', step.go, true);
  return links;
}

/** Where a talk stands, for whoever tries a flow. */
export interface DialogPlace {
  /** Flow and step by step, the one that runs last. */
  readonly frames: readonly { readonly flow: string; readonly step: string; readonly asked: string | null; readonly slots: JsonObject }[];
  readonly waiting: boolean;
  readonly emergency: string | null;
  readonly ended: boolean;
  readonly locale: string;
}

export function placeOf(state: DialogState): DialogPlace {
  const { frames, waiting, emergency, ended, locale } = loadCore(state, 'zh-CN');
  return { frames: frames.map(({ flow, step, asked, slots }) => ({ flow, step, asked, slots })), waiting, emergency, ended, locale };
}
