import type { News } from '../bus/news.ts';
import type { CityData } from '../config/city.ts';
import type { Log } from '../intake/context.ts';
import { everyMs, type Every } from '../store/follow.ts';
import type { Store } from '../store/contract.ts';
import { openLiveCatalogues, type LiveCatalogues } from '../tickets/catalogue/live.ts';

/** Items, dispatch rules, departments, towns, calendar and deadlines of a node: config/ as version 0, then what is published, followed live. */

export interface Catalogues extends Pick<LiveCatalogues, 'city' | 'versions' | 'look' | 'watch'> {
  /** For the desk: something was published here. */
  readonly announce: () => void;
  /** Begins to look every second, and to hear the other nodes. */
  start(news: Pick<News, 'publish' | 'subscribe'>): void;
  stop(): Promise<void>;
}

export async function openCatalogues(given: { readonly store: Store; readonly files: CityData; readonly log: Pick<Log, 'warn'>; readonly every?: Every }): Promise<Catalogues> {
  const live = await openLiveCatalogues({ store: given.store, files: given.files, log: given.log, every: given.every ?? everyMs });
  let tell: () => void = () => {};
  let leave: () => void = () => {};
  return {
    city: live.city,
    versions: live.versions,
    look: live.look,
    watch: live.watch,
    announce: () => {
      void live.look();
      tell();
    },
    start: (news) => {
      tell = () => news.publish({ kind: 'catalogue' });
      leave = news.subscribe((items) => {
        if (items.some(({ kind }) => kind === 'catalogue')) void live.look();
      });
      live.start();
    },
    stop: () => {
      leave();
      return live.stop();
    },
  };
}
