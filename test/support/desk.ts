import { hash } from '@node-rs/argon2';
import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import type { Channel } from '../../src/channel/contract.ts';
import { readSettings } from '../../src/config/settings.ts';
import { buildApp } from '../../src/http/app.ts';
import { deskZone } from '../../src/http/zones/desk/index.ts';
import type { HealthProbe } from '../../src/http/zones/health/index.ts';
import type { SeatRole } from '../../src/store/contract.ts';
import type { IntakeUnderTest } from './intake.ts';

export const PASSWORD = 'correct-horse-battery';

/** The HTTP side over an intake under test. */
export async function openApp(intake: IntakeUnderTest, options: { readonly channels?: readonly Channel[]; readonly env?: Record<string, string>; readonly lines?: string[]; readonly webFolder?: string; readonly desk?: Partial<Parameters<typeof deskZone>[0]>; readonly health?: Partial<HealthProbe> } = {}): Promise<FastifyInstance> {
  const logger = options.lines === undefined ? pino({ level: 'silent' }) : pino({ level: 'trace' }, { write: (line: string) => options.lines?.push(line) });
  const app = await buildApp({
    context: intake.context,
    settings: readSettings(options.env ?? {}),
    logger,
    channels: options.channels ?? [],
    webFolder: options.webFolder ?? '/nonexistent',
    desk: deskZone({ context: intake.context, channels: [], publicUrl: 'http://yihu.test', ...options.desk }),
    version: '0.0.0',
    health: { registry: new Registry(), ready: async () => ({}), refresh: async () => {}, ...options.health },
  });
  await app.ready();
  return app;
}

export interface SignedIn {
  readonly seatId: string;
  call(method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', url: string, body?: object, headers?: Record<string, string>): Promise<LightMyRequestResponse>;
  readonly csrf: string;
  readonly cookie: string;
}

/** A seat with a session, made through the real sign-in. */
export async function signIn(app: FastifyInstance, intake: IntakeUnderTest, role: SeatRole = 'seat', departmentId: string | null = null): Promise<SignedIn> {
  const seat = await intake.seat({ role, departmentId });
  await intake.store.write(async (repos) => repos.seats.update(seat.id, { passwordHash: await hashed }));
  const response = await app.inject({ method: 'POST', url: '/api/session', payload: { username: seat.username, password: PASSWORD } });
  if (response.statusCode !== 200) throw new Error(`sign-in answered ${response.statusCode}`);
  const { csrf } = response.json<{ csrf: string }>();
  const cookie = response.cookies[0];
  if (cookie === undefined) throw new Error('no cookie');
  const cookieHeader = `${cookie.name}=${cookie.value}`;
  return {
    seatId: seat.id, csrf, cookie: cookieHeader,
    call: (method, url, body, headers = {}) =>
      app.inject({ method, url, ...(body === undefined ? {} : { payload: body }), headers: { cookie: cookieHeader, 'x-csrf-token': csrf, ...headers } }),
  };
}

// As cheap as argon2 can be: hashes carry their own cost, and every sign-in pays it (test/http/desk.test.ts pays the real one).
// Awaited inside a write it would hold the writers up, so it is ready before.
const hashed = await hash(PASSWORD, { memoryCost: 8, timeCost: 1, parallelism: 1 });
