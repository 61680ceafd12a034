import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openApp } from '../support/desk.ts';
import { openIntake, type IntakeUnderTest } from '../support/intake.ts';

describe('the pages of the API', () => {
  let intake: IntakeUnderTest;
  let app: FastifyInstance;
  beforeEach(async () => {
    intake = await openIntake();
    app = await openApp(intake);
  });
  afterEach(async () => {
    await app.close();
    await intake.close();
  });

  it('show the page, its files and the document that other programs read', async () => {
    const page = await app.inject({ url: '/api/docs/' });
    expect([page.statusCode, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    const script = /src="\.?\/?([^"]*swagger-ui-bundle\.js)"/.exec(page.body)?.[1];
    expect(script).toBeDefined();
    const file = await app.inject({ url: new URL(script ?? '', 'http://yihu.test/api/docs/').pathname });
    expect(file.statusCode).toBe(200);
    expect(file.rawPayload.length).toBeGreaterThan(100_000);
    const document = await app.inject({ url: '/api/docs/json' });
    expect(document.json()).toEqual((await app.inject({ url: '/api/openapi.json' })).json());
    expect(Object.keys(document.json<{ paths: object }>().paths)).toContain('/api/conversations');
  });

  it('are guarded like every other page, and found without the last stroke', async () => {
    const page = await app.inject({ url: '/api/docs' });
    expect(page.statusCode).toBe(200);
    expect(page.headers['x-content-type-options']).toBe('nosniff');
    expect(page.headers['content-security-policy']).toContain("object-src 'none'");
    expect((await app.inject({ url: '/api/docs/static/no-such-file' })).statusCode).toBe(404);
  });
});
