import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { SHORT_LIVED, startServer } from '../support/server.ts';
import { torture } from '../torture/machine.ts';
import type { Verdict } from '../torture/types.ts';

/**
 * Law 1 from outside, the short run of the crash machine (`npm run torture`): two real server processes on one SQLite file are
 * killed, paused and cut off in the middle of their turns while citizens on three channels write, call and resend. Whatever
 * was accepted must have happened once, in order, and nothing may be stuck.
 */

const SEED = Number(process.env['TORTURE_SEED'] ?? '20261122');
const KILLS = 20;
const CITIZENS = 1;
/** The processor belongs to the nodes that start anew: that is most of the run. */
const BREATH_MS = 60;

let verdict: Verdict;

beforeAll(async () => {
  verdict = await torture({ seed: SEED, kills: KILLS, bus: 'embedded', db: 'sqlite', nodes: 2, citizens: CITIZENS, spice: 0.45, breathMs: BREATH_MS, built: 'when-fresh', nodeArguments: SHORT_LIVED });
}, 600_000);

describe(`a gateway that is killed, paused and cut off again and again (seed ${SEED})`, () => {
  it('was disturbed while citizens of every channel talked and resent', () => {
    expect(verdict.kills).toBe(KILLS);
    const kinds = new Set(verdict.disturbances.map(({ kind }) => kind));
    for (const kind of ['kill', 'pause', 'clock', 'cut-peers', 'lose-answers', 'rolling-restart', 'wechat-trouble'] as const) expect(kinds).toContain(kind);
    // Where no small disk can be mounted, it is said.
    expect(kinds.has('fill-disk') || verdict.skipped.some((reason) => reason.startsWith('fill-disk'))).toBe(true);
    expect(verdict.conversations).toBeGreaterThanOrEqual(3 + 3 * CITIZENS);
    expect(verdict.accepted).toBeGreaterThan(KILLS * 2);
    expect(verdict.resent).toBeGreaterThan(KILLS);
    expect(verdict.duplicatesRefused).toBeGreaterThan(0);
    expect(verdict.looksAtIdentity).toBeGreaterThan(0);
  });

  it('kept every promise', () => {
    expect(verdict.faults, `to see it again: ${verdict.again}`).toEqual([]);
    expect(verdict.verdict).toBe('ok');
  });

  it('opened two tickets in every talk and answered every message', () => {
    // And one more for each call that ended while the disk was full.
    expect(verdict.tickets - verdict.callbacks).toBe(verdict.conversations * 2);
    expect(verdict.answers).toBeGreaterThanOrEqual(verdict.conversations * 5);
  });
});

describe('a server that cannot start', () => {
  it('says why', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'yihu-start-'));
    try {
      await expect(startServer({ dataDir: folder, env: { DATABASE_URL: 'mysql://nowhere' }, built: 'when-fresh' })).rejects.toThrow(/did not come up[\s\S]*DATABASE_URL/);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
