import { AppError } from '../../../domain/errors.ts';

/** A page of another origin must not ride on somebody's cookie. Programs send no Origin. @throws AppError `desk.origin` */
export function requireOwnOrigin(publicUrl: string, origin: string | undefined, host: string): void {
  if (origin === undefined) return;
  const allowed = [new URL(publicUrl).origin, `http://${host}`, `https://${host}`];
  if (!allowed.includes(origin)) throw new AppError('desk.origin', 'socket from another origin', { status: 403, citizenText: '来源不被允许。' });
}
