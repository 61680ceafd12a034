import { readdirSync, readFileSync } from 'node:fs';
import Type, { type Static, type TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { parse } from 'yaml';
import { ItemSchema, TownSchema } from '../../src/domain/config-files.ts';
import { KnowledgeEntrySchema } from '../../src/domain/knowledge.ts';
import { openItems } from '../../src/domain/lanes.ts';
import { LexiconSchema } from '../../src/domain/lexicon.ts';

/** The demo configuration as the tests of the language parts read it: checked by schema, like at start. */

const CONFIG = new URL('../../config/', import.meta.url);

function read<Schema extends TSchema>(file: string, schema: Schema): Static<Schema> {
  const data: unknown = parse(readFileSync(new URL(file, CONFIG), 'utf8'));
  if (!Value.Check(schema, data)) throw new Error(`${file}: ${JSON.stringify([...Value.Errors(schema, data)].slice(0, 3))}`);
  return data;
}

export const lexicon = read('lexicon.yaml', LexiconSchema);
export const towns = read('towns.yaml', Type.Object({ towns: Type.Array(TownSchema) })).towns;
/** What every citizen may be suggested. */
export const items = openItems(read('items.yaml', Type.Object({ scheme: Type.String(), version: Type.Integer(), items: Type.Array(ItemSchema) })).items);
export const knowledge = readdirSync(new URL('knowledge/', CONFIG))
  .filter((file) => file.endsWith('.yaml'))
  .sort()
  .flatMap((file) => read(`knowledge/${file}`, Type.Object({ entries: Type.Array(KnowledgeEntrySchema) })).entries);

export const words = [...lexicon.words, ...towns.flatMap((town) => [town.name, town.short])];
