import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { createFakeDesk } from './support/fake-desk.ts';
import { looksRight } from './support/looks.ts';
import { atDesk, chromium, useStage } from './support/stage.ts';

/** Begins a draft of what is shown. */
async function draft(page: Page, note: string): Promise<void> {
  await page.getByRole('button', { name: '起草', exact: true }).click();
  await page.getByRole('dialog').getByLabel('说明').fill(note);
  await page.getByRole('dialog').getByRole('button', { name: '起草' }).click();
  await page.getByRole('button', { name: '存草稿' }).waitFor();
}

describe.skipIf(chromium === null)('the pages of rules', () => {
  const stage = useStage(() => createFakeDesk('supervisor', Date.now));

  it('change a department in a draft, show faults and differences, and leave the publication to another', async () => {
    const { page, site, complaints } = stage();
    await atDesk(page, site, '#/departments');
    await page.getByRole('region', { name: '承办单位' }).first().waitFor();
    await draft(page, '机构改革');
    await page.getByLabel('检索承办单位').fill('环保');
    await page.getByRole('button', { name: /市生态环境局/ }).click();
    await page.getByLabel('简称', { exact: true }).fill('水务局');
    await page.keyboard.press('Control+s');
    await page.getByText('简称“水务局”重复').first().waitFor();
    await page.getByText(/1 处错误，不能发布/).waitFor();
    expect(await page.getByRole('button', { name: '发布', exact: true }).count()).toBe(0);
    await page.getByRole('button', { name: '与在用版本的差别' }).click();
    await page.getByRole('list', { name: '差别' }).getByText('生态环境局', { exact: true }).waitFor();
    await looksRight(page);
    const other = site.desk.rules.draft('departments', site.desk.rules.versions.get('departments')?.at(-1)?.body ?? null, 'seat-9');
    await page.evaluate((version) => (location.hash = `#/departments/${version}`), other);
    await page.getByText('这是别人的草稿').waitFor();
    await page.getByRole('button', { name: '发布', exact: true }).click();
    await page.getByRole('dialog').getByRole('button', { name: '发布' }).click();
    await page.getByText('已发布，两秒内各处生效').waitFor();
    expect(site.desk.rules.versions.get('departments')?.map(({ version, state }) => `${version} ${state}`)).toEqual(['2 published', '1 draft', '0 retired']);
    expect(complaints).toEqual([]);
  });

  it('order dispatch rules by key, with their conditions in words', async () => {
    const { page, site } = stage();
    await atDesk(page, site, '#/dispatch');
    const rules = page.getByRole('list', { name: '派单规则' });
    await rules.getByText('诉求类型为表扬').waitFor();
    await draft(page, '');
    await page.locator('[data-rule="praise-service"]').focus();
    await page.keyboard.press('Alt+ArrowUp');
    await page.getByText('praise-service 移到第 2 条').waitFor();
    await page.keyboard.press('Alt+ArrowUp');
    await page.getByText('praise-service 移到第 1 条').waitFor();
    expect(await page.evaluate(() => document.activeElement?.getAttribute('data-rule'))).toBe('praise-service');
    await page.keyboard.press('Enter');
    await page.getByRole('group', { name: '诉求类型' }).getByLabel('建议').check();
    await rules.getByText('诉求类型为建议、表扬').waitFor();
    await looksRight(page);
    await page.keyboard.press('Control+s');
    await page.getByText('已存草稿').waitFor();
    const [made] = site.desk.rules.versions.get('dispatch') ?? [];
    expect(made?.body).toMatchObject({ routes: expect.arrayContaining([expect.objectContaining({ id: 'praise-service', when: { kinds: ['建议', '表扬'] } })]) });
    expect(JSON.stringify(made?.body).indexOf('praise-service')).toBeLessThan(JSON.stringify(made?.body).indexOf('life-safety-to-item'));
  });

  it('turn days of the calendar by click and by key', async () => {
    const { page, site } = stage();
    await atDesk(page, site, '#/calendar');
    await page.getByRole('button', { name: '2026 年' }).waitFor();
    await draft(page, '国办通知');
    await page.getByRole('button', { name: '2027 年（推算）' }).click();
    await page.getByRole('button', { name: '2月4日，周四，工作日' }).click();
    await page.getByRole('button', { name: '2月4日，周四，放假' }).waitFor();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Space');
    await page.getByRole('button', { name: '2月6日，周六，调休上班' }).waitFor();
    await looksRight(page);
    await page.keyboard.press('Control+s');
    await page.getByText('已存草稿').waitFor();
    await page.getByRole('button', { name: '与在用版本的差别' }).click();
    await page.getByRole('list', { name: '差别' }).getByText('2027-02-06').waitFor();
  });

  it('read a flow and try it, without anything being kept but in the page', async () => {
    const { page, site, complaints } = stage();
    await atDesk(page, site, '#/flows/urge');
    await page.getByText('让您久等了').waitFor();
    await page.getByRole('button', { name: '第 2 行' }).click();
    await page.getByRole('region', { name: '源文件' }).getByText('sorry:').waitFor();
    await looksRight(page);
    await page.getByRole('link', { name: '试', exact: true }).click();
    await page.getByRole('button', { name: '开始' }).click();
    await page.getByRole('log').getByText('第 1 步').waitFor();
    await page.getByRole('log').getByRole('button', { name: '好的' }).click();
    await page.getByRole('log').getByText('第 2 步').waitFor();
    await page.getByRole('complementary', { name: '现在的状态' }).getByText('which').waitFor();
    expect(site.desk.rules.tried).toMatchObject([{ event: { type: 'enter' } }, { state: 'state-1', event: { type: 'message', text: '好的' } }]);
    await page.getByRole('button', { name: '退一步' }).click();
    expect(await page.getByRole('log').getByText('第 2 步').count()).toBe(0);
    await looksRight(page);
    expect(complaints).toEqual([]);
  });

  it('look up the trail by what stands in the address', async () => {
    const { page, site } = stage();
    await atDesk(page, site, '#/trail');
    await page.getByText('记录链完整').waitFor();
    await page.getByRole('combobox', { name: '操作', exact: true }).selectOption({ label: '查看身份' });
    expect(await page.evaluate(() => location.hash)).toBe('#/trail/action=identity.unmasked');
    await page.getByRole('cell', { name: '查看身份' }).waitFor();
    await page.getByRole('link', { name: '清除条件' }).click();
    expect(await page.getByRole('combobox', { name: '操作', exact: true }).inputValue()).toBe('');
    await looksRight(page);
  });
});
