import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkLinks, isPublicAddress, type LinkOptions } from '../../../src/knowledge/lint/links.ts';
import { aKnowledgeEntry } from '../../factories/index.ts';

describe('addresses that are asked', () => {
  it('are public ones only', () => {
    for (const address of ['0.0.0.0', '10.1.2.3', '100.64.0.1', '127.0.0.1', '169.254.169.254', '172.16.0.1', '172.31.255.255', '192.168.1.1', '198.18.0.1', '224.0.0.1', '255.255.255.255', '::', '::1', '::ffff:127.0.0.1', '::ffff:8.8.8.8', 'fc00::1', 'fe80::1', 'ff02::1', '2001:db8::1', '2002:7f00:1::', '64:ff9b::7f00:1', 'localhost', '']) expect([address, isPublicAddress(address)]).toEqual([address, false]);
    for (const address of ['1.1.1.1', '172.32.0.1', '100.128.0.1', '2400:3200::1', '2606:4700::1111']) expect([address, isPublicAddress(address)]).toEqual([address, true]);
  });
});

describe('links', () => {
  let server: Server;
  let origin: string;
  const asked: string[] = [];
  beforeAll(async () => {
    server = createServer((request, response) => {
      const path = request.url ?? '';
      asked.push(`${request.method ?? ''} ${path}`);
      if (path === '/fine') return void response.writeHead(200).end();
      if (path === '/no-head') return void response.writeHead(request.method === 'HEAD' ? 404 : 200).end('page');
      if (path === '/moved') return void response.writeHead(302, { location: '/fine' }).end();
      if (path === '/round') return void response.writeHead(302, { location: '/round' }).end();
      if (path === '/inside') return void response.writeHead(302, { location: 'http://10.0.0.1/admin' }).end();
      if (path === '/nowhere') return void response.writeHead(302, { location: 'http://[' }).end();
      if (path === '/guarded') return void response.writeHead(403).end();
      if (path === '/ill') return void response.writeHead(503).end();
      if (path === '/slow') return undefined;
      return void response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const allow = (address: string): boolean => address === '127.0.0.1';
  const look = async (urls: readonly string[], options: LinkOptions = { allow }) =>
    (await checkLinks(urls.map((url, index) => aKnowledgeEntry({ id: `a.n${index}`, links: [{ title: '链接', url }] })), { timeoutMs: 400, ...options })).map(({ rule, entryIds: [id], field }) => [id, rule, field]);

  it('that open, that moved, that know no HEAD and that want a sign-in are alive', async () => {
    expect(await look(['/fine', '/moved', '/no-head', '/guarded'].map((path) => origin + path))).toEqual([]);
  });

  it('that are gone are dead; that are ill or slow are not reached this time', async () => {
    const found = await look(['/gone', '/round', '/nowhere', '/ill', '/slow'].map((path) => origin + path));
    expect(found.sort()).toEqual([['a.n0', 'link.dead', 'links.0.url'], ['a.n1', 'link.dead', 'links.0.url'], ['a.n2', 'link.dead', 'links.0.url'], ['a.n3', 'link.unreachable', 'links.0.url'], ['a.n4', 'link.unreachable', 'links.0.url']]);
  });

  it('into the own network are refused and never asked, also after a redirect', async () => {
    asked.length = 0;
    expect((await look([`${origin}/fine`, 'http://localhost/', 'http://[::1]/', 'http://2130706433/', 'https://user:word@example.org/'], {})).map(([, rule]) => rule)).toEqual(Array.from({ length: 5 }, () => 'link.refused'));
    expect(asked).toEqual([]);
    expect((await look([`${origin}/inside`])).map(([, rule]) => rule)).toEqual(['link.refused']);
  });

  it('are asked once, however many entries name them', async () => {
    asked.length = 0;
    const shares: number[] = [];
    const found = await look([`${origin}/gone`, `${origin}/gone`, `${origin}/fine`], { allow, onProgress: (share) => shares.push(share) });
    expect(found.map(([id]) => id).sort()).toEqual(['a.n0', 'a.n1']);
    expect(asked.sort()).toEqual(['GET /gone', 'HEAD /fine', 'HEAD /gone']);
    expect(shares).toEqual([0.5, 1]);
  });
});
