import type { Page, Route } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { until } from '../support/until.ts';
import { seriousFaults } from './support/axe.ts';
import { createFakeDesk } from './support/fake-desk.ts';
import { fitsWidth } from './support/looks.ts';
import { atDesk, chromium, useStage } from './support/stage.ts';

const AT = 1_760_000_000_000;
const INSPECTION = {
  id: 'i1', conversationId: 'c1', channel: 'webchat', modality: 'text', groupId: 'general', seatId: 's1', seatName: '陈静', fromSeq: 1, toSeq: 4, startedAt: AT, endedAt: AT + 60_000, rulesVersion: '1-abc', score: 55, automaticScore: 55, fatal: true, state: 'sampled',
  sampledFor: 'fatal', inspectorName: null, judgedAt: null, note: null, appealBy: null, appeal: null, appealedAt: null, rejudgedByName: null, rejudgement: null, finalAt: null, version: 1,
};
const OTHER = { ...INSPECTION, id: 'i2', seatName: '刘洋', score: 100, automaticScore: 100, fatal: false, state: 'automatic', sampledFor: null };
const COUNTS = { automatic: 1, sampled: 1, told: 0, appealed: 0, final: 0 };
const said = (seq: number, role: string, text: string) => ({ id: `a${seq}`, seq, direction: role === 'citizen' ? 'in' : 'out', role, seatId: role === 'seat' ? 's1' : null, seatName: role === 'seat' ? '陈静' : null, at: AT + seq * 1_000, replyToId: null, content: { type: 'message', text } });
const finding = (number: number, rule: string, ruleName: string, severity: string, seq: number, start: number, end: number, sentence: string, why: string) => ({ number, rule, ruleName, seatName: '陈静', severity, points: 15, seq, start, end, sentence, why, verdict: 'automatic' });
const DETAIL = {
  inspection: INSPECTION,
  findings: [finding(1, 'greeting', '开场问候', 'minor', 1, 0, 2, '说。', '坐席接入后的第一句话没有问候'), finding(2, 'banned', '服务禁语', 'fatal', 3, 1, 4, '你烦不烦，不知道。', '坐席说了服务禁语“烦不烦”')],
  activities: [said(1, 'seat', '说。'), said(2, 'citizen', '路灯坏了怎么办？'), said(3, 'seat', '你烦不烦，不知道。')],
  moves: ['judge'],
};
const RULE = { id: 'banned', name: '服务禁语', about: '不得辱骂', severity: 'fatal', points: 30, most: null, channels: [], modalities: [], active: true };
const RULES = { version: '1-abc', fatalAtMost: 59, appealWorkdays: 3, rules: [RULE], sampling: { share: 0.02, below: 60, fatal: true, dissatisfied: true, newSeats: { days: 30, share: 0.2 } }, versions: [{ version: '1-abc', since: AT }] };
const FIGURES = { inspections: 2, score: 77.5, fatal: 1, looked: 0, appealed: 0, changed: 0, rules: [{ rule: 'banned', ruleName: '服务禁语', findings: 1, right: null }], seats: [{ seatId: 's1', seatName: '陈静', inspections: 2, score: 77.5, fatal: 1, findings: { banned: 1 } }] };

/** Answers the server's routes, and keeps what was asked of them. */
async function answering(page: Page, answers: Readonly<Record<string, () => object>>): Promise<readonly { readonly key: string; readonly url: string; readonly body: unknown }[]> {
  const asked: { readonly key: string; readonly url: string; readonly body: unknown }[] = [];
  await page.route(/\/api\/(quality\/|groups)/, async (route: Route) => {
    const request = route.request();
    const url = new URL(request.url());
    const key = `${request.method()} ${url.pathname}`;
    const found = answers[key];
    if (found === undefined) return route.fallback();
    asked.push({ key, url: url.search, body: request.postData() === null ? null : (JSON.parse(request.postData() ?? 'null') as unknown) });
    return route.fulfill({ json: found() });
  });
  return asked;
}

describe.skipIf(chromium === null)('quality inspection at the desk', () => {
  const stage = useStage(() => createFakeDesk('supervisor', Date.now));

  it('is read with its evidence, gone through and judged by key', async () => {
    const { page, site, complaints } = stage();
    let judged = false;
    const asked = await answering(page, {
      'GET /api/quality/inspections': () => ({ inspections: [INSPECTION, OTHER], counts: COUNTS }),
      'GET /api/quality/inspections/i1': () => (judged ? { ...DETAIL, inspection: { ...INSPECTION, state: 'told', score: 70, version: 2, judgedAt: AT, inspectorName: '王班长', note: '注意语气' }, moves: [] } : DETAIL),
      'GET /api/quality/inspections/i2': () => ({ inspection: OTHER, findings: [], activities: [said(1, 'seat', '您好。')], moves: ['sample'] }),
      'POST /api/quality/inspections/i1/judge': () => ((judged = true), {}),
      'GET /api/quality/rules': () => RULES,
      'GET /api/quality/figures': () => FIGURES,
      'GET /api/groups': () => ({ groups: [{ id: 'general', name: '综合' }] }),
    });
    await atDesk(page, site, '#/quality');
    await page.getByRole('link', { name: /陈静/ }).click();
    await page.getByRole('heading', { name: '扣分项（2）' }).waitFor();
    expect(await page.locator('.said mark.fatal').innerText()).toBe('烦不烦');
    expect(await fitsWidth(page)).toBe(true);
    expect(await seriousFaults(page)).toEqual([]);
    await page.keyboard.press('n');
    await page.keyboard.press('n');
    await page.locator('.finding.current', { hasText: '服务禁语' }).waitFor();
    await page.keyboard.press('r');
    await page.getByRole('checkbox', { name: /开场问候/ }).uncheck();
    await page.getByRole('textbox', { name: /复核意见/ }).fill('注意语气');
    expect(await seriousFaults(page)).toEqual([]);
    await page.getByRole('dialog').getByRole('button', { name: '复核' }).click();
    await page.getByLabel('处理经过').getByText('注意语气').waitFor();
    expect(asked.find(({ key }) => key.endsWith('/judge'))?.body).toEqual({ version: 1, note: '注意语气', verdicts: [{ number: 1, stands: false }, { number: 2, stands: true }], added: [] });
    await page.getByRole('link', { name: /陈静/ }).focus();
    await page.keyboard.press('j');
    await page.getByText('没有扣分项').waitFor();
    await page.getByLabel('规则', { exact: true }).selectOption('banned');
    await until(async () => asked.some(({ key, url }) => key === 'GET /api/quality/inspections' && url.includes('rule=banned')), 'the narrowed list');
    expect(complaints).toEqual([]);
  });

  it('shows figures and rules', async () => {
    const { page, site, complaints } = stage();
    await answering(page, { 'GET /api/quality/rules': () => RULES, 'GET /api/quality/figures': () => FIGURES, 'GET /api/quality/rules/1-abc': () => ({ version: '1-abc', rules: { rules: ['服务禁语'] } }) });
    await atDesk(page, site, '#/quality/figures');
    await page.getByRole('cell', { name: '服务禁语 1', exact: true }).waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await page.locator('.quality-tabs').getByRole('link', { name: '规则' }).click();
    await page.getByText('满分 100 分').waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await page.getByRole('button', { name: '1-abc' }).click();
    await page.getByRole('dialog').getByText('服务禁语').waitFor();
    expect(complaints).toEqual([]);
  });
});
