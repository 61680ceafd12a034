import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { compileFlows } from '../../src/dialog/index.ts';
import { realSources } from './support/program.ts';

const bare = realSources();
const parsed = { ...bare, known: (text: string): unknown => parse(text) };
/** A program holds functions and regular expressions; as text they can be compared. */
const shown = (value: unknown): string => JSON.stringify(value, (_key, item: unknown) => (item instanceof Map ? [...item] : item instanceof RegExp ? String(item) : item));

describe('flows whose text was parsed before', () => {
  it('make the same program, and know where everything stands', () => {
    const [a, b] = [compileFlows(bare), compileFlows(parsed)];
    expect(b.issues).toEqual(a.issues);
    expect(b.program?.version).toBe(a.program?.version);
    expect(shown(b.program)).toBe(shown(a.program));
    for (const [id, flow] of a.program?.flows ?? []) {
      const other = b.program?.flows.get(id);
      for (const step of flow.steps.keys()) expect(other?.source.at(['steps', step])).toEqual(flow.source.at(['steps', step]));
    }
  });

  it('have the same faults at the same places', () => {
    const [first, ...rest] = bare.flows;
    if (first === undefined) throw new Error('no flows');
    const text = first.text.replace(/^id: .*$/m, (line) => `${line}\nunheardOf: 1`);
    const faults = compileFlows({ ...bare, flows: [{ path: first.path, text }, ...rest] }).issues;
    expect(faults.length).toBeGreaterThan(0);
    expect(compileFlows({ ...parsed, flows: [{ path: first.path, text }, ...rest] }).issues).toEqual(faults);
  });

  it('are read again when what was parsed does not fit', () => {
    const { program } = compileFlows(bare);
    for (const damaged of [undefined, null, 7, { id: 7 }, []]) expect(shown(compileFlows({ ...bare, known: () => damaged }).program)).toBe(shown(program));
  });
});
