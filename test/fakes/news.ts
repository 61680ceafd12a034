import type { News, NewsItem } from '../../src/bus/news.ts';
import { unwrap, wrap } from '../../src/bus/news/envelope.ts';

/** What nodes of one process tell each other, as text, in order, a moment later. */
export interface FakeMedium {
  node(id: string): News;
  /** Everything that went over it. */
  readonly said: readonly string[];
  /** True: what is said is lost. */
  deaf: boolean;
}

export function createFakeMedium(): FakeMedium {
  const hearers = new Map<string, Set<(items: readonly NewsItem[]) => void>>();
  const said: string[] = [];
  const medium = {
    said,
    deaf: false,
    node: (id: string): News => {
      const listeners = new Set<(items: readonly NewsItem[]) => void>();
      hearers.set(id, listeners);
      return {
        publish: (item) => {
          const text = wrap(id, [JSON.stringify(item)]);
          said.push(text);
          if (medium.deaf) return;
          setImmediate(() => {
            for (const [node, others] of hearers) for (const listener of others) {
              const items = unwrap(text, node);
              if (items.length > 0) listener(items);
            }
          });
        },
        subscribe: (listener) => {
          listeners.add(listener);
          return () => void listeners.delete(listener);
        },
        start: async () => {},
        stop: async () => listeners.clear(),
        connected: () => true,
      };
    },
  };
  return medium;
}
