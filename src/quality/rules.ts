import Type, { type Static, type TSchema } from 'typebox';
import { Value } from 'typebox/value';

/** config/quality.yaml: what service is inspected for, and whose is looked at by a person. Words and figures are data; a kind of check is code. */

const shape = { additionalProperties: false } as const;
const Slug = Type.String({ pattern: '^[a-z][a-z0-9-]*$', maxLength: 40 });
const Word = Type.String({ minLength: 1, maxLength: 40 });
const Words = Type.Array(Word, { minItems: 1, uniqueItems: true });
const Few = Type.Array(Word, { uniqueItems: true });
const Seconds = Type.Integer({ minimum: 1, maximum: 86_400 });
const PerModality = Type.Object({ voice: Seconds, text: Seconds }, shape);

/** What each kind of check is told (`with`). `…` in a phrase stands for a few characters of the same clause. */
export const CHECKS = {
  /** A seat's first words hold one of `words`. */
  greeting: Type.Object({ words: Words }, shape),
  /** None of `words` is said; what `quoting` opens, is quoted, or stands shortly behind one of `unless` is not counted. `scolding`: 喊什么喊 and its like too. */
  banned: Type.Object({ words: Words, quoting: Few, unless: Few, scolding: Type.Boolean() }, shape),
  /** A refusal has a way on beside it. */
  curt: Type.Object({ refusals: Words, ways: Words }, shape),
  /**
   * A citizen's question is taken up. `idle`: no questions, though they look like it. `kinds`: how one asks, and by which words an answer is known, the first
   * kind that fits; `numbers`: figures answer too, and nothing less does. `withdrawn`: said behind it, no answer is wanted any more. `takesUp`: it is being looked into. `refusals` and `filler` (words without content) answer nothing.
   */
  unanswered: Type.Object(
    {
      idle: Words,
      kinds: Type.Array(Type.Object({ name: Word, asks: Words, answers: Words, numbers: Type.Optional(Type.Boolean()) }, shape), { minItems: 1 }),
      withdrawn: Words,
      takesUp: Words,
      refusals: Words,
      filler: Words,
    },
    shape,
  ),
  /** Seconds from the taking to the seat's first words. */
  late: Type.Object({ seconds: PerModality }, shape),
  /** Seconds in which a waiting citizen hears nothing; `held`: after one of `holding`. */
  silence: Type.Object({ seconds: PerModality, held: PerModality, holding: Words }, shape),
  /** What was promised was done: a ticket, a press, a transfer. */
  promise: Type.Object({ words: Words, unless: Few }, shape),
  /** The last words of a seat that ends the service hold one of `words`. */
  closing: Type.Object({ words: Words, last: Type.Integer({ minimum: 1, maximum: 5 }) }, shape),
  /** Nobody asks for `secrets`, nor for a `phone` that is known. */
  privacy: Type.Object({ secrets: Words, phone: Words, asking: Words, unless: Few }, shape),
  /** No result is guaranteed, and none sooner than rules say. */
  overpromise: Type.Object({ sure: Words, soon: Words, results: Words, unless: Few }, shape),
  /** What the hotline does not take is not taken. */
  scope: Type.Object({ matters: Words, taking: Words, explaining: Words }, shape),
} as const satisfies Readonly<Record<string, TSchema>>;

export type CheckName = keyof typeof CHECKS;
export type CheckWith<Name extends CheckName> = Static<(typeof CHECKS)[Name]>;

export const SEVERITIES = ['minor', 'major', 'fatal'] as const;
export type Severity = (typeof SEVERITIES)[number];

const RuleShape = Type.Object(
  {
    id: Slug,
    name: Type.String({ minLength: 1, maxLength: 20 }),
    /** What it is for, shown to seats. */
    about: Type.String({ minLength: 1, maxLength: 200 }),
    check: Type.Enum(namesOf(CHECKS)),
    severity: Type.Enum([...SEVERITIES]),
    /** Taken off for each finding. */
    points: Type.Integer({ minimum: 0, maximum: 100 }),
    /** Taken off by this rule at most; absent: without limit. */
    most: Type.Optional(Type.Integer({ minimum: 0, maximum: 100 })),
    /** Absent: everywhere. */
    channels: Type.Optional(Type.Array(Slug, { minItems: 1 })),
    modalities: Type.Optional(Type.Array(Type.Union([Type.Literal('text'), Type.Literal('voice')]), { minItems: 1 })),
    active: Type.Boolean(),
    with: Type.Record(Type.String(), Type.Unknown()),
  },
  shape,
);

const Share = Type.Number({ minimum: 0, maximum: 1 });

/** Whose inspections a person looks at. */
export const SamplingSchema = Type.Object(
  {
    /** Keys the draw: another key draws others. */
    key: Type.String({ minLength: 8, maxLength: 60 }),
    /** Of everything; the largest share that applies counts. */
    share: Share,
    shares: Type.Array(
      Type.Object(
        {
          channels: Type.Optional(Type.Array(Slug, { minItems: 1 })),
          groups: Type.Optional(Type.Array(Slug, { minItems: 1 })),
          /** User names. */
          seats: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 64 }), { minItems: 1 })),
          /** Beijing days of the week, 1 Monday to 7 Sunday. */
          weekdays: Type.Optional(Type.Array(Type.Integer({ minimum: 1, maximum: 7 }), { minItems: 1 })),
          share: Share,
        },
        shape,
      ),
    ),
    /** Everything with a fatal finding, with fewer points, of a citizen who was not satisfied. */
    fatal: Type.Boolean(),
    below: Type.Integer({ minimum: 0, maximum: 100 }),
    dissatisfied: Type.Boolean(),
    /** Seats of the first so many days. */
    newSeats: Type.Object({ days: Type.Integer({ minimum: 0, maximum: 365 }), share: Share }, shape),
  },
  shape,
);
export type SamplingPlan = Static<typeof SamplingSchema>;

export const QualityFileSchema = Type.Object(
  {
    /** Counted up by whoever edits the file; shown with every inspection. */
    version: Type.Integer({ minimum: 1 }),
    /** A fatal finding leaves so many points at most. */
    fatalAtMost: Type.Integer({ minimum: 0, maximum: 99 }),
    /** A seat may appeal within so many workdays. */
    appealWorkdays: Type.Integer({ minimum: 1, maximum: 60 }),
    /** Minutes after the end in which a promised ticket may still be opened; the inspection waits for it. */
    graceMinutes: Type.Integer({ minimum: 0, maximum: 1440 }),
    sampling: SamplingSchema,
    rules: Type.Array(RuleShape, { minItems: 1 }),
  },
  shape,
);
export type QualityFile = Static<typeof QualityFileSchema>;

/** A rule with its parameters checked. */
export type QualityRule = { [Name in CheckName]: Omit<Static<typeof RuleShape>, 'check' | 'with'> & { readonly check: Name; readonly with: CheckWith<Name> } }[CheckName];

export interface QualityRules extends Omit<QualityFile, 'rules'> {
  readonly rules: readonly QualityRule[];
}

/** A fault at a JSON pointer of the file. */
export interface RuleFault {
  readonly pointer: string;
  readonly message: string;
}

/** Checks what the file's schema leaves open: parameters by kind of check, ids that stand twice. */
export function readRules(file: QualityFile): { readonly value: QualityRules | null; readonly faults: readonly RuleFault[] } {
  const faults: RuleFault[] = [];
  const rules: QualityRule[] = [];
  const seen = new Set<string>();
  file.rules.forEach((rule, index) => {
    const at = `/rules/${index}`;
    if (seen.has(rule.id)) faults.push({ pointer: `${at}/id`, message: `rule ${rule.id} stands twice` });
    seen.add(rule.id);
    const typed = typedRule(rule);
    if (typed !== null) return void rules.push(typed);
    for (const { instancePath, message } of Value.Errors(CHECKS[rule.check], rule.with)) faults.push({ pointer: `${at}/with${instancePath}`, message: `rule ${rule.id}: with${instancePath} ${message}` });
  });
  return { value: faults.length === 0 ? { ...file, rules } : null, faults };
}

function typedRule(rule: Static<typeof RuleShape>): QualityRule | null {
  const { check, with: given, ...rest } = rule;
  switch (check) {
    case 'greeting': return Value.Check(CHECKS[check], given) ? { ...rest, check, with: given } : null;
    case 'banned': return Value.Check(CHECKS[check], given) ? { ...rest, check, with: given } : null;
    case 'curt': return Value.Check(CHECKS[check], given) ? { ...rest, check, with: given } : null;
    case 'unanswered': return Value.Check(CHECKS[check], given) ? { ...rest, check, with: given } : null;
    case 'late': return Value.Check(CHECKS[check], given) ? { ...rest, check, with: given } : null;
    case 'silence': return Value.Check(CHECKS[check], given) ? { ...rest, check, with: given } : null;
    case 'promise': return Value.Check(CHECKS[check], given) ? { ...rest, check, with: given } : null;
    case 'closing': return Value.Check(CHECKS[check], given) ? { ...rest, check, with: given } : null;
    case 'privacy': return Value.Check(CHECKS[check], given) ? { ...rest, check, with: given } : null;
    case 'overpromise': return Value.Check(CHECKS[check], given) ? { ...rest, check, with: given } : null;
    case 'scope': return Value.Check(CHECKS[check], given) ? { ...rest, check, with: given } : null;
  }
}

function namesOf<Table extends Readonly<Record<string, TSchema>>>(table: Table): (keyof Table & string)[] {
  return Object.keys(table);
}
