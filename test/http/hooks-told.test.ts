import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Channel, HookReading, Told } from '../../src/channel/contract.ts';
import { asAddress, asExternalId } from '../../src/domain/activity.ts';
import { AppError } from '../../src/domain/errors.ts';
import type { IntakeContext } from '../../src/intake/context.ts';
import { openApp } from '../support/desk.ts';
import { aMessage, openIntake, type IntakeUnderTest } from '../support/intake.ts';

/** News of what the house began: kept before the peer is answered, asked for again when that fails. */

const OK = { status: 200, contentType: 'application/json', body: '{"code":0}' } as const;
const told: Told = {
  reports: [{ of: 'notification', key: 'k1', externalId: null, state: 'delivered', code: null, at: null }],
  consents: [{ address: asAddress('peer-1'), template: 'all', grant: 'always', externalId: asExternalId('c1') }],
};

describe('what a peer tells of what we began', () => {
  let intake: IntakeUnderTest;
  let app: FastifyInstance;
  let reading: HookReading;
  let heed: NonNullable<IntakeContext['heed']> | undefined;
  const heard: { readonly told: Told; readonly known: boolean }[] = [];

  beforeEach(async () => {
    heard.length = 0;
    intake = await openIntake();
    const { heed: _none, ...context } = intake.context;
    heed = async (channel, news) => {
      const known = await intake.store.read((repos) => repos.conversations.findByAddress(channel, asAddress('peer-1')));
      heard.push({ told: news, known: known !== null });
    };
    const channel: Channel = { ...intake.push, hooks: [{ method: 'POST', path: '/hooks/push', bodyLimitBytes: 1_000, patienceMs: 0, read: () => reading, encodeReply: () => OK }] };
    app = await openApp({ ...intake, context: Object.defineProperty({ ...context }, 'heed', { get: () => heed }) }, { channels: [channel] });
  });
  afterEach(async () => {
    await app.close();
    await intake.close();
  });
  const post = () => app.inject({ method: 'POST', url: '/hooks/push', headers: { 'content-type': 'application/json' }, payload: '{}' });

  it('is kept before the answer goes out', async () => {
    reading = { kind: 'told', told, reply: OK };
    const answer = await post();
    expect([answer.statusCode, answer.body]).toEqual([200, OK.body]);
    expect(heard).toEqual([{ told, known: false }]);
  });

  it('is asked for again when it cannot be kept, and says nothing of why', async () => {
    reading = { kind: 'told', told, reply: OK };
    for (const fault of [new AppError('store.failed', 'the database is away', { retry: 'later', status: 503 }), new TypeError('13800138000')]) {
      heed = () => Promise.reject(fault);
      const answer = await post();
      expect([answer.statusCode, answer.json<{ error: { code: string } }>().error.code]).toEqual([503, 'outbound.not_stored']);
      expect(answer.body).not.toContain('13800138000');
    }
    heed = undefined;
    expect((await post()).statusCode).toBe(503);
  });

  it('comes with a message: reports before it, consents when it is known whose they are', async () => {
    reading = { kind: 'inbound', activities: [aMessage('你好', { id: 'm1' })], answerWhen: 'stored', told };
    expect((await post()).statusCode).toBe(200);
    expect(heard.map(({ told: { reports, consents }, known }) => [reports.length, consents.length, known])).toEqual([[1, 0, false], [0, 1, true]]);
    expect((await post()).statusCode).toBe(200);
    expect((await intake.rows())['activities']).toBe(1);
  });
});
