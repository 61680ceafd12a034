import type { Locator, Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { until } from '../support/until.ts';
import type { Site } from './support/site.ts';
import { fitsWidth, looksRight } from './support/looks.ts';
import { chromium, useStage } from './support/stage.ts';

const GREETING = { text: '您好，这里是 12345 智能客服。', suggestedActions: { actions: [{ type: 'imBack', title: '我要咨询', value: '我要咨询办事' }, { type: 'imBack', title: '我要投诉', value: '投诉' }] } };
const ANSWER = { text: '到居住地派出所办理：https://city.example/permit 。\n\n来源：《居住证暂行条例》', channelData: { source: { title: '居住证暂行条例', department: '市公安局', effectiveFrom: '2016-01-01' } } };

const conversationOf = (site: Site): string => [...site.directLine.conversations.keys()].at(-1) ?? '';
const box = (page: Page): Locator => page.getByRole('textbox', { name: '输入您的问题' });
const bubbles = (page: Page): Locator => page.locator('#yihu-widget .row .bubble');

/** Opens the panel on the demo page; the bot greets. */
async function openChat(page: Page, site: Site): Promise<string> {
  await page.goto(site.origin);
  await page.getByRole('button', { name: '12345 智能客服 打开对话窗口' }).click();
  await page.getByText('在线 · 智能客服为您服务').waitFor();
  const id = conversationOf(site);
  site.directLine.say(id, 'yihu', GREETING);
  await page.getByText('这里是 12345 智能客服').waitFor();
  return id;
}

describe.skipIf(chromium === null)('the widget in a browser', () => {
  const stage = useStage();

  it('asks and answers under a policy without unsafe-inline, with source, link and choices', async () => {
    const { page, site, complaints } = stage();
    const id = await openChat(page, site);
    site.directLine.onCitizen = () => site.directLine.say(id, 'yihu', ANSWER);
    await box(page).fill('居住证怎么办理？');
    await page.keyboard.press('Enter');
    await page.getByText('市公安局 · 2016-01-01 起施行').waitFor();
    expect(await page.getByText('来源：').count()).toBe(0);
    expect(await page.getByRole('link', { name: /city\.example/ }).getAttribute('href')).toBe('https://city.example/permit');
    expect(await box(page).inputValue()).toBe('');
    // The choices of an earlier question are gone once something was said.
    expect(await page.getByRole('button', { name: '我要投诉' }).count()).toBe(0);
    expect(site.directLine.citizenTexts(id)).toEqual(['居住证怎么办理？']);
    expect(complaints).toEqual([]);
  });

  it('sends what a pressed choice stands for and keeps the focus in the chat', async () => {
    const { page, site } = stage();
    const id = await openChat(page, site);
    await page.getByRole('button', { name: '我要咨询' }).click();
    await until(async () => site.directLine.citizenTexts(id).length === 1);
    expect(site.directLine.citizenTexts(id)).toEqual(['我要咨询办事']);
    expect(await box(page).evaluate((element) => element.matches(':focus'))).toBe(true);
  });

  it('has a person one press away and tells when one is there', async () => {
    const { page, site } = stage();
    const id = await openChat(page, site);
    await page.getByRole('button', { name: '转人工坐席' }).click();
    await until(async () => site.directLine.citizenTexts(id).includes('人工'));
    site.directLine.say(id, 'system', { type: 'event', name: 'handoff.status', value: { state: 'accepted' } });
    await page.getByText('人工坐席已接入').waitFor();
    site.directLine.flash(id, 'seat', { type: 'typing' });
    await page.getByText('人工坐席正在输入').waitFor({ state: 'attached' });
    site.directLine.say(id, 'seat', { text: '请讲' });
    await page.getByText('在线 · 人工坐席为您服务').waitFor();
    expect(await page.locator('.typing').isVisible()).toBe(false);
    expect(await page.getByRole('button', { name: '转人工坐席' }).isEnabled()).toBe(true);
  });

  it('can be used by keyboard alone: Enter, Shift+Enter, Tab stays inside, Esc gives the focus back', async () => {
    const { page, site } = stage();
    const id = await openChat(page, site);
    await box(page).fill('第一行');
    await page.keyboard.press('Shift+Enter');
    await page.keyboard.type('第二行');
    await page.keyboard.press('Enter');
    await until(async () => site.directLine.citizenTexts(id).length === 1);
    expect(site.directLine.citizenTexts(id)).toEqual(['第一行\n第二行']);
    for (let press = 0; press < 20; press += 1) {
      await page.keyboard.press(press % 2 === 0 ? 'Tab' : 'Shift+Tab');
      await page.keyboard.press('Tab');
      expect(await page.evaluate(() => document.activeElement?.id)).toBe('yihu-widget');
    }
    await page.keyboard.press('Escape');
    expect(await page.getByRole('button', { name: '12345 智能客服' }).evaluate((element) => element.matches(':focus'))).toBe(true);
  });

  it('does not send while an input method is composing', async () => {
    const { page, site } = stage();
    const id = await openChat(page, site);
    await box(page).focus();
    const input = await page.context().newCDPSession(page);
    await input.send('Input.imeSetComposition', { text: 'juzhuzheng', selectionStart: 10, selectionEnd: 10 });
    await box(page).evaluate((element) => element.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', isComposing: true, bubbles: true, cancelable: true })));
    await box(page).evaluate((element) => element.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', keyCode: 229, bubbles: true, cancelable: true })));
    await input.send('Input.insertText', { text: '居住证' });
    expect(await box(page).inputValue()).toBe('居住证');
    await page.keyboard.press('Enter');
    await until(async () => site.directLine.citizenTexts(id).length > 0);
    expect(site.directLine.citizenTexts(id)).toEqual(['居住证']);
  });

  it('goes on after a reload: the panel is open, every line is there once', async () => {
    const { page, site } = stage();
    const id = await openChat(page, site);
    await box(page).fill('刷新前');
    await page.keyboard.press('Enter');
    await until(async () => site.directLine.citizenTexts(id).length === 1);
    await page.reload();
    await page.getByText('刷新前').waitFor();
    site.directLine.say(id, 'yihu', { text: '刷新后' });
    await page.getByText('刷新后').waitFor();
    expect(await bubbles(page).allTextContents()).toEqual(['您好，这里是 12345 智能客服。', '刷新前', '刷新后']);
    expect(site.directLine.conversations.size).toBe(1);
  });

  it('says that the network is gone, keeps what is written and sends it later', async () => {
    const { page, site } = stage();
    const id = await openChat(page, site);
    await page.context().setOffline(true);
    await page.getByText('网络已断开，您发送的内容会在恢复后自动送出').waitFor();
    await box(page).fill('断网时写的');
    await page.keyboard.press('Enter');
    await page.getByText('等待发送').waitFor();
    await page.context().setOffline(false);
    await until(async () => site.directLine.citizenTexts(id).length === 1);
    await page.getByText('等待发送').waitFor({ state: 'detached' });
    expect(await page.locator('.banner').isVisible()).toBe(false);
  });

  describe('scrolling', () => {
    const LONG = Array.from({ length: 60 }, (_unused, line) => `第${line + 1}条：受理后在承诺期限内办结。`).join('\n');
    /** Where a bubble's edges lie in the log's window: 0 is its top, 1 its bottom. */
    const edges = async (page: Page, words: string): Promise<{ readonly top: number; readonly bottom: number }> =>
      page.locator('#yihu-widget .row', { hasText: words }).last().evaluate((row) => {
        const frame = row.closest('.log')?.getBoundingClientRect() ?? new DOMRect();
        const { top, bottom } = row.getBoundingClientRect();
        return { top: (top - frame.top) / frame.height, bottom: (bottom - frame.top) / frame.height };
      });
    const inSight = (place: number): boolean => place >= 0 && place <= 1;
    const pill = (page: Page): Locator => page.getByRole('button', { name: '有新消息' });

    it('begins a long answer at its beginning, and tells that it goes on', async () => {
      const { page, site } = stage();
      const id = await openChat(page, site);
      await box(page).fill('怎么办理？');
      await page.keyboard.press('Enter');
      await until(async () => site.directLine.citizenTexts(id).length === 1);
      site.directLine.say(id, 'yihu', { text: `长答复\n${LONG}` });
      site.directLine.say(id, 'yihu', { text: '请问帮到您了吗？' });
      await page.getByText('请问帮到您了吗').waitFor({ state: 'attached' });
      await until(async () => inSight((await edges(page, '长答复')).top));
      expect((await edges(page, '长答复')).bottom).toBeGreaterThan(1);
      expect((await edges(page, '请问帮到您了吗')).top).toBeGreaterThan(1);
      await pill(page).click();
      await until(async () => inSight((await edges(page, '请问帮到您了吗')).bottom));
      expect(await pill(page).isVisible()).toBe(false);
      // Now at the end again: what comes next is followed, and a smaller window does not lead back.
      await page.setViewportSize({ width: 1000, height: 500 });
      await until(async () => inSight((await edges(page, '请问帮到您了吗')).bottom));
    });

    it('follows short messages to the end and leaves a reader of older lines alone', async () => {
      const { page, site } = stage();
      const id = await openChat(page, site);
      for (let round = 1; round <= 12; round += 1) {
        await box(page).fill(`问题${round}。`);
        await page.keyboard.press('Enter');
        await until(async () => site.directLine.citizenTexts(id).length === round);
        site.directLine.say(id, 'yihu', { text: `回答${round}。` });
        await page.getByText(`回答${round}。`).waitFor();
        await until(async () => inSight((await edges(page, `回答${round}。`)).bottom));
      }
      const log = page.locator('#yihu-widget .log');
      await log.evaluate((element) => void (element.scrollTop = 0));
      await until(async () => (await edges(page, '回答12。')).top > 1);
      site.directLine.say(id, 'yihu', { text: '又来了一条' });
      await pill(page).waitFor();
      expect(await log.evaluate((element) => element.scrollTop)).toBe(0);
    });

    it('begins at the answer that came while the window was closed', async () => {
      const { page, site } = stage();
      const id = await openChat(page, site);
      await page.keyboard.press('Escape');
      site.directLine.say(id, 'yihu', { text: `关着时的答复\n${LONG}` });
      await page.getByRole('button', { name: /未读/ }).click();
      await page.getByText('关着时的答复').waitFor();
      await until(async () => inSight((await edges(page, '关着时的答复')).top));
      expect((await edges(page, '关着时的答复')).bottom).toBeGreaterThan(1);
    });
  });

  it('shows hostile text as text', async () => {
    const { page, site, complaints } = stage();
    const id = await openChat(page, site);
    const hostile = '<img src=x onerror="document.title=\'hacked\'"> <a href="javascript:alert(1)">点我</a> javascript:alert(1)';
    site.directLine.say(id, 'yihu', { text: hostile, suggestedActions: { actions: [{ type: 'openUrl', title: '坏按钮', value: 'javascript:alert(1)' }] } });
    await page.getByText('<img src=x').waitFor();
    expect(await bubbles(page).last().textContent()).toBe(hostile);
    expect(await page.locator('#yihu-widget a[href^="javascript"], #yihu-widget .bubble img').count()).toBe(0);
    expect(await page.getByText('坏按钮').count()).toBe(0);
    expect(await page.title()).toContain('演示');
    expect(complaints).toEqual([]);
  });

  it('sends a picture with a preview and refuses other files before they leave', async () => {
    const { page, site, complaints } = stage();
    const id = await openChat(page, site);
    const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
    await page.locator('#yihu-widget input[type=file]').setInputFiles({ name: '照片.png', mimeType: 'image/png', buffer: png });
    await until(async () => site.directLine.requests.some((request) => request.path.includes('/upload')));
    expect(await page.locator('#yihu-widget .media img').getAttribute('alt')).toBe('照片.png');
    await page.locator('#yihu-widget input[type=file]').setInputFiles({ name: 'a.svg', mimeType: 'image/svg+xml', buffer: Buffer.from('<svg/>') });
    await page.getByText('只能发送图片').waitFor();
    expect(site.directLine.requests.filter((request) => request.path.includes('/upload'))).toHaveLength(1);
    expect(site.directLine.citizenTexts(id)).toEqual(['']);
    expect(complaints).toEqual([]);
  });

  it('counts long texts and does not cut or send one that is too long', async () => {
    const { page, site } = stage();
    const id = await openChat(page, site);
    await box(page).fill('长'.repeat(1003));
    await page.getByText('1003/1000').waitFor();
    await page.keyboard.press('Enter');
    await page.getByText('超出 3 字').waitFor();
    expect((await box(page).inputValue()).length).toBe(1003);
    expect(site.directLine.citizenTexts(id)).toEqual([]);
  });

  it('shows on its button what arrived while it was closed', async () => {
    const { page, site } = stage();
    const id = await openChat(page, site);
    await page.keyboard.press('Escape');
    site.directLine.say(id, 'seat', { text: '您好，我是坐席' });
    await page.getByRole('button', { name: '12345 智能客服 1 条未读消息，打开对话窗口' }).click();
    await page.getByText('您好，我是坐席').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: '12345 智能客服 打开对话窗口', exact: true }).waitFor();
  });

  it('remembers large text and language, and keeps what is being written when the language changes', async () => {
    const { page, site } = stage();
    await openChat(page, site);
    await page.getByRole('button', { name: '大字版' }).click();
    await box(page).fill('写到一半');
    await page.getByRole('button', { name: 'EN: switch to English' }).click();
    expect(await page.getByRole('textbox', { name: 'Your question' }).inputValue()).toBe('写到一半');
    await page.reload();
    await page.getByRole('button', { name: 'A+: large text', pressed: true }).waitFor();
    expect(await page.locator('#yihu-widget .root').evaluate((element) => getComputedStyle(element).fontSize)).toBe('20px');
  });

  it('fills a phone’s screen', async () => {
    const { page, site } = stage();
    await page.setViewportSize({ width: 360, height: 640 });
    await openChat(page, site);
    expect(await page.locator('#yihu-widget .panel').boundingBox()).toEqual({ x: 0, y: 0, width: 360, height: 640 });
    expect(await page.getByRole('dialog').getAttribute('aria-modal')).toBe('true');
    expect(await fitsWidth(page)).toBe(true);
  });

  it('takes its settings from the script tag on any page and is asked from it', async () => {
    const { page, site } = stage();
    const host = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>City</title></head><body><button data-yihu-ask="How do I apply?">Ask</button><script src="${site.origin}/widget.js" data-endpoint="${site.origin}" data-lang="en" data-title="City Help" data-color="#ffd76b"></script><script src="${site.origin}/widget.js"></script></body></html>`;
    await page.route('**/host.html', (route) => route.fulfill({ contentType: 'text/html; charset=utf-8', body: host }));
    await page.goto(`${site.origin}/host.html`);
    expect(await page.locator('#yihu-widget').count()).toBe(1);
    await page.getByRole('button', { name: 'Ask' }).click();
    await page.getByRole('dialog', { name: 'City Help' }).waitFor();
    await until(async () => site.directLine.citizenTexts(conversationOf(site)).length === 1);
    expect(site.directLine.citizenTexts(conversationOf(site))).toEqual(['How do I apply?']);
    expect(await page.locator('#yihu-widget header').evaluate((element) => [getComputedStyle(element).backgroundColor, getComputedStyle(element).color])).toEqual(['rgb(255, 215, 107)', 'rgb(17, 17, 17)']);
  });

  it('has no serious accessibility fault, closed and open', async () => {
    const { page, site } = stage();
    const everywhere = (what: string): Promise<void> => looksRight(page, what, [{ width: 1280, height: 800 }, { width: 360, height: 800 }]);
    await page.goto(site.origin);
    await everywhere('closed');
    const id = await openChat(page, site);
    await box(page).fill('你好');
    await page.keyboard.press('Enter');
    await until(async () => site.directLine.citizenTexts(id).length === 1);
    site.directLine.say(id, 'yihu', { ...ANSWER, suggestedActions: GREETING.suggestedActions });
    site.directLine.say(id, 'system', { type: 'event', name: 'handoff.status', value: { state: 'accepted' } });
    site.directLine.say(id, 'seat', { text: '请讲' });
    await page.getByText('请讲').waitFor();
    await everywhere('open');
  });
});
