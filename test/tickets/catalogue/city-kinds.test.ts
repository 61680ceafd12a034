import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Calendar } from '../../../src/domain/config-files.ts';
import { followCalendar } from '../../../src/domain/legal-clock.ts';
import { writeUnit, type IntakeContext } from '../../../src/intake/context.ts';
import { tendCalendar } from '../../../src/wiring/recount.ts';
import { CATALOGUE_KINDS, type CatalogueKind } from '../../../src/tickets/catalogue/body.ts';
import { diffCatalogues } from '../../../src/tickets/catalogue/diff.ts';
import { openLiveCatalogues, type LiveCatalogues } from '../../../src/tickets/catalogue/live.ts';
import { recountClocks, type RecountContext } from '../../../src/tickets/catalogue/recount.ts';
import { draftCatalogue, getCatalogue, publishCatalogue, reviewCatalogue, type CatalogueContext } from '../../../src/tickets/catalogue/work.ts';
import { openIntake, type IntakeUnderTest } from '../../support/intake.ts';
import { clocksOf, eventsOf, handled, nowOf } from '../../support/tickets.ts';
import { demo } from './support.ts';

const author = { id: 'seat-a', role: 'editor' as const };
const boss = { id: 'seat-b', role: 'supervisor' as const };
const at = (text: string): number => Date.parse(`${text}:00+08:00`);
const off = (...days: string[]): Calendar => ({ ...demo.calendar, years: demo.calendar.years.map((year) => (year.year === 2026 ? { ...year, holidays: [...year.holidays, ...days] } : year)) });

describe('departments, towns, calendar and deadlines as catalogues', () => {
  let intake: IntakeUnderTest;
  let live: LiveCatalogues;
  let work: CatalogueContext;
  let context: IntakeContext;
  let warned: string[] = [];
  beforeEach(async () => {
    intake = await openIntake();
    intake.clock.set(at('2026-11-23T10:00'));
    warned = [];
    live = await openLiveCatalogues({ store: intake.store, files: demo, log: { warn: (_facts, text) => warned.push(text) }, every: () => () => {} });
    work = { store: intake.store, city: live.city, files: demo, now: intake.clock.now, announce: () => {} };
    context = { ...intake.context, city: live.city, clock: followCalendar(() => live.city.calendar) };
  });
  afterEach(async () => {
    await live.stop();
    await intake.close();
  });

  const publish = async (kind: CatalogueKind, body: object): Promise<number> => {
    const { version } = await draftCatalogue(work, kind, { body, note: '改' }, author);
    await publishCatalogue(work, kind, version, boss);
    await live.look();
    return version;
  };
  const review = async (kind: CatalogueKind, body: object): Promise<string[]> => (await reviewCatalogue(work, kind, JSON.parse(JSON.stringify(body)))).map(({ severity, text }) => `${severity} ${text}`);
  const recount = (): RecountContext => ({ ...context, store: intake.store, write: (fn) => writeUnit(intake.context, fn) });

  it('have the files as version 0, which can be published as it is', async () => {
    for (const kind of CATALOGUE_KINDS) {
      const { body } = await getCatalogue(work, kind, 0);
      expect((await reviewCatalogue(work, kind, body)).filter(({ severity }) => severity === 'error'), kind).toEqual([]);
      expect(diffCatalogues(kind, body, body), kind).toEqual([]);
      const { version } = await draftCatalogue(work, kind, { body, note: '' }, author);
      await publishCatalogue(work, kind, version, boss);
    }
    await live.look();
    const { departments, towns, items, routes, deadlines, enterpriseDeadlines, profiles, calendar } = demo;
    expect({ ...live.city, routesVersion: 0 }).toMatchObject({ departments, towns, items, routes, deadlines, enterpriseDeadlines, profiles, calendar });
    expect([live.versions(), warned]).toEqual([{ items: 1, dispatch: 1, departments: 1, towns: 1, calendar: 1, deadlines: 1 }, []]);
  });

  it('take the place of the files in force, tell who watches, and leave a trail of drafts too', async () => {
    const heard: string[] = [];
    live.watch((kind) => heard.push(kind));
    await publish('departments', { departments: [...demo.departments, { id: 'park', name: '市公园局', short: '公园局', duties: '公园' }] });
    await publish('deadlines', { active: 'shandong', profiles: [...demo.profiles] });
    expect([live.city.departments.at(-1)?.id, live.city.deadlines.id, live.city.enterpriseDeadlines.id, heard]).toEqual(['park', 'shandong', 'shandong', ['departments', 'deadlines']]);
    const trail = await intake.store.read((repos) => repos.trail.latest(4));
    expect(trail.map(({ action, subject, purpose }) => `${action} ${subject} ${purpose}`)).toEqual(['catalogue.published catalogue:deadlines/1 改', 'catalogue.drafted catalogue:deadlines/1 改', 'catalogue.published catalogue:departments/1 改', 'catalogue.drafted catalogue:departments/1 改']);
  });

  it('refuse to leave out what items or rules in force still use, and warn of what tickets use', async () => {
    const ticket = await handled(intake);
    const without = { departments: demo.departments.filter(({ id }) => id !== ticket.departmentId) };
    const told = await review('departments', without);
    expect(told.some((text) => text.startsWith('error 仍在使用'))).toBe(true);
    expect(told.some((text) => text.startsWith('warning') && text.includes('未归档的工单'))).toBe(true);
    const draft = await draftCatalogue(work, 'departments', { body: without, note: '' }, author);
    await expect(publishCatalogue(work, 'departments', draft.version, boss)).rejects.toMatchObject({ code: 'catalogue.has_faults' });
    const used = demo.routes.flatMap(({ when }) => when.towns ?? [])[0];
    expect(await review('towns', { towns: demo.towns.filter(({ id }) => id !== used) })).toContainEqual(expect.stringMatching(/^error 仍在使用：规则/));
    expect(await review('deadlines', { active: 'demo', profiles: demo.profiles.filter(({ id }) => id === 'demo') })).toContainEqual(expect.stringMatching(/^warning 珠海企业诉求/));
    await expect(publish('calendar', { ...demo.calendar, years: demo.calendar.years.filter(({ year }) => year !== 2026) })).rejects.toMatchObject({ code: 'catalogue.has_faults' });
  });

  it('tell what differs day by day and rule by rule', () => {
    const change = (kind: CatalogueKind, before: object, after: object) => diffCatalogues(kind, JSON.parse(JSON.stringify(before)), JSON.parse(JSON.stringify(after)));
    expect(change('calendar', demo.calendar, { ...off('2026-11-24'), officeHours: [{ from: '09:00', to: '17:00' }] })).toEqual([
      { what: 'day', id: '2026-11-24', how: 'changed', fields: [{ field: 'kind', before: 'usual', after: 'holiday' }] },
      { what: 'hours', id: 'officeHours', how: 'changed', fields: [{ field: 'hours', before: '08:30-12:00、14:00-17:30', after: '09:00-17:00' }] },
    ]);
    const profiles = demo.profiles.map((profile) => (profile.id === 'demo' ? { ...profile, stages: { ...profile.stages, handle: { ...profile.stages.handle, general: { amount: 7, unit: 'workdays' } } } } : profile));
    expect(change('deadlines', { active: 'demo', enterprise: 'zhuhai-enterprise', profiles: demo.profiles }, { active: 'demo', profiles })).toEqual([
      { what: 'active', id: '', how: 'changed', fields: [{ field: 'enterprise', before: 'zhuhai-enterprise', after: null }] },
      { what: 'profile', id: 'demo', how: 'changed', fields: [{ field: 'handle.general', before: '5个工作日', after: '7个工作日' }] },
    ]);
    const [first, ...others] = demo.towns;
    expect(change('towns', { towns: demo.towns }, { towns: others })).toEqual([{ what: 'town', id: first?.id, how: 'removed', fields: [] }]);
  });

  it('keep what a gateway of another version cannot read from taking effect', async () => {
    await intake.store.write(async (repos) => {
      await repos.catalogues.add({ kind: 'calendar', body: { moon: true }, note: '', author: 'x', createdAt: 0 });
      await repos.catalogues.publish('calendar', 1, 'y', 1);
    });
    await live.look();
    expect([live.city.calendar === demo.calendar, live.versions().calendar, warned]).toEqual([true, 0, ['a published catalogue cannot be read']]);
  });

  it('count running clocks anew when another calendar is published, say so, and leave alone what was set otherwise or ran out', async () => {
    const ticket = await handled(intake);
    const late = await handled(intake);
    const extended = await handled(intake);
    // One ran out already, of one the due time was set by hand.
    await intake.store.write(async (repos) => {
      const [handling] = (await repos.clocks.of(late.id)).filter(({ stage }) => stage === 'handle');
      const [byHand] = (await repos.clocks.of(extended.id)).filter(({ stage }) => stage === 'handle');
      if (handling === undefined || byHand === undefined) throw new Error('no clock');
      await repos.clocks.put([{ ...handling, overdueAt: 1 }, { ...byHand, dueAt: at('2026-12-24T12:00') }]);
    });
    expect(ticket.deadlineAt).toBe(at('2026-11-30T17:30'));
    const version = await publish('calendar', off('2026-11-25', '2026-11-26'));
    const tending = tendCalendar(context, { files: demo, version: () => live.versions().calendar, log: { info: () => {}, warn: (_facts, text) => warned.push(text) }, every: () => () => {} });
    await tending.look();
    await tending.look();
    await tending.stop();
    expect((await nowOf(intake, ticket)).deadlineAt).toBe(at('2026-12-02T17:30'));
    const handling = (await clocksOf(intake, ticket)).find(({ stage }) => stage === 'handle');
    expect(handling).toMatchObject({ dueAt: at('2026-12-02T17:30') });
    // The warning moves along: one workday before.
    expect(handling?.nextAt).toBe(at('2026-12-01T17:30'));
    const told = (await eventsOf(intake, ticket)).filter(({ type }) => type === 'ticket.corrected').map(({ data }) => data);
    expect(told).toContainEqual({ field: 'deadline', stage: 'handle', before: at('2026-11-30T17:30'), after: at('2026-12-02T17:30'), because: 'calendar', version });
    expect(new Set(told.map(({ stage }) => stage)).size).toBe(told.length);
    expect([(await nowOf(intake, late)).deadlineAt, (await clocksOf(intake, extended)).find(({ stage }) => stage === 'handle')?.dueAt]).toEqual([late.deadlineAt, at('2026-12-24T12:00')]);
    expect(warned).toEqual([]);
    // A run that begins again finds everything moved.
    expect(await recountClocks(recount(), { from: demo.calendar, to: live.city.calendar, version })).toMatchObject({ tickets: 3, moved: 0 });
  });

  it('go on after a run that was cut off, page by page', async () => {
    const tickets = [await handled(intake), await handled(intake)];
    await publish('calendar', off('2026-11-25'));
    const places: string[] = [];
    const report = await recountClocks(recount(), { from: demo.calendar, to: live.city.calendar, version: 1, onPage: async (place) => (places.push(place.id), false) });
    expect([report, places]).toEqual([{ tickets: 2, moved: 2 }, [tickets[0]?.id]]);
    const last = tickets[0];
    expect(await recountClocks(recount(), { from: demo.calendar, to: off('2026-11-26'), version: 2, after: last === undefined ? null : { createdAt: last.createdAt, id: last.id } })).toEqual({ tickets: 0, moved: 0 });
  });
});
