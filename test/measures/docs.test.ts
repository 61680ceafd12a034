import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { MEASURES, RATES } from '../../src/measures/catalogue.ts';

const text = readFileSync(new URL('../../docs/measures.md', import.meta.url), 'utf8');
const rows = new Map(text.slice(text.indexOf('## Measures')).split('\n').flatMap((line): [string, string][] => {
  const name = /^\| `([a-z._]+)` \|/.exec(line)?.[1];
  return name === undefined ? [] : [[name, line]];
}));

describe('docs/measures.md', () => {
  it('tells of every measure and rate what the catalogue says, and of no other', () => {
    expect([...rows.keys()]).toEqual([...MEASURES, ...RATES].map(({ name }) => name));
    for (const { name, zh, counts, from, clause } of MEASURES) for (const words of [zh, counts, from, clause]) expect(rows.get(name)).toContain(words);
    for (const { name, zh, formula, clause } of RATES) for (const words of [zh, formula, clause]) expect(rows.get(name)).toContain(words);
  });
});
