import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import { AppError } from '../../../domain/errors.ts';
import { PRESENCE_MS } from '../../../intake/facts.ts';
import { hashPassword, requireRole } from './auth.ts';
import type { DeskDeps } from './index.ts';
import { IdParams, ManagedSeatView, SeatBody, SeatPatch, SeatView } from './schemas.ts';
import { seatView } from './session.ts';

/** Seats: supervisors look, administrators change. Every change leaves a row in the trail. */
export function adminRoutes(deps: DeskDeps): FastifyPluginAsyncTypebox {
  const { context } = deps;
  return async (app) => {
    app.get('/api/seats', { schema: { tags: ['seats'], summary: 'All seats', response: { 200: Type.Object({ seats: Type.Array(ManagedSeatView) }) } } }, async (request) => {
      requireRole(deps.signed(request), ['supervisor', 'administrator']);
      return context.store.read(async (repos) => {
        const online = new Set(await repos.seats.online(context.now() - PRESENCE_MS));
        return { seats: (await repos.seats.list()).map((seat) => ({ ...seatView(seat), active: seat.active, online: online.has(seat.id), createdAt: seat.createdAt })) };
      });
    });

    app.post('/api/seats', { schema: { tags: ['seats'], summary: 'Create a seat', body: SeatBody, response: { 201: Type.Object({ seat: SeatView }) } } }, async (request, reply) => {
      const signed = deps.signed(request);
      requireRole(signed, ['administrator']);
      const { username, displayName, role, password } = request.body;
      const departmentId = role === 'department' ? (request.body.departmentId ?? '') : null;
      if (departmentId !== null && !context.city.departments.some(({ id }) => id === departmentId)) throw new AppError('seat.department_needed', 'the role department needs a known department', { status: 400, citizenText: '承办单位账号须选择所属单位。' });
      const passwordHash = await hashPassword(password);
      const seat = { id: context.newId(), username, displayName, role, departmentId, active: true, createdAt: context.now() };
      await context.store.write(async (repos) => {
        if ((await repos.seats.findByUsername(username)) !== null) throw new AppError('seat.taken', 'this username is taken', { status: 409, citizenText: '这个用户名已被使用。' });
        await repos.seats.create(seat, passwordHash);
        await repos.trail.append({ at: context.now(), actor: `seat:${signed.seat.id}`, action: 'seat.created', subject: `seat:${seat.id}`, purpose: null });
      });
      return reply.status(201).send({ seat: seatView(seat) });
    });

    app.patch('/api/seats/:id', { schema: { tags: ['seats'], summary: 'Change a seat', params: IdParams, body: SeatPatch, response: { 200: Type.Object({ seat: SeatView }) } } }, async (request) => {
      const signed = deps.signed(request);
      requireRole(signed, ['administrator']);
      const { password, ...rest } = request.body;
      // An account of a department stays one: its rights hang on what it belongs to.
      const known = await context.store.read((repos) => repos.seats.get(request.params.id));
      if (known !== null && rest.role !== undefined && (rest.role === 'department') !== (known.role === 'department')) throw new AppError('seat.department_stays', 'a department account cannot become another, nor another one', { status: 409, citizenText: '承办单位账号与坐席账号不能互相转换，请新建账号。' });
      if (request.params.id === signed.seat.id && (rest.active === false || (rest.role !== undefined && rest.role !== 'administrator'))) {
        throw new AppError('seat.self', 'an administrator cannot take away their own rights', { status: 409, citizenText: '不能停用自己或降低自己的权限。' });
      }
      const passwordHash = password === undefined ? undefined : await hashPassword(password);
      const seat = await context.store.write(async (repos) => {
        if ((await repos.seats.get(request.params.id)) === null) throw new AppError('seat.not_found', 'no such seat', { status: 404, citizenText: '没有这个坐席。' });
        await repos.seats.update(request.params.id, { ...rest, ...(passwordHash === undefined ? {} : { passwordHash }) });
        // A deactivated seat, a new password or another role must not live on in old sessions.
        if (rest.active === false || passwordHash !== undefined || rest.role !== undefined) await repos.sessions.removeOfSeat(request.params.id);
        await repos.trail.append({ at: context.now(), actor: `seat:${signed.seat.id}`, action: 'seat.changed', subject: `seat:${request.params.id}`, purpose: null });
        return repos.seats.get(request.params.id);
      });
      if (seat === null) throw new AppError('seat.not_found', 'no such seat', { status: 404 });
      if (rest.active === false || passwordHash !== undefined || rest.role !== undefined) deps.ended.tell({ seatId: seat.id });
      return { seat: seatView(seat) };
    });
  };
}
