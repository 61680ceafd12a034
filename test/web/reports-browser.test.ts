import type { Page, Route } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { seriousFaults } from './support/axe.ts';
import { createFakeDesk } from './support/fake-desk.ts';
import { fitsWidth } from './support/looks.ts';
import { atDesk, chromium, useStage } from './support/stage.ts';

const AT = 1_761_955_200_000;
const ROW = { id: 'r1', kind: 'month', period: '2026-10', scopeKind: 'city', scopeId: '', title: '2026年10月热线运行月报', version: 1, state: 'ready', progress: 100, madeBy: 'seat:1', madeByName: '张三', askedAt: AT, madeAt: AT, until: AT, failure: null, bytes: 58_000 };
const figure = (id: string, name: string, value: number | null) => ({ id, name, unit: 'count', value, previous: 9, part: null, whole: null, movement: 'steady', change: '比上月多 3 件，数量少，增减不说明问题', goal: null, goalMet: null, formula: '登记的工单数', source: '工单' });
const DOCUMENT = {
  format: 1, title: ROW.title, kind: 'month', period: { key: '2026-10', label: '2026年10月', from: AT, to: AT }, previous: { label: '2026年9月', from: AT, to: AT }, scope: { kind: 'city', id: null, name: '全市' }, madeAt: AT, until: AT, whole: true,
  basis: ['统计时段：十月'], summary: ['全市热线登记工单 12 件。'],
  sections: [{
    id: 'matters', title: '诉求分布与变化', text: ['各镇街如下。'], notes: ['说明一句'], figures: [figure('a', '登记工单', 12), figure('b', '会话量', null)],
    charts: [{ id: 'flow', title: '每日登记', kind: 'lines', unit: 'count', labels: ['10月1日', '10月2日'], series: [{ name: '登记', values: [3, 9] }], said: '共 12 件' }],
    tables: [{ id: 'towns', title: '各镇街', note: '', columns: [{ id: 'n', label: '名称', kind: 'text', width: 20 }, { id: 'c', label: '本期', kind: 'count', width: 8 }], rows: [['东城', 5], ['虎门', 7], ['长安', null]] }],
    topics: [{ title: '丽景花园：搅拌站', place: '丽景花园', words: ['搅拌站'], count: 12, closeness: 0.8, firstAt: AT, lastAt: AT, towns: [{ id: 'a', name: '东城', count: 12 }], departments: [], items: [], trend: [1, 2, 9], said: '集中在10月3日', voices: [{ ticketId: 't1', number: '20261001', at: AT, town: '东城', text: '搅拌站半夜轰鸣' }], tickets: [{ id: 't1', number: '20261001', title: '搅拌站扰民' }] }],
  }],
};

async function answering(page: Page, rows: () => readonly object[]): Promise<readonly unknown[]> {
  const asked: unknown[] = [];
  await page.route(/\/api\/reports/, async (route: Route) => {
    const request = route.request();
    const { pathname } = new URL(request.url());
    if (request.method() === 'POST') {
      asked.push(JSON.parse(request.postData() ?? 'null') as unknown);
      return route.fulfill({ status: 202, json: { report: { ...ROW, id: 'r2', version: 2, state: 'asked', progress: 0, madeAt: null } } });
    }
    if (pathname === '/api/reports') return route.fulfill({ json: { reports: rows(), schedules: [{ id: 'monthly', name: '月报', kind: 'month', cron: '0 8 1 * *', roles: [], nextAt: AT }], mayMake: true } });
    return route.fulfill({ json: pathname.endsWith('/r1') ? { report: ROW, document: DOCUMENT } : { report: { ...ROW, id: 'r2', state: 'making' }, document: null } });
  });
  return asked;
}

describe.skipIf(chromium === null)('reports at the desk', () => {
  const stage = useStage(() => createFakeDesk('supervisor', Date.now));

  it('are read, sorted and downloaded, on a wide page and a narrow one', async () => {
    const { page, site, complaints } = stage();
    await answering(page, () => [ROW]);
    await atDesk(page, site, '#/reports');
    await page.getByText('自动生成：月报').waitFor();
    await page.getByRole('link', { name: ROW.title }).click();
    await page.getByText('搅拌站半夜轰鸣').waitFor();
    expect(await page.getByText('暂无数据').count()).toBeGreaterThan(0);
    const names = (): Promise<string[]> => page.locator('.report-table tbody td:first-child').allTextContents();
    expect(await names()).toEqual(['东城', '虎门', '长安']);
    await page.getByRole('button', { name: '本期' }).click();
    expect(await names()).toEqual(['虎门', '东城', '长安']);
    await page.getByRole('button', { name: '本期' }).click();
    expect(await names()).toEqual(['东城', '虎门', '长安']);
    expect(await page.getByRole('link', { name: '下载 PDF' }).getAttribute('href')).toBe('/api/reports/r1/file?format=pdf');
    expect(await seriousFaults(page)).toEqual([]);
    await page.setViewportSize({ width: 390, height: 800 });
    expect(await fitsWidth(page)).toBe(true);
    expect(complaints).toEqual([]);
  });

  it('are asked for, and show how far they are', async () => {
    const { page, site, complaints } = stage();
    let making = false;
    const asked = await answering(page, () => (making ? [{ ...ROW, id: 'r2', version: 2, state: 'making', progress: 40, madeAt: null }, ROW] : [ROW]));
    await atDesk(page, site, '#/reports');
    await page.getByText('自动生成：月报').waitFor();
    await page.getByRole('button', { name: '生成报表' }).click();
    await page.getByLabel('种类').selectOption('week');
    await page.getByLabel('时段').fill('2026-W45');
    making = true;
    await page.getByRole('button', { name: '生成', exact: true }).click();
    await page.getByRole('progressbar', { name: '生成进度 40%' }).waitFor();
    await page.getByText('正在生成，已完成 40%').waitFor();
    expect(asked).toEqual([{ kind: 'week', period: '2026-W45' }]);
    expect(await seriousFaults(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });
});
