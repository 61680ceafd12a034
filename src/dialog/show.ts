import type { Choice, Locale } from '../domain/activity.ts';
import type { JsonObject } from '../domain/json.ts';
import { holds } from './conditions.ts';
import { slotChoices } from './fill.ts';
import type { Option, Slot, Verb } from './program.ts';
import { shorten } from './shorten.ts';
import type { Frame } from './state.ts';
import { piecesOf, quoteForVoice, sentences, showSlot, type Rendered } from './template.ts';
import { flowOf, render, say, sayCommon, utter, viewOf, type Turn } from './turn.ts';

/** What the citizen is shown or told at a step that waits: questions, read-backs, menus, answers of the knowledge base. */

// ── ask ──

export function askSlot(turn: Turn, frame: Frame, slot: Slot, plainly = false): void {
  const choices = choicesOf(slot, turn);
  const again = frame.fails > 0 && !plainly ? slot.again[Math.min(frame.fails, slot.again.length) - 1] : undefined;
  if (again !== undefined) return say(turn, again, { choices, hint: 'expectingInput' });
  if (slot.ask === null) return;
  if (frame.fails === 0 || plainly) return say(turn, slot.ask, { choices, hint: 'expectingInput' });
  const question = render(turn, slot.ask);
  if (question !== null) sayCommon(turn, 'again', { choices, hint: 'expectingInput', extra: { question: turn.facts.modality === 'voice' ? question.voice : question.text } });
}

function choicesOf(slot: Slot, turn: Turn): Choice[] {
  const english = turn.core.locale === 'en';
  if (slot.type === 'choice') return slotChoices(slot).map((choice, index) => ({ ...choice, title: slot.options[index]?.title[turn.core.locale] ?? choice.title }));
  const skip = slot.required || turn.facts.modality === 'voice' ? [] : [{ title: english ? 'Skip' : '跳过', value: english ? 'skip' : '跳过' }];
  if (slot.type === 'yesno') return [{ title: english ? 'Yes' : '是', value: english ? 'yes' : '是' }, { title: english ? 'No' : '否', value: english ? 'no' : '否' }];
  return skip;
}

// ── confirm ──

const COPULAS: Readonly<Record<Locale, { readonly is: string; readonly not: string }>> = { 'zh-CN': { is: '是', not: '不用' }, 'zh-HK': { is: '係', not: '唔使' }, en: { is: ' ', not: 'no ' } };

/** Reads the given slots back. On the phone as one sentence and one question, on a screen a line each. */
export function readBack(turn: Turn, frame: Frame, names: readonly string[]): void {
  const flow = flowOf(turn, frame);
  const { locale } = turn.core;
  const english = locale === 'en';
  const given = names.flatMap((name) => {
    const slot = flow?.slots.get(name);
    const value = frame.slots[name];
    return slot === undefined || value === undefined || value === null ? [] : [{ type: slot.type, label: slot.label[locale], value: showSlot(slot, value, locale) }];
  });
  // A town that the place already names is not read out twice.
  const told = given.filter(({ type, value }) => type !== 'town' || !given.some((other) => other.type === 'place' && other.value.startsWith(value)));
  const is = COPULAS[locale];
  const lines = told.map(({ label, value }) => `${label}${english ? ': ' : '：'}${value}`);
  const extra = turn.facts.modality === 'voice' ? told.map(({ type, label, value }) => (type === 'yesno' && !english ? `${value === '是' ? '要' : is.not}${label}` : `${label}${is.is}${quoteForVoice(value)}`)).join(english ? ', ' : '，') : `\n${lines.join('\n')}\n`;
  const choices = english ? [{ title: 'Yes, submit', value: 'yes' }, { title: 'Something is wrong', value: 'no' }] : [{ title: '正确，提交', value: '正确' }, { title: '有误，要修改', value: '不对' }];
  sayCommon(turn, 'readBack', { extra: { list: extra }, choices, hint: 'expectingInput' });
}

// ── choose ──

/** A menu without words of its own belongs to what was just said; asked again, that is said again. */
export function attachChoices(turn: Turn, choices: readonly Choice[]): void {
  const last = turn.effects.findLastIndex((effect) => effect.kind === 'say');
  const effect = turn.effects[last];
  if (effect?.kind === 'say') {
    const told = turn.facts.modality === 'voice' ? choices.filter((choice) => choice.key !== undefined) : choices;
    turn.effects[last] = { ...effect, ...(told.length > 0 ? { choices: told } : {}), inputHint: 'expectingInput' };
    return;
  }
  const said = turn.core.said.at(-1);
  if (said !== undefined) utter(turn, said, { choices, hint: 'expectingInput' });
}

export interface ShownOption {
  readonly choice: Choice;
  readonly option: Option;
}

/** The options on offer now: those whose condition holds, then those out of the last result's list. */
export function shownOptions(turn: Turn, frame: Frame, verb: Extract<Verb, { kind: 'choose' }>): ShownOption[] {
  const view = viewOf(turn, frame);
  const fixed = verb.options
    .filter((option) => holds(option.when, view))
    .map((option): ShownOption => ({ option, choice: { title: option.title[turn.core.locale], value: option.value, ...(option.key === null ? {} : { key: option.key }) } }));
  const rows = verb.list === null ? null : frame.result[verb.list.from];
  if (verb.list === null || !Array.isArray(rows)) return fixed;
  const { title, value, next = null } = verb.list;
  const listed = rows.slice(0, 5).flatMap((row, index): ShownOption[] => {
    if (typeof row !== 'object' || row === null || Array.isArray(row)) return [];
    const shown = { title: fillRow(title, row), value: fillRow(value, row) };
    if (shown.title === '' || shown.value === '') return [];
    const option: Option = { title: { 'zh-CN': shown.title, 'zh-HK': shown.title, en: shown.title }, words: [], key: null, value: shown.value, when: null, set: {}, next, go: null, with: {}, reason: null };
    return [{ option, choice: { ...shown, key: String(index + 1) } }];
  });
  return [...listed, ...fixed];
}

const fillRow = (template: string, row: JsonObject): string =>
  template.replace(/\{([a-zA-Z0-9]+)\}/g, (_whole, name: string) => {
    const value = row[name];
    return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  });

// ── answer ──

/** “您想问的是哪一个？” with the offered entries and a way out. */
export function offer(turn: Turn, frame: Frame): void {
  const choices = withNone(turn, frame.offered.map(({ title }) => title));
  const inChinese = turn.core.locale === 'en' && frame.offered.some(({ id }) => turn.facts.entry(id)?.en === undefined);
  sayCommon(turn, inChinese ? 'answersInChinese' : 'choose', { choices, hint: 'expectingInput' });
}

function withNone(turn: Turn, titles: readonly string[]): Choice[] {
  const none = render(turn, turn.program.dialog.prompts.noneOfThese);
  return [...titles, ...(none === null ? [] : [none.text])].map((title, index) => ({ title, value: title, key: String(index + 1) }));
}

/** “请问您说的是哪一个？” with the answers of a clarifying question. */
export function askWhich(turn: Turn, frame: Frame): void {
  sayCommon(turn, 'clarify', { choices: withNone(turn, frame.clarify.map(({ label }) => label)), hint: 'expectingInput' });
}

/**
 * Tells a knowledge entry with its source, in English where it has English. False when it is gone or not for citizens.
 * @param score how sure it was found
 * @param whole all of it, however much comes in
 */
export function tell(turn: Turn, id: string, question: string, score = 1, whole = false): boolean {
  const entry = turn.facts.entry(id);
  if (entry === null) return false;
  const english = turn.core.locale === 'en' ? entry.en : undefined;
  const full = english === undefined ? { text: entry.answer, voice: entry.voice } : { text: english.answer, voice: english.voice ?? english.answer };
  const told = whole ? full : shorten(turn, full);
  const [voice = told.voice, ...rest] = piecesOf(told.voice);
  utter(turn, { text: told.text, voice }, { source: entry.source, rest: [...rest, ...detailOf(told)], ...(entry.links === undefined ? {} : { links: entry.links }) });
  turn.core.misses = 0;
  turn.core.clarified = false;
  turn.core.answered = { id: entry.id, question, item: entry.item, score, at: turn.core.count, blamed: false };
  return true;
}

/** Only what says a good deal more than the spoken wording is worth another minute of listening. */
const WORTH_MORE = 2;

/** The written answer, for a caller who wants all of it: the spoken one is what an editor made short. */
function detailOf({ text, voice }: Rendered): string[] {
  return text !== voice && text.length >= WORTH_MORE * voice.length && sentences(text).length > sentences(voice).length ? piecesOf(text) : [];
}
