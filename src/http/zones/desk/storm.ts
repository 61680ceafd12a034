import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import { AppError } from '../../../domain/errors.ts';
import type { StormPin } from '../../../domain/storm.ts';
import { requireRole } from './auth.ts';
import type { DeskDeps } from './index.ts';
import { StormHistory, StormMode, stormMode } from './storm-schemas.ts';

/** Storm mode at the desk: how it stands and why, and a supervisor's hand on it. The matters themselves are answered under /api/storms. */

const LEADERS = ['supervisor', 'administrator'] as const;
const MINUTE_MS = 60_000;
const PinBody = Type.Object({ level: Type.Integer({ minimum: 0, maximum: 9 }), minutes: Type.Optional(Type.Integer({ minimum: 1, maximum: 24 * 60 })) }, { additionalProperties: false });
const DEFAULT_MINUTES = 60;

export function stormRoutes(deps: DeskDeps): FastifyPluginAsyncTypebox {
  const { context, storm } = deps;
  const tags = ['storm'];
  return async (app) => {
    // A house without storm mode has no such routes.
    if (storm === undefined) return;
    const shown = () => context.store.read(async (repos) => ({ storm: await stormMode(context, storm, repos, context.now()), history: storm.view().history.map((change) => ({ ...change, cause: change.cause === null ? null : { ...change.cause } })) }));

    app.get('/api/storm', { schema: { tags, summary: 'Storm mode: level, why, what is given up, matters that are gathered', response: { 200: Type.Object({ storm: StormMode, history: StormHistory }) } } }, shown);

    const Answer = Type.Object({ storm: StormMode, history: StormHistory });
    const set = async (by: string, pin: StormPin | null, purpose: string | null) => {
      await context.store.write(async (repos) => {
        await storm.pin(repos, pin);
        await repos.trail.append({ at: context.now(), actor: by, action: pin === null ? 'storm.unpinned' : 'storm.pinned', subject: pin === null ? 'storm' : `storm:${pin.level}`, purpose });
      });
      await storm.pinned();
      return shown();
    };

    app.post('/api/storm/pin', { schema: { tags, summary: 'Set the level by hand for a while', body: PinBody, response: { 200: Answer } } }, async (request) => {
      const signed = deps.signed(request);
      requireRole(signed, LEADERS);
      const { level, minutes = DEFAULT_MINUTES } = request.body;
      const { levels } = storm.settings.rules;
      if (level > levels.length) throw new AppError('storm.no_level', 'there is no such level', { status: 400, citizenText: `高峰级别是 0 到 ${levels.length}。` });
      const by = `seat:${signed.seat.id}`;
      return set(by, { level, until: context.now() + minutes * MINUTE_MS, by }, `${minutes} min`);
    });

    app.delete('/api/storm/pin', { schema: { tags, summary: 'The figures decide again', response: { 200: Answer } } }, async (request) => {
      const signed = deps.signed(request);
      requireRole(signed, LEADERS);
      return set(`seat:${signed.seat.id}`, null, null);
    });
  };
}
