import { join } from 'node:path';
import Type, { type TSchema } from 'typebox';
import {
  CalendarSchema, DeadlineProfileSchema, DepartmentSchema, ItemSchema, RouteSchema, TownSchema,
  type Calendar, type DeadlineProfile, type Department, type Item, type Route, type Town,
} from '../domain/config-files.ts';
import { TicketRulesSchema, type TicketRules } from '../domain/ticket-rules.ts';
import { LexiconSchema, type Lexicon } from '../domain/lexicon.ts';
import { KnowledgeEntrySchema, type KnowledgeEntry } from '../domain/knowledge.ts';
import { TOWN_GOVERNMENT } from '../domain/routing.ts';
import { faultsError, readYaml, yamlFiles, type FileFault, type YamlFile } from './files.ts';

/** Everything about one city that an operator edits in config/, checked and cross-checked. */
export interface CityData {
  readonly departments: readonly Department[];
  readonly towns: readonly Town[];
  readonly items: readonly Item[];
  readonly routes: readonly Route[];
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
const ItemsFile = Type.Object({ scheme: Type.String(), version: Type.Integer(), items: Type.Array(ItemSchema) }, shape);
const RoutingFile = Type.Object({ routes: Type.Array(RouteSchema, { minItems: 1 }) }, shape);
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
    items: read('items.yaml', ItemsFile),
    routing: read('routing.yaml', RoutingFile),
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
  const ids = { departments: new Set(departments.value.departments.map(({ id }) => id)), towns: new Set(towns.value.towns.map(({ id }) => id)), items: new Set(items.value.items.map(({ code }) => code)) };

  items.value.items.forEach((item, index) => {
    if (!ids.departments.has(item.department)) faults.push(items.fault(`/items/${index}/department`, `item ${item.code}: unknown department ${item.department}`));
    if (profile !== undefined && !Object.hasOwn(profile.stages.handle, item.deadlineClass) && !Object.hasOwn(profile.stages.handle, 'default')) faults.push(items.fault(`/items/${index}/deadlineClass`, `item ${item.code}: profile ${profile.id} has no class ${item.deadlineClass}`));
  });
  // What has no item, or an item that is gone, is dispatched with the clock of `general`.
  profiles.forEach(({ id, stages: { handle } }, index) => {
    if (!Object.hasOwn(handle, 'general') && !Object.hasOwn(handle, 'default')) faults.push(deadlines.fault(`/profiles/${index}/stages/handle`, `profile ${id} has no class general`));
  });
  faults.push(...routeFaults(routing, routing.value.routes, ids), ...calendarFaults(calendar, calendar.value));

  const seen = { departments: new Map<string, () => FileFault>(), towns: new Map<string, () => FileFault>(), items: new Map<string, () => FileFault>(), knowledge: new Map<string, () => FileFault>() };
  departments.value.departments.forEach(({ id }, index) => faults.push(...twice(seen.departments, departments, `/departments/${index}/id`, `department ${id}`)));
  towns.value.towns.forEach(({ id }, index) => faults.push(...twice(seen.towns, towns, `/towns/${index}/id`, `town ${id}`)));
  items.value.items.forEach(({ code }, index) => faults.push(...twice(seen.items, items, `/items/${index}/code`, `item ${code}`)));
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
  return { departments: departments.value.departments, towns: towns.value.towns, items: items.value.items, routes: routing.value.routes, deadlines: profile, enterpriseDeadlines: enterpriseProfile, profiles, ticketRules: tickets.value, calendar: calendar.value, knowledge, lexicon: lexicon.value };
}

type Place = Pick<YamlFile<unknown>, 'fault'>;

function routeFaults(file: Place, routes: readonly Route[], ids: { readonly departments: ReadonlySet<string>; readonly towns: ReadonlySet<string>; readonly items: ReadonlySet<string> }): FileFault[] {
  const faults: FileFault[] = [];
  const seen = new Map<string, () => FileFault>();
  const leadsToItem = (code: string): boolean => [...ids.items].some((item) => item === code || item.startsWith(`${code}.`));
  routes.forEach((route, index) => {
    const at = `/routes/${index}`;
    const target = route.to === 'town' ? TOWN_GOVERNMENT : route.to;
    if (target !== 'item' && !ids.departments.has(target)) faults.push(file.fault(`${at}/to`, `route ${route.id}: unknown department ${target}`));
    route.when.items?.forEach((code, place) => {
      if (!leadsToItem(code)) faults.push(file.fault(`${at}/when/items/${place}`, `route ${route.id}: no item begins with ${code}`));
    });
    route.when.towns?.forEach((town, place) => {
      if (!ids.towns.has(town)) faults.push(file.fault(`${at}/when/towns/${place}`, `route ${route.id}: unknown town ${town}`));
    });
    if (Object.keys(route.when).length === 0 && index < routes.length - 1) faults.push(file.fault(`${at}/when`, `route ${route.id}: it fits everything, so nothing below it is ever reached`));
    faults.push(...twice(seen, file, `${at}/id`, `route ${route.id}`));
  });
  return faults;
}

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
