import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

/**
 * Builds every web page: `tsx src/web/build.ts [outDir]`; the folder is `dist/web` unless told. The pages first,
 * because they empty the folder, then the widget beside them.
 */
const configFile = fileURLToPath(new URL('./vite.config.ts', import.meta.url));
const given = process.argv[2];
const outDir = given === undefined ? fileURLToPath(new URL('../../dist/web', import.meta.url)) : resolve(given);

for (const mode of ['pages', 'widget']) {
  await build({ configFile, mode, logLevel: 'warn', build: { outDir, emptyOutDir: mode === 'pages' } });
}
