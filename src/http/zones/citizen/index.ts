import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyPluginAsync } from 'fastify';
import type { Channel, MediaStore } from '../../../channel/contract.ts';
import { errorBody } from '../../errors.ts';

const SHOWN_INLINE: ReadonlySet<string> = new Set(['image/jpeg', 'image/png', 'image/gif', 'image/webp', 'image/bmp']);

/** RFC 8187 ext-value: encodeURIComponent leaves some characters that a header parameter must not hold. */
function extValue(name: string): string {
  return encodeURIComponent(name).replace(/['()*!]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

export interface CitizenZoneOptions {
  /** Folder with the built pages (dist/web). */
  readonly webFolder: string;
  readonly media: MediaStore;
  readonly channels: readonly Channel[];
}

/** Pages for citizens, attachments by token, and the plugins of socket channels (web chat). */
export function citizenZone(options: CitizenZoneOptions): FastifyPluginAsync {
  return async (app) => {
    for (const channel of options.channels) {
      if (channel.plugin !== undefined) await app.register(channel.plugin);
    }

    app.get<{ Params: { token: string } }>('/media/:token/:name', { schema: { hide: true } }, async (request, reply) => {
      const found = await options.media.open(request.params.token);
      if (found === null) return reply.status(404).send(errorBody('media.not_found', '文件不存在或已过期。'));
      const { contentType, name } = found.attachment;
      const disposition = SHOWN_INLINE.has(contentType) ? 'inline' : 'attachment';
      return reply
        .header('content-type', contentType)
        .header('x-content-type-options', 'nosniff')
        .header('content-security-policy', "default-src 'none'; sandbox")
        .header('cache-control', 'private, max-age=86400, immutable')
        .header('content-disposition', `${disposition}; filename*=UTF-8''${extValue(name ?? 'file')}`)
        .send(found.bytes);
    });

    if (!existsSync(join(options.webFolder, 'index.html'))) {
      app.log.warn({}, 'the pages are not built: run `npm run build`');
      app.get('/', { schema: { hide: true } }, async (_request, reply) => reply.status(503).send(errorBody('web.not_built', 'run npm run build')));
      return;
    }
    // Without a slash at its end, as people type it.
    app.get('/desk', { schema: { hide: true } }, (_request, reply) => reply.sendFile('desk/index.html'));
    await app.register(fastifyStatic, {
      root: options.webFolder,
      wildcard: false,
      index: ['index.html'],
      setHeaders: (response, path) => {
        // Hashed assets never change; pages and the embedded widget must be looked at again.
        const hashed = /-[\w-]{8,}\.(js|css|woff2?)$/.test(path);
        void response.header('cache-control', hashed ? 'public, max-age=31536000, immutable' : 'no-cache');
      },
    });
  };
}
