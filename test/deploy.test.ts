import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import Client from 'better-sqlite3';
import Type from 'typebox';
import { Value } from 'typebox/value';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { channel as botframework } from '../channels/botframework/index.ts';
import { channel as ivrTwilio } from '../channels/ivr-twilio/index.ts';
import { channel as webchat } from '../channels/webchat/index.ts';
import { channel as wechatMiniprogram } from '../channels/wechat-miniprogram/index.ts';
import { channel as wechatOfficial } from '../channels/wechat-official/index.ts';
import { findRoot } from '../src/config/root.ts';
import { readSettings } from '../src/config/settings.ts';

/** The examples of docs/deploy name settings, scripts and files: what they name must exist, and agree with the program. */

const ROOT = findRoot(import.meta.url);
const DEPLOY = join(ROOT, 'docs', 'deploy');
const THREE = join(DEPLOY, 'three-machines');
const read = (...path: string[]): string => readFileSync(join(DEPLOY, ...path), 'utf8');

const DEFAULTS = readSettings({});
const CHANNEL_SETTINGS = [botframework, ivrTwilio, webchat, wechatMiniprogram, wechatOfficial].flatMap((channel) => channel.settings);
const SETTINGS = new Set([...Object.keys(DEFAULTS), ...CHANNEL_SETTINGS.map((setting) => setting.name)]);
const SECRETS = ['VAULT_KEY', 'ADMIN_PASSWORD', 'DATABASE_URL', 'REDIS_URL', 'POSTGRES_PASSWORD', 'REDIS_PASSWORD', ...CHANNEL_SETTINGS.filter((setting) => setting.secret).map((setting) => setting.name)];
const unknown = (names: Iterable<string>): string[] => [...names].filter((name) => !SETTINGS.has(name));
const scripts = Value.Parse(Type.Object({ scripts: Type.Object({ start: Type.String() }) }), JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))).scripts;
/** With the larger young space that a city's turns want; the demo does without (docs/performance.md). */
const CITY_START = scripts.start.replace(/^node /, 'node --max-semi-space-size=32 ');
/** Requests, running turns, the last traces (10 s); see `close` in main.ts. */
const STOP_SECONDS = (2 * DEFAULTS.STOP_GRACE_MS) / 1000 + 10;

/** `NAME=value` lines; `offered` are those that stand in a comment. */
function readEnv(text: string): { readonly set: Readonly<Record<string, string>>; readonly offered: readonly string[] } {
  const set = [...text.matchAll(/^([A-Z]\w*)=(.*)$/gm)].map(([, name, value]) => [name ?? '', value ?? ''] as const);
  return { set: Object.fromEntries(set), offered: [...text.matchAll(/^#([A-Z]\w*)=/gm)].map(([, name]) => name ?? '') };
}

const Service = Type.Object({
  image: Type.String(),
  environment: Type.Optional(Type.Record(Type.String(), Type.String())),
  volumes: Type.Optional(Type.Array(Type.String())),
  ports: Type.Optional(Type.Array(Type.String())),
  networks: Type.Unknown(),
  build: Type.Optional(Type.Object({ context: Type.String(), dockerfile: Type.String() })),
  command: Type.Optional(Type.Array(Type.String())),
  stop_grace_period: Type.Optional(Type.String()),
  restart: Type.Optional(Type.String()),
});
const Compose = Type.Object({ services: Type.Record(Type.String(), Service), volumes: Type.Record(Type.String(), Type.Unknown()) });

describe('compose.yml', () => {
  const text = read('three-machines', 'compose.yml');
  const compose = Value.Parse(Compose, parse(text, { merge: true }));
  const ours = Object.entries(compose.services).filter(([, service]) => service.image.startsWith('yihu:'));
  const nodes = ours.filter(([, service]) => service.command === undefined);
  const example = readEnv(read('three-machines', 'env.example'));

  it('has two nodes and gives them settings that exist', () => {
    expect(nodes.map(([name]) => name)).toEqual(['node1', 'node2']);
    for (const [, service] of ours) expect(unknown(Object.keys(service.environment ?? {}))).toEqual([]);
  });

  it('gives all nodes the same settings and each a volume of its own', () => {
    const [first, ...others] = nodes.map(([, service]) => service.environment);
    for (const other of others) expect(other).toEqual(first);
    const volumes = nodes.map(([, service]) => service.volumes ?? []);
    expect(new Set(volumes.flat()).size).toBe(nodes.length);
    for (const [mount] of volumes) {
      const [name, folder] = (mount ?? '').split(':');
      expect(Object.keys(compose.volumes)).toContain(name);
      expect(read('three-machines', 'Dockerfile')).toContain(`DATA_DIR=${folder}\n`);
    }
  });

  it('asks for nothing that env.example does not name, and the other way round', () => {
    const asked = new Set([...text.matchAll(/(?<!\$)\$\{(\w+)/g)].map(([, name]) => name ?? ''));
    expect([...asked].toSorted()).toEqual(Object.keys(example.set).toSorted());
  });

  it('falls back on the same values as the program', () => {
    for (const [, name, fallback] of text.matchAll(/\$\{(\w+):-([^}]*)\}/g)) {
      if (name !== undefined && name in DEFAULTS) expect([name, fallback]).toEqual([name, String(DEFAULTS[name as keyof typeof DEFAULTS])]);
    }
  });

  it('refuses to start nodes without what they must share', () => {
    for (const name of ['VAULT_KEY', 'DIRECTLINE_SECRET', 'ADMIN_PASSWORD', 'PUBLIC_URL', 'POSTGRES_PASSWORD', 'REDIS_PASSWORD']) expect(text).toMatch(new RegExp(`\\$\\{${name}:\\?`));
  });

  it('waits for a stop, starts again after an end, and lets nobody in but by the proxy', () => {
    for (const [, service] of nodes) {
      expect(Number(/^(\d+)s$/.exec(service.stop_grace_period ?? '')?.[1])).toBeGreaterThan(STOP_SECONDS);
      expect(service.restart).toBe('always');
    }
    expect(Object.entries(compose.services).flatMap(([name, service]) => (service.ports === undefined ? [] : [name]))).toEqual(['proxy']);
  });

  it('names files that exist, and the proxy\'s addresses', () => {
    for (const [, { build }] of ours) {
      expect(existsSync(join(THREE, build?.context ?? '', build?.dockerfile ?? ''))).toBe(true);
    }
    for (const mount of Object.values(compose.services).flatMap((service) => service.volumes ?? [])) {
      const [from = ''] = mount.split(':');
      // A certificate is made on the spot; everything else is here.
      if (from.startsWith('./') && from !== './certificate.pem') expect(existsSync(join(THREE, from))).toBe(true);
    }
    const proxy = read('three-machines', 'haproxy.cfg');
    const named = new Set([...proxy.matchAll(/"\$\{(\w+)\}"/g)].map(([, name]) => name));
    expect(Object.keys(compose.services['proxy']?.environment ?? {}).toSorted()).toEqual([...named].toSorted());
    for (const path of ['/healthz', '/readyz']) expect(proxy).toContain(`option httpchk GET ${path}`);
  });
});

describe('the image', () => {
  const dockerfile = read('three-machines', 'Dockerfile');

  it('runs what npm start runs, with room for a city, under settings that exist and without a secret', () => {
    expect(dockerfile).toContain(`CMD ${JSON.stringify(CITY_START.split(' ')).replaceAll(',', ', ')}\n`);
    const environment = [...dockerfile.matchAll(/^(?:ENV|\s{4}) ?([A-Z_]+)=/gm)].map(([, name]) => name ?? '');
    expect(environment).toContain('DATA_DIR');
    expect(unknown(environment)).toEqual([]);
    expect(SECRETS.filter((name) => dockerfile.includes(name))).toEqual([]);
    expect(dockerfile).toMatch(/^USER node$/m);
  });

  it('is made of files that exist', () => {
    const kept = [...read('three-machines', 'Dockerfile.dockerignore').matchAll(/^!(.+)$/gm)].map(([, path]) => path ?? '');
    expect(kept).toContain('package-lock.json');
    expect(kept.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });
});

describe('examples of settings', () => {
  it.each([['one-machine', 'yihu.env.example'], ['three-machines', 'cluster.env.example'], ['three-machines', 'env.example']])('%s/%s names settings that exist, with good values and no secret', (folder, file) => {
    const { set, offered } = readEnv(read(folder, file));
    const forContainers = ['YIHU_TAG', 'POSTGRES_PASSWORD', 'REDIS_PASSWORD'];
    expect(unknown([...Object.keys(set), ...offered]).filter((name) => file !== 'env.example' || !forContainers.includes(name))).toEqual([]);
    expect(SECRETS.filter((name) => (set[name] ?? '') !== '')).toEqual([]);
    expect(() => readSettings(set)).not.toThrow();
  });

  it('leave to each node what is its own', () => {
    const { set, offered } = readEnv(read('three-machines', 'cluster.env.example'));
    expect([...Object.keys(set), ...offered].filter((name) => ['ROLES', 'PORT', 'DATA_DIR', 'NODE_ENV'].includes(name))).toEqual([]);
  });
});

describe('systemd units', () => {
  const units = ['one-machine', 'three-machines'].flatMap((folder) => readdirSync(join(DEPLOY, folder)).filter((file) => /\.(?:service|timer)$/.test(file)).map((file) => ({ folder, file, text: read(folder, file) })));
  const values = (text: string, key: string): string[] => [...text.matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map(([, value]) => value ?? '');
  const gateways = units.filter(({ text }) => values(text, 'ExecStart').some((command) => command.endsWith('main.js')));

  it('start what exists', () => {
    expect(gateways.map(({ file }) => file).toSorted()).toEqual(['yihu-node@.service', 'yihu-web@.service', 'yihu-worker@.service', 'yihu.service']);
    for (const { text } of gateways) expect(values(text, 'ExecStart')).toEqual([`/usr/bin/${CITY_START}`]);
    for (const { file, text } of units.filter((unit) => unit.file.endsWith('.service'))) {
      const [command = ''] = values(text, 'ExecStart');
      const inProject = command.split(' ').map((word) => word.replace(/^\/opt\/yihu\//, '')).filter((word) => /^(?:src|docs)\//.test(word));
      if (!gateways.some((gateway) => gateway.file === file)) expect([file, inProject.length]).toEqual([file, 1]);
      for (const path of inProject) expect([path, existsSync(join(ROOT, path))]).toEqual([path, true]);
    }
    expect(statSync(join(DEPLOY, 'one-machine', 'backup.sh')).mode & 0o111).toBe(0o111);
    expect(existsSync(join(DEPLOY, 'one-machine', 'yihu-backup.service'))).toBe(true); // what the timer of that name starts
  });

  it('set what exists, outlast a stop, and start again for ever', () => {
    for (const { file, text } of units) {
      const names = values(text, 'Environment').map((pair) => pair.split('=')[0] ?? '');
      expect([file, unknown(names).filter((name) => file !== 'yihu-backup.service' || !name.startsWith('BACKUP_'))]).toEqual([file, []]);
    }
    for (const { text } of gateways) {
      expect(Number(values(text, 'TimeoutStopSec')[0])).toBeGreaterThan(STOP_SECONDS);
      expect(values(text, 'Restart')).toEqual(['always']);
      expect(values(text, 'StartLimitIntervalSec')).toEqual(['0']);
      expect(Number(values(text, 'LimitNOFILE')[0])).toBeGreaterThan(10_750);
      expect(values(text, 'NoNewPrivileges')).toEqual(['yes']);
      // V8 could not run.
      expect(values(text, 'MemoryDenyWriteExecute')).toEqual([]);
    }
  });

  it('of nodes differ in their roles alone', () => {
    const shape = (kind: string, roles: string): string =>
      read('three-machines', `yihu-${kind}@.service`).replace(/^#.*\n/, '').replaceAll(`yihu-${kind}@`, 'yihu-KIND@').replaceAll(`/${kind}-%i`, '/KIND-%i').replace(`(${roles})`, '(ROLES)').replace(`ROLES=${roles}\n`, 'ROLES=\n');
    const node = shape('node', 'web,worker');
    expect(node).toContain('Environment=ROLES=\n');
    expect(shape('web', 'web')).toBe(node);
    expect(shape('worker', 'worker')).toBe(node);
    for (const roles of ['web,worker', 'web', 'worker']) expect(() => readSettings({ ROLES: roles })).not.toThrow();
  });
});

describe('words about running it', () => {
  const anchors = (text: string): string[] => [...text.matchAll(/^#+ (.+)$/gm)].map(([, title]) => (title ?? '').toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-'));

  it.each(['README.md', 'docs/handbook.md', 'docs/deploy/one-machine/README.md', 'docs/deploy/three-machines/README.md'])('%s links to what exists', (file) => {
    const text = readFileSync(join(ROOT, file), 'utf8');
    for (const [, link = ''] of text.matchAll(/\]\((?!https?:)([^)\s]+)\)/g)) {
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? join(ROOT, file) : resolve(ROOT, dirname(file), path);
      expect([link, existsSync(target)]).toEqual([link, true]);
      if (anchor !== undefined && target.endsWith('.md')) expect([link, anchors(readFileSync(target, 'utf8')).includes(decodeURIComponent(anchor))]).toEqual([link, true]);
    }
  });

  it('the README\'s table has every setting of the house', () => {
    const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
    const named = new Set([...readme.matchAll(/^\| (`[^|]+) \|/gm)].flatMap(([, cell]) => [...(cell ?? '').matchAll(/`(\w+)`/g)].map(([, name]) => name)));
    expect(Object.keys(DEFAULTS).filter((name) => !named.has(name))).toEqual([]);
  });
});

describe.skipIf(spawnSync('sqlite3', ['-version']).error !== undefined)('backup.sh (needs sqlite3)', () => {
  it('copies a database that is open and written to, and forgets nothing of today', () => {
    const folder = mkdtempSync(join(tmpdir(), 'yihu-backup-'));
    const client = new Client(join(folder, 'yihu.sqlite3'));
    try {
      client.pragma('journal_mode = WAL');
      client.exec("create table words (word text); insert into words values ('一'), ('二')");
      const told = execFileSync(join(DEPLOY, 'one-machine', 'backup.sh'), { env: { PATH: process.env['PATH'], DATA_DIR: folder, BACKUP_DIR: join(folder, 'copies') }, encoding: 'utf8' });
      const copies = readdirSync(join(folder, 'copies'));
      expect(copies).toEqual([expect.stringMatching(/^yihu-\d{8}T\d{6}Z\.sqlite3$/)]);
      expect(told).toContain(copies[0]);
      const copy = new Client(join(folder, 'copies', copies[0] ?? ''));
      expect(copy.prepare('select group_concat(word) from words').pluck().get()).toBe('一,二');
      copy.close();
    } finally {
      client.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('fails where there is no database', () => {
    const folder = mkdtempSync(join(tmpdir(), 'yihu-backup-'));
    const { status, stderr } = spawnSync(join(DEPLOY, 'one-machine', 'backup.sh'), { env: { PATH: process.env['PATH'], DATA_DIR: folder, BACKUP_DIR: folder }, encoding: 'utf8' });
    rmSync(folder, { recursive: true, force: true });
    expect(status).not.toBe(0);
    expect(stderr).toContain('no database');
  });
});
