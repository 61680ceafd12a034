import Type, { type Static } from 'typebox';
import { ModalitySchema } from '../domain/activity.ts';
import { TicketKindSchema, UrgencySchema } from '../domain/config-files.ts';

/** config/assist.yaml: what agent assist (坐席辅助) goes by. Data an operator edits; checked at start with file and line. */

const shape = { additionalProperties: false };
const Id = Type.String({ pattern: '^[a-z0-9-]+$' });
const Word = Type.String({ minLength: 1, maxLength: 30 });
const Words = Type.Array(Word, { uniqueItems: true });
/** The small subset of regular expressions that src/dialog/safe-pattern.ts lets pass. */
const Pattern = Type.String({ minLength: 1, maxLength: 1200 });
const Patterns = Type.Array(Pattern);

/** What is looked for: words as they stand, patterns; `not` is blanked out before. */
const Lookup = { words: Type.Optional(Words), patterns: Type.Optional(Patterns), not: Type.Optional(Patterns) };

/** What the code reads itself, with the slot readers of src/dialog/slots. */
export const BuiltinSchema = Type.Union([Type.Literal('place'), Type.Literal('town'), Type.Literal('time'), Type.Literal('name'), Type.Literal('phone'), Type.Literal('attachment')]);
export type Builtin = Static<typeof BuiltinSchema>;

const FactRuleSchema = Type.Object({ id: Id, label: Word, builtin: Type.Optional(BuiltinSchema), ...Lookup, /** Only for the questions; not shown as a detail. */ silent: Type.Optional(Type.Boolean()), /** Words that are cut from the front of what was found, as long as one stands there. */ trim: Type.Optional(Words) }, shape);
export type FactRule = Static<typeof FactRuleSchema>;

const QuestionRuleSchema = Type.Object(
  {
    id: Id,
    /** Asked only while this fact is missing; absent: `unless` alone decides. */
    fact: Type.Optional(Id),
    /** Smaller ones first. */
    order: Type.Integer({ minimum: 1, maximum: 99 }),
    kinds: Type.Optional(Type.Array(TicketKindSchema, { minItems: 1 })),
    /** Codes of items or of what stands above them; absent: every item, and none. */
    items: Type.Optional(Type.Array(Type.String(), { minItems: 1 })),
    not: Type.Optional(Type.Array(Type.String(), { minItems: 1 })),
    /** Not asked when the citizen used one of these words. */
    unless: Type.Optional(Words),
    /** Only where the citizen reads, or only where they hear. */
    modality: Type.Optional(ModalitySchema),
    ask: Type.String({ minLength: 4, maxLength: 200 }),
    /** Said on the phone instead. */
    voice: Type.Optional(Type.String({ minLength: 4, maxLength: 120 })),
    why: Type.String({ minLength: 2, maxLength: 60 }),
  },
  shape,
);
export type QuestionRule = Static<typeof QuestionRuleSchema>;

export const MOODS = ['calm', 'upset', 'angry', 'distress'] as const;
export const MoodSchema = Type.Union([Type.Literal('calm'), Type.Literal('upset'), Type.Literal('angry'), Type.Literal('distress')]);
export type MoodLevel = Static<typeof MoodSchema>;

const SignRuleSchema = Type.Object(
  {
    id: Id,
    label: Word,
    points: Type.Optional(Type.Number({ minimum: -5, maximum: 10 })),
    /** At least this level as soon as it is said. */
    level: Type.Optional(MoodSchema),
    urgency: Type.Optional(UrgencySchema),
    ...Lookup,
  },
  shape,
);
export type SignRule = Static<typeof SignRuleSchema>;

export const AssistRulesSchema = Type.Object(
  {
    version: Type.Literal(1),
    courtesies: Words,
    openers: Words,
    asides: Patterns,
    asked: Type.Object({ place: Words, time: Words, name: Words, phone: Words }, shape),
    kinds: Type.Array(Type.Object({ kind: TicketKindSchema, words: Words }, shape), { minItems: 1 }),
    question: Pattern,
    /** Looks like a question and is a complaint. */
    rhetorical: Pattern,
    wishes: Type.Object({ callback: Type.Object(Lookup, shape), confidential: Type.Object(Lookup, shape) }, shape),
    facts: Type.Array(FactRuleSchema, { minItems: 1 }),
    questions: Type.Array(QuestionRuleSchema),
    mood: Type.Object(
      {
        window: Type.Integer({ minimum: 1, maximum: 100 }),
        fresh: Type.Integer({ minimum: 1, maximum: 100 }),
        upset: Type.Number({ exclusiveMinimum: 0 }),
        angry: Type.Number({ exclusiveMinimum: 0 }),
        negations: Words,
        between: Words,
        signs: Type.Array(SignRuleSchema, { minItems: 1 }),
        together: Type.Array(Type.Object({ signs: Type.Array(Id, { minItems: 2 }), urgency: UrgencySchema }, shape)),
      },
      shape,
    ),
    knowledge: Type.Object({ hits: Type.Integer({ minimum: 1, maximum: 10 }), least: Type.Number({ minimum: 0, maximum: 1 }), soonDays: Type.Integer({ minimum: 0, maximum: 365 }) }, shape),
  },
  shape,
);
export type AssistRuleFile = Static<typeof AssistRulesSchema>;
