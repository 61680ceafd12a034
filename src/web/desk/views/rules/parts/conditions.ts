import type { DeadlineRule, Route } from '../../../../../domain/config-files.ts';
import { ruleText as chineseRule } from '../../../../../domain/deadlines.ts';
import { conditionTexts as chineseConditions } from '../../../../../domain/routing.ts';
import { kindLabel, URGENCIES } from '../../../labels.ts';
import { language } from '../../../language.ts';
import { CONDITIONS as w } from './words.ts';
import type { City } from './use-city.ts';

/** Rules in words, as the language that is chosen says them. The house itself says them in Chinese, in events and explanations. */

const NAMED_AT_MOST = 6;
const listed = (names: readonly string[]): string => `${names.slice(0, NAMED_AT_MOST).join(', ')}${names.length > NAMED_AT_MOST ? w.more(names.length - NAMED_AT_MOST) : ''}`;

/** `5个工作日`, 5 working days. */
export function ruleText(rule: DeadlineRule): string {
  return language.value === 'en' ? w[rule.unit](rule.amount) : chineseRule(rule);
}

/** The conditions of a rule; none: it fits everything. */
export function conditionTexts(route: Route, city: Pick<City, 'items' | 'itemGroups' | 'towns'>): readonly string[] {
  if (language.value !== 'en') return chineseConditions(route, { items: [...city.items], itemGroups: [...city.itemGroups], towns: [...city.towns] });
  const { items, towns, kinds, urgencies, places, enterprise, office, weekdays, days } = route.when;
  const nodes = [...city.items, ...city.itemGroups];
  return [
    items === undefined ? null : w.itemIs(listed(items.map((code) => nodes.find((node) => node.code === code)?.name ?? code))),
    towns === undefined ? null : w.townIs(listed(towns.map((id) => city.towns.find((town) => town.id === id)?.name ?? id))),
    kinds === undefined ? null : w.kindIs(listed(kinds.map(kindLabel))),
    urgencies === undefined ? null : w.urgencyIs(listed(urgencies.map((urgency) => URGENCIES[urgency]))),
    places === undefined ? null : w.placeHolds(listed(places.map((word) => `“${word}”`))),
    enterprise === undefined ? null : enterprise ? w.enterprise : w.noEnterprise,
    office === undefined ? null : office ? w.inOffice : w.outOfOffice,
    weekdays === undefined ? null : w.onDays(listed(weekdays.map((day) => [w.day1, w.day2, w.day3, w.day4, w.day5, w.day6, w.day7][day - 1] ?? String(day)))),
    days === undefined ? null : w.between(days.from ?? '…', days.to ?? '…'),
  ].filter((text) => text !== null);
}
