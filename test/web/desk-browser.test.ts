import type { Locator, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { until } from '../support/until.ts';
import { seriousFaults } from './support/axe.ts';
import { aConversation } from './support/desk-factories.ts';
import { createFakeDesk } from './support/fake-desk.ts';
import type { Site } from './support/site.ts';
import { fitsWidth, looksRight, PHONE } from './support/looks.ts';
import { atDesk, chromium, useStage } from './support/stage.ts';

const row = (page: Page, name: string): Locator => page.locator('.queue .row', { hasText: name });
const box = (page: Page): Locator => page.getByRole('textbox', { name: '回复内容' });

/** Signs in and takes over the conversation that waits. */
async function takeFirst(page: Page, site: Site): Promise<void> {
  await atDesk(page, site);
  await row(page, '王*').click();
  await page.getByRole('button', { name: '接管', exact: true }).click();
  await box(page).waitFor();
}

describe.skipIf(chromium === null)('the desk in a browser', () => {
  const stage = useStage(() => createFakeDesk('administrator', Date.now));

  it('lets nobody in with a wrong password, and shows the queue to who has the right one', async () => {
    const { page, site, complaints } = stage();
    await page.goto(`${site.origin}/desk`);
    await page.getByLabel('用户名').fill('zhang');
    await page.getByLabel('密码').fill('wrong');
    await page.keyboard.press('Enter');
    await page.getByText('用户名或密码不正确').waitFor();
    expect(await page.getByLabel('密码').inputValue()).toBe('');
    await page.getByLabel('密码').fill('correct horse');
    await page.getByRole('button', { name: '登录' }).click();
    await row(page, '王*').waitFor();
    await page.reload();
    await row(page, '王*').waitFor();
    expect(complaints).toEqual([]);
  });

  it('shows emergencies first and in red, with ticking waiting times', async () => {
    const { page, site } = await stage.clock();
    await atDesk(page, site);
    site.desk.put(aConversation({ id: 'c2', waitingSince: Date.now(), emergency: { category: 'gas', words: ['煤气味'], at: Date.now() }, citizen: { id: 'x', phoneMasked: '139****1111', nameMasked: null } }));
    site.desk.tell({ type: 'emergency', conversationId: 'c2', category: 'gas' });
    await page.getByRole('alert').getByText('紧急：燃气泄漏').waitFor();
    await page.locator('.queue .row.emergency').waitFor();
    expect(await page.locator('.queue .row').first().textContent()).toContain('139****1111');
    const waits = page.locator('.queue .row').first().locator('time');
    const before = await waits.textContent();
    await page.clock.runFor(3_000);
    expect(await waits.textContent()).not.toBe(before);
    await page.getByRole('button', { name: '立即查看' }).click();
    await page.getByText('触发词：煤气味').waitFor();
    expect(await page.locator('.queue .row.emergency').getAttribute('aria-current')).toBe('true');
  });

  it('hears the citizen, replies with Enter and shows each line once', async () => {
    const { page, site, complaints } = stage();
    await takeFirst(page, site);
    site.desk.hear('c1', '请快一点');
    await page.getByRole('log').getByText('请快一点').waitFor();
    await box(page).fill('好的');
    await page.keyboard.press('Shift+Enter');
    await page.keyboard.type('马上核实');
    await page.keyboard.press('Enter');
    await page.getByRole('log').getByText('已发出').waitFor();
    expect(await page.locator('.said.own').count()).toBe(1);
    expect(site.desk.activities.get('c1')?.at(-1)?.content).toMatchObject({ text: '好的\n马上核实' });
    expect(site.desk.conversations.get('c1')?.unread).toBe(0);
    expect(complaints).toEqual([]);
  });

  it('does not send while an input method is composing, and obeys the choice of Ctrl+Enter', async () => {
    const { page, site } = stage();
    await takeFirst(page, site);
    await box(page).fill('拼音');
    await box(page).evaluate((element) => element.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', isComposing: true, bubbles: true, cancelable: true })));
    await page.locator('.menu summary').click();
    await page.getByLabel('按 Enter 发送').uncheck();
    await box(page).click();
    await page.keyboard.press('End');
    await page.keyboard.press('Enter');
    expect(await box(page).inputValue()).toBe('拼音\n');
    await page.keyboard.press('Control+Enter');
    await page.getByRole('log').getByText('已发出').waitFor();
    expect(site.desk.requests.filter((request) => request.path.endsWith('/reply'))).toHaveLength(1);
  });

  it('says who was faster, and offers no reply box then', async () => {
    const { page, site } = stage();
    await atDesk(page, site);
    await row(page, '王*').click();
    await page.getByText('接管之后才能回复').waitFor();
    site.desk.takeAway('c1');
    await page.getByRole('button', { name: '接管', exact: true }).click();
    await page.getByText('李坐席已接管这个会话').waitFor();
    await page.getByText('李坐席正在接待，您只能查看').waitFor();
    expect(await box(page).count()).toBe(0);
    await page.getByRole('button', { name: '强制接管' }).click();
    await page.getByRole('dialog').getByRole('button', { name: '强制接管' }).click();
    await box(page).waitFor();
  });

  it('keeps a draft per conversation', async () => {
    const { page, site } = stage();
    site.desk.conversations.set('c9', aConversation({ id: 'c9', owner: 'human', seatId: 'seat-1', seatName: '张坐席', citizen: { id: 'y', phoneMasked: null, nameMasked: '赵*' } }));
    await takeFirst(page, site);
    await box(page).fill('写到一半');
    await row(page, '赵*').click();
    expect(await box(page).inputValue()).toBe('');
    await row(page, '王*').click();
    expect(await box(page).inputValue()).toBe('写到一半');
  });

  it('shows an identity only for a purpose, and for a minute', async () => {
    const { page, site } = await stage.clock();
    await atDesk(page, site);
    await row(page, '王*').click();
    await page.getByRole('button', { name: '查看', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: '查看市民身份' });
    await dialog.getByRole('button', { name: '查看 60 秒' }).click();
    expect(site.desk.requests.some((request) => request.path.includes('unmask'))).toBe(false);
    await dialog.getByLabel('用途').selectOption('回拨市民');
    await dialog.getByLabel('说明').fill('核对号码');
    await dialog.getByRole('button', { name: '查看 60 秒' }).click();
    await page.getByText('13800138000').waitFor();
    expect(site.desk.requests.find((request) => request.path.includes('unmask'))?.body).toEqual({ purpose: '回拨市民', note: '核对号码' });
    await page.clock.runFor(62_000);
    await page.getByText('138****8000').first().waitFor();
    expect(await page.getByText('13800138000').count()).toBe(0);
  });

  it('opens a ticket from what the bot understood', async () => {
    const { page, site } = stage();
    await takeFirst(page, site);
    await page.getByRole('button', { name: '开工单' }).click();
    const form = page.getByRole('form', { name: '开工单' });
    expect(await form.getByLabel('投诉').isChecked()).toBe(true);
    expect(await form.getByRole('combobox', { name: '事项' }).inputValue()).toBe('建筑施工噪声扰民');
    await form.getByRole('combobox', { name: '事项' }).fill('路灯');
    await page.keyboard.press('Enter');
    await form.getByLabel('地点').fill('示范路 1 号');
    await form.getByLabel('承诺回电').check();
    await form.getByRole('button', { name: '登记并告知市民编号' }).click();
    await page.getByText('已登记工单').waitFor();
    expect(site.desk.requests.find((request) => request.path.endsWith('/c1/tickets'))?.body).toEqual({
      kind: '投诉', itemCode: 'city.street-lamp', title: '楼下工地半夜还在打桩', content: '楼下工地半夜还在打桩', townId: 'dongcheng', place: '示范路 1 号', happened: null, phone: null, name: null, urgency: 'normal', confidential: false, callback: true, clientId: expect.stringMatching(/^.{8,}$/),
    });
    await page.getByRole('tab', { name: '工单（2）' }).waitFor();
  });

  it('finds knowledge and puts it into the reply', async () => {
    const { page, site } = stage();
    await takeFirst(page, site);
    await page.getByRole('searchbox', { name: '检索知识库' }).fill('施工噪声');
    await page.locator('.hit summary').click();
    await page.getByRole('button', { name: '放入回复框' }).click();
    expect(await box(page).inputValue()).toContain('生态环境部门核查');
  });

  it('moves a ticket only by the moves that the server offers, with what they need', async () => {
    const { page, site } = stage();
    await atDesk(page, site, '#/tickets/t1');
    await page.getByRole('button', { name: '派单' }).click();
    await page.getByRole('dialog').getByLabel('承办单位').selectOption({ label: '市生态环境局' });
    site.desk.fail(/moves/, { status: 409, body: { error: { code: 'ticket.conflict', message: '工单已被他人修改，请重新操作' } } });
    await page.getByRole('dialog').getByRole('button', { name: '派单' }).click();
    await page.getByText('工单已被他人修改').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: '派单' }).click();
    await page.getByRole('button', { name: '签收' }).click();
    await page.locator('.detail .chip', { hasText: '办理中' }).waitFor();
    expect(await page.getByRole('button', { name: '派单' }).count()).toBe(0);
  });

  it('retries dead letters, makes seats and shows the trail', async () => {
    const { page, site, complaints } = stage();
    await atDesk(page, site, '#/dead-letters');
    await page.getByRole('button', { name: '重试', exact: true }).click();
    await page.getByText('没有死信').waitFor();
    // What tells of it stands over the page for a while.
    await page.getByRole('alert').getByRole('button', { name: '关闭提示' }).click();
    await page.getByRole('link', { name: '渠道', exact: true }).click();
    await page.getByText('TWILIO_AUTH_TOKEN').waitFor();
    await page.getByText('会话状态：等待用手机扫码登录').waitFor();
    await page.getByRole('link', { name: '坐席', exact: true }).click();
    await page.getByRole('button', { name: '新建坐席' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('用户名').fill('chen.seat');
    await dialog.getByLabel('姓名').fill('陈坐席');
    await dialog.getByLabel('密码').fill('a long password');
    await dialog.getByRole('button', { name: '建立' }).click();
    await page.getByRole('cell', { name: '陈坐席' }).waitFor();
    await page.getByRole('link', { name: '审计', exact: true }).click();
    await page.getByText('记录链完整').waitFor();
    await page.getByRole('cell', { name: '查看身份' }).waitFor();
    expect(complaints).toEqual([]);
  });

  it('comes back by itself when the server was away', async () => {
    const { page, site } = stage();
    await atDesk(page, site);
    await row(page, '王*').click();
    site.goAway(true);
    await page.getByText('连接中断，正在重连').waitFor();
    site.desk.hear('c1', '断线时说的');
    site.goAway(false);
    await page.getByText('实时连接').waitFor();
    await page.getByRole('log').getByText('断线时说的').waitFor();
  });

  it('leaves nothing behind when the session ends', async () => {
    const { page, site } = stage();
    await atDesk(page, site);
    await row(page, '王*').click();
    await page.getByRole('log').getByText('打桩').waitFor();
    await page.locator('.menu summary').click();
    await page.getByRole('button', { name: '退出登录' }).click();
    await page.getByRole('heading', { name: '坐席工作台' }).waitFor();
    expect(await page.getByText('打桩').count()).toBe(0);
  });

  it('can be worked by keyboard', async () => {
    const { page, site } = stage();
    await atDesk(page, site);
    await row(page, '王*').waitFor();
    await page.keyboard.press('Alt+ArrowDown');
    await page.getByText('接管之后才能回复').waitFor();
    await page.keyboard.press('Alt+t');
    await until(async () => site.desk.conversations.get('c1')?.owner === 'human');
    await box(page).waitFor();
    await page.getByRole('tab', { name: '我的' }).focus();
    await page.keyboard.press('ArrowRight');
    expect(await page.getByRole('tab', { name: '其他坐席' }).getAttribute('aria-selected')).toBe('true');
    await page.keyboard.press('Alt+r');
    expect(await box(page).evaluate((element) => element === document.activeElement)).toBe(true);
  });

  it('speaks English from the sign-in on, back and forth without losing what is being written', async () => {
    const { page, site, complaints } = stage();
    await page.setViewportSize({ width: 1366, height: 768 });
    await page.goto(`${site.origin}/desk`);
    await page.getByLabel('Language').selectOption('en');
    expect(await page.evaluate(() => document.documentElement.lang)).toBe('en');
    await page.getByLabel('User name').fill('zhang');
    await page.getByLabel('Password').fill('wrong');
    await page.keyboard.press('Enter');
    await page.getByText('User name or password is wrong.').waitFor();
    await page.getByLabel('Password').fill('correct horse');
    await page.keyboard.press('Enter');
    await page.getByText('Connected').waitFor();
    await row(page, '王*').click();
    await page.getByRole('button', { name: 'Take over', exact: true }).click();
    const reply = page.getByRole('textbox', { name: 'Reply' });
    await reply.fill('写到一半');
    await page.getByRole('button', { name: 'Open a ticket' }).click();
    await page.getByRole('form', { name: 'Open a ticket' }).waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.locator('.menu summary').click();
    await page.getByLabel('Language').selectOption('zh-CN');
    expect(await box(page).inputValue()).toBe('写到一半');
    expect(await page.evaluate(() => document.documentElement.lang)).toBe('zh-CN');
    await page.getByLabel('Language').selectOption('en');
    await page.reload();
    await page.getByText('Connected').waitFor();
    expect(await page.title()).toContain('Seat desk');
    for (const [path, text] of [['tickets/t1', 'What was reported'], ['channels', 'Web'], ['dead-letters', 'wechat.45015'], ['seats', 'User name'], ['trail', 'Call the citizen back']] as const) {
      await page.evaluate((hash) => (location.hash = `#/${hash}`), path);
      await page.locator('main').getByText(text).first().waitFor();
      expect(await seriousFaults(page)).toEqual([]);
      expect(await fitsWidth(page)).toBe(true);
    }
    expect(complaints).toEqual([]);
  });

  it('has no serious accessibility fault and no overflow, and is worked on a phone as well', async () => {
    const { page, site } = stage();
    const everywhere = (what: string): Promise<void> => looksRight(page, what, [{ width: 1440, height: 860 }, { width: 1000, height: 860 }, PHONE]);
    await page.setViewportSize(PHONE);
    await page.goto(`${site.origin}/desk`);
    await page.getByRole('button', { name: '登录' }).waitFor();
    await everywhere('the sign-in');
    site.desk.conversations.set('c2', aConversation({ id: 'c2', emergency: { category: 'fire', words: ['着火'], at: Date.now() } }));
    await page.getByLabel('用户名').fill('zhang');
    await page.getByLabel('密码').fill('correct horse');
    await page.keyboard.press('Enter');
    await page.locator('.queue .row.emergency').click();
    await page.getByText('触发词').waitFor();
    await everywhere('a conversation');
    await page.getByRole('button', { name: '接管', exact: true }).click();
    await page.getByRole('button', { name: '开工单' }).click();
    await page.getByRole('form', { name: '开工单' }).waitFor();
    await everywhere('a new ticket');
    for (const [path, text] of [['tickets/t1', '诉求内容'], ['channels', '网页'], ['dead-letters', 'wechat.45015'], ['seats', '李坐席'], ['trail', '回拨市民']] as const) {
      await page.evaluate((hash) => (location.hash = `#/${hash}`), path);
      await page.locator('main').getByText(text).first().waitFor();
      await everywhere(path);
    }
  });
});

describe.skipIf(chromium === null)('the desk of a plain seat', () => {
  const stage = useStage(() => createFakeDesk('seat', Date.now));

  it('has no pages for supervisors and administrators, and no way to take from a colleague', async () => {
    const { page, site } = stage();
    await atDesk(page, site, '#/seats');
    expect(await page.getByRole('navigation', { name: '页面', exact: true }).getByRole('link').locator('span').first().textContent()).toBe('接待');
    expect(await page.getByRole('navigation', { name: '页面', exact: true }).getByRole('link', { name: '运行' }).count()).toBe(0);
    expect(await page.getByRole('navigation', { name: '本组页面' }).getByRole('link', { name: '班组' }).count()).toBe(0);
    await row(page, '王*').click();
    site.desk.takeAway('c1');
    await page.getByRole('button', { name: '接管', exact: true }).click();
    await page.getByText('您只能查看').waitFor();
    expect(await page.getByRole('button', { name: '强制接管' }).count()).toBe(0);
  });
});
