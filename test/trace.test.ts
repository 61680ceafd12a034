import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { receive } from '../src/intake/receive.ts';
import { createTracing } from '../src/trace.ts';
import { aMessage, openIntake, type IntakeUnderTest } from './support/intake.ts';

interface Seen {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly attributes: readonly { readonly key: string; readonly value: { readonly stringValue?: string } }[];
}

/** Traces at a collector's side: what really leaves the process by OTLP over HTTP. */
describe('traces of a message', () => {
  let intake: IntakeUnderTest;
  let collector: Server;
  const bodies: string[] = [];

  beforeEach(async () => {
    intake = await openIntake();
    bodies.length = 0;
    collector = createServer((request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (text: string) => void (body += text));
      request.on('end', () => {
        bodies.push(body);
        response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
      });
    });
    await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
  });
  afterEach(async () => {
    await intake.close();
    await new Promise((resolve) => collector.close(resolve));
  });

  const endpoint = (): string => `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
  const spans = (): Seen[] =>
    bodies.flatMap((body) => {
      const parsed: { resourceSpans: { scopeSpans: { spans: Seen[] }[] }[] } = JSON.parse(body);
      return parsed.resourceSpans.flatMap((resource) => resource.scopeSpans.flatMap((scope) => scope.spans));
    });

  it('run from taking it to the last send, across the outbox, and hold no words', async () => {
    const tracing = createTracing(endpoint(), { version: '1.2.3', instance: 'node-1' });
    await intake.startBus();
    await receive({ ...intake.context, trace: tracing.tracer }, aMessage('我的电话13800138000，路灯坏了'));
    await intake.settle();

    await tracing.stop();
    const seen = spans();
    expect(seen.map((span) => span.name).toSorted()).toEqual(['store', 'turn']);
    expect(new Set(seen.map((span) => span.traceId)).size).toBe(1);
    const store = seen.find((span) => span.name === 'store');
    expect(seen.find((span) => span.name === 'turn')?.parentSpanId).toBe(store?.spanId);
    expect(bodies.join('')).not.toMatch(/13800138000|路灯|peer-1/);
    expect(bodies.join('')).toContain('1.2.3');
  });

  it('reach through the outbox to the turn and the send of another process', async () => {
    const tracing = createTracing(endpoint(), { version: '1', instance: 'node-1' });
    const traced = await openIntake({ tracer: tracing.tracer, turnsHere: false });
    try {
      await receive(traced.context, aMessage('路灯坏了'), { answer: false, trace: null });
      await traced.startBus();
      await traced.settle();
    } finally {
      await traced.close();
    }
    await tracing.stop();
    const seen = spans();
    expect(seen.map((span) => span.name).toSorted()).toEqual(['deliver', 'store', 'turn']);
    expect(new Set(seen.map((span) => span.traceId)).size).toBe(1);
    const byName = new Map(seen.map((span) => [span.name, span]));
    expect(byName.get('turn')?.parentSpanId).toBe(byName.get('store')?.spanId);
    expect(byName.get('deliver')?.parentSpanId).toBe(byName.get('turn')?.spanId);
  });

  it('a collector that is away neither holds up nor fails anything', async () => {
    const tracing = createTracing('http://127.0.0.1:9', { version: '1', instance: 'node-1' });
    await intake.startBus();
    const taken = await receive({ ...intake.context, trace: tracing.tracer }, aMessage('你好'));
    expect(taken.status).toBe('accepted');
    await tracing.stop();
  });
});
