import Type, { type Static } from 'typebox';
import { TicketKindSchema } from '../domain/config-files.ts';

/** The flow language's file shapes: flows/<id>/flow.yaml. Explained for operators in docs/flows.md. */

const strict = { additionalProperties: false } as const;
const Name = Type.String({ pattern: '^[a-zA-Z][a-zA-Z0-9]*$' });
const Text = Type.String({ minLength: 1, maxLength: 800 });

/** A name; `hk` where Cantonese has another word for it. */
const TitleSchema = Type.Object({ zh: Text, hk: Type.Optional(Text), en: Text }, strict);
export type TitleSource = Static<typeof TitleSchema>;

/** One language of a prompt: one wording for eye and ear, or one for each. */
const WordingSchema = Type.Union([Text, Type.Object({ text: Type.Optional(Text), voice: Type.Optional(Text) }, strict)]);

/** Values a condition compares with; see conditions.ts. */
const TestSchema = Type.Union([
  Type.String(), Type.Number(), Type.Boolean(), Type.Null(),
  Type.Array(Type.Union([Type.String(), Type.Number()]), { minItems: 1 }),
  Type.Object({ above: Type.Optional(Type.Number()), below: Type.Optional(Type.Number()) }, strict),
]);
const AllOf = Type.Record(Type.String(), TestSchema);
/** All entries must hold; `any` in a list: one of the groups is enough. */
const ConditionSchema = Type.Union([AllOf, Type.Array(AllOf, { minItems: 1 })]);
export type ConditionSource = Static<typeof ConditionSchema>;

const PromptOneSchema = Type.Object({ if: Type.Optional(ConditionSchema), zh: Type.Optional(WordingSchema),
  /** What is said to somebody who speaks Cantonese; absent: the words of zh, read by a Cantonese voice. */
  hk: Type.Optional(Text), en: Type.Optional(WordingSchema) }, strict);
/** One prompt, or several of which the first whose `if` holds is said. */
export const PromptSchema = Type.Union([PromptOneSchema, Type.Array(PromptOneSchema, { minItems: 1 })]);
export type PromptSource = Static<typeof PromptSchema>;

const Scalar = Type.Union([Type.String(), Type.Number(), Type.Boolean()]);
const Values = Type.Record(Name, Scalar);

export const TriggerSchema = Type.Object(
  {
    phrases: Type.Optional(Type.Array(Type.String({ minLength: 1 }))),
    patterns: Type.Optional(Type.Array(Type.String({ minLength: 1 }))),
    /** Item codes; `env.*` takes a whole branch. */
    items: Type.Optional(Type.Array(Type.String())),
    keys: Type.Optional(Type.Array(Type.String({ pattern: '^[1-9*#]$' }))),
    /** The rules of decide.ts: a statement of trouble, a question. */
    signals: Type.Optional(Type.Array(Type.Union([Type.Literal('trouble'), Type.Literal('question')]))),
    /** Higher wins; 50 when absent. */
    priority: Type.Optional(Type.Integer({ minimum: 0, maximum: 100 })),
    /** Step to begin with; the first one when absent. */
    start: Type.Optional(Name),
    set: Type.Optional(Values),
    /** Gives way to a knowledge answer when the message is a question. */
    yields: Type.Optional(Type.Boolean()),
    /** Counts only when the phrase is nearly the whole message. */
    whole: Type.Optional(Type.Boolean()),
    if: Type.Optional(ConditionSchema),
  },
  strict,
);
export type TriggerSource = Static<typeof TriggerSchema>;

export const SLOT_TYPES = ['town', 'place', 'datetime', 'phone', 'name', 'ticketNumber', 'choice', 'yesno', 'text', 'number'] as const;
export type SlotType = (typeof SLOT_TYPES)[number];

export const SlotSchema = Type.Object(
  {
    type: Type.Union(SLOT_TYPES.map((type) => Type.Literal(type))),
    label: TitleSchema,
    required: Type.Optional(Type.Boolean()),
    /** Taken from what the citizen says before it is asked: `any` message, the `first` one, or `never`. */
    from: Type.Optional(Type.Union([Type.Literal('any'), Type.Literal('first'), Type.Literal('never')])),
    /** Never asked: filled when the citizen happens to say it, or by `set`. */
    silent: Type.Optional(Type.Boolean()),
    if: Type.Optional(ConditionSchema),
    ask: Type.Optional(PromptSchema),
    /** Second and third wording, after the first and the second failure. */
    again: Type.Optional(Type.Array(PromptSchema, { minItems: 1, maxItems: 3 })),
    /** Words by which a correction names it: “地址不对”. */
    names: Type.Optional(Type.Array(Type.String())),
    options: Type.Optional(Type.Array(Type.Object({ value: Type.String(), title: TitleSchema, words: Type.Optional(Type.Array(Type.String())) }, strict))),
    /** yesno: words that answer it unasked. */
    yes: Type.Optional(Type.Array(Type.String())),
    no: Type.Optional(Type.Array(Type.String())),
    min: Type.Optional(Type.Integer({ minimum: 0 })),
    max: Type.Optional(Type.Integer({ minimum: 1 })),
    /** number: exactly so many digits, kept as text (leading zeros). */
    digits: Type.Optional(Type.Integer({ minimum: 1, maximum: 20 })),
    /** When asked and nothing is recognised, what was said is kept as it is. */
    loose: Type.Optional(Type.Boolean()),
    /** text: a picture or file alone answers it; the runner keeps it. */
    files: Type.Optional(Type.Boolean()),
    /** Words that do not answer it are taken as a new request, for questions that the house asks. */
    free: Type.Optional(Type.Boolean()),
  },
  strict,
);
export type SlotSource = Static<typeof SlotSchema>;

export const OptionSchema = Type.Object(
  {
    title: TitleSchema,
    words: Type.Optional(Type.Array(Type.String())),
    key: Type.Optional(Type.String({ pattern: '^[0-9*#]$' })),
    value: Type.Optional(Type.String()),
    if: Type.Optional(ConditionSchema),
    set: Type.Optional(Values),
    next: Type.Optional(Name),
    go: Type.Optional(Name),
    with: Type.Optional(Values),
    reason: Type.Optional(Type.String()),
  },
  strict,
);
export type OptionSource = Static<typeof OptionSchema>;

export const StepSchema = Type.Object(
  {
    if: Type.Optional(ConditionSchema),
    /** Where to go when `if` does not hold; the following step when absent. */
    else: Type.Optional(Name),
    say: Type.Optional(PromptSchema),
    /** The conversation goes on in this language. */
    language: Type.Optional(Type.Union([Type.Literal('zh'), Type.Literal('hk'), Type.Literal('en')])),
    next: Type.Optional(Name),
    // One verb a step at most.
    ask: Type.Optional(Type.Array(Name, { minItems: 1 })),
    confirm: Type.Optional(Type.Array(Name, { minItems: 1 })),
    choose: Type.Optional(Type.Array(OptionSchema, { minItems: 1, maxItems: 9 })),
    answer: Type.Optional(Name),
    handoff: Type.Optional(Type.Boolean()),
    wait: Type.Optional(Type.Boolean()),
    do: Type.Optional(Type.String()),
    set: Type.Optional(Values),
    clear: Type.Optional(Type.Array(Name)),
    /** The answer told last did not help: it is noted as a gap. */
    gap: Type.Optional(Type.Literal('unhelpful')),
    run: Type.Optional(Name),
    go: Type.Optional(Name),
    done: Type.Optional(Type.Boolean()),
    end: Type.Optional(Type.Union([Type.Literal('completedSuccessfully'), Type.Literal('userCancelled'), Type.Literal('botTimedOut')])),
    // Details of verbs.
    /** ask, confirm, choose: where three failures lead; the way to a person when absent. */
    onFail: Type.Optional(Name),
    /** confirm. */
    yes: Type.Optional(Name),
    no: Type.Optional(Name),
    /** choose: other messages are taken as a new request. */
    free: Type.Optional(Type.Boolean()),
    /** choose: slot that keeps the picked value. */
    save: Type.Optional(Name),
    /** choose: further options out of a list in the last result. */
    list: Type.Optional(Type.Object({ from: Name, title: Text, value: Text, next: Type.Optional(Name) }, strict)),
    /** answer. */
    found: Type.Optional(Name),
    none: Type.Optional(Name),
    /** do, go, run: arguments. */
    with: Type.Optional(Values),
    ok: Type.Optional(Name),
    error: Type.Optional(Name),
    errors: Type.Optional(Type.Record(Type.String({ pattern: '^[a-z_.]+$' }), Name)),
    /** go, handoff: why a person is asked for, shown at the desk. */
    reason: Type.Optional(Type.String()),
    /** wait: minutes of patience and where they lead. */
    patience: Type.Optional(Type.Object({ minutes: Type.Integer({ minimum: 1, maximum: 120 }), next: Name }, strict)),
  },
  strict,
);
export type StepSource = Static<typeof StepSchema>;

export const FlowSchema = Type.Object(
  {
    id: Name,
    title: TitleSchema,
    about: Type.String({ minLength: 4 }),
    /** A short exchange that may happen in the middle of another flow, which then goes on. */
    aside: Type.Optional(Type.Boolean()),
    /** May be begun in the middle of another flow, which then goes on. */
    interrupts: Type.Optional(Type.Boolean()),
    /** Slots taken over from the flow it was begun from. */
    inherit: Type.Optional(Type.Array(Name)),
    triggers: Type.Optional(Type.Array(TriggerSchema)),
    slots: Type.Optional(Type.Record(Name, SlotSchema)),
    steps: Type.Record(Name, StepSchema),
    /** Step for “算了”; absent: the common sentence and the flow is over. */
    cancel: Type.Optional(Name),
  },
  strict,
);
export type FlowSource = Static<typeof FlowSchema>;

/** Prompts the engine itself says; all must be written. */
export const COMMON_PROMPTS = [
  'notUnderstood', 'again', 'silence', 'silenceAgain', 'cancelled', 'waitCancelled', 'nothingToCancel', 'corrected', 'whatIsWrong', 'noted', 'resume',
  'attachment', 'help', 'asideUnknown', 'reminder', 'closed', 'switched', 'choose', 'answersInChinese', 'noneOfThese', 'goodbye', 'skipNotPossible',
  'readBack', 'waiting', 'stillThere', 'failed', 'clarify', 'notStated',
  'slower', 'faster', 'more',
] as const;
/** A file from before them has none: nothing is said then, and a long answer is cut without an offer to go on. */
export const OPTIONAL_PROMPTS: readonly string[] = ['slower', 'faster', 'more'];
export type CommonPrompt = (typeof COMMON_PROMPTS)[number];

const Words = Type.Array(Type.String({ minLength: 1 }), { minItems: 1 });
const Patterns = Type.Array(Type.String({ minLength: 1 }), { minItems: 1 });

/** Lists that a file from before them does without. `cantoneseHints`: words of no other Chinese; `more`: goes on with an answer that was too long. */
const OPTIONAL_WORDS = { cantonese: Type.Optional(Words), cantoneseHints: Type.Optional(Words), slower: Type.Optional(Words), faster: Type.Optional(Words), more: Type.Optional(Words) };

/** Fields of an entry that are told when the citizen asks on. */
export const FOLLOW_UPS = ['materials', 'fees', 'places', 'hours', 'steps', 'conditions'] as const;
export type FollowUpAbout = (typeof FOLLOW_UPS)[number];

/** config/dialog.yaml: words and rules that hold in every flow. */
export const DialogFileSchema = Type.Object(
  {
    flows: Type.Object({ enter: Type.String(), handedBack: Type.String(), person: Type.String(), emergency: Type.String(), ask: Type.String(), report: Type.String(), menu: Type.String() }, strict),
    timers: Type.Object({ remindMinutes: Type.Integer({ minimum: 1 }), closeMinutes: Type.Integer({ minimum: 1 }), restMinutes: Type.Integer({ minimum: 1 }) }, strict),
    /** Below it a suggested item is not put on a ticket. */
    itemScore: Type.Number({ minimum: 0, maximum: 1 }),
    /** Speech recognised with less confidence is asked again. */
    hearingScore: Type.Number({ minimum: 0, maximum: 1 }),
    words: Type.Object(
      { person: Words, personNot: Words, cancel: Words, repeat: Words, help: Words, menu: Words, skip: Words, none: Words, chinese: Words, english: Words, yes: Words, no: Words, filler: Words, englishHints: Words, ...OPTIONAL_WORDS },
      strict,
    ),
    decide: Type.Object(
      { complaint: Words, question: Patterns, rhetorical: Patterns, trouble: Patterns, statement: Patterns, business: Patterns, kinds: Type.Array(Type.Object({ kind: TicketKindSchema, words: Words }, strict)), otherwise: TicketKindSchema },
      strict,
    ),
    emergency: Type.Array(Type.Object({ category: Name, patterns: Patterns, not: Type.Optional(Patterns) }, strict), { minItems: 1 }),
    /** What English questions are about, as the Chinese knowledge base is asked: the entries found are offered, never taken as an answer. */
    englishTopics: Type.Optional(Type.Array(Type.Object({ words: Words, ask: Type.String({ minLength: 2 }) }, strict))),
    /** What is asked right after an answer, and how the field of the entry (`{list}`) is told. */
    followUps: Type.Optional(Type.Array(Type.Object({ about: Type.Union(FOLLOW_UPS.map((about) => Type.Literal(about))), patterns: Patterns, say: PromptSchema }, strict))),
    /** Small words that such a question may hold beside; anything else is another matter. */
    followUpFiller: Type.Optional(Words),
    /** Harmless uses that no category may see. */
    emergencyNot: Patterns,
    prompts: Type.Record(Name, PromptSchema),
  },
  strict,
);
export type DialogFile = Static<typeof DialogFileSchema>;
