import { describe, expect, it } from 'vitest';
import { HOUR, MINUTE } from '../../src/domain/clock.ts';
import { sweepLinkage } from '../../src/linkage/due.ts';
import { takeAcknowledgements } from '../../src/linkage/pick.ts';
import { replayMessage } from '../../src/linkage/replay.ts';
import { noteAnswer } from '../../src/linkage/transfer.ts';
import { addToTicket, urgeTicket } from '../../src/tickets/additions.ts';
import { profileOf } from './support.ts';
import { linkageWorld, SEAT } from './world.ts';

const world = linkageWorld();
const { wire, write, links, messages, notes, later, ourTicket, transfer, from110 } = world;

describe('a ticket that is passed on to 110', () => {
  it('goes signed, once, with what 110 may know; the trail tells that it did', async () => {
    const ticket = await ourTicket({ confidential: true });
    const { link, sent, repeated } = await transfer(ticket, { threeParty: true, note: '已和民警通话13800138000' });
    expect([link.state, link.owes, sent, repeated, link.dueAt]).toEqual(['open', 'acceptance', true, false, world.intake.clock.now() + 10 * MINUTE]);
    expect((await transfer(ticket)).repeated).toBe(true);
    await world.intake.settle();
    expect(world.peer.came).toHaveLength(1);
    const [came] = world.peer.came;
    expect(came).toMatchObject({ number: ticket.number, version: 1, kind: 'dispatch', signed: true, body: { citizen: { name: '王小明', phone: '13800138000' }, link: { direction: 'from-12345', threeParty: true }, demand: { address: '东城大道 1 号' } } });
    expect(JSON.stringify(came?.body['handling'])).not.toContain('13800138000');
    const trail = await world.intake.store.read((repos) => repos.trail.latest(9));
    expect(trail.find(({ action }) => action === 'identity.sent')).toMatchObject({ actor: 'seat:s1', subject: `citizen:${ticket.citizenId}`, purpose: expect.stringContaining('警情处置须联系报警人') });
    expect(await messages(link.id)).toEqual(['out 1 dispatch acknowledged']);
    expect((await notes(ticket.id)).join('\n')).toMatch(/三方通话[\s\S]*已接收第 1 号记录/);
    expect((await notes(ticket.id)).join('\n')).not.toContain('13800138000');
  });

  it('comes back: accepted, told, done; or refused, and then the first receiver keeps it', async () => {
    const ticket = await ourTicket();
    const { link } = await transfer(ticket);
    await world.intake.settle();
    const identity = { externalNo: 'JQ-1', ticketNo: ticket.number };
    expect(await from110({ kind: 'acceptance', version: 1, identity, link: { incidentNo: 'JQ-2026-7' } })).toMatchObject({ state: 'applied', ticketNo: ticket.number });
    expect((await links(ticket.id))[0]).toMatchObject({ state: 'accepted', externalNo: 'JQ-1', incidentNo: 'JQ-2026-7', owes: 'feedback' });
    await from110({ kind: 'result', version: 2, identity, result: { reply: '已到场处置' } });
    expect((await links(ticket.id))[0]).toMatchObject({ state: 'done', owes: null });
    expect((await notes(ticket.id)).at(-1)).toContain('已到场处置');
    // A person closes it with what was found; 110 does not.
    expect((await world.intake.store.read((repos) => repos.tickets.get(ticket.id)))?.state).not.toBe('归档');

    const other = await ourTicket();
    await transfer(other);
    await from110({ kind: 'refusal', version: 1, identity: { externalNo: 'JQ-2', ticketNo: other.number }, link: { refusalReason: '属物业纠纷' } });
    expect((await links(other.id))[0]).toMatchObject({ state: 'refused', reason: '属物业纠纷', owes: null });
    expect((await notes(other.id)).at(-1)).toContain('按首接负责由本热线继续办理');
    await from110({ kind: 'withdraw', version: 2, identity: { externalNo: 'JQ-2', ticketNo: other.number } });
    expect((await world.intake.store.read((repos) => repos.tickets.get(other.id)))?.state).not.toBe('归档');
    // It can be passed on again, under the next version.
    expect((await transfer(other)).repeated).toBe(false);
    await world.intake.settle();
    expect(world.peer.came.filter(({ number }) => number === other.number).map(({ version }) => version)).toEqual([1, 2]);
    expect(link.id).not.toBe((await links(other.id))[0]?.id);
  });

  it('keeps its order while they are away, unwell, or lose their answer; each record has one effect there', async () => {
    const ticket = await ourTicket();
    const { link } = await transfer(ticket);
    world.peer.manners.push('down', 'unwell', 'lost');
    await write((unit) => addToTicket(world.linkage, unit, ticket.id, '又打起来了', { kind: 'citizen' }));
    await write((unit) => urgeTicket(world.linkage, unit, ticket.id));
    await world.intake.settle();
    expect(await messages(link.id)).toEqual(['out 1 dispatch waiting', 'out 2 supplement waiting', 'out 3 urge waiting']);
    for (const ms of [6_000, 40_000, 3 * MINUTE]) await later(ms);
    expect(world.peer.came.map(({ kind, version }) => `${kind} ${version}`)).toEqual(['dispatch 1', 'dispatch 1', 'supplement 2', 'urge 3']);
    expect(await messages(link.id)).toEqual(['out 1 dispatch acknowledged', 'out 2 supplement acknowledged', 'out 3 urge acknowledged']);
    expect((await world.intake.rows())['outbox']).toBe(0);
  });

  it('is sent again after a crash between sending and acknowledging', async () => {
    const ticket = await ourTicket();
    const { link } = await transfer(ticket);
    // They have it and have said so; the process world.dies before that is stored.
    world.dies = true;
    await world.intake.settle();
    expect([world.dies, world.peer.came.length, await messages(link.id)]).toEqual([false, 1, ['out 1 dispatch waiting']]);
    await later(10_000);
    expect(world.peer.came.map(({ number, version }) => [number, version])).toEqual([[ticket.number, 1], [ticket.number, 1]]);
    expect(await messages(link.id)).toEqual(['out 1 dispatch acknowledged']);
  });

  it('is a dead letter that a person sees when nothing helps; what stands behind it waits, and goes when it is tried again', async () => {
    const ticket = await ourTicket();
    const { link } = await transfer(ticket);
    world.peer.manners.push(...Array.from({ length: 8 }, () => 'unwell' as const));
    await write((unit) => urgeTicket(world.linkage, unit, ticket.id));
    await world.intake.settle();
    for (let round = 0; round < 8; round += 1) await later(7 * HOUR);
    expect(await messages(link.id)).toEqual(['out 1 dispatch dead', 'out 2 urge waiting']);
    expect(world.peer.came).toEqual([]);
    expect((await notes(ticket.id)).at(-1)).toContain('请立即改用电话移交');
    const [dead] = await world.intake.store.read((repos) => repos.outbox.dead(9));
    expect(dead).toMatchObject({ kind: 'linkage.send', lastError: 'http.503' });
    await world.intake.store.write((repos) => repos.outbox.revive(dead?.id ?? '', world.intake.clock.now()));
    await later(1_000);
    expect(world.peer.came.map(({ version }) => version)).toEqual([1, 2]);
    // And by hand once more, under the same version.
    const [message] = await world.intake.store.read((repos) => repos.linkage.messagesOf(link.id));
    await write((unit) => replayMessage(world.linkage, unit, message?.id ?? '', 'seat:s1'));
    await later(1_000);
    expect(world.peer.came.map(({ version }) => version)).toEqual([1, 2, 1]);
    await expect(write((unit) => replayMessage(world.linkage, unit, 'nobody', 'seat:s1'))).rejects.toMatchObject({ code: 'linkage.message_not_found' });
  });

  it('waits for an acknowledgement that comes by itself, asks again when it does not, and takes it once', async () => {
    const ticket = await ourTicket();
    const { link } = await transfer(ticket);
    world.peer.manners.push('later', 'later');
    await world.intake.settle();
    expect(await messages(link.id)).toEqual(['out 1 dispatch sent']);
    world.intake.clock.advance(6 * MINUTE);
    expect(await sweepLinkage(world.linkage)).toMatchObject({ again: 1 });
    await world.intake.settle();
    expect(world.peer.came).toHaveLength(2);
    const ack = JSON.stringify({ number: ticket.number, version: 1, code: 0, message: '收到' });
    const told = async () => (await takeAcknowledgements(world.linkage, profileOf('police-110'), ack)).map(({ state }) => state);
    expect([await told(), await told()]).toEqual([['taken'], ['repeated']]);
    expect(await messages(link.id)).toEqual(['out 1 dispatch acknowledged']);
    expect(await takeAcknowledgements(world.linkage, profileOf('police-110'), '{"number":"x","version":1,"code":"0"}')).toMatchObject([{ state: 'unknown' }]);
  });

  it('stands on the ticket when they refuse the record, and the next one goes on', async () => {
    const ticket = await ourTicket();
    const { link } = await transfer(ticket);
    world.peer.manners.push('refuse');
    await write((unit) => urgeTicket(world.linkage, unit, ticket.id));
    await world.intake.settle();
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
    await expect(write((unit) => noteAnswer(world.linkage, unit, link.id, { kind: 'refusal', said: ' ', incidentNo: null, actor: SEAT }))).rejects.toMatchObject({ code: 'linkage.words_needed' });
    expect(await write((unit) => noteAnswer(world.linkage, unit, link.id, { kind: 'acceptance', said: '', incidentNo: 'JQ-3', actor: SEAT }))).toMatchObject({ state: 'accepted', incidentNo: 'JQ-3' });
    expect(await write((unit) => noteAnswer(world.linkage, unit, link.id, { kind: 'result', said: '已劝离', incidentNo: null, actor: SEAT }))).toMatchObject({ state: 'done' });
    await expect(write((unit) => noteAnswer(world.linkage, unit, link.id, { kind: 'result', said: '再说', incidentNo: null, actor: SEAT }))).rejects.toMatchObject({ code: 'linkage.over' });
  });

  it('is followed up: what is owed and late is marked once, and supervised', async () => {
    const ticket = await ourTicket();
    await transfer(ticket);
    await world.intake.settle();
    world.intake.clock.advance(11 * MINUTE);
    expect(await sweepLinkage(world.linkage)).toMatchObject({ late: 1 });
    expect(await sweepLinkage(world.linkage)).toMatchObject({ late: 0 });
    expect((await notes(ticket.id)).at(-1)).toContain('逾期未答复是否接收');
    expect((await world.intake.store.read((repos) => repos.tickets.get(ticket.id)))?.supervision).toBe(1);
  });

  it('goes by itself where life is at stake and the rules say so; nothing goes where nothing is on', async () => {
    const ticket = await ourTicket({ urgency: 'emergency', content: '有人持刀' });
    await world.intake.settle();
    expect(world.peer.came).toMatchObject([{ number: ticket.number, kind: 'dispatch', body: { link: { emergency: true } } }]);
    expect((await links(ticket.id)).map(({ profile, createdBy }) => [profile, createdBy])).toEqual([['police-110', 'system']]);
    const fire = await ourTicket({ urgency: 'emergency', content: '家里着火' });
    expect(await links(fire.id)).toEqual([]);
  });
});
