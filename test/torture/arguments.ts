import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import type { TortureOptions } from './types.ts';

export const HELP = `Usage: npm run torture -- [options]

Runs real server processes under load from citizens of all channels, who resend as their peers do; kills, pauses, restarts
and cuts them off by a plan that the seed decides; then looks from outside whether every accepted message had exactly one
effect, in order. See docs/reliability.md.

Options:
  --seed N          the plan and the citizens' words; random unless told, and printed
  --kills K         SIGKILLs of server processes; 20 unless told
  --bus NAME        embedded (unless told) or bullmq, with a Redis of its own
  --db NAME         sqlite (unless told) or postgres, with a server of its own
  --nodes N         1 (unless told) to 3 processes behind a load balancer
  --processes N     1 (unless told) to 4 processes of each node (PROCESSES), which are killed and paused one by one, too
  --citizens N      of each channel who talk at the same time; 3 unless told
  --spice X         other disturbances for each kill, from 0 to 3; 0.7 unless told
  --built           the built server (npm run build first); unless told: if no source is newer than the build
  --json            the whole verdict as one JSON document
  -h, --help        this text

Exit codes: 0 every promise was kept, 1 one was broken (or the run could not be made), 2 wrong arguments.
`;

export interface Arguments {
  readonly help: boolean;
  readonly json: boolean;
  readonly options: TortureOptions;
}

/** What is asked, or what is wrong with it. */
export function readArguments(argv: readonly string[]): Arguments | string {
  let values;
  try {
    values = parseArgs({
      args: [...argv],
      options: {
        seed: { type: 'string' }, kills: { type: 'string', default: '20' }, bus: { type: 'string', default: 'embedded' }, db: { type: 'string', default: 'sqlite' },
        nodes: { type: 'string', default: '1' }, processes: { type: 'string', default: '1' }, citizens: { type: 'string', default: '3' }, spice: { type: 'string', default: '0.7' },
        built: { type: 'boolean', default: false }, json: { type: 'boolean', default: false }, help: { type: 'boolean', short: 'h', default: false },
      },
    }).values;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  const { seed = String(randomInt(1, 2 ** 31)), kills, bus, db, nodes, processes, citizens, spice } = values;
  if (!/^\d{1,10}$/.test(seed)) return '--seed is a number from 0 to 9999999999';
  if (!/^[1-9]\d{0,3}$/.test(kills)) return '--kills is a number from 1 to 9999';
  if (bus !== 'embedded' && bus !== 'bullmq') return '--bus is embedded or bullmq';
  if (db !== 'sqlite' && db !== 'postgres') return '--db is sqlite or postgres';
  if (!/^[1-3]$/.test(nodes)) return '--nodes is 1, 2 or 3';
  if (!/^[1-4]$/.test(processes)) return '--processes is a number from 1 to 4';
  if (!/^([1-9]|1\d|20)$/.test(citizens)) return '--citizens is a number from 1 to 20';
  if (!/^([0-2](\.\d+)?|3)$/.test(spice)) return '--spice is a number from 0 to 3';
  return {
    help: values.help,
    json: values.json,
    options: { seed: Number(seed), kills: Number(kills), bus, db, nodes: Number(nodes), processes: Number(processes), citizens: Number(citizens), spice: Number(spice), built: values.built ? true : 'when-fresh' },
  };
}
