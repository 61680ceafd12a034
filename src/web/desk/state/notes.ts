import { computed, signal, type ReadonlySignal } from '@preact/signals';
import type { ColleagueView, MentionView, NoteView } from '../../shared/desk-work-types.ts';
import type { Api } from '../api/client.ts';

export interface Mentions {
  readonly list: ReadonlySignal<readonly MentionView[]>;
  readonly unread: ReadonlySignal<number>;
  /** Conversations with a note for this seat that it has not read. */
  readonly conversations: ReadonlySignal<ReadonlySet<string>>;
  readonly colleagues: ReadonlySignal<readonly ColleagueView[]>;
  load(): Promise<void>;
  loadColleagues(): Promise<void>;
  /** A note came. True when it is for this seat. */
  heard(note: NoteView, seatId: string): boolean;
  /** This seat looks at the conversation. */
  looked(conversationId: string): void;
  readAll(): void;
  clear(): void;
}

const KEPT = 100;

/** Notes that name this seat: a list with read marks, the same on every page of this seat after the next reading. */
export function createMentions(api: { readonly deskWork: Pick<Api['deskWork'], 'mentions' | 'readMentions' | 'colleagues'> }, now: () => number): Mentions {
  const list = signal<readonly MentionView[]>([]);
  const colleagues = signal<readonly ColleagueView[]>([]);
  const waiting = computed(() => list.value.filter((one) => one.readAt === null));

  function mark(ids: readonly string[] | null): void {
    const at = now();
    list.value = list.value.map((one) => (one.readAt === null && (ids === null || ids.includes(one.note.id)) ? { ...one, readAt: at } : one));
    api.deskWork.readMentions(ids).catch(() => undefined); // the next reading shows them again
  }

  return {
    list,
    unread: computed(() => waiting.value.length),
    conversations: computed(() => new Set(waiting.value.map((one) => one.note.conversationId))),
    colleagues,
    async load() {
      list.value = (await api.deskWork.mentions()).mentions;
    },
    async loadColleagues() {
      colleagues.value = await api.deskWork.colleagues();
    },
    heard(note, seatId) {
      const mine = note.seatId !== seatId && (note.toSeatId === seatId || note.mentions.some((person) => person.id === seatId));
      if (mine && !list.value.some((one) => one.note.id === note.id)) list.value = [{ note, readAt: null }, ...list.value].slice(0, KEPT);
      return mine;
    },
    looked(conversationId) {
      const ids = waiting.value.filter((one) => one.note.conversationId === conversationId).map((one) => one.note.id);
      if (ids.length > 0) mark(ids);
    },
    readAll() {
      if (waiting.value.length > 0) mark(null);
    },
    clear() {
      list.value = [];
    },
  };
}
