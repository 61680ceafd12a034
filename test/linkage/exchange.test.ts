import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HOUR, MINUTE } from '../../src/domain/clock.ts';
import type { Ticket } from '../../src/domain/ticket.ts';
import { type IntakeContext, writeUnit } from '../../src/intake/context.ts';
import { createTicketEventHandler, hearsAny } from '../../src/intake/ticket-events.ts';
import { type LinkageContext, openLinkageHouse } from '../../src/linkage/context.ts';
import { createDrop } from '../../src/linkage/drop.ts';
import { sweepLinkage } from '../../src/linkage/due.ts';
import { createFileHandler, LINKAGE_FILE_KIND } from '../../src/linkage/files.ts';
import { createLinkageListener } from '../../src/linkage/listen.ts';
import { pickUp, takeAcknowledgements } from '../../src/linkage/pick.ts';
import { makeReconciliation } from '../../src/linkage/reconcile.ts';
import type { ExchangeRecord } from '../../src/linkage/record.ts';
import { replayMessage } from '../../src/linkage/replay.ts';
import { createLinkageHandler } from '../../src/linkage/send.ts';
import { drain, skipGap, takeRecord } from '../../src/linkage/take.ts';
import { LINKAGE_SEND_KIND } from '../../src/linkage/tell.ts';
import { noteAnswer, transferTicket } from '../../src/linkage/transfer.ts';
import { createAddressRules } from '../../src/partners/addresses.ts';
import { createCarrier } from '../../src/partners/carrier.ts';
import { isSigned } from '../../src/partners/signature.ts';
import { createValve } from '../../src/partners/valve.ts';
import { addToTicket, urgeTicket } from '../../src/tickets/additions.ts';
import { moveTicket } from '../../src/tickets/move.ts';
import { openTicket } from '../../src/tickets/open.ts';
import { TICKET_EVENT_KIND } from '../../src/tickets/record.ts';
import { reconcileDue } from '../../src/wiring/linkage.ts';
import { openIntake, type IntakeUnderTest } from '../support/intake.ts';
import { PNG } from '../support/webchat-server.ts';
import { openPeer, type Peer } from './peer.ts';
import { aRecord, profileOf, shipped } from './support.ts';

const SECRET = 'a-secret-that-both-sides-know';
const SEAT = { kind: 'seat', seatId: 's1' } as const;

let intake: IntakeUnderTest;
let context: IntakeContext;
let linkage: LinkageContext;
let peer: Peer;
let folder: string;
/** The next transaction after a send dies with its process. */
let dies = false;

beforeEach(async () => {
  intake = await openIntake();
  peer = await openPeer((headers, body) => isSigned(Buffer.from(SECRET).toString('base64'), headers, body, Math.floor(intake.clock.now() / 1000)));
  folder = mkdtempSync(join(tmpdir(), 'yihu-linkage-'));
  dies = false;
  wire();
  await start();
});
afterEach(async () => {
  await peer.close();
  await intake.close();
  rmSync(folder, { recursive: true, force: true });
});

let listeners: ReturnType<typeof createLinkageListener>[] = [];
function wire(env: Record<string, string> = {}): void {
  const house = openLinkageHouse(shipped, { LINKAGE_ACTIVE: 'police-110,renminwang,yangguang', LINKAGE_POLICE_110_URL: peer.url, LINKAGE_POLICE_110_SECRET: SECRET, ...env }, folder);
  listeners = [];
  context = { ...intake.context, hears: hearsAny(listeners) };
  linkage = { city: context.city, clock: context.clock, now: context.now, newId: context.newId, store: intake.store, house, hears: (type, ticket) => hearsAny(listeners)(type, ticket), write: (fn) => writeUnit(context, fn) };
  listeners.push(createLinkageListener(linkage));
}

async function start(): Promise<void> {
  const carry = createCarrier({ rules: createAddressRules(['127.0.0.0/8']), timeoutMs: 2_000, maxBytes: 20_000, now: intake.clock.now });
  await intake.bus.start({
    [TICKET_EVENT_KIND]: createTicketEventHandler(context, listeners),
    [LINKAGE_SEND_KIND]: createLinkageHandler({ context: { ...linkage, write: (fn) => (dies ? ((dies = false), Promise.reject(new Error('the process is gone'))) : linkage.write(fn)) }, carry, drop: createDrop(), valve: createValve(intake.clock.now), mediaUrl: (token) => `https://yihu.test/media/${token}/file`, random: () => 0.5, userAgent: 'Yihu/test', count: () => {} }),
    [LINKAGE_FILE_KIND]: createFileHandler({ store: intake.store, carry, save: (bytes, name) => context.media.save(bytes, name), now: intake.clock.now, newId: context.newId }),
  });
}

const write = <Result>(fn: Parameters<LinkageContext['write']>[0] extends (unit: infer Unit) => unknown ? (unit: Unit) => Promise<Result> : never) => linkage.write(fn);
const links = (ticketId: string) => intake.store.read((repos) => repos.linkage.linksOfTicket(ticketId));
const messages = async (linkId: string) => (await intake.store.read((repos) => repos.linkage.messagesOf(linkId))).map(({ direction, version, kind, state }) => `${direction} ${version} ${kind} ${state}`);
const notes = async (ticketId: string) => (await intake.store.read((repos) => repos.tickets.events(ticketId))).filter(({ data }) => data['linkage'] !== undefined).map(({ data }) => String(data['text']));
const later = async (ms: number) => {
  intake.clock.advance(ms);
  await intake.settle();
};

async function ourTicket(over: Partial<Parameters<typeof openTicket>[2]> = {}): Promise<Ticket> {
  const ticket = await write(async (unit) => {
    const citizenId = await unit.repos.citizens.resolve({ id: context.newId(), channel: 'webchat', externalUserId: `u${Math.trunc(performance.now() * 1_000)}`, phone: null, displayName: null, now: context.now() });
    return openTicket(context, unit, {
      ticketKind: '求助', itemCode: null, title: '楼下吵闹', content: '楼下有人吵闹', townId: null, place: '东城大道 1 号', happened: null, phone: '13800138000', name: '王小明', urgency: 'normal', confidential: false, callback: false,
      citizenId, conversationId: null, channel: 'webchat', actor: SEAT, ...over,
    });
  });
  await intake.settle();
  return ticket;
}
const transfer = (ticket: Ticket, over: object = {}) => write((unit) => transferTicket(linkage, unit, ticket, { profile: 'police-110', mode: 'system', threeParty: false, emergency: false, note: '', actor: SEAT, ...over }));
const take = (over: Partial<ExchangeRecord> = {}, profile = 'renminwang') => takeRecord(linkage, profileOf(profile), aRecord({ profile, ...over }));
const from110 = (over: Partial<ExchangeRecord>) => take({ citizen: undefined, demand: undefined, ...over } as Partial<ExchangeRecord>, 'police-110');

describe('a ticket that is passed on to 110', () => {
  it('goes signed, once, with what 110 may know; the trail tells that it did', async () => {
    const ticket = await ourTicket({ confidential: true });
    const { link, sent, repeated } = await transfer(ticket, { threeParty: true, note: '已和民警通话13800138000' });
    expect([link.state, link.owes, sent, repeated, link.dueAt]).toEqual(['open', 'acceptance', true, false, intake.clock.now() + 10 * MINUTE]);
    expect((await transfer(ticket)).repeated).toBe(true);
    await intake.settle();
    expect(peer.came).toHaveLength(1);
    const [came] = peer.came;
    expect(came).toMatchObject({ number: ticket.number, version: 1, kind: 'dispatch', signed: true, body: { citizen: { name: '王小明', phone: '13800138000' }, link: { direction: 'from-12345', threeParty: true }, demand: { address: '东城大道 1 号' } } });
    expect(JSON.stringify(came?.body['handling'])).not.toContain('13800138000');
    const trail = await intake.store.read((repos) => repos.trail.latest(9));
    expect(trail.find(({ action }) => action === 'identity.sent')).toMatchObject({ actor: 'seat:s1', subject: `citizen:${ticket.citizenId}`, purpose: expect.stringContaining('警情处置须联系报警人') });
    expect(await messages(link.id)).toEqual(['out 1 dispatch acknowledged']);
    expect((await notes(ticket.id)).join('\n')).toMatch(/三方通话[\s\S]*已接收第 1 号记录/);
    expect((await notes(ticket.id)).join('\n')).not.toContain('13800138000');
  });

  it('comes back: accepted, told, done; or refused, and then the first receiver keeps it', async () => {
    const ticket = await ourTicket();
    const { link } = await transfer(ticket);
    await intake.settle();
    const identity = { externalNo: 'JQ-1', ticketNo: ticket.number };
    expect(await from110({ kind: 'acceptance', version: 1, identity, link: { incidentNo: 'JQ-2026-7' } })).toMatchObject({ state: 'applied', ticketNo: ticket.number });
    expect((await links(ticket.id))[0]).toMatchObject({ state: 'accepted', externalNo: 'JQ-1', incidentNo: 'JQ-2026-7', owes: 'feedback' });
    await from110({ kind: 'result', version: 2, identity, result: { reply: '已到场处置' } });
    expect((await links(ticket.id))[0]).toMatchObject({ state: 'done', owes: null });
    expect((await notes(ticket.id)).at(-1)).toContain('已到场处置');
    // A person closes it with what was found; 110 does not.
    expect((await intake.store.read((repos) => repos.tickets.get(ticket.id)))?.state).not.toBe('归档');

    const other = await ourTicket();
    await transfer(other);
    await from110({ kind: 'refusal', version: 1, identity: { externalNo: 'JQ-2', ticketNo: other.number }, link: { refusalReason: '属物业纠纷' } });
    expect((await links(other.id))[0]).toMatchObject({ state: 'refused', reason: '属物业纠纷', owes: null });
    expect((await notes(other.id)).at(-1)).toContain('按首接负责由本热线继续办理');
    await from110({ kind: 'withdraw', version: 2, identity: { externalNo: 'JQ-2', ticketNo: other.number } });
    expect((await intake.store.read((repos) => repos.tickets.get(other.id)))?.state).not.toBe('归档');
    // It can be passed on again, under the next version.
    expect((await transfer(other)).repeated).toBe(false);
    await intake.settle();
    expect(peer.came.filter(({ number }) => number === other.number).map(({ version }) => version)).toEqual([1, 2]);
    expect(link.id).not.toBe((await links(other.id))[0]?.id);
  });

  it('keeps its order while they are away, unwell, or lose their answer; each record has one effect there', async () => {
    const ticket = await ourTicket();
    const { link } = await transfer(ticket);
    peer.manners.push('down', 'unwell', 'lost');
    await write((unit) => addToTicket(linkage, unit, ticket.id, '又打起来了', { kind: 'citizen' }));
    await write((unit) => urgeTicket(linkage, unit, ticket.id));
    await intake.settle();
    expect(await messages(link.id)).toEqual(['out 1 dispatch waiting', 'out 2 supplement waiting', 'out 3 urge waiting']);
    for (const ms of [6_000, 40_000, 3 * MINUTE]) await later(ms);
    expect(peer.came.map(({ kind, version }) => `${kind} ${version}`)).toEqual(['dispatch 1', 'dispatch 1', 'supplement 2', 'urge 3']);
    expect(await messages(link.id)).toEqual(['out 1 dispatch acknowledged', 'out 2 supplement acknowledged', 'out 3 urge acknowledged']);
    expect((await intake.rows())['outbox']).toBe(0);
  });

  it('is sent again after a crash between sending and acknowledging', async () => {
    const ticket = await ourTicket();
    const { link } = await transfer(ticket);
    // They have it and have said so; the process dies before that is stored.
    dies = true;
    await intake.settle();
    expect([dies, peer.came.length, await messages(link.id)]).toEqual([false, 1, ['out 1 dispatch waiting']]);
    await later(10_000);
    expect(peer.came.map(({ number, version }) => [number, version])).toEqual([[ticket.number, 1], [ticket.number, 1]]);
    expect(await messages(link.id)).toEqual(['out 1 dispatch acknowledged']);
  });

  it('is a dead letter that a person sees when nothing helps; what stands behind it waits, and goes when it is tried again', async () => {
    const ticket = await ourTicket();
    const { link } = await transfer(ticket);
    peer.manners.push(...Array.from({ length: 8 }, () => 'unwell' as const));
    await write((unit) => urgeTicket(linkage, unit, ticket.id));
    await intake.settle();
    for (let round = 0; round < 8; round += 1) await later(7 * HOUR);
    expect(await messages(link.id)).toEqual(['out 1 dispatch dead', 'out 2 urge waiting']);
    expect(peer.came).toEqual([]);
    expect((await notes(ticket.id)).at(-1)).toContain('请立即改用电话移交');
    const [dead] = await intake.store.read((repos) => repos.outbox.dead(9));
    expect(dead).toMatchObject({ kind: 'linkage.send', lastError: 'http.503' });
    await intake.store.write((repos) => repos.outbox.revive(dead?.id ?? '', intake.clock.now()));
    await later(1_000);
    expect(peer.came.map(({ version }) => version)).toEqual([1, 2]);
    // And by hand once more, under the same version.
    const [message] = await intake.store.read((repos) => repos.linkage.messagesOf(link.id));
    await write((unit) => replayMessage(linkage, unit, message?.id ?? '', 'seat:s1'));
    await later(1_000);
    expect(peer.came.map(({ version }) => version)).toEqual([1, 2, 1]);
    await expect(write((unit) => replayMessage(linkage, unit, 'nobody', 'seat:s1'))).rejects.toMatchObject({ code: 'linkage.message_not_found' });
  });

  it('waits for an acknowledgement that comes by itself, asks again when it does not, and takes it once', async () => {
    const ticket = await ourTicket();
    const { link } = await transfer(ticket);
    peer.manners.push('later', 'later');
    await intake.settle();
    expect(await messages(link.id)).toEqual(['out 1 dispatch sent']);
    intake.clock.advance(6 * MINUTE);
    expect(await sweepLinkage(linkage)).toMatchObject({ again: 1 });
    await intake.settle();
    expect(peer.came).toHaveLength(2);
    const ack = JSON.stringify({ number: ticket.number, version: 1, code: 0, message: '收到' });
    const told = async () => (await takeAcknowledgements(linkage, profileOf('police-110'), ack)).map(({ state }) => state);
    expect([await told(), await told()]).toEqual([['taken'], ['repeated']]);
    expect(await messages(link.id)).toEqual(['out 1 dispatch acknowledged']);
    expect(await takeAcknowledgements(linkage, profileOf('police-110'), '{"number":"x","version":1,"code":"0"}')).toMatchObject([{ state: 'unknown' }]);
  });

  it('stands on the ticket when they refuse the record, and the next one goes on', async () => {
    const ticket = await ourTicket();
    const { link } = await transfer(ticket);
    peer.manners.push('refuse');
    await write((unit) => urgeTicket(linkage, unit, ticket.id));
    await intake.settle();
    expect(await messages(link.id)).toEqual(['out 1 dispatch refused', 'out 2 urge acknowledged']);
    expect((await notes(ticket.id)).join()).toContain('字段不全');
    expect((await notes(ticket.id)).join()).not.toContain('13800138000');
  });

  it('is told by telephone where no records are exchanged: a seat writes down what they said', async () => {
    wire({ LINKAGE_ACTIVE: '' });
    const ticket = await ourTicket();
    const { link, sent } = await transfer(ticket, { mode: 'phone' });
    expect([sent, await messages(link.id)]).toEqual([false, []]);
    expect((await notes(ticket.id)).at(-1)).toContain('须由坐席电话告知');
    await expect(write((unit) => noteAnswer(linkage, unit, link.id, { kind: 'refusal', said: ' ', incidentNo: null, actor: SEAT }))).rejects.toMatchObject({ code: 'linkage.words_needed' });
    expect(await write((unit) => noteAnswer(linkage, unit, link.id, { kind: 'acceptance', said: '', incidentNo: 'JQ-3', actor: SEAT }))).toMatchObject({ state: 'accepted', incidentNo: 'JQ-3' });
    expect(await write((unit) => noteAnswer(linkage, unit, link.id, { kind: 'result', said: '已劝离', incidentNo: null, actor: SEAT }))).toMatchObject({ state: 'done' });
    await expect(write((unit) => noteAnswer(linkage, unit, link.id, { kind: 'result', said: '再说', incidentNo: null, actor: SEAT }))).rejects.toMatchObject({ code: 'linkage.over' });
  });

  it('is followed up: what is owed and late is marked once, and supervised', async () => {
    const ticket = await ourTicket();
    await transfer(ticket);
    await intake.settle();
    intake.clock.advance(11 * MINUTE);
    expect(await sweepLinkage(linkage)).toMatchObject({ late: 1 });
    expect(await sweepLinkage(linkage)).toMatchObject({ late: 0 });
    expect((await notes(ticket.id)).at(-1)).toContain('逾期未答复是否接收');
    expect((await intake.store.read((repos) => repos.tickets.get(ticket.id)))?.supervision).toBe(1);
  });

  it('goes by itself where life is at stake and the rules say so; nothing goes where nothing is on', async () => {
    const ticket = await ourTicket({ urgency: 'emergency', content: '有人持刀' });
    await intake.settle();
    expect(peer.came).toMatchObject([{ number: ticket.number, kind: 'dispatch', body: { link: { emergency: true } } }]);
    expect((await links(ticket.id)).map(({ profile, createdBy }) => [profile, createdBy])).toEqual([['police-110', 'system']]);
    const fire = await ourTicket({ urgency: 'emergency', content: '家里着火' });
    expect(await links(fire.id)).toEqual([]);
  });
});

describe('what another platform sends', () => {
  it('opens a ticket, once, and is told how it goes, in order', async () => {
    const first = await take();
    expect(first).toMatchObject({ state: 'applied', code: 'ok', ticketNo: expect.any(String) });
    expect(await take()).toMatchObject({ state: 'repeated', ticketNo: first.ticketNo });
    expect(await take({ demand: { content: '另一件事' } })).toMatchObject({ state: 'refused', code: 'linkage.version_used' });
    const ticket = await intake.store.read((repos) => repos.tickets.findByNumber(first.ticketNo ?? ''));
    expect(ticket).toMatchObject({ channel: 'renminwang', title: '半夜施工' });
    expect(ticket?.content).not.toContain('13800138000');
    expect((await intake.store.read((repos) => repos.citizens.reveal(ticket?.citizenId ?? '')))).toEqual({ phone: '13800138000', name: '王小明' });
    expect((await intake.rows())['tickets']).toBe(1);
    await intake.settle();
    const files = readdirSync(join(folder, 'linkage/renminwang/out'));
    expect(files.map((name) => name.replace(`${first.ticketNo}-`, ''))).toEqual(ticket?.departmentId === null ? ['000001-acceptance.json'] : ['000001-acceptance.json', '000002-progress.json']);
    const sent = readFileSync(join(folder, 'linkage/renminwang/out', files[0] ?? ''), 'utf8');
    expect(JSON.parse(sent)).toMatchObject({ kind: 'acceptance', identity: { externalNo: 'RM-1', ticketNo: first.ticketNo } });
    expect(sent).not.toMatch(/13800138000|王小明|东城大道/);
  });

  it('is held until what is missing has come; order is kept whatever comes first', async () => {
    expect(await take({ version: 3, kind: 'urge' })).toMatchObject({ state: 'held', text: expect.stringContaining('缺少版本 1') });
    expect(await take({ version: 2, kind: 'supplement', handling: { note: '还有一处' } })).toMatchObject({ state: 'held' });
    expect(await take({ version: 3, kind: 'urge' })).toMatchObject({ state: 'held' });
    const done = await take();
    const link = await intake.store.read((repos) => repos.linkage.linkOfNumber('renminwang', 'RM-1'));
    expect(await messages(link?.id ?? '')).toEqual(expect.arrayContaining(['in 1 dispatch applied', 'in 2 supplement applied', 'in 3 urge applied']));
    const ticket = await intake.store.read((repos) => repos.tickets.findByNumber(done.ticketNo ?? ''));
    const types = (await intake.store.read((repos) => repos.tickets.events(ticket?.id ?? ''))).filter(({ actor, data }) => actor.kind === 'partner' && data['linkage'] === undefined || data['count'] !== undefined).map(({ type }) => type);
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
      const link = await intake.store.read((repos) => repos.linkage.linkOfNumber('renminwang', identity.externalNo));
      const said = (await intake.store.read((repos) => repos.tickets.events(link?.ticketId ?? ''))).flatMap(({ data }) => /第 (\d) 条/.exec(String(data['text'] ?? ''))?.[1] ?? []);
      expect([said, link?.receivedVersion]).toEqual([['2', '3', '4'], 4]);
      expect((await intake.store.read((repos) => repos.linkage.messagesOf(link?.id ?? ''))).filter(({ direction }) => direction === 'in').map(({ version, state, repeats }) => [version, state, repeats]).toSorted()).toEqual([1, 2, 3, 4].map((version) => [version, 'applied', 1]));
    }), { numRuns: 10 });
  });

  it('can be let go on past what never comes; that comes too late then', async () => {
    await take();
    await take({ version: 3, kind: 'urge' });
    const link = await intake.store.read((repos) => repos.linkage.linkOfNumber('renminwang', 'RM-1'));
    expect(await skipGap(linkage, profileOf('renminwang'), link?.id ?? '', 'seat:s1')).toEqual({ from: 2, to: 2 });
    expect((await intake.store.read((repos) => repos.linkage.getLink(link?.id ?? '')))?.receivedVersion).toBe(3);
    expect(await take({ version: 2, kind: 'urge' })).toMatchObject({ state: 'refused', code: 'linkage.too_late' });
    await expect(skipGap(linkage, profileOf('renminwang'), link?.id ?? '', 'seat:s1')).rejects.toMatchObject({ code: 'linkage.no_gap' });
  });

  it('is done by the next look when a crash left it kept and not done', async () => {
    await take({ version: 2, kind: 'urge' });
    const link = await intake.store.read((repos) => repos.linkage.linkOfNumber('renminwang', 'RM-1'));
    // The first is kept, and the process dies before it is done.
    const record = aRecord();
    await intake.store.write((repos) => repos.linkage.addMessage({ id: 'kept', linkId: link?.id ?? '', profile: 'renminwang', direction: 'in', number: 'RM-1', version: 1, kind: 'dispatch', state: 'held', code: null, text: null, digest: 'x', repeats: 0, early: false, attempts: 0, outboxId: null, createdAt: intake.clock.now(), sentAt: null, endedAt: null, ackBy: null }, JSON.stringify(record)));
    await sweepLinkage(linkage);
    await Promise.all([drain(linkage, profileOf('renminwang'), link?.id ?? ''), drain(linkage, profileOf('renminwang'), link?.id ?? '')]);
    expect((await intake.store.read((repos) => repos.linkage.getLink(link?.id ?? '')))).toMatchObject({ receivedVersion: 2, state: 'accepted' });
    expect((await intake.rows())['tickets']).toBe(1);
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
    const ticket = await intake.store.read((repos) => repos.tickets.findByNumber(done.ticketNo ?? ''));
    expect(ticket).toMatchObject({ state: '归档', closure: 'withdrawn' });
    // Nor are they told what they did themselves.
    await intake.settle();
    expect(readdirSync(join(folder, 'linkage/renminwang/out')).filter((name) => /feedback|withdraw/.test(name))).toEqual([]);

    const other = await takeRecord(linkage, profileOf('police-110'), aRecord({ profile: 'police-110', identity: { externalNo: 'J-7' }, demand: { content: '其他诉求一件' } }));
    const second = await intake.store.read((repos) => repos.tickets.findByNumber(other.ticketNo ?? ''));
    if (second === null || second.state !== '待派') throw new Error(`expected a ticket that waits for dispatch, it is ${second?.state}`);
    await write((unit) => moveTicket(linkage, unit, second.id, 'refuse', { version: second.version, reasonCode: context.city.ticketRules.reasons.refuse[0]?.code, reason: '属警情' }, { role: 'supervisor', actor: SEAT }));
    await intake.settle();
    expect(peer.came.filter(({ kind }) => kind === 'refusal')).toMatchObject([{ body: { link: { refusalReason: '属警情', direction: 'to-12345' } } }]);
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
    await intake.settle();
    server.close();
    const ticket = await intake.store.read((repos) => repos.tickets.findByNumber(done.ticketNo ?? ''));
    expect(await intake.store.read((repos) => repos.ticketFiles.of(ticket?.id ?? ''))).toMatchObject([{ addedBy: 'partner:renminwang', contentType: 'image/png' }]);
    expect((await intake.store.read((repos) => repos.outbox.dead(9))).map(({ lastError }) => lastError)).toEqual(['linkage.hash_mismatch']);
  });
});

describe('a shared folder', () => {
  const put = (name: string, text: string | Buffer, ageMs = 5 * MINUTE): void => {
    const path = join(folder, 'linkage/renminwang/in');
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, name), text);
    utimesSync(join(path, name), new Date(intake.clock.now() - ageMs), new Date(intake.clock.now() - ageMs));
  };
  const look = async () => {
    const endpoint = linkage.house.endpoint('renminwang');
    if (endpoint === null) throw new Error('no profile');
    return pickUp(linkage, createDrop(), endpoint);
  };
  const inside = (name: string) => readdirSync(join(folder, 'linkage/renminwang', name));

  it('is read in order, answered and put away; the same file again has no effect and the same answer', async () => {
    put('a.json', JSON.stringify([aRecord(), aRecord({ version: 2, kind: 'urge' })]));
    expect(await look()).toEqual({ taken: 1, bad: 0, failed: [] });
    const ack = readFileSync(join(folder, 'linkage/renminwang/ack/a.json.ack.json'), 'utf8');
    expect(JSON.parse(ack)).toMatchObject({ file: 'a.json', records: [{ code: '0', number: 'RM-1', version: 1, state: 'applied' }, { state: 'applied' }] });
    expect([inside('in'), inside('done')]).toEqual([[], ['a.json']]);
    put('a.json', JSON.stringify([aRecord(), aRecord({ version: 2, kind: 'urge' })]));
    await look();
    expect(JSON.parse(readFileSync(join(folder, 'linkage/renminwang/ack/a.json.ack.json'), 'utf8'))).toMatchObject({ records: [{ code: '0', state: 'repeated' }, { state: 'repeated' }] });
    expect((await intake.rows())['tickets']).toBe(1);
  });

  it('is never half read: what is being written waits, what is no record is put aside with a word why', async () => {
    put('.a.json.part', '{');
    put('b.json.tmp', '{');
    put('c.json', '{"half":', 20_000);
    put('d.json', JSON.stringify(aRecord()), 1_000);
    put('e.json', Buffer.from([0xff, 0xfe, 0x00]));
    expect(await look()).toEqual({ taken: 0, bad: 1, failed: [] });
    expect([inside('in').length, inside('bad')]).toEqual([4, ['e.json']]);
    intake.clock.advance(2 * MINUTE);
    expect(await look()).toEqual({ taken: 1, bad: 1, failed: [] });
    expect(inside('bad')).toEqual(['c.json', 'e.json']);
    expect(JSON.parse(readFileSync(join(folder, 'linkage/renminwang/ack/c.json.ack.json'), 'utf8'))).toMatchObject({ code: '1', reason: 'linkage.unreadable' });
  });

  it('brings their acknowledgements and their list; the day is reconciled with it, once at its time', async () => {
    const done = await take();
    await take({ version: 3, kind: 'urge' });
    await intake.settle();
    put(`${done.ticketNo}-000001.ack.json`, JSON.stringify({ number: done.ticketNo, version: 1, code: '0' }));
    const day = new Date(intake.clock.now() + 8 * HOUR).toISOString().slice(0, 10);
    put(`list-${day}.csv`, `direction,number,version\nsent,RM-1,1\nsent,RM-2,1\nreceived,${done.ticketNo},1\n`);
    expect(await look()).toEqual({ taken: 2, bad: 0, failed: [] });
    const report = await makeReconciliation(linkage, 'renminwang', day);
    expect(report.counts).toMatchObject({ received: 2, applied: 1, held: 1, outOfOrder: 1, missing: 1, acknowledged: 1 });
    expect(report.list).toMatchObject({ lines: 3, agreed: 2, notHere: [{ number: 'RM-2', version: 1 }], notTheirs: [{ number: 'RM-1', version: 3 }] });
    expect(report.agrees).toBe(false);
    intake.clock.advance(26 * HOUR);
    const made = await reconcileDue(linkage);
    expect(made.map((one) => one.split(' ')[0]).toSorted()).toEqual(['police-110', 'renminwang', 'yangguang']);
    expect(await reconcileDue(linkage)).toEqual([]);
  });
});
