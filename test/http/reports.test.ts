import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { topicsHere } from '../../src/reports/topics/work.ts';
import { workOnce } from '../../src/reports/work.ts';
import { openApp, signIn } from '../support/desk.ts';
import { city, openIntake, type IntakeUnderTest } from '../support/intake.ts';

describe('reports at the desk', () => {
  let intake: IntakeUnderTest;
  let app: FastifyInstance;
  let woken: number;
  beforeEach(async () => {
    intake = await openIntake();
    woken = 0;
    app = await openApp(intake, { desk: { reports: { schedules: [{ id: 'daily', name: '日报', kind: 'day', cron: '0 8 * * *', roles: ['supervisor'] }], wake: () => (woken += 1) } } });
  });
  afterEach(async () => {
    await app.close();
    await intake.close();
  });
  const make = () => workOnce({ read: (fn) => intake.store.read(fn), write: (fn) => intake.store.write(fn), city, now: intake.clock.now, newId: intake.context.newId, targets: {}, schedules: [], holder: 'a', seen: new Set(), log: { info: () => {}, warn: () => {} }, openTopics: (options) => topicsHere(options, (text) => [...text]) });

  it('are asked for, made, read and downloaded, with rows in the trail', async () => {
    const leader = await signIn(app, intake, 'supervisor');
    const asked = await leader.call('POST', '/api/reports', { kind: 'month', period: '2026-10' });
    expect([asked.statusCode, woken]).toEqual([202, 1]);
    const { id } = asked.json<{ report: { id: string } }>().report;
    expect((await leader.call('GET', `/api/reports/${id}`)).json()).toMatchObject({ report: { state: 'asked', version: 1 }, document: null });
    expect((await leader.call('GET', `/api/reports/${id}/file?format=pdf`)).statusCode).toBe(409);
    await make();
    expect((await leader.call('GET', `/api/reports/${id}`)).json()).toMatchObject({ report: { state: 'ready', progress: 100 }, document: { title: '2026年10月热线运行月报', summary: [expect.stringContaining('没有登记工单')] } });
    expect((await leader.call('GET', '/api/reports')).json()).toMatchObject({ reports: [{ id }], schedules: [{ id: 'daily', nextAt: Date.parse('2026-11-24T08:00:00+08:00') }], mayMake: true });
    const file = await leader.call('GET', `/api/reports/${id}/file?format=xlsx`);
    expect(file.headers['content-disposition']).toBe(`attachment; filename="report-2026-10.xlsx"; filename*=UTF-8''${encodeURIComponent('月报-2026-10')}.xlsx`);
    expect(file.rawPayload.subarray(0, 2).toString()).toBe('PK');
    const trail = await intake.store.read((repos) => repos.trail.latest(5));
    expect(trail.filter(({ subject }) => subject === `report:${id}`).map(({ action, actor, purpose }) => [action, actor, purpose])).toEqual([['report.downloaded', `seat:${leader.seatId}`, 'xlsx'], ['report.made', `seat:${leader.seatId}`, '2026年10月热线运行月报（第 1 版）']]);
  });

  it('are made by leaders, read by editors what is for them, and by nobody else', async () => {
    await intake.store.write((repos) => repos.reports.ask({ id: 'own', kind: 'day', period: '2026-11-21', scopeKind: 'city', scopeId: '', title: '日报', madeBy: 'schedule:daily', roles: ['supervisor'], askedAt: intake.clock.now(), onceKey: null }));
    const editor = await signIn(app, intake, 'editor');
    expect((await editor.call('POST', '/api/reports', { kind: 'month', period: '2026-10' })).statusCode).toBe(403);
    expect((await editor.call('GET', '/api/reports')).json()).toMatchObject({ reports: [], mayMake: false });
    expect((await editor.call('GET', '/api/reports/own')).statusCode).toBe(404);
    const leader = await signIn(app, intake, 'administrator');
    expect((await leader.call('GET', '/api/reports')).json()).toMatchObject({ reports: [{ id: 'own', madeByName: '定时（日报）' }] });
    await leader.call('POST', '/api/reports', { kind: 'month', period: '2026-10' });
    expect((await editor.call('GET', '/api/reports')).json<{ reports: object[] }>().reports.length).toBe(1);
    for (const role of ['seat', 'department'] as const) {
      const other = await signIn(app, intake, role, role === 'department' ? 'ecology' : null);
      for (const url of ['/api/reports', '/api/reports/own', '/api/reports/own/file?format=json']) expect([role, url, (await other.call('GET', url)).statusCode]).toEqual([role, url, 403]);
    }
  });

  it('say what is wrong with a wish', async () => {
    const leader = await signIn(app, intake, 'supervisor');
    const refused = async (body: object): Promise<unknown> => (await leader.call('POST', '/api/reports', body)).json<{ error: { code: string } }>().error.code;
    expect(await refused({ kind: 'month', period: '2026-13' })).toBe('report.bad_period');
    expect(await refused({ kind: 'month', period: '2027-01' })).toBe('report.not_begun');
    expect(await refused({ kind: 'month', period: '2026-10', scope: { kind: 'town', id: 'humen' } })).toBe('report.scope_needs_special');
    expect(await refused({ kind: 'special', period: '2026-10-01..2026-10-02', scope: { kind: 'town', id: 'atlantis' } })).toBe('report.no_scope');
    expect((await leader.call('GET', '/api/reports/none')).statusCode).toBe(404);
    expect(woken).toBe(0);
  });
});
