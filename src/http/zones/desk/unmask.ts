import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type, { type Static } from 'typebox';
import type { EpochMs } from '../../../domain/activity.ts';
import { AppError } from '../../../domain/errors.ts';
import { maskText } from '../../../domain/masking.ts';
import type { Repositories } from '../../../store/contract.ts';
import type { Signed } from './auth.ts';
import type { DeskDeps } from './index.ts';
import { IdParams, UnmaskBody } from './schemas.ts';
import { departmentOf, requireSeen } from './scope.ts';

/** How long an unmasked identity may stay on a screen. */
const SHOWN_MS = 60_000;

export const Unmasked = Type.Object({ phone: Type.Union([Type.String(), Type.Null()]), name: Type.Union([Type.String(), Type.Null()]), shownUntil: Type.Number() });

export interface UnmaskGiven {
  readonly citizenId: string;
  readonly by: Signed;
  readonly purpose: string;
  readonly note?: string | undefined;
  readonly now: EpochMs;
}

/**
 * Number and name in clear, and a row in the trail in the same transaction.
 * @throws AppError `citizen.no_purpose`, `citizen.not_found`
 */
export async function unmask(repos: Repositories, { citizenId, by, purpose, note, now }: UnmaskGiven): Promise<Static<typeof Unmasked>> {
  if (purpose.trim().length < 2) throw new AppError('citizen.no_purpose', 'a purpose is needed', { status: 400, citizenText: '请选择查看原因。' });
  // The trail is never edited, so what is typed into the note must not carry the number it asks for.
  const why = maskText([purpose, note].map((part) => part?.trim() ?? '').filter((part) => part !== '').join('：')).text;
  const found = await repos.citizens.reveal(citizenId);
  if (found === null) throw new AppError('citizen.not_found', 'no such citizen', { status: 404, citizenText: '没有找到。' });
  await repos.trail.append({ at: now, actor: `seat:${by.seat.id}`, action: 'identity.unmasked', subject: `citizen:${citizenId}`, purpose: why });
  return { phone: found.phone, name: found.name, shownUntil: now + SHOWN_MS };
}

/** By a ticket, for those who must call the citizen about it. */
export function unmaskRoutes(deps: DeskDeps): FastifyPluginAsyncTypebox {
  const { context } = deps;
  return async (app) => {
    app.post('/api/tickets/:id/unmask', {
      config: { departments: true },
      schema: { tags: ['tickets'], summary: 'See number and name of a ticket’s citizen, with a purpose that stays in the trail', params: IdParams, body: UnmaskBody, response: { 200: Unmasked } },
    }, async (request, reply) => {
      const by = deps.signed(request);
      void reply.header('cache-control', 'no-store');
      return context.store.write(async (repos) => {
        const ticket = requireSeen(by, await repos.tickets.get(request.params.id));
        const department = departmentOf(by);
        // Who assists reads the matter; who leads calls the citizen. GB/T 33358: whoever asked for confidentiality is called by the hotline alone.
        if (department !== null && (ticket.departmentId !== department || ticket.confidential)) {
          throw new AppError('ticket.identity_closed', 'this identity is not for the department', { status: 403, citizenText: ticket.confidential ? '市民要求保密，请通过热线联系。' : '只有主办单位可以查看联系方式。' });
        }
        return unmask(repos, { citizenId: ticket.citizenId, by, ...request.body, now: context.now() });
      });
    });
  };
}
