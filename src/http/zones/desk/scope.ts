import type { FastifyRequest } from 'fastify';
import { AppError } from '../../../domain/errors.ts';
import type { Ticket } from '../../../domain/ticket.ts';
import type { Mover } from '../../../tickets/move.ts';
import { SYSTEM_SEAT, type Signed } from './auth.ts';

/**
 * What a person (or the system) of an 承办单位 may see: the tickets that it leads or assists, the lists that their forms need, and
 * nothing else. A route is closed to them unless it says `config: { departments: true }`; such a route asks here before it shows a ticket.
 */
declare module 'fastify' {
  interface FastifyContextConfig {
    departments?: boolean;
  }
}

/** The department that somebody belongs to; null: one of the hotline's own. */
export function departmentOf({ seat }: Signed): string | null {
  return seat.role === 'department' ? (seat.departmentId ?? '') : null;
}

/** @throws AppError `desk.forbidden` for a department on a route that is not open to them */
export function requireOpenTo(request: FastifyRequest, signed: Signed): void {
  if (departmentOf(signed) !== null && request.routeOptions.config.departments !== true) {
    throw new AppError('desk.forbidden', 'departments see their tickets and nothing else', { status: 403, citizenText: '承办单位账号没有这项权限。' });
  }
}

/** Leads or assists? The hotline's own see every ticket. */
export function sees(signed: Signed, ticket: Pick<Ticket, 'departmentId' | 'assistIds'>): boolean {
  const department = departmentOf(signed);
  return department === null || ticket.departmentId === department || ticket.assistIds.includes(department);
}

/** @throws AppError `ticket.not_found`, also for one that is there and not theirs: its number alone says nothing */
export function requireSeen(signed: Signed, ticket: Ticket | null): Ticket {
  if (ticket === null || !sees(signed, ticket)) throw new AppError('ticket.not_found', 'no such ticket', { status: 404, citizenText: '没有找到这张工单。' });
  return ticket;
}

/** Somebody who is signed in, as a mover of tickets; a department's person acts for the department. */
export function moverOf({ seat: { id, role, departmentId } }: Signed): Mover {
  return { role, actor: role === 'department' ? { kind: 'department', departmentId: departmentId ?? '', seatId: id.startsWith(SYSTEM_SEAT) ? null : id } : { kind: 'seat', seatId: id } };
}
