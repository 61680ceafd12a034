import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import { AppError } from '../../../domain/errors.ts';
import type { Conversation } from '../../../domain/conversation.ts';
import { writeUnit } from '../../../intake/context.ts';
import { invite, leave, listenIn } from '../../../intake/queue/joining.ts';
import { capacityOf, groupsOf } from '../../../intake/queue/plan.ts';
import { changed } from '../../../intake/queue/presence.ts';
import { acceptOffer, declineOffer, transferConversation } from '../../../intake/queue/transfer.ts';
import type { RosterSeat } from '../../../store/contract.ts';
import { requireRole } from './auth.ts';
import type { DeskDeps } from './index.ts';
import { GroupsAnswer, InviteBody, SeatsPresenceAnswer, SkillsBody, SkillsView, TransferBody } from './queue-schemas.ts';
import { groupViews, seatPresenceViews } from './queue-view.ts';
import { ConversationView, IdParams } from './schemas.ts';
import { conversationView } from './views.ts';

const OneConversation = Type.Object({ conversation: ConversationView });
const Transferred = Type.Object({ conversation: ConversationView, ticket: Type.Optional(Type.Object({ id: Type.String(), number: Type.String() })) });

/** Skill groups, who is there, what is offered, passing on and joining. */
export function queueRoutes(deps: DeskDeps): FastifyPluginAsyncTypebox {
  const { context } = deps;
  const view = (conversation: Conversation) => context.store.read((repos) => conversationView(context, repos, conversation, deps.moodOf));

  /** What assist makes of it, for whoever has it next; '' where there is nothing to tell or no assist. */
  const summaryOf = (id: string): Promise<string> =>
    context.store.read(async (repos) => {
      const conversation = await repos.conversations.get(id);
      return conversation === null || deps.thinking === undefined ? '' : deps.thinking.summary(repos, conversation);
    });

  return async (app) => {
    app.get('/api/groups', { schema: { tags: ['queues'], summary: 'Skill groups: who waits, who is there', response: { 200: GroupsAnswer } } }, async () => {
      const { assign, breaks } = context.city.queueRules;
      return { groups: await context.store.read((repos) => groupViews(context, repos)), assign, breakReasons: breaks.map(({ id, name }) => ({ id, name })) };
    });

    app.get('/api/seats/presence', { schema: { tags: ['queues'], summary: 'Who is there, what they serve and how much they have', response: { 200: SeatsPresenceAnswer } } }, async () => ({ seats: await context.store.read((repos) => seatPresenceViews(context, repos)) }));

    app.get('/api/seats/:id/skills', { schema: { tags: ['seats'], summary: 'Groups and capacity of a seat', params: IdParams, response: { 200: SkillsView } } }, async (request) => skillsView(await rosterSeat(request.params.id)));

    app.put('/api/seats/:id/skills', { schema: { tags: ['seats'], summary: 'Set groups and capacity of a seat', params: IdParams, body: SkillsBody, response: { 200: SkillsView } } }, async (request) => {
      const signed = deps.signed(request);
      requireRole(signed, ['supervisor', 'administrator']);
      const { id } = request.params;
      const { groups, capacity } = request.body;
      const unknown = groups.find((group) => !context.city.queueRules.groups.some((known) => known.id === group));
      if (unknown !== undefined) throw new AppError('skills.unknown_group', 'no such group', { status: 400, citizenText: `没有这个技能组：${unknown}。` });
      await rosterSeat(id);
      await writeUnit(context, async (unit) => {
        await changed(context, unit, id);
        await unit.repos.seatWork.setSkills({ seatId: id, groups, capacity, updatedAt: context.now() });
        await unit.repos.trail.append({ at: context.now(), actor: `seat:${signed.seat.id}`, action: 'seat.skills_changed', subject: `seat:${id}`, purpose: null });
      });
      return skillsView(await rosterSeat(id));
    });

    app.post('/api/conversations/:id/transfer', { schema: { tags: ['conversations'], summary: 'Pass on to a seat, a group or a department', params: IdParams, body: TransferBody, response: { 200: Transferred } } }, async (request) => {
      const summary = 'department' in request.body.to ? '' : await summaryOf(request.params.id);
      const { conversation, ticket } = await transferConversation(context, request.params.id, deps.signed(request).seat, { ...request.body, summary });
      return { conversation: await view(conversation), ...(ticket === null ? {} : { ticket: { id: ticket.id, number: ticket.number } }) };
    });

    const actions = [
      ['accept', 'Accept what was offered to this seat', acceptOffer],
      ['decline', 'Decline it: the next seat is asked', declineOffer],
      ['leave', 'A second seat is done', leave],
      ['listen', 'A supervisor reads along, unseen by the citizen', listenIn],
      ['unlisten', 'Reads along no more', leave],
    ] as const;
    for (const [name, summary, act] of actions) {
      app.post(`/api/conversations/:id/${name}`, { schema: { tags: ['conversations'], summary, params: IdParams, response: { 200: OneConversation } } }, async (request) => {
        const signed = deps.signed(request);
        if (name === 'listen') requireRole(signed, ['supervisor', 'administrator']);
        return { conversation: await view(await act(context, request.params.id, signed.seat)) };
      });
    }

    app.post('/api/conversations/:id/invite', { schema: { tags: ['conversations'], summary: 'Let another seat write too', params: IdParams, body: InviteBody, response: { 200: OneConversation } } }, async (request) => ({
      conversation: await view(await invite(context, request.params.id, deps.signed(request).seat, request.body.seatId)),
    }));
  };

  async function rosterSeat(id: string): Promise<RosterSeat> {
    const [seat] = await context.store.read((repos) => repos.seatWork.roster(id));
    if (seat === undefined) throw new AppError('seat.not_found', 'no such seat', { status: 404, citizenText: '没有这个坐席。' });
    return seat;
  }

  function skillsView(seat: RosterSeat) {
    const rules = context.city.queueRules;
    return { seatId: seat.id, groups: [...groupsOf(rules, seat)], capacity: capacityOf(rules, seat), default: seat.skills === null };
  }
}
