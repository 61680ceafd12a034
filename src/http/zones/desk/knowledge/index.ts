import type { FastifyInstance, FastifyPluginAsync, FastifyRequest } from 'fastify';
import { isAppError } from '../../../../domain/errors.ts';
import { EDITING_ROLES, EntryRefused, type EditingContext, type Editor } from '../../../../knowledge/index.ts';
import { describeError } from '../../../errors.ts';
import { requireRole } from '../auth.ts';
import type { DeskDeps } from '../index.ts';
import { entryRoutes } from './entries.ts';
import { fileRoutes } from './files.ts';
import { gapRoutes } from './gaps.ts';
import { lintRoutes } from './lint.ts';
import { revisionRoutes } from './revisions.ts';
import { workRoutes } from './work.ts';

/** What the groups of knowledge routes share. */
export interface KnowledgeDeps {
  readonly editing: EditingContext;
  /** Any seat. */
  readonly reader: (request: FastifyRequest) => Editor;
  /** @throws AppError `desk.forbidden` for a seat that may not edit */
  readonly editor: (request: FastifyRequest) => Editor;
}

/** Reading the knowledge base is every seat's, editing it the editors', supervisors' and administrators'. */
export function knowledgeRoutes(deps: DeskDeps): FastifyPluginAsync {
  const { store, now, newId, city } = deps.context;
  const shared: KnowledgeDeps = {
    editing: { store, now, newId, city, announce: deps.knowledgeChanged ?? (() => {}) },
    reader: (request) => deps.signed(request).seat,
    editor: (request) => {
      const signed = deps.signed(request);
      requireRole(signed, EDITING_ROLES);
      return signed.seat;
    },
  };
  return async (app) => {
    tellMore(app);
    await app.register(entryRoutes(shared));
    await app.register(revisionRoutes(shared));
    await app.register(workRoutes(shared));
    await app.register(fileRoutes(shared));
    await app.register(lintRoutes(shared));
    await app.register(gapRoutes(shared, deps.previewEffect));
  };
}

/**
 * A refusal here says what the editor's page needs to go on: all `faults` of a text, the `version` that is, the open
 * `revisionId`. Everything else is answered as everywhere.
 */
function tellMore(app: FastifyInstance): void {
  app.setErrorHandler((error: unknown, _request, reply) => {
    if (!isAppError(error) || !error.code.startsWith('knowledge.')) throw error;
    const { status, body } = describeError(error);
    const { version, revisionId } = error.details;
    return reply.status(status).send({
      error: { ...body.error, ...(error instanceof EntryRefused ? { faults: error.faults } : {}), ...(version === undefined ? {} : { version }), ...(revisionId === undefined ? {} : { revisionId }) },
    });
  });
}
