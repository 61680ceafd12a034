import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sweepLinkage } from '../../src/linkage/due.ts';
import { drain, skipGap, takeRecord } from '../../src/linkage/take.ts';
import { moveTicket } from '../../src/tickets/move.ts';
import { PNG } from '../support/webchat-server.ts';
import { aRecord, profileOf } from './support.ts';
import { linkageWorld, SEAT } from './world.ts';

const world = linkageWorld();
const { write, links, messages, ourTicket, transfer, take } = world;

describe('what another platform sends', () => {
  it('opens a ticket, once, and is told how it goes, in order', async () => {
    const first = await take();
    expect(first).toMatchObject({ state: 'applied', code: 'ok', ticketNo: expect.any(String) });
    expect(await take()).toMatchObject({ state: 'repeated', ticketNo: first.ticketNo });
    expect(await take({ demand: { content: '另一件事' } })).toMatchObject({ state: 'refused', code: 'linkage.version_used' });
    const ticket = await world.intake.store.read((repos) => repos.tickets.findByNumber(first.ticketNo ?? ''));
    expect(ticket).toMatchObject({ channel: 'renminwang', title: '半夜施工' });
    expect(ticket?.content).not.toContain('13800138000');
    expect((await world.intake.store.read((repos) => repos.citizens.reveal(ticket?.citizenId ?? '')))).toEqual({ phone: '13800138000', name: '王小明' });
    expect((await world.intake.rows())['tickets']).toBe(1);
    await world.intake.settle();
    const files = readdirSync(join(world.folder, 'linkage/renminwang/out'));
    expect(files.map((name) => name.replace(`${first.ticketNo}-`, ''))).toEqual(ticket?.departmentId === null ? ['000001-acceptance.json'] : ['000001-acceptance.json', '000002-progress.json']);
    const sent = readFileSync(join(world.folder, 'linkage/renminwang/out', files[0] ?? ''), 'utf8');
    expect(JSON.parse(sent)).toMatchObject({ kind: 'acceptance', identity: { externalNo: 'RM-1', ticketNo: first.ticketNo } });
    expect(sent).not.toMatch(/13800138000|王小明|东城大道/);
  });

  it('is held until what is missing has come; order is kept whatever comes first', async () => {
    expect(await take({ version: 3, kind: 'urge' })).toMatchObject({ state: 'held', text: expect.stringContaining('缺少版本 1') });
    expect(await take({ version: 2, kind: 'supplement', handling: { note: '还有一处' } })).toMatchObject({ state: 'held' });
    expect(await take({ version: 3, kind: 'urge' })).toMatchObject({ state: 'held' });
    const done = await take();
    const link = await world.intake.store.read((repos) => repos.linkage.linkOfNumber('renminwang', 'RM-1'));
    expect(await messages(link?.id ?? '')).toEqual(expect.arrayContaining(['in 1 dispatch applied', 'in 2 supplement applied', 'in 3 urge applied']));
    const ticket = await world.intake.store.read((repos) => repos.tickets.findByNumber(done.ticketNo ?? ''));
    const types = (await world.intake.store.read((repos) => repos.tickets.events(ticket?.id ?? ''))).filter(({ actor, data }) => actor.kind === 'partner' && data['linkage'] === undefined || data['count'] !== undefined).map(({ type }) => type);
    expect(types).toEqual(['ticket.opened', 'ticket.noted', 'ticket.urged']);
    expect(ticket?.urges).toBe(1);
  });

  it('has one effect a record and one order, however it is shuffled, repeated and raced', async () => {
    let run = 0;
    await fc.assert(fc.asyncProperty(fc.shuffledSubarray([1, 1, 2, 2, 3, 3, 4, 4], { minLength: 8 }), fc.boolean(), async (order, raced) => {
      const identity = { externalNo: `RUN-${(run += 1)}` };
      const send = (version: number) => (version === 1 ? take({ identity }) : take({ identity, version, kind: 'supplement', handling: { note: `第 ${version} 条` } }));
      if (raced) await Promise.all(order.map(send));
      else for (const version of order) await send(version);
      const link = await world.intake.store.read((repos) => repos.linkage.linkOfNumber('renminwang', identity.externalNo));
      const said = (await world.intake.store.read((repos) => repos.tickets.events(link?.ticketId ?? ''))).flatMap(({ data }) => /第 (\d) 条/.exec(String(data['text'] ?? ''))?.[1] ?? []);
      expect([said, link?.receivedVersion]).toEqual([['2', '3', '4'], 4]);
      expect((await world.intake.store.read((repos) => repos.linkage.messagesOf(link?.id ?? ''))).filter(({ direction }) => direction === 'in').map(({ version, state, repeats }) => [version, state, repeats]).toSorted()).toEqual([1, 2, 3, 4].map((version) => [version, 'applied', 1]));
    }), { numRuns: 10 });
  });

  it('can be let go on past what never comes; that comes too late then', async () => {
    await take();
    await take({ version: 3, kind: 'urge' });
    const link = await world.intake.store.read((repos) => repos.linkage.linkOfNumber('renminwang', 'RM-1'));
    expect(await skipGap(world.linkage, profileOf('renminwang'), link?.id ?? '', 'seat:s1')).toEqual({ from: 2, to: 2 });
    expect((await world.intake.store.read((repos) => repos.linkage.getLink(link?.id ?? '')))?.receivedVersion).toBe(3);
    expect(await take({ version: 2, kind: 'urge' })).toMatchObject({ state: 'refused', code: 'linkage.too_late' });
    await expect(skipGap(world.linkage, profileOf('renminwang'), link?.id ?? '', 'seat:s1')).rejects.toMatchObject({ code: 'linkage.no_gap' });
  });

  it('is done by the next look when a crash left it kept and not done', async () => {
    await take({ version: 2, kind: 'urge' });
    const link = await world.intake.store.read((repos) => repos.linkage.linkOfNumber('renminwang', 'RM-1'));
    // The first is kept, and the process world.dies before it is done.
    const record = aRecord();
    await world.intake.store.write((repos) => repos.linkage.addMessage({ id: 'kept', linkId: link?.id ?? '', profile: 'renminwang', direction: 'in', number: 'RM-1', version: 1, kind: 'dispatch', state: 'held', code: null, text: null, digest: 'x', repeats: 0, early: false, attempts: 0, outboxId: null, createdAt: world.intake.clock.now(), sentAt: null, endedAt: null, ackBy: null }, JSON.stringify(record)));
    await sweepLinkage(world.linkage);
    await Promise.all([drain(world.linkage, profileOf('renminwang'), link?.id ?? ''), drain(world.linkage, profileOf('renminwang'), link?.id ?? '')]);
    expect((await world.intake.store.read((repos) => repos.linkage.getLink(link?.id ?? '')))).toMatchObject({ receivedVersion: 2, state: 'accepted' });
    expect((await world.intake.rows())['tickets']).toBe(1);
  });

  it('is refused with a word why, and does not hold up what follows', async () => {
    expect(await take({ kind: 'urge' })).toMatchObject({ state: 'refused', code: 'linkage.not_opened' });
    expect(await take({ version: 2, identity: {} })).toMatchObject({ state: 'refused', code: 'linkage.no_number' });
    expect(await take({ version: 2, identity: { externalNo: 'RM-9', ticketNo: '20260101000011' } })).toMatchObject({ state: 'refused', code: 'linkage.not_linked' });
    expect(await take({ version: 2, kind: 'withdraw' })).toMatchObject({ state: 'refused', code: 'linkage.not_opened' });
    const opened = await take({ version: 3 });
    expect(opened).toMatchObject({ state: 'applied' });
    expect(await take({ version: 4, kind: 'result', result: { reply: 'x' } })).toMatchObject({ state: 'refused', code: 'linkage.kind_not_taken' });
    const mine = await ourTicket();
    expect(await take({ version: 5, kind: 'urge', identity: { externalNo: 'RM-1', ticketNo: mine.number } })).toMatchObject({ state: 'refused', code: 'linkage.number_mismatch' });
  });

  it('can be taken back, and what we do not take is told with its reason', async () => {
    const done = await take();
    expect(await take({ version: 2, kind: 'withdraw', handling: { note: '已自行解决' } })).toMatchObject({ state: 'applied' });
    const ticket = await world.intake.store.read((repos) => repos.tickets.findByNumber(done.ticketNo ?? ''));
    expect(ticket).toMatchObject({ state: '归档', closure: 'withdrawn' });
    // Nor are they told what they did themselves.
    await world.intake.settle();
    expect(readdirSync(join(world.folder, 'linkage/renminwang/out')).filter((name) => /feedback|withdraw/.test(name))).toEqual([]);

    const other = await takeRecord(world.linkage, profileOf('police-110'), aRecord({ profile: 'police-110', identity: { externalNo: 'J-7' }, demand: { content: '其他诉求一件' } }));
    const second = await world.intake.store.read((repos) => repos.tickets.findByNumber(other.ticketNo ?? ''));
    if (second === null || second.state !== '待派') throw new Error(`expected a ticket that waits for dispatch, it is ${second?.state}`);
    await write((unit) => moveTicket(world.linkage, unit, second.id, 'refuse', { version: second.version, reasonCode: world.context.city.ticketRules.reasons.refuse[0]?.code, reason: '属警情' }, { role: 'supervisor', actor: SEAT }));
    await world.intake.settle();
    expect(world.peer.came.filter(({ kind }) => kind === 'refusal')).toMatchObject([{ body: { link: { refusalReason: '属警情', direction: 'to-12345' } } }]);
    expect((await links(second.id))[0]).toMatchObject({ state: 'refused', owes: null });
    await expect(transfer(second)).rejects.toMatchObject({ code: 'linkage.own' });
  });

  it('has its files fetched and checked against their hash', async () => {
    const bytes = PNG;
    const { createServer } = await import('node:http');
    const server = createServer((_request, response) => void response.end(bytes));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/照片.png`;
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const done = await take({ demand: { content: '看图', attachments: [{ url, sha256 }, { url, sha256: '0'.repeat(64) }] } });
    await world.intake.settle();
    server.close();
    const ticket = await world.intake.store.read((repos) => repos.tickets.findByNumber(done.ticketNo ?? ''));
    expect(await world.intake.store.read((repos) => repos.ticketFiles.of(ticket?.id ?? ''))).toMatchObject([{ addedBy: 'partner:renminwang', contentType: 'image/png' }]);
    expect((await world.intake.store.read((repos) => repos.outbox.dead(9))).map(({ lastError }) => lastError)).toEqual(['linkage.hash_mismatch']);
  });
});
