import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Ticket } from '../../../src/domain/ticket.ts';
import { writeUnit } from '../../../src/intake/context.ts';
import { openLiveCatalogues, type LiveCatalogues } from '../../../src/tickets/catalogue/live.ts';
import { correctItem } from '../../../src/tickets/catalogue/correct.ts';
import { deskCorrections, trainingRows } from '../../../src/tickets/catalogue/training.ts';
import { createTrials } from '../../../src/tickets/catalogue/trial-run.ts';
import { tryDispatch } from '../../../src/tickets/catalogue/trial.ts';
import { changeDraft, draftCatalogue, getCatalogue, listCatalogues, publishCatalogue, reviewCatalogue, type CatalogueContext } from '../../../src/tickets/catalogue/work.ts';
import type { Mover } from '../../../src/tickets/move.ts';
import { openTicket, type OpenTicketGiven } from '../../../src/tickets/open.ts';
import { openIntake, type IntakeUnderTest } from '../../support/intake.ts';
import { until } from '../../support/until.ts';
import { anItem, aRoute, demo, dispatchBody, itemsBody } from './support.ts';

const author = { id: 'seat-a', role: 'editor' as const };
const boss = { id: 'seat-b', role: 'supervisor' as const };
const seat: Mover = { role: 'seat', actor: { kind: 'seat', seatId: 'seat-a' } };
const supervisor: Mover = { role: 'supervisor', actor: { kind: 'seat', seatId: 'seat-b' } };

describe('catalogues of a city', () => {
  let intake: IntakeUnderTest;
  let live: LiveCatalogues;
  let work: CatalogueContext;
  let announced = 0;
  let warned: string[] = [];
  beforeEach(async () => {
    intake = await openIntake();
    announced = 0;
    warned = [];
    live = await openLiveCatalogues({ store: intake.store, files: demo, log: { warn: (_facts, text) => warned.push(text) }, every: () => () => {} });
    work = { store: intake.store, city: live.city, files: demo, now: intake.clock.now, announce: () => (announced += 1) };
  });
  afterEach(async () => {
    await live.stop();
    await intake.close();
  });

  const publish = async (kind: 'items' | 'dispatch', body: object): Promise<number> => {
    const { version } = await draftCatalogue(work, kind, { body, note: '' }, author);
    await publishCatalogue(work, kind, version, boss);
    await live.look();
    return version;
  };
  const open = async (over: Partial<OpenTicketGiven> = {}): Promise<Ticket> => {
    const citizenId = await intake.store.write((repos) => repos.citizens.resolve({ id: intake.context.newId(), channel: 'push', externalUserId: null, phone: null, displayName: null, now: intake.clock.now() }));
    return writeUnit(intake.context, (unit) =>
      openTicket({ ...intake.context, city: live.city }, unit, {
        ticketKind: '投诉', itemCode: 'a', title: '测试', content: '测试内容', townId: null, place: null, happened: null, phone: null, name: null, urgency: 'normal', confidential: false, callback: false, citizenId, conversationId: null, channel: 'push', actor: { kind: 'citizen' }, ...over,
      }));
  };
  const events = (ticket: Ticket) => intake.store.read((repos) => repos.tickets.events(ticket.id));

  it('begin with the files as version 0, and a published version takes their place', async () => {
    expect((await listCatalogues(work, 'items')).map(({ version, state }) => [version, state])).toEqual([[0, 'published']]);
    expect((await getCatalogue(work, 'dispatch', 0)).body).toEqual({ routes: demo.routes });
    const version = await publish('items', { ...itemsBody(anItem('a')), groups: [{ code: 'g', name: '组' }] });
    expect(live.city.items.map(({ code }) => code)).toEqual(['a']);
    expect([live.city.itemGroups, live.city.itemScheme, live.versions()]).toEqual([[{ code: 'g', name: '组' }], { scheme: 'test', version: 7 }, { items: version, dispatch: 0, departments: 0, towns: 0, calendar: 0, deadlines: 0 }]);
    expect(live.city.routes).toBe(demo.routes);
    expect((await listCatalogues(work, 'items')).map(({ version: one, state }) => [one, state])).toEqual([[1, 'published'], [0, 'retired']]);
    expect([announced, warned]).toEqual([1, []]);
    // The whole file as a body can be published again: back to where it was.
    await publish('items', await getCatalogue(work, 'items', 0).then(({ body }) => (typeof body === 'object' && body !== null ? body : {})));
    expect(live.city.items).toEqual(demo.items);
  });

  it('are published by another person than the one who drafted, once, without faults, and it stays in the trail', async () => {
    const draft = await draftCatalogue(work, 'items', { body: itemsBody(anItem('a')), note: '初稿' }, author);
    await expect(publishCatalogue(work, 'items', draft.version, { ...author, role: 'administrator' })).rejects.toMatchObject({ code: 'catalogue.own_draft', status: 403 });
    await expect(changeDraft(work, 'items', draft.version, { body: itemsBody(anItem('b')), note: '' }, boss)).rejects.toMatchObject({ code: 'catalogue.not_author' });
    expect(await changeDraft(work, 'items', draft.version, { body: itemsBody(anItem('b', { department: 'nobody' })), note: '改' }, author)).toMatchObject({ note: '改', state: 'draft' });
    await expect(publishCatalogue(work, 'items', draft.version, boss)).rejects.toMatchObject({ code: 'catalogue.has_faults', citizenText: expect.stringContaining('nobody') });
    await changeDraft(work, 'items', draft.version, { body: itemsBody(anItem('b')), note: '' }, author);
    expect(await publishCatalogue(work, 'items', draft.version, boss)).toMatchObject({ state: 'published', publishedBy: boss.id });
    await expect(publishCatalogue(work, 'items', draft.version, boss)).rejects.toMatchObject({ code: 'catalogue.not_draft' });
    await expect(publishCatalogue(work, 'items', 99, boss)).rejects.toMatchObject({ code: 'catalogue.not_found' });
    expect(await intake.store.read((repos) => repos.trail.latest(1))).toMatchObject([{ action: 'catalogue.published', actor: 'seat:seat-b', subject: 'catalogue:items/1' }]);
  });

  it('refuse what has another shape, and name the place', async () => {
    await expect(draftCatalogue(work, 'items', { body: { scheme: 'x', version: 1, items: [{ code: 'A B' }] }, note: '' }, author)).rejects.toMatchObject({ code: 'catalogue.bad_body', details: { faults: expect.stringContaining('/items/0') } });
    await expect(draftCatalogue(work, 'dispatch', { body: { routes: [] }, note: '' }, author)).rejects.toMatchObject({ code: 'catalogue.bad_body' });
    expect(await intake.store.read((repos) => repos.catalogues.list('items', 9))).toEqual([]);
  });

  it('tell what a publication would leave behind', async () => {
    await publish('items', itemsBody(anItem('a'), anItem('b')));
    await publish('dispatch', dispatchBody(aRoute('first', { when: { items: ['a'] } }), aRoute('last')));
    const ticket = await open();
    const faults = await reviewCatalogue(work, 'items', itemsBody(anItem('b'), anItem('b', { keywords: [], examples: [] })));
    expect(faults.map(({ severity, subject }) => `${severity} ${subject}`)).toEqual(['error b', 'warning b', 'warning a', 'warning first']);
    expect(faults.find(({ subject }) => subject === 'a')?.text).toContain('未归档的工单');
    expect(ticket.itemCode).toBe('a');
  });

  it('go on as they were when what is published cannot be read, and say so', async () => {
    await publish('items', itemsBody(anItem('a')));
    await intake.store.write(async (repos) => {
      const { version } = await repos.catalogues.add({ kind: 'items', body: { of: 'another version' }, note: '', author: 'x', createdAt: 0 });
      await repos.catalogues.publish('items', version, 'y', 0);
    });
    await live.look();
    expect([live.city.items.map(({ code }) => code), live.versions().items, warned]).toEqual([['a'], 1, ['a published catalogue cannot be read']]);
    await live.look();
    expect(warned).toHaveLength(1);
    await publish('items', itemsBody(anItem('c')));
    expect(live.city.items.map(({ code }) => code)).toEqual(['c']);
  });

  it('say where a new ticket goes, who assists, and why', async () => {
    await publish('items', itemsBody(anItem('a')));
    const version = await publish('dispatch', dispatchBody(aRoute('night', { when: { office: false }, to: 'ps' }), aRoute('station', { when: { places: ['火车站'] }, to: 'ps', assist: ['item'], why: '站前广场归铁路公安' }), aRoute('last')));
    const ticket = await open({ place: '市火车站广场' });
    const [rule] = live.city.routes.filter(({ id }) => id === ticket.routeId);
    expect(rule).toBeDefined();
    expect((await events(ticket)).at(-1)).toMatchObject({ type: 'ticket.dispatched', data: { departmentId: ticket.departmentId, rule: ticket.routeId, version, why: rule?.why } });
    const open8 = intake.context.clock.isOfficeOpen(intake.clock.now());
    expect(ticket).toMatchObject(open8 ? { departmentId: 'ps', routeId: 'station', assistIds: ['ecology'] } : { departmentId: 'ps', routeId: 'night', assistIds: [] });
  });

  it('try rules on tickets that are there, page by page', async () => {
    await publish('items', itemsBody(anItem('a'), anItem('b')));
    await publish('dispatch', dispatchBody(aRoute('last')));
    const old = await open();
    intake.clock.advance(40 * 86_400_000);
    const from = intake.clock.now();
    for (let count = 0; count < 7; count += 1) {
      intake.clock.advance(1_000);
      await open(count < 3 ? { itemCode: 'b' } : count === 3 ? { itemCode: null } : {});
    }
    const pages: number[] = [];
    const routes = [aRoute('b-to-police', { when: { items: ['b'] }, to: 'ps' }), aRoute('never', { when: { kinds: ['表扬'] } }), aRoute('last', { assist: ['ps'] })];
    const context = { store: intake.store, city: live.city, clock: intake.context.clock };
    const report = await tryDispatch(context, routes, { from, to: intake.clock.now() + 1, onPage: async (tickets) => void pages.push(tickets) });
    expect(report).toMatchObject({ tickets: 7, complete: true, elsewhere: 3, assistedOtherwise: 3, before: { waiting: 1, asToday: 6 }, after: { waiting: 1, asToday: 3 }, unreached: ['never'], rules: [{ id: 'b-to-police', before: null, after: 3 }, { id: 'never', before: null, after: 0 }, { id: 'last', before: 6, after: 3 }] });
    expect(report.examples.map(({ before, after }) => [before.departmentId, after.departmentId])).toEqual([['ecology', 'ps'], ['ecology', 'ps'], ['ecology', 'ps']]);
    expect(report.examples.map(({ ticketId }) => ticketId)).not.toContain(old.id);
    expect(pages).toEqual([7]);
    expect(await tryDispatch(context, routes, { from, to: intake.clock.now() + 1, limit: 2 })).toMatchObject({ tickets: 2, complete: false });
  });

  it('are tried beside the requests; one trial of a version at a time, and a lost one is told', async () => {
    const trials = createTrials({ store: intake.store, city: live.city, clock: intake.context.clock, now: intake.clock.now });
    expect(await trials.state(3)).toBeNull();
    expect(await trials.begin(3, live.city.routes, 30)).toMatchObject({ state: 'running', days: 30 });
    await until(async () => (await trials.state(3))?.state === 'done', 'the trial');
    expect(await trials.state(3)).toMatchObject({ report: { tickets: 0, elsewhere: 0 } });
    await trials.stop();
    // A node that died at it.
    await intake.store.write((repos) => repos.channelState.put('house', 'dispatch-trial:4', JSON.stringify({ state: 'running', startedAt: intake.clock.now(), updatedAt: intake.clock.now(), days: 30, tickets: 9, report: null, code: null }), null));
    await expect(trials.begin(4, live.city.routes, 30)).rejects.toMatchObject({ code: 'catalogue.trial_running' });
    intake.clock.advance(61_000);
    expect(await trials.state(4)).toMatchObject({ state: 'failed', code: 'lost' });
  });

  describe('a correction of the item', () => {
    const correct = (ticket: Ticket, given: Partial<Parameters<typeof correctItem>[3]>, by: Mover = seat) =>
      writeUnit(intake.context, (unit) => correctItem({ ...intake.context, city: live.city }, unit, ticket.id, { version: ticket.version, itemCode: 'b', ...given }, by));
    beforeEach(async () => {
      await publish('items', itemsBody(anItem('a'), anItem('b', { department: 'ps', deadlineClass: 'life' })));
      await publish('dispatch', dispatchBody(aRoute('last')));
    });

    it('is kept for the learner, moves the clocks and leaves the department', async () => {
      const ticket = await open();
      intake.clock.advance(60_000);
      const corrected = await correct(ticket, {});
      const due = intake.context.clock.due(ticket.createdAt, demo.deadlines.stages.handle['life'] ?? { amount: 1, unit: 'days' });
      expect(corrected).toMatchObject({ itemCode: 'b', departmentId: 'ecology', state: ticket.state, deadlineAt: due, deadlineRule: `${demo.deadlines.id}/life` });
      expect((await events(ticket)).at(-1)).toMatchObject({ type: 'ticket.corrected', actor: seat.actor, data: { before: 'a', after: 'b', clocks: 'by_item' } });
      expect((await intake.store.read((repos) => repos.clocks.of(ticket.id))).find(({ stage }) => stage === 'handle')).toMatchObject({ dueAt: due, startedAt: ticket.createdAt });
      expect(await deskCorrections(intake.store)).toMatchObject([{ ticketId: ticket.id, suggested: 'a', chosen: 'b', text: '测试\n测试内容', by: 'seat-a' }]);
    });

    it('sends it elsewhere on wish: a seat what waits for dispatch, a supervisor what is out', async () => {
      const waiting = await open({ itemCode: null });
      expect(await correct(waiting, { redispatch: true })).toMatchObject({ state: '待签收', departmentId: 'ps', routeId: 'last', itemCode: 'b' });
      const out = await open();
      await expect(correct(out, { redispatch: true })).rejects.toMatchObject({ code: 'ticket.move_refused' });
      expect(await intake.store.read((repos) => repos.tickets.get(out.id))).toMatchObject({ itemCode: 'a', version: out.version });
      const moved = await correct(out, { redispatch: true }, supervisor);
      expect(moved).toMatchObject({ departmentId: 'ps', routeId: 'last', redirects: 1 });
      expect((await events(out)).map(({ type }) => type).slice(-3)).toEqual(['ticket.corrected', 'ticket.redirected', 'ticket.noted']);
    });

    it('is refused for what is no item, no change, stale or finished', async () => {
      const ticket = await open();
      await expect(correct(ticket, { itemCode: 'x' })).rejects.toMatchObject({ code: 'ticket.unknown_item' });
      await expect(correct(ticket, { itemCode: 'a' })).rejects.toMatchObject({ code: 'ticket.same_item' });
      await expect(correct(ticket, { version: ticket.version - 1 })).rejects.toMatchObject({ code: 'ticket.conflict' });
      await intake.store.write((repos) => repos.tickets.update(ticket.id, ticket.version, { state: '归档', archivedAt: 1 }));
      await expect(correct(ticket, { version: ticket.version + 1 })).rejects.toMatchObject({ code: 'ticket.finished' });
      expect(await deskCorrections(intake.store)).toEqual([]);
    });

    it('counts once a ticket, the last word, and only for items that are there', async () => {
      const ticket = await open();
      const once = await correct(ticket, {});
      await correct(once, { itemCode: 'a' });
      const corrections = await deskCorrections(intake.store);
      expect(corrections.map(({ chosen }) => chosen)).toEqual(['a']);
      const base = [{ text: '旧件', item: 'a' }, { text: '旧件', item: 'gone' }];
      const { rows, base: count, corrections: taken } = trainingRows(base, live.city.items, [...corrections, { ...corrections[0], id: 'z', ticketId: 't9', text: 'x', suggested: null, chosen: 'gone', by: 's', at: 0 }]);
      expect([count, taken, rows.length]).toEqual([1, 1, 1 + 4 + 1]);
      expect(rows[0]).toEqual({ text: '旧件', item: 'a' });
    });
  });
});
