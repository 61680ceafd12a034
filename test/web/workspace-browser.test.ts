import type { Locator, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { until } from '../support/until.ts';
import { aConversation, anActivity } from './support/desk-factories.ts';
import { createFakeDesk } from './support/fake-desk.ts';
import type { Site } from './support/site.ts';
import { looksRight, PHONE } from './support/looks.ts';
import { atDesk, chromium, useStage } from './support/stage.ts';

const row = (page: Page, name: string): Locator => page.locator('.queue .row', { hasText: name });
const box = (page: Page): Locator => page.getByRole('textbox', { name: '回复内容' });

/** The queue of a city: groups, reasons for a break, colleagues that are there. */
function queued(site: Site): void {
  const { beside } = site.desk;
  beside.groups = { assign: 'offer', breakReasons: [{ id: 'lunch', name: '用餐' }], groups: [{ id: 'g1', name: '综合组', waiting: 1, oldestWaitingSince: Date.now() - 60_000, seatsOnline: 2, seatsFree: 1 }] };
  beside.seats = [
    { id: 'seat-1', displayName: '张坐席', role: 'administrator', groups: ['g1'], presence: 'online', reason: null, since: Date.now(), until: null, load: 0, capacity: 3 },
    { id: 'seat-2', displayName: '李坐席', role: 'seat', groups: ['g1'], presence: 'break', reason: 'lunch', since: Date.now() - 300_000, until: null, load: 1, capacity: 3 },
  ];
}

describe.skipIf(chromium === null)('the workspace in a browser', () => {
  const stage = useStage(() => createFakeDesk('administrator', Date.now));

  it('is worked without a mouse: an offer, a ready answer, a note with a mention, a transfer', async () => {
    const { page, site, complaints } = stage();
    queued(site);
    await atDesk(page, site);
    site.desk.tell({ type: 'offer', conversationId: 'c1', groupId: 'g1', seatId: 'seat-1', until: Date.now() + 60_000, kind: 'queue' });
    await page.getByRole('region', { name: '派给您的会话' }).first().getByText('派给您').waitFor();
    await page.keyboard.press('Alt+a');
    await box(page).waitFor();
    expect(site.desk.conversations.get('c1')?.seatId).toBe('seat-1');

    // Its own name stays open: it is marked, and Enter does not send it.
    await page.keyboard.type('/gd');
    await page.getByRole('option', { name: /已登记工单/ }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByText('还有没填的内容：{{部门}}、{{备注}}').waitFor();
    await page.keyboard.press('Enter');
    expect(site.desk.requests.some((request) => request.path.endsWith('/reply'))).toBe(false);
    await page.keyboard.type('市生态环境局');
    await page.getByText('还有没填的内容：{{备注}}').waitFor();
    await page.keyboard.press('Enter');
    await page.keyboard.type('请留意');
    await page.getByText('还有没填的内容').waitFor({ state: 'detached' });
    await page.keyboard.press('Enter');
    await page.getByRole('log').getByText('由市生态环境局办理').waitFor();
    // The bubble is there before the server has it.
    await until(async () => JSON.stringify(site.desk.activities.get('c1')?.at(-1)?.content ?? '').includes('请留意'));
    expect(site.desk.activities.get('c1')?.at(-1)?.content).toMatchObject({ text: expect.stringMatching(/^工单编号 20261122000018，由市生态环境局办理，期限2026-11-27 18:00 前。请留意$/) });

    await page.keyboard.press('Alt+n');
    await page.getByRole('textbox', { name: '备注内容' }).waitFor();
    await page.keyboard.type('请@li');
    await page.getByText('没有找到').waitFor();
    await page.keyboard.press('Backspace');
    await page.getByRole('option', { name: '李坐席' }).waitFor();
    await page.keyboard.press('Enter');
    await page.keyboard.type('下午跟进');
    await page.keyboard.press('Enter');
    await page.locator('.private-note').getByText('请@李坐席 下午跟进').waitFor();
    expect(site.desk.beside.notes.at(-1)?.mentions).toMatchObject([{ id: 'seat-2', name: '李坐席' }]);
    expect(site.desk.activities.get('c1')?.some(({ content }) => content.type === 'message' && content.text.includes('跟进'))).toBe(false);

    await page.keyboard.press('Alt+g');
    const dialog = page.getByRole('dialog', { name: '转接会话' });
    await dialog.getByRole('radio', { name: '坐席' }).focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Tab');
    await page.keyboard.type('综合');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    await page.keyboard.type('材料已收齐');
    await dialog.getByRole('button', { name: '转接', exact: true }).focus();
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'detached' });
    expect(site.desk.requests.findLast((request) => request.path.endsWith('/transfer'))?.body).toMatchObject({ to: { group: 'g1' }, note: '材料已收齐' });
    expect(complaints).toEqual([]);
  });

  it('takes a wrong click back within five seconds, and does it when the page is left', async () => {
    const { page, site } = await stage.clock();
    await atDesk(page, site);
    await row(page, '王*').click();
    await page.keyboard.press('Alt+t');
    await box(page).waitFor();
    await page.getByRole('button', { name: '结束', exact: true }).click();
    await page.getByText('即将结束与王*的会话').waitFor();
    await page.clock.runFor(3_000);
    await page.keyboard.press('Alt+z');
    await page.clock.runFor(10_000);
    expect(site.desk.conversations.get('c1')?.owner).toBe('human');
    await page.keyboard.press('Alt+j');
    await page.getByText('即将结束与王*的会话').waitFor();
    await page.goto('about:blank');
    await until(async () => site.desk.conversations.get('c1')?.owner === 'closed');
  });

  it('has an unsent reply again after a reload', async () => {
    const { page, site } = stage();
    await atDesk(page, site);
    await row(page, '王*').click();
    await page.keyboard.press('Alt+t');
    await box(page).fill('写到一半，电话响了');
    await page.reload();
    await page.getByRole('tab', { name: '我的' }).click();
    await row(page, '王*').click();
    await until(async () => (await box(page).inputValue()) === '写到一半，电话响了');
    await page.keyboard.press('Enter');
    await page.getByRole('log').getByText('电话响了').waitFor();
    await until(async () => !site.desk.beside.drafts.has('c1'));
  });

  it('shows two thousand conversations and draws a few of them', async () => {
    const { page, site, complaints } = stage();
    for (let at = 0; at < 2_000; at += 1) site.desk.conversations.set(`r${at}`, aConversation({ id: `r${at}`, waitingSince: Date.now() - 2_000_000 + at * 1_000, citizen: { id: `z${at}`, phoneMasked: null, nameMasked: `市民${at}号` } }));
    site.desk.conversations.delete('c1');
    await atDesk(page, site);
    await row(page, '市民0号').waitFor();
    expect(await page.locator('.queue .row').count()).toBeLessThan(60);
    for (let step = 0; step < 30; step += 1) await page.keyboard.press('Alt+ArrowDown');
    await page.locator('.queue .row[aria-current]', { hasText: '市民29号' }).waitFor();
    await page.locator('#queue-rows').evaluate((element) => element.scrollTo(0, element.scrollHeight));
    await row(page, '市民1999号').waitFor();
    expect(await page.locator('.queue .row').count()).toBeLessThan(60);
    await page.keyboard.press('/');
    await page.keyboard.type('市民1234');
    await row(page, '市民1234号').waitFor();
    await until(async () => (await page.locator('.queue .row').count()) === 1);
    expect(complaints).toEqual([]);
  });

  it('reads a transcript of thousands from its end, and backwards as it is scrolled', async () => {
    const { page, site } = stage();
    site.desk.activities.set('c1', Array.from({ length: 3_000 }, (_none, at) => anActivity({ id: `m${at + 1}`, seq: at + 1, at: Date.now() - (3_000 - at) * 60_000, content: { type: 'message', text: `第${at + 1}句` } })));
    site.desk.conversations.set('c1', aConversation({ lastSeq: 3_000 }));
    await atDesk(page, site);
    await row(page, '王*').click();
    await page.getByRole('log').getByText('第3000句').waitFor();
    expect(await page.locator('.said').count()).toBeLessThan(80);
    const log = page.getByRole('log');
    await until(async () => {
      await log.evaluate((element) => element.scrollTo(0, 0));
      return (await log.getByText('第2500句', { exact: true }).count()) > 0 || (await log.evaluate((element) => element.textContent?.includes('更早的 2400 条') ?? false));
    });
    expect(site.desk.requests.filter((request) => request.path.includes('beforeSeq')).length).toBeGreaterThan(0);
    // What is read does not run away while something new comes in.
    await page.getByRole('button', { name: '回到最新' }).waitFor();
    site.desk.hear('c1', '新的一句');
    await page.getByRole('button', { name: '回到最新' }).click();
    await log.getByText('新的一句').waitFor();
    expect(await page.locator('.said').count()).toBeLessThan(80);
  });

  it('finds pages and actions by initials, and opens pages by two keys', async () => {
    const { page, site } = stage();
    await atDesk(page, site);
    await row(page, '王*').click();
    await page.getByText('接管之后才能回复').waitFor();
    await page.keyboard.press('Control+k');
    await page.keyboard.type('jghh');
    await page.getByRole('option', { name: /接管会话/ }).waitFor();
    await page.keyboard.press('Enter');
    await box(page).waitFor();
    await page.keyboard.press('Control+k');
    await page.keyboard.type('cyy');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: '常用语', exact: true }).waitFor();
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: '快捷键' }).getByText('转接（坐席、技能组、承办单位）').waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('g');
    await page.keyboard.press('c');
    await row(page, '王*').waitFor();
    // A letter in a text is a letter.
    await page.getByRole('tab', { name: '我的' }).click();
    await row(page, '王*').click();
    await box(page).fill('');
    await page.keyboard.type('gc?');
    expect(await box(page).inputValue()).toBe('gc?');
  });

  it('rings the bell for a mention, and the bell leads to it', async () => {
    const { page, site } = stage();
    await atDesk(page, site);
    await row(page, '王*').waitFor();
    site.desk.beside.mention('c1', '请看一下这位市民');
    await page.locator('.queue').getByText('@ 提到您').waitFor();
    await page.keyboard.press('Alt+m');
    await page.getByRole('button', { name: /李坐席 提到您/ }).click();
    await page.locator('.private-note.for-me').getByText('请看一下这位市民').waitFor();
    await page.locator('.queue').getByText('@ 提到您').waitFor({ state: 'detached' });
  });

  it('lets a supervisor see who is where, listen and whisper; takes a break with its reason', async () => {
    const { page, site, complaints } = stage();
    queued(site);
    site.desk.conversations.set('c5', aConversation({ id: 'c5', owner: 'human', seatId: 'seat-2', seatName: '李坐席', waitingSince: null, groupId: 'g1', groupName: '综合组', preview: '公积金怎么提取' }));
    await atDesk(page, site, '#/team');
    await page.getByRole('cell', { name: '小休：用餐' }).waitFor();
    await page.getByRole('row', { name: /公积金怎么提取/ }).getByRole('button', { name: '监听' }).click();
    await page.getByText('李坐席正在接待，您只能查看').waitFor();
    await page.keyboard.press('Alt+w');
    await page.keyboard.type('先问清楚缴存单位');
    await page.keyboard.press('Enter');
    await page.locator('.private-note.whisper').getByText('先问清楚缴存单位').waitFor();
    expect(site.desk.beside.notes.at(-1)).toMatchObject({ kind: 'whisper', toSeatId: 'seat-2' });
    await page.keyboard.press('Alt+s');
    await page.getByRole('button', { name: /小休：用餐/ }).click();
    await until(async () => site.desk.requests.some((request) => request.path === '/api/presence' && request.body['state'] === 'break' && request.body['reason'] === 'lunch'));
    expect(complaints).toEqual([]);
  });

  it('edits ready answers and a seat’s groups', async () => {
    const { page, site } = stage();
    queued(site);
    await atDesk(page, site, '#/canned');
    await page.getByRole('button', { name: '新建', exact: true }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('分组').fill('问候');
    await dialog.getByLabel('标题').fill('夜间问候');
    await dialog.getByLabel('快捷码').fill('yj');
    await dialog.getByLabel('内容', { exact: true }).fill('夜间值班坐席{{坐席}}为您服务。');
    await dialog.getByRole('button', { name: '保存' }).click();
    await page.getByText('夜间值班坐席').waitFor();
    await page.getByRole('searchbox', { name: '查找常用语' }).fill('yjwh');
    expect(await page.locator('.folder li').count()).toBe(1);
    await page.getByRole('button', { name: '删除 夜间问候' }).click();
    await page.getByRole('dialog').getByRole('button', { name: '删除' }).click();
    await page.getByText('没有找到常用语').waitFor();
    await page.evaluate(() => (location.hash = '#/seats'));
    await page.getByRole('row', { name: /李坐席/ }).getByRole('button', { name: '技能组' }).click();
    await page.getByRole('checkbox', { name: '综合组' }).check();
    await page.getByLabel('同时接待上限').fill('5');
    await page.getByRole('dialog').getByRole('button', { name: '保存' }).click();
    await until(async () => site.desk.beside.skills.get('seat-2')?.capacity === 5);
    expect(site.desk.beside.skills.get('seat-2')?.groups).toEqual(['g1']);
  });

  it('shows earlier conversations of the citizen and takes none of them', async () => {
    const { page, site } = stage();
    site.desk.conversations.set('old', aConversation({ id: 'old', owner: 'closed', channel: 'ivr-twilio', preview: '去年也来过' }));
    site.desk.activities.set('old', [anActivity({ id: 'o1', seq: 1, content: { type: 'message', text: '去年也来过' } })]);
    await atDesk(page, site);
    await row(page, '打桩').first().click();
    await page.keyboard.press('Alt+h');
    await page.locator('.history').getByText('去年也来过').click();
    await page.getByRole('log', { name: '往来记录' }).getByText('去年也来过').waitFor();
    expect(site.desk.conversations.get('old')?.owner).toBe('closed');
    expect(site.desk.requests.some((request) => request.path.includes('/old/take'))).toBe(false);
  });

  it('has no serious accessibility fault in what is new, and no overflow, and is worked on a phone as well', async () => {
    const { page, site } = stage();
    queued(site);
    site.desk.conversations.set('c5', aConversation({ id: 'c5', owner: 'human', seatId: 'seat-2', seatName: '李坐席', waitingSince: null }));
    await page.setViewportSize(PHONE);
    await atDesk(page, site);
    await row(page, '王*').first().click();
    await page.keyboard.press('Alt+t');
    await box(page).waitFor();
    site.desk.beside.mention('c1', '请看一下');
    await page.locator('.private-note').waitFor();
    site.desk.put(aConversation({ id: 'c7', citizen: { id: 'q', phoneMasked: null, nameMasked: '赵*' } }));
    site.desk.tell({ type: 'offer', conversationId: 'c7', groupId: 'g1', seatId: 'seat-1', until: Date.now() + 60_000, kind: 'queue' });
    await page.getByText('派给您', { exact: true }).waitFor();
    await box(page).pressSequentially('/');
    await page.getByRole('listbox', { name: '常用语' }).waitFor();
    await looksRight(page, 'an offer, a note and ready answers');
    await page.keyboard.press('Escape');
    for (const [key, name] of [['Alt+s', '用餐'], ['Alt+m', '全部标为已读'], ['Alt+n', '内部备注，市民看不到'], ['Control+k', '写内部备注'], ['Alt+g', '交接说明']] as const) {
      await page.keyboard.press(key);
      await page.getByText(name).first().waitFor();
      await looksRight(page, key);
      await page.keyboard.press('Escape');
    }
    for (const [hash, text] of [['canned', '接入问候'], ['team', '进行中的会话']] as const) {
      await page.evaluate((to) => (location.hash = `#/${to}`), hash);
      await page.locator('main').getByText(text).first().waitFor();
      await looksRight(page, hash);
    }
  });
});
