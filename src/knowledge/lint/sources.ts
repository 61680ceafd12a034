import { join } from 'node:path';
import Type from 'typebox';
import type { CityData } from '../../config/city.ts';
import { faultsError, readYaml } from '../../config/files.ts';
import type { LintFacts, ReplacedSource } from './types.ts';

const Day = Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$' });
const SourcesFile = Type.Object(
  { replaced: Type.Array(Type.Object({ title: Type.String({ minLength: 2 }), by: Type.String({ minLength: 2 }), since: Day }, { additionalProperties: false })) },
  { additionalProperties: false },
);

/**
 * config/knowledge-sources.yaml: laws and rules that others have replaced.
 * @param root folder that holds `config/`
 * @throws AppError `config.invalid` with every fault of the file
 */
export function loadReplacedSources(root: string): readonly ReplacedSource[] {
  const { value, faults } = readYaml(root, join(root, 'config', 'knowledge-sources.yaml'), SourcesFile);
  if (value === null) throw faultsError(faults);
  return value.replaced;
}

/** What the rules need to know of the city. `today`: `YYYY-MM-DD`, Beijing. */
export function lintFacts(city: Pick<CityData, 'departments' | 'items' | 'towns'>, today: string, replaced: readonly ReplacedSource[], others?: ReadonlySet<string>): LintFacts {
  return {
    today, replaced, departments: new Set(city.departments.map(({ id }) => id)), items: new Set(city.items.map(({ code }) => code)), towns: new Set(city.towns.map(({ id }) => id)),
    ...(others === undefined ? {} : { others }),
  };
}

const BEIJING_MS = 8 * 3_600_000;

/** The day in Beijing, `YYYY-MM-DD`. */
export function beijingDay(at: number): string {
  return new Date(at + BEIJING_MS).toISOString().slice(0, 10);
}
