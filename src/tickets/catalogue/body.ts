import type { TSchema } from 'typebox';
import { Value } from 'typebox/value';
import type { CityData } from '../../config/city.ts';
import { checkCalendar, checkDeadlines, checkDepartments, checkTowns } from '../../domain/city-checks.ts';
import { beijingDay } from '../../domain/clock.ts';
import {
  CalendarSchema, DeadlinesCatalogueSchema, DepartmentsCatalogueSchema, DispatchCatalogueSchema, ItemCatalogueSchema, TownsCatalogueSchema,
  type Calendar, type DeadlinesCatalogue, type DepartmentsCatalogue, type DispatchCatalogue, type ItemCatalogue, type TownsCatalogue,
} from '../../domain/config-files.ts';
import type { EpochMs } from '../../domain/activity.ts';
import { AppError } from '../../domain/errors.ts';
import { checkCodes, checkItems, type CatalogueFault } from '../../domain/items.ts';
import type { JsonValue } from '../../domain/json.ts';
import { checkRouteIds, checkRoutes } from '../../domain/routing.ts';
import type { Catalogue } from '../../store/contract.ts';

/** What stands in a catalogue: its shape, its sense against the city, what it takes the place of, and the files in config/ as version 0. */

export type CatalogueKind = Catalogue['kind'];
export const CATALOGUE_KINDS = ['items', 'dispatch', 'departments', 'towns', 'calendar', 'deadlines'] as const satisfies readonly CatalogueKind[];

/** Faults of shape that are told at most. */
const TOLD = 20;

const SCHEMAS: Readonly<Record<CatalogueKind, TSchema>> = {
  items: ItemCatalogueSchema, dispatch: DispatchCatalogueSchema, departments: DepartmentsCatalogueSchema, towns: TownsCatalogueSchema, calendar: CalendarSchema, deadlines: DeadlinesCatalogueSchema,
};

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

/** @throws AppError `catalogue.bad_body` with the first faults of shape */
export function readDepartmentsBody(body: unknown): DepartmentsCatalogue {
  if (Value.Check(DepartmentsCatalogueSchema, body)) return body;
  throw badBody('departments', body);
}

/** @throws AppError `catalogue.bad_body` with the first faults of shape */
export function readTownsBody(body: unknown): TownsCatalogue {
  if (Value.Check(TownsCatalogueSchema, body)) return body;
  throw badBody('towns', body);
}

/** @throws AppError `catalogue.bad_body` with the first faults of shape */
export function readCalendarBody(body: unknown): Calendar {
  if (Value.Check(CalendarSchema, body)) return body;
  throw badBody('calendar', body);
}

/** @throws AppError `catalogue.bad_body` with the first faults of shape */
export function readDeadlinesBody(body: unknown): DeadlinesCatalogue {
  if (Value.Check(DeadlinesCatalogueSchema, body)) return body;
  throw badBody('deadlines', body);
}

function badBody(kind: CatalogueKind, body: unknown): AppError {
  const faults = [...Value.Errors(SCHEMAS[kind], body)].slice(0, TOLD).map(({ instancePath, message }) => `${instancePath === '' ? '/' : instancePath} ${message}`);
  return new AppError('catalogue.bad_body', `the catalogue has another shape: ${faults.join('; ')}`, { status: 400, citizenText: `目录格式不对：${faults.join('；')}`, details: { faults: faults.join('; ') } });
}

/** Checked for its shape, as it is stored. */
export function readBody(kind: CatalogueKind, body: unknown): JsonValue {
  if (!Value.Check(SCHEMAS[kind], body)) throw badBody(kind, body);
  return toJson(body);
}

/** A plain copy; the shapes hold nothing that JSON does not. */
function toJson(value: unknown): JsonValue {
  const copy: JsonValue = JSON.parse(JSON.stringify(value));
  return copy;
}

/** The files in config/, as bodies: version 0. */
export function fileBody(kind: CatalogueKind, files: CityData): JsonValue {
  switch (kind) {
    case 'items':
      return toJson({ ...files.itemScheme, ...(files.itemGroups.length === 0 ? {} : { groups: files.itemGroups }), items: files.items });
    case 'dispatch':
      return toJson({ routes: files.routes });
    case 'departments':
      return toJson({ departments: files.departments });
    case 'towns':
      return toJson({ towns: files.towns });
    case 'calendar':
      return toJson(files.calendar);
    case 'deadlines':
      return toJson({ active: files.deadlines.id, ...(files.enterpriseDeadlines.id === files.deadlines.id ? {} : { enterprise: files.enterpriseDeadlines.id }), profiles: files.profiles });
  }
}

/**
 * What a published body takes the place of in the city.
 * @throws AppError `catalogue.bad_body` for one that this version of the gateway cannot read
 */
export function cityOf(kind: CatalogueKind, version: number, body: JsonValue): Partial<CityData> {
  switch (kind) {
    case 'items': {
      const { items, groups = [], scheme, version: edition } = readItemsBody(body);
      return { items, itemGroups: groups, itemScheme: { scheme, version: edition } };
    }
    case 'dispatch':
      return { routes: readDispatchBody(body).routes, routesVersion: version };
    case 'departments':
      return { departments: readDepartmentsBody(body).departments };
    case 'towns':
      return { towns: readTownsBody(body).towns };
    case 'calendar':
      return { calendar: readCalendarBody(body) };
    case 'deadlines': {
      const { active, enterprise = active, profiles } = readDeadlinesBody(body);
      const [deadlines, enterpriseDeadlines] = [active, enterprise].map((wanted) => profiles.find(({ id }) => id === wanted));
      if (deadlines === undefined || enterpriseDeadlines === undefined) throw new AppError('catalogue.bad_body', 'a profile in force is not among the profiles', { status: 400, citizenText: '在用的时限方案不在方案里。' });
      return { deadlines, enterpriseDeadlines, profiles };
    }
  }
}

/**
 * What is wrong with a body of the right shape, as far as the city tells: within itself, and with what the other catalogues in force would then lack.
 * @param city the one in force
 * @param at now: which years the calendar must have; absent: they are not looked at
 */
export function checkBody(kind: CatalogueKind, body: unknown, city: CityData, at?: EpochMs): CatalogueFault[] {
  switch (kind) {
    case 'items':
      return checkItemsBody(readItemsBody(body), city);
    case 'dispatch': {
      const { routes } = readDispatchBody(body);
      return [...checkRouteIds(routes), ...checkRoutes(routes, city)];
    }
    case 'departments': {
      const { departments } = readDepartmentsBody(body);
      const left = { ...inForce(city), departments };
      const unknown = [...checkItems({ items: city.items }, { departments, profile: undefined }).filter(({ pointer }) => /\/(?:department|assist\/\d+)$/.test(pointer)), ...checkRoutes(city.routes, left).filter(({ pointer }) => /\/(?:to|assist\/\d+)$/.test(pointer))];
      return [...checkDepartments(departments), ...stillUsed('/departments', unknown)];
    }
    case 'towns': {
      const { towns } = readTownsBody(body);
      const unknown = checkRoutes(city.routes, { ...inForce(city), towns }).filter(({ pointer }) => pointer.includes('/when/towns/'));
      return [...checkTowns(towns), ...stillUsed('/towns', unknown)];
    }
    case 'calendar':
      return checkCalendar(readCalendarBody(body), at === undefined ? undefined : Number(beijingDay(at).slice(0, 4)));
    case 'deadlines':
      return checkDeadlines(readDeadlinesBody(body), city.items);
  }
}

const inForce = ({ departments, towns, items, itemGroups }: CityData) => ({ departments, towns, items, itemGroups });

/** Faults that the catalogues in force would have; their places are in those, so these stand at the whole list. */
const stillUsed = (pointer: string, faults: readonly CatalogueFault[]): CatalogueFault[] => faults.map((fault) => ({ ...fault, pointer, message: `still used: ${fault.message}`, text: `仍在使用：${fault.text}` }));

function checkItemsBody(catalogue: ItemCatalogue, city: CityData): CatalogueFault[] {
  const faults = [...checkCodes(catalogue), ...checkItems(catalogue, { departments: city.departments, profile: city.deadlines })];
  if (city.enterpriseDeadlines.id === city.deadlines.id) return faults;
  // The enterprise lane goes by a profile of its own.
  return [...faults, ...checkItems(catalogue, { departments: city.departments, profile: city.enterpriseDeadlines }).filter(({ pointer }) => pointer.endsWith('/deadlineClass'))];
}
