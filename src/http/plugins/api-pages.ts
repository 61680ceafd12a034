import Fastify, { type FastifyInstance, type FastifyPluginAsync } from 'fastify';
import fp from 'fastify-plugin';

export interface ApiPagesOptions {
  /** `/api/docs` */
  readonly prefix: string;
  /** The OpenAPI document, as @fastify/swagger gives it. */
  readonly document: FastifyInstance['swagger'];
}

/**
 * The pages of @fastify/swagger-ui. Few ever open them, and loading them was a thirtieth of a start, so they live
 * in an instance of their own that is made when somebody first asks.
 */
export function apiPages({ prefix, document }: ApiPagesOptions): FastifyPluginAsync {
  return async (scope) => {
    let pages: Promise<FastifyInstance> | null = null;
    const open = async (): Promise<FastifyInstance> => {
      const { default: swaggerUi } = await import('@fastify/swagger-ui');
      const made = Fastify();
      // The pages ask for it under the name of the plugin that makes it.
      await made.register(fp(async (instance) => void instance.decorate('swagger', document), { name: '@fastify/swagger' }));
      await made.register(swaggerUi, { routePrefix: prefix, staticCSP: true });
      await made.ready();
      return made;
    };
    scope.addHook('onClose', async () => {
      await (await pages)?.close();
    });
    for (const url of [prefix, `${prefix}/*`]) {
      scope.get(url, { schema: { hide: true } }, async (request, reply) => {
        pages ??= open();
        const made = await pages;
        reply.hijack();
        // What guards pages (helmet) has set its headers on this reply; the other instance adds its own.
        for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) reply.raw.setHeader(name, value);
        made.routing(request.raw, reply.raw);
      });
    }
  };
}
