import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createPackaging } from '../../src/cli/packaging.ts';

const at = (name: string): string => `/x/node_modules/${name}/index.js`;

/** Modules and what imports them statically. */
const graph = (importers: Readonly<Record<string, readonly string[]>>) => (id: string) => (id in importers ? { isEntry: id === '/x/src/main.ts', importers: importers[id] ?? [] } : null);

describe('packages in the build', () => {
  it('puts together what the entry reaches by static imports, however far, and leaves the rest to the bundler', () => {
    const infoOf = graph({
      '/x/src/main.ts': [],
      '/x/src/lazy.ts': [], // imported by import() only
      [at('a')]: ['/x/src/main.ts'],
      [at('b')]: [at('a')],
      [at('c')]: ['/x/src/lazy.ts'],
      [at('d')]: [at('c'), at('b')],
    });
    const { chunkOf } = createPackaging();
    expect([at('a'), at('b'), at('c'), at('d'), '/x/src/main.ts', '/x/src/lazy.ts', at('unknown')].map((id) => chunkOf(id, infoOf))).toEqual(['packages', 'packages', null, 'packages', null, null, null]);
  });

  it('finds its way through circles, in whatever order it is asked', () => {
    const infoOf = graph({ '/x/src/main.ts': [], [at('a')]: [at('b')], [at('b')]: [at('a'), at('c')], [at('c')]: ['/x/src/main.ts', at('b')], [at('e')]: [at('f')], [at('f')]: [at('e')] });
    for (const order of [['a', 'b', 'c', 'e', 'f'], ['f', 'e', 'c', 'b', 'a'], ['b', 'f', 'a', 'e', 'c']]) {
      const { chunkOf } = createPackaging();
      expect(Object.fromEntries(order.map((name) => [name, chunkOf(at(name), infoOf)]))).toEqual({ a: 'packages', b: 'packages', c: 'packages', e: null, f: null });
    }
  });

  it('takes the map of the packages away, and its mention, and nobody else’s', () => {
    const folder = mkdtempSync(join(tmpdir(), 'yihu-packaging-'));
    const own = 'let a;\n//# sourceMappingURL=main-1.js.map\n';
    writeFileSync(join(folder, 'main-1.js'), own);
    writeFileSync(join(folder, 'main-1.js.map'), '{}');
    writeFileSync(join(folder, 'packages-2.js'), 'let b;\n//# sourceMappingURL=packages-2.js.map\n');
    writeFileSync(join(folder, 'packages-2.js.map'), '{}');
    createPackaging().slim(folder);
    expect(readdirSync(folder).toSorted()).toEqual(['main-1.js', 'main-1.js.map', 'packages-2.js']);
    expect(readFileSync(join(folder, 'packages-2.js'), 'utf8')).not.toContain('sourceMappingURL');
    expect(readFileSync(join(folder, 'main-1.js'), 'utf8')).toBe(own);
    rmSync(folder, { recursive: true });
  });

  it('writes the packages in ASCII, and they do the same', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'yihu-packaging-'));
    const path = join(folder, 'packages-3.mjs');
    writeFileSync(path, "export const said = { 拼音: `pīn${'𠮷'}` + /^[一-龥]$/.test('字') + /^.$/u.test('𠮷') };\n");
    createPackaging().slim(folder);
    expect(readFileSync(path, 'utf8')).toMatch(/^[\x00-\x7f]*$/);
    expect(await import(path)).toMatchObject({ said: { 拼音: 'pīn𠮷truetrue' } });
    rmSync(folder, { recursive: true });
  });
});
