import type { FastifyPluginAsync } from 'fastify';
import type { Registry } from 'prom-client';
import Type from 'typebox';

export interface HealthProbe {
  /** Rejects when the house cannot take messages. */
  readonly ready: () => Promise<Readonly<Record<string, string>>>;
  readonly refresh: () => Promise<void>;
  readonly registry: Registry;
  /** What all processes of this machine measure; absent: this is the only one. */
  readonly gather?: (() => Promise<Registry>) | undefined;
}

/** /healthz: the process lives. /readyz: it can take a message. /metrics: Prometheus text. */
export function healthZone(probe: HealthProbe): FastifyPluginAsync {
  return async (app) => {
    app.get('/healthz', { schema: { tags: ['operations'], response: { 200: Type.Object({ status: Type.Literal('ok') }) } } }, async () => ({ status: 'ok' as const }));

    const Ready = Type.Object({ status: Type.String(), parts: Type.Record(Type.String(), Type.String()) });
    app.get('/readyz', { schema: { tags: ['operations'], response: { 200: Ready, 503: Ready } } }, async (_request, reply) => {
      try {
        return { status: 'ready', parts: { ...(await probe.ready()) } };
      } catch {
        return reply.status(503).send({ status: 'not ready', parts: {} });
      }
    });

    app.get('/metrics', { schema: { tags: ['operations'], hide: true } }, async (_request, reply) => {
      // While the store is down the counters matter most; the gauges then keep what was true before.
      await probe.refresh().catch(() => app.log.warn({}, 'measures of the store are not fresh'));
      const registry = (await probe.gather?.()) ?? probe.registry;
      return reply.header('content-type', registry.contentType).send(await registry.metrics());
    });
  };
}
