import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { Static } from 'typebox';
import type { Draft, DraftWriter } from '../../../assist/draft.ts';
import { linesOf } from '../../../assist/lines.ts';
import type { AssistRules } from '../../../assist/rules.ts';
import type { Thoughts } from '../../../assist/types.ts';
import type { Conversation } from '../../../domain/conversation.ts';
import { AppError } from '../../../domain/errors.ts';
import type { Ticket } from '../../../domain/ticket.ts';
import type { Repositories } from '../../../store/contract.ts';
import { findAlike } from '../../../tickets/alike/look.ts';
import { type AlikePartShape, AssistAnswer, type AssistAnswerShape, AssistQuery, DraftAnswer, PARTS, type PartName } from './assist-schemas.ts';
import type { DeskDeps } from './index.ts';
import { IdParams } from './schemas.ts';
import { READ } from './thoughts.ts';

/** Agent assist (坐席辅助) beside a conversation. It suggests and shows why; nothing is filled, sent or merged by it. */

/** What the desk zone needs for it. */
export interface AssistDesk {
  readonly rules: () => AssistRules;
  /** Null: no endpoint is set, and no draft is offered. */
  readonly draft: DraftWriter | null;
}

const LIKES_SHOWN = 5;

export function assistRoutes(deps: DeskDeps): FastifyPluginAsyncTypebox {
  const { context, assist, alike, thinking } = deps;
  const tags = ['assist'];
  const drafting = new Map<string, Promise<Draft>>();

  return async (app) => {
    // A house without its rules has no such routes.
    if (assist === undefined || thinking === undefined) return;
    const { rules, draft: writer } = assist;
    const { city } = context;

    const likesOf = async (repos: Repositories, conversation: Conversation, tickets: readonly Ticket[], { draft }: Thoughts): Promise<AlikePartShape> => {
      const own = tickets.map(({ id, number }) => ({ id, number }));
      if (alike === undefined || draft.content === '') return { likes: [], complete: alike?.status().loaded ?? true, own };
      const found = await findAlike(alike.index, repos, { ...draft, id: '', citizenId: conversation.citizenId, at: context.now() });
      // What was opened right here is no duplicate of itself.
      const others = found.filter(({ ticket }) => ticket.conversationId !== conversation.id).slice(0, LIKES_SHOWN);
      return { complete: alike.status().loaded, own, likes: others.map(({ ticket, score, why, words }) => ({ ticket: brief(ticket), score, why: [...why], words })) };
    };

    const brief = ({ id, number, title, state, itemCode, townId, place, departmentId, createdAt, leadingId, version }: Ticket) => ({
      id, number, title, state, place, createdAt, leadingId, version,
      itemName: city.items.find((item) => item.code === itemCode)?.name ?? null,
      townName: city.towns.find((town) => town.id === townId)?.name ?? null,
      departmentName: city.departments.find((department) => department.id === departmentId)?.name ?? null,
    });

    app.get('/api/conversations/:id/assist', { schema: { tags, summary: 'Knowledge, item and deadline, the form filled, questions, likenesses, mood and summary, each with the words it comes from', params: IdParams, querystring: AssistQuery, response: { 200: AssistAnswer } } }, async (request) => {
      const wanted: readonly PartName[] = request.query.part === undefined ? PARTS : [request.query.part];
      return context.store.read(async (repos) => {
        const conversation = await found(repos, request.params.id);
        const tickets = await repos.tickets.byConversation(conversation.id);
        const thoughts = await thinking.of(repos, conversation, tickets);
        const answer: AssistAnswerShape = { conversationId: conversation.id, version: conversation.version, lastSeq: conversation.lastSeq, drafts: writer !== null, ...pick(thoughts, wanted) };
        return wanted.includes('alike') ? { ...answer, alike: await likesOf(repos, conversation, tickets, thoughts) } : answer;
      });
    });

    app.post('/api/conversations/:id/assist/draft', { schema: { tags, summary: 'Have a language model draft the hand-over, from masked text; falls back to the extractive summary', params: IdParams, response: { 200: DraftAnswer } } }, async (request): Promise<Static<typeof DraftAnswer>> => {
      if (writer === null) throw new AppError('assist.draft_off', 'no endpoint is set', { status: 404, citizenText: '没有配置摘要模型。' });
      const { id } = request.params;
      const running = drafting.get(id);
      const work = running ?? start(id, deps.signed(request).seat.id, writer);
      if (running === undefined) {
        drafting.set(id, work);
        void work.then(() => drafting.delete(id), () => drafting.delete(id));
      }
      const { by, lines, note } = await work;
      return { by, lines: lines.map((line) => ({ ...line })), note, model: by === 'model' ? writer.model : null };
    });

    const start = async (id: string, seatId: string, by: DraftWriter): Promise<Draft> => {
      const { conversation, activities, thoughts, names } = await context.store.read(async (repos) => {
        const one = await found(repos, id);
        const latest = await repos.activities.latest(id, READ);
        const seats = [...new Set(latest.flatMap((activity) => activity.seatId ?? []))];
        const shown = [];
        for (const seat of seats) shown.push((await repos.seats.get(seat))?.displayName ?? '');
        return { conversation: one, activities: latest, thoughts: await thinking.of(repos, one, await repos.tickets.byConversation(id)), names: shown };
      });
      // Words leave the house: who had them sent, and about what, stays in the trail.
      await context.store.write((repos) => repos.trail.append({ at: context.now(), actor: `seat:${seatId}`, action: 'assist.drafted', subject: `conversation:${id}`, purpose: by.model }));
      const said = (conversation.understood?.slots ?? []).filter(({ name }) => name === 'name').map(({ value }) => value);
      return by.write(linesOf(activities), thoughts.summary, { rules: rules(), lexicon: city.lexicon, names: [...names, ...said] });
    };
  };
}

async function found(repos: Repositories, id: string): Promise<Conversation> {
  const conversation = await repos.conversations.get(id);
  if (conversation === null) throw new AppError('conversation.not_found', 'no such conversation', { status: 404, citizenText: '没有找到这个会话。' });
  return conversation;
}

/** The parts that are wanted, copied as far as their shapes ask for lists that may be changed. */
function pick(thoughts: Thoughts, wanted: readonly PartName[]): Partial<AssistAnswerShape> {
  const { knowledge, dispatch, form, questions, mood, summary } = thoughts;
  const has = (part: PartName): boolean => wanted.includes(part);
  return {
    ...(has('knowledge') ? { knowledge: { ...knowledge, hints: knowledge.hints.map((hint) => ({ ...hint, matched: [...hint.matched] })) } } : {}),
    ...(has('dispatch') ? { dispatch: { ...dispatch, items: dispatch.items.map((item) => ({ ...item, matched: [...item.matched] })), assistants: [...dispatch.assistants], because: [...dispatch.because], deadline: dispatch.deadline === null ? null : { ...dispatch.deadline, lines: [...dispatch.deadline.lines] } } } : {}),
    ...(has('form') ? { form: { slots: form.slots.map((slot) => ({ ...slot, from: [...slot.from] })), details: form.details.map((detail) => ({ ...detail, from: [...detail.from] })) } } : {}),
    ...(has('questions') ? { questions: [...questions] } : {}),
    ...(has('mood') ? { mood: { ...mood, signs: [...mood.signs] } } : {}),
    ...(has('summary') ? { summary: summary.map((line) => ({ ...line, seqs: [...line.seqs] })) } : {}),
  };
}
