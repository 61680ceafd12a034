import type { News, NewsItem } from '../bus/news.ts';
import { codeOf } from '../domain/errors.ts';
import type { Store } from '../store/contract.ts';
import type { Log } from './context.ts';
import type { DeskEvent, LiveHub } from './live.ts';
import type { TurnWaiters } from './waiters.ts';

/** Activities read in one passage; a node that hears much reads in a few handfuls. */
const READ_AT_ONCE = 200;
/** Activities that wait to be read; more are dropped, as their listeners find them by watermark. */
const MAX_UNREAD = 5_000;

export interface Neighbours {
  /** As the local ones, and the other nodes hear it too. These go into the intake context. */
  readonly live: LiveHub;
  readonly waiters: TurnWaiters;
  /** Starts hearing the other nodes. Call it once, before `news.start()`. */
  listen(): void;
  /** Hears no more. What is published here still reaches local listeners, and others while `news` runs. */
  leave(): void;
}

export interface NeighboursOptions {
  /** Of this process only. */
  readonly live: LiveHub;
  readonly waiters: TurnWaiters;
  readonly news: Pick<News, 'publish' | 'subscribe'>;
  readonly store: Pick<Store, 'read'>;
  /** Another node committed outbox rows and carries nothing itself: `bus.wake()`. */
  readonly wake: () => void;
  /** Knowledge was published here or elsewhere: read the changes. */
  readonly onKnowledge?: () => void;
  readonly log: Pick<Log, 'warn'>;
}

/**
 * Joins the live hubs and turn waiters of several nodes. Ids travel, words do not: whoever hears of an activity reads it
 * from the store, and only when somebody here listens.
 *
 *   committed here ─► local listeners, news ─► other nodes ─► store.read ─► their listeners
 */
export function createNeighbours({ live, waiters, news, store, wake, onKnowledge, log }: NeighboursOptions): Neighbours {
  const unread = new Set<string>();
  let reading = false;
  let leave: (() => void) | null = null;

  const hear = (items: readonly NewsItem[]): void => {
    for (const item of items) {
      switch (item.kind) {
        case 'activity':
          if (unread.size < MAX_UNREAD && live.listens(item.conversationId)) unread.add(item.activityId);
          break;
        case 'typing':
          if (item.role !== 'system') live.publish(item.conversationId, { kind: 'typing', role: item.role });
          break;
        case 'knowledge':
          live.publishDesk(item);
          onKnowledge?.();
          break;
        case 'conversation':
        case 'ticket':
        case 'emergency':
        case 'note':
        case 'offer':
        case 'presence':
        case 'queue':
        case 'campaign':
        case 'inspection':
          live.publishDesk(item);
          break;
        case 'receipt': {
          const { conversationId, activityId, status, code, at } = item;
          live.publishDesk({ kind: 'receipt', conversationId, receipt: { conversationId, activityId, status, code, at } });
          break;
        }
        case 'turned':
          waiters.done(item.activityId);
          break;
        case 'work':
          wake();
      }
    }
    if (unread.size > 0 && !reading) void readAll();
  };

  /** One after the other, so that what was told first is published first; within one read by seq, as nodes overtake each other. */
  const readAll = async (): Promise<void> => {
    reading = true;
    try {
      while (unread.size > 0) {
        const ids = [...unread].slice(0, READ_AT_ONCE);
        for (const id of ids) unread.delete(id);
        const activities = await store.read((repos) => repos.activities.getMany(ids));
        for (const activity of activities.toSorted((a, b) => a.seq - b.seq)) live.publish(activity.conversationId, { kind: 'activity', activity });
      }
    } catch (error) {
      unread.clear();
      log.warn({ code: codeOf(error) }, 'what another node said could not be read');
    } finally {
      reading = false;
    }
  };

  return {
    live: {
      ...live,
      publish: (conversationId, event) => {
        live.publish(conversationId, event);
        news.publish(event.kind === 'activity' ? { kind: 'activity', conversationId, activityId: event.activity.id } : { kind: 'typing', conversationId, role: event.role });
      },
      publishDesk: (event) => {
        live.publishDesk(event);
        if (event.kind === 'knowledge') onKnowledge?.();
        news.publish(asNews(event));
      },
    },
    waiters: {
      ...waiters,
      done: (activityId) => {
        // The webhook waits here: nobody else needs to hear of it.
        const here = waiters.waiting(activityId);
        waiters.done(activityId);
        if (!here) news.publish({ kind: 'turned', activityId });
      },
    },
    listen: () => {
      leave ??= news.subscribe(hear);
    },
    leave: () => {
      leave?.();
      leave = null;
    },
  };
}

function asNews(event: DeskEvent): NewsItem {
  switch (event.kind) {
    case 'conversation':
      return { kind: 'conversation', conversationId: event.conversationId };
    case 'ticket':
      return { kind: 'ticket', ticketId: event.ticketId, conversationId: event.conversationId };
    case 'knowledge':
      return { kind: 'knowledge' };
    case 'emergency':
      return { kind: 'emergency', conversationId: event.conversationId, category: event.category };
    case 'note':
    case 'offer':
    case 'presence':
    case 'queue':
    case 'campaign':
    case 'inspection':
      return event;
    case 'receipt': {
      const { activityId, status, code, at } = event.receipt;
      return { kind: 'receipt', conversationId: event.conversationId, activityId, status, code, at };
    }
    case 'activity':
      return event.event.kind === 'activity' ? { kind: 'activity', conversationId: event.conversationId, activityId: event.event.activity.id } : { kind: 'typing', conversationId: event.conversationId, role: event.event.role };
  }
}
