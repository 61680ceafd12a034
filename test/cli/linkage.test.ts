import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import Fastify from 'fastify';
import { describe, expect, it } from 'vitest';
import { createLinkagePeer, type PeerManner } from '../../src/cli/sim/linkage-peer.ts';
import { runSim } from '../../src/cli/sim.ts';
import { runYihu } from '../../src/cli/yihu.ts';
import { linkageZone } from '../../src/http/zones/linkage/index.ts';
import { writeUnit } from '../../src/intake/context.ts';
import { type LinkageContext, openLinkageHouse } from '../../src/linkage/context.ts';
import { createLinkageHandler } from '../../src/linkage/send.ts';
import { LINKAGE_SEND_KIND } from '../../src/linkage/tell.ts';
import { createDrop } from '../../src/linkage/drop.ts';
import { transferTicket } from '../../src/linkage/transfer.ts';
import { createAddressRules } from '../../src/partners/addresses.ts';
import { createCarrier } from '../../src/partners/carrier.ts';
import { createValve } from '../../src/partners/valve.ts';
import { aTicket } from '../factories/index.ts';
import { shipped } from '../linkage/support.ts';
import { openIntake } from '../support/intake.ts';
import { until } from '../support/until.ts';
import { commandFolder, type Ran } from './support.ts';

const { path, run, inStore } = commandFolder({ LINKAGE_ACTIVE: 'renminwang' });
const yihu = (...given: readonly string[]): Promise<Ran> => run(runYihu, 'linkage', ...given);

describe('yihu linkage', () => {
  it('checks, passes on, lists and reconciles', async () => {
    expect(await yihu('lint')).toMatchObject({ code: 0, out: expect.stringContaining('没有错误') });
    const ticket = await inStore((store) => store.write(async (repos) => {
      const citizenId = await repos.citizens.resolve({ id: 'c1', channel: 'webchat', externalUserId: 'u', phone: null, displayName: null, now: 1 });
      const made = aTicket({ citizenId });
      await repos.tickets.insert(made, null);
      return made;
    }));
    expect(await yihu('send', '--profile', 'police-110', '--ticket', ticket.number, '--note', '请核实')).toMatchObject({ code: 0, out: expect.stringContaining('须电话告知') });
    expect(await yihu('send', '--profile', 'police-110', '--ticket', ticket.number)).toMatchObject({ code: 0, out: expect.stringContaining('没有重复转办') });
    expect(await yihu('send', '--profile', 'renminwang', '--ticket', ticket.number)).toMatchObject({ code: 1 });
    expect(JSON.parse((await yihu('list', '--ticket', ticket.number, '--json')).out)).toMatchObject({ ok: true, links: [{ profile: 'police-110', state: 'open', createdBy: 'system' }], records: [] });
    expect((await yihu('list')).out).toContain('110 报警服务台');
    expect(await yihu('reconcile', '--date', '2026-11-22', '--format', 'csv', '--profile', 'renminwang', '--out', path('day.csv'))).toMatchObject({ code: 0, out: expect.stringContaining('相符；没有往来') });
    expect(readFileSync(path('day.csv'), 'utf8')).toContain('汇总');
    for (const wrong of [['send'], ['send', '--record', 'x', '--ticket', 'y'], ['list', '--limit', 'x'], ['reconcile', '--out', 'x'], ['reconcile', '--format', 'doc'], ['nothing']]) expect((await yihu(...wrong)).code, wrong.join(' ')).toBe(2);
    expect(await yihu('reconcile', '--date', 'gestern', '--profile', 'renminwang')).toMatchObject({ code: 1 });
  });
});

describe('npm run sim -- linkage', () => {
  const SECRET = 'linkage-simulator-secret-not-for-production';

  it('says what the gateway is to be told', async () => {
    expect(await run(runSim, 'linkage', '--print-env', '--port', '8111')).toMatchObject({ code: 0, out: expect.stringContaining('LINKAGE_POLICE_110_URL=http://127.0.0.1:8111/') });
    expect((await run(runSim, 'linkage', '--manner', 'friendly')).code).toBe(2);
  });

  it.each<[PeerManner, string, number]>([['accept', 'done', 3], ['twice', 'done', 3], ['shuffle', 'done', 3], ['late', 'done', 3], ['refuse', 'refused', 1], ['away', 'done', 3]])('is a peer that one can quarrel with: %s', async (manner, state, received) => {
    const intake = await openIntake();
    const app = Fastify();
    const { context } = intake;
    const lines: string[] = [];
    let gateway = '';
    const peer = createLinkagePeer({ profile: 'police-110', gateway: () => gateway, secret: SECRET, manner, now: intake.clock.now, log: (line) => void lines.push(line) });
    await new Promise<void>((resolve) => peer.server.listen(0, '127.0.0.1', resolve));
    const { port } = peer.server.address() as AddressInfo;
    const house = openLinkageHouse(shipped, { LINKAGE_ACTIVE: 'police-110', LINKAGE_POLICE_110_URL: `http://127.0.0.1:${port}/`, LINKAGE_POLICE_110_SECRET: SECRET }, '/nonexistent');
    const linkage: LinkageContext = { city: context.city, clock: context.clock, now: context.now, newId: context.newId, store: intake.store, house, write: (fn) => writeUnit(context, fn) };
    await app.register(linkageZone({ context: linkage, log: context.log, perAddress: 9_999, count: () => {} }));
    gateway = await app.listen({ port: 0, host: '127.0.0.1' });
    try {
      await intake.bus.start({ [LINKAGE_SEND_KIND]: createLinkageHandler({ context: linkage, carry: createCarrier({ rules: createAddressRules(['127.0.0.0/8']), timeoutMs: 5_000, maxBytes: 20_000, now: intake.clock.now }), drop: createDrop(), valve: createValve(intake.clock.now), mediaUrl: String, random: () => 0.5, userAgent: 'test', count: () => {} }) });
      const link = await writeUnit(context, async (unit) => {
        const citizenId = await unit.repos.citizens.resolve({ id: 'c1', channel: 'webchat', externalUserId: 'u', phone: null, displayName: null, now: intake.clock.now() });
        const ticket = aTicket({ citizenId, createdAt: intake.clock.now() });
        await unit.repos.tickets.insert(ticket, null);
        return (await transferTicket(linkage, unit, ticket, { profile: 'police-110', mode: 'system', threeParty: false, emergency: false, note: '', actor: { kind: 'system' } })).link;
      });
      for (let round = 0; round < (manner === 'away' ? 4 : 1); round += 1) {
        await intake.settle();
        intake.clock.advance(4 * 60_000);
      }
      await intake.settle();
      await until(async () => (await intake.store.read((repos) => repos.linkage.getLink(link.id)))?.receivedVersion === received, `the peer's answers (${lines.join(' | ')})`);
      expect(await intake.store.read((repos) => repos.linkage.getLink(link.id))).toMatchObject({ state, externalNo: 'SIM-1' });
      expect((await intake.store.read((repos) => repos.linkage.messagesOf(link.id))).filter(({ direction }) => direction === 'out').map((one) => one.state)).toEqual(['acknowledged']);
      expect(await peer.dispatch('SIM-9', '井盖不见了')).toContain('"state":"applied"');
    } finally {
      peer.server.closeAllConnections();
      await new Promise((resolve) => peer.server.close(resolve));
      await app.close();
      await intake.close();
    }
  });

  it('looks into a shared folder', async () => {
    const peer = createLinkagePeer({ profile: 'renminwang', gateway: () => '', secret: SECRET, manner: 'accept', now: () => 0, log: () => {} });
    mkdirSync(path('out'), { recursive: true });
    writeFileSync(path('out/1.json'), JSON.stringify({ kind: 'dispatch', version: 1, identity: { ticketNo: 'T1' } }));
    expect(await peer.lookInto(path('.'))).toBe(1);
    expect(readdirSync(path('in')).toSorted()).toEqual(['1.ack.json', 'T1-001.json', 'T1-002.json', 'T1-003.json']);
    expect(readdirSync(path('out/taken'))).toEqual(['1.json']);
  });
});
