import { join } from 'node:path';
import Type, { type TSchema } from 'typebox';
import {
  CalendarSchema, DeadlineProfileSchema, DepartmentSchema, DispatchCatalogueSchema, ItemCatalogueSchema, TownSchema,
  type Calendar, type DeadlineProfile, type Department, type Item, type ItemGroup, type Route, type Town,
} from '../domain/config-files.ts';
import { TicketRulesSchema, type TicketRules } from '../domain/ticket-rules.ts';
import { LexiconSchema, type Lexicon } from '../domain/lexicon.ts';
import { KnowledgeEntrySchema, type KnowledgeEntry } from '../domain/knowledge.ts';
import { checkItems } from '../domain/items.ts';
import { checkRoutes } from '../domain/routing.ts';
import { faultsError, readYaml, yamlFiles, type FileFault, type YamlFile } from './files.ts';

/** Everything about one city that an operator edits in config/, checked and cross-checked. */
export interface CityData {
  readonly departments: readonly Department[];
  readonly towns: readonly Town[];
  /** Items and dispatch rules of the files; in a running gateway those of the published catalogues (src/tickets/catalogue). */
  readonly items: readonly Item[];
  /** Branches of the item tree, and which scheme it is. */
  readonly itemGroups: readonly ItemGroup[];
  readonly itemScheme: { readonly scheme: string; readonly version: number };
  readonly routes: readonly Route[];
  /** Version of the catalogue that `routes` come from; 0: the file. */
  readonly routesVersion: number;
  /** The profile in force, and the one of the enterprise lane (the same when the file names none). */
  readonly deadlines: DeadlineProfile;
  readonly enterpriseDeadlines: DeadlineProfile;
  /** All of the file: a ticket keeps the profile that it was opened under. */
  readonly profiles: readonly DeadlineProfile[];
  readonly ticketRules: TicketRules;
  readonly calendar: Calendar;
  readonly knowledge: readonly KnowledgeEntry[];
  readonly lexicon: Lexicon;
}

const shape = { additionalProperties: false };
const CLOCK = /^(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)$/;
const DepartmentsFile = Type.Object({ departments: Type.Array(DepartmentSchema) }, shape);
const TownsFile = Type.Object({ towns: Type.Array(TownSchema) }, shape);
const DeadlinesFile = Type.Object({ active: Type.String(), enterprise: Type.Optional(Type.String()), profiles: Type.Array(DeadlineProfileSchema, { minItems: 1 }) }, shape);
const KnowledgeFile = Type.Object({ entries: Type.Array(KnowledgeEntrySchema) }, shape);

/**
 * Loads config/ of a checkout.
 * @param root folder that holds `config/`
 * @throws AppError `config.invalid` that lists every fault with file, line and column
 */
export function loadCity(root: string): CityData {
  const folder = join(root, 'config');
  const read = <Schema extends TSchema>(name: string, schema: Schema) => readYaml(root, join(folder, name), schema);
  const files = {
    departments: read('departments.yaml', DepartmentsFile),
    towns: read('towns.yaml', TownsFile),
    items: read('items.yaml', ItemCatalogueSchema),
    routing: read('routing.yaml', DispatchCatalogueSchema),
    deadlines: read('deadlines.yaml', DeadlinesFile),
    tickets: read('tickets.yaml', TicketRulesSchema),
    calendar: read('calendar.yaml', CalendarSchema),
    lexicon: read('lexicon.yaml', LexiconSchema),
  };
  const knowledgeFiles = yamlFiles(join(folder, 'knowledge')).map((path) => readYaml(root, path, KnowledgeFile));
  const { departments, towns, items, routing, deadlines, tickets, calendar, lexicon } = files;
  if (departments.value === null || towns.value === null || items.value === null || routing.value === null || deadlines.value === null || tickets.value === null || calendar.value === null || lexicon.value === null || knowledgeFiles.some((file) => file.value === null)) {
    throw faultsError([...Object.values(files), ...knowledgeFiles].flatMap((file) => file.faults));
  }
  const { active, enterprise = active, profiles } = deadlines.value;
  const profile = profiles.find((candidate) => candidate.id === active);
  const faults: FileFault[] = [];
  if (profile === undefined) faults.push(deadlines.fault('/active', `active profile ${active} is not among the profiles`));
  const enterpriseProfile = profiles.find((candidate) => candidate.id === enterprise);
  if (enterpriseProfile === undefined && enterprise !== active) faults.push(deadlines.fault('/enterprise', `enterprise profile ${enterprise} is not among the profiles`));
  const ids = { departments: new Set(departments.value.departments.map(({ id }) => id)), items: new Set(items.value.items.map(({ code }) => code)) };

  const inItems = checkItems(items.value, { departments: departments.value.departments, profile });
  faults.push(...inItems.filter(({ severity }) => severity === 'error').map(({ pointer, message }) => items.fault(pointer, message)));
  // What has no item, or an item that is gone, is dispatched with the clock of `general`.
  profiles.forEach(({ id, stages: { handle } }, index) => {
    if (!Object.hasOwn(handle, 'general') && !Object.hasOwn(handle, 'default')) faults.push(deadlines.fault(`/profiles/${index}/stages/handle`, `profile ${id} has no class general`));
  });
  const inRoutes = checkRoutes(routing.value.routes, { departments: departments.value.departments, towns: towns.value.towns, items: items.value.items, itemGroups: items.value.groups ?? [] });
  faults.push(...inRoutes.map(({ pointer, message }) => routing.fault(pointer, message)), ...calendarFaults(calendar, calendar.value));

  const seen = { departments: new Map<string, () => FileFault>(), towns: new Map<string, () => FileFault>(), items: new Map<string, () => FileFault>(), routes: new Map<string, () => FileFault>(), knowledge: new Map<string, () => FileFault>() };
  departments.value.departments.forEach(({ id }, index) => faults.push(...twice(seen.departments, departments, `/departments/${index}/id`, `department ${id}`)));
  towns.value.towns.forEach(({ id }, index) => faults.push(...twice(seen.towns, towns, `/towns/${index}/id`, `town ${id}`)));
  items.value.groups?.forEach(({ code }, index) => faults.push(...twice(seen.items, items, `/groups/${index}/code`, `item ${code}`)));
  items.value.items.forEach(({ code }, index) => faults.push(...twice(seen.items, items, `/items/${index}/code`, `item ${code}`)));
  routing.value.routes.forEach(({ id }, index) => faults.push(...twice(seen.routes, routing, `/routes/${index}/id`, `route ${id}`)));
  const knowledge: KnowledgeEntry[] = [];
  for (const file of knowledgeFiles) {
    file.value?.entries.forEach((entry, index) => {
      knowledge.push(entry);
      if (!ids.departments.has(entry.department)) faults.push(file.fault(`/entries/${index}/department`, `entry ${entry.id}: unknown department ${entry.department}`));
      if (entry.item !== undefined && !ids.items.has(entry.item)) faults.push(file.fault(`/entries/${index}/item`, `entry ${entry.id}: unknown item ${entry.item}`));
      faults.push(...twice(seen.knowledge, file, `/entries/${index}/id`, `entry ${entry.id}`));
    });
  }
  if (faults.length > 0 || profile === undefined || enterpriseProfile === undefined) throw faultsError(faults);
  return { departments: departments.value.departments, towns: towns.value.towns, items: items.value.items, itemGroups: items.value.groups ?? [], itemScheme: { scheme: items.value.scheme, version: items.value.version }, routes: routing.value.routes, routesVersion: 0, deadlines: profile, enterpriseDeadlines: enterpriseProfile, profiles, ticketRules: tickets.value, calendar: calendar.value, knowledge, lexicon: lexicon.value };
}

type Place = Pick<YamlFile<unknown>, 'fault'>;

/** Hours that the legal clock can count: HH:MM, forwards, apart from each other; without any, no deadline would ever come. */
function calendarFaults(file: Place, calendar: Calendar): FileFault[] {
  const faults: FileFault[] = [];
  for (const name of ['officeHours', 'seatHours'] as const) {
    if (calendar[name].length === 0) faults.push(file.fault(`/${name}`, `${name} is empty`));
    let last = '';
    calendar[name].forEach(({ from, to }, index) => {
      const at = `/${name}/${index}`;
      if (!CLOCK.test(from) || !CLOCK.test(to)) faults.push(file.fault(at, `${name}: a time of day must be HH:MM, 00:00 to 24:00`));
      else if (from >= to) faults.push(file.fault(at, `${name}: ${from} is not before ${to}`));
      else if (from < last) faults.push(file.fault(at, `${name}: ${from} lies before the end of the hours above it`));
      last = to;
    });
  }
  calendar.years.forEach((year, index) => {
    for (const name of ['holidays', 'makeUpWorkdays'] as const) {
      year[name].forEach((day, place) => {
        const real = new Date(`${day}T00:00:00Z`);
        if (Number.isNaN(real.getTime()) || real.toISOString().slice(0, 10) !== day) faults.push(file.fault(`/years/${index}/${name}/${place}`, `${day} is not a day`));
        else if (!day.startsWith(`${year.year}-`)) faults.push(file.fault(`/years/${index}/${name}/${place}`, `${day} is not in ${year.year}`));
        else if (name === 'makeUpWorkdays' && year.holidays.includes(day)) faults.push(file.fault(`/years/${index}/${name}/${place}`, `${day} is both a holiday and a workday`));
      });
    }
  });
  return faults;
}

/** Where a thing stands is looked up only when it stands twice: for that a file may have to be parsed. */
function twice(seen: Map<string, () => FileFault>, file: Place, pointer: string, what: string): FileFault[] {
  const fault = (): FileFault => file.fault(pointer, `${what} stands twice`);
  const before = seen.get(what);
  if (before === undefined) {
    seen.set(what, fault);
    return [];
  }
  const [first, here] = [before(), fault()];
  return [{ ...here, message: `${here.message}, first at ${first.file}:${first.line}` }];
}
