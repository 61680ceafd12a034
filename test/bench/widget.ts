import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { runNode } from './build.ts';
import type { Bench } from './types.ts';

const MOST_KB = 20;

/** Built anew into a folder of its own, so that the figure is of the code as it is. */
export const widget: Bench = {
  name: 'widget',
  about: 'size of widget.js, gzipped, as a city site loads it',
  run: async ({ progress, folder }) => {
    progress(0, 'building');
    const outDir = join(folder, 'web');
    await runNode(['--import', 'tsx', 'src/web/build.ts', outDir]);
    const script = await readFile(join(outDir, 'widget.js'));
    return [
      { what: 'widget.js, gzipped', unit: 'KB', rounds: [gzipSync(script, { level: 9 }).length / 1024], budget: { limit: MOST_KB, kind: 'most' } },
      { what: 'widget.js', unit: 'KB', rounds: [script.length / 1024] },
    ];
  },
};
