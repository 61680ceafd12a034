import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Presets, SingleBar } from 'cli-progress';
import { alike } from './parts/alike-bench.ts';
import { ticketBenches } from './parts/tickets-bench.ts';
import { helpText, readArguments } from './arguments.ts';
import { board } from './board.ts';
import { botbuilder } from './botbuilder.ts';
import { ensureBuilt } from './build.ts';
import { bullmq } from './bullmq.ts';
import { floor } from './floor.ts';
import { growth } from './growth.ts';
import { kb } from './kb/index.ts';
import { matcher } from './matcher.ts';
import { isMet, tableOf } from './report.ts';
import { sockets } from './sockets.ts';
import { median } from './statistics.ts';
import { start } from './start.ts';
import { store } from './store.ts';
import { storm } from './storm.ts';
import { serverTurnBenches, turnBenches } from './turns.ts';
import { SkippedError, type Bench, type Figure } from './types.ts';
import { widget } from './widget.ts';
import { year } from './year.ts';

/** `npm run bench`: measures, and shows the figures beside DESIGN's budgets. Never fails because something is slow. */

const BENCHES: readonly Bench[] = [floor, botbuilder, bullmq, ...turnBenches, ...serverTurnBenches, store, matcher, alike, start, widget, year, growth, sockets, kb, ...ticketBenches, board, storm];

export async function runBench(argv: readonly string[]): Promise<number> {
  const options = readArguments(argv, BENCHES);
  if (typeof options === 'string') {
    process.stderr.write(`${options}\n\n${helpText(BENCHES)}`);
    return 2;
  }
  if (options.help) {
    process.stdout.write(helpText(BENCHES));
    return 0;
  }
  const machine = { cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, memoryGb: Math.round(totalmem() / 1_073_741_824), node: process.version, platform: process.platform };
  const results = new Map<string, readonly Figure[]>();
  const skipped = new Map<string, string>();
  const folder = await openFolder(options.dataDir);
  if (folder === null) {
    process.stderr.write('--data-dir is there and not empty; it is removed afterwards, so it must be new or empty\n');
    return 2;
  }
  const stopping = stopOnInterrupt(folder);
  let broken = 0;
  try {
    await ensureBuilt((text) => process.stderr.write(`${text}\n`));
    for (const [index, bench] of options.benches.entries()) {
      if (stopping.signal.aborted) break;
      const bar = openBar(options.benches.length, index, bench);
      try {
        const figures = await bench.run({ progress: bar.update, rounds: options.rounds, folder, sizes: options.sizes, stop: stopping.signal, earlier: (name) => results.get(name) ?? [] });
        results.set(bench.name, figures);
        bar.stop();
        if (!options.json) process.stdout.write(`${bench.name}: ${bench.about}\n${tableOf(figures)}\n`);
      } catch (error) {
        bar.stop();
        if (stopping.signal.aborted) break;
        if (error instanceof SkippedError) {
          skipped.set(bench.name, error.message);
          process.stderr.write(`${bench.name}: skipped, ${error.message}\n`);
          continue;
        }
        broken += 1;
        process.stderr.write(`${bench.name} broke: ${error instanceof Error ? error.message : String(error)}\n`);
      }
    }
  } finally {
    stopping.forget();
    await rm(folder, { recursive: true, force: true });
  }
  if (options.json) {
    const shown = [...results].map(([name, figures]) => ({ name, figures: figures.map((figure) => ({ ...figure, median: median(figure.rounds), ...(figure.budget === undefined ? {} : { met: isMet(figure, figure.budget) }) })) }));
    process.stdout.write(`${JSON.stringify({ machine, at: new Date().toISOString(), rounds: options.rounds, interrupted: stopping.signal.aborted, results: shown, skipped: Object.fromEntries(skipped) }, null, 2)}\n`);
  } else {
    process.stdout.write(`${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GB, Node ${machine.node}, ${machine.platform}\n`);
  }
  return broken === 0 ? 0 : 1;
}

/** A folder of our own to be removed; null when the given one holds something. */
async function openFolder(given: string | null): Promise<string | null> {
  if (given === null) return mkdtemp(join(tmpdir(), 'yihu-bench-'));
  const folder = resolve(given);
  await mkdir(folder, { recursive: true });
  return (await readdir(folder)).length === 0 ? folder : null;
}

/** One keystroke reaches this process twice when its runner (npm, tsx) hands it on as well. */
const SAME_KEYSTROKE_MS = 1000;

/** The first Ctrl+C asks measurements to end; another one ends this process, its servers with it. */
function stopOnInterrupt(folder: string): { readonly signal: AbortSignal; readonly forget: () => void } {
  const controller = new AbortController();
  let asked = 0;
  const stop = (): void => {
    if (!controller.signal.aborted) {
      asked = performance.now();
      process.stderr.write('\nending with what is known; once more: at once\n');
      controller.abort();
    } else if (performance.now() - asked > SAME_KEYSTROKE_MS) {
      rmSync(folder, { recursive: true, force: true });
      process.exit(130);
    }
  };
  process.on('SIGINT', stop);
  return { signal: controller.signal, forget: () => void process.off('SIGINT', stop) };
}

/** On standard error: a bar when a person watches; else a line at every tenth of what takes long. */
function openBar(total: number, index: number, { name, long = false }: Bench): { readonly update: (part: number, doing: string) => void; readonly stop: () => void } {
  if (!process.stderr.isTTY) {
    let told = -1;
    const tell = (part: number, doing: string): void => {
      if (!long || Math.floor(part * 10) <= told) return;
      told = Math.floor(part * 10);
      process.stderr.write(`${name}: ${doing}\n`);
    };
    return { update: tell, stop: () => undefined };
  }
  const bar = new SingleBar({ format: '{bar} {percentage}% | {name}: {doing}', clearOnComplete: true, hideCursor: true, stream: process.stderr }, Presets.shades_classic);
  bar.start(total, index, { name, doing: 'starting' });
  return { update: (part, doing) => bar.update(index + part, { name, doing }), stop: () => bar.stop() };
}

const entry = process.argv[1];
if (entry !== undefined && import.meta.url === pathToFileURL(entry).href) process.exitCode = await runBench(process.argv.slice(2));
