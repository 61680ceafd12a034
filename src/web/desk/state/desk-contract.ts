import type { ReadonlySignal, Signal } from '@preact/signals';
import type { Catalog, ConversationView, SessionView, StormLevelView, TicketDraft, TicketView } from '../../shared/api-types.ts';
import type { Ports } from '../../shared/ports.ts';
import type { PresenceState } from '../../shared/queue-types.ts';
import type { Api } from '../api/client.ts';
import type { LiveState } from '../api/live.ts';
import type { Alerts } from './alerts.ts';
import type { Drafts } from './drafts.ts';
import type { Filter } from './filters.ts';
import type { InspectionNotices } from './inspections.ts';
import type { Actions } from './keys.ts';
import type { DeskState, QueueView, Transcript } from './model.ts';
import type { Mentions } from './notes.ts';
import type { Notify, NotifyPorts } from './notify.ts';
import type { Preferences } from './preferences.ts';
import type { QueueState } from './queue.ts';
import type { Replies } from './replies.ts';
import type { Undo } from './undo.ts';

/** What a seat does to a conversation. */
export interface Acts {
  take(conversation: ConversationView, force?: boolean): Promise<void>;
  /** After a pause in which it can be taken back. */
  handBack(conversation: ConversationView): void;
  close(conversation: ConversationView): void;
  decline(conversationId: string): void;
  accept(conversationId: string): Promise<void>;
  /** Does something to a conversation and shows the result; says why it could not. */
  act(conversation: ConversationView, run: () => Promise<ConversationView>): Promise<boolean>;
  addNote(conversationId: string, given: { readonly kind: 'note' | 'whisper'; readonly text: string; readonly mentions: readonly string[] }): Promise<void>;
  sendFile(conversationId: string, file: File): Promise<void>;
  openTicket(conversationId: string, draft: TicketDraft): Promise<TicketView>;
}

export interface Desk extends Acts {
  readonly api: Api;
  /** `undefined` while it is not known yet, `null` when nobody is signed in. */
  readonly session: ReadonlySignal<SessionView | null | undefined>;
  readonly state: ReadonlySignal<DeskState>;
  readonly live: ReadonlySignal<LiveState>;
  readonly presence: ReadonlySignal<PresenceState>;
  readonly view: Signal<QueueView>;
  readonly selectedId: ReadonlySignal<string | null>;
  readonly selected: ReadonlySignal<ConversationView | null>;
  readonly transcript: ReadonlySignal<Transcript | null>;
  /** The shown list, narrowed by the filter. */
  readonly rows: ReadonlySignal<readonly ConversationView[]>;
  readonly filter: Signal<Filter>;
  readonly actions: Actions;
  readonly mentions: Mentions;
  /** Storm mode; null: a house without, or nothing heard yet. */
  readonly storm: ReadonlySignal<StormLevelView | null>;
  readonly inspections: InspectionNotices;
  /** Grows whenever a campaign of calls went on. */
  readonly campaignNews: ReadonlySignal<number>;
  readonly queue: QueueState;
  readonly undo: Undo;
  readonly drafts: Drafts;
  readonly notify: Notify;
  readonly catalog: ReadonlySignal<Catalog | null>;
  readonly alerts: Alerts;
  readonly preferences: Preferences;
  /** The server's clock now, epoch ms; ticks every second. */
  readonly now: ReadonlySignal<number>;
  readonly replies: Replies;
  start(): Promise<void>;
  signIn(username: string, password: string): Promise<void>;
  signOut(): Promise<void>;
  setPresence(presence: PresenceState, reason?: string | null): Promise<void>;
  select(conversationId: string | null): void;
  /** The next page of the shown list; does nothing when there is none. */
  more(): Promise<void>;
  /** Earlier messages of the open conversation. */
  earlier(): Promise<void>;
  /** The page is left: what waits is done now. */
  leaving(): void;
  /** A key of one's own for what may be sent twice. */
  newId(): string;
  typing(conversationId: string): void;
  /** The seat looks at the selected conversation: what is unread there is read. */
  seen(): void;
  /** The window came back to the front or the network came back. */
  wake(): void;
}

export interface DeskOptions {
  readonly ports: Pick<Ports, 'fetch' | 'openSocket' | 'now' | 'after' | 'random' | 'newId'>;
  readonly liveUrl: string;
  /** Preferences of this browser; never throws. */
  /** The browser's, best first; Chinese when none is told. */
  readonly languages?: readonly string[];
  readonly prefs: { read(): string | null; write(value: string): void };
  /** How news is heard; absent: not at all. */
  readonly notify?: NotifyPorts;
}
