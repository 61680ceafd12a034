import Fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LAZY_SCHEMAS, useLazySchemas, type LazySchemas } from '../../src/http/plugins/lazy-schemas.ts';
import { openApp } from '../support/desk.ts';
import { openIntake } from '../support/intake.ts';

const BODY = { type: 'object', required: ['count'], properties: { count: { type: 'integer', minimum: 1 }, kind: { type: 'string', default: 'plain' } }, additionalProperties: false };
const ANSWER = { type: 'object', properties: { shown: { type: 'integer' } } };

function addRoute(app: FastifyInstance): void {
  app.post('/things', { schema: { body: BODY, response: { 200: ANSWER } } }, async (request) => ({ shown: 7, hidden: 'never', got: request.body }));
  app.post('/echo', { schema: { body: BODY } }, async (request) => request.body);
}

describe('shapes that are compiled when they are needed', () => {
  let lazy: FastifyInstance;
  let plain: FastifyInstance;
  let schemas: LazySchemas;
  beforeEach(async () => {
    lazy = Fastify();
    plain = Fastify();
    schemas = await useLazySchemas(lazy);
    for (const app of [lazy, plain]) {
      addRoute(app);
      await app.ready();
    }
  });
  afterEach(async () => {
    await lazy.close();
    await plain.close();
  });

  it('waits with all of them, and compiles a route’s own when it is asked', async () => {
    expect(schemas.waiting()).toBe(3);
    await lazy.inject({ method: 'POST', url: '/echo', payload: { count: 1 } });
    expect(schemas.waiting()).toBe(2);
    await lazy.inject({ method: 'POST', url: '/echo', payload: { count: 2 } });
    expect(schemas.waiting()).toBe(2);
  });

  it.each([{ count: 1 }, { count: '3' }, { count: 0 }, {}, { count: 1, kind: 5 }, { count: 1, more: true }, { count: null }, []].map((payload) => [JSON.stringify(payload), payload] as const))('answers as Fastify does: %s', async (_name, payload) => {
    for (const url of ['/things', '/echo']) {
      for (let time = 0; time < 2; time += 1) {
        const [a, b] = await Promise.all([lazy, plain].map((app) => app.inject({ method: 'POST', url, payload })));
        expect([a?.statusCode, a?.body]).toEqual([b?.statusCode, b?.body]);
      }
    }
  });

  it('can be told to compile the rest, one at a time', async () => {
    let compiled = 0;
    while (schemas.compileNext()) compiled += 1;
    expect([compiled, schemas.waiting(), schemas.compileNext()]).toEqual([3, 0, false]);
    expect((await lazy.inject({ method: 'POST', url: '/things', payload: { count: 1 } })).json()).toEqual({ shown: 7 });
  });

  it('tells of a shape that cannot be compiled when it is tried, and goes on with the others', async () => {
    const app = Fastify();
    const late = await useLazySchemas(app);
    app.post('/broken', { schema: { body: { type: 'no such type' } } }, async () => ({}));
    addRoute(app);
    await app.ready();
    expect(() => late.compileNext()).toThrow();
    expect([late.compileNext(), late.compileNext(), late.compileNext(), late.compileNext()]).toEqual([true, true, true, false]);
    expect((await app.inject({ method: 'POST', url: '/broken', payload: {} })).statusCode).toBe(500);
    await app.close();
  });
});

describe('every shape of the gateway', () => {
  it('can be compiled', async () => {
    const intake = await openIntake();
    const app = await openApp(intake);
    const schemas = app.getDecorator<LazySchemas>(LAZY_SCHEMAS);
    let compiled = 0;
    while (schemas.compileNext()) compiled += 1;
    expect(compiled).toBeGreaterThan(100);
    await app.close();
    await intake.close();
  });
});
