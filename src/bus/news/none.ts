import type { News } from '../news.ts';

/** One node has nobody to tell. */
export function createNoNews(): News {
  return {
    publish: () => {},
    subscribe: () => () => {},
    start: async () => {},
    stop: async () => {},
    connected: () => true,
  };
}
