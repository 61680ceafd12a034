import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import { AppError } from '../../../domain/errors.ts';
import { close, handBack, markRead, openTicketFromDesk, reply, takeOver } from '../../../intake/handoff.ts';
import { normalizePhone } from '../../../domain/masking.ts';
import type { Conversation } from '../../../domain/conversation.ts';
import { mayCarryFiles } from '../../../intake/reply-file.ts';
import type { Repositories, WaitingPlace } from '../../../store/contract.ts';
import type { DeskDeps } from './index.ts';
import { ActivityView, ConversationView, Counter, IdParams, ListQuery, NoteBody, ReceiptView, ReplyBody, TakeBody, TicketBody, TicketView, UnmaskBody } from './schemas.ts';
import { unmask, Unmasked } from './unmask.ts';
import { activityViews, conversationView, ticketView } from './views.ts';

const DEFAULT_LIMIT = 50;
const TRANSCRIPT_LIMIT = 200;

const OneConversation = Type.Object({ conversation: ConversationView });
const Counts = Type.Object({ bot: Type.Number(), waiting: Type.Number(), human: Type.Number(), closed: Type.Number() });

export function conversationRoutes(deps: DeskDeps): FastifyPluginAsyncTypebox {
  const { context } = deps;
  const tags = ['conversations'];
  const view = async (conversation: Conversation) => ({ conversation: await context.store.read((repos) => conversationView(context, repos, conversation, deps.moodOf)) });

  return async (app) => {
    app.get('/api/conversations', { schema: { tags, summary: 'A list of the desk', querystring: ListQuery, response: { 200: Type.Object({ conversations: Type.Array(ConversationView), counts: Counts, next: Type.Union([Type.String(), Type.Null()]) }) } } }, async (request) => {
      const seat = deps.signed(request).seat;
      const { view: name = 'waiting', limit = DEFAULT_LIMIT, before, cursor } = request.query;
      const page = { limit, ...(before === undefined ? {} : { before }), ...placeOf(cursor) };
      const filter = name === 'joined' ? null : name === 'mine' ? { owner: ['human' as const], seatId: seat.id, ...page } : name === 'all' ? page : { owner: [name], ...page };
      return context.store.read(async (repos) => {
        const conversations = [];
        const rows = filter === null ? await joined(repos, seat.id, limit) : await repos.conversations.list(filter);
        for (const conversation of rows) conversations.push(await conversationView(context, repos, conversation, deps.moodOf));
        const last = filter !== null && rows.length === limit ? rows.at(-1) : undefined;
        return { conversations, counts: { ...(await repos.conversations.counts()) }, next: last === undefined ? null : cursorOf(name, last) };
      });
    });

    app.get('/api/conversations/:id', { schema: { tags, summary: 'One conversation with its transcript and tickets', params: IdParams, response: { 200: Type.Object({ conversation: ConversationView, activities: Type.Array(ActivityView), tickets: Type.Array(TicketView), receipts: Type.Array(ReceiptView), draft: Type.Union([Type.Null(), Type.Object({ text: Type.String(), at: Type.Number() })]), files: Type.Object({ carried: Type.Boolean(), why: Type.Union([Type.Null(), Type.String()]) }) }) } } }, async (request) => {
      const { seat } = deps.signed(request);
      return context.store.read(async (repos) => {
        const conversation = await repos.conversations.get(request.params.id);
        if (conversation === null) throw notFound();
        const own = await repos.tickets.byCitizen(conversation.citizenId, 20);
        const here = (await repos.tickets.byConversation(conversation.id)).filter((ticket) => !own.some((other) => other.id === ticket.id));
        return {
          conversation: await conversationView(context, repos, conversation, deps.moodOf),
          activities: await activityViews(context, repos, await repos.activities.latest(conversation.id, TRANSCRIPT_LIMIT)),
          tickets: [...own, ...here].map((ticket) => ticketView(context, ticket)),
          receipts: (await repos.activities.receipts(conversation.id)).map(({ activityId, status, code, at }) => ({ activityId, status, code, at })),
          draft: await repos.drafts.get(seat.id, conversation.id),
          files: mayCarryFiles(context.channel(conversation.channel)),
        };
      });
    });

    app.get('/api/conversations/:id/activities', { schema: { tags, summary: 'What was said after a seq, or before one (newest of these, oldest first)', params: IdParams, querystring: Type.Object({ afterSeq: Type.Optional(Counter), beforeSeq: Type.Optional(Counter), limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 })) }), response: { 200: Type.Object({ activities: Type.Array(ActivityView) }) } } }, async (request) =>
      context.store.read(async (repos) => {
        if ((await repos.conversations.get(request.params.id)) === null) throw notFound();
        const { afterSeq = 0, beforeSeq, limit = TRANSCRIPT_LIMIT } = request.query;
        const { activities } = repos;
        const found = beforeSeq === undefined ? await activities.after(request.params.id, afterSeq, limit) : await activities.between(request.params.id, Math.max(0, beforeSeq - 1 - limit), Math.max(0, beforeSeq - 1));
        return { activities: await activityViews(context, repos, found) };
      }),
    );

    app.post('/api/conversations/:id/take', { schema: { tags, summary: 'Become the one writer', params: IdParams, body: TakeBody, response: { 200: OneConversation } } }, async (request) =>
      view(await takeOver(context, request.params.id, deps.signed(request).seat, { force: request.body.force === true })),
    );

    app.post('/api/conversations/:id/reply', { schema: { tags, summary: 'Say something to the citizen', params: IdParams, body: ReplyBody, response: { 200: Type.Object({ conversation: ConversationView, activity: ActivityView }) } } }, async (request) => {
      const said = await reply(context, request.params.id, deps.signed(request).seat, request.body);
      await forgetDraft(deps, request.params.id, deps.signed(request).seat.id);
      return context.store.read(async (repos) => {
        const [activity] = await activityViews(context, repos, [said.activity]);
        if (activity === undefined) throw notFound();
        return { conversation: await conversationView(context, repos, said.conversation, deps.moodOf), activity };
      });
    });

    app.post('/api/conversations/:id/hand-back', { schema: { tags, summary: 'Give it back to the bot', params: IdParams, body: NoteBody, response: { 200: OneConversation } } }, async (request) => view(await handBack(context, request.params.id, deps.signed(request).seat)));

    app.post('/api/conversations/:id/close', { schema: { tags, summary: 'End the service', params: IdParams, body: NoteBody, response: { 200: OneConversation } } }, async (request) => view(await close(context, request.params.id, deps.signed(request).seat)));

    app.post('/api/conversations/:id/read', { schema: { tags, summary: 'Everything was seen', params: IdParams, body: Type.Object({ seq: Type.Optional(Type.Integer()) }), response: { 200: OneConversation } } }, async (request) => view(await markRead(context, request.params.id, deps.signed(request).seat)));

    app.post('/api/conversations/:id/typing', { schema: { tags, summary: 'The seat types', params: IdParams, response: { 204: Type.Null() } } }, async (request, response) => {
      await announceTyping(deps, request.params.id, deps.signed(request).seat.id);
      return response.status(204).send(null);
    });

    app.post('/api/conversations/:id/tickets', { schema: { tags, summary: 'Open a ticket from the conversation', params: IdParams, body: TicketBody, response: { 200: Type.Object({ ticket: TicketView }) } } }, async (request) => {
      const { kind, phone, ...rest } = request.body;
      const number = phone === null || phone.trim() === '' ? null : normalizePhone(phone);
      if (phone !== null && phone.trim() !== '' && number === null) throw new AppError('ticket.bad_phone', 'not a phone number', { status: 400, citizenText: '联系电话的格式不正确。' });
      const ticket = await openTicketFromDesk(context, request.params.id, deps.signed(request).seat, { ...rest, ticketKind: kind, phone: number?.phone ?? null });
      return { ticket: ticketView(context, ticket) };
    });

    app.post('/api/citizens/:id/unmask', { schema: { tags: ['citizens'], summary: 'See number and name, with a purpose that stays in the trail', params: IdParams, body: UnmaskBody, response: { 200: Unmasked } } }, async (request, response) => {
      void response.header('cache-control', 'no-store');
      return context.store.write((repos) => unmask(repos, { citizenId: request.params.id, by: deps.signed(request), ...request.body, now: context.now() }));
    });
  };
}

/** What was sent is no draft any more. Mostly there is none, and then nothing is written. */
export async function forgetDraft({ context }: Pick<DeskDeps, 'context'>, conversationId: string, seatId: string): Promise<void> {
  if ((await context.store.read((repos) => repos.drafts.get(seatId, conversationId))) === null) return;
  await context.store.write((repos) => repos.drafts.remove(seatId, conversationId));
}

/** Where a page ends: those who wait stand by class and time, all others by their newest activity. */
function cursorOf(view: string, { id, emergency, enterpriseId, waitingSince, lastActivityAt }: Conversation): string {
  return view === 'waiting' ? `w.${emergency !== null ? 0 : enterpriseId !== null ? 1 : 2}.${waitingSince ?? 0}.${id}` : `b.${lastActivityAt}`;
}

function placeOf(cursor: string | undefined): { readonly before?: number; readonly waitingAfter?: WaitingPlace } {
  const [kind, first = '', second = '', id = ''] = (cursor ?? '').split('.');
  if (kind === 'w') return { waitingAfter: { class: Number(first), waitingSince: Number(second), id } };
  return kind === 'b' ? { before: Number(first) } : {};
}

/** Those that this seat is a second one in, invited or listening. */
async function joined(repos: Repositories, seatId: string, limit: number): Promise<Conversation[]> {
  const found = [];
  for (const id of await repos.participants.conversationsOf(seatId, limit)) {
    const conversation = await repos.conversations.get(id);
    if (conversation !== null) found.push(conversation);
  }
  return found;
}

/** Only the seat that has the conversation, or one that it has invited, may be seen typing in it. */
export async function announceTyping(deps: DeskDeps, conversationId: string, seatId: string): Promise<void> {
  if (deps.context.storm?.givesUp('typing') === true) return;
  const conversation = await deps.context.store.read(async (repos) => {
    const found = await repos.conversations.get(conversationId);
    if (found === null || found.owner !== 'human') return null;
    return found.seatId === seatId || (await repos.participants.get(conversationId, seatId))?.kind === 'guest' ? found : null;
  });
  if (conversation === null) return;
  deps.context.live.publish(conversation.id, { kind: 'typing', role: 'seat' });
}

function notFound(): AppError {
  return new AppError('conversation.not_found', 'no such conversation', { status: 404, citizenText: '没有找到这个会话。' });
}
