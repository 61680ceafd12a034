import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { until } from '../support/until.ts';

/** Compiled once: seven processes that each did so themselves took ten times as long. */
const folder = mkdtempSync(join(tmpdir(), 'yihu-machine-'));
const MACHINE = fileURLToPath(new URL('children/machine.ts', import.meta.url));
beforeAll(async () => {
  await build({
    configFile: false,
    logLevel: 'error',
    ssr: { noExternal: true },
    build: { ssr: MACHINE, outDir: folder, minify: false, rolldownOptions: { output: { entryFileNames: 'machine.mjs' } } },
  });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The primary with real processes, which only listen. */
const start = async () => {
  const child = spawn(process.execPath, [join(folder, 'machine.mjs')], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => void (output += text));
  const pids = (): readonly number[] => [...output.matchAll(/^process (\d+)/gm)].map(([, pid]) => Number(pid));
  await until(async () => output.includes('all processes listen'), 'both processes');
  return { child, pids, read: () => output };
};
const alive = (pids: readonly number[]): readonly number[] => pids.filter((pid) => existsSync(`/proc/${pid}`));

describe.skipIf(process.platform !== 'linux')('a primary', () => {
  it('starts one that was killed anew, ends all in order, and with 0', async () => {
    const { child, pids, read } = await start();
    process.kill(pids()[0] ?? 0, 'SIGKILL');
    await until(async () => pids().length === 3, 'another one');
    expect(read()).toMatch(/a process ended by itself: it is started anew .*"signal":"SIGKILL"/);
    expect(read().match(/greets/g)).toHaveLength(1);
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    expect(alive(pids())).toEqual([]);
  });

  it('takes its processes with it when it is killed, busy as they are', async () => {
    const { child, pids } = await start();
    for (const pid of pids()) process.kill(pid, 'SIGUSR2');
    child.kill('SIGKILL');
    await until(async () => alive(pids()).length === 0, 'the end of both');
  });
});
