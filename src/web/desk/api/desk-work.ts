import type { CannedView, ColleagueView, EarlierView, FilesView, MentionView, NoteView } from '../../shared/desk-work-types.ts';
import type { ActivityView, ConversationView } from '../../shared/api-types.ts';
import { arrayOf, isBoolean, isNumber, isString, isUnknown, keepValid, nullable, object, oneOf, optional, type Guard } from '../../shared/guards.ts';
import { isActivity, isConversation, isNote } from './guards.ts';
import type { Calls } from './knowledge.ts';

const text = nullable(isString);
const isMention: Guard<MentionView> = object({ note: isNote, readAt: nullable(isNumber) });
const isColleague: Guard<ColleagueView> = object({ id: isString, name: isString, role: isString });
const isCanned: Guard<CannedView> = object({ id: isString, shared: isBoolean, folder: isString, title: isString, shortcut: text, texts: object({ 'zh-CN': isString, en: optional(isString) }), updatedAt: isNumber, version: isNumber });
const isEarlier: Guard<EarlierView> = object({ id: isString, channel: isString, owner: oneOf('bot', 'waiting', 'human', 'closed'), seatName: text, createdAt: isNumber, lastActivityAt: isNumber, lastSeq: isNumber, lastCitizen: text, lastAnswer: text });
export const isFiles: Guard<FilesView> = object({ carried: isBoolean, why: text });
export const isDraft = nullable(object({ text: isString, at: isNumber }));

export interface CannedDraft {
  readonly folder: string;
  readonly title: string;
  readonly shortcut: string | null;
  readonly texts: CannedView['texts'];
}

/** Notes, mentions, ready answers, drafts, files and a citizen's history. */
export function createDeskWorkApi({ request, read, list }: Calls) {
  const id = encodeURIComponent;
  return {
    notes: (conversationId: string): Promise<NoteView[]> => list('notes', isNote, `/api/conversations/${id(conversationId)}/notes`),
    async addNote(conversationId: string, given: { readonly kind: NoteView['kind']; readonly text: string; readonly mentions: readonly string[] }): Promise<NoteView> {
      return (await read(object({ note: isNote }), 'POST', `/api/conversations/${id(conversationId)}/notes`, given)).note;
    },
    async mentions(): Promise<{ readonly mentions: readonly MentionView[]; readonly unread: number }> {
      const answer = await read(object({ mentions: arrayOf(isUnknown), unread: isNumber }), 'GET', '/api/mentions');
      return { mentions: keepValid(answer.mentions, isMention), unread: answer.unread };
    },
    /** @param noteIds null: all */
    readMentions: async (noteIds: readonly string[] | null): Promise<void> => void (await request('POST', '/api/mentions/read', noteIds === null ? {} : { noteIds })),
    colleagues: (): Promise<ColleagueView[]> => list('colleagues', isColleague, '/api/colleagues'),
    async canned(): Promise<{ readonly answers: readonly CannedView[]; readonly editsShared: boolean }> {
      const answer = await read(object({ answers: arrayOf(isUnknown), editsShared: isBoolean }), 'GET', '/api/canned');
      return { answers: keepValid(answer.answers, isCanned), editsShared: answer.editsShared };
    },
    addCanned: async (shared: boolean, given: CannedDraft): Promise<void> => void (await request('POST', '/api/canned', { shared, ...given })),
    changeCanned: async (cannedId: string, version: number, given: CannedDraft): Promise<void> => void (await request('PUT', `/api/canned/${id(cannedId)}`, { version, ...given })),
    removeCanned: async (cannedId: string): Promise<void> => void (await request('DELETE', `/api/canned/${id(cannedId)}`)),
    /** `last`: the page is being left; the browser finishes the request by itself. */
    keepDraft: async (conversationId: string, draft: string, last = false): Promise<void> => void (await request('PUT', `/api/conversations/${id(conversationId)}/draft`, { text: draft }, last)),
    history: (citizenId: string): Promise<EarlierView[]> => list('conversations', isEarlier, `/api/citizens/${id(citizenId)}/conversations`),
    sendFile(conversationId: string, file: File, clientId: string): Promise<{ readonly conversation: ConversationView; readonly activity: ActivityView }> {
      const form = new FormData();
      form.set('clientId', clientId);
      form.set('file', file);
      return read(object({ conversation: isConversation, activity: isActivity }), 'POST', `/api/conversations/${id(conversationId)}/files`, form);
    },
  };
}
