import type { Page, WebSocketRoute } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { HOUR } from '../../src/domain/clock.ts';
import { until } from '../support/until.ts';
import type { BoardPicture } from '../../src/web/shared/board-types.ts';
import { seriousFaults } from './support/axe.ts';
import type { Site } from './support/site.ts';
import { fitsWidth, PHONE } from './support/looks.ts';
import { chromium, useStage } from './support/stage.ts';

const AT = Date.parse('2026-11-23T10:20:30+08:00');
const TOWNS = ['虎门', '长安', '厚街', '东城', '南城', '莞城', '滨海湾新区', '松山湖'];

const STORM: NonNullable<BoardPicture['storm']> = {
  level: 4, levels: 4, name: '风暴', since: AT - 600_000, began: AT - 900_000, load: 12.4, perFive: 4_216, normal: 340, learned: true, givesUp: ['typing', 'long-answers', 'rollups', 'background', 'suggestions'],
  cause: { signal: 'load', value: 12.4, limit: 10 }, pinned: null, waitMs: 420_000, groups: [{ id: 's1', title: '东城停电', count: 1_204, towns: ['东城', '万江'], answer: null, reply: '已转市供电局处理。' }],
};

function aPicture(received: number, at = AT): BoardPicture {
  const rate = (name: string, value: number | null, target: number | null) => ({ name, value, over: 9, under: 10, target });
  return {
    at, storm: null,
    counts: {
      asOf: at - 5_000, day: AT - 10 * HOUR, today: { received, begun: 40, opened: 31, closed: 12, urged: 1 }, yesterday: { received: 100, begun: 30, opened: 20 },
      channels: [{ channel: 'ivr-twilio', received: received - 20, begun: 30 }, { channel: 'webchat', received: 20, begun: 10 }],
      hours: Array.from({ length: 24 }, (_, index) => ({ at: AT - (23 - index) * HOUR, received: index * 3, opened: index, connected: index < 4 ? null : 0.97, prompt: index < 4 ? null : 0.82 })),
      service: [rate('connected', 0.9499, 0.95), rate('prompt', 0.82, 0.8), rate('contained', 0.61, 0.6)], waitMs: 11_000,
      quality: [rate('signed_on_time', 0.99, 0.98), rate('closed_on_time', null, 0.98), rate('solved', 0.93, 0.92), rate('satisfied', 0.96, 0.95)], ratings: 1_234,
      fields: [{ field: '公共服务', amount: 12 }, { field: '城市管理', amount: 8 }],
      towns: TOWNS.map((name, index) => ({ id: `t${index}`, name, amount: index * 2, row: index < 6 ? index % 3 : null, column: index < 6 ? Math.floor(index / 3) : null })),
      items: [{ code: 'env.noise', name: '建筑施工噪声扰民', amount: 9, hours: Array.from({ length: 24 }, (_, index) => index % 4) }],
      rising: [{ code: 'env.noise', name: '建筑施工噪声扰民', recent: 9, usual: 2.5 }], recentHours: 2,
    },
    states: {
      conversations: { bot: 21, waiting: 3, human: 14 }, groups: [{ id: 'general', name: '综合', waiting: 3, longestMs: 150_000 }, { id: 'english', name: '英语', waiting: 0, longestMs: null }],
      seats: { online: 7, busy: 12, 'wrap-up': 1, break: 2, away: 0, offline: 5 }, tickets: { byState: { 待签收: 6, 办理中: 40 }, overdue: 2 },
    },
  };
}

/** The wall with a server of the test's own at the other end of its socket. */
async function openWall(page: Page, site: Site, path = ''): Promise<{ readonly sockets: WebSocketRoute[]; readonly show: (picture: BoardPicture) => void }> {
  const sockets: WebSocketRoute[] = [];
  await page.routeWebSocket(/\/api\/board\/live/, (socket) => void sockets.push(socket));
  await page.goto(`${site.origin}/board/index.html${path}`);
  await until(async () => sockets.length > 0, 'a socket');
  return { sockets, show: (picture) => sockets.at(-1)?.send(JSON.stringify({ type: 'picture', picture })) };
}

describe.skipIf(chromium === null)('the data wall', () => {
  const stage = useStage();

  it('shows what it hears as it comes, keeps its figures when the line is cut, says so, and comes back', async () => {
    const { page, site, complaints } = stage();
    // Away, which is not a refusal.
    await page.route('**/api/board', (route) => route.abort());
    const { sockets, show } = await openWall(page, site);
    await page.getByText('正在连接').first().waitFor();
    show(aPicture(130));
    await page.getByText('实时').waitFor();
    const received = page.locator('.tile', { hasText: '今日来话消息' }).locator('strong');
    expect(await received.textContent()).toBe('130');
    expect(await page.locator('.tile', { hasText: '正在排队' }).textContent()).toMatch(/3最长等待 2分3\d秒/);
    // Never rounded up to its target; unknown is not nought.
    expect(await page.locator('.tile', { hasText: '人工接通率' }).textContent()).toMatch(/94\.9%目标 95% 未达标/);
    expect(await page.locator('.panel-quality li', { hasText: '按时办结率' }).textContent()).toBe('按时办结率—暂无数据');
    expect(await page.locator('.clock time').textContent()).toMatch(/^10:20:3\d$/);

    show(aPicture(131, AT + 2_000));
    await until(async () => (await received.textContent()) === '131', 'the next picture');

    await sockets.at(-1)?.close({ code: 4000 });
    await page.getByRole('alert').getByText('连接已断开').waitFor();
    expect(await page.getByRole('alert').textContent()).toContain('10:20:32');
    expect(await received.textContent()).toBe('131');
    await until(async () => sockets.length > 1, 'another try');
    show(aPicture(140, AT + 9_000));
    await until(async () => (await received.textContent()) === '140', 'the picture after the cut');
    expect(await page.getByRole('alert').count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  it.each([['深色', 1920, 1080, '?theme=dark'], ['浅色', 1366, 768, '?theme=light&lang=en']])('has no barrier and nothing beside the screen, on the wall and on a phone: %s', async (_name, width, height, path) => {
    const { page, site, complaints } = stage();
    const sizes = [{ width, height }, PHONE];
    const everywhere = async (what: string): Promise<void> => {
      for (const size of sizes.toReversed()) {
        await page.setViewportSize(size);
        expect([what, size.width, await fitsWidth(page)]).toEqual([what, size.width, true]);
        expect([what, size.width, await seriousFaults(page)]).toEqual([what, size.width, []]);
      }
    };
    await page.setViewportSize({ width, height });
    const { show } = await openWall(page, site, path);
    show(aPicture(130));
    await page.locator('.panel-rates canvas').waitFor();
    await everywhere('calm');
    // What is painted stands in a table for who cannot see it.
    for (const caption of path.includes('en') ? ['Last 24 hours', 'Top five fields today'] : ['近24小时', '今日前五领域', '各镇街今日登记工单']) expect(await page.getByRole('table', { name: caption, exact: true }).count()).toBe(1);
    // High time: a band above everything, and still nothing beside or below the screen.
    show({ ...aPicture(130, AT + 2_000), storm: STORM });
    await page.locator('.storm').waitFor();
    expect(await page.locator('.storm').textContent()).toMatch(/风暴.*4.*4.*12.4.*(正在输入提示|typing signs).*东城停电.*1,?204/s);
    await everywhere('storm');
    expect(await page.evaluate(() => [...document.querySelectorAll('.wall > *')].filter((part) => part.getBoundingClientRect().bottom > innerHeight + 1).length)).toBe(0);
    expect(complaints).toEqual([]);
  });

  it('says that nothing was counted, and who may not look', async () => {
    const { page, site } = stage();
    await page.route('**/api/board', (route) => route.fulfill({ status: 401, json: {} }));
    const { sockets, show } = await openWall(page, site);
    show({ ...aPicture(1), counts: null });
    await page.getByText('还没有统计结果').first().waitFor();
    expect(await page.locator('.tile', { hasText: '今日来话消息' }).locator('strong').textContent()).toBe('—');
    await sockets.at(-1)?.close({ code: 4401 });
    await page.getByRole('heading', { name: '没有查看大屏的权限' }).waitFor();
    expect(await page.locator('.wall').count()).toBe(0);
  });
});
