import type { NewsItem } from '../news.ts';

export interface Listeners {
  add(listener: (items: readonly NewsItem[]) => void): () => void;
  tell(items: readonly NewsItem[]): void;
}

/** Who hears the news here. One that throws does not keep it from the others, nor from the connection it came by. */
export function createListeners(onError: (error: unknown) => void): Listeners {
  const listeners = new Set<(items: readonly NewsItem[]) => void>();
  return {
    add: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    tell: (items) => {
      if (items.length === 0) return;
      for (const listener of new Set(listeners)) {
        try {
          listener(items);
        } catch (error) {
          onError(error);
        }
      }
    },
  };
}
