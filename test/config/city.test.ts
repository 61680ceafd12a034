import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadCity } from '../../src/config/city.ts';
import { AppError } from '../../src/domain/errors.ts';

/** Faults are seeded into copies of the demo city, one at a time, and must be reported at the line where they were put. */

const root = fileURLToPath(new URL('../..', import.meta.url));
/** Of its knowledge two files are enough for faults: reading all of it takes most of the time. */
const KNOWLEDGE = ['hotline.yaml', 'housing.yaml'];
let copy: string;
beforeEach(() => {
  copy = mkdtempSync(join(tmpdir(), 'yihu-city-'));
  cpSync(join(root, 'config'), join(copy, 'config'), { recursive: true, filter: (path) => basename(dirname(path)) !== 'knowledge' || KNOWLEDGE.includes(basename(path)) });
});
afterEach(() => rmSync(copy, { recursive: true, force: true }));

const faults = (): string[] => {
  try {
    loadCity(copy);
    return [];
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    expect(error).toMatchObject({ code: 'config.invalid', status: 500 });
    return error.message.split('\n').slice(1).map((line) => line.trim());
  }
};

/** Replaces the first text that matches and says in which line (1-based) that was. */
function seed(file: string, find: RegExp, put: string): number {
  const path = join(copy, 'config', file);
  const text = readFileSync(path, 'utf8');
  const match = find.exec(text);
  if (match === null) throw new Error(`${file} has nothing like ${find}`);
  writeFileSync(path, text.slice(0, match.index) + put + text.slice(match.index + match[0].length));
  return text.slice(0, match.index).split('\n').length;
}

describe('the demo city', () => {
  it('has no faults', () => {
    cpSync(join(root, 'config'), join(copy, 'config'), { recursive: true });
    expect(faults()).toEqual([]);
  });
});

describe('a fault is reported where it stands', () => {
  it.each<[what: string, file: string, find: RegExp, put: string, message: string]>([
    ['a department that is not there', 'items.yaml', /department: ecology/, 'department: ecologie', 'unknown department ecologie'],
    ['a class of deadlines that is not there', 'items.yaml', /deadlineClass: general/, 'deadlineClass: genral', 'has no class genral'],
    ['a class with the name of a built-in', 'items.yaml', /deadlineClass: general/, 'deadlineClass: constructor', 'has no class constructor'],
    ['an item code twice', 'items.yaml', /code: env\.noise\.industry/, 'code: env.noise.construction', 'env.noise.construction stands twice, first at config/items.yaml:6'],
    ['an unknown key', 'items.yaml', /deadlineClass: general/, 'deadlinClass: general', 'unknown key deadlinClass'],
    ['a wrong kind', 'items.yaml', /kinds: \[投诉, 举报\]/, 'kinds: [投诉, 报怨]', '/items/0/kinds/1'],
    ['a code in capitals', 'items.yaml', /code: env\.noise\.industry/, 'code: ENV.noise', '/items/1/code'],
    ['a target that is not there', 'routing.yaml', /to: dss/, 'to: nobody', 'unknown department nobody'],
    ['an item that no route can mean', 'routing.yaml', /emergency\.weather/, 'emergency.wether', 'no item begins with emergency.wether'],
    ['a town that is not there', 'routing.yaml', /songshanhu/, 'songshanghu', 'unknown town songshanghu'],
    ['a route twice', 'routing.yaml', /id: praise-service/, 'id: life-safety-to-item', 'route life-safety-to-item stands twice'],
    ['a route that hides the others', 'routing.yaml', /when: \{ kinds: \[表扬\] \}/, 'when: {}', 'nothing below it is ever reached'],
    ['a department twice', 'departments.yaml', /id: medical-insurance/, 'id: hrss', 'department hrss stands twice'],
    ['a town code of eight digits', 'towns.yaml', /'441900004'/, "'44190004'", '/towns/1/code'],
    ['a profile that is not there', 'deadlines.yaml', /active: demo/, 'active: shanxi', 'active profile shanxi'],
    ['a deadline of nothing', 'deadlines.yaml', /amount: 2,/, 'amount: 0,', '/amount'],
    ['a broken time of day', 'calendar.yaml', /from: '08:30'/, "from: '8:30'", 'HH:MM'],
    ['an hour that does not exist', 'calendar.yaml', /to: '24:00'/, "to: '24:30'", 'HH:MM'],
    ['hours that run backwards', 'calendar.yaml', /from: '08:30', to: '12:00'/, "from: '12:00', to: '08:30'", 'is not before'],
    ['hours that overlap', 'calendar.yaml', /from: '14:00'/, "from: '11:00'", 'lies before the end'],
    ['a day that does not exist', 'calendar.yaml', /'2026-01-01'/, "'2026-02-30'", '2026-02-30 is not a day'],
    ['a day of another year', 'calendar.yaml', /'2026-01-01'/, "'2025-01-01'", 'is not in 2026'],
    ['an entry with an unknown item', 'knowledge/hotline.yaml', /item: [\w.-]+/, 'item: no.such', 'unknown item no.such'],
    ['an entry with an unknown department', 'knowledge/hotline.yaml', /department: dss/, 'department: dsss', 'unknown department dsss'],
    ['a group that is not there', 'queues.yaml', /overflowSeconds: 45, next: general/, 'overflowSeconds: 45, next: generel', 'unknown group generel'],
    ['a way that goes in a ring', 'queues.yaml', /overflowSeconds: 600, next: callback/, 'overflowSeconds: 600, next: emergency', 'goes in a ring'],
    ['a group twice', 'queues.yaml', /id: english/, 'id: enterprise', 'group enterprise stands twice'],
    ['a field that no item has', 'queues.yaml', /就业保障\]/, '就业]', 'no item has the field 就业'],
    ['a town that no group can mean', 'queues.yaml', /binhaiwan/, 'binhai', 'unknown town binhai'],
    ['a group that hides those below', 'queues.yaml', /match: \{ locales: \[en\] \}, /, '', 'takes everything'],
    ['a break twice', 'queues.yaml', /id: rest/, 'id: meal', 'break meal stands twice'],
    ['an offer that nobody could accept in time', 'queues.yaml', /offerSeconds: 25/, 'offerSeconds: 0', '/offerSeconds'],
    ['a module that is none', 'knowledge/hotline.yaml', /module: faq/, 'module: fag', '/entries/0/module'],
  ])('%s', (_what, file, find, put, message) => {
    const line = seed(file, find, put);
    const reported = faults();
    const here = reported.filter((text) => text.startsWith(`config/${file}:${line}:`));
    expect(here.join('\n'), reported.join('\n')).toContain(message);
  });

  it('a missing property at the thing that misses it', () => {
    const line = seed('items.yaml', /\n {4}name: 工厂企业噪声扰民/, '');
    expect(faults().join('\n')).toMatch(new RegExp(`config/items\\.yaml:${line}:\\d+ /items/1 must have required properties name`));
  });

  it('an entry that stands in two files', () => {
    seed('knowledge/housing.yaml', /id: [\w.-]+/, 'id: hotline.scope');
    expect(faults().join('\n')).toMatch(/config\/knowledge\/housing\.yaml:\d+:\d+ entry hotline\.scope stands twice, first at config\/knowledge\/hotline\.yaml:3/);
  });

  it('no class for what has no item', () => {
    seed('deadlines.yaml', /general: \{[^}]*\}/, 'ordinary: { amount: 5, unit: workdays }');
    expect(faults().join('\n')).toMatch(/config\/deadlines\.yaml:\d+:\d+ profile demo has no class general/);
  });

  it('no office hours at all: no deadline would ever come', () => {
    seed('calendar.yaml', /officeHours:\n(?: {2}- .*\n)+/, 'officeHours: []\n');
    expect(faults().join('\n')).toContain('officeHours is empty');
  });
});

describe('files that are no data', () => {
  const write = (file: string, text: string | Buffer) => writeFileSync(join(copy, 'config', file), text);

  it.each<[string, string | Buffer, RegExp]>([
    ['broken YAML', 'towns:\n  - { id: a, name: b\n', /config\/towns\.yaml:\d+:\d+ /],
    ['a key twice', 'towns: []\ntowns: []\n', /config\/towns\.yaml:2:1 .*unique/],
    ['nothing', '', /config\/towns\.yaml:1:1 \/ /],
    ['a list', '- 1\n', /config\/towns\.yaml:1:1 \/ /],
    ['GBK', Buffer.from([0x74, 0x6f, 0x77, 0x6e, 0x73, 0x3a, 0xb6, 0xab, 0xdd, 0xb8]), /config\/towns\.yaml:1:1 the file is not UTF-8/],
    ['an alias bomb', `a: &a [${'x,'.repeat(50)}]\nb: &b [${'*a,'.repeat(50)}]\nc: [${'*b,'.repeat(50)}]\ntowns: []\n`, /config\/towns\.yaml:1:1 aliases/],
    ['two documents', 'towns: []\n---\ntowns: []\n', /config\/towns\.yaml:\d+:\d+ .*document/],
  ])('%s', (_what, text, message) => {
    write('towns.yaml', text);
    expect(faults().join('\n')).toMatch(message);
  });

  it('a file that is not there', () => {
    rmSync(join(copy, 'config', 'lexicon.yaml'));
    expect(faults()).toEqual(['config/lexicon.yaml:1:1 the file is missing']);
  });

  it('are all listed at once, however many', () => {
    rmSync(join(copy, 'config', 'lexicon.yaml'));
    const text = readFileSync(join(copy, 'config', 'items.yaml'), 'utf8');
    write('items.yaml', text.replaceAll('deadlineClass: ', 'deadlinesClass: '));
    const items = text.split('deadlineClass: ').length - 1;
    expect(items).toBeGreaterThan(20);
    const reported = faults();
    expect(reported.filter((line) => line.includes('unknown key deadlinesClass'))).toHaveLength(items);
    expect(new Set(reported.filter((line) => line.includes('unknown key')).map((line) => line.split(' ')[0])).size).toBe(items);
    expect(reported.at(-1)).toContain('lexicon.yaml');
  });
});
