import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import { AppError } from '../../../domain/errors.ts';
import { maskText } from '../../../domain/masking.ts';
import { writeUnit } from '../../../intake/context.ts';
import type { ConversationNote, Repositories, Seat, Store } from '../../../store/contract.ts';
import { ColleagueView, MentionsRead, MentionView, NoteGiven, NoteView, type NoteViewShape } from './desk-work-schemas.ts';
import type { DeskDeps } from './index.ts';
import { IdParams } from './schemas.ts';
import type { SocketSet } from './sockets.ts';

const tags = ['notes'];
const NOTES = 500;
const MENTIONS = 100;

/**
 * Private notes: for the desk, never for the citizen. They are no activities, so no channel can carry them. A whisper goes from a
 * supervisor to the seat that has the conversation and is seen by these two and other supervisors.
 */
export function noteRoutes(deps: DeskDeps): FastifyPluginAsyncTypebox {
  const { context } = deps;
  return async (app) => {
    app.get('/api/conversations/:id/notes', { schema: { tags, summary: 'Private notes of a conversation, oldest first', params: IdParams, response: { 200: Type.Object({ notes: Type.Array(NoteView) }) } } }, async (request) => {
      const { seat } = deps.signed(request);
      return context.store.read(async (repos) => {
        if ((await repos.conversations.get(request.params.id)) === null) throw notFound();
        const notes = await repos.notes.of(request.params.id, NOTES);
        return { notes: await noteViews(repos, notes.filter((note) => maySee(note, seat))) };
      });
    });

    app.post('/api/conversations/:id/notes', { schema: { tags, summary: 'Write a private note, or whisper to the seat that has the conversation', params: IdParams, body: NoteGiven, response: { 201: Type.Object({ note: NoteView }) } } }, async (request, reply) => {
      const { seat } = deps.signed(request);
      const { kind, mentions = [] } = request.body;
      const text = maskText(request.body.text.trim()).text;
      if (kind === 'whisper' && !leads(seat)) throw new AppError('desk.forbidden', 'only supervisors whisper', { status: 403, citizenText: '只有班长可以对坐席耳语。' });
      if (text === '') throw new AppError('note.empty', 'a note needs text', { status: 400, citizenText: '请输入备注内容。' });
      const note = await writeUnit(context, async (unit) => {
        const conversation = await unit.repos.conversations.get(request.params.id);
        if (conversation === null) throw notFound();
        const toSeatId = kind === 'whisper' ? conversation.seatId : null;
        if (kind === 'whisper' && toSeatId === null) throw new AppError('note.nobody', 'no seat has this conversation', { status: 409, retry: 'conflict', citizenText: '现在没有坐席在接待这个会话。' });
        const named: string[] = [];
        for (const id of kind === 'whisper' ? [] : new Set(mentions)) {
          const other = await unit.repos.seats.get(id);
          if (other === null || !other.active || other.role === 'department') throw new AppError('note.unknown_seat', 'a seat that is mentioned is not there', { status: 400, citizenText: '提到的坐席不存在或已停用。' });
          named.push(id);
        }
        const written: ConversationNote = { id: context.newId(), conversationId: conversation.id, seatId: seat.id, kind, text, mentions: named, toSeatId, at: context.now(), afterSeq: conversation.lastSeq };
        await unit.repos.notes.insert(written);
        unit.after.push({ kind: 'note', conversationId: conversation.id, noteId: written.id, mentions: named });
        return written;
      });
      const [view] = await context.store.read((repos) => noteViews(repos, [note]));
      if (view === undefined) throw notFound();
      return reply.status(201).send({ note: view });
    });

    app.get('/api/mentions', { schema: { tags, summary: 'Notes in which this seat was mentioned, newest first', response: { 200: Type.Object({ mentions: Type.Array(MentionView), unread: Type.Number() }) } } }, async (request) => {
      const { seat } = deps.signed(request);
      return context.store.read(async (repos) => {
        const found = await repos.notes.mentions(seat.id, MENTIONS);
        const views = await noteViews(repos, found.map(({ note }) => note));
        return { mentions: views.map((note, at) => ({ note, readAt: found[at]?.readAt ?? null })), unread: await repos.notes.unread(seat.id) };
      });
    });

    app.post('/api/mentions/read', { schema: { tags, summary: 'Mentions were seen: these, or all', body: MentionsRead, response: { 204: Type.Null() } } }, async (request, reply) => {
      const { seat } = deps.signed(request);
      await context.store.write((repos) => repos.notes.markRead(seat.id, request.body.noteIds ?? null, context.now()));
      return reply.status(204).send(null);
    });

    app.get('/api/colleagues', { schema: { tags: ['seats'], summary: 'Names of the hotline’s own seats, for mentions and transfers', response: { 200: Type.Object({ colleagues: Type.Array(ColleagueView) }) } } }, async () =>
      context.store.read(async (repos) => ({ colleagues: (await repos.seats.list()).filter((seat) => seat.active && seat.role !== 'department').map(({ id, displayName, role }) => ({ id, name: displayName, role })) })),
    );
  };
}

const leads = ({ role }: Pick<Seat, 'role'>): boolean => role === 'supervisor' || role === 'administrator';

/** A whisper concerns who wrote it, whom it was for, and those who lead. */
export function maySee(note: ConversationNote, seat: Pick<Seat, 'id' | 'role'>): boolean {
  return note.kind === 'note' || note.seatId === seat.id || note.toSeatId === seat.id || leads(seat);
}

export async function noteViews(repos: Repositories, notes: readonly ConversationNote[]): Promise<NoteViewShape[]> {
  const names = new Map<string, string>();
  const name = async (id: string): Promise<string> => {
    const known = names.get(id) ?? (await repos.seats.get(id))?.displayName ?? '坐席';
    names.set(id, known);
    return known;
  };
  const views: NoteViewShape[] = [];
  for (const { mentions, ...note } of notes) {
    const named = [];
    for (const id of mentions) named.push({ id, name: await name(id) });
    views.push({ ...note, seatName: await name(note.seatId), toSeatName: note.toSeatId === null ? null : await name(note.toSeatId), mentions: named });
  }
  return views;
}

/** Tells those who look at the conversation, the seat that has it, and who is mentioned; a whisper only its two. Reading the list shows it to the others. */
export async function tellNote(store: Pick<Store, 'read'>, sockets: Pick<SocketSet, 'hears' | 'toAudience'>, noteId: string): Promise<void> {
  await store.read(async (repos) => {
    const note = await repos.notes.get(noteId);
    if (note === null) return;
    const owner = (await repos.conversations.get(note.conversationId))?.seatId ?? null;
    const whispered = note.kind === 'whisper';
    const seatIds = [note.seatId, ...(note.toSeatId === null ? [] : [note.toSeatId]), ...(whispered ? [] : [...note.mentions, ...(owner === null ? [] : [owner])])];
    const audience = { everybody: false, seatIds, conversationId: whispered ? '' : note.conversationId, views: [] };
    if (!sockets.hears(audience)) return;
    const [view] = await noteViews(repos, [note]);
    sockets.toAudience(audience, { type: 'note', note: view });
  });
}

function notFound(): AppError {
  return new AppError('conversation.not_found', 'no such conversation', { status: 404, citizenText: '没有找到这个会话。' });
}
