import { describe, expect, it } from 'vitest';
import { seriousFaults } from './support/axe.ts';
import { createFakeDesk } from './support/fake-desk.ts';
import { fitsWidth } from './support/looks.ts';
import { chromium, useStage } from './support/stage.ts';

describe.skipIf(chromium === null)('the desk of a department in a browser', () => {
  const stage = useStage(() => createFakeDesk('department', Date.now));

  it('has tickets and nothing else: no queue, no socket, no presence', async () => {
    const { page, site, complaints } = stage();
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    page.on('websocket', (socket) => asked.push(new URL(socket.url()).pathname));
    await page.goto(`${site.origin}/desk`);
    await page.getByLabel('用户名').fill('zhang');
    await page.getByLabel('密码').fill('correct horse');
    await page.keyboard.press('Enter');
    await page.getByText('承办单位工作台').waitFor();
    await page.getByLabel('工单列表').waitFor();
    expect(await page.getByRole('navigation', { name: '页面' }).getByRole('link').allTextContents()).toEqual(['工单']);
    expect(await page.getByText('实时连接').count()).toBe(0);
    expect(await page.getByRole('switch', { name: '接待状态' }).count()).toBe(0);
    await page.getByLabel('工单列表').locator('.row').first().click();
    await page.getByRole('heading', { name: '诉求内容' }).waitFor();
    expect(await page.getByRole('link', { name: '看会话' }).count()).toBe(0);
    await page.getByText('已遮蔽').first().waitFor();
    expect(asked.filter((path) => /conversations|presence|live/.test(path))).toEqual([]);
    expect(await seriousFaults(page)).toEqual([]);
    await page.setViewportSize({ width: 390, height: 800 });
    expect(await fitsWidth(page)).toBe(true);
    expect(complaints).toEqual([]);
  });
});
