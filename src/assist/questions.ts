import type { Modality } from '../domain/activity.ts';
import type { TicketKind } from '../domain/config-files.ts';
import { pathOf } from '../domain/items.ts';
import type { DispatchCity } from './dispatch.ts';
import type { AssistRules } from './rules.ts';
import type { Builtin } from './rules-schema.ts';
import type { Question } from './types.ts';

/** What is still missing, as questions to ask; which ones, for which matter, is data. Pure. */

export interface QuestionsGiven {
  readonly kind: TicketKind;
  readonly itemCode: string | null;
  readonly modality: Modality;
  /** All that the citizen said, folded. */
  readonly said: string;
  readonly has: (builtin: Builtin) => boolean;
  readonly hasFact: (id: string) => boolean;
  /** Questions of bot and seats so far: what was asked just now is not asked again. */
  readonly askedLately: string;
}

const SHOWN = 6;

export function questionsOf(given: QuestionsGiven, rules: AssistRules, city: Pick<DispatchCity, 'items' | 'itemGroups'>): readonly Question[] {
  const path = given.itemCode === null ? [] : pathOf({ items: city.items, groups: city.itemGroups }, given.itemCode);
  const asked = new Set<string>();
  const found: Question[] = [];
  for (const { rule, unless } of rules.questions) {
    if (rule.kinds !== undefined && !rule.kinds.includes(given.kind)) continue;
    // Advice is asked for the citizen's own case only by what names its items.
    if (rule.items === undefined && given.kind === '咨询' && rule.kinds?.includes('咨询') !== true) continue;
    if (rule.items !== undefined && !rule.items.some((code) => path.includes(code))) continue;
    if (rule.items !== undefined && rule.kinds === undefined && given.kind === '咨询') continue;
    if (rule.not?.some((code) => path.includes(code)) === true) continue;
    if (rule.modality !== undefined && rule.modality !== given.modality) continue;
    if (unless.has(given.said)) continue;
    if (rule.fact !== undefined && isKnown(rule.fact, rules, given)) continue;
    // One question a fact: the item's own comes before the general one by its order.
    if (rule.fact !== undefined && asked.has(rule.fact)) continue;
    if (given.askedLately.includes(rule.ask)) continue;
    if (rule.fact !== undefined) asked.add(rule.fact);
    found.push({ id: rule.id, ask: rule.ask, voice: rule.voice ?? rule.ask, why: rule.why });
  }
  return found.slice(0, SHOWN);
}

function isKnown(id: string, rules: AssistRules, { has, hasFact }: QuestionsGiven): boolean {
  const builtin = rules.facts.find(({ rule }) => rule.id === id)?.rule.builtin;
  return builtin === undefined ? hasFact(id) : has(builtin);
}
