import { readFileSync } from 'node:fs';
import Type from 'typebox';
import { Value } from 'typebox/value';
import { parse } from 'yaml';
import type { AskedFor, SlotContext } from '../../../src/dialog/slots-types.ts';
import { TownSchema } from '../../../src/domain/config-files.ts';
import { LexiconSchema } from '../../../src/domain/lexicon.ts';

const config = (file: string): unknown => parse(readFileSync(new URL(`../../../config/${file}`, import.meta.url), 'utf8'));

/** Sunday, 22 November 2026, 15:10 in Beijing. */
export const NOW = Date.parse('2026-11-22T15:10:00+08:00');
export const lexicon = Value.Parse(LexiconSchema, config('lexicon.yaml'));
const { towns } = Value.Parse(Type.Object({ towns: Type.Array(TownSchema) }), config('towns.yaml'));

export function context(asked?: AskedFor, now = NOW): SlotContext {
  return { now, towns, lexicon, ...(asked === undefined ? {} : { asked }) };
}
