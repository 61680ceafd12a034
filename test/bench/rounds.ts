import type { ChildServer } from './child.ts';
import { closedLoop, type Act, type LoadResult } from './load.ts';
import { cpuMs, ownCpuMs } from './processor.ts';
import type { BenchContext, Figure } from './types.ts';
import { createWire, requestText } from './wire/http.ts';

/** Citizens at once, everywhere: floor, peers and channels carry the same load. */
export const WORKERS = 128;
const COUNT = 8000;
const MAX_MS = 4000;

/** What one round as fast as it goes has shown. Processor times are a request's (a turn's). */
export interface Round extends LoadResult {
  readonly serverMs: number;
  readonly makerMs: number;
  /** Of databases and the like that the server uses; 0 when it has none. */
  readonly othersMs: number;
}

/** Processor time so far, ms. */
export interface CpuClocks {
  server(): number;
  others?(): number;
}

/** A warm-up a process (each compiles by itself what runs often), then the rounds that count. */
export async function flatOut(context: BenchContext, act: Act, cpu: CpuClocks, share: { readonly from: number; readonly to: number } = { from: 0, to: 1 }, processes = 1): Promise<readonly Round[]> {
  const { rounds, progress } = context;
  const results: Round[] = [];
  for (let round = 1 - processes; round <= rounds; round += 1) {
    progress(share.from + ((share.to - share.from) * (round + processes - 1)) / (rounds + processes), round <= 0 ? 'warming up' : `round ${round}`);
    const before = { server: cpu.server(), others: cpu.others?.() ?? 0, maker: ownCpuMs() };
    const result = await closedLoop({ workers: WORKERS, count: COUNT, maxMs: MAX_MS, act });
    const after = { maker: ownCpuMs(), server: cpu.server(), others: cpu.others?.() ?? 0 };
    const each = (which: 'server' | 'others' | 'maker'): number => (after[which] - before[which]) / result.count;
    if (round > 0) results.push({ ...result, serverMs: each('server'), othersMs: each('others'), makerMs: each('maker') });
  }
  return results;
}

/** Rate, latency and processor time as figures; `what` is counted (`requests`, `turns`). */
export function roundFigures(rounds: readonly Round[], what: string, one: string): readonly Figure[] {
  return [
    { what, unit: '/s', rounds: rounds.map(({ perSecond }) => perSecond), note: `${WORKERS} at once` },
    { what: `processor time of the server a ${one}`, unit: 'ms', rounds: rounds.map(({ serverMs }) => serverMs), note: 'all its threads' },
    { what: `processor time of the load maker a ${one}`, unit: 'ms', rounds: rounds.map(({ makerMs }) => makerMs) },
    { what: 'p50, as fast as it goes', unit: 'ms', rounds: rounds.map(({ p50 }) => p50) },
    { what: 'p99, as fast as it goes', unit: 'ms', rounds: rounds.map(({ p99 }) => p99) },
  ];
}

/** A peer that takes one JSON body and answers 200: the lean load maker that the channels have, too. */
export async function benchRequests(context: BenchContext, child: ChildServer, path: string, bodyOf: (worker: number) => string, share?: { readonly from: number; readonly to: number }): Promise<readonly Round[]> {
  const wires = Array.from({ length: WORKERS }, () => createWire(child.url));
  const head = `POST ${path} HTTP/1.1\r\nhost: ${new URL(child.url).host}\r\ncontent-type: application/json\r\n`;
  const act: Act = async (worker) => {
    const answer = await wires[worker]?.exchange(requestText(head, bodyOf(worker)));
    if (answer?.status !== 200) throw new Error(`HTTP ${answer?.status ?? 'without an answer'}`);
  };
  try {
    return await flatOut(context, act, { server: () => cpuMs(child.pid) }, share);
  } finally {
    for (const wire of wires) wire.close();
  }
}
