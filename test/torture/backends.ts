import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from '../support/server.ts';

/** A PostgreSQL or Redis of our own, which may be crashed. */
export interface Backend {
  readonly port: number;
  /** Kills it without warning and starts it again. PostgreSQL finds its data by its log; Redis comes back empty. */
  restart(awayMs: number): Promise<void>;
  /** SIGSTOP to all its processes, and SIGCONT after `ms`. */
  pause(ms: number): Promise<void>;
  stop(): Promise<void>;
}

const run = promisify(execFile);
/** Debian's unprivileged account; PostgreSQL refuses to run as root. */
const NOBODY = 65_534;
const START_MS = 20_000;

export async function startPostgres(): Promise<Backend> {
  const programs = findPostgres();
  if (programs === null) throw new Error('no PostgreSQL on this machine: its programs (initdb, postgres) are neither in PATH nor in /usr/lib/postgresql');
  const folder = await mkdtemp(join(tmpdir(), 'yihu-torture-pg-'));
  const data = join(folder, 'data');
  const who = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
  mkdirSync(data, { mode: 0o700 });
  if ('uid' in who) for (const path of [folder, data]) chownSync(path, NOBODY, NOBODY);
  await run(join(programs, 'initdb'), ['-D', data, '-A', 'trust', '-U', 'yihu', '-E', 'UTF8', '--locale=C'], who);
  const port = await freePort();
  let server: ChildProcess | null = null;

  const start = async (): Promise<void> => {
    const child = spawn(join(programs, 'postgres'), ['-D', data, '-p', String(port), '-k', folder, '-h', '127.0.0.1', '-c', 'max_connections=200', '-c', 'logging_collector=off'], { ...who, stdio: 'ignore' });
    server = child;
    await answering(port, child, () => run(join(programs, 'pg_isready'), ['-h', '127.0.0.1', '-p', String(port), '-q']).then(() => true, () => false));
    await run(join(programs, 'psql'), ['-h', '127.0.0.1', '-p', String(port), '-U', 'yihu', '-d', 'postgres', '-c', 'create database yihu'], who).catch(() => undefined); // it is there from the second time on
  };
  const quit = async (signal: NodeJS.Signals): Promise<void> => {
    if (server !== null && server.exitCode === null && server.signalCode === null) {
      const gone = once(server, 'close');
      server.kill(signal);
      await gone;
    }
  };
  await start();
  return {
    port,
    restart: async (awayMs) => {
      await quit('SIGQUIT'); // "immediate": no checkpoint, recovery at the next start
      await sleep(awayMs);
      await start();
    },
    pause: async (ms) => {
      const processes = familyOf(server?.pid ?? -1);
      for (const pid of processes) signal(pid, 'SIGSTOP');
      await sleep(ms);
      for (const pid of processes) signal(pid, 'SIGCONT');
    },
    stop: async () => {
      await quit('SIGQUIT');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export async function startRedis(): Promise<Backend> {
  const port = await freePort();
  let server: ChildProcess | null = null;
  const start = async (): Promise<void> => {
    const child = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'], { stdio: 'ignore', cwd: tmpdir() });
    server = child;
    await answering(port, child, async () => (await redisCommand(port, 'PING')).startsWith('+PONG'));
  };
  const quit = async (): Promise<void> => {
    if (server === null || server.exitCode !== null || server.signalCode !== null) return;
    const gone = once(server, 'close');
    server.kill('SIGKILL');
    await gone;
  };
  await start();
  return {
    port,
    restart: async (awayMs) => {
      await quit();
      await sleep(awayMs);
      await start();
    },
    pause: async (ms) => {
      if (server?.pid === undefined) return;
      signal(server.pid, 'SIGSTOP');
      await sleep(ms);
      signal(server.pid, 'SIGCONT');
    },
    stop: quit,
  };
}

/** One inline command of Redis' protocol; its first line, or an empty text when nobody answers. */
export function redisCommand(port: number, command: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.setTimeout(5_000, () => socket.destroy());
    socket.on('connect', () => socket.write(`${command}\r\n`));
    socket.on('data', (data) => {
      resolve(data.toString());
      socket.end();
    });
    socket.on('error', () => resolve('')).on('close', () => resolve(''));
  });
}

async function answering(port: number, child: ChildProcess, asks: () => Promise<boolean>): Promise<void> {
  let failed: Error | null = null;
  child.once('error', (error) => (failed = error));
  for (const limit = performance.now() + START_MS; ; ) {
    if (failed !== null) throw failed;
    if (child.exitCode !== null) throw new Error(`the server on port ${port} ended with ${child.exitCode}`);
    if (await asks()) return;
    if (performance.now() > limit) throw new Error(`nobody answers on port ${port}`);
    await sleep(20);
  }
}

function findPostgres(): string | null {
  const versions = existsSync('/usr/lib/postgresql') ? readdirSync('/usr/lib/postgresql').toSorted((a, b) => Number(b) - Number(a)).map((version) => join('/usr/lib/postgresql', version, 'bin')) : [];
  return [...versions, ...(process.env['PATH'] ?? '').split(':')].find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'postgres'))) ?? null;
}

/** A process and everything it has started, from /proc. */
function familyOf(pid: number): readonly number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const fields = readFileSync(`/proc/${name}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ');
      parents.set(Number(name), Number(fields[1]));
    } catch {
      // It has just ended.
    }
  }
  return [pid, ...[...parents].filter(([, parent]) => parent === pid).map(([child]) => child)];
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has just ended.
  }
}
