import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type, { type Static } from 'typebox';
import { outlineFlow, placeOf, type FlowOutline } from '../../../dialog/outline.ts';
import type { DialogEvent, DialogFacts, DialogState } from '../../../dialog/types.ts';
import { LocaleSchema, ModalitySchema } from '../../../domain/activity.ts';
import { beijingDay } from '../../../domain/clock.ts';
import { AppError } from '../../../domain/errors.ts';
import type { JsonValue } from '../../../domain/json.ts';
import { DRAFTING_ROLES } from '../../../tickets/catalogue/work.ts';
import { requireRole } from './auth.ts';
import { dryResult, effectText } from './flow-words.ts';
import type { DeskDeps } from './index.ts';

/** Flows to be read, and to be tried: the running engine with the knowledge of the moment, and no effect on anything. They are edited as files. */

const shape = { additionalProperties: false };
const Text = Type.Union([Type.String(), Type.Null()]);
const FlowRow = Type.Object({ id: Type.String(), title: Type.String(), about: Type.String(), path: Type.String(), aside: Type.Boolean(), interrupts: Type.Boolean(), triggers: Type.Integer(), slots: Type.Integer(), steps: Type.Integer() });
const Part = Type.Object({ name: Type.String(), title: Type.String(), line: Type.Integer(), lines: Type.Array(Type.Object({ label: Type.String(), text: Type.String() })), links: Type.Array(Type.Object({ label: Type.String(), to: Type.String(), other: Type.Boolean() })) });
const FlowView = Type.Object({
  id: Type.String(), title: Type.String(), about: Type.String(), path: Type.String(), aside: Type.Boolean(), interrupts: Type.Boolean(), inherit: Type.Array(Type.String()), cancel: Text,
  triggers: Type.Array(Part), slots: Type.Array(Part), steps: Type.Array(Part), source: Type.String(), usedBy: Type.Array(Type.String()),
});
/** One shape for all: a checker that takes away what is unknown would take it from the branch that knows it. */
const EventSchema = Type.Object(
  {
    type: Type.Union([Type.Literal('enter'), Type.Literal('silence'), Type.Literal('message'), Type.Literal('begin')]),
    /** Of a message. */
    text: Type.Optional(Type.String({ maxLength: 2_000 })),
    keys: Type.Optional(Type.String({ pattern: '^[0-9*#]{1,20}$' })),
    /** Which flow begins. */
    flow: Type.Optional(Type.String({ maxLength: 40 })),
  },
  shape,
);
const TryBody = Type.Object(
  {
    /** As it was answered before, unread; absent: a new talk. */
    state: Type.Optional(Type.String({ maxLength: 200_000 })),
    event: EventSchema,
    modality: Type.Optional(ModalitySchema),
    channel: Type.Optional(Type.String({ pattern: '^[a-z0-9-]{1,40}$' })),
    locale: Type.Optional(LocaleSchema),
    seatsOnline: Type.Optional(Type.Integer({ minimum: 0, maximum: 10_000 })),
    /** Inside the hours of seats and of departments; absent: as it is now. */
    seatHoursOpen: Type.Optional(Type.Boolean()),
    officeHoursOpen: Type.Optional(Type.Boolean()),
    /** Name of an enterprise that is talked as. */
    enterprise: Type.Optional(Type.String({ maxLength: 80 })),
    /** What actions answer: as if there were such a ticket (true), or none. */
    found: Type.Optional(Type.Boolean()),
  },
  shape,
);
const Said = Type.Object({ text: Type.String(), speak: Text, choices: Type.Array(Type.Object({ title: Type.String(), key: Text, value: Type.Unknown() })), source: Text });
const TryStep = Type.Union([Type.Object({ kind: Type.Literal('say'), said: Said }), Type.Object({ kind: Type.Literal('effect'), what: Type.String(), text: Type.String() })]);
const TryAnswer = Type.Object({
  state: Type.String(),
  /** What the citizen would get and what would happen, in order. */
  steps: Type.Array(TryStep),
  place: Type.Object({ frames: Type.Array(Type.Object({ flow: Type.String(), step: Type.String(), asked: Text, slots: Type.Array(Type.Object({ name: Type.String(), value: Type.String() })) })), waiting: Type.Boolean(), emergency: Text, ended: Type.Boolean(), locale: Type.String() }),
  program: Type.String(),
});

/** Actions in one turn, as in a real one. */
const MAX_ACTIONS = 5;
const tags = ['flows'];

/** Texts of the flows that run; for the page that shows them. */
export interface FlowTexts {
  readonly flows: readonly { readonly path: string; readonly text: string }[];
}

export function flowRoutes(deps: DeskDeps): FastifyPluginAsyncTypebox {
  const { context } = deps;
  let outlines: readonly { readonly outline: FlowOutline; readonly text: string }[] | null = null;
  // Made when somebody first asks: a start should not wait for it.
  const all = () => {
    outlines ??= (deps.flows?.flows ?? []).flatMap((source) => {
      const outline = outlineFlow(source);
      return outline === null ? [] : [{ outline, text: source.text }];
    });
    return outlines;
  };
  return async (app) => {
    app.get('/api/flows', { schema: { tags, summary: 'Flows, and the version of the program that runs', response: { 200: Type.Object({ flows: Type.Array(FlowRow), program: Type.String() }) } } }, async (request) => {
      requireRole(deps.signed(request), DRAFTING_ROLES);
      return {
        flows: all().map(({ outline: { id, title, about, path, aside, interrupts, triggers, slots, steps } }) => ({ id, title, about, path, aside, interrupts, triggers: triggers.length, slots: slots.length, steps: steps.length })),
        program: context.dialog.start().programVersion,
      };
    });

    app.get('/api/flows/:id', { schema: { tags, summary: 'One flow as an outline, and its file', params: Type.Object({ id: Type.String({ maxLength: 60 }) }), response: { 200: FlowView } } }, async (request) => {
      requireRole(deps.signed(request), DRAFTING_ROLES);
      const found = all().find(({ outline }) => outline.id === request.params.id);
      if (found === undefined) throw new AppError('flow.not_found', 'no such flow', { status: 404, citizenText: '没有这个流程。' });
      const { outline, text } = found;
      const part = (given: FlowOutline['steps'][number]) => ({ ...given, lines: [...given.lines], links: [...given.links] });
      const usedBy = all().filter(({ outline: other }) => other.steps.some(({ links }) => links.some((link) => link.other && link.to.split('.')[0] === outline.id))).map(({ outline: other }) => other.id);
      return { ...outline, inherit: [...outline.inherit], triggers: outline.triggers.map(part), slots: outline.slots.map(part), steps: outline.steps.map(part), source: text, usedBy };
    });

    app.post('/api/flows/try', {
      bodyLimit: 256 * 1024,
      schema: {
        tags, summary: 'One turn of a talk that has no effect: nothing is stored, actions are assumed', body: TryBody, response: { 200: TryAnswer },
        description: 'The running flows and the knowledge of the moment. `state` is given back as it was answered; it lives nowhere else. Actions answer as if they had been done, marked as assumed.',
      },
    }, async (request) => {
      requireRole(deps.signed(request), DRAFTING_ROLES);
      const { state, event, modality = 'text', channel = modality === 'voice' ? 'phone' : 'webchat', locale = 'zh-CN', seatsOnline = 1, enterprise = null, found = true } = request.body;
      const now = context.now();
      const today = beijingDay(now);
      const facts: DialogFacts = {
        now, modality, channel, locale, seatsOnline, enterprise, knownPhoneLast4: null, visitNumber: null,
        seatHoursOpen: request.body.seatHoursOpen ?? context.clock.isSeatOpen(now),
        officeHoursOpen: request.body.officeHoursOpen ?? context.clock.isOfficeOpen(now),
        match: (question, options) => context.knowledge.matcher.match(question, { ...options, context: { ...options?.context, today } }),
        entry: context.knowledge.entry,
        suggestItems: (text) => context.suggestItems(text, enterprise === null ? undefined : 'enterprise'),
      };
      const steps: Static<typeof TryStep>[] = [];
      // A state of nothing begins in the language that is asked for.
      let at = state === undefined ? { ...context.dialog.start(), data: {} } : opened(state, context.dialog.restore);
      let next: DialogEvent | null = eventOf(event);
      for (let actions = 0; next !== null && actions <= MAX_ACTIONS; actions += 1) {
        const step = context.dialog.advance(at, next, facts);
        at = step.state;
        next = null;
        for (const effect of step.effects) {
          if (effect.kind === 'say') {
            steps.push({ kind: 'say', said: { text: effect.text, speak: effect.speak ?? null, choices: (effect.choices ?? []).map(({ title, key, value }) => ({ title, key: key ?? null, value })), source: effect.source?.title ?? null } });
            continue;
          }
          const text = effectText(effect);
          if (text !== null) steps.push({ kind: 'effect', what: effect.kind, text });
          if (effect.kind !== 'action') continue;
          const result = dryResult(effect, found);
          steps.push({ kind: 'effect', what: 'dry', text: result.text });
          next = { type: 'result', action: effect.action, ok: result.ok, data: result.data };
        }
      }
      const place = placeOf(at);
      return {
        state: sealed(at), steps, program: at.programVersion,
        place: { ...place, frames: place.frames.map(({ slots, ...frame }) => ({ ...frame, slots: Object.entries(slots).map(([name, value]) => ({ name, value: slotText(value) })) })) },
      };
    });
  };
}

function eventOf({ type, text = '', keys, flow = '' }: Static<typeof EventSchema>): DialogEvent {
  switch (type) {
    case 'message':
      return { type, text, attachments: 0, ...(keys === undefined ? {} : { keys }) };
    case 'begin':
      return { type, flow };
    case 'enter':
    case 'silence':
      return { type };
  }
}

/** A town by its name, a time and a place in the words they were said in. */
function slotText(value: JsonValue): string {
  if (typeof value === 'string') return value;
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return JSON.stringify(value);
  const { spoken, name, place } = value;
  return [spoken, name, place].find((word) => typeof word === 'string' && word !== '')?.toString() ?? JSON.stringify(value);
}

const sealed = (state: DialogState): string => Buffer.from(JSON.stringify(state)).toString('base64url');

/** @throws AppError `flow.bad_state`; a state of another shape begins afresh, as a stored one would */
function opened(text: string, restore: (stored: JsonValue) => DialogState): DialogState {
  try {
    const value: JsonValue = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    return restore(value);
  } catch {
    throw new AppError('flow.bad_state', 'the state cannot be read', { status: 400, citizenText: '试跑的状态读不出来，请重新开始。' });
  }
}
