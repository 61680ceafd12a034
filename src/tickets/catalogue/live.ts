import type { CityData } from '../../config/city.ts';
import { codeOf } from '../../domain/errors.ts';
import type { Store } from '../../store/contract.ts';
import { createFollower, type Every, type Follower } from '../../store/follow.ts';
import { CATALOGUE_KINDS, cityOf, type CatalogueKind } from './body.ts';

export interface LiveCataloguesOptions {
  readonly store: Store;
  /** config/ as it was read. */
  readonly files: CityData;
  readonly log: { warn(facts: object, text: string): void };
  readonly every: Every;
}

export interface LiveCatalogues extends Follower {
  /** The files' city with what is published in its place, as it is at the moment. Never copy it: a copy stands still. */
  readonly city: CityData;
  /** Versions in force; 0 is the file. */
  versions(): Readonly<Record<CatalogueKind, number>>;
  /** Told when another version has come into force on this node, after it has. Returns how to stop hearing. */
  watch(listener: (kind: CatalogueKind) => void): () => void;
}

/**
 * Follows the published catalogues on this node.
 *
 *   publish ──commit──► news `catalogue` ─► look ─┐
 *                       every second ─────► look ─┴► which versions are published; a body only when one is new
 */
export async function openLiveCatalogues({ store, files, log, every }: LiveCataloguesOptions): Promise<LiveCatalogues> {
  const parts: Record<CatalogueKind, Partial<CityData>> = { items: {}, dispatch: {}, departments: {}, towns: {}, calendar: {}, deadlines: {} };
  let now: CityData = files;
  const none = (): Record<CatalogueKind, number> => ({ items: 0, dispatch: 0, departments: 0, towns: 0, calendar: 0, deadlines: 0 });
  const seen = none();
  const inForce = none();
  const listeners = new Set<(kind: CatalogueKind) => void>();

  const city: CityData = {
    ...files,
    get departments() {
      return now.departments;
    },
    get towns() {
      return now.towns;
    },
    get items() {
      return now.items;
    },
    get itemGroups() {
      return now.itemGroups;
    },
    get itemScheme() {
      return now.itemScheme;
    },
    get routes() {
      return now.routes;
    },
    get routesVersion() {
      return now.routesVersion;
    },
    get deadlines() {
      return now.deadlines;
    },
    get enterpriseDeadlines() {
      return now.enterpriseDeadlines;
    },
    get profiles() {
      return now.profiles;
    },
    get calendar() {
      return now.calendar;
    },
  };

  async function take(kind: CatalogueKind): Promise<void> {
    const found = await store.read((repos) => repos.catalogues.published(kind));
    const version = found?.version ?? 0;
    try {
      parts[kind] = found === null ? {} : cityOf(kind, version, found.body);
      now = CATALOGUE_KINDS.reduce<CityData>((made, each) => ({ ...made, ...parts[each] }), files);
      inForce[kind] = version;
    } catch (error) {
      // Published by a gateway of another version: what held before goes on holding.
      log.warn({ kind, version, code: codeOf(error) }, 'a published catalogue cannot be read');
    }
    seen[kind] = version;
    if (inForce[kind] === version) for (const listener of listeners) listener(kind);
  }

  const follower = createFollower({
    look: async () => {
      const published = new Map((await store.read((repos) => repos.catalogues.publishedVersions())).map(({ kind, version }) => [kind, version]));
      for (const kind of CATALOGUE_KINDS) if ((published.get(kind) ?? 0) !== seen[kind]) await take(kind);
    },
    troubled: (error) => log.warn({ code: codeOf(error) }, 'the published catalogues could not be looked for'),
    every,
  });
  await follower.look();
  return {
    ...follower,
    city,
    versions: () => ({ ...inForce }),
    watch: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
