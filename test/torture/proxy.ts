import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A piece of network that can break: it stands between peers and gateway, or between gateway and database. */
export interface Proxy {
  readonly port: number;
  /** Where new connections lead, one after the other. None: they are broken at once. */
  setTargets(ports: readonly number[]): void;
  /** Breaks every connection; returns how many. */
  cut(): number;
  /** While true, new connections break at once. */
  refuse(on: boolean): void;
  /** The next so many pieces of answer do not arrive: their connection breaks instead. The request was done. */
  loseAnswers(amount: number): void;
  /** Answers that were lost so far. */
  readonly lost: number;
  close(): Promise<void>;
}

export async function createProxy(targets: readonly number[] = []): Promise<Proxy> {
  const pairs = new Set<readonly [Socket, Socket]>();
  let open = targets;
  let turn = 0;
  let refusing = false;
  let toLose = 0;
  let lost = 0;

  const server = createServer({ noDelay: true }, (inward) => {
    inward.on('error', () => undefined);
    const target = open[turn % Math.max(1, open.length)];
    turn += 1;
    if (refusing || target === undefined) return void inward.resetAndDestroy();
    const outward = connect({ port: target, host: '127.0.0.1', noDelay: true });
    const pair = [inward, outward] as const;
    pairs.add(pair);
    const breakOff = (): void => {
      pairs.delete(pair);
      inward.resetAndDestroy();
      outward.destroy();
    };
    outward.on('error', breakOff).on('close', breakOff);
    inward.on('close', breakOff);
    inward.on('data', (data) => {
      if (!outward.write(data)) inward.pause();
    });
    outward.on('drain', () => inward.resume());
    outward.on('data', (data) => {
      if (toLose > 0) {
        toLose -= 1;
        lost += 1;
        return breakOff();
      }
      if (!inward.write(data)) outward.pause();
    });
    inward.on('drain', () => outward.resume());
    inward.on('end', () => outward.end());
    outward.on('end', () => inward.end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');

  const cut = (): number => {
    const amount = pairs.size;
    for (const [inward, outward] of pairs) {
      inward.resetAndDestroy();
      outward.destroy();
    }
    pairs.clear();
    return amount;
  };
  return {
    port: address.port,
    setTargets: (ports) => {
      open = ports;
    },
    cut,
    refuse: (on) => {
      refusing = on;
    },
    loseAnswers: (amount) => {
      toLose += amount;
    },
    get lost() {
      return lost;
    },
    close: async () => {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}
