import { cpSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'vite';
import { loadCity } from '../config/city.ts';
import { yamlFiles } from '../config/files.ts';
import { readFlowTexts } from '../config/flows.ts';
import { keepParsed } from '../config/parsed.ts';
import { findRoot } from '../config/root.ts';
import { isAppError } from '../domain/errors.ts';
import { keepSeed } from '../wiring/knowledge.ts';
import { SEED_FILE } from '../wiring/seed.ts';
import { readVersion } from '../wiring/upkeep.ts';
import { createPackaging } from './packaging.ts';

/**
 * `npm run build` makes what `npm start` runs: the pages (src/web/build.ts, → dist/web) and the server in plain
 * JavaScript (→ dist/server), so that production starts fast and carries no transpiler. Packages that every start loads
 * are put into one file (packaging.ts); the others stay where npm put them.
 */
const root = findRoot(import.meta.url);
const outDir = join(root, 'dist', 'server');

await import('../web/build.ts');
rmSync(outDir, { recursive: true, force: true });
const packaging = createPackaging();
await build({
  root,
  configFile: false,
  logLevel: 'warn',
  publicDir: false,
  ssr: { target: 'node', noExternal: true, external: [...packaging.external] },
  build: {
    ssr: join(root, 'src', 'main.ts'),
    outDir,
    emptyOutDir: true,
    target: 'node20',
    sourcemap: true,
    minify: false,
    copyPublicDir: false,
    rolldownOptions: {
      output: {
        chunkFileNames: 'chunks/[name]-[hash].js',
        // Less to read at a start; names stay, so that a stack trace is readable without a map.
        minify: { compress: false, mangle: false, codegen: true },
        codeSplitting: { groups: [{ debugName: 'packages', name: (id, context) => packaging.chunkOf(id, (other) => context.getModuleInfo(other)) }] },
      },
    },
  },
});
packaging.slim(join(outDir, 'chunks'));
// Drivers (in chunks/) look for the migrations beside their own folder, as they do in src/store/drivers/.
cpSync(join(root, 'src', 'store', 'migrations'), join(outDir, 'migrations'), { recursive: true });
// What the city's files say as they are now; one that is edited later is parsed at the start.
for (const folder of ['config', join('config', 'knowledge')]) for (const path of yamlFiles(join(root, folder))) keepParsed(root, readFileSync(path, 'utf8'));
for (const { text } of readFlowTexts(root).flows) keepParsed(root, text);
// And the index of what they know. Where they have faults the start says so, with file and line.
try {
  keepSeed(join(outDir, SEED_FILE), loadCity(root), readVersion(root), Date.now());
} catch (error) {
  if (!isAppError(error) || error.code !== 'config.invalid') throw error;
}
