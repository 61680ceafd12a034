import cluster, { type Worker } from 'node:cluster';
import { createExchange } from '../bus/siblings/exchange.ts';
import { createSiblingLine, type SiblingLine } from '../bus/siblings/line.ts';
import type { FromPrimary } from '../bus/siblings/messages.ts';
import type { Settings } from '../config/settings.ts';
import type { Log } from '../intake/context.ts';
import { outlastingMeasures } from '../meter.ts';
import { createSupervisor } from './supervisor.ts';

/** One machine's cores, used by several whole houses that share a port and a database (PROCESSES). */

/** Set by the primary for its processes: their number, from 1. */
const NUMBER = 'YIHU_PROCESS';
/** Set for the very first one, which tells the operator where to sign in. */
const GREETS = 'YIHU_PROCESS_GREETS';
/** News on their way to one process at most; one that stands still must not fill the primary's memory. */
const MAX_UNSENT = 1_000;

/** What a process is to the others of its machine. */
export interface Place {
  readonly line: SiblingLine;
  readonly greets: boolean;
}

/** Null unless a primary of ours has started this process: somebody else's cluster (pm2) is no family. */
export function ownPlace(settings: Pick<Settings, 'PROCESSES'>): Place | null {
  const number = Number(process.env[NUMBER]);
  if (!cluster.isWorker || !Number.isInteger(number)) return null;
  const line = createSiblingLine(
    {
      get connected() {
        return process.connected;
      },
      send: (message, done) => void process.send?.(message, undefined, {}, done),
      onMessage: (listener) => void process.on('message', listener),
    },
    { number, processes: settings.PROCESSES },
  );
  return { line, greets: process.env[GREETS] === 'yes' };
}

/** Is this the process that only watches over others? */
export function supervises(settings: Pick<Settings, 'PROCESSES'>): boolean {
  return settings.PROCESSES > 1 && cluster.isPrimary;
}

/**
 * Runs the processes until all have ended; SIGTERM and SIGINT end them in order, a second one at once. The primary takes
 * connections and hands each to a process in turn; when it is killed, its processes end with it (their channel breaks).
 * @returns the exit code
 */
export async function superviseProcesses({ PROCESSES: processes }: Pick<Settings, 'PROCESSES'>, log: Pick<Log, 'info' | 'warn' | 'error'>): Promise<number> {
  const later = (ms: number, act: () => void): (() => void) => {
    const timer = setTimeout(act, ms);
    return () => clearTimeout(timer);
  };
  const exchange = createExchange({ processes, later, outlast: outlastingMeasures });
  const supervisor = createSupervisor({
    processes,
    now: () => performance.now(),
    later,
    log,
    fork: (slot, { greets }) => {
      const worker = cluster.fork({ [NUMBER]: String(slot + 1), ...(greets ? { [GREETS]: 'yes' } : {}) });
      worker.on('listening', () => {
        exchange.join(worker.id, sender(worker));
        supervisor.listens(slot);
      });
      worker.on('message', (message: unknown) => exchange.receive(worker.id, message));
      worker.on('exit', (code: number | null, signal: string | null) => {
        exchange.leave(worker.id);
        supervisor.ended(slot, { code, signal });
      });
      worker.on('error', (error) => {
        log.error({ process: slot + 1, name: error.name }, 'trouble with a process');
        // Never started at all, so it never exits either.
        if (worker.process.pid === undefined) supervisor.ended(slot, { code: null, signal: null });
      });
      return () => void worker.process.kill('SIGTERM');
    },
  });
  process.once('SIGTERM', () => supervisor.stop('SIGTERM'));
  process.once('SIGINT', () => supervisor.stop('SIGINT'));
  supervisor.begin();
  return supervisor.done;
}

function sender(worker: Worker): (message: FromPrimary) => void {
  let unsent = 0;
  return (message) => {
    if (!worker.isConnected() || (message.yihu === 'news' && unsent >= MAX_UNSENT)) return;
    unsent += 1;
    worker.process.send(message, undefined, {}, () => void (unsent -= 1));
  };
}
