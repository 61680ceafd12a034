import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { LocaleSchema, type Locale } from '../domain/activity.ts';
import type { JsonObject, JsonValue } from '../domain/json.ts';
import type { DialogState } from './types.ts';

/** What is inside `DialogState.data`. JSON only; checked when it is read back, because old rows outlive the code. */

const Values = Type.Record(Type.String(), Type.Unknown());

const FrameSchema = Type.Object({
  flow: Type.String(),
  step: Type.String(),
  /** `say` and `set` of the step are done; only its verb is repeated. */
  entered: Type.Boolean(),
  slots: Values,
  /** Data of the last action's result. */
  result: Values,
  /** How it was begun: in place of another flow, as its sub-flow, or between two of its questions. */
  call: Type.Union([Type.Literal('go'), Type.Literal('run'), Type.Literal('aside'), Type.Literal('interrupt')]),
  /** Slot that is being asked. */
  asked: Type.Union([Type.String(), Type.Null()]),
  skipped: Type.Array(Type.String()),
  fails: Type.Integer(),
  /** Action whose result is awaited. */
  action: Type.Union([Type.String(), Type.Null()]),
  /** Knowledge entries offered as choices. */
  offered: Type.Array(Type.Object({ id: Type.String(), title: Type.String() })),
  /** The answers of an open clarifying question. */
  clarify: Type.Array(Type.Object({ label: Type.String(), ids: Type.Array(Type.String()) })),
  /** confirm: a question about what is wrong is open. */
  fixing: Type.Boolean(),
});

const CoreSchema = Type.Object({
  locale: LocaleSchema,
  frames: Type.Array(FrameSchema),
  /** A person was asked for and the runner has put the conversation in the queue. */
  waiting: Type.Boolean(),
  waitingTold: Type.Boolean(),
  emergency: Type.Union([Type.String(), Type.Null()]),
  /** The `end` effect was given; the next message begins afresh. */
  ended: Type.Boolean(),
  timer: Type.Union([Type.Object({ token: Type.String(), stage: Type.Union([Type.Literal('remind'), Type.Literal('close'), Type.Literal('rest'), Type.Literal('wait')]) }), Type.Null()]),
  /** Counts advances; makes timer tokens. */
  count: Type.Integer(),
  /** What was said last, for “再说一遍”. */
  said: Type.Array(Type.Object({ text: Type.String(), voice: Type.String() })),
  /** Voice: what is left of an answer that was too long to be told at once. */
  rest: Type.Array(Type.String()),
  /** Voice: asked for; null: nobody asked. */
  pace: Type.Union([Type.Literal('slow'), Type.Literal('normal'), Type.Null()]),
  /** The knowledge entry last told, for “没帮助”. */
  answered: Type.Union([
    Type.Object({
      id: Type.String(),
      question: Type.String(),
      item: Type.Union([Type.String(), Type.Null()]),
      /** How sure the matcher was. */
      score: Type.Number(),
      /** `count` of the advance that told it or a part of it. */
      at: Type.Integer(),
      /** The citizen said that it did not help. */
      blamed: Type.Boolean(),
    }),
    Type.Null(),
  ]),
  /** A clarifying question was asked and nothing was found since: none is asked again. */
  clarified: Type.Boolean(),
  /** Town that the conversation is about. */
  town: Type.Union([Type.String(), Type.Null()]),
  /** Why a person is asked for. */
  reason: Type.Union([Type.String(), Type.Null()]),
  silences: Type.Integer(),
  /** Requests in a row that neither the knowledge base nor a flow could serve. */
  misses: Type.Integer(),
  /** Phone and name told earlier in this conversation: not asked for again. */
  memory: Values,
  /** What the desk was told last, to tell only changes. */
  told: Type.String(),
});

export interface Frame {
  flow: string;
  step: string;
  entered: boolean;
  slots: JsonObject;
  result: JsonObject;
  readonly call: 'go' | 'run' | 'aside' | 'interrupt';
  asked: string | null;
  skipped: string[];
  fails: number;
  action: string | null;
  offered: { id: string; title: string }[];
  clarify: { label: string; ids: string[] }[];
  fixing: boolean;
}

export interface Core {
  locale: Locale;
  frames: Frame[];
  waiting: boolean;
  waitingTold: boolean;
  emergency: string | null;
  ended: boolean;
  timer: { token: string; stage: 'remind' | 'close' | 'rest' | 'wait' } | null;
  count: number;
  said: { text: string; voice: string }[];
  rest: string[];
  pace: 'slow' | 'normal' | null;
  answered: { id: string; question: string; item: string | null; score: number; at: number; blamed: boolean } | null;
  clarified: boolean;
  town: string | null;
  reason: string | null;
  silences: number;
  misses: number;
  memory: JsonObject;
  told: string;
}

const CoreCheck = Compile(CoreSchema);

export function newCore(locale: Locale): Core {
  return { locale, frames: [], waiting: false, waitingTold: false, emergency: null, ended: false, timer: null, count: 0, said: [], rest: [], pace: null, answered: null, clarified: false, town: null, reason: null, silences: 0, misses: 0, memory: {}, told: '' };
}

export function newFrame(flow: string, step: string, call: Frame['call'], slots: JsonObject): Frame {
  return { flow, step, entered: false, slots, result: {}, call, asked: null, skipped: [], fails: 0, action: null, offered: [], clarify: [], fixing: false };
}

/** Reads a stored state. What cannot be read (damaged, or of a format we no longer know) begins afresh. */
export function loadCore(state: DialogState, locale: Locale): Core {
  const copy = withNewer(copyJson(state.data));
  return isCore(copy) ? copy : newCore(locale);
}

/** A state that an older version wrote: what it could not know of yet is empty. */
function withNewer(data: JsonValue): JsonValue {
  if (!isObject(data)) return data;
  const { frames, answered = null } = data;
  return {
    clarified: false,
    town: null,
    rest: [],
    pace: null,
    ...data,
    ...(Array.isArray(frames) ? { frames: frames.map((frame) => (isObject(frame) ? { clarify: [], ...frame } : frame)) } : {}),
    answered: isObject(answered) ? { score: 1, at: 0, blamed: false, ...answered } : answered,
  };
}

const isObject = (value: JsonValue): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);

/** A copy of its own, for the turn writes into it; for plain JSON much cheaper than structuredClone. */
function copyJson(value: JsonValue): JsonValue {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(copyJson);
  const copy: JsonObject = {};
  for (const key of Object.keys(value)) {
    // A key that would set the prototype is kept as data.
    if (key === '__proto__') Object.defineProperty(copy, key, { value: copyJson(value[key] ?? null), enumerable: true, configurable: true, writable: true });
    else copy[key] = copyJson(value[key] ?? null);
  }
  return copy;
}

const isCore = (value: unknown): value is Core & Static<typeof CoreSchema> => CoreCheck.Check(value);

export function saveCore(core: Core, programVersion: string): DialogState {
  const data: JsonObject = {
    locale: core.locale,
    frames: core.frames.map((frame) => ({ ...frame })),
    waiting: core.waiting,
    waitingTold: core.waitingTold,
    emergency: core.emergency,
    ended: core.ended,
    timer: core.timer === null ? null : { ...core.timer },
    count: core.count,
    said: core.said.map((one) => ({ ...one })),
    rest: [...core.rest],
    pace: core.pace,
    answered: core.answered === null ? null : { ...core.answered },
    clarified: core.clarified,
    town: core.town,
    reason: core.reason,
    silences: core.silences,
    misses: core.misses,
    memory: core.memory,
    told: core.told,
  };
  return { format: 1, programVersion, data };
}

/** Nothing is under way: such a conversation may move to the newest program. */
export const atRest = (core: Core): boolean => core.frames.length === 0 || core.ended;
