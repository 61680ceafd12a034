import type { Locale } from '../domain/activity.ts';
import type { Town, TicketKind } from '../domain/config-files.ts';
import type { CommonPrompt, FollowUpAbout, SlotType, StepSource } from './flow-schema.ts';
import type { SlotContext, SlotLexicon } from './slots-types.ts';
import type { ActionEffect } from './types.ts';
import type { Located, Path, Position } from './source.ts';

/** A compiled program: immutable, shared by every conversation that is pinned to its version. */
export interface Program {
  /** Content hash of the flow files and dialog.yaml: 12 hexadecimal digits. */
  readonly version: string;
  readonly flows: ReadonlyMap<string, Flow>;
  readonly dialog: DialogRules;
  readonly towns: readonly Town[];
  readonly lexicon: SlotLexicon;
  /** Dialect words and their standard words, in the order in which they are replaced. */
  readonly dialect: readonly (readonly [string, string])[];
  /** Triggers of all flows, strongest first. */
  readonly triggers: readonly Trigger[];
}

/** The context of the readings of one turn, for the slot readers. */
export const slotContext = (program: Program, now: number): SlotContext => ({ now, towns: program.towns, lexicon: program.lexicon, readings: { times: new Map(), places: new Map() } });

export interface Wording {
  /** Null: not written for that modality. */
  readonly text: string | null;
  readonly voice: string | null;
}

export interface PromptVariant {
  readonly when: Condition;
  readonly wordings: Readonly<Partial<Record<Locale, Wording>>>;
  readonly path: Path;
}
export type Prompt = readonly PromptVariant[];

export type Test =
  | { readonly kind: 'equals'; readonly values: readonly (string | number | boolean | null)[] }
  | { readonly kind: 'present'; readonly present: boolean }
  | { readonly kind: 'range'; readonly above: number; readonly below: number };

export interface Check {
  /** `seatsOnline`, `slot.phone`, `result.count`, `waiting` … */
  readonly subject: string;
  readonly test: Test;
}
/** Any group whose checks all hold; null always holds. */
export type Condition = readonly (readonly Check[])[] | null;

export interface Trigger {
  readonly flow: string;
  readonly start: string | null;
  readonly phrases: readonly string[];
  readonly patterns: readonly RegExp[];
  readonly items: readonly string[];
  readonly keys: readonly string[];
  readonly signals: readonly ('trouble' | 'question')[];
  readonly priority: number;
  readonly set: Readonly<Record<string, string | number | boolean>>;
  readonly yields: boolean;
  readonly whole: boolean;
  readonly when: Condition;
  readonly path: Path;
}

export interface SlotOption {
  readonly value: string;
  readonly title: Readonly<Record<Locale, string>>;
  readonly words: readonly string[];
}

export interface Slot {
  readonly name: string;
  readonly type: SlotType;
  readonly label: Readonly<Record<Locale, string>>;
  readonly required: boolean;
  readonly from: 'any' | 'first' | 'never';
  readonly silent: boolean;
  readonly when: Condition;
  readonly ask: Prompt | null;
  readonly again: readonly Prompt[];
  readonly names: readonly string[];
  readonly options: readonly SlotOption[];
  readonly yes: readonly string[];
  readonly no: readonly string[];
  readonly min: number | null;
  readonly max: number | null;
  readonly digits: number | null;
  readonly loose: boolean;
  /** text: a picture alone answers it. */
  readonly files: boolean;
  /** Nobody is held to this question: other words are a new request. */
  readonly free: boolean;
}

export interface Option {
  readonly title: Readonly<Record<Locale, string>>;
  readonly words: readonly string[];
  readonly key: string | null;
  readonly value: string;
  readonly when: Condition;
  readonly set: Readonly<Record<string, string | number | boolean>>;
  readonly next: string | null;
  readonly go: string | null;
  readonly with: Readonly<Record<string, string | number | boolean>>;
  readonly reason: string | null;
}

export type Verb =
  | { readonly kind: 'say' }
  | { readonly kind: 'ask'; readonly slots: readonly string[] }
  | { readonly kind: 'confirm'; readonly slots: readonly string[]; readonly yes: string | null; readonly no: string | null }
  | { readonly kind: 'choose'; readonly options: readonly Option[]; readonly free: boolean; readonly save: string | null; readonly list: NonNullable<StepSource['list']> | null }
  | { readonly kind: 'answer'; readonly slot: string; readonly found: string | null; readonly none: string | null }
  | { readonly kind: 'handoff'; readonly reason: string | null }
  | { readonly kind: 'wait'; readonly patience: { readonly minutes: number; readonly next: string } | null }
  | { readonly kind: 'do'; readonly action: ActionEffect['action']; readonly ok: string | null; readonly error: string | null; readonly errors: Readonly<Record<string, string>> }
  | { readonly kind: 'run'; readonly flow: string }
  | { readonly kind: 'go'; readonly flow: string; readonly reason: string | null }
  | { readonly kind: 'done' }
  | { readonly kind: 'end'; readonly code: 'completedSuccessfully' | 'userCancelled' | 'botTimedOut' };

export interface Step {
  readonly name: string;
  readonly when: Condition;
  readonly otherwise: string | null;
  readonly say: Prompt | null;
  readonly verb: Verb;
  readonly set: Readonly<Record<string, string | number | boolean>>;
  readonly clear: readonly string[];
  /** The answer told last did not help. */
  readonly unhelpful: boolean;
  /** From here on; null: as before. */
  readonly language: Locale | null;
  readonly with: Readonly<Record<string, string | number | boolean>>;
  /** Null at the last step: the flow is over. */
  readonly next: string | null;
  readonly onFail: string | null;
}

export interface Flow {
  readonly id: string;
  readonly title: Readonly<Record<Locale, string>>;
  readonly aside: boolean;
  readonly interrupts: boolean;
  readonly inherit: readonly string[];
  readonly triggers: readonly Trigger[];
  readonly slots: ReadonlyMap<string, Slot>;
  readonly steps: ReadonlyMap<string, Step>;
  readonly first: string;
  readonly cancel: string | null;
  readonly source: Located;
}

export interface EmergencyRule {
  readonly category: string;
  readonly patterns: readonly RegExp[];
  readonly not: readonly RegExp[];
}

export interface DialogRules {
  readonly source: Located;
  /** `flow` or `flow.step`. */
  readonly flows: Readonly<Record<'enter' | 'handedBack' | 'person' | 'emergency' | 'ask' | 'report' | 'menu', string>>;
  readonly timers: { readonly remindMs: number; readonly closeMs: number; readonly restMs: number };
  readonly itemScore: number;
  readonly hearingScore: number;
  readonly words: Readonly<Record<WordList, readonly string[]>>;
  readonly decide: {
    readonly complaint: readonly string[];
    readonly question: readonly RegExp[];
    readonly rhetorical: readonly RegExp[];
    readonly trouble: readonly RegExp[];
    readonly statement: readonly RegExp[];
    readonly business: readonly RegExp[];
    readonly kinds: readonly { readonly kind: TicketKind; readonly words: readonly string[] }[];
    readonly otherwise: TicketKind;
  };
  readonly emergency: readonly EmergencyRule[];
  readonly englishTopics: readonly { readonly words: readonly string[]; readonly ask: string }[];
  readonly followUps: readonly { readonly about: FollowUpAbout; readonly patterns: readonly RegExp[]; readonly say: Prompt }[];
  readonly followUpFiller: readonly string[];
  readonly emergencyNot: readonly RegExp[];
  readonly prompts: Readonly<Record<CommonPrompt, Prompt>>;
}

export const WORD_LISTS = ['person', 'personNot', 'cancel', 'repeat', 'help', 'menu', 'skip', 'none', 'chinese', 'cantonese', 'english', 'slower', 'faster', 'more', 'yes', 'no', 'filler', 'englishHints', 'cantoneseHints'] as const;
export type WordList = (typeof WORD_LISTS)[number];

/** `flow.step` → its parts; the step is null when only a flow is named. */
export function parseTarget(target: string): { readonly flow: string; readonly step: string | null } {
  const [flow = '', step = null] = target.split('.');
  return { flow, step };
}

export const positionIn = (flow: Flow, path: Path): Position => flow.source.at(path);
