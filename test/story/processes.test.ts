import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { eventually, measure } from '../support/nodes.ts';
import { SHORT_LIVED, startServer, type RunningServer } from '../support/server.ts';
import { placeOf, visit, type Visitor } from '../support/visitors.ts';

/** One server of two processes on one SQLite file, as PROCESSES=2 starts it: both serve, one dies under load, all end together. */

const folder = mkdtempSync(join(tmpdir(), 'yihu-processes-'));
const running: RunningServer[] = [];
afterAll(async () => {
  for (const server of running) await server.kill();
  rmSync(folder, { recursive: true, force: true });
});

const start = async (): Promise<RunningServer> => {
  const server = await startServer({ dataDir: folder, env: { PROCESSES: '2', RATE_LIMIT_ADDRESS: '100000', WEBCHAT_POSTS_PER_MINUTE: '0', SQLITE_SYNCHRONOUS: 'NORMAL' }, built: 'when-fresh', nodeArguments: SHORT_LIVED });
  running.push(server);
  await whole(server);
  return server;
};
const whole = (server: RunningServer): Promise<void> => eventually(async () => (await (await fetch(`${server.url}/readyz`)).text()).includes('"processes":"2 of 2"'), 'both processes');
const alive = (pids: readonly number[]): readonly number[] => pids.filter((pid) => existsSync(`/proc/${pid}`));

describe.skipIf(process.platform !== 'linux')('a server of two processes', () => {
  it('serves with both; one that is killed under load comes back, nothing is lost or doubled; SIGTERM ends all in order', async () => {
    const server = await start();
    expect(server.output.match(/is ready/g)).toHaveLength(1);
    expect(server.output.match(/sign in {3}admin/g)).toHaveLength(1);
    const pids = server.processes;
    expect(pids).toHaveLength(2);

    const visitors = await Promise.all(Array.from({ length: 4 }, () => visit(server)));
    // One after the other: connections are handed to the processes in turn.
    const dropped = new Set<Visitor>();
    for (const visitor of visitors) {
      await visitor.listen(server);
      void visitor.closed.then(() => dropped.add(visitor));
    }
    const talk = async (visitor: Visitor, round: number): Promise<void> => {
      const before = visitor.answers().length;
      await visitor.say(server, `居住证怎么办，第${round}次`);
      // Whichever process turned it.
      if (!dropped.has(visitor)) await eventually(() => visitor.answers().length > before || dropped.has(visitor), 'the answer by socket');
    };
    await Promise.all(visitors.map((visitor) => talk(visitor, 1)));
    expect(dropped.size).toBe(0);

    const [victim = 0] = pids;
    const talking = Promise.all(visitors.map(async (visitor) => {
      for (let round = 2; round <= 6; round += 1) await talk(visitor, round);
    }));
    await eventually(() => visitors.some((visitor) => visitor.answers().length > 2), 'load');
    process.kill(victim, 'SIGKILL');
    await talking;
    // Both held sockets: those of the other one never broke.
    expect([dropped.size > 0, dropped.size < visitors.length]).toEqual([true, true]);
    await whole(server);
    expect(server.processes).not.toContain(victim);

    for (const visitor of dropped) await visitor.listen(server);
    for (const visitor of visitors) {
      const own = (texts: readonly string[]): readonly string[] => texts.filter((text) => text.startsWith('居住证怎么办，第'));
      // The lease of a lane that the killed one held runs out first.
      await eventually(async () => (await visitor.read(server)).at(-1)?.from.id !== 'citizen', 'the last answer');
      const activities = await visitor.read(server);
      expect(own(activities.map(({ text }) => text ?? ''))).toEqual([1, 2, 3, 4, 5, 6].map((round) => `居住证怎么办，第${round}次`));
      expect(activities.map(placeOf)).toEqual(activities.map((_, index) => index + 1));
      await eventually(() => visitor.heard.length === activities.length, 'everything by socket');
      expect(visitor.heard.map(placeOf)).toEqual(activities.map(placeOf));
    }
    expect(await measure(server, 'yihu_processes', 'state="up"')).toBe(2);
    await eventually(async () => (await measure(server, 'yihu_lanes_waiting')) === 0, 'nothing due any more');
    expect(server.output.match(/is ready/g)).toHaveLength(1);

    const last = server.processes;
    await server.stop();
    expect(alive(last)).toEqual([]);
    for (const visitor of visitors) visitor.leave();
  }, 120_000);
});
