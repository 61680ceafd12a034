import { parseArgs } from 'node:util';
import { KB_ENGINES, type Bench, type Sizes } from './types.ts';

/** What `npm run bench` was told. Pure. */

export interface BenchOptions {
  readonly help: boolean;
  readonly json: boolean;
  readonly rounds: number;
  /** In the order in which they run. */
  readonly benches: readonly Bench[];
  readonly sizes: Sizes;
  /** Folder for the data; a new one below the system's unless told. */
  readonly dataDir: string | null;
}

/** A year of the city: messages. */
export const YEAR_MESSAGES = 5_570_000;
const DEFAULTS = { rounds: '3', scale: '1', rows: '1000000', chats: '10000', seats: '450', processes: '1', entries: '10000,100000' } as const;

export function helpText(benches: readonly Bench[]): string {
  const list = (long: boolean): string => benches.filter((bench) => (bench.long === true) === long).map(({ name, about }) => `  ${name.padEnd(11)} ${about}`).join('\n');
  return `Usage: npm run bench -- [options] [NAME…]

Measures this machine and the build of this checkout, which is made anew when it is older than the sources. Load stays on
127.0.0.1. Without names: everything of the first list. With names: only those, and what they are compared with.

${list(false)}

Only by name, because they take long:
${list(true)}

Options:
  --rounds N       rounds that count, after a warm-up; ${DEFAULTS.rounds} unless told
  --scale PART     year: part of its 5.57 million messages, such as 0.01; storm: part of its five minutes; ${DEFAULTS.scale} unless told
  --rows N         growth: stored activities; tickets: tickets; 1,000,000 unless told
  --chats N        sockets: web chats; ${Number(DEFAULTS.chats).toLocaleString('en')} unless told
  --processes N    phone, webchat, wechat (also -pg) and year: processes of the gateway (PROCESSES); ${DEFAULTS.processes} unless told
  --seats N        sockets: desks; ${DEFAULTS.seats} unless told
  --entries LIST   kb: sizes of the knowledge bases, such as 10000,1000000; ${DEFAULTS.entries} unless told
  --engines LIST   kb: only these of ${KB_ENGINES.join(', ')}; all unless told
  --data-dir PATH  folder for databases, new or empty; removed afterwards. Below the system's temporary folder unless told
  --json           one JSON document on standard output
  -h, --help       this text

Ctrl+C ends a run with what is known by then; twice: at once.
DATABASE_URL and REDIS_URL name servers to measure with, which nobody else should use; else private ones are started.
BENCH_CPU_PROF=FOLDER makes the server of the turn measurements write a CPU profile there.
Exit codes: 0 measured, whatever the figures; 1 a measurement broke; 2 wrong arguments.
`;
}

/** The options, or what is wrong with them. */
export function readArguments(argv: readonly string[], benches: readonly Bench[]): BenchOptions | string {
  let parsed;
  try {
    parsed = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        rounds: { type: 'string', default: DEFAULTS.rounds },
        scale: { type: 'string', default: DEFAULTS.scale },
        rows: { type: 'string', default: DEFAULTS.rows },
        chats: { type: 'string', default: DEFAULTS.chats },
        seats: { type: 'string', default: DEFAULTS.seats },
        processes: { type: 'string', default: DEFAULTS.processes },
        entries: { type: 'string', default: DEFAULTS.entries },
        engines: { type: 'string', default: KB_ENGINES.join(',') },
        'data-dir': { type: 'string' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  const { values, positionals } = parsed;
  const unknown = positionals.find((name) => !benches.some((bench) => bench.name === name));
  if (unknown !== undefined) return `no measurement ${unknown}; there are ${benches.map(({ name }) => name).join(', ')}`;
  if (!/^[1-9]\d?$/.test(values.rounds)) return '--rounds is a number from 1 to 99';
  const scale = Number(values.scale);
  if (!/^\d*\.?\d+$/.test(values.scale) || scale < 0.0001 || scale > 1) return '--scale is a part from 0.0001 to 1';
  for (const name of ['rows', 'chats', 'seats'] as const) if (!/^[1-9]\d{0,8}$/.test(values[name])) return `--${name} is a number from 1 to 999999999`;
  if (!/^([1-9]|[1-5]\d|6[0-4])$/.test(values.processes)) return '--processes is a number from 1 to 64';
  if (!/^[1-9]\d{2,6}(,[1-9]\d{2,6})*$/.test(values.entries)) return '--entries are numbers from 100 to 9999999, parted by commas';
  const engines = KB_ENGINES.filter((engine) => values.engines.split(',').includes(engine));
  if (engines.length !== values.engines.split(',').length) return `--engines are some of ${KB_ENGINES.join(', ')}, parted by commas`;
  const asked = benches.filter(({ name, long }) => (positionals.length === 0 ? long !== true : positionals.includes(name)));
  const needed = new Set(asked.flatMap(({ name, needs = [] }) => [name, ...needs]));
  return {
    help: values.help,
    json: values.json,
    rounds: Number(values.rounds),
    benches: benches.filter(({ name }) => needed.has(name)),
    sizes: { scale, rows: Number(values.rows), chats: Number(values.chats), seats: Number(values.seats), processes: Number(values.processes), entries: values.entries.split(',').map(Number), engines },
    dataDir: values['data-dir'] ?? null,
  };
}
