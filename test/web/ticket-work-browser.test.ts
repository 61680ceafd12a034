import { describe, expect, it } from 'vitest';
import { until } from '../support/until.ts';
import { seriousFaults } from './support/axe.ts';
import { aTicket } from './support/desk-factories.ts';
import { createFakeDesk, type FakeDesk } from './support/fake-desk.ts';
import { aDelivery, aPartner, aRequest, aSupervision } from './support/fake-ticket-work.ts';
import type { Site } from './support/site.ts';
import { LAPTOP, looksRight, PHONE } from './support/looks.ts';
import { atDesk, chromium, useStage } from './support/stage.ts';

const HOUR = 3_600_000;
const FILE = { id: 'f1', name: '职责说明.pdf', contentType: 'application/pdf', purpose: 'evidence', at: 0, url: '/media/f1/file' };
/** The least width at which all pages stand in one line of the bar. */
const NARROW = { width: 1241, height: 768 };
const SIZES = [LAPTOP, NARROW, PHONE];

/** Somebody asked to give a ticket back. */
function askReturn(desk: FakeDesk): void {
  desk.tickets.set('t2', aTicket({ id: 't2', number: '20261122000026', title: '搅拌站噪声扰民', state: '退单待审', stateBefore: '办理中', pending: 'return', departmentId: 'ecology', departmentName: '市生态环境局', version: 5 }));
  desk.work.files.push(FILE);
  desk.work.requests.push(aRequest({ evidence: ['f1'], askedAt: Date.now() - HOUR, judgeBy: Date.now() + 3 * HOUR }));
  desk.work.precedents = { upheld: 4, refused: 2, last: [aRequest({ id: 'r0', ticketId: 't0', state: 'refused', judgedAt: Date.now() - 50 * HOUR, verdict: '属于本单位职责。' })] };
}

describe.skipIf(chromium === null)("a leader's pages of tickets", () => {
  const stage = useStage(() => createFakeDesk('supervisor', Date.now));
  const bodyOf = (site: Site, path: string): Record<string, unknown> | undefined => site.desk.requests.findLast((request) => request.method === 'POST' && request.path === path)?.body;

  it('shows what waits for judgement with its evidence, the time left and precedents, and judges it by the keyboard', async () => {
    const { page, site, complaints } = stage();
    askReturn(site.desk);
    await atDesk(page, site, '#/requests');
    const card = page.getByRole('list', { name: '待审申请' }).getByRole('listitem').first();
    await card.getByText('不属于本单位职责').first().waitFor();
    await card.getByText(/审核还剩 2小时5\d分/).waitFor();
    expect(await card.getByRole('link', { name: '职责说明.pdf' }).getAttribute('href')).toBe('/media/f1/file');
    await card.getByText('先例：同意 4 次，驳回 2 次').click();
    await card.getByText('属于本单位职责。', { exact: true }).waitFor();
    expect(await card.getByRole('link', { name: '搅拌站噪声扰民' }).getAttribute('href')).toBe('#/tickets/t2');
    await looksRight(page, '', SIZES);
    await card.getByRole('button', { name: /驳回退单/ }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').getByLabel('理由', { exact: true }).fill('经核实属于本单位职责');
    await page.getByRole('dialog').getByRole('button', { name: '驳回退单' }).press('Enter');
    await page.getByText('没有待审的申请').waitFor();
    expect(bodyOf(site, '/api/tickets/t2/moves/refuseReturn')).toEqual({ version: 5, reason: '经核实属于本单位职责' });
    expect(complaints).toEqual([]);
  });

  it('does not let a request be judged that has changed since it was read', async () => {
    const { page, site } = stage();
    askReturn(site.desk);
    await atDesk(page, site, '#/requests');
    const button = page.getByRole('button', { name: /同意退单/ });
    await button.waitFor();
    const ticket = site.desk.tickets.get('t2') ?? aTicket();
    site.desk.tickets.set('t2', { ...ticket, title: '搅拌站噪声和扬尘扰民', version: 6 });
    await button.click();
    await page.getByText('这张工单刚有变化，已更新，请核对后再审').waitFor();
    await page.getByText('搅拌站噪声和扬尘扰民').waitFor();
    expect(await page.getByRole('dialog').count()).toBe(0);
    await button.click();
    await page.getByRole('dialog').waitFor();
  });

  it('lists supervisions that run and those of a month, ends one with its outcome and offers the file', async () => {
    const { page, site, complaints } = stage();
    const before = new Date(Date.now() + 8 * HOUR);
    before.setUTCDate(0); // the last day of the month before
    site.desk.work.supervisions.push(aSupervision({ createdAt: Date.now(), dueAt: Date.now() - HOUR, late: true }), aSupervision({ id: 'v2', number: '20261001000015', title: '路灯不亮', createdAt: before.getTime() - 12 * HOUR, endedAt: Date.now(), outcome: '已换灯。' }));
    await atDesk(page, site, '#/supervision');
    const running = page.getByRole('region', { name: '进行中的督办' });
    await running.getByText('已超期两天，请当面核实并报告。').waitFor();
    await running.getByText(/已过 1小时/).waitFor();
    expect(await running.getByText('路灯不亮').count()).toBe(0);
    const monthly = page.getByRole('region', { name: '月度督办清单' });
    const month = before.toISOString().slice(0, 7);
    await monthly.getByLabel('月份').selectOption(month);
    await monthly.getByText('已换灯。').waitFor();
    expect(await monthly.getByRole('link', { name: '下载 CSV' }).getAttribute('href')).toBe(`/api/supervisions?month=${month}&format=csv`);
    await looksRight(page, '', SIZES);
    await running.getByRole('button', { name: /结束督办/ }).click();
    await page.getByRole('dialog').getByLabel('督办结果').fill('已当面核实并整改');
    await page.getByRole('dialog').getByRole('button', { name: '结束督办' }).click();
    await running.getByText('没有进行中的督办').waitFor();
    expect(bodyOf(site, '/api/supervisions/v1/end')).toEqual({ outcome: '已当面核实并整改' });
    expect(complaints).toEqual([]);
  });

  it("tells a ticket's clocks in words, its requests, files, outside numbers and how the citizen was told, and supervises it", async () => {
    const { page, site, complaints } = stage();
    askReturn(site.desk);
    site.desk.work.clocks.push({ stage: 'handle', label: '办理', run: 1, rule: '5个工作日', startedAt: 0, dueAt: Date.now() + 26 * HOUR, endedAt: null, overdue: false, lines: ['11月23日 9:00 到 18:00 计 1 个工作日。'] });
    site.desk.work.numbers.push({ partnerId: 'city-app', partnerName: '示例市民云', number: 'SC-778', at: 0 });
    site.desk.work.attempts.push({ id: 'o1', kind: 'notification', channel: 'wechat-miniprogram', channelName: '微信订阅消息（小程序）', about: '办理进展', state: 'failed', stateName: '未送达', reason: '渠道没有配置这类通知的模板', cost: '0.00元', number: 1, at: 0, endedAt: 1_000, answers: [] }, { id: 'o2', kind: 'notification', channel: 'sms-aliyun', channelName: '短信（阿里云）', about: '办理进展', state: 'delivered', stateName: '已送达', reason: null, cost: '0.05元', number: 2, at: 2_000, endedAt: 9_000, answers: [] });
    await atDesk(page, site, '#/tickets/t2');
    const clocks = page.getByRole('region', { name: '时限' });
    await clocks.getByText('还剩 1天').waitFor();
    await clocks.locator('summary').press('Enter');
    await clocks.getByText('11月23日 9:00 到 18:00 计 1 个工作日。').waitFor();
    await page.getByRole('region', { name: '申请' }).getByText('先例：同意 4 次，驳回 2 次').waitFor();
    await page.getByRole('region', { name: '材料' }).getByRole('link', { name: '职责说明.pdf' }).waitFor();
    await page.getByRole('region', { name: '外部编号' }).getByText('SC-778').waitFor();
    const told = page.getByRole('region', { name: '告知市民' });
    expect(await told.getByRole('listitem').allInnerTexts()).toEqual([expect.stringMatching(/微信订阅消息（小程序）.*未送达.*第1次.*没有配置/s), expect.stringMatching(/短信（阿里云）.*已送达.*第2次.*约0.05元/s)]);
    await looksRight(page, '', SIZES);
    await told.getByRole('button', { name: '记录：不要短信' }).press('Enter');
    await told.getByText('市民不要短信', { exact: true }).waitFor();
    await told.getByRole('button', { name: '记录：恢复通知' }).waitFor();
    // What tells of it stands over the page for a while.
    await page.getByRole('alert').getByRole('button', { name: '关闭提示' }).click();
    expect(bodyOf(site, '/api/tickets/t2/wish')).toEqual({ wish: 'stop', place: 'sms' });
    await page.getByRole('button', { name: '督办', exact: true }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('级别').selectOption('挂牌督办');
    await dialog.getByLabel('督办意见').fill('请三日内报告');
    await dialog.getByLabel('责任人').fill('局长');
    await dialog.getByRole('button', { name: '发出督办' }).click();
    await page.getByRole('region', { name: '督办' }).getByText('请三日内报告').waitFor();
    expect(bodyOf(site, '/api/tickets/t2/supervisions')).toEqual({ level: 3, words: '请三日内报告', person: '局长' });
    expect(complaints).toEqual([]);
  });

  it('narrows the list by due time, supervision and enterprise, and orders it by due time', async () => {
    const { page, site } = stage();
    await atDesk(page, site, '#/tickets');
    const list = page.getByLabel('工单列表');
    const asked = (pairs: Readonly<Record<string, string>>): Promise<void> =>
      until(async () => {
        const last = site.desk.requests.findLast(({ path }) => path.startsWith('/api/tickets?'))?.path ?? '';
        const query = new URLSearchParams(last.split('?')[1]);
        return Object.entries(pairs).every(([name, value]) => query.get(name) === value);
      }, JSON.stringify(pairs));
    await list.getByLabel('时限').selectOption('已超期');
    await asked({ overdue: 'true' });
    await list.getByLabel('督办').selectOption('重点督办及以上');
    await list.getByLabel('排序').selectOption('先到期在前');
    await list.getByLabel('只看企业诉求').check();
    await asked({ overdue: 'true', supervision: '2', order: 'due', enterprise: 'true' });
    await list.getByLabel('时限').selectOption('一天内到期（含已过）');
    await until(async () => {
      const query = new URLSearchParams(site.desk.requests.findLast(({ path }) => path.startsWith('/api/tickets?'))?.path.split('?')[1]);
      const left = Number(query.get('dueBefore')) - Date.now();
      return !query.has('overdue') && left > 23 * HOUR && left <= 24 * HOUR;
    }, 'due soon');
    await looksRight(page, '', SIZES);
  });

  it('lets a supervisor look at partners and send again, but change nothing', async () => {
    const { page, site } = stage();
    site.desk.work.partners.push(aPartner());
    site.desk.work.deliveries.push(aDelivery({ createdAt: Date.now() - HOUR }));
    await atDesk(page, site, '#/partners');
    await page.getByRole('region', { name: '推送记录' }).getByText('HTTP 503').waitFor();
    expect(await page.getByRole('button', { name: /新建平台|修改|停用|换推送密钥/ }).count()).toBe(0);
    await page.getByRole('button', { name: '重发', exact: true }).click();
    await page.getByRole('region', { name: '推送记录' }).getByRole('cell', { name: /等待发送/ }).waitFor();
  });
});

describe.skipIf(chromium === null)("an administrator's page of partners", () => {
  const stage = useStage(() => createFakeDesk('administrator', Date.now));

  it('adds a partner, shows its secrets once, revokes a key and sends again what never arrived', async () => {
    const { page, site, complaints } = stage();
    site.desk.work.deliveries.push(aDelivery({ createdAt: Date.now() - HOUR }), aDelivery({ id: 'w2', state: 'delivered', lastResult: 'HTTP 200', createdAt: Date.now() - HOUR }));
    await atDesk(page, site, '#/partners');
    await page.getByRole('button', { name: '新建平台' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('标识').fill('city-app');
    await dialog.getByLabel('名称').fill('示例市民云');
    await dialog.getByLabel('推送地址').fill('https://partner.example/hook');
    await dialog.getByText('订阅的事件（2/2）').click();
    await dialog.getByLabel('办结').uncheck();
    expect(await seriousFaults(page)).toEqual([]);
    await dialog.getByRole('button', { name: '建立' }).click();
    await page.getByText('whsec_fake_shown_once').waitFor();
    await page.getByRole('button', { name: '已经保存好' }).click();
    await page.getByText('whsec_fake_shown_once').waitFor({ state: 'detached' });
    expect(site.desk.work.partners[0]).toMatchObject({ id: 'city-app', events: ['ticket.opened'], scope: 'own', webhookUrl: 'https://partner.example/hook' });

    await page.getByRole('link', { name: '示例市民云 的密钥' }).click();
    await page.getByRole('button', { name: '新建密钥' }).click();
    await dialog.getByLabel('用途').fill('业务系统');
    await dialog.getByRole('button', { name: '建立' }).click();
    await page.getByText('yp_fake_shown_once').waitFor();
    await page.getByRole('button', { name: '已经保存好' }).click();
    await page.getByText('yp_fake_shown_once').waitFor({ state: 'detached' });
    await looksRight(page, '', SIZES);
    await page.getByRole('button', { name: '收回 业务系统' }).click();
    await dialog.getByRole('button', { name: '收回' }).click();
    await page.getByText('已收回').waitFor();

    const sent = page.getByRole('region', { name: '推送记录' });
    await sent.getByLabel('推送状态').selectOption('没有送达');
    await sent.getByText('HTTP 200').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: '批量重发' }).click();
    await dialog.getByLabel('从何时起').fill('2020-01-01T00:00');
    await dialog.getByRole('button', { name: '重发' }).click();
    await page.getByText('已放回队列重发 1 条').waitFor();
    await sent.getByText('没有推送记录').waitFor();
    expect(complaints).toEqual([]);
  });
});
