import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { LocaleSchema, ModalitySchema, type Modality } from '../domain/activity.ts';
import type { JsonObject, JsonValue } from '../domain/json.ts';
import { advance, startState } from './advance.ts';
import type { Program } from './program.ts';
import { locate, schemaIssues, type Issue, type Located, type Path, type SourceText } from './source.ts';
import { MAX_SENTENCES, sentences } from './template.ts';
import type { DialogEffect, DialogEvent, DialogFacts, DialogState } from './types.ts';

/** Recorded conversations that must keep going the same way: flows/<id>/transcripts/*.yaml. Format: docs/flows.md. */

const strict = { additionalProperties: false } as const;
const Texts = Type.Union([Type.String(), Type.Array(Type.String(), { minItems: 1 })]);
const PerModality = Type.Union([Texts, Type.Object({ text: Type.Optional(Texts), voice: Type.Optional(Texts) }, strict)]);
const ResultSchema = Type.Object({ ok: Type.Optional(Type.Boolean()), code: Type.Optional(Type.String()), data: Type.Optional(Type.Record(Type.String(), Type.Unknown())) }, strict);

const FactsSchema = Type.Object(
  {
    now: Type.Optional(Type.String()),
    seatsOnline: Type.Optional(Type.Integer()),
    seatHoursOpen: Type.Optional(Type.Boolean()),
    officeHoursOpen: Type.Optional(Type.Boolean()),
    knownPhoneLast4: Type.Optional(Type.Union([Type.String(), Type.Null()])),
    visitNumber: Type.Optional(Type.Union([Type.String(), Type.Null()])),
    enterprise: Type.Optional(Type.Union([Type.String(), Type.Null()])),
    locale: Type.Optional(LocaleSchema),
  },
  strict,
);

const TurnSchema = Type.Object(
  {
    /** What happens: one of these. */
    citizen: Type.Optional(Type.String()),
    keys: Type.Optional(Type.String()),
    silence: Type.Optional(Type.Boolean()),
    enter: Type.Optional(Type.Boolean()),
    handedBack: Type.Optional(Type.Boolean()),
    /** The house asks: this flow. */
    begin: Type.Optional(Type.String()),
    advance_minutes: Type.Optional(Type.Number({ minimum: 0 })),
    attachments: Type.Optional(Type.Integer({ minimum: 1 })),
    confidence: Type.Optional(Type.Number()),
    facts: Type.Optional(FactsSchema),
    /** Only on this modality. */
    on: Type.Optional(ModalitySchema),
    /** Answers of the actions asked for in this turn, in order. */
    result: Type.Optional(Type.Union([ResultSchema, Type.Array(ResultSchema)])),
    /** What must follow. Texts: contained, or `/…/`: a pattern. */
    bot: Type.Optional(PerModality),
    not: Type.Optional(PerModality),
    choices: Type.Optional(Texts),
    effect: Type.Optional(Texts),
    noEffect: Type.Optional(Texts),
    ticket: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
    action: Type.Optional(Type.String()),
  },
  strict,
);
export const TranscriptSchema = Type.Object(
  {
    about: Type.String({ minLength: 2 }),
    modality: Type.Optional(Type.Array(ModalitySchema, { minItems: 1 })),
    facts: Type.Optional(FactsSchema),
    turns: Type.Array(TurnSchema, { minItems: 1 }),
  },
  strict,
);
type TranscriptData = Static<typeof TranscriptSchema>;
type TurnData = Static<typeof TurnSchema>;

export interface Transcript {
  readonly located: Located;
  readonly data: TranscriptData;
}

const Check = Compile(TranscriptSchema);

export function readTranscript(source: SourceText): { readonly transcript: Transcript | null; readonly issues: readonly Issue[] } {
  const located = locate(source);
  if (located.issues.length > 0) return { transcript: null, issues: located.issues };
  const data: unknown = located.data;
  if (!Check.Check(data)) return { transcript: null, issues: schemaIssues(located, Check.Errors(data)) };
  return { transcript: { located, data }, issues: [] };
}

/** The knowledge that transcripts are run with. */
export type Knowledge = Pick<DialogFacts, 'match' | 'entry' | 'suggestItems'>;

const MINUTE = 60_000;
const DEFAULT_NOW = '2026-11-24T10:00:00+08:00';
/** A filed ticket, unless the transcript says otherwise. */
const OPENED: JsonObject = { number: '20261124000013', department: '市城市管理和综合执法局', deadlineText: '5个工作日内答复', numberSpoken: '2 0 2 6，1 1 2 4，0 0 0 0，1 3' };

export const modalitiesOf = (transcript: Transcript): readonly Modality[] => transcript.data.modality ?? ['text', 'voice'];

/** Runs a transcript on one modality. An unmet expectation is an issue at its place; nothing is thrown for it. */
export function runTranscript(program: Program, transcript: Transcript, modality: Modality, knowledge: Knowledge): readonly Issue[] {
  const issues: Issue[] = [];
  let state: DialogState = startState(program, transcript.data.facts?.locale ?? 'zh-CN');
  let now = Date.parse(transcript.data.facts?.now ?? DEFAULT_NOW);
  let given = { ...transcript.data.facts };
  let timer: { token: string; at: number } | null = null;

  const factsNow = (): DialogFacts => ({
    now,
    modality,
    channel: modality === 'voice' ? 'phone' : 'webchat',
    locale: given.locale ?? 'zh-CN',
    seatsOnline: given.seatsOnline ?? 0,
    seatHoursOpen: given.seatHoursOpen ?? true,
    officeHoursOpen: given.officeHoursOpen ?? true,
    knownPhoneLast4: given.knownPhoneLast4 ?? null,
    visitNumber: given.visitNumber ?? null,
    enterprise: given.enterprise ?? null,
    ...knowledge,
  });
  const step = (event: DialogEvent, effects: DialogEffect[], results: Static<typeof ResultSchema>[]): void => {
    const next = advance(program, state, event, factsNow());
    state = next.state;
    effects.push(...next.effects);
    for (const effect of next.effects) {
      if (effect.kind === 'timer') timer = { token: effect.token, at: now + effect.afterMs };
      if (effect.kind === 'action') step(resultOf(effect.action, results.shift()), effects, results);
    }
  };

  transcript.data.turns.forEach((turn, index) => {
    if (turn.on !== undefined && turn.on !== modality) return;
    if (turn.facts !== undefined) given = { ...given, ...turn.facts };
    const results = turn.result === undefined ? [] : [...(Array.isArray(turn.result) ? turn.result : [turn.result])];
    const effects: DialogEffect[] = [];
    if (turn.advance_minutes !== undefined) {
      now += turn.advance_minutes * MINUTE;
      while (timer !== null && timer.at <= now) {
        const { token }: { token: string } = timer;
        timer = null;
        step({ type: 'timeout', token }, effects, results);
      }
    }
    const event = eventOf(turn, modality);
    if (event !== null) step(event, effects, results);
    judge({ transcript, turn, path: ['turns', index], modality, effects, issues });
  });
  return issues;
}

function resultOf(action: string, given: Static<typeof ResultSchema> | undefined): DialogEvent {
  if (given === undefined) return action === 'ticket.open' ? { type: 'result', action, ok: true, data: OPENED } : { type: 'result', action, ok: false, data: { code: 'ticket.not_found' } };
  const data = toObject(given.data ?? {});
  if (given.code !== undefined) return { type: 'result', action, ok: false, data: { ...data, code: given.code } };
  return { type: 'result', action, ok: given.ok ?? true, data: action === 'ticket.open' ? { ...OPENED, ...data } : data };
}

// The transcript was parsed from YAML by way of JSON, so its unknowns are JSON.
const toObject = (data: Record<string, unknown>): JsonObject => JSON.parse(JSON.stringify(data)) as JsonObject;

function eventOf(turn: TurnData, modality: Modality): DialogEvent | null {
  if (turn.enter === true) return { type: 'enter' };
  if (turn.begin !== undefined) return { type: 'begin', flow: turn.begin };
  if (turn.handedBack === true) return { type: 'handedBack' };
  if (turn.silence === true) return { type: 'silence' };
  const extras = turn.confidence === undefined ? {} : { confidence: turn.confidence };
  // On a screen a key is typed.
  if (turn.keys !== undefined) return modality === 'voice' ? { type: 'message', text: '', keys: turn.keys, attachments: 0 } : { type: 'message', text: turn.keys, attachments: 0 };
  if (turn.citizen !== undefined || turn.attachments !== undefined) return { type: 'message', text: turn.citizen ?? '', attachments: turn.attachments ?? 0, ...extras };
  return null;
}

interface Judged {
  readonly transcript: Transcript;
  readonly turn: TurnData;
  readonly path: Path;
  readonly modality: Modality;
  readonly effects: readonly DialogEffect[];
  readonly issues: Issue[];
}

function judge(judged: Judged): void {
  const { turn, effects, modality } = judged;
  const complain = (key: string, message: string): void => {
    judged.issues.push({ ...judged.transcript.located.at([...judged.path, key]), severity: 'error', rule: 'transcript', message: `${modality === 'voice' ? '电话' : '文字'}：${message}` });
  };
  const says = effects.filter((effect) => effect.kind === 'say');
  const said = says.map((effect) => (modality === 'voice' ? (effect.speak ?? effect.text) : effect.text));
  const all = said.join('\n');
  for (const one of said) {
    if (one.trim() === '') complain('citizen', '说了一句空话');
    if (modality === 'voice' && sentences(one).length > MAX_SENTENCES) complain('citizen', `一次说了 ${sentences(one).length} 句：${one}`);
  }
  for (const wanted of textsOf(turn.bot, modality)) if (!matches(all, wanted)) complain('bot', `应该说“${wanted}”，实际是“${all}”`);
  for (const unwanted of textsOf(turn.not, modality)) if (matches(all, unwanted)) complain('not', `不应该说“${unwanted}”，实际是“${all}”`);
  const titles = says.flatMap((effect) => effect.choices?.map((choice) => choice.title) ?? []);
  for (const wanted of textsOf(turn.choices, modality)) if (!titles.includes(wanted)) complain('choices', `应该有选项“${wanted}”，实际是“${titles.join('、')}”`);
  const kinds: string[] = effects.map((effect) => effect.kind);
  for (const wanted of textsOf(turn.effect, modality)) if (!kinds.includes(wanted) && !hasEffect(effects, wanted)) complain('effect', `应该有 ${wanted}，实际是 ${kinds.join('、') || '没有'}`);
  for (const unwanted of textsOf(turn.noEffect, modality)) if (kinds.includes(unwanted) || hasEffect(effects, unwanted)) complain('noEffect', `不应该有 ${unwanted}`);
  const actions = effects.filter((effect) => effect.kind === 'action');
  if (turn.action !== undefined && !actions.some((effect) => effect.action === turn.action)) complain('action', `应该执行 ${turn.action}，实际是 ${actions.map((effect) => effect.action).join('、') || '没有'}`);
  if (turn.ticket === undefined) return;
  const opened = actions.find((effect) => effect.action === 'ticket.open');
  if (opened?.action !== 'ticket.open') return complain('ticket', '没有开工单');
  const args: JsonObject = { ...opened.args };
  for (const [field, wanted] of Object.entries(turn.ticket)) {
    const value: JsonValue = args[field] ?? null;
    const same = typeof wanted === 'string' && wanted.startsWith('~') ? String(value ?? '').includes(wanted.slice(1)) : JSON.stringify(value) === JSON.stringify(wanted);
    if (!same) complain('ticket', `工单的 ${field} 应该是 ${JSON.stringify(wanted)}，实际是 ${JSON.stringify(value)}`);
  }
}

/** `emergency:fire`, `end:userCancelled`, `locale:en`, `pace:slow`, `gap:unhelpful`. */
function hasEffect(effects: readonly DialogEffect[], wanted: string): boolean {
  return effects.some((effect) => {
    if (effect.kind === 'emergency') return wanted === `emergency:${effect.category}`;
    if (effect.kind === 'end') return wanted === `end:${effect.code}`;
    if (effect.kind === 'locale') return wanted === `locale:${effect.locale}`;
    if (effect.kind === 'say') return wanted === `pace:${effect.pace}`;
    if (effect.kind === 'gap') return wanted === `gap:${effect.why}`;
    return false;
  });
}

function textsOf(value: Static<typeof PerModality> | undefined, modality: Modality): string[] {
  if (value === undefined) return [];
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value;
  return textsOf(value[modality], modality);
}

function matches(text: string, wanted: string): boolean {
  const pattern = /^\/(.+)\/$/s.exec(wanted)?.[1];
  return pattern === undefined ? text.includes(wanted) : new RegExp(pattern, 'u').test(text);
}
