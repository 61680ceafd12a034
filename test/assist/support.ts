import { fileURLToPath } from 'node:url';
import { loadAssistRules } from '../../src/assist/rules.ts';
import { type Mind, thinkOf } from '../../src/assist/think.ts';
import type { Line, Thoughts, Told } from '../../src/assist/types.ts';
import { loadCity } from '../../src/config/city.ts';
import { readFlowTexts } from '../../src/config/flows.ts';
import { compileOrThrow } from '../../src/dialog/compile.ts';
import { createLegalClock } from '../../src/domain/legal-clock.ts';
import { foldText } from '../../src/domain/text.ts';
import { createDialog } from '../../src/intake/dialog.ts';
import { toMatchEntry } from '../../src/intake/knowledge.ts';
import { createItemSuggester, createMatcher } from '../../src/matcher/index.ts';
import { matcherWords } from '../../src/wiring/knowledge.ts';

export const root = fileURLToPath(new URL('../..', import.meta.url));
export const city = loadCity(root);
export const rules = loadAssistRules(root, city)();

/** 2026-11-23 10:00 Beijing, a Monday. */
export const NOW = Date.UTC(2026, 10, 23, 2, 0, 0);

const ROLES = { c: 'citizen', b: 'bot', s: 'seat' } as const;

/** `c: 你好` and the like, one line each, a minute apart; they end at NOW. */
export function talk(...said: readonly string[]): readonly Line[] {
  return said.map((line, index) => {
    const role = line.startsWith('b:') ? ROLES.b : line.startsWith('s:') ? ROLES.s : ROLES.c;
    const text = line.replace(/^[bcs]:\s*/, '');
    return { seq: index + 1, role, text, folded: foldText(text), at: NOW - (said.length - 1 - index) * 60_000, attachments: 0, source: null };
  });
}

export const told = (over: Partial<Told> = {}): Told => ({ modality: 'text', enterprise: false, phoneKnown: false, handoffReason: null, flow: null, slots: [], tickets: [], now: NOW, ...over });

const words = matcherWords(city);
const suggester = createItemSuggester(city.items, words);
const matcher = createMatcher(city.knowledge.map(toMatchEntry), words);
const { emergency } = createDialog(compileOrThrow({ ...readFlowTexts(root), towns: city.towns, lexicon: city.lexicon }));

/** The checkout's own city, knowledge and catalogue. */
export const mind: Mind = {
  rules, city, clock: createLegalClock(city.calendar), matcher, emergencyOf: emergency,
  entryOf: (id) => city.knowledge.find((entry) => entry.id === id) ?? null,
  suggestItems: (text) => suggester.suggest(text),
};

export const thoughtsOn = (...said: readonly string[]): Thoughts => thinkOf(talk(...said), told(), mind);
