import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

interface Import {
  readonly from: string;
  readonly line: number;
  /** Project path for a relative import, else the package name. */
  readonly target: string;
}

const files = ['src', 'channels'].flatMap((folder) => sources(join(root, folder)));
const imports = files.flatMap(readImports);

/** What a room may import besides itself: the whole of the house's order in one table. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  'src/domain': [],
  'src/matcher': ['src/domain'],
  'src/dialog': ['src/domain', 'src/matcher'],
  'src/channel': ['src/domain'],
  'src/config': ['src/domain', 'src/dialog'],
  'src/store': ['src/domain'],
  'src/bus': ['src/domain', 'src/store'],
  'src/tickets': ['src/domain', 'src/matcher', 'src/store', 'src/config'],
  'src/partners': ['src/domain', 'src/store', 'src/config', 'src/tickets'],
  'src/outbound': ['src/domain', 'src/channel', 'src/store', 'src/bus', 'src/config', 'src/tickets'],
  'src/linkage': ['src/domain', 'src/channel', 'src/store', 'src/bus', 'src/config', 'src/tickets', 'src/partners'],
  'src/measures': ['src/domain', 'src/store', 'src/config'],
  'src/quality': ['src/domain', 'src/matcher', 'src/store', 'src/config'],
  'src/assist': ['src/domain', 'src/dialog', 'src/matcher', 'src/store', 'src/config', 'src/tickets'],
  'src/reports': ['src/domain', 'src/matcher', 'src/store', 'src/config', 'src/measures', 'src/tickets'],
  'src/intake': ['src/domain', 'src/dialog', 'src/matcher', 'src/channel', 'src/store', 'src/bus', 'src/config', 'src/knowledge', 'src/tickets', 'src/partners', 'src/outbound', 'src/linkage'],
  'src/http': ['src/domain', 'src/dialog', 'src/channel', 'src/store', 'src/intake', 'src/config', 'src/matcher', 'src/knowledge', 'src/tickets', 'src/partners', 'src/measures', 'src/quality', 'src/assist', 'src/reports', 'src/outbound', 'src/linkage'],
  'src/knowledge': ['src/domain', 'src/matcher', 'src/store', 'src/config'],
  'src/web': ['src/domain'],
};
/** The places that wire: they may know everything. */
const WIRING = /^src\/(main\.ts|meter\.ts|trace\.ts|wiring\/|cli\/)/;
/** Reads what a package brings as data, as an import of code would: the segmenter's dictionary. */
const DATA_OF_A_PACKAGE = 'src/matcher/dictionary.ts';
/** Rooms that think and do nothing else. */
const PURE = ['src/domain', 'src/dialog', 'src/matcher'];

describe('the house keeps its order', () => {
  it('finds the code', () => {
    expect(files.length).toBeGreaterThan(30);
    expect(imports.length).toBeGreaterThan(100);
  });

  it('imports point inward', () => {
    const wrong = imports.filter(({ from, target }) => {
      const room = roomOf(from);
      if (WIRING.test(from) || room === null || !target.startsWith('src/')) return false;
      const other = roomOf(target);
      return other !== room && !(other !== null && (ROOMS[room] ?? []).includes(other));
    });
    expect(wrong.map(show)).toEqual([]);
  });

  it('every room of src is in the table', () => {
    const rooms = readdirSync(join(root, 'src'), { withFileTypes: true }).filter((entry) => entry.isDirectory() && !WIRING.test(`src/${entry.name}/`)).map((entry) => `src/${entry.name}`);
    expect(rooms.filter((room) => !(room in ROOMS))).toEqual([]);
  });

  it('nobody but the wiring knows a channel', () => {
    expect(imports.filter(({ from, target }) => from.startsWith('src/') && target.startsWith('channels/') && !WIRING.test(from)).map(show)).toEqual([]);
  });

  it('a channel knows the contract and the domain, never another channel', () => {
    const wrong = imports.filter(({ from, target }) => {
      if (!from.startsWith('channels/') || from.endsWith('.test.ts') || target.startsWith('node:') || !target.includes('/')) return false;
      if (target.startsWith('channels/')) return channelOf(target) !== channelOf(from);
      return target.startsWith('src/') && !target.startsWith('src/channel/') && !target.startsWith('src/domain/');
    });
    expect(wrong.map(show)).toEqual([]);
  });

  it('better-sqlite3 is opened through one door', () => {
    // Of the whole line `import type … from`, too: whoever knows its types can have what the door does not hold.
    const elsewhere = imports.filter(({ from, target }) => from !== 'src/store/drivers/sqlite-client.ts' && /^(better-sqlite3|drizzle-orm\/better-sqlite3)/.test(target));
    expect(elsewhere.map(show)).toEqual([]);
    expect(imports.some(({ from, target }) => from === 'src/store/drivers/sqlite-client.ts' && target === 'better-sqlite3')).toBe(true);
  });

  it('what thinks does no I/O and reads no clock', () => {
    const thinking = files.filter((file) => PURE.some((room) => path(file).startsWith(`${room}/`)));
    const forbidden = [/\bDate\.now\(/, /\bnew Date\(\)/, /\bMath\.random\(/, /\bprocess\./, /\bfetch\(/, /\bsetTimeout\(/, /\bperformance\./, /\brandom(Bytes|UUID|Int)\b/];
    const faults = thinking.flatMap((file) => readFileSync(file, 'utf8').split('\n').flatMap((line, index) => (forbidden.some((pattern) => pattern.test(withoutComment(line))) ? [`${path(file)}:${index + 1} ${line.trim()}`] : [])));
    expect(faults).toEqual([]);
    const io = imports.filter(({ from, target }) => PURE.some((room) => from.startsWith(`${room}/`)) && from !== DATA_OF_A_PACKAGE && /^node:(?!util$|crypto$)|^(fastify|undici|pino|better-sqlite3|drizzle-orm|pg)/.test(target));
    expect(io.map(show)).toEqual([]);
  });

  it('has no type holes', () => {
    const holes = files.flatMap((file) => readFileSync(file, 'utf8').split('\n').flatMap((line, index) => (/\bas any\b|: any\b|<any>|@ts-ignore|@ts-nocheck|@ts-expect-error|as unknown as/.test(withoutComment(line)) || /@ts-(ignore|nocheck)/.test(line) ? [`${path(file)}:${index + 1}`] : [])));
    expect(holes).toEqual([]);
  });
});

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const full = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === 'migrations' || entry.name === 'fixtures' ? [] : sources(full);
    return /\.tsx?$/.test(entry.name) ? [full] : [];
  });
}

function readImports(file: string): Import[] {
  const found: Import[] = [];
  readFileSync(file, 'utf8').split('\n').forEach((line, index) => {
    const match = /^\s*(?:import|export)\b[^'"]*?from\s+['"]([^'"]+)['"]|^\s*import\s+['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)|^\}\s*from\s+['"]([^'"]+)['"]/.exec(line);
    const specifier = match?.[1] ?? match?.[2] ?? match?.[3] ?? match?.[4];
    if (specifier === undefined) return;
    const target = specifier.startsWith('.') ? relative(root, resolve(dirname(file), specifier)).replaceAll('\\', '/') : specifier;
    found.push({ from: path(file), line: index + 1, target });
  });
  return found;
}

function path(file: string): string {
  return relative(root, file).replaceAll('\\', '/');
}

function roomOf(file: string): string | null {
  const match = /^src\/([^/]+)\//.exec(file);
  return match === null ? null : `src/${match[1]}`;
}

function channelOf(file: string): string {
  return file.split('/')[1] ?? '';
}

function show({ from, line, target }: Import): string {
  return `${from}:${line} imports ${target}`;
}

function withoutComment(line: string): string {
  return line.replace(/\/\/.*$/, '').replace(/^\s*\*.*$/, '').replace(/\/\*.*?\*\//g, '');
}
