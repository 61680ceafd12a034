import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { Presets, SingleBar } from 'cli-progress';
import { floor } from './floor.ts';
import { matcher } from './matcher.ts';
import { isMet, tableOf } from './report.ts';
import { median } from './statistics.ts';
import { start } from './start.ts';
import { store } from './store.ts';
import { turnBenches } from './turns.ts';
import type { Bench, Figure } from './types.ts';
import { widget } from './widget.ts';

/** `npm run bench`: measures, and shows the figures beside DESIGN's budgets. Never fails because something is slow. */

const BENCHES: readonly Bench[] = [floor, ...turnBenches, store, matcher, start, widget];

const HELP = `Usage: npm run bench -- [options] [NAME…]

Measures this machine and this checkout; load stays on 127.0.0.1. All of it takes three to four minutes; with names, only those
(and what they are compared with).

${BENCHES.map(({ name, about }) => `  ${name.padEnd(9)} ${about}`).join('\n')}

Options:
  --rounds N    rounds that count, after a warm-up; 3 unless told
  --json        one JSON document on standard output
  -h, --help    this text

BENCH_CPU_PROF=FOLDER makes the server of the turn measurements write a CPU profile there.
Exit codes: 0 measured, whatever the figures; 1 a measurement broke; 2 wrong arguments.
`;

interface Options {
  readonly help: boolean;
  readonly json: boolean;
  readonly rounds: number;
  readonly benches: readonly Bench[];
}

export function readArguments(argv: readonly string[]): Options | string {
  let parsed;
  try {
    parsed = parseArgs({ args: [...argv], allowPositionals: true, options: { rounds: { type: 'string', default: '3' }, json: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h', default: false } } });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  const { values, positionals } = parsed;
  const unknown = positionals.find((name) => !BENCHES.some((bench) => bench.name === name));
  if (unknown !== undefined) return `no measurement ${unknown}; there are ${BENCHES.map(({ name }) => name).join(', ')}`;
  if (!/^[1-9]\d?$/.test(values.rounds)) return '--rounds is a number from 1 to 99';
  const asked = positionals.length === 0 ? BENCHES : BENCHES.filter(({ name }) => positionals.includes(name));
  const needed = new Set(asked.flatMap(({ name, needs = [] }) => [name, ...needs]));
  return { help: values.help, json: values.json, rounds: Number(values.rounds), benches: BENCHES.filter(({ name }) => needed.has(name)) };
}

export async function runBench(argv: readonly string[]): Promise<number> {
  const options = readArguments(argv);
  if (typeof options === 'string') {
    process.stderr.write(`${options}\n\n${HELP}`);
    return 2;
  }
  if (options.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const machine = { cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, memoryGb: Math.round(totalmem() / 1_073_741_824), node: process.version, platform: process.platform };
  const results = new Map<string, readonly Figure[]>();
  const folder = await mkdtemp(join(tmpdir(), 'yihu-bench-'));
  let broken = 0;
  try {
    for (const [index, bench] of options.benches.entries()) {
      const bar = openBar(options.benches.length, index, bench.name);
      try {
        const figures = await bench.run({ progress: bar.update, rounds: options.rounds, folder, earlier: (name) => results.get(name) ?? [] });
        results.set(bench.name, figures);
        bar.stop();
        if (!options.json) process.stdout.write(`${bench.name}: ${bench.about}\n${tableOf(figures)}\n`);
      } catch (error) {
        broken += 1;
        bar.stop();
        process.stderr.write(`${bench.name} broke: ${error instanceof Error ? error.message : String(error)}\n`);
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  if (options.json) {
    const shown = [...results].map(([name, figures]) => ({ name, figures: figures.map((figure) => ({ ...figure, median: median(figure.rounds), ...(figure.budget === undefined ? {} : { met: isMet(figure, figure.budget) }) })) }));
    process.stdout.write(`${JSON.stringify({ machine, at: new Date().toISOString(), rounds: options.rounds, results: shown }, null, 2)}\n`);
  } else {
    process.stdout.write(`${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GB, Node ${machine.node}, ${machine.platform}\n`);
  }
  return broken === 0 ? 0 : 1;
}

/** On standard error, and only when a person watches. */
function openBar(total: number, index: number, name: string): { readonly update: (part: number, doing: string) => void; readonly stop: () => void } {
  if (!process.stderr.isTTY) return { update: () => undefined, stop: () => undefined };
  const bar = new SingleBar({ format: '{bar} {percentage}% | {name}: {doing}', clearOnComplete: true, hideCursor: true, stream: process.stderr }, Presets.shades_classic);
  bar.start(total, index, { name, doing: 'starting' });
  return { update: (part, doing) => bar.update(index + part, { name, doing }), stop: () => bar.stop() };
}

const entry = process.argv[1];
if (entry !== undefined && import.meta.url === pathToFileURL(entry).href) process.exitCode = await runBench(process.argv.slice(2));
