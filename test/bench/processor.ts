import { readdirSync, readFileSync } from 'node:fs';

/** What processes have used, read from /proc (no disk is touched, so nothing waits); Linux only, NaN elsewhere. */

/** Its program and arguments, parted by spaces; empty when there is no such process here. */
export function argumentsOf(pid: number): string {
  return read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim();
}

/** User and system time of a process, all its threads, ms; proc(5), fields 14 and 15, in ticks of 10 ms. */
export function cpuMs(pid: number): number {
  const fields = statOf(pid);
  return (Number(fields[11] ?? Number.NaN) + Number(fields[12] ?? Number.NaN)) * 10;
}

/** The same for a process and its children, those that have ended included: PostgreSQL has one a connection. */
export function cpuMsWithChildren(pid: number): number {
  const own = statOf(pid);
  const ended = (Number(own[13] ?? 0) + Number(own[14] ?? 0)) * 10;
  return childrenOf(pid).reduce((sum, child) => sum + cpuMs(child), cpuMs(pid) + ended);
}

/** Name of a process's program; empty when there is no such process here. */
export function commandOf(pid: number): string {
  return read(`/proc/${pid}/comm`).trim();
}

export function parentOf(pid: number): number {
  return Number(statOf(pid)[1]);
}

/** This process, which makes the load, ms. */
export function ownCpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Resident memory, MB. */
export function residentMegabytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(read(`/proc/${pid}/status`))?.[1] ?? Number.NaN) / 1024;
}

/** The same for a process and all below it that runs: a gateway of several processes (PROCESSES), its supervisor among them. */
export function residentMegabytesOfAll(pid: number): number {
  return [pid, ...childrenOf(pid)].reduce((sum, each) => sum + residentMegabytes(each), 0);
}

/** Processes that a process has started and that run. */
export function childrenOf(pid: number): readonly number[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number).filter((other) => parentOf(other) === pid);
}

/** Fields from the third on: the second is a name that may hold anything. */
function statOf(pid: number): readonly string[] {
  const stat = read(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

/** Empty when the process is gone, or where there is no /proc. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
