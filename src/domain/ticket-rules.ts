import Type, { type Static } from 'typebox';
import { DeadlineRuleSchema } from './config-files.ts';

/** config/tickets.yaml: the rules of a ticket's life that differ from city to city. No figure of them is in code. */

const shape = { additionalProperties: false } as const;
const Level = Type.Union([Type.Literal(1), Type.Literal(2), Type.Literal(3)]);
const Code = Type.String({ pattern: '^[a-z][a-z0-9_]*$' });
const TimeOfDay = Type.String({ pattern: '^([01]\\d|2[0-3]):[0-5]\\d$' });

/** A reason that may be chosen; `evidence`: at least one file must come with it. */
const ReasonSchema = Type.Object({ code: Code, label: Type.String({ minLength: 1 }), evidence: Type.Optional(Type.Boolean()) }, shape);

/** What is done some time after a clock ran out. `person`: who is responsible from then on, by office. */
export const RungSchema = Type.Object({ after: DeadlineRuleSchema, do: Type.Union([Type.Literal('remind'), Type.Literal('supervise'), Type.Literal('escalate')]), level: Type.Optional(Level), person: Type.String({ minLength: 1 }) }, shape);

export const TicketRulesSchema = Type.Object(
  {
    reasons: Type.Object({ return: Type.Array(ReasonSchema, { minItems: 1 }), extension: Type.Array(ReasonSchema, { minItems: 1 }), hold: Type.Array(ReasonSchema, { minItems: 1 }), refuse: Type.Array(ReasonSchema, { minItems: 1 }) }, shape),
    /** A longest hold. */
    holdLimit: DeadlineRuleSchema,
    /** Items that cannot be finished without a file that shows the result: codes, or `env.` for all that begin so. */
    evidenceItems: Type.Array(Type.String()),
    /** By stage (accept, sign, contact, handle, judge): rungs after the due time, first one first. */
    ladder: Type.Record(Type.String(), Type.Array(RungSchema)),
    supervision: Type.Object(
      {
        /** Supervised from the first dispatch on. */
        items: Type.Array(Type.Object({ item: Type.String(), level: Level }, shape)),
        /** So many 催办 of one ticket. */
        urges: Type.Array(Type.Object({ count: Type.Integer({ minimum: 1 }), level: Level }, shape)),
        /** So many 重办 of one ticket. */
        redos: Type.Array(Type.Object({ count: Type.Integer({ minimum: 1 }), level: Level }, shape)),
        /** The responsible unit reports within this time. */
        report: DeadlineRuleSchema,
      },
      shape,
    ),
    visit: Type.Object(
      {
        /** Asked so often, with this much between; then 未联系上. */
        attempts: Type.Integer({ minimum: 1 }),
        every: DeadlineRuleSchema,
        /** After the archive a citizen may have the matter handled again within this time. */
        reopenWithin: DeadlineRuleSchema,
      },
      shape,
    ),
    notices: Type.Object(
      {
        /** Ticket events that a citizen hears of. */
        events: Type.Array(Type.String()),
        /** No notice goes out in these hours (Beijing time); it waits. */
        quiet: Type.Object({ from: TimeOfDay, to: TimeOfDay }, shape),
      },
      shape,
    ),
    urging: Type.Object({ /** 催办 counts once within this time. */ once: DeadlineRuleSchema }, shape),
  },
  shape,
);
export type TicketRules = Static<typeof TicketRulesSchema>;
export type Rung = Static<typeof RungSchema>;
export type Reason = Static<typeof ReasonSchema>;
