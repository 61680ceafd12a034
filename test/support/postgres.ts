import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import pg from 'pg';
import { migratePostgres } from '../../src/store/drivers/postgres-migrations.ts';
import { freePort } from './server.ts';

/**
 * PostgreSQL for tests. A server that is there already (DATABASE_URL, or the standard local port) is shared, and each
 * user gets a database of its own on it. Where there is none, a private one is started from the installed programs.
 * Outages are only made on private servers.
 */

export interface TestDatabase {
  readonly url: string;
  /** Removes the database; sessions that are still open are ended. */
  drop(): Promise<void>;
}

export interface PostgresForTests {
  /** A new, empty database. */
  fresh(): Promise<TestDatabase>;
  /** A new database with all tables: copied, which takes a tenth of the time that making the tables takes. */
  migrated(): Promise<TestDatabase>;
  /** Ends a private server; does nothing to one that was there before. */
  close(): Promise<void>;
}

export interface PrivatePostgres extends PostgresForTests {
  /** SIGSTOP to every process of the server: connections stay open and nothing answers. */
  freeze(): void;
  thaw(): void;
  /** SIGKILL to every process of the server, as a power cut would. */
  kill(): Promise<void>;
  /** Starts it again on the same port and files; resolves when it takes connections. */
  start(): Promise<void>;
}

/** What a user can do when the tests of a server are skipped. */
export const POSTGRES_MISSING = 'needs PostgreSQL: set DATABASE_URL, start one on 127.0.0.1:5432, or install its server programs';

/** A server for tests, or null where none is reachable and none can be started. */
export async function postgresForTests(): Promise<PostgresForTests | null> {
  for (const url of serversToTry()) {
    if (await answers(url)) return { fresh: () => freshDatabase(url), migrated: () => migratedDatabase(url), close: async () => {} };
  }
  return privatePostgres();
}

/** A server of the caller's own that may be stopped, frozen and killed; null where PostgreSQL is not installed. */
export async function privatePostgres(): Promise<PrivatePostgres | null> {
  const programs = serverPrograms();
  if (programs === null) return null;
  const folder = mkdtempSync(join(tmpdir(), 'yihu-postgres-'));
  const data = join(folder, 'data');
  const asRoot = process.getuid?.() === 0;
  // The server refuses to run as root. setpriv (util-linux) also lets it die with the process that started it.
  const unprivileged = (command: string, given: readonly string[]): readonly [string, readonly string[]] =>
    asRoot ? ['setpriv', ['--reuid=nobody', '--regid=nogroup', '--clear-groups', '--pdeathsig=KILL', command, ...given]] : [command, given];
  try {
    if (asRoot) execFileSync('chown', ['nobody:nogroup', folder]);
    const [initdb, given] = unprivileged(join(programs, 'initdb'), ['-D', data, '-A', 'trust', '-U', 'yihu', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync']);
    execFileSync(initdb, [...given], { stdio: 'ignore', cwd: folder });
  } catch {
    rmSync(folder, { recursive: true, force: true });
    return null;
  }
  const port = await freePort();
  const url = `postgres://yihu@127.0.0.1:${port}/postgres`;
  let server: ChildProcess | null = null;

  const signal = (name: NodeJS.Signals): void => {
    for (const pid of familyOf(server?.pid)) {
      try {
        process.kill(pid, name);
      } catch {
        // It ended meanwhile.
      }
    }
  };

  async function start(): Promise<void> {
    const [command, given] = unprivileged(join(programs ?? '', 'postgres'), ['-D', data, '-p', String(port), '-k', folder, '-h', '127.0.0.1', '-c', 'fsync=on', '-c', 'max_connections=120', '-c', 'shared_buffers=64MB']);
    // In a process group of its own: Ctrl+C on the tests must not reach it before they have ended.
    const child = spawn(command, [...given], { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'], detached: true });
    server = child;
    await new Promise<void>((resolve, reject) => {
      let said = '';
      child.once('error', reject);
      child.once('exit', (code) => reject(new Error(`PostgreSQL ended with ${code ?? 'a signal'}\n${said}`)));
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        said = (said + text).slice(-4000);
        if (said.includes('ready to accept connections')) resolve();
      });
    });
  }

  async function end(how: NodeJS.Signals): Promise<void> {
    const child = server;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => void child.once('exit', () => resolve()));
    if (how === 'SIGKILL') signal('SIGKILL');
    else child.kill(how);
    await gone;
  }

  const clean = (): void => {
    signal('SIGKILL');
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  };
  process.once('exit', clean); // whoever forgets to close it
  await start();
  return {
    fresh: () => freshDatabase(url),
    migrated: () => migratedDatabase(url),
    freeze: () => signal('SIGSTOP'),
    thaw: () => signal('SIGCONT'),
    kill: () => end('SIGKILL'),
    start,
    async close() {
      signal('SIGCONT');
      // SIGINT: the fast stop, which ends sessions.
      await end('SIGINT');
      process.off('exit', clean);
      templates.delete(url); // another server may get its port
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Where a server may be. The peers are the usual first databases and roles of a local installation. */
function serversToTry(): readonly string[] {
  const given = process.env['DATABASE_URL'];
  if (given !== undefined && given !== '') return [given];
  return ['yihu:yihu@127.0.0.1:5432/yihu', 'postgres@127.0.0.1:5432/postgres', 'postgres:postgres@127.0.0.1:5432/postgres'].map((rest) => `postgres://${rest}`);
}

async function answers(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  if (!(await listens(hostname, Number(port === '' ? 5432 : port)))) return false;
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 3000 });
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query<{ may: boolean }>('select rolcreatedb or rolsuper as may from pg_roles where rolname = current_user');
    return rows[0]?.may === true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}

function listens(host: string, port: number): Promise<boolean> {
  return new Promise<boolean>((resolve) => {
    const socket = connect({ host, port, timeout: 500 });
    const end = (answer: boolean) => () => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', end(true)).once('error', end(false)).once('timeout', end(false));
  });
}

async function administer<Row extends pg.QueryResultRow>(server: string, statement: string): Promise<readonly Row[]> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  return client.query<Row>(statement).then(({ rows }) => rows).finally(() => client.end());
}

async function freshDatabase(server: string, template = 'template0'): Promise<TestDatabase> {
  const name = `yihu_test_${randomBytes(6).toString('hex')}`;
  await administer(server, `create database ${name} template ${template} encoding 'UTF8'`);
  return { url: databaseUrl(server, name), drop: async () => void (await administer(server, `drop database if exists ${name} with (force)`)) };
}

/** Templates by server, made by the first who asks in this process. */
const templates = new Map<string, Promise<string>>();

async function migratedDatabase(server: string): Promise<TestDatabase> {
  const template = templates.get(server) ?? makeTemplate(server);
  templates.set(server, template);
  return freshDatabase(server, await template);
}

/** One for all processes of a test run; whoever comes second waits, and finds the tables made. */
async function makeTemplate(server: string): Promise<string> {
  const name = templateName();
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  try {
    await client.query(`select pg_advisory_lock(hashtextextended('${name}', 0))`);
    const { rowCount } = await client.query('select from pg_database where datname = $1', [name]);
    if (rowCount === 0) await client.query(`create database ${name} template template0 encoding 'UTF8'`);
    await migratePostgres(databaseUrl(server, name));
  } finally {
    await client.end();
  }
  return name;
}

/** Of this run, or of this process where nobody began a run: test/support/test-run.ts sets it and removes the template after all tests. */
const templateName = (): string => `yihu_test_template_${process.env['YIHU_TEST_RUN'] ?? `p${process.pid}`}`;

/** After a run: takes its template from a shared server; a private one is gone with everything in it. */
export async function dropTemplate(): Promise<void> {
  for (const url of serversToTry()) if (await answers(url)) await administer(url, `drop database if exists ${templateName()} with (force)`);
}

function databaseUrl(server: string, name: string): string {
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}

/** The folder with initdb and postgres: the newest of Debian's, else one on PATH. */
function serverPrograms(): string | null {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).toSorted((a, b) => Number(b) - Number(a)).map((version) => join(debian, version, 'bin')) : [];
  const paths = (process.env['PATH'] ?? '').split(delimiter).filter((path) => path !== '');
  return [...versions, ...paths].find((path) => existsSync(join(path, 'initdb')) && existsSync(join(path, 'postgres'))) ?? null;
}

/** A process and everything it started, parents first. */
function familyOf(pid: number | undefined): readonly number[] {
  if (pid === undefined) return [];
  const listed = execFileSync('ps', ['-e', '-o', 'pid=,ppid='], { encoding: 'utf8' });
  const pairs = listed.trim().split('\n').map((line) => line.trim().split(/\s+/).map(Number));
  const family = [pid];
  for (let index = 0; index < family.length; index += 1) {
    for (const [child, parent] of pairs) if (parent === family[index] && child !== undefined) family.push(child);
  }
  return family;
}
