import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { Bench } from './types.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const MOST_KB = 20;

/** Built anew into a folder of its own, so that the figure is of the code as it is. */
export const widget: Bench = {
  name: 'widget',
  about: 'size of widget.js, gzipped, as a city site loads it',
  run: async ({ progress, folder }) => {
    progress(0, 'building');
    const outDir = join(folder, 'web');
    await build(outDir);
    const script = await readFile(join(outDir, 'widget.js'));
    return [
      { what: 'widget.js, gzipped', unit: 'KB', rounds: [gzipSync(script, { level: 9 }).length / 1024], budget: { limit: MOST_KB, kind: 'most' } },
      { what: 'widget.js', unit: 'KB', rounds: [script.length / 1024] },
    ];
  },
};

async function build(outDir: string): Promise<void> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/web/build.ts', outDir], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => void (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => void (output += text));
  const code = await new Promise<number | null>((resolve, reject) => void child.once('close', resolve).once('error', reject));
  if (code !== 0) throw new Error(`the build ended with ${code ?? 'a signal'}\n${output}`);
}
