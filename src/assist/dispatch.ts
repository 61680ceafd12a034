import type { EpochMs } from '../domain/activity.ts';
import type { CityData } from '../config/city.ts';
import { beijingText } from '../domain/clock.ts';
import type { Item, TicketKind, Urgency } from '../domain/config-files.ts';
import type { ItemSuggestion } from '../domain/conversation.ts';
import { deadlineClass, explainClock, ruleText, stageRule } from '../domain/deadlines.ts';
import type { LegalClock } from '../domain/legal-clock.ts';
import { routeTicket } from '../domain/routing.ts';
import type { DispatchPart, ItemHint } from './types.ts';

/** Where a ticket would go and when it would be due if it were opened now, by the very rules that will dispatch it. Pure. */

export interface DispatchGiven {
  readonly items: readonly ItemSuggestion[];
  readonly kind: TicketKind;
  readonly urgency: Urgency;
  readonly townId: string | null;
  readonly place: string | null;
  readonly enterprise: boolean;
  readonly now: EpochMs;
}

export type DispatchCity = Pick<CityData, 'items' | 'itemGroups' | 'routes' | 'departments' | 'towns' | 'deadlines' | 'enterpriseDeadlines'>;

/** Below it no item is taken for the ticket's; with no calibration it also says what is sure. */
export const ITEM_SCORE = 0.5;

export function dispatchOf(given: DispatchGiven, city: DispatchCity, clock: LegalClock): DispatchPart {
  const items = given.items.flatMap(({ code, name, score, matched, sure }): ItemHint[] => {
    const item = itemIn(city, code);
    return item === undefined ? [] : [{ code, name, field: item.field, score, sure: sure ?? score >= ITEM_SCORE, matched }];
  });
  const item = items[0] === undefined ? undefined : itemIn(city, items[0].code);
  const { now, kind, urgency, townId, place, enterprise } = given;
  const routing = routeTicket({ itemCode: item?.code ?? null, townId, kind, urgency, place, enterprise, at: now, inOffice: clock.isOfficeOpen(now) }, city);
  const nameOf = (id: string): string => city.departments.find((department) => department.id === id)?.name ?? id;
  return {
    items,
    department: routing.departmentId === null ? null : { id: routing.departmentId, name: nameOf(routing.departmentId) },
    assistants: routing.assistIds.map(nameOf),
    routeId: routing.routeId,
    why: routing.why,
    because: routing.because,
    deadline: deadlineOf(given, item, city, clock),
  };
}

function deadlineOf({ enterprise, urgency, now }: DispatchGiven, item: Item | undefined, city: DispatchCity, clock: LegalClock): DispatchPart['deadline'] {
  const profile = enterprise ? city.enterpriseDeadlines : city.deadlines;
  const name = deadlineClass(profile, item?.deadlineClass ?? null, urgency);
  const rule = stageRule(profile, 'handle', name);
  if (rule === null) return null;
  const { dueAt, lines } = explainClock(clock, { start: now, rule, holds: [], until: now });
  if (dueAt === null) return null;
  // The last sentence tells how much is used up by now, which is nothing.
  return { dueAt, rule: `${profile.id}/${name}`, text: `${beijingText(dueAt)} 前（${profile.name}：${ruleText(rule)}）`, lines: lines.slice(0, -1) };
}

function itemIn(city: DispatchCity, code: string): Item | undefined {
  return city.items.find((item) => item.code === code);
}
