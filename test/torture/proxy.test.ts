import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createProxy, type Proxy } from './proxy.ts';

let servers: Server[] = [];
let asked: string[] = [];
let proxy: Proxy;

const serve = async (name: string): Promise<number> => {
  const server = createServer((request, response) => {
    asked.push(name);
    request.on('data', () => undefined).on('end', () => response.end(name));
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
};
const ask = async (): Promise<string> => (await fetch(`http://127.0.0.1:${proxy.port}/`, { method: 'POST', body: 'x', headers: { connection: 'close' } })).text();

beforeEach(async () => {
  servers = [];
  asked = [];
  proxy = await createProxy();
});
afterEach(async () => {
  await proxy.close();
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

describe('the breakable network', () => {
  it('passes on, to one target after the other', async () => {
    proxy.setTargets([await serve('a'), await serve('b')]);
    expect([await ask(), await ask(), await ask()].toSorted()).toEqual([expect.any(String), expect.any(String), expect.any(String)].toSorted());
    expect(new Set(asked)).toEqual(new Set(['a', 'b']));
  });

  it('breaks what has nowhere to go, and while it refuses', async () => {
    await expect(ask()).rejects.toThrow();
    proxy.setTargets([await serve('a')]);
    proxy.refuse(true);
    await expect(ask()).rejects.toThrow();
    proxy.refuse(false);
    expect(await ask()).toBe('a');
    expect(asked).toEqual(['a']);
  });

  it('loses an answer after the work was done', async () => {
    proxy.setTargets([await serve('a')]);
    proxy.loseAnswers(1);
    await expect(ask()).rejects.toThrow();
    expect(asked).toEqual(['a']);
    expect(proxy.lost).toBe(1);
    expect(await ask()).toBe('a');
  });

  it('cuts connections that are open', async () => {
    const silent = createServer(() => undefined);
    servers.push(silent);
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const address = silent.address();
    proxy.setTargets([typeof address === 'object' && address !== null ? address.port : 0]);
    const asking = ask();
    const failing = expect(asking).rejects.toThrow();
    await once(silent, 'request');
    expect(proxy.cut()).toBe(1);
    expect(proxy.cut()).toBe(0);
    await failing;
  });
});
