import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readFlowTexts } from '../../../src/config/flows.ts';
import { loadCity } from '../../../src/config/city.ts';
import { advance, compileOrThrow, readTranscriptKnowledge, startState, type Knowledge, type Program } from '../../../src/dialog/index.ts';
import type { JsonObject } from '../../../src/domain/json.ts';
import type { ActionEffect, DialogEffect, DialogEvent, DialogFacts, DialogState, SayEffect } from '../../../src/dialog/types.ts';
import type { ProgramSources } from '../../../src/dialog/compile.ts';

export const root = fileURLToPath(new URL('../../..', import.meta.url));

/** The project's own flows, towns and lexicon. */
let sources: ProgramSources | null = null;
export function realSources(): ProgramSources {
  if (sources !== null) return sources;
  const { flows, dialog } = readFlowTexts(root);
  const city = loadCity(root);
  sources = { flows, dialog, towns: city.towns, lexicon: city.lexicon };
  return sources;
}

let program: Program | null = null;
export const realProgram = (): Program => (program ??= compileOrThrow(realSources()));

export function fakeKnowledge(): Knowledge {
  const { knowledge } = readTranscriptKnowledge({ path: 'flows/transcripts.yaml', text: readFileSync(join(root, 'flows', 'transcripts.yaml'), 'utf8') });
  if (knowledge === null) throw new Error('flows/transcripts.yaml does not compile');
  return knowledge;
}

/** Tuesday 24 November 2026, ten in the morning in Beijing; nobody at a seat. */
export const NOON = Date.parse('2026-11-24T10:00:00+08:00');

export function facts(changes: Partial<DialogFacts> = {}): DialogFacts {
  return {
    now: NOON, modality: 'text', channel: 'webchat', locale: 'zh-CN', seatsOnline: 0, seatHoursOpen: true, officeHoursOpen: true, knownPhoneLast4: null,
    ...fakeKnowledge(), ...changes,
  };
}

/** Answers an action as a healthy runner would. */
export function answerOf(action: ActionEffect): DialogEvent {
  const data: JsonObject = action.action === 'ticket.open'
    ? { number: '20261124000013', numberSpoken: '2 0 2 6，1 1 2 4，0 0 0 0，1 3', department: '市城管局', deadlineText: '5个工作日内答复' }
    : { code: 'ticket.not_found' };
  return { type: 'result', action: action.action, ok: action.action === 'ticket.open', data };
}

/** A conversation under test: keeps the state, answers actions, remembers what came out. */
export interface Talk {
  state: DialogState;
  readonly log: DialogEffect[];
  /** Effects of this event and of the results that it led to. */
  send(event: DialogEvent, changes?: Partial<DialogFacts>): DialogEffect[];
  say(text: string, changes?: Partial<DialogFacts>): DialogEffect[];
}

export function talk(changes: Partial<DialogFacts> = {}, using: Program = realProgram()): Talk {
  const base = facts(changes);
  const log: DialogEffect[] = [];
  const one: Talk = {
    state: startState(using, base.locale),
    log,
    send(event, more = {}) {
      const step = advance(using, one.state, event, { ...base, ...more });
      one.state = step.state;
      const effects = [...step.effects];
      for (const effect of step.effects) if (effect.kind === 'action') effects.push(...one.send(answerOf(effect), more));
      log.push(...effects);
      return effects;
    },
    say: (text, more) => one.send({ type: 'message', text, attachments: 0 }, more),
  };
  return one;
}

export const said = (effects: readonly DialogEffect[]): string => effects.filter((effect): effect is SayEffect => effect.kind === 'say').map((effect) => effect.text).join('\n');
export const kinds = (effects: readonly DialogEffect[]): string[] => effects.map((effect) => effect.kind);
export const opened = (effects: readonly DialogEffect[]): Extract<ActionEffect, { action: 'ticket.open' }>['args'] | null => {
  const found = effects.find((effect) => effect.kind === 'action' && effect.action === 'ticket.open');
  return found?.kind === 'action' && found.action === 'ticket.open' ? found.args : null;
};
