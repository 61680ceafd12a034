import type { CityData } from '../../config/city.ts';
import { codeOf } from '../../domain/errors.ts';
import type { Store } from '../../store/contract.ts';
import { readDispatchBody, readItemsBody, type CatalogueKind } from './body.ts';

/** Between two looks: a publication shows after two seconds at most, news or not. */
const LOOK_MS = 1_000;

export interface LiveCataloguesOptions {
  readonly store: Store;
  /** config/ as it was read. */
  readonly files: CityData;
  readonly log: { warn(facts: object, text: string): void };
  /** Runs something every so many ms; returns how to stop it. */
  readonly every: (ms: number, run: () => void) => () => void;
}

export interface LiveCatalogues {
  /** The files' city with the published items and rules in their places, as they are at the moment. Never copy it: a copy stands still. */
  readonly city: CityData;
  /** Versions in force; 0 is the file. */
  versions(): Readonly<Record<CatalogueKind, number>>;
  /** Reads what is published; who asks while a look is under way waits for one that begins after the asking. Never rejects. */
  look(): Promise<void>;
  start(): void;
  stop(): Promise<void>;
}

/**
 * Follows the published catalogues on this node.
 *
 *   publish ──commit──► news `catalogue` ─► look ─┐
 *                       every second ─────► look ─┴► two version numbers; a body only when one is new
 */
export async function openLiveCatalogues({ store, files, log, every }: LiveCataloguesOptions): Promise<LiveCatalogues> {
  let items: Pick<CityData, 'items' | 'itemGroups' | 'itemScheme'> = files;
  let routes: Pick<CityData, 'routes' | 'routesVersion'> = files;
  const seen: Record<CatalogueKind, number> = { items: 0, dispatch: 0 };
  const inForce: Record<CatalogueKind, number> = { items: 0, dispatch: 0 };
  let looking: Promise<void> | null = null;
  let again = false;
  let troubled = false;
  let stopEvery: (() => void) | null = null;

  const city: CityData = {
    ...files,
    get items() {
      return items.items;
    },
    get itemGroups() {
      return items.itemGroups;
    },
    get itemScheme() {
      return items.itemScheme;
    },
    get routes() {
      return routes.routes;
    },
    get routesVersion() {
      return routes.routesVersion;
    },
  };

  async function take(kind: CatalogueKind): Promise<void> {
    const found = await store.read((repos) => repos.catalogues.published(kind));
    const version = found?.version ?? 0;
    try {
      if (kind === 'items') {
        const body = found === null ? null : readItemsBody(found.body);
        items = body === null ? files : { items: body.items, itemGroups: body.groups ?? [], itemScheme: { scheme: body.scheme, version: body.version } };
      } else routes = found === null ? files : { routes: readDispatchBody(found.body).routes, routesVersion: version };
      inForce[kind] = version;
    } catch (error) {
      // Published by a gateway of another version: what held before goes on holding.
      log.warn({ kind, version, code: codeOf(error) }, 'a published catalogue cannot be read');
    }
    seen[kind] = version;
  }

  async function lookOnce(): Promise<void> {
    try {
      const [itemsVersion, dispatchVersion] = await store.read(async (repos) => [await repos.catalogues.publishedVersion('items'), await repos.catalogues.publishedVersion('dispatch')] as const);
      if (itemsVersion !== seen.items) await take('items');
      if (dispatchVersion !== seen.dispatch) await take('dispatch');
      troubled = false;
    } catch (error) {
      if (!troubled) log.warn({ code: codeOf(error) }, 'the published catalogues could not be looked for');
      troubled = true;
    }
  }

  function look(): Promise<void> {
    if (looking !== null) {
      again = true;
      return looking;
    }
    looking = (async () => {
      do {
        again = false;
        await lookOnce();
      } while (again);
    })().finally(() => {
      looking = null;
    });
    return looking;
  }

  await look();
  return {
    city,
    versions: () => ({ ...inForce }),
    look,
    start: () => {
      stopEvery ??= every(LOOK_MS, () => void look());
    },
    stop: async () => {
      stopEvery?.();
      stopEvery = null;
      await looking;
    },
  };
}
