import type { JsonObject, JsonValue } from '../domain/json.ts';
import type { ConditionSource } from './flow-schema.ts';
import type { Check, Condition, Test } from './program.ts';
import type { DialogFacts } from './types.ts';

/** Facts a condition or a template may name; `saidPhoneLast4`, `waiting`, `emergency`, `personAsked` and `misses` are the engine's own. */
export const FACT_NAMES = ['seatsOnline', 'seatHoursOpen', 'officeHoursOpen', 'modality', 'channel', 'locale', 'knownPhoneLast4', 'visitNumber', 'enterprise', 'saidPhoneLast4', 'waiting', 'emergency', 'personAsked', 'misses'] as const;
export type FactName = (typeof FACT_NAMES)[number];

/** What conditions and templates look into. */
export interface View {
  readonly facts: Readonly<Record<FactName, JsonValue>>;
  readonly slots: JsonObject;
  readonly result: JsonObject;
}

export function factsOf(facts: DialogFacts, own: { readonly waiting: boolean; readonly emergency: boolean; readonly personAsked: boolean; readonly locale: DialogFacts['locale']; readonly saidPhoneLast4: string | null; readonly misses: number }): View['facts'] {
  const { seatsOnline, seatHoursOpen, officeHoursOpen, modality, channel, knownPhoneLast4, visitNumber = null, enterprise = null } = facts;
  return { seatsOnline, seatHoursOpen, officeHoursOpen, modality, channel, knownPhoneLast4, visitNumber, enterprise, ...own };
}

/** Schema-checked YAML → condition. A map: all entries; a list of maps: any of them. */
export function compileCondition(source: ConditionSource | undefined): Condition {
  if (source === undefined) return null;
  const groups = Array.isArray(source) ? source : [source];
  return groups.map((group) => Object.entries(group).map(([subject, value]): Check => ({ subject, test: compileTest(value) })));
}

function compileTest(value: Exclude<ConditionSource, unknown[]>[string]): Test {
  if (value === 'present' || value === 'missing') return { kind: 'present', present: value === 'present' };
  if (Array.isArray(value)) return { kind: 'equals', values: value };
  if (typeof value === 'object' && value !== null) return { kind: 'range', above: value.above ?? -Infinity, below: value.below ?? Infinity };
  return { kind: 'equals', values: [value] };
}

/** Does it hold? Unknown subjects read as missing; the lint refuses them beforehand. */
export function holds(condition: Condition, view: View): boolean {
  if (condition === null) return true;
  return condition.some((group) => group.every((check) => passes(check.test, lookUp(check.subject, view))));
}

function passes(test: Test, value: JsonValue): boolean {
  switch (test.kind) {
    case 'present':
      return (value !== null && value !== '') === test.present;
    case 'equals':
      return test.values.some((wanted) => wanted === value);
    case 'range':
      return typeof value === 'number' && value > test.above && value < test.below;
  }
}

/** `slot.x`, `result.x`, `fact.x` or a bare fact name; null when there is none. */
export function lookUp(subject: string, view: View): JsonValue {
  const dot = subject.indexOf('.');
  const scope = dot < 0 ? 'fact' : subject.slice(0, dot);
  const name = dot < 0 ? subject : subject.slice(dot + 1);
  if (scope === 'slot') return view.slots[name] ?? null;
  if (scope === 'result') return view.result[name] ?? null;
  return isFactName(name) ? view.facts[name] : null;
}

export const isFactName = (name: string): name is FactName => FACT_NAMES.some((known) => known === name);
