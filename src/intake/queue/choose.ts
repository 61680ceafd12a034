import type { QueueRules, SkillGroup } from '../../domain/queue-rules.ts';
import type { Locale } from '../../domain/activity.ts';

/** What is known of a conversation when a person is asked for. */
export interface GroupFacts {
  readonly channel: string;
  readonly locale: Locale;
  readonly enterprise: boolean;
  readonly emergency: boolean;
  readonly townId: string | null;
  /** What it is about, when that is likely enough. */
  readonly item: { readonly code: string; readonly field: string } | null;
  /** What the citizen said of late. */
  readonly said: readonly string[];
}

/** The first group that fits; the last one fits everybody. */
export function chooseGroup(rules: QueueRules, facts: GroupFacts): SkillGroup {
  const found = rules.groups.find((group) => fits(group, facts)) ?? rules.groups.at(-1);
  if (found === undefined) throw new RangeError('queue rules without a group');
  return found;
}

/** The group of this id; the last one (which takes everybody) for an id that the rules do not know any more. */
export function groupOf(rules: QueueRules, id: string): SkillGroup {
  const found = rules.groups.find((group) => group.id === id) ?? rules.groups.at(-1);
  if (found === undefined) throw new RangeError('queue rules without a group');
  return found;
}

function fits({ match }: SkillGroup, facts: GroupFacts): boolean {
  if (match === undefined) return true;
  const { towns, items, fields, locales, words, channels, enterprise, emergency } = match;
  const { item } = facts;
  return (
    (emergency === undefined || emergency === facts.emergency) &&
    (enterprise === undefined || enterprise === facts.enterprise) &&
    (locales === undefined || locales.includes(facts.locale)) &&
    (channels === undefined || channels.includes(facts.channel)) &&
    (towns === undefined || (facts.townId !== null && towns.includes(facts.townId))) &&
    (fields === undefined || (item !== null && fields.includes(item.field))) &&
    (items === undefined || (item !== null && items.some((code) => item.code === code || item.code.startsWith(`${code}.`)))) &&
    (words === undefined || words.some((word) => facts.said.some((text) => text.includes(word))))
  );
}
