import { describe, expect, it } from 'vitest';
import { helpText, readArguments } from './arguments.ts';
import type { Bench } from './types.ts';

const bench = (name: string, more: Partial<Bench> = {}): Bench => ({ name, about: `about ${name}`, run: async () => [], ...more });
const BENCHES = [bench('floor'), bench('phone', { needs: ['floor'] }), bench('year', { long: true })];
const names = (argv: readonly string[]): readonly string[] => {
  const options = readArguments(argv, BENCHES);
  if (typeof options === 'string') throw new Error(options);
  return options.benches.map(({ name }) => name);
};

describe('arguments of the bench', () => {
  it('runs everything but what takes long, unless names are given', () => {
    expect(names([])).toEqual(['floor', 'phone']);
    expect(names(['year'])).toEqual(['year']);
  });

  it('adds what a measurement is compared with, in the order of the list', () => {
    expect(names(['phone'])).toEqual(['floor', 'phone']);
  });

  it('reads sizes, and has some', () => {
    expect(readArguments([], BENCHES)).toMatchObject({ rounds: 3, json: false, dataDir: null, sizes: { scale: 1, rows: 1_000_000, chats: 10_000, seats: 450, processes: 1, entries: [10_000, 100_000] } });
    expect(readArguments(['year', '--scale', '0.01', '--rows', '20000', '--chats=50', '--seats', '2', '--processes', '4', '--data-dir', 'x', '--json', '--rounds', '5'], BENCHES)).toMatchObject({
      rounds: 5, json: true, dataDir: 'x', sizes: { scale: 0.01, rows: 20_000, chats: 50, seats: 2, processes: 4 },
    });
  });

  it.each([['--rounds', '0'], ['--processes', '0'], ['--processes', '65'], ['--rounds', 'x'], ['--scale', '0'], ['--scale', '2'], ['--scale', '1e-9'], ['--rows', '-1'], ['--rows', '1.5'], ['--chats', ''], ['--wrong', '1'], ['nothing', '']])('refuses %s %s with a sentence', (...argv) => {
    expect(readArguments(argv[1] === '' && argv[0] === 'nothing' ? ['nothing'] : [`${argv[0]}=${argv[1]}`], BENCHES)).toEqual(expect.any(String));
  });

  it('tells of every measurement in the help', () => {
    for (const { name, about } of BENCHES) expect(helpText(BENCHES)).toMatch(new RegExp(`^  ${name} +${about}$`, 'm'));
  });
});
