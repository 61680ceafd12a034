import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import Type from 'typebox';
import { Value } from 'typebox/value';

/** Processes of the bench's own: floors and peers. Each ends with its parent (`disconnect`). */

const Listening = Type.Object({ port: Type.Number() });

export interface ChildServer {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** Starts a server of this folder, which tells its port once it listens. */
export async function startChild(file: string, given: readonly string[] = [], nodeArguments: readonly string[] = []): Promise<ChildServer> {
  const child = forkFile(file, given, nodeArguments);
  const [message]: unknown[] = await Promise.race([once(child, 'message'), once(child, 'exit').then(() => [null])]);
  if (!Value.Check(Listening, message)) throw new Error(`${file} did not start`);
  return { url: `http://127.0.0.1:${message.port}`, pid: child.pid ?? -1, stop: () => end(child) };
}

/** Runs a file of this folder to its end; what it sent last. Rejects after `limitMs`. */
export async function runChild(file: string, given: readonly string[], limitMs: number, nodeArguments: readonly string[] = []): Promise<unknown> {
  const child = forkFile(file, given, nodeArguments);
  let result: unknown = null;
  child.on('message', (message) => (result = message));
  const limit = setTimeout(() => child.kill('SIGKILL'), limitMs);
  await once(child, 'exit');
  clearTimeout(limit);
  return result;
}

function forkFile(file: string, given: readonly string[], nodeArguments: readonly string[]): ChildProcess {
  return fork(fileURLToPath(new URL(file, import.meta.url)), [...given], { execArgv: ['--import', 'tsx', ...nodeArguments] });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}
