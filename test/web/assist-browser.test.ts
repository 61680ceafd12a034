import type { Page, Route } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { AssistView } from '../../src/web/shared/assist-types.ts';
import { until } from '../support/until.ts';
import { seriousFaults } from './support/axe.ts';
import { createFakeDesk, type FakeDesk } from './support/fake-desk.ts';
import type { Site } from './support/site.ts';
import { fitsWidth } from './support/looks.ts';
import { atDesk, chromium, useStage } from './support/stage.ts';

const words = (seq: number, text: string, start = 0) => ({ seq, start, end: start + text.length, text });

const VIEW: AssistView = {
  conversationId: 'c1', version: 1, lastSeq: 2, drafts: true,
  knowledge: {
    asked: words(1, '楼下工地半夜还在打桩'), topic: null,
    hints: [
      { id: 'noise.site', question: '半夜工地施工噪音找谁', module: 'faq', answer: '可向生态环境部门反映，夜间施工须有证明。', voice: '可以向生态环境部门反映。', audience: 'public', department: '市生态环境局', source: '噪声污染防治法 第四十三条', sourceUrl: 'https://example.com/law', score: 0.82, matched: ['工地', '半夜'], why: '命中：工地、半夜；与库中问法相近', fresh: { state: 'ending', text: '2022-06-05 起生效，8 天后到期（2026-12-01）' } },
      { id: 'noise.desk', question: '夜间噪声坐席口径', module: 'desk', answer: '先问清声源，再登记。', voice: '先问清声源。', audience: 'desk', department: '市生态环境局', source: '业务指引', sourceUrl: null, score: 0.4, matched: ['工地'], why: '命中：工地', fresh: { state: 'valid', text: '2026-01-01 起生效' } },
    ],
  },
  dispatch: {
    items: [{ code: 'env.noise.construction', name: '建筑施工噪声扰民', field: '环境保护', score: 0.97, sure: true, matched: ['工地', '打桩'] }],
    department: { id: 'ecology', name: '市生态环境局' }, assistants: [], routeId: 'item', why: '没有特别规定的，派给事项自己的承办单位', because: [],
    deadline: { dueAt: 1, rule: 'demo/general', text: '2026年11月30日 17:30 前（演示时限：5个工作日）', lines: ['2026年11月23日 10:00 起算，时限5个工作日。'] },
  },
  form: {
    slots: [
      { name: 'kind', label: '类别', value: '投诉', shown: '投诉', confidence: 0.85, from: [words(1, '打桩', 8)], note: null },
      { name: 'itemCode', label: '事项', value: 'env.noise.construction', shown: '建筑施工噪声扰民', confidence: 0.97, from: [words(1, '工地', 2)], note: null },
      { name: 'title', label: '标题', value: '东城鸿福路工地半夜打桩', shown: '东城鸿福路工地半夜打桩', confidence: 0.75, from: [words(1, '楼下工地半夜还在打桩')], note: null },
      { name: 'content', label: '内容', value: '楼下工地半夜还在打桩。', shown: '楼下工地半夜还在打桩。', confidence: 0.85, from: [words(1, '楼下工地半夜还在打桩')], note: null },
      { name: 'townId', label: '镇街', value: 'dongcheng', shown: '东城街道', confidence: 0.9, from: [words(2, '东城')], note: '市民更正，先前说的是莞城街道' },
      { name: 'place', label: '地点', value: '鸿福路', shown: '鸿福路', confidence: 0.6, from: [words(2, '鸿福路')], note: null },
    ],
    details: [{ id: 'plate', label: '车牌', value: '粤S12345', from: [words(2, '粤S12345')] }],
  },
  questions: [{ id: 'when', ask: '请问是什么时候发生的？还在持续吗？', voice: '什么时候发生的？', why: '核查要对得上时间' }],
  mood: { level: 'angry', urgency: 'urgent', why: '情绪愤怒，紧急：愤怒（“气死”）', signs: [{ ...words(2, '气死'), id: 'rage', label: '愤怒' }] },
  alike: {
    complete: true, own: [],
    likes: [{ ticket: { id: 't2', number: '20261122000026', title: '工地夜间施工', state: '办理中', townName: '东城街道', place: '鸿福路', departmentName: '市生态环境局', createdAt: 1_760_000_000_000 }, score: 0.93, why: ['text', 'place'], words: '相同的词：工地、打桩；地点相同：鸿福路' }],
  },
  summary: [{ label: '诉求', text: '【投诉】楼下工地半夜还在打桩。', seqs: [1] }, { label: '要素', text: '镇街 东城街道；地点 鸿福路', seqs: [2] }],
};

/** Answers of the server's own routes, and how often each was asked. */
async function answering(page: Page): Promise<{ view: AssistView; readonly asked: { views: number; drafts: number } }> {
  const held = { view: VIEW, asked: { views: 0, drafts: 0 } };
  await page.route(/\/api\/conversations\/c1\/assist/, async (route: Route) => {
    if (route.request().method() === 'POST') {
      held.asked.drafts += 1;
      return route.fulfill({ json: { by: 'model', lines: [{ label: '诉求', text: '工地半夜打桩，待核实' }], note: null, model: 'test-model' } });
    }
    held.asked.views += 1;
    return route.fulfill({ json: held.view });
  });
  return held;
}

async function openAssist(page: Page, site: Site): Promise<void> {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin: site.origin });
  await atDesk(page, site, '#/assist/c1');
  await page.getByRole('region', { name: '坐席辅助' }).getByText('半夜工地施工噪音找谁').waitFor();
}

describe.skipIf(chromium === null)('agent assist at the desk', () => {
  let desk: FakeDesk;
  const stage = useStage(() => (desk = createFakeDesk('seat', Date.now)));
  const clipboard = (page: Page): Promise<string> => page.evaluate(() => navigator.clipboard.readText());

  it('shows what it thinks and why, and puts an answer or a question where it is wanted by one key', async () => {
    const { page, site, complaints } = stage();
    await answering(page);
    await openAssist(page, site);
    const panel = page.getByRole('region', { name: '坐席辅助' });
    for (const text of ['命中：工地、半夜；与库中问法相近', '即将到期', '情绪：愤怒', '市民更正，先前说的是莞城街道', '2026年11月30日 17:30 前（演示时限：5个工作日）', '相同：文字、地点。', '把握大']) await panel.getByText(text).first().waitFor();
    expect(await panel.getByRole('button', { name: '夜间噪声坐席口径', exact: true }).isDisabled()).toBe(true);
    expect(await seriousFaults(page)).toEqual([]);
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await seriousFaults(page)).toEqual([]);
    expect(await fitsWidth(page)).toBe(true);
    await page.keyboard.press('Alt+KeyD');
    await panel.getByText('已放入回复框，尚未发送').waitFor();
    await until(async () => (await clipboard(page)) === VIEW.knowledge.hints[0]?.answer, 'the answer');
    await page.keyboard.press('Alt+KeyQ');
    await until(async () => (await clipboard(page)) === VIEW.questions[0]?.ask, 'the question');
    expect(complaints).toEqual([]);
  });

  it('accepts one field by Enter, then all of them, into the form that opens the ticket', async () => {
    const { page, site, complaints } = stage();
    await answering(page);
    await openAssist(page, site);
    const panel = page.getByRole('region', { name: '坐席辅助' });
    const slot = panel.getByRole('button', { name: /地点.*鸿福路/ });
    await slot.focus();
    await page.keyboard.press('Enter');
    expect(await slot.getAttribute('aria-pressed')).toBe('true');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    expect(await panel.getByRole('button', { name: /镇街.*东城街道/ }).getAttribute('aria-pressed')).toBe('true');
    await page.keyboard.press('Alt+KeyF');
    const form = page.getByRole('form', { name: '开工单' });
    await form.getByText('已从会话填入').waitFor();
    expect(await form.getByRole('textbox', { name: '标题' }).inputValue()).toBe('东城鸿福路工地半夜打桩');
    expect(await form.getByRole('textbox', { name: '内容' }).inputValue()).toBe('楼下工地半夜还在打桩。车牌：粤S12345。');
    expect(await form.getByRole('radio', { name: '投诉' }).isChecked()).toBe(true);
    expect(await form.getByRole('combobox', { name: '镇街（园区）' }).inputValue()).toBe('dongcheng');
    await form.getByRole('button', { name: '登记并告知市民编号' }).click();
    await until(async () => desk.requests.some(({ method, path }) => method === 'POST' && path === '/api/conversations/c1/tickets'), 'the ticket');
    expect(desk.requests.find(({ method, path }) => method === 'POST' && path === '/api/conversations/c1/tickets')?.body).toMatchObject({ kind: '投诉', itemCode: 'env.noise.construction', townId: 'dongcheng', place: '鸿福路' });
    await form.waitFor({ state: 'detached' });
    // What was accepted is used up.
    expect(await panel.getByRole('button', { name: /地点.*鸿福路/ }).getAttribute('aria-pressed')).toBe('false');
    expect(complaints).toEqual([]);
  });

  it('reads itself again when the citizen says more, and asks for a draft on a click only', async () => {
    const { page, site, complaints } = stage();
    const held = await answering(page);
    await openAssist(page, site);
    await until(async () => held.asked.views > 0, 'the first look');
    held.view = { ...VIEW, lastSeq: 3, mood: { level: 'distress', urgency: 'emergency', why: '情绪危急，特急：轻生念头（“不想活了”）', signs: [{ ...words(3, '不想活了'), id: 'self-harm', label: '轻生念头' }] } };
    desk.hear('c1', '我不想活了');
    await page.getByText('情绪：危急').waitFor();
    expect(held.asked.drafts).toBe(0);
    await page.getByRole('button', { name: '请模型起草' }).click();
    await page.getByText('由模型 test-model 起草，未经核实，请看过再用').waitFor();
    expect(await page.locator('.drafted .chip').textContent()).toBe('草稿');
    expect(held.asked.drafts).toBe(1);
    expect(await seriousFaults(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });
});
