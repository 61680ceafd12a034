import type { Choice, Link, Locale, Source } from '../domain/activity.ts';
import type { JsonObject } from '../domain/json.ts';
import { factsOf, type View } from './conditions.ts';
import type { CommonPrompt } from './flow-schema.ts';
import type { Flow, Program, Prompt, Slot, Step } from './program.ts';
import type { SlotContext } from './slots-types.ts';
import { renderPrompt, clipSentences, type Rendered } from './template.ts';
import type { Core, Frame } from './state.ts';
import type { Consulted } from './consult.ts';
import type { DialogEffect, DialogFacts, SayEffect } from './types.ts';

/** One advance at work: what it may look at and what it has said so far. Lives for one call of `advance`. */
export interface Turn {
  readonly program: Program;
  readonly facts: DialogFacts;
  /** Of all readings of this turn: what was read once is not read again. */
  readonly context: SlotContext;
  readonly core: Core;
  readonly effects: DialogEffect[];
  /** Said in this turn, for “再说一遍”. */
  readonly said: Rendered[];
  /** What the knowledge base said in this turn. */
  readonly consulted: Map<string, Consulted>;
  /** A person was asked for in the same breath as something that comes first. */
  personAsked: boolean;
}

const NO_SLOTS: ReadonlyMap<string, Slot> = new Map();

export const topFrame = (turn: Turn): Frame | null => turn.core.frames.at(-1) ?? null;
export const flowOf = (turn: Turn, frame: Frame): Flow | null => turn.program.flows.get(frame.flow) ?? null;
export const stepOf = (turn: Turn, frame: Frame): Step | null => flowOf(turn, frame)?.steps.get(frame.step) ?? null;

export function viewOf(turn: Turn, frame: Frame | null): View {
  const { core } = turn;
  const phone = core.memory['phone'];
  return {
    facts: factsOf(turn.facts, {
      waiting: core.waiting,
      emergency: core.emergency !== null,
      personAsked: turn.personAsked,
      locale: core.locale,
      misses: core.misses,
      saidPhoneLast4: typeof phone === 'string' ? phone.slice(-4) : null,
    }),
    slots: frame?.slots ?? {},
    result: frame?.result ?? {},
  };
}

export function setLocale(turn: Turn, locale: Locale): void {
  if (turn.core.locale === locale) return;
  turn.core.locale = locale;
  turn.effects.push({ kind: 'locale', locale });
}

export interface SayOptions {
  readonly choices?: readonly Choice[];
  readonly source?: Source;
  readonly links?: readonly Link[];
  readonly hint?: SayEffect['inputHint'];
  readonly extra?: Readonly<Record<string, string>>;
  /** Voice: what there is more to tell, in pieces; offered, and told when asked for. */
  readonly rest?: readonly string[];
}

/** Says a prompt in the citizen's language; nothing when no variant applies. */
export function say(turn: Turn, prompt: Prompt, options: SayOptions = {}): void {
  const rendered = render(turn, prompt, options.extra);
  if (rendered !== null) utter(turn, rendered, options);
}

export function render(turn: Turn, prompt: Prompt, extra: Readonly<Record<string, string>> = {}): Rendered | null {
  const frame = topFrame(turn);
  const slots = frame === null ? NO_SLOTS : (flowOf(turn, frame)?.slots ?? NO_SLOTS);
  return renderPrompt(prompt, { view: viewOf(turn, frame), locale: turn.core.locale, slots, extra });
}

export const sayCommon = (turn: Turn, name: CommonPrompt, options: SayOptions = {}): void => say(turn, turn.program.dialog.prompts[name], options);

/**
 * Puts a finished wording out. On the phone only choices with a key of their own are told: no menus read aloud. Nothing is longer than a
 * caller can keep in mind; what there is more of it (`rest`) waits for “继续”.
 */
export function utter(turn: Turn, rendered: Rendered, options: SayOptions = {}): void {
  const { core } = turn;
  const voice = turn.facts.modality === 'voice';
  const speak = clipSentences(rendered.voice);
  if ((voice ? speak : rendered.text).trim() === '' || rendered.text.trim() === '') return;
  if (voice && options.rest !== undefined) core.rest = [...options.rest];
  const choices = voice ? (options.choices ?? []).filter((choice) => choice.key !== undefined) : (options.choices ?? []);
  turn.effects.push({
    kind: 'say',
    text: rendered.text,
    ...(voice && speak !== rendered.text ? { speak } : {}),
    ...(choices.length > 0 ? { choices } : {}),
    ...(options.source === undefined ? {} : { source: options.source }),
    ...(voice || options.links === undefined || options.links.length === 0 ? {} : { links: options.links }),
    ...(voice && core.pace !== null ? { pace: core.pace } : {}),
    inputHint: options.hint ?? 'acceptingInput',
  });
  turn.said.push({ text: rendered.text, voice: speak });
}

/** Slots a flow takes over: from the frame it is begun from, and what was told earlier in the conversation. */
export function inherited(turn: Turn, flow: Flow, from: JsonObject): JsonObject {
  const slots: JsonObject = {};
  for (const name of flow.inherit) {
    const value = from[name] ?? turn.core.memory[name];
    if (value !== undefined && value !== null && flow.slots.has(name)) slots[name] = value;
  }
  return slots;
}

/** Slots of everything under way, the innermost winning: what a person who takes over should know. */
export const carried = (turn: Turn): JsonObject => Object.assign({}, ...turn.core.frames.map((frame) => frame.slots));
