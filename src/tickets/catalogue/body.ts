import { Value } from 'typebox/value';
import type { CityData } from '../../config/city.ts';
import { DispatchCatalogueSchema, ItemCatalogueSchema, type DispatchCatalogue, type ItemCatalogue } from '../../domain/config-files.ts';
import { AppError } from '../../domain/errors.ts';
import { checkCodes, checkItems, type CatalogueFault } from '../../domain/items.ts';
import type { JsonValue } from '../../domain/json.ts';
import { checkRouteIds, checkRoutes } from '../../domain/routing.ts';
import type { Catalogue } from '../../store/contract.ts';

/** What stands in a catalogue: its shape, its sense against the city, and the files in config/ as version 0. */

export type CatalogueKind = Catalogue['kind'];

export interface CatalogueBodies {
  readonly items: ItemCatalogue;
  readonly dispatch: DispatchCatalogue;
}

/** Faults of shape that are told at most. */
const TOLD = 20;

const SCHEMAS = { items: ItemCatalogueSchema, dispatch: DispatchCatalogueSchema } as const;

/** @throws AppError `catalogue.bad_body` with the first faults of shape */
export function readItemsBody(body: unknown): ItemCatalogue {
  if (Value.Check(ItemCatalogueSchema, body)) return body;
  throw badBody('items', body);
}

/** @throws AppError `catalogue.bad_body` with the first faults of shape */
export function readDispatchBody(body: unknown): DispatchCatalogue {
  if (Value.Check(DispatchCatalogueSchema, body)) return body;
  throw badBody('dispatch', body);
}

function badBody(kind: CatalogueKind, body: unknown): AppError {
  const faults = [...Value.Errors(SCHEMAS[kind], body)].slice(0, TOLD).map(({ instancePath, message }) => `${instancePath === '' ? '/' : instancePath} ${message}`);
  return new AppError('catalogue.bad_body', `the catalogue has another shape: ${faults.join('; ')}`, { status: 400, citizenText: `目录格式不对：${faults.join('；')}`, details: { faults: faults.join('; ') } });
}

/** Checked for its shape, as it is stored. */
export function readBody(kind: CatalogueKind, body: unknown): JsonValue {
  return toJson(kind === 'items' ? readItemsBody(body) : readDispatchBody(body));
}

/** A plain copy; the shapes hold nothing that JSON does not. */
function toJson(value: ItemCatalogue | DispatchCatalogue): JsonValue {
  const copy: JsonValue = JSON.parse(JSON.stringify(value));
  return copy;
}

/** The files in config/, as bodies: version 0. */
export function fileBody(kind: CatalogueKind, files: Pick<CityData, 'items' | 'itemGroups' | 'itemScheme' | 'routes'>): JsonValue {
  if (kind === 'dispatch') return toJson({ routes: [...files.routes] });
  return toJson({ ...files.itemScheme, ...(files.itemGroups.length === 0 ? {} : { groups: [...files.itemGroups] }), items: [...files.items] });
}

/**
 * What is wrong with a body of the right shape, as far as the city tells.
 * @param city the one in force: rules are checked against its items
 */
export function checkBody(kind: CatalogueKind, body: unknown, city: CityData): CatalogueFault[] {
  if (kind === 'items') {
    const catalogue = readItemsBody(body);
    const faults = [...checkCodes(catalogue), ...checkItems(catalogue, { departments: city.departments, profile: city.deadlines })];
    if (city.enterpriseDeadlines.id === city.deadlines.id) return faults;
    // The enterprise lane goes by a profile of its own.
    return [...faults, ...checkItems(catalogue, { departments: city.departments, profile: city.enterpriseDeadlines }).filter(({ pointer }) => pointer.endsWith('/deadlineClass'))];
  }
  const { routes } = readDispatchBody(body);
  return [...checkRouteIds(routes), ...checkRoutes(routes, city)];
}
