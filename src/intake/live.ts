import type { LiveEvent } from '../channel/contract.ts';
import type { AfterCommit } from './context.ts';

/** What every desk connection hears beside the activities of conversations. */
export type DeskEvent = Extract<AfterCommit, { kind: 'conversation' | 'ticket' | 'knowledge' | 'receipt' | 'emergency' | 'note' | 'offer' | 'presence' | 'queue' | 'campaign' | 'inspection' }> | { readonly kind: 'activity'; readonly conversationId: string; readonly event: LiveEvent };

/** Fan-out of what was just committed. Losing an event loses nothing: everyone can read by watermark. */
export interface LiveHub {
  publish(conversationId: string, event: LiveEvent): void;
  publishDesk(event: DeskEvent): void;
  subscribe(conversationId: string, listener: (event: LiveEvent) => void): () => void;
  /** `watches`: of which conversations the activities are wanted; of all unless told. Other events come always. */
  subscribeDesk(listener: (event: DeskEvent) => void, watches?: (conversationId: string) => boolean): () => void;
  /** Would anybody here hear of an activity of this conversation? What another node committed need not be read otherwise. */
  listens(conversationId: string): boolean;
  /** Does anybody here listen at all? */
  anybody(): boolean;
}

const everything = (): boolean => true;

export function createLiveHub(onListenerError: (error: unknown) => void): LiveHub {
  const conversations = new Map<string, Set<(event: LiveEvent) => void>>();
  const desk = new Map<(event: DeskEvent) => void, (conversationId: string) => boolean>();

  // One broken socket must not keep the news from the others.
  const tell = <Event>(listeners: Iterable<(event: Event) => void>, event: Event): void => {
    for (const listener of new Set(listeners)) {
      try {
        listener(event);
      } catch (error) {
        onListenerError(error);
      }
    }
  };

  return {
    publish: (conversationId, event) => {
      tell(conversations.get(conversationId) ?? [], event);
      tell(desk.keys(), { kind: 'activity', conversationId, event });
    },
    publishDesk: (event) => tell(desk.keys(), event),
    subscribe: (conversationId, listener) => {
      const listeners = conversations.get(conversationId) ?? new Set();
      conversations.set(conversationId, listeners);
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0 && conversations.get(conversationId) === listeners) conversations.delete(conversationId);
      };
    },
    subscribeDesk: (listener, watches = everything) => {
      desk.set(listener, watches);
      return () => void desk.delete(listener);
    },
    listens: (conversationId) => conversations.has(conversationId) || [...desk.values()].some((watches) => watches(conversationId)),
    anybody: () => conversations.size > 0 || desk.size > 0,
  };
}
