import type { JsonObject } from '../domain/json.ts';
import { holds } from './conditions.ts';
import { isKnown } from './consult.ts';
import { decide, isQuestion, type Decision } from './decide.ts';
import { coverage, wordsSaid, type Message } from './listen.ts';
import { patternsFor } from './patterns.ts';
import type { Flow, Program, Trigger } from './program.ts';
import { PATTERN_TEXT_LIMIT } from './safe-pattern.ts';
import { viewOf, type Turn } from './turn.ts';
import { createVocabulary, onceFor } from './word-index.ts';

/** A flow that a message begins. */
export interface Route {
  readonly flow: Flow;
  readonly start: string;
  /** Slots out of `set` and of a pattern's named groups. */
  readonly slots: JsonObject;
  /** Share of the message that the phrase makes up; 1 for patterns and keys. */
  readonly coverage: number;
}

/** A phrase that must be “the whole message” may leave this much over. */
const WHOLE = 0.5;

/** Triggers whose phrases a message says, with the largest share that one makes up; looked for once a message. */
const phrasesSaid = onceFor((program: Program) => {
  const owners = new Map<string, Trigger[]>();
  for (const trigger of program.triggers) for (const phrase of new Set(trigger.phrases)) owners.set(phrase, [...(owners.get(phrase) ?? []), trigger]);
  const vocabulary = createVocabulary(owners.keys());
  return onceFor((message: Message): ReadonlyMap<Trigger, number> => {
    const shares = new Map<Trigger, number>();
    for (const phrase of wordsSaid(message, vocabulary)) {
      const share = coverage(message, phrase);
      for (const trigger of owners.get(phrase) ?? []) shares.set(trigger, Math.max(share, shares.get(trigger) ?? 0));
    }
    return shares;
  });
});

/**
 * Which flow does a message begin? The strongest trigger wins: priority first, then how much of the message its phrase
 * makes up. Null when nothing fits; the caller asks the knowledge base then.
 */
export function findRoute(turn: Turn, message: Message, accept: (flow: Flow, hit: Hit) => boolean = () => true): Route | null {
  let decision: Decision | null = null;
  const decided = (): Decision => (decision ??= decide(message, turn.program, turn.facts, turn.context));
  const known = answers(turn, message);
  const view = viewOf(turn, null);
  const shares = phrasesSaid(turn.program)(message);
  let best: { trigger: Trigger; hit: Hit; flow: Flow } | null = null;
  for (const trigger of turn.program.triggers) {
    if (best !== null && trigger.priority < best.trigger.priority) break;
    const flow = turn.program.flows.get(trigger.flow);
    if (flow === undefined || !holds(trigger.when, view)) continue;
    const hit = hitOf(turn, trigger, message, shares.get(trigger) ?? 0, decided);
    if (hit === null || (best !== null && hit.coverage <= best.hit.coverage)) continue;
    if (!accept(flow, hit) || (trigger.yields && known())) continue;
    best = { trigger, hit, flow };
  }
  if (best === null) return null;
  const { trigger, hit, flow } = best;
  return { flow, start: trigger.start ?? flow.first, slots: { ...hit.slots, ...trigger.set }, coverage: hit.coverage };
}

/** The message is a question the knowledge base can answer. Asked at most once a message. */
export function answers(turn: Turn, message: Message): () => boolean {
  let known: boolean | null = null;
  return () => (known ??= isQuestion(message, turn.program) && isKnown(turn, message.text));
}

export interface Hit {
  readonly coverage: number;
  readonly slots: JsonObject;
  readonly by: 'phrase' | 'pattern' | 'key' | 'signal' | 'item';
}

function hitOf(turn: Turn, trigger: Trigger, message: Message, share: number, decided: () => Decision): Hit | null {
  if (message.keys !== null && trigger.keys.includes(message.keys)) return { coverage: 1, slots: {}, by: 'key' };
  if (share >= (trigger.whole ? WHOLE : Number.MIN_VALUE)) return { coverage: share, slots: {}, by: 'phrase' };
  const text = message.plain.slice(0, PATTERN_TEXT_LIMIT);
  const worth = patternsFor(turn.program, message);
  for (const pattern of trigger.patterns) {
    if (!worth.has(pattern)) continue;
    const found = pattern.exec(text);
    if (found === null) continue;
    const part = Math.min(1, found[0].length / Math.max(1, text.length));
    if (trigger.whole && part < WHOLE) continue;
    const groups = Object.entries(found.groups ?? {}).filter((entry): entry is [string, string] => typeof entry[1] === 'string' && entry[1].trim() !== '');
    return { coverage: part, slots: Object.fromEntries(groups), by: 'pattern' };
  }
  if (trigger.signals.length > 0) {
    const { kind } = decided();
    if (kind !== 'unclear' && trigger.signals.includes(kind)) return { coverage: Number.MIN_VALUE, slots: {}, by: 'signal' };
  }
  if (trigger.items.length > 0 && decided().kind === 'trouble') {
    const top = turn.facts.suggestItems(text)[0];
    if (top !== undefined && top.score >= turn.program.dialog.itemScore && trigger.items.some((item) => matchesItem(item, top.code))) return { coverage: Number.MIN_VALUE, slots: {}, by: 'item' };
  }
  return null;
}

const matchesItem = (wanted: string, code: string): boolean => (wanted.endsWith('.*') ? code.startsWith(wanted.slice(0, -1)) : code === wanted);
