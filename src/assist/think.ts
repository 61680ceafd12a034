import type { CityData } from '../config/city.ts';
import type { Activity, EpochMs } from '../domain/activity.ts';
import type { Item } from '../domain/config-files.ts';
import type { ItemSuggestion } from '../domain/conversation.ts';
import type { KnowledgeEntry } from '../domain/knowledge.ts';
import type { LegalClock } from '../domain/legal-clock.ts';
import type { Matcher } from '../matcher/types.ts';
import { dispatchOf } from './dispatch.ts';
import { fillForm } from './form.ts';
import { knowledgeOf, pointsBack } from './knowledge.ts';
import { linesOf, sentencesOf } from './lines.ts';
import { type Matter, matterOf } from './matter.ts';
import { type EmergencyFound, readMood } from './mood.ts';
import { questionsOf } from './questions.ts';
import { readLines } from './readings.ts';
import type { AssistRules } from './rules.ts';
import type { Builtin } from './rules-schema.ts';
import { summaryOf } from './summary.ts';
import type { FilledSlot, Line, SlotName, Thoughts, Told } from './types.ts';

/** Everything agent assist thinks of one conversation. Pure: what it knows of the world is passed in. */

export interface Mind {
  readonly rules: AssistRules;
  readonly city: Pick<CityData, 'items' | 'itemGroups' | 'routes' | 'departments' | 'towns' | 'deadlines' | 'enterpriseDeadlines' | 'lexicon'>;
  readonly clock: LegalClock;
  readonly matcher: Matcher;
  readonly entryOf: (id: string) => KnowledgeEntry | null;
  readonly suggestItems: (text: string, lane?: Item['lane']) => readonly ItemSuggestion[];
  readonly emergencyOf: (text: string) => EmergencyFound | null;
}

/** Longest text that items are suggested for, UTF-16 units. */
const ITEM_TEXT = 400;
/** Messages of bot and seats whose questions are not asked again. */
const LATELY = 3;

export function think(activities: readonly Activity[], told: Told, mind: Mind): Thoughts {
  return thinkOf(linesOf(activities), told, mind);
}

export function thinkOf(lines: readonly Line[], told: Told, mind: Mind): Thoughts {
  const { rules, city, clock } = mind;
  const citizen = lines.filter((line) => line.role === 'citizen');
  const mood = readMood(lines, rules, mind.emergencyOf);
  const readings = readLines(lines, { rules, towns: city.towns, lexicon: city.lexicon });
  const sentences = sentencesOf(lines, rules);
  const answered = new Set(lines.flatMap(({ role, seq }, index) => (role === 'citizen' && lines[index + 1]?.role === 'bot' && lines[index + 1]?.source !== null ? [seq] : [])));
  const matter = matterOf(sentences, readings, answered);
  const said = matter.text === '' ? (told.slots.find(({ name }) => name === 'content' || name === 'question')?.value ?? '') : matter.text;
  const items = said === '' ? [] : mind.suggestItems(said.slice(0, ITEM_TEXT), told.enterprise ? 'enterprise' : undefined);
  const form = fillForm({ lines, matter, readings, mood, items, itemOf: (code) => city.items.find((item) => item.code === code), towns: city.towns, told, rules });
  const slot = (name: SlotName): FilledSlot | undefined => form.slots.find((each) => each.name === name);
  const value = (name: SlotName): string | null => slot(name)?.value ?? null;
  const kind = (['咨询', '求助', '投诉', '举报', '建议', '表扬'] as const).find((each) => each === value('kind')) ?? '求助';
  const itemCode = value('itemCode');
  const dispatch = dispatchOf({ items, kind, urgency: mood.urgency, townId: value('townId'), place: value('place'), enterprise: told.enterprise, now: told.now }, city, clock);
  const has = (builtin: Builtin): boolean => {
    switch (builtin) {
      case 'attachment':
        return citizen.some(({ attachments }) => attachments > 0);
      case 'phone':
        return told.phoneKnown || citizen.some(({ text }) => /[\d*＊]{7,}/.test(text));
      default:
        return slot(BUILTIN_SLOTS[builtin]) !== undefined;
    }
  };
  const others = lines.filter((line) => line.role !== 'citizen').slice(-LATELY);
  const questions = said === '' ? [] : questionsOf({ kind, itemCode, modality: told.modality, said: citizen.map(({ folded }) => folded).join('\n'), has, hasFact: (id) => readings.facts.has(id), askedLately: others.map(({ text }) => text).join('\n') }, rules, city);
  const knowledge = knowledgeOf({ telling: matter.telling, topic: topicOf(matter.telling), townId: value('townId'), itemCode: (items[0]?.score ?? 0) >= 0.5 ? itemCode : null, now: told.now, rules, departments: city.departments, matcher: mind.matcher, entryOf: mind.entryOf });
  const summary = summaryOf({ lines, matter, sentences, form, knowledge, questions, mood, told });
  return {
    knowledge, dispatch, form, questions, mood, summary,
    draft: { kind, title: value('title') ?? '', content: value('content') ?? '', itemCode, townId: value('townId'), place: value('place'), confidential: value('confidential') === 'true' },
  };
}

const BUILTIN_SLOTS: Readonly<Record<Exclude<Builtin, 'attachment' | 'phone'>, SlotName>> = { place: 'place', town: 'townId', time: 'happened', name: 'name' };

/** What was talked of before the last message: its newest sentence of the matter. */
function topicOf(telling: Matter['telling']): string {
  const last = telling.at(-1)?.line.seq;
  const before = telling.filter(({ line }) => line.seq !== last);
  // What goes on with something itself is no topic.
  return (before.findLast(({ text }) => !pointsBack(text)) ?? before.at(-1))?.text ?? '';
}

/** What the thoughts of a conversation hang on; the same key, the same thoughts. */
export function thoughtKey(conversation: { readonly id: string; readonly version: number; readonly lastSeq: number }, knowledgeSeq: number, now: EpochMs): string {
  // Deadlines and freshness move on with the clock.
  return `${conversation.id} ${conversation.version} ${conversation.lastSeq} ${knowledgeSeq} ${Math.floor(now / KEPT_MS)}`;
}

const KEPT_MS = 60_000;
