import { computed, signal, type ReadonlySignal } from '@preact/signals';
import type { ConversationView, LiveFrame } from '../../shared/api-types.ts';
import type { GroupsAnswer, PresenceState, SeatPresence, SeatPresenceView } from '../../shared/queue-types.ts';
import { ApiError, type Api } from '../api/client.ts';

export interface Offer {
  readonly conversationId: string;
  readonly until: number;
  readonly kind: 'queue' | 'transfer';
}

export interface OwnPresence {
  readonly state: PresenceState;
  readonly reason: string | null;
  /** Since when, epoch ms. */
  readonly since: number;
  /** Wrap-up ends by itself then. */
  readonly until: number | null;
}

export interface QueueState {
  /** Null until the server has said; a server without groups never does. */
  readonly groups: ReadonlySignal<GroupsAnswer | null>;
  readonly seats: ReadonlySignal<readonly SeatPresenceView[]>;
  /** Conversations that are offered to this seat now, first to end first. */
  readonly offers: ReadonlySignal<readonly Offer[]>;
  readonly presence: ReadonlySignal<OwnPresence>;
  setOwn(presence: OwnPresence): void;
  load(): Promise<void>;
  loadSeats(): Promise<void>;
  /** News of the socket. True: a new offer came. */
  frame(frame: LiveFrame, seatId: string): boolean;
  /** Rows say what is offered to whom as well. */
  rows(rows: readonly ConversationView[], seatId: string): void;
  drop(conversationId: string): void;
  /** Out of sight while a refusal can still be taken back. */
  hide(conversationId: string, hidden: boolean): void;
  clear(): void;
}

const isOwnState = (state: SeatPresence): state is PresenceState => state !== 'offline';

/** Groups, who is there, what is offered to this seat. `now` is the server's clock. */
export function createQueueState(api: { readonly queue: Pick<Api['queue'], 'groups' | 'presence'> }, now: ReadonlySignal<number>, first: OwnPresence): QueueState {
  const groups = signal<GroupsAnswer | null>(null);
  const seats = signal<readonly SeatPresenceView[]>([]);
  const offered = signal<ReadonlyMap<string, Offer>>(new Map());
  const hidden = signal<ReadonlySet<string>>(new Set());
  const presence = signal<OwnPresence>(first);

  function put(offer: Offer): boolean {
    const known = offered.value.get(offer.conversationId);
    if (known?.until === offer.until) return false;
    offered.value = new Map(offered.value).set(offer.conversationId, offer);
    return known === undefined;
  }
  function drop(id: string): void {
    if (!offered.value.has(id)) return;
    offered.value = new Map([...offered.value].filter(([other]) => other !== id));
  }
  function own(list: readonly SeatPresenceView[], seatId: string): void {
    const me = list.find((seat) => seat.id === seatId);
    if (me === undefined || !isOwnState(me.presence)) return;
    const { presence: state, reason, since, until } = me;
    presence.value = { state, reason, since: since ?? presence.value.since, until };
  }

  return {
    groups,
    seats,
    offers: computed(() => [...offered.value.values()].filter((offer) => offer.until > now.value && !hidden.value.has(offer.conversationId)).sort((a, b) => a.until - b.until)),
    presence,
    setOwn: (next) => void (presence.value = next),
    async load() {
      try {
        groups.value = await api.queue.groups();
      } catch (error) {
        // A server without groups: the desk works from its lists.
        if (!(error instanceof ApiError)) throw error;
      }
    },
    async loadSeats() {
      seats.value = await api.queue.presence();
    },
    frame(frame, seatId) {
      switch (frame.type) {
        case 'offer':
          if (frame.seatId === seatId && frame.until !== null) return put({ conversationId: frame.conversationId, until: frame.until, kind: frame.kind });
          drop(frame.conversationId);
          return false;
        case 'presence': {
          own(frame.seats, seatId);
          const told = new Map(frame.seats.map((seat) => [seat.id, seat]));
          const known = new Set(seats.value.map((seat) => seat.id));
          seats.value = [...seats.value.map((seat) => told.get(seat.id) ?? seat), ...frame.seats.filter((seat) => !known.has(seat.id))];
          return false;
        }
        case 'queue': {
          const told = new Map(frame.groups.map((group) => [group.id, group]));
          if (groups.value !== null) groups.value = { ...groups.value, groups: groups.value.groups.map((group) => ({ ...group, ...told.get(group.id) })) };
          return false;
        }
        default:
          return false;
      }
    },
    rows(rows, seatId) {
      for (const row of rows) {
        const offer = row.offeredTo ?? null;
        if (offer !== null && offer.seatId === seatId) put({ conversationId: row.id, until: offer.until, kind: offer.kind });
        else if (row.offeredTo !== undefined) drop(row.id);
      }
    },
    drop,
    hide(id, wanted) {
      const others = [...hidden.value].filter((one) => one !== id);
      hidden.value = new Set(wanted ? [...others, id] : others);
    },
    clear() {
      hidden.value = new Set();
      groups.value = null;
      seats.value = [];
      offered.value = new Map();
    },
  };
}
