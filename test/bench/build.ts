import { spawn } from 'node:child_process';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The bench measures the build, as `npm start` runs it; a stale one would be somebody else's figures. */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SOURCES = ['src', 'channels', 'package-lock.json', 'tsconfig.json'];
const BUILT = join('dist', 'server', 'main.js');

/** Builds when dist is missing or older than a source. True: it has built. @throws Error with the build's output */
export async function ensureBuilt(tell: (text: string) => void, root = ROOT): Promise<boolean> {
  const built = await stat(join(root, BUILT)).then(({ mtimeMs }) => mtimeMs, () => 0);
  const changed = Math.max(...(await Promise.all(SOURCES.map((source) => newest(join(root, source))))));
  if (built >= changed) return false;
  tell(built === 0 ? 'there is no build: building' : 'the build is older than the sources: building');
  await runNode(['--import', 'tsx', 'src/cli/build.ts'], root);
  return true;
}

/** Time of the youngest file in a folder, tests left out; ms. 0 when there is none. */
export async function newest(path: string): Promise<number> {
  const found = await stat(path).catch(() => null);
  if (found === null) return 0;
  if (!found.isDirectory()) return found.mtimeMs;
  let latest = 0;
  for (const entry of await readdir(path, { withFileTypes: true })) {
    if (entry.name.endsWith('.test.ts') || entry.name.endsWith('.md')) continue;
    latest = Math.max(latest, await newest(join(path, entry.name)));
  }
  return latest;
}

/** Runs node until it ends. @throws Error with everything it wrote unless it ends with 0 */
export async function runNode(given: readonly string[], cwd = ROOT): Promise<void> {
  const child = spawn(process.execPath, [...given], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => void (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => void (output += text));
  const code = await new Promise<number | null>((resolve, reject) => void child.once('close', resolve).once('error', reject));
  if (code !== 0) throw new Error(`${given.join(' ')} ended with ${code ?? 'a signal'}\n${output}`);
}
