import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { until } from '../support/until.ts';
import { createFakeDesk } from './support/fake-desk.ts';
import { ENTRIES } from './support/fake-knowledge.ts';
import type { Site } from './support/site.ts';
import { LAPTOP, looksRight, PHONE } from './support/looks.ts';
import { atDesk, chromium, useStage } from './support/stage.ts';

const goTo = (page: Page, hash: string): Promise<string> => page.evaluate((next) => (location.hash = next), hash);
const box = (page: Page) => page.getByRole('searchbox', { name: '检索知识库' });
const bodyOf = (site: Site, match: RegExp): unknown => site.desk.requests.findLast(({ method, path }) => match.test(`${method} ${path}`))?.body;

describe.skipIf(chromium === null)("the seats' search beside a conversation", () => {
  const stage = useStage(() => createFakeDesk('seat', Date.now));
  const take = async (page: Page, site: Site): Promise<void> => {
    await atDesk(page, site);
    await page.locator('.queue .row', { hasText: '王*' }).click();
    await page.getByRole('button', { name: '接管', exact: true }).click();
    await page.getByRole('textbox', { name: '回复内容' }).waitFor();
  };

  it('is worked by keys alone: find by initials, open, put into the reply', async () => {
    const { page, site, complaints } = stage();
    await take(page, site);
    await page.keyboard.press('Alt+k');
    await page.keyboard.type('ye');
    await page.keyboard.type('jsg');
    await page.locator('.hit mark', { hasText: '夜间施工' }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.locator('.hit .body').waitFor();
    await page.keyboard.press('Enter');
    expect(await page.getByRole('textbox', { name: '回复内容' }).inputValue()).toBe(ENTRIES[0]?.answer);
    await box(page).focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Escape');
    expect(await box(page).evaluate((element) => element === document.activeElement)).toBe(true);
    await page.keyboard.press('Escape');
    expect(await box(page).inputValue()).toBe('');
    expect(complaints).toEqual([]);
  });

  it('shows what is expired or for the desk only, and gives no internal text to a citizen', async () => {
    const { page, site } = stage();
    await take(page, site);
    await box(page).fill('jzz');
    await page.locator('.hit', { hasText: '居住证怎么办理' }).locator('.chip', { hasText: '已过期' }).waitFor();
    await page.locator('.hit summary', { hasText: '转办' }).click();
    await page.getByText('仅供坐席参考').waitFor();
    expect(await page.getByRole('button', { name: '放入回复框' }).count()).toBe(0);
    await page.getByRole('button', { name: /业务指引/ }).click();
    await until(async () => (await page.locator('.hit').count()) === 1, 'one hit');
  });

  it('keeps what is pinned and opened at hand, and sends a note to the editors', async () => {
    const { page, site } = stage();
    await take(page, site);
    await page.getByText('打开过和置顶的知识会列在这里').waitFor();
    await box(page).fill('夜间');
    await page.locator('.hit summary').click();
    await page.getByRole('button', { name: '☆ 置顶' }).click();
    await page.getByRole('button', { name: '★ 取消置顶' }).waitFor();
    await page.getByRole('button', { name: '反馈' }).click();
    await page.getByRole('dialog').getByLabel('不清楚').check();
    await page.getByRole('dialog').getByLabel('说明').fill('没有写电话');
    await page.getByRole('dialog').getByRole('button', { name: '提交' }).click();
    await page.getByText('已转给知识编辑').waitFor();
    expect(bodyOf(site, /POST .*noise\.night\/notes/)).toMatchObject({ kind: 'unclear', text: '没有写电话', conversationId: 'c1' });
    await box(page).fill('');
    await page.locator('.hit', { hasText: '夜间施工' }).getByLabel('已置顶').waitFor();
  });

  it('shows the answer to what was typed last, whichever comes last', async () => {
    const { page, site } = stage();
    await take(page, site);
    await page.route(/\/api\/knowledge\?q=jz&/, async (route) => {
      await until(async () => site.desk.requests.some(({ path }) => path.includes('q=yejian')), 'the second question');
      await route.continue();
    });
    await box(page).fill('jz');
    await page.waitForRequest(/q=jz&/);
    await box(page).fill('yejian');
    await page.locator('.hit', { hasText: '夜间施工' }).waitFor();
    await page.waitForLoadState('networkidle');
    expect(await page.locator('.hit').count()).toBe(1);
  });

  it('has the list and the entries for a seat, and nothing of the editors', async () => {
    const { page, site } = stage();
    await atDesk(page, site, '#/knowledge');
    await page.getByRole('searchbox', { name: '检索知识' }).fill('jzz');
    await page.locator('.row', { hasText: '居住证怎么办理' }).click();
    await page.getByRole('heading', { name: '居住证怎么办理' }).waitFor();
    expect(await page.getByRole('link', { name: '新建知识' }).count()).toBe(0);
    expect(await page.getByRole('button', { name: '修改' }).count()).toBe(0);
  });
});

describe.skipIf(chromium === null)('the knowledge pages', () => {
  const stage = useStage(() => createFakeDesk('editor', Date.now));

  it('takes an entry from its text to review, with faults at their fields', async () => {
    const { page, site, complaints } = stage();
    await atDesk(page, site, '#/knowledge/entry/noise.night');
    await page.getByRole('button', { name: '修改' }).click();
    await page.getByRole('textbox', { name: /^文字答案/ }).fill('改过的答案，请拨打 12345。');
    site.desk.knowledge.faults.push({ field: 'voice', text: '口播：太长' });
    await page.getByRole('button', { name: '存草稿' }).click();
    await page.locator('.field.faulty', { hasText: '口播：太长' }).waitFor();
    site.desk.knowledge.faults.length = 0;
    await page.getByRole('button', { name: '添加问法' }).click();
    await page.keyboard.type('半夜打桩');
    await page.keyboard.press('Control+s');
    await page.getByText('已存草稿').waitFor();
    expect(bodyOf(site, /PUT/)).toMatchObject({ version: 1, entry: { wordings: ['晚上工地太吵', '半夜打桩'], answer: '改过的答案，请拨打 12345。', source: { article: '第四十三条' } } });
    await page.getByRole('button', { name: '送审' }).click();
    await page.getByText('这一版是您写的').waitFor();
    expect(await page.getByRole('button', { name: '通过' }).count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  it('keeps unsaved text while one looks something up, and hands nothing in by Enter', async () => {
    const { page, site } = stage();
    await atDesk(page, site, '#/knowledge/entry/noise.night');
    await page.getByRole('button', { name: '修改' }).click();
    await page.getByLabel('标准问法').fill('夜里施工太吵怎么投诉');
    await page.keyboard.press('Enter');
    await page.getByText('有未保存的修改').waitFor();
    const address = await page.evaluate(() => location.hash);
    await goTo(page, '#/tickets');
    await page.getByLabel('编号或标题').waitFor();
    await goTo(page, address);
    await page.getByText('有未保存的修改').waitFor();
    expect(await page.getByLabel('标准问法').inputValue()).toBe('夜里施工太吵怎么投诉');
    expect(site.desk.requests.some(({ path }) => path.endsWith('/submit'))).toBe(false);
  });

  it('lets somebody else approve, for a time to come, after a look at differences and effect', async () => {
    const { page, site } = stage();
    const entry = site.desk.knowledge.entries.get('permit.apply');
    if (entry === undefined) throw new Error('no entry');
    await atDesk(page, site, '#/knowledge/work');
    const { body } = site.desk.knowledge.handle('POST', ['drafts'], new URLSearchParams(), { entryId: 'permit.apply' });
    expect(body).toBeDefined();
    const [draft] = site.desk.knowledge.revisions.values();
    if (draft === undefined) throw new Error('no draft');
    site.desk.knowledge.revisions.set(draft.id, { ...draft, author: 'seat-9', editedBy: 'seat-9', authorName: '林编辑', state: 'review', stateName: '待审核' });
    await page.reload();
    await page.getByRole('region', { name: '待我审核' }).getByRole('link').click();
    expect(await page.locator('.diff del').first().textContent()).toBe('派出所');
    expect(await page.locator('.diff ins').first().evaluate((element) => getComputedStyle(element).textDecorationLine)).toBe('underline');
    await page.getByRole('button', { name: '用评测集试一试' }).click();
    await page.locator('.effect .chip', { hasText: '变好' }).waitFor();
    await page.getByRole('button', { name: '通过' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('定时').check();
    await dialog.getByLabel('时间').fill('2030-01-02T08:00');
    await dialog.getByRole('button', { name: '审核通过' }).click();
    await page.locator('.revision .chip', { hasText: '已发布' }).waitFor();
    expect(bodyOf(site, /approve/)).toMatchObject({ version: 1, verdict: null, publishAt: new Date(2030, 0, 2, 8).getTime() });
  });

  it('sends back with a reason, rolls back to an earlier text, and asks for retirement', async () => {
    const { page, site } = stage();
    site.desk.knowledge.handle('POST', ['drafts'], new URLSearchParams(), { entryId: 'permit.apply' });
    const [draft] = site.desk.knowledge.revisions.values();
    if (draft === undefined) throw new Error('no draft');
    site.desk.knowledge.revisions.set(draft.id, { ...draft, author: 'seat-9', editedBy: 'seat-9', state: 'review', stateName: '待审核' });
    await atDesk(page, site, `#/knowledge/revision/${draft.id}`);
    await page.getByRole('button', { name: '退回' }).click();
    await page.getByRole('dialog').getByLabel('审核意见').fill('请注明条款');
    await page.getByRole('dialog').getByRole('button', { name: '退回修改' }).click();
    await page.getByText('请注明条款').waitFor();
    site.desk.knowledge.revisions.set(draft.id, { ...draft, state: 'replaced', stateName: '已被替换' });
    await page.reload();
    await page.getByRole('button', { name: '回滚到这一版' }).click();
    await page.getByRole('dialog').getByRole('button', { name: '起草' }).click();
    await page.getByRole('button', { name: '送审' }).waitFor();
    expect(bodyOf(site, /POST .*drafts/)).toEqual({ fromRevision: draft.id });
    await goTo(page, '#/knowledge/entry/noise.night');
    await page.getByRole('button', { name: '下架' }).click();
    await page.getByRole('dialog').getByLabel('理由').fill('已有新规定');
    await page.getByRole('dialog').getByRole('button', { name: '送审' }).click();
    await page.getByText('申请下架').waitFor();
  });

  it('writes a new entry', async () => {
    const { page, site } = stage();
    await atDesk(page, site, '#/knowledge/new');
    await page.getByLabel('标准问法').fill('新能源车怎么换绿牌');
    await page.getByRole('textbox', { name: /^文字答案/ }).fill('带行驶证到车管所办理换牌。');
    await page.getByLabel(/^口播答案/).fill('一。二。三。四。');
    await page.locator('.counter .over', { hasText: '4 句' }).waitFor();
    await page.getByLabel(/^口播答案/).fill('请到车管所办理。');
    await page.getByLabel(/^来源文件/).fill('《机动车登记规定》');
    await page.getByRole('combobox', { name: '承办单位' }).fill('生态');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: '存草稿' }).click();
    await page.getByRole('button', { name: '送审' }).waitFor();
    expect(bodyOf(site, /POST .*drafts/)).toMatchObject({ entry: { question: '新能源车怎么换绿牌', department: 'ecology', module: 'faq' } });
  });

  it('works gaps by single keys', async () => {
    const { page, site } = stage();
    await atDesk(page, site, '#/knowledge/gaps');
    const rows = page.locator('.gaps > li');
    await rows.first().focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('x');
    await until(async () => site.desk.knowledge.gaps[1]?.state === 'dismissed', 'put aside');
    await until(async () => (await rows.count()) === 1, 'one left');
    await rows.first().focus();
    await page.keyboard.press('w');
    await page.getByRole('dialog').getByLabel('居住证怎么办理').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: '起草' }).click();
    await page.getByRole('button', { name: '送审' }).waitFor();
    expect(bodyOf(site, /wording/)).toEqual({ entryId: 'permit.apply', wording: '绿牌怎么换' });
    const [gap] = site.desk.knowledge.gaps;
    if (gap !== undefined) site.desk.knowledge.gaps[0] = { ...gap, state: 'open' };
    await goTo(page, '#/knowledge/gaps');
    await rows.first().focus();
    await page.keyboard.press('d');
    await page.getByRole('button', { name: '送审' }).waitFor();
  });

  it('closes tasks with what came of them, and makes tasks of what a check finds', async () => {
    const { page, site } = stage();
    await atDesk(page, site, '#/knowledge/tasks');
    await page.getByText('逾期').waitFor();
    await page.getByRole('button', { name: '办结' }).click();
    await page.getByRole('dialog').getByLabel('说明').fill('电话已改');
    await page.getByRole('dialog').getByRole('button', { name: '办结' }).click();
    await page.getByText('没有未完成的任务').waitFor();
    expect(bodyOf(site, /close/)).toEqual({ state: 'done', outcome: '电话已改' });
    await page.getByRole('button', { name: '检查全部知识' }).click();
    await page.getByText('口播超过三句').waitFor();
    await page.getByRole('button', { name: '把错误和警告列为任务' }).click();
    await page.getByText('已建立 1 项任务').waitFor();
  });

  it('looks a file through before it writes it, line by line', async () => {
    const { page, site } = stage();
    await atDesk(page, site, '#/knowledge/files');
    await page.getByLabel('选择知识文件').setInputFiles({ name: '知识.csv', mimeType: 'text/csv', buffer: Buffer.from('模块,标准问法\n常见问题,问') });
    await page.getByText('答案：太短').waitFor();
    const send = page.getByRole('button', { name: '送审 1 条' });
    expect(await send.isDisabled()).toBe(true);
    expect(site.desk.requests.filter(({ path }) => path.includes('write=true'))).toHaveLength(0);
    await page.getByLabel('跳过被拒绝的行').check();
    await send.click();
    await page.getByText('已送审').waitFor();
    expect(site.desk.requests.find(({ path }) => path.includes('write=true'))?.path).toContain('skipBad=true');
    expect(await page.getByLabel('不经审核直接发布').count()).toBe(0);
    expect(await page.getByRole('link', { name: 'XLSX' }).getAttribute('href')).toBe('/api/knowledge/export?format=xlsx');
  });

  it('has no serious accessibility fault and no overflow', async () => {
    const { page, site, complaints } = stage();
    const everywhere = (what: string): Promise<void> => looksRight(page, what, [LAPTOP, { width: 1920, height: 1080 }, PHONE]);
    await page.setViewportSize(PHONE);
    site.desk.knowledge.handle('POST', ['drafts'], new URLSearchParams(), { entryId: 'permit.apply' });
    const [draft] = site.desk.knowledge.revisions.values();
    if (draft === undefined) throw new Error('no draft');
    await atDesk(page, site, '#/knowledge');
    for (const [hash, selector] of [['', '.list .row'], ['/entry/noise.night', '.entry-body'], [`/revision/${draft.id}`, '.editor'], ['/new', '.editor'], ['/work', '.rows-plain .row'], ['/tasks', '.tasks li'], ['/gaps', '.gaps li'], ['/files', '.button[download]']] as const) {
      await goTo(page, `#/knowledge${hash}`);
      await page.locator(selector).first().waitFor();
      await everywhere(hash);
    }
    site.desk.knowledge.revisions.set(draft.id, { ...draft, state: 'review', stateName: '待审核', author: 'seat-9', editedBy: 'seat-9' });
    await goTo(page, `#/knowledge/revision/${draft.id}`);
    await page.locator('.diff').waitFor();
    await everywhere('a review');
    expect(complaints).toEqual([]);
  });
});
