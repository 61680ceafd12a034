import type { ConversationView, LiveFrame, SeatView } from '../../../src/web/shared/api-types.ts';
import type { CannedView, MentionView, NoteView } from '../../../src/web/shared/desk-work-types.ts';
import type { GroupsAnswer, SeatPresenceView, SkillsView } from '../../../src/web/shared/queue-types.ts';
import type { Reply } from './fake-direct-line.ts';

/** Notes, ready answers, drafts, history, queues and presence of the desk's API in memory. */
export interface FakeDeskWork {
  readonly notes: NoteView[];
  readonly drafts: Map<string, string>;
  canned: CannedView[];
  groups: GroupsAnswer | null;
  seats: SeatPresenceView[];
  readonly skills: Map<string, SkillsView>;
  /** Null: not one of these calls. */
  handle(method: string, path: readonly string[], body: Record<string, unknown>): Reply | null;
  /** Somebody writes a note for this seat. */
  mention(conversationId: string, text: string): void;
}

const refuse = (status: number, code: string, message: string): Reply => ({ status, body: { error: { code, message } } });
const ok = (body: unknown, status = 200): Reply => ({ status, body });

export const aCanned = (given: Partial<CannedView> = {}): CannedView => ({ id: 'canned-1', shared: true, folder: '问候', title: '接入问候', shortcut: 'wh', texts: { 'zh-CN': '您好，我是坐席{{坐席}}。' }, updatedAt: 0, version: 1, ...given });
export const aNote = (given: Partial<NoteView> = {}): NoteView => ({ id: 'note-1', conversationId: 'c1', seatId: 'seat-2', seatName: '李坐席', kind: 'note', text: '已核实地址', mentions: [], toSeatId: null, toSeatName: null, at: 0, afterSeq: 2, ...given });

export function createFakeDeskWork(given: { readonly seat: SeatView; readonly now: () => number; readonly conversations: ReadonlyMap<string, ConversationView>; readonly change: (id: string, part: Partial<ConversationView>) => ConversationView; readonly tell: (frame: LiveFrame) => void }): FakeDeskWork {
  const { seat, now, conversations, change, tell } = given;
  const colleagues = [{ id: seat.id, name: seat.displayName, role: seat.role }, { id: 'seat-2', name: '李坐席', role: 'seat' }];
  const read = new Set<string>();
  let serial = 0;
  const mentions = (): MentionView[] => work.notes.filter((note) => note.seatId !== seat.id && (note.toSeatId === seat.id || note.mentions.some(({ id }) => id === seat.id))).map((note) => ({ note, readAt: read.has(note.id) ? now() : null })).toReversed();
  const write = (note: NoteView): NoteView => {
    work.notes.push(note);
    tell({ type: 'note', note });
    return note;
  };

  function conversationCall(id: string, action: string, method: string, body: Record<string, unknown>): Reply | null {
    const conversation = conversations.get(id);
    switch (`${method} ${action}`) {
      case 'GET notes':
        return ok({ notes: work.notes.filter((note) => note.conversationId === id) });
      case 'POST notes': {
        const named = Array.isArray(body['mentions']) ? body['mentions'] : [];
        const whispers = body['kind'] === 'whisper';
        return ok({ note: write(aNote({ id: `own-${(serial += 1)}`, conversationId: id, seatId: seat.id, seatName: seat.displayName, kind: whispers ? 'whisper' : 'note', text: String(body['text']), mentions: colleagues.filter((one) => named.includes(one.id)).map(({ id: personId, name: personName }) => ({ id: personId, name: personName })), toSeatId: whispers ? (conversation?.seatId ?? null) : null, toSeatName: whispers ? (conversation?.seatName ?? null) : null, at: now(), afterSeq: conversation?.lastSeq ?? 0 })) }, 201);
      }
      case 'PUT draft':
        if (String(body['text']).trim() === '') work.drafts.delete(id);
        else work.drafts.set(id, String(body['text']));
        return ok(null, 204);
      case 'POST accept':
        return ok({ conversation: change(id, { owner: 'human', seatId: seat.id, seatName: seat.displayName, waitingSince: null, offeredTo: null, position: null }) });
      case 'POST decline':
        return ok({ conversation: change(id, { offeredTo: null }) });
      case 'POST transfer': {
        const to = body['to'];
        const department = typeof to === 'object' && to !== null && 'department' in to;
        const next = change(id, department ? { owner: 'bot', seatId: null, seatName: null } : { owner: 'waiting', seatId: null, seatName: null, waitingSince: now() });
        return ok(department ? { conversation: next, ticket: { id: 't9', number: '20261122000099' } } : { conversation: next });
      }
      case 'POST invite':
        return ok({ conversation: change(id, { participants: [{ seatId: String(body['seatId']), seatName: '李坐席', kind: 'guest', since: now() }] }) });
      case 'POST listen':
        return ok({ conversation: change(id, { participants: [{ seatId: seat.id, seatName: seat.displayName, kind: 'listener', since: now() }] }) });
      case 'POST unlisten':
      case 'POST leave':
        return ok({ conversation: change(id, { participants: [] }) });
      default:
        return null;
    }
  }

  const work: FakeDeskWork = {
    notes: [],
    drafts: new Map(),
    canned: [aCanned(), aCanned({ id: 'canned-2', folder: '工单', title: '已登记工单', shortcut: 'gd', texts: { 'zh-CN': '工单编号 {{工单号}}，由{{部门}}办理，期限{{时限}}。{{备注}}' } })],
    groups: null,
    seats: [],
    skills: new Map(),
    handle(method, [name = '', id = '', ...rest], body) {
      const key = `${method} ${name}`;
      if (name === 'conversations' && id !== '') return conversationCall(id, rest.join('/'), method, body);
      if (key === 'GET mentions') return ok({ mentions: mentions(), unread: mentions().filter(({ readAt }) => readAt === null).length });
      if (key === 'POST mentions') {
        for (const { note } of mentions()) if (!Array.isArray(body['noteIds']) || body['noteIds'].includes(note.id)) read.add(note.id);
        return ok(null, 204);
      }
      if (key === 'GET colleagues') return ok({ colleagues });
      if (key === 'GET groups') return work.groups === null ? refuse(404, 'http.not_found', '没有这个地址。') : ok(work.groups);
      if (key === 'GET seats' && id === 'presence') return work.seats.length === 0 ? refuse(404, 'http.not_found', '没有这个地址。') : ok({ seats: work.seats });
      if (name === 'seats' && rest[0] === 'skills') {
        if (method === 'PUT') work.skills.set(id, { seatId: id, groups: Array.isArray(body['groups']) ? body['groups'].map(String) : [], capacity: Number(body['capacity']), default: false });
        return ok(work.skills.get(id) ?? { seatId: id, groups: [], capacity: 3, default: true });
      }
      if (key === 'GET citizens' && rest[0] === 'conversations') {
        const same = [...conversations.values()].filter((one) => one.citizen.id === id);
        return ok({ conversations: same.map((one) => ({ id: one.id, channel: one.channel, owner: one.owner, seatName: one.seatName, createdAt: one.createdAt, lastActivityAt: one.lastActivityAt, lastSeq: one.lastSeq, lastCitizen: one.preview, lastAnswer: null })) });
      }
      if (name !== 'canned') return null;
      if (method === 'GET') return ok({ answers: work.canned, editsShared: seat.role !== 'seat' });
      if (method === 'DELETE') {
        work.canned = work.canned.filter((answer) => answer.id !== id);
        return ok(null, 204);
      }
      const texts = body['texts'];
      const made = aCanned({ id: id === '' ? `made-${(serial += 1)}` : id, shared: body['shared'] !== false, folder: String(body['folder']), title: String(body['title']), shortcut: typeof body['shortcut'] === 'string' ? body['shortcut'] : null, texts: { 'zh-CN': typeof texts === 'object' && texts !== null && 'zh-CN' in texts ? String(texts['zh-CN']) : '' }, updatedAt: now() });
      work.canned = [...work.canned.filter((answer) => answer.id !== made.id), made];
      return ok({ answer: made }, method === 'POST' ? 201 : 200);
    },
    mention(conversationId, text) {
      write(aNote({ id: `mention-${(serial += 1)}`, conversationId, text, mentions: [{ id: seat.id, name: seat.displayName }], at: now() }));
    },
  };
  return work;
}
