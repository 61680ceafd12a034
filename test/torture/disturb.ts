import { setTimeout as sleep } from 'node:timers/promises';
import type { Disturbance } from './plan.ts';
import { LEASE_OVER_MS, type Stage } from './stage.ts';

/** Does one disturbance and says what came of it; null: it cannot be done here. Resolves when the next one may come. */
export async function disturb(stage: Stage, disturbance: Disturbance): Promise<string | null> {
  const { nodes, fronts, disk, database, databaseProxy, redis, redisProxy, standIn } = stage;
  switch (disturbance.kind) {
    case 'kill': {
      const victims = disturbance.node === 'all' ? nodes : nodes.slice(disturbance.node, disturbance.node + 1);
      await Promise.all(victims.map((node) => node.kill(disturbance.stoppingMs)));
      stage.passTime(LEASE_OVER_MS);
      const back = Promise.all(victims.map((node) => node.start()));
      // Where others serve, nobody waits for it.
      if (stage.serving()) back.catch(() => undefined);
      else await Promise.race([back, stage.served()]);
      return `node ${disturbance.node}${disturbance.stoppingMs === null ? '' : ` ${disturbance.stoppingMs} ms after SIGTERM`}`;
    }
    case 'pause': {
      const node = nodes[disturbance.node];
      node?.freeze();
      if (!disturbance.real) stage.passTime(LEASE_OVER_MS);
      await sleep(disturbance.ms);
      node?.thaw();
      return `node ${disturbance.node} for ${disturbance.ms} ms${disturbance.real ? '' : ', its leases over meanwhile'}`;
    }
    case 'kill-sibling': {
      const killed = await nodes[disturbance.node]?.signalSibling(disturbance.sibling, 'SIGKILL');
      stage.passTime(LEASE_OVER_MS);
      return killed === undefined ? 'none was there' : `process ${disturbance.sibling} of node ${disturbance.node}`;
    }
    case 'pause-sibling': {
      const thaw = await nodes[disturbance.node]?.signalSibling(disturbance.sibling, 'SIGSTOP');
      stage.passTime(LEASE_OVER_MS);
      await sleep(disturbance.ms);
      thaw?.();
      return thaw === undefined ? 'none was there' : `process ${disturbance.sibling} of node ${disturbance.node} for ${disturbance.ms} ms, its leases over meanwhile`;
    }
    case 'rolling-restart':
      for (const node of nodes) {
        await node.stop();
        await node.start();
      }
      return `${nodes.length} nodes`;
    case 'clock':
      nodes[disturbance.node]?.setSkew(disturbance.skewMs);
      return `node ${disturbance.node} by ${disturbance.skewMs} ms`;
    case 'cut-peers':
      return `${fronts.reduce((sum, front) => sum + front.cut(), 0)} connections`;
    case 'lose-answers':
      for (const front of fronts) front.loseAnswers(disturbance.answers);
      return `${disturbance.answers} answers on each way`;
    case 'cut-database':
      if (databaseProxy === null) return null;
      return refuseFor(databaseProxy, disturbance.ms);
    case 'restart-database':
      if (database === null) return null;
      await database.restart(0);
      return 'crashed and recovered';
    case 'pause-database':
      if (database === null) return null;
      await database.pause(disturbance.ms);
      return `${disturbance.ms} ms`;
    case 'cut-redis':
      if (redisProxy === null) return null;
      return refuseFor(redisProxy, disturbance.ms);
    case 'empty-redis':
      if (redis === null) return null;
      await redis.flush();
      return 'FLUSHALL';
    case 'restart-redis':
      if (redis === null) return null;
      await redis.restart(disturbance.awayMs);
      return `away for ${disturbance.awayMs} ms, came back empty`;
    case 'fill-disk': {
      if (disk.unlimited !== null) return null;
      const bytes = disk.fill();
      await sleep(disturbance.ms);
      disk.free();
      return `the last ${Math.round(bytes / 1_048_576)} MiB for ${disturbance.ms} ms`;
    }
    case 'wechat-trouble':
      if (disturbance.how === 'busy') standIn.failNext(-1, { times: disturbance.times });
      else for (let time = 0; time < disturbance.times; time += 1) standIn.breakNext(disturbance.how);
      return `${disturbance.how} ${disturbance.times} times`;
  }
}

async function refuseFor(proxy: NonNullable<Stage['databaseProxy']>, ms: number): Promise<string> {
  proxy.refuse(true);
  const cut = proxy.cut();
  await sleep(ms);
  proxy.refuse(false);
  return `${cut} connections, none for ${ms} ms`;
}
