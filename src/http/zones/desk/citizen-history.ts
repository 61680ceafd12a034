import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type, { type Static } from 'typebox';
import type { Activity } from '../../../domain/activity.ts';
import type { Repositories } from '../../../store/contract.ts';
import { DraftGiven, EarlierView } from './desk-work-schemas.ts';
import type { DeskDeps } from './index.ts';
import { IdParams } from './schemas.ts';

const AT_MOST = 50;
/** How far back the last words are looked for. */
const SEARCHED = 20;
const WORDS_CHARS = 80;

/** What belongs to a seat's view of one citizen: earlier conversations, and the reply that is not sent yet. */
export function citizenHistoryRoutes(deps: DeskDeps): FastifyPluginAsyncTypebox {
  const { context } = deps;
  return async (app) => {
    app.get('/api/citizens/:id/conversations', { schema: { tags: ['citizens'], summary: 'All conversations of a citizen on all channels, newest first, with the last words; reading takes nothing over', params: IdParams, response: { 200: Type.Object({ conversations: Type.Array(EarlierView) }) } } }, async (request) =>
      context.store.read(async (repos) => {
        const conversations: Static<typeof EarlierView>[] = [];
        for (const { id, channel, owner, seatId, createdAt, lastActivityAt, lastSeq } of await repos.conversations.ofCitizen(request.params.id, AT_MOST)) {
          const seatName = seatId === null ? null : ((await repos.seats.get(seatId))?.displayName ?? null);
          conversations.push({ id, channel, owner, seatName, createdAt, lastActivityAt, lastSeq, ...(await lastWords(repos, id)) });
        }
        return { conversations };
      }),
    );

    app.put('/api/conversations/:id/draft', { schema: { tags: ['conversations'], summary: 'Keep an unsent reply of this seat; an empty one is forgotten', params: IdParams, body: DraftGiven, response: { 204: Type.Null() } } }, async (request, reply) => {
      const { seat } = deps.signed(request);
      await context.store.write(async (repos) => {
        if (request.body.text.trim() === '') await repos.drafts.remove(seat.id, request.params.id);
        else if ((await repos.conversations.get(request.params.id)) !== null) await repos.drafts.put(seat.id, request.params.id, request.body.text, context.now());
      });
      return reply.status(204).send(null);
    });
  };
}

async function lastWords(repos: Repositories, conversationId: string): Promise<Pick<Static<typeof EarlierView>, 'lastCitizen' | 'lastAnswer'>> {
  const latest = await repos.activities.latest(conversationId, SEARCHED);
  const find = (wanted: (activity: Activity) => boolean): string | null => {
    const found = latest.findLast((activity) => wanted(activity) && activity.content.type === 'message' && activity.content.text !== '');
    return found === undefined || found.content.type !== 'message' ? null : [...found.content.text].slice(0, WORDS_CHARS).join('');
  };
  return { lastCitizen: find(({ role }) => role === 'citizen'), lastAnswer: find(({ role }) => role !== 'citizen') };
}
