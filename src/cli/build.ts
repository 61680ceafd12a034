import { cpSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'vite';
import { yamlFiles } from '../config/files.ts';
import { keepParsed } from '../config/parsed.ts';
import { findRoot } from '../config/root.ts';

/**
 * `npm run build` makes what `npm start` runs: the pages (src/web/build.ts, → dist/web) and the server in plain
 * JavaScript (→ dist/server), so that production starts fast and carries no transpiler. Packages stay where npm put them.
 */
const root = findRoot(import.meta.url);
const outDir = join(root, 'dist', 'server');

await import('../web/build.ts');
rmSync(outDir, { recursive: true, force: true });
await build({
  root,
  configFile: false,
  logLevel: 'warn',
  publicDir: false,
  ssr: { target: 'node' },
  build: { ssr: join(root, 'src', 'main.ts'), outDir, emptyOutDir: true, target: 'node20', sourcemap: true, minify: false, copyPublicDir: false, rolldownOptions: { output: { chunkFileNames: 'chunks/[name]-[hash].js' } } },
});
// Drivers (in chunks/) look for the migrations beside their own folder, as they do in src/store/drivers/.
cpSync(join(root, 'src', 'store', 'migrations'), join(outDir, 'migrations'), { recursive: true });
// What the city's files say as they are now; one that is edited later is parsed at the start.
for (const folder of ['config', join('config', 'knowledge')]) for (const path of yamlFiles(join(root, folder))) keepParsed(root, readFileSync(path, 'utf8'));
