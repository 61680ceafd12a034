import type { Page, Route } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { until } from '../support/until.ts';
import { seriousFaults } from './support/axe.ts';
import { createFakeDesk } from './support/fake-desk.ts';
import { fitsWidth } from './support/looks.ts';
import { atDesk, chromium, useStage } from './support/stage.ts';

const BRIEF = { id: 't2', number: '2026112300002', title: '搅拌站噪声扰民', state: '办理中', itemName: '施工噪声', townName: '东城街道', place: '丽景花园3栋', departmentName: '市生态环境局', createdAt: 1_760_000_000_000, leadingId: null, version: 3 };
const NOTHING = { leading: null, followers: [], followerCount: 0, likes: [], proposals: [], complete: true };
const STORM = { id: 's1', title: '小区停电', itemCode: null, itemName: '停电', towns: ['东城街道', '南城街道'], leading: BRIEF, count: 4_812, firstAt: 1_760_000_000_000, lastAt: 1_760_003_600_000, state: 'open', answer: null, live: { series: [1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233], questions: 12, usual: 2 } };

const MODE = {
  storm: {
    level: 4, levels: 4, name: '风暴', since: 1_760_000_000_000, began: 1_760_000_000_000, load: 12.4, perFive: 4_216, normal: 340, learned: true, givesUp: ['typing', 'long-answers', 'rollups', 'background', 'suggestions'],
    cause: { signal: 'load', value: 12.4, limit: 6.5 }, pinned: null, waitMs: 420_000, groups: [{ id: 's1', title: '小区停电', count: 4_812, towns: ['东城', '南城'], answer: null, reply: '已转市供电局处理。' }],
  },
  history: [{ at: 1_760_000_000_000, from: 3, to: 4, load: 12.4, cause: { signal: 'load', value: 12.4, limit: 6.5 } }],
};

/** Answers of the server's own routes, and what was asked of them. */
async function answering(page: Page, answers: Readonly<Record<string, () => object>>): Promise<readonly { readonly key: string; readonly body: unknown }[]> {
  const asked: { readonly key: string; readonly body: unknown }[] = [];
  const answer = async (route: Route): Promise<void> => {
    const request = route.request();
    const key = `${request.method()} ${new URL(request.url()).pathname}`;
    const found = answers[key];
    if (found === undefined) return route.fallback();
    asked.push({ key, body: request.postData() === null ? null : (JSON.parse(request.postData() ?? 'null') as unknown) });
    return route.fulfill({ json: found() });
  };
  await page.route(/\/api\/(storms?\b|tickets\/t1\/)/, answer);
  return asked;
}

describe.skipIf(chromium === null)('duplicates at the desk', () => {
  const stage = useStage(() => createFakeDesk('supervisor', Date.now));

  it('shows why two tickets are alike, merges and takes apart', async () => {
    const { page, site, complaints } = stage();
    let merged = false;
    const asked = await answering(page, {
      'GET /api/tickets/t1/alike': () => (merged ? { ...NOTHING, leading: BRIEF } : { ...NOTHING, likes: [{ ticket: BRIEF, score: 0.93, why: ['text', 'place'], words: '相同的词：搅拌站；地点相同：丽景花园', refusal: null }] }),
      'POST /api/tickets/t1/merge': () => ((merged = true), {}),
      'POST /api/tickets/t1/unmerge': () => ((merged = false), {}),
    });
    await atDesk(page, site, '#/tickets/t1');
    await page.getByText('相同的词：搅拌站；地点相同：丽景花园').waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await page.getByRole('button', { name: '并入此单' }).click();
    await page.getByText('本单时限暂停').waitFor();
    expect(asked.find(({ key }) => key.endsWith('/merge'))?.body).toMatchObject({ leadingId: 't2', version: expect.any(Number) });
    await page.getByRole('button', { name: '拆分' }).click();
    await page.getByRole('button', { name: '并入此单' }).waitFor();
    expect(complaints).toEqual([]);
  });

  it('shows a storm live and answers it once', async () => {
    const { page, site, complaints } = stage();
    const asked = await answering(page, { 'GET /api/storm': () => MODE, 'POST /api/storm/pin': () => MODE, 'GET /api/storms': () => ({ storms: [STORM] }), 'POST /api/storms/s1/answer': () => ({ state: 'answered', leadingId: 't2' }) });
    await atDesk(page, site, '#/storms');
    await page.getByRole('heading', { name: /小区停电/ }).waitFor();
    // How pressed the house is, and what citizens hear until somebody writes the answer.
    const mode = page.getByRole('region', { name: '高峰模式' });
    await mode.getByText('每五分钟 4216 条，平时 340 条，12.4 倍').waitFor();
    expect(await mode.textContent()).toMatch(/4\/4 级 · 风暴.*来话多.*正在输入的提示、长答案.*约 7 分钟.*小区停电.*4812 件.*市民听到：已转市供电局处理。/s);
    await mode.getByRole('button', { name: '手动设级' }).click();
    await page.getByRole('combobox', { name: '级别' }).selectOption('0');
    await page.getByRole('dialog').getByRole('button', { name: '保存' }).click();
    await until(async () => asked.some(({ key }) => key === 'POST /api/storm/pin'), 'the hand');
    expect(asked.find(({ key }) => key.endsWith('/pin'))?.body).toEqual({ level: 0, minutes: 60 });
    await page.getByText('近一小时 608 件（其中咨询 12 件），平常约 2 件').waitFor();
    expect(await fitsWidth(page)).toBe(true);
    expect(await seriousFaults(page)).toEqual([]);
    await page.getByRole('button', { name: '统一答复' }).click();
    await page.getByRole('textbox', { name: /答复内容/ }).fill('正在抢修，今晚恢复。');
    await page.getByRole('dialog').getByRole('button', { name: '统一答复' }).click();
    await until(async () => asked.some(({ key }) => key === 'POST /api/storms/s1/answer'), 'the answer');
    expect(asked.find(({ key }) => key.endsWith('/answer'))?.body).toEqual({ text: '正在抢修，今晚恢复。' });
    expect(complaints).toEqual([]);
  });
});
