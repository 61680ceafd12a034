import type { Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { TicketKindSchema } from '../domain/config-files.ts';
import type { JsonObject, JsonValue } from '../domain/json.ts';
import type { ActionEffect } from './types.ts';

/**
 * The named actions a flow may ask for: arguments it gives, fields its result brings, error codes it may branch on.
 * The shapes are those of `ActionEffect` in types.ts.
 */
export interface ActionSpec {
  readonly args: Readonly<Record<string, 'needed' | 'optional'>>;
  readonly results: readonly string[];
  readonly errors: readonly string[];
}

const CHECKED = ['ticket.not_found', 'ticket.check_failed', 'ticket.too_many_tries'];
const TICKET = [
  'number', 'numberText', 'numberSpoken', 'state', 'stateText', 'kind', 'title', 'department', 'deadlineText', 'openedText', 'lastEventText', 'urges', 'resultText',
  'progressText', 'progressVoice', 'open', 'merged', 'canUrge', 'canWithdraw', 'canReopen', 'canRate',
];
const MOVED = [...CHECKED, 'ticket.follows', 'ticket.conflict'];

export const ACTIONS: Readonly<Record<ActionEffect['action'], ActionSpec>> = {
  'ticket.open': {
    args: { ticketKind: 'needed', content: 'needed', place: 'optional', town: 'optional', happened: 'optional', phone: 'optional', name: 'optional', confidential: 'optional', callback: 'optional', itemCode: 'optional' },
    results: ['number', 'department', 'deadlineText', 'numberSpoken'],
    errors: [],
  },
  'ticket.find': { args: { number: 'needed', phoneLast4: 'needed' }, results: TICKET, errors: CHECKED },
  'ticket.mine': { args: {}, results: ['tickets', 'count', 'only'], errors: [] },
  'ticket.supplement': { args: { number: 'needed', phoneLast4: 'needed', text: 'needed' }, results: [...TICKET, 'files'], errors: [...CHECKED, 'ticket.finished', 'ticket.conflict'] },
  'ticket.urge': { args: { number: 'needed', phoneLast4: 'needed' }, results: [...TICKET, 'counted'], errors: [...CHECKED, 'ticket.finished', 'ticket.conflict'] },
  'ticket.withdraw': { args: { number: 'needed', phoneLast4: 'needed', reason: 'optional' }, results: TICKET, errors: [...MOVED, 'ticket.withdraw_too_late'] },
  'ticket.reopen': { args: { number: 'needed', phoneLast4: 'needed', reason: 'optional' }, results: TICKET, errors: [...MOVED, 'ticket.still_open', 'ticket.reopen_too_late', 'ticket.not_taken'] },
  'ticket.rate': { args: { number: 'needed', phoneLast4: 'needed', process: 'optional', solved: 'optional', reason: 'optional' }, results: TICKET, errors: [...MOVED, 'ticket.not_finished', 'ticket.answer_incomplete', 'ticket.reopen_too_late', 'ticket.not_taken'] },
  'ticket.visit': { args: {}, results: TICKET, errors: ['visit.none'] },
  'call.about': { args: { next: 'optional' }, results: [...TICKET, 'purpose', 'words', 'times'], errors: ['call.none'] },
  'call.note': { args: { question: 'optional', answer: 'optional', outcome: 'optional' }, results: [], errors: ['call.none'] },
  'call.answer': { args: { process: 'optional', solved: 'optional', reason: 'optional' }, results: TICKET, errors: ['call.none', 'ticket.follows', 'ticket.conflict', 'ticket.not_finished', 'ticket.answer_incomplete', 'ticket.reopen_too_late', 'ticket.not_taken'] },
  'call.stop': { args: {}, results: [], errors: [] },
};

export const isActionName = (name: string): name is ActionEffect['action'] => Object.hasOwn(ACTIONS, name);

const KindCheck = Compile(TicketKindSchema);
const asText = (args: JsonObject, name: string): string | null => {
  const value = args[name];
  return typeof value === 'string' && value !== '' ? value : null;
};

/** A choice keeps its value as text. */
const GRADES: ReadonlyMap<string, 1 | 2 | 3 | 4 | 5> = new Map([['1', 1], ['2', 2], ['3', 3], ['4', 4], ['5', 5]]);
const asGrade = (value: JsonValue | undefined): 1 | 2 | 3 | 4 | 5 | null => (typeof value === 'string' || typeof value === 'number' ? (GRADES.get(String(value)) ?? null) : null);

/** How a call of ours stands. */
const OUTCOMES = ['reached', 'refused', 'later', 'other', 'silent'] as const;
/** An answer as it is kept: a yes-no slot holds a boolean. */
const asAnswer = (value: JsonValue | undefined): string | null => (typeof value === 'string' && value !== '' ? value : typeof value === 'boolean' || typeof value === 'number' ? String(value) : null);

/** What the engine adds to `ticket.open` by itself. */
export interface OpenExtras {
  readonly townId: string | null;
  readonly itemCode: string | null;
  readonly urgency: 'normal' | 'urgent' | 'emergency';
}

/** Builds the typed effect out of a flow's arguments. Texts stay as said; nothing is made up. */
export function buildAction(action: ActionEffect['action'], args: JsonObject, extras: OpenExtras): ActionEffect {
  const number = asText(args, 'number') ?? '';
  const phoneLast4 = asText(args, 'phoneLast4') ?? '';
  switch (action) {
    case 'ticket.find':
    case 'ticket.urge':
      return { kind: 'action', action, args: { number, phoneLast4 } };
    case 'ticket.supplement':
      return { kind: 'action', action, args: { number, phoneLast4, text: asText(args, 'text') ?? '' } };
    case 'ticket.withdraw':
    case 'ticket.reopen':
      return { kind: 'action', action, args: { number, phoneLast4, reason: asText(args, 'reason') ?? (action === 'ticket.withdraw' ? '市民要求撤回' : '市民反馈问题没有解决') } };
    case 'ticket.rate':
      return { kind: 'action', action, args: { number, phoneLast4, process: asGrade(args['process']), solved: typeof args['solved'] === 'boolean' ? args['solved'] : null, reason: asText(args, 'reason') } };
    case 'call.about':
      return { kind: 'action', action, args: { next: args['next'] === true } };
    case 'call.note':
      return { kind: 'action', action, args: { question: asText(args, 'question'), answer: asAnswer(args['answer']), outcome: OUTCOMES.find((known) => known === args['outcome']) ?? null } };
    case 'call.answer':
      return { kind: 'action', action, args: { process: asGrade(args['process']), solved: typeof args['solved'] === 'boolean' ? args['solved'] : null, reason: asText(args, 'reason') } };
    case 'call.stop':
      return { kind: 'action', action, args: {} };
    case 'ticket.visit':
      return { kind: 'action', action, args: {} };
    case 'ticket.mine':
      return { kind: 'action', action, args: {} };
    case 'ticket.open': {
      const content = asText(args, 'content') ?? '';
      const kind = args['ticketKind'];
      const ticketKind: Static<typeof TicketKindSchema> = KindCheck.Check(kind) ? kind : '求助';
      return {
        kind: 'action',
        action,
        args: {
          ticketKind,
          itemCode: asText(args, 'itemCode') ?? extras.itemCode,
          title: titleOf(content),
          content,
          townId: extras.townId,
          place: asText(args, 'place'),
          happened: asText(args, 'happened'),
          phone: asText(args, 'phone'),
          name: asText(args, 'name'),
          urgency: extras.urgency,
          confidential: args['confidential'] === true,
          callback: args['callback'] === true,
        },
      };
    }
  }
}

const TITLE_LENGTH = 30;

/** The first clause that says something, cut to a line of a list. */
export function titleOf(content: string): string {
  const clauses = content.split(/[。！？!?；;\n]/).map((part) => part.trim()).filter((part) => part !== '');
  let title = clauses.find((part) => part.length >= 4) ?? clauses[0] ?? content.trim();
  if (title.length > TITLE_LENGTH) title = `${title.slice(0, TITLE_LENGTH - 1)}…`;
  return title;
}
