import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeUnit } from '../../src/intake/context.ts';
import { openLinkageHouse } from '../../src/linkage/context.ts';
import { loadLinkage } from '../../src/linkage/profile.ts';
import { versionOf } from '../../src/quality/file.ts';
import { openCampaigns } from '../../src/wiring/campaigns.ts';
import { openOutbound } from '../../src/wiring/outbound.ts';
import { INSPECTOR, RULES } from '../quality/support.ts';
import { openApp, signIn } from '../support/desk.ts';
import { openIntake, type IntakeUnderTest } from '../support/intake.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

describe('every route of the desk', () => {
  let intake: IntakeUnderTest;
  let app: FastifyInstance;
  beforeEach(async () => {
    intake = await openIntake();
    const { context, store } = intake;
    const { now, newId, clock, city } = context;
    const outbound = openOutbound({ root, context });
    app = await openApp(intake, {
      desk: {
        quality: { now, newId, clock, inspector: INSPECTOR, rulesVersion: versionOf(RULES) },
        campaigns: openCampaigns(() => outbound.context).context(),
        linkage: { city, clock, now, newId, store, house: openLinkageHouse(loadLinkage(root), {}, '/nonexistent'), write: (fn) => writeUnit(context, fn) },
      },
    });
  });
  afterEach(async () => {
    await app.close();
    await intake.close();
  });

  const METHODS = { get: 'GET', post: 'POST', put: 'PUT', patch: 'PATCH', delete: 'DELETE' } as const;
  const EDITORS = ['editor', 'supervisor', 'administrator'] as const;
  const LEADERS = ['supervisor', 'administrator'] as const;
  /** Who may use a route; not listed: every seat. */
  const ROLES: Readonly<Record<string, readonly ('editor' | 'supervisor' | 'administrator')[]>> = {
    'GET /api/dead-letters': ['supervisor', 'administrator'],
    'POST /api/dead-letters/{id}/retry': ['supervisor', 'administrator'],
    'GET /api/dead-letters/groups': ['supervisor', 'administrator'],
    'GET /api/dead-letters/{id}': ['supervisor', 'administrator'],
    'POST /api/dead-letters/retry': ['supervisor', 'administrator'],
    'POST /api/dead-letters/discard': ['supervisor', 'administrator'],
    'GET /api/channels/state': ['supervisor', 'administrator'],
    'POST /api/quality/inspections': ['supervisor', 'administrator'],
    'GET /api/quality/rules/{version}': ['supervisor', 'administrator'],
    'GET /api/seats': ['supervisor', 'administrator'],
    'POST /api/seats': ['administrator'],
    'PATCH /api/seats/{id}': ['administrator'],
    'GET /api/trail': ['supervisor', 'administrator'],
    'GET /api/trail/check': ['supervisor', 'administrator'],
    'POST /api/trail/check': ['supervisor', 'administrator'],
    'GET /api/trail/export': ['administrator'],
    'GET /api/tokens': ['administrator'],
    'POST /api/tokens': ['administrator'],
    'DELETE /api/tokens/{id}': ['administrator'],
    'PUT /api/enterprises': ['supervisor', 'administrator'],
    'PUT /api/seats/{id}/skills': ['supervisor', 'administrator'],
    'POST /api/conversations/{id}/listen': ['supervisor', 'administrator'],
    'GET /api/partners': ['supervisor', 'administrator'],
    'POST /api/partners': ['administrator'],
    'PATCH /api/partners/{id}': ['administrator'],
    'POST /api/partners/{id}/secret': ['administrator'],
    'GET /api/partners/{id}/keys': ['supervisor', 'administrator'],
    'POST /api/partners/{id}/keys': ['administrator'],
    'DELETE /api/partners/{id}/keys/{key}': ['administrator'],
    'POST /api/partners/{id}/replay': ['supervisor', 'administrator'],
    'GET /api/webhook-deliveries': ['supervisor', 'administrator'],
    'POST /api/webhook-deliveries/{id}/replay': ['supervisor', 'administrator'],
    'POST /api/tickets/{id}/supervisions': ['supervisor', 'administrator'],
    'POST /api/supervisions/{id}/end': ['supervisor', 'administrator'],
    'GET /api/reports': EDITORS,
    'POST /api/reports': ['supervisor', 'administrator'],
    'GET /api/reports/{id}': EDITORS,
    'GET /api/reports/{id}/file': EDITORS,
    'POST /api/catalogues/{kind}': EDITORS,
    'PUT /api/catalogues/{kind}/{version}': EDITORS,
    'DELETE /api/catalogues/{kind}/{version}': EDITORS,
    'POST /api/catalogues/{kind}/{version}/publish': ['supervisor', 'administrator'],
    'POST /api/catalogues/items/import': EDITORS,
    'GET /api/catalogues/items/{version}/export': EDITORS,
    'POST /api/catalogues/departments/import': EDITORS,
    'GET /api/catalogues/departments/{version}/export': EDITORS,
    'GET /api/flows': EDITORS,
    'GET /api/flows/{id}': EDITORS,
    'POST /api/flows/try': EDITORS,
    'POST /api/catalogues/dispatch/{version}/try': EDITORS,
    'GET /api/catalogues/dispatch/{version}/try': EDITORS,
    'POST /api/knowledge/drafts': EDITORS,
    'PUT /api/knowledge/revisions/{id}': EDITORS,
    'POST /api/knowledge/revisions/{id}/submit': EDITORS,
    'POST /api/knowledge/revisions/{id}/return': EDITORS,
    'POST /api/knowledge/revisions/{id}/approve': EDITORS,
    'POST /api/knowledge/revisions/{id}/publish': EDITORS,
    'POST /api/knowledge/revisions/{id}/drop': EDITORS,
    'POST /api/knowledge/entries/{id}/retire': EDITORS,
    'POST /api/knowledge/tasks/{id}/close': EDITORS,
    'POST /api/knowledge/lint/tasks': EDITORS,
    'GET /api/knowledge/lint': EDITORS,
    'GET /api/knowledge/export': EDITORS,
    'POST /api/knowledge/import': EDITORS,
    'GET /api/knowledge/gaps': EDITORS,
    'GET /api/knowledge/gaps/{id}': EDITORS,
    'POST /api/knowledge/gaps/cluster': EDITORS,
    'POST /api/knowledge/gaps/{id}/draft': EDITORS,
    'POST /api/knowledge/gaps/{id}/wording': EDITORS,
    'POST /api/knowledge/gaps/{id}/dismiss': EDITORS,
    'GET /api/knowledge/revisions/{id}/effect': EDITORS,
    'GET /api/outbound/campaigns': LEADERS,
    'POST /api/outbound/campaigns': LEADERS,
    'POST /api/outbound/campaigns/preview': LEADERS,
    'GET /api/outbound/campaigns/{id}': LEADERS,
    'GET /api/outbound/campaigns/{id}/targets': LEADERS,
    'POST /api/outbound/campaigns/{id}/start': LEADERS,
    'POST /api/outbound/campaigns/{id}/pause': LEADERS,
    'POST /api/outbound/campaigns/{id}/stop': LEADERS,
    'POST /api/outbound/ticket-list': LEADERS,
    'POST /api/linkage/messages/{id}/replay': LEADERS,
    'POST /api/linkage/links/{id}/skip': LEADERS,
    'GET /api/linkage/days': LEADERS,
    'GET /api/linkage/days/{profile}/{day}': LEADERS,
    'POST /api/linkage/days/{profile}/{day}': LEADERS,
    'GET /api/linkage/days/{profile}/{day}/file': LEADERS,
  };
  const CAMPAIGN = { name: '停水通知', purpose: 'notice', channel: 'ivr-twilio', words: '明天停水。', tickets: ['20261122000018'], concurrency: 1, attempts: 1, retryAfterMinutes: 60, hours: ['09:00-12:00'], workdaysOnly: false };
  /** Bodies and queries that pass the shape check, so that what answers is the door and not the shape. */
  const GIVEN: Readonly<Record<string, object>> = {
    'POST /api/tickets/{id}/supervisions': { level: 1, words: '请跟进' },
    'POST /api/supervisions/{id}/end': { outcome: '已整改' },
    'POST /api/reports': { kind: 'month', period: '2026-10' },
    'PUT /api/presence': { presence: 'away' },
    'POST /api/conversations/{id}/transfer': { to: { group: 'general' }, note: '请跟进' },
    'POST /api/conversations/{id}/invite': { seatId: 'x' },
    'PUT /api/seats/{id}/skills': { groups: ['general'], capacity: 2 },
    'POST /api/conversations/{id}/reply': { text: 'x', clientId: 'client-0001' },
    'POST /api/conversations/{id}/tickets': { kind: '投诉', itemCode: null, title: '标题', content: '内容', townId: null, place: null, happened: null, phone: null, name: null, urgency: 'normal', confidential: false, callback: false },
    'POST /api/citizens/{id}/unmask': { purpose: '回拨市民' },
    'POST /api/tickets/{id}/moves/{move}': { version: 1 },
    'POST /api/tickets/{id}/notes': { text: 'x' },
    'POST /api/conversations/{id}/notes': { kind: 'note', text: '备注' },
    'POST /api/canned': { shared: false, folder: '问候', title: '开场', shortcut: null, texts: { 'zh-CN': '您好' } },
    'PUT /api/canned/{id}': { version: 1, folder: '问候', title: '开场', shortcut: null, texts: { 'zh-CN': '您好' } },
    'PUT /api/conversations/{id}/draft': { text: '' },
    'POST /api/quality/inspections': { conversationId: 'x' },
    'POST /api/quality/inspections/{id}/{move}': { version: 1 },
    'POST /api/seats': { username: 'newcomer', displayName: '新人', role: 'seat', password: 'long-enough' },
    'PATCH /api/seats/{id}': { displayName: '新名字' },
    'POST /api/partners': { id: 'province', name: '省平台', webhookUrl: null, events: [], scope: 'own' },
    'PATCH /api/partners/{id}': { name: '省级平台' },
    'POST /api/partners/{id}/keys': { name: '生产' },
    'POST /api/partners/{id}/replay': { since: 0 },
    'POST /api/tokens': { departmentId: 'ecology', name: '系统' },
    'PUT /api/enterprises': { name: '示范厂', creditCode: 'x', phones: [] },
    'POST /api/citizens/{id}/enterprise': { enterpriseId: null },
    'POST /api/tickets/{id}/unmask': { purpose: '回拨市民' },
    'POST /api/catalogues/{kind}': { from: 0 },
    'POST /api/flows/try': { event: { type: 'enter' } },
    'POST /api/dead-letters/retry': { ids: ['x'] },
    'POST /api/dead-letters/discard': { ids: ['x'], reason: '不要了' },
    'PUT /api/catalogues/{kind}/{version}': { body: {} },
    'POST /api/tickets/{id}/item': { version: 1, itemCode: 'x' },
    'POST /api/knowledge/drafts': { entryId: 'x' },
    'PUT /api/knowledge/revisions/{id}': { entry: {}, version: 1 },
    'POST /api/knowledge/revisions/{id}/submit': { version: 1 },
    'POST /api/knowledge/revisions/{id}/return': { version: 1, verdict: '退回' },
    'POST /api/knowledge/revisions/{id}/approve': { version: 1, publishAt: null },
    'POST /api/knowledge/revisions/{id}/publish': { version: 1 },
    'POST /api/knowledge/revisions/{id}/drop': { version: 1 },
    'POST /api/knowledge/entries/{id}/retire': { note: '废止' },
    'POST /api/knowledge/entries/{id}/notes': { kind: 'wrong', text: '不对' },
    'POST /api/knowledge/tasks': { kind: 'missing', text: '没有' },
    'POST /api/knowledge/tasks/{id}/close': { state: 'done' },
    'POST /api/knowledge/gaps/{id}/wording': { entryId: 'x', wording: '问法' },
    'POST /api/outbound/campaigns': CAMPAIGN,
    'POST /api/outbound/campaigns/preview': CAMPAIGN,
    'POST /api/outbound/ticket-list': { kind: 'csv', base64: '' },
    'POST /api/tickets/{id}/linkage': { profile: 'police-110' },
    'POST /api/conversations/{id}/linkage': { profile: 'police-110', clientId: 'client-0001' },
    'POST /api/linkage/links/{id}/answer': { kind: 'progress', text: '已出警' },
    'PUT /api/seat-phone': { phone: null },
    'POST /api/conversations/{id}/conference/ring': { party: 'seat' },
  };
  /** Parts of a path that have a shape. */
  const NAMED: Readonly<Record<string, string>> = { kind: 'items', version: '0' };
  const OPEN = new Set(['POST /api/session', 'DELETE /api/session']);

  const routes = async () => {
    const { paths } = (await app.inject('/api/openapi.json')).json<{ paths: Record<string, Record<string, object>> }>();
    return Object.entries(paths).flatMap(([path, operations]) =>
      Object.keys(operations).flatMap((name) => {
        const method = name === 'get' || name === 'post' || name === 'put' || name === 'patch' || name === 'delete' ? METHODS[name] : null;
        const key = `${method ?? name} ${path}`;
        if (!path.startsWith('/api/') || method === null || OPEN.has(key)) return [];
        const query = path === '/api/knowledge' ? '?q=x' : path.endsWith('/file') && (path.startsWith('/api/reports') || path.startsWith('/api/linkage')) ? '?format=json' : '';
        return [{ key, method, url: path.replaceAll(/\{(\w+)\}/g, (_whole, name: string) => NAMED[name] ?? 'x') + query, body: method === 'GET' || method === 'DELETE' ? undefined : (GIVEN[key] ?? {}) }];
      }));
  };

  it('asks for a session', async () => {
    const all = await routes();
    expect(all.length).toBeGreaterThan(20);
    for (const { key, method, url, body } of all) {
      for (const headers of [{}, { cookie: 'yihu_session=made-up', 'x-csrf-token': 'made-up' }, { authorization: 'Bearer made-up' }]) {
        const answer = await app.inject({ method, url, headers, ...(body === undefined ? {} : { payload: body }) });
        expect([key, answer.statusCode, answer.json()]).toMatchObject([key, 401, { error: { code: 'desk.unauthorized' } }]);
      }
    }
    expect(await intake.rows()).toMatchObject({ trail: 0, conversations: 0, tickets: 0 });
  });

  it('that changes something asks for the CSRF token, but for a bearer', async () => {
    const signed = await signIn(app, intake, 'administrator');
    for (const { key, method, url, body } of await routes()) {
      if (method === 'GET') continue;
      const given = { method, url, ...(body === undefined ? {} : { payload: body }) };
      const answer = await app.inject({ ...given, headers: { cookie: signed.cookie } });
      expect([key, answer.statusCode, answer.json()]).toMatchObject([key, 403, { error: { code: 'desk.csrf' } }]);
      const bearer = await app.inject({ ...given, headers: { authorization: `Bearer ${signed.cookie.split('=')[1] ?? ''}` } });
      expect([key, bearer.statusCode === 403]).toEqual([key, false]);
    }
  });

  it('is closed to departments, but for their tickets', async () => {
    const open = ['GET /api/session', 'GET /api/catalog', 'GET /api/tickets', 'GET /api/tickets/{id}', 'POST /api/tickets/{id}/moves/{move}', 'POST /api/tickets/{id}/notes', 'POST /api/tickets/{id}/unmask', 'GET /api/tickets/{id}/attempts', 'GET /api/tickets/{id}/clocks', 'GET /api/tickets/{id}/files', 'POST /api/tickets/{id}/files', 'GET /api/tickets/{id}/supervisions'];
    const signed = await signIn(app, intake, 'department', 'ecology');
    const answered: string[] = [];
    for (const { key, method, url, body } of await routes()) if ((await signed.call(method, url, body)).statusCode !== 403) answered.push(key);
    expect(answered.toSorted()).toEqual(open.toSorted());
  });

  it('keeps each role to what is its own', async () => {
    const all = await routes();
    expect(Object.keys(ROLES).filter((key) => !all.some((route) => route.key === key))).toEqual([]);
    for (const role of ['seat', 'editor', 'supervisor', 'administrator'] as const) {
      const signed = await signIn(app, intake, role);
      for (const { key, method, url, body } of all) {
        const answer = await signed.call(method, url, body);
        const allowed = ROLES[key]?.some((one) => one === role) ?? true;
        expect([role, key, answer.statusCode === 403, answer.statusCode < 500]).toEqual([role, key, !allowed, true]);
      }
    }
  });
});
