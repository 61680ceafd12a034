import { join } from 'node:path';
import Type, { type TSchema } from 'typebox';
import { checkCalendar, checkDeadlines } from '../domain/city-checks.ts';
import {
  CalendarSchema, DeadlinesCatalogueSchema, DepartmentsCatalogueSchema, DispatchCatalogueSchema, ItemCatalogueSchema, TownsCatalogueSchema,
  type Calendar, type DeadlineProfile, type Department, type Item, type ItemGroup, type Route, type Town,
} from '../domain/config-files.ts';
import { checkQueueRules, QueueRulesSchema, type QueueRules } from '../domain/queue-rules.ts';
import { TicketRulesSchema, type TicketRules } from '../domain/ticket-rules.ts';
import { LexiconSchema, type Lexicon } from '../domain/lexicon.ts';
import { KnowledgeEntrySchema, type KnowledgeEntry } from '../domain/knowledge.ts';
import { checkItems } from '../domain/items.ts';
import { checkRoutes } from '../domain/routing.ts';
import { faultsError, readYaml, yamlFiles, type FileFault, type YamlFile } from './files.ts';

/**
 * Everything about one city that an operator edits in config/, checked and cross-checked. In a running gateway departments, towns, items, dispatch rules,
 * deadlines and the calendar are those of the published catalogues (src/tickets/catalogue): read them when they are needed, and keep no copy.
 */
export interface CityData {
  readonly departments: readonly Department[];
  readonly towns: readonly Town[];
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
  readonly queueRules: QueueRules;
  readonly calendar: Calendar;
  readonly knowledge: readonly KnowledgeEntry[];
  readonly lexicon: Lexicon;
}

const shape = { additionalProperties: false };
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
    departments: read('departments.yaml', DepartmentsCatalogueSchema),
    towns: read('towns.yaml', TownsCatalogueSchema),
    items: read('items.yaml', ItemCatalogueSchema),
    routing: read('routing.yaml', DispatchCatalogueSchema),
    deadlines: read('deadlines.yaml', DeadlinesCatalogueSchema),
    tickets: read('tickets.yaml', TicketRulesSchema),
    queues: read('queues.yaml', QueueRulesSchema),
    calendar: read('calendar.yaml', CalendarSchema),
    lexicon: read('lexicon.yaml', LexiconSchema),
  };
  const knowledgeFiles = yamlFiles(join(folder, 'knowledge')).map((path) => readYaml(root, path, KnowledgeFile));
  const { departments, towns, items, routing, deadlines, tickets, queues, calendar, lexicon } = files;
  if (departments.value === null || towns.value === null || items.value === null || routing.value === null || deadlines.value === null || tickets.value === null || queues.value === null || calendar.value === null || lexicon.value === null || knowledgeFiles.some((file) => file.value === null)) {
    throw faultsError([...Object.values(files), ...knowledgeFiles].flatMap((file) => file.faults));
  }
  const { active, enterprise = active, profiles } = deadlines.value;
  const profile = profiles.find((candidate) => candidate.id === active);
  const faults: FileFault[] = [];
  const enterpriseProfile = profiles.find((candidate) => candidate.id === enterprise);
  const ids = { departments: new Set(departments.value.departments.map(({ id }) => id)), items: new Set(items.value.items.map(({ code }) => code)) };

  const inItems = checkItems(items.value, { departments: departments.value.departments, profile });
  faults.push(...inItems.filter(({ severity }) => severity === 'error').map(({ pointer, message }) => items.fault(pointer, message)));
  // Classes that items name are told at the items.
  faults.push(...checkDeadlines(deadlines.value, []).filter(({ severity }) => severity === 'error').map(({ pointer, message }) => deadlines.fault(pointer, message)));
  const inRoutes = checkRoutes(routing.value.routes, { departments: departments.value.departments, towns: towns.value.towns, items: items.value.items, itemGroups: items.value.groups ?? [] });
  faults.push(...inRoutes.map(({ pointer, message }) => routing.fault(pointer, message)), ...checkCalendar(calendar.value).filter(({ severity }) => severity === 'error').map(({ pointer, message }) => calendar.fault(pointer, message)));

  const inQueues = checkQueueRules(queues.value, { towns: new Set(towns.value.towns.map(({ id }) => id)), items: ids.items, fields: new Set(items.value.items.map(({ field }) => field)) });
  faults.push(...inQueues.map(({ pointer, message }) => queues.fault(pointer, message)));

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
  return { departments: departments.value.departments, towns: towns.value.towns, items: items.value.items, itemGroups: items.value.groups ?? [], itemScheme: { scheme: items.value.scheme, version: items.value.version }, routes: routing.value.routes, routesVersion: 0, deadlines: profile, enterpriseDeadlines: enterpriseProfile, profiles, ticketRules: tickets.value, queueRules: queues.value, calendar: calendar.value, knowledge, lexicon: lexicon.value };
}

type Place = Pick<YamlFile<unknown>, 'fault'>;

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
