import { join } from 'node:path';
import Type from 'typebox';
import {
  CalendarSchema, DeadlineProfileSchema, DepartmentSchema, ItemSchema, RouteSchema, TownSchema,
  type Calendar, type DeadlineProfile, type Department, type Item, type Route, type Town,
} from '../domain/config-files.ts';
import { LexiconSchema, type Lexicon } from '../domain/lexicon.ts';
import { KnowledgeEntrySchema, type KnowledgeEntry } from '../domain/knowledge.ts';
import { faultsError, readYaml, yamlFiles, type FileFault } from './files.ts';

/** Everything about one city that an operator edits in config/, checked and cross-checked. */
export interface CityData {
  readonly departments: readonly Department[];
  readonly towns: readonly Town[];
  readonly items: readonly Item[];
  readonly routes: readonly Route[];
  readonly deadlines: DeadlineProfile;
  readonly calendar: Calendar;
  readonly knowledge: readonly KnowledgeEntry[];
  readonly lexicon: Lexicon;
}

const shape = { additionalProperties: false };
const DepartmentsFile = Type.Object({ departments: Type.Array(DepartmentSchema) }, shape);
const TownsFile = Type.Object({ towns: Type.Array(TownSchema) }, shape);
const ItemsFile = Type.Object({ scheme: Type.String(), version: Type.Integer(), items: Type.Array(ItemSchema) }, shape);
const RoutingFile = Type.Object({ routes: Type.Array(RouteSchema, { minItems: 1 }) }, shape);
const DeadlinesFile = Type.Object({ active: Type.String(), profiles: Type.Array(DeadlineProfileSchema, { minItems: 1 }) }, shape);
const KnowledgeFile = Type.Object({ entries: Type.Array(KnowledgeEntrySchema) }, shape);

/**
 * Loads config/ of a checkout.
 * @param root folder that holds `config/`
 * @throws AppError `config.invalid` that lists every fault with file, line and column
 */
export function loadCity(root: string): CityData {
  const folder = join(root, 'config');
  const faults: FileFault[] = [];
  const file = (name: string) => join(folder, name);
  const fault = (name: string, message: string) => faults.push({ file: `config/${name}`, line: 1, column: 1, message });

  const departments = collect(readYaml(root, file('departments.yaml'), DepartmentsFile), faults)?.departments ?? [];
  const towns = collect(readYaml(root, file('towns.yaml'), TownsFile), faults)?.towns ?? [];
  const items = collect(readYaml(root, file('items.yaml'), ItemsFile), faults)?.items ?? [];
  const routes = collect(readYaml(root, file('routing.yaml'), RoutingFile), faults)?.routes ?? [];
  const deadlinesFile = collect(readYaml(root, file('deadlines.yaml'), DeadlinesFile), faults);
  const calendar = collect(readYaml(root, file('calendar.yaml'), CalendarSchema), faults);
  const lexicon = collect(readYaml(root, file('lexicon.yaml'), LexiconSchema), faults);
  const knowledge = yamlFiles(join(folder, 'knowledge')).flatMap((path) => [...(collect(readYaml(root, path, KnowledgeFile), faults)?.entries ?? [])]);

  const deadlines = deadlinesFile?.profiles.find((profile) => profile.id === deadlinesFile.active) ?? null;
  if (deadlinesFile !== null && deadlines === null) fault('deadlines.yaml', `active profile ${deadlinesFile.active} is not among the profiles`);

  if (faults.length === 0) {
    const departmentIds = new Set(departments.map((department) => department.id));
    const itemCodes = new Set(items.map((item) => item.code));
    for (const item of items) {
      if (!departmentIds.has(item.department)) fault('items.yaml', `item ${item.code}: unknown department ${item.department}`);
      if (deadlines !== null && !(item.deadlineClass in deadlines.classes)) fault('items.yaml', `item ${item.code}: profile ${deadlines.id} has no class ${item.deadlineClass}`);
    }
    for (const route of routes) {
      if (route.to !== 'item' && route.to !== 'town' && !departmentIds.has(route.to)) fault('routing.yaml', `route ${route.id}: unknown department ${route.to}`);
    }
    for (const entry of knowledge) {
      if (!departmentIds.has(entry.department)) fault('knowledge', `entry ${entry.id}: unknown department ${entry.department}`);
      if (entry.item !== undefined && !itemCodes.has(entry.item)) fault('knowledge', `entry ${entry.id}: unknown item ${entry.item}`);
    }
    twice(knowledge.map((entry) => entry.id), (id) => fault('knowledge', `entry ${id} stands twice`));
    twice(items.map((item) => item.code), (code) => fault('items.yaml', `item ${code} stands twice`));
    twice(departments.map((department) => department.id), (id) => fault('departments.yaml', `department ${id} stands twice`));
    twice(towns.map((town) => town.id), (id) => fault('towns.yaml', `town ${id} stands twice`));
  }
  if (faults.length > 0 || calendar === null || deadlines === null || lexicon === null) throw faultsError(faults);
  return { departments, towns, items, routes, deadlines, calendar, knowledge, lexicon };
}

function collect<Value>(read: { value: Value | null; faults: FileFault[] }, into: FileFault[]): Value | null {
  into.push(...read.faults);
  return read.value;
}

function twice(ids: readonly string[], report: (id: string) => void): void {
  const seen = new Set<string>();
  for (const id of ids) {
    if (seen.has(id)) report(id);
    seen.add(id);
  }
}
