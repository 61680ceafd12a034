import { createInterface } from 'node:readline/promises';
import type { CityData } from '../config/city.ts';
import { advance, startState, type Knowledge, type Program } from '../dialog/index.ts';
import type { DialogEffect, DialogEvent, DialogFacts, DialogState } from '../dialog/types.ts';
import type { Locale } from '../domain/activity.ts';
import { beijingDay } from '../domain/clock.ts';
import { openItems } from '../domain/lanes.ts';
import { buildKnowledge } from '../intake/knowledge.ts';
import { createItemSuggester, createMatcher } from '../matcher/index.ts';

/** `npm run flow -- try`: a talk in the terminal. Nothing is stored; tickets are made up. */

/** The knowledge base and the catalogue of config/, as the running gateway has them. */
export function realKnowledge(city: CityData, enterprise = false): Knowledge {
  const words = [...city.lexicon.words, ...city.towns.flatMap((town) => [town.name, town.short]), ...city.departments.flatMap((department) => [department.name, department.short])];
  const { synonyms, dialect, stopWords } = city.lexicon;
  const snapshot = buildKnowledge(city.knowledge, city, beijingDay(Date.now()), (entries) => createMatcher(entries, { words, synonyms, dialect, stopWords }));
  const items = createItemSuggester(enterprise ? city.items : openItems(city.items), { words, synonyms, dialect, stopWords });
  return { match: (question, options) => snapshot.matcher.match(question, options), entry: snapshot.entry, suggestItems: (text) => items.suggest(text) };
}

/** What is shown of an effect that is not said aloud. */
function showEffect(effect: DialogEffect): string | null {
  switch (effect.kind) {
    case 'action':
      return `［动作 ${effect.action} ${JSON.stringify(effect.args)}］`;
    case 'handoff':
      return `［转人工：${effect.reason}］`;
    case 'emergency':
      return `［紧急：${effect.category} ${effect.words.join('、')}］`;
    case 'gap':
      return '［知识库缺口］';
    case 'end':
      return `［结束：${effect.code}］`;
    case 'locale':
      return `［语言：${effect.locale}］`;
    case 'handoffCancelled':
      return '［不再等待人工］';
    default:
      return null;
  }
}

export interface TryOptions {
  readonly voice: boolean;
  /** What the citizen begins to speak; Cantonese has words of its own on the telephone only. */
  readonly locale: Locale;
  readonly flow: string | undefined;
  readonly seats: number;
  /** Name of the enterprise of the register that is to be talked as. */
  readonly enterprise: string | null;
}

export async function talk(program: Program, knowledge: Knowledge, options: TryOptions): Promise<void> {
  let state: DialogState = startState(program, options.locale);
  let tickets = 0;
  const facts = (): DialogFacts => ({
    now: Date.now(), modality: options.voice ? 'voice' : 'text', channel: options.voice ? 'phone' : 'webchat', locale: options.locale,
    seatsOnline: options.seats, seatHoursOpen: true, officeHoursOpen: true, knownPhoneLast4: null, enterprise: options.enterprise, ...knowledge,
  });
  const step = (event: DialogEvent): void => {
    const next = advance(program, state, event, facts());
    state = next.state;
    for (const effect of next.effects) {
      if (effect.kind === 'say') {
        const choices = effect.choices?.map((choice, index) => `${choice.key ?? index + 1} ${choice.title}`).join(' | ');
        process.stdout.write(`机 ${options.voice ? (effect.speak ?? effect.text) : effect.text}${effect.source === undefined ? '' : `（来源：${effect.source.title}）`}${choices === undefined ? '' : `\n   ${choices}`}\n`);
      } else {
        const shown = showEffect(effect);
        if (shown !== null) process.stdout.write(`   ${shown}\n`);
      }
    }
    for (const effect of next.effects) {
      if (effect.kind !== 'action') continue;
      tickets += 1;
      const number = `2026112200${String(tickets).padStart(4, '0')}`;
      const data = { number, numberSpoken: [...number].join(' '), department: '承办单位', deadlineText: '按规定期限答复' };
      step({ type: 'result', action: effect.action, ok: effect.action === 'ticket.open', data: effect.action === 'ticket.open' ? data : { code: 'ticket.not_found' } });
    }
  };
  step({ type: 'enter' });
  if (options.flow !== undefined) {
    const phrase = program.flows.get(options.flow)?.triggers.flatMap((trigger) => trigger.phrases)[0];
    if (phrase !== undefined) step({ type: 'message', text: phrase, attachments: 0 });
  }
  const lines = createInterface({ input: process.stdin, output: process.stdout, prompt: '民 ' });
  lines.prompt();
  for await (const line of lines) {
    if (line.startsWith('#')) step({ type: 'message', text: '', keys: line.slice(1), attachments: 0 });
    else if (line === '' && options.voice) step({ type: 'silence' });
    else if (line !== '') step({ type: 'message', text: line, attachments: 0 });
    lines.prompt();
  }
  lines.close();
}
