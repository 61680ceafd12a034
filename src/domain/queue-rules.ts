import Type, { type Static } from 'typebox';
import { LocaleSchema } from './activity.ts';

/** config/queues.yaml: who is asked when a person is wanted, in which order, and what happens when nobody takes. */

const shape = { additionalProperties: false };
const Id = Type.String({ pattern: '^[a-z0-9][a-z0-9-]{0,59}$' });
const Name = Type.String({ minLength: 1, maxLength: 40 });
const Words = Type.Array(Type.String({ minLength: 1, maxLength: 40 }), { minItems: 1 });
const Seconds = Type.Integer({ minimum: 1, maximum: 86_400 });

/** All that are given must hold; of a list one is enough. */
export const GroupMatchSchema = Type.Object(
  {
    /** Ids of config/towns.yaml: the place that was said lies there. */
    towns: Type.Optional(Words),
    /** Codes of config/items.yaml, or the beginning of one up to a dot. */
    items: Type.Optional(Words),
    /** Fields of config/items.yaml. */
    fields: Type.Optional(Words),
    locales: Type.Optional(Type.Array(LocaleSchema, { minItems: 1 })),
    /** Said by the citizen, in any message of late: how a dialect is known. */
    words: Type.Optional(Words),
    channels: Type.Optional(Words),
    enterprise: Type.Optional(Type.Boolean()),
    emergency: Type.Optional(Type.Boolean()),
  },
  { ...shape, minProperties: 1 },
);
export type GroupMatch = Static<typeof GroupMatchSchema>;

export const SkillGroupSchema = Type.Object(
  {
    id: Id,
    name: Name,
    /** Absent: takes whatever no group above it has taken. The last one has none. */
    match: Type.Optional(GroupMatchSchema),
    /** Served by seats for whom nothing else was set. */
    general: Type.Optional(Type.Boolean()),
    /** Waited so long here in vain: `next` has it. */
    overflowSeconds: Seconds,
    /** Id of a group, or `callback`: a ticket is opened that promises a call. */
    next: Type.Union([Type.Literal('callback'), Id]),
  },
  shape,
);
export type SkillGroup = Static<typeof SkillGroupSchema>;

export const QueueRulesSchema = Type.Object(
  {
    /** `offer`: a waiting conversation is offered to one seat after the other; `manual`: seats take it from the list. By hand it may be taken either way. */
    assign: Type.Union([Type.Literal('offer'), Type.Literal('manual')]),
    strategy: Type.Union([Type.Literal('least-loaded'), Type.Literal('longest-idle')]),
    /** A seat has so long to accept. */
    offerSeconds: Type.Integer({ minimum: 5, maximum: 600 }),
    /** Who declined is not asked again before. */
    retrySeconds: Seconds,
    /** Pause after closing, so that a seat can write up; 0: none. */
    wrapUpSeconds: Type.Integer({ minimum: 0, maximum: 3_600 }),
    /** A seat's signs of life stay out so long: its conversations go back to the queue. */
    leaseSeconds: Type.Integer({ minimum: 30, maximum: 3_600 }),
    /** Conversations that a seat has at a time, unless set for the seat. */
    capacity: Type.Integer({ minimum: 1, maximum: 50 }),
    /** Waiting time that these are worth, in seconds: a bound, so that nobody waits for ever. */
    priority: Type.Object({ emergency: Type.Integer({ minimum: 0, maximum: 86_400 }), enterprise: Type.Integer({ minimum: 0, maximum: 86_400 }) }, shape),
    /** The place in the queue is told again at most so often, on channels that cost nothing. */
    tellSeconds: Type.Integer({ minimum: 30, maximum: 3_600 }),
    breaks: Type.Array(Type.Object({ id: Id, name: Name }, shape), { minItems: 1 }),
    groups: Type.Array(SkillGroupSchema, { minItems: 1 }),
  },
  shape,
);
export type QueueRules = Static<typeof QueueRulesSchema>;

export interface QueueRulesFault {
  /** Where in the file, e.g. `/groups/2/next`. */
  readonly pointer: string;
  readonly message: string;
}

/** What a schema cannot see: names that lead nowhere, ways that go in a ring, groups that can never be reached or left. */
export function checkQueueRules(rules: QueueRules, known: { readonly towns: ReadonlySet<string>; readonly items: ReadonlySet<string>; readonly fields: ReadonlySet<string> }): readonly QueueRulesFault[] {
  const faults: QueueRulesFault[] = [];
  const ids = new Map<string, number>();
  rules.groups.forEach((group, index) => {
    const at = `/groups/${index}`;
    if (ids.has(group.id)) faults.push({ pointer: `${at}/id`, message: `group ${group.id} stands twice` });
    ids.set(group.id, index);
    const last = index === rules.groups.length - 1;
    if (last && group.match !== undefined) faults.push({ pointer: `${at}/match`, message: `the last group takes whatever is left: ${group.id} must have no match` });
    if (!last && group.match === undefined) faults.push({ pointer: at, message: `group ${group.id} takes everything: those below it would never be asked` });
    group.match?.towns?.forEach((id, place) => {
      if (!known.towns.has(id)) faults.push({ pointer: `${at}/match/towns/${place}`, message: `unknown town ${id}` });
    });
    group.match?.items?.forEach((code, place) => {
      if (!known.items.has(code) && ![...known.items].some((item) => item.startsWith(`${code}.`))) faults.push({ pointer: `${at}/match/items/${place}`, message: `unknown item ${code}` });
    });
    group.match?.fields?.forEach((field, place) => {
      if (!known.fields.has(field)) faults.push({ pointer: `${at}/match/fields/${place}`, message: `no item has the field ${field}` });
    });
  });
  rules.groups.forEach((group, index) => {
    if (group.next !== 'callback' && !ids.has(group.next)) faults.push({ pointer: `/groups/${index}/next`, message: `unknown group ${group.next}` });
    else if (!endsInCallback(rules, group)) faults.push({ pointer: `/groups/${index}/next`, message: `from ${group.id} the way goes in a ring and never comes to callback` });
  });
  if (!rules.groups.some((group) => group.general === true)) faults.push({ pointer: '/groups', message: 'no group is general: a seat for whom nothing was set would be offered nothing' });
  const reasons = new Set<string>();
  rules.breaks.forEach(({ id }, index) => {
    if (reasons.has(id)) faults.push({ pointer: `/breaks/${index}/id`, message: `break ${id} stands twice` });
    reasons.add(id);
  });
  return faults;
}

function endsInCallback(rules: QueueRules, from: SkillGroup): boolean {
  let at: SkillGroup | undefined = from;
  for (let steps = 0; at !== undefined && steps <= rules.groups.length; steps += 1) {
    const { next }: SkillGroup = at;
    if (next === 'callback') return true;
    at = rules.groups.find((group) => group.id === next);
  }
  return at === undefined;
}
