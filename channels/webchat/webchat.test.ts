import { createReadStream, existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { fileURLToPath } from 'node:url';
import type { BrowserContext, Page } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LiveEvent } from '../../src/channel/contract.ts';
import { findChromium, openProfile } from '../../test/support/chromium.ts';
import { PNG, startWebchat, type WebchatServer } from '../../test/support/webchat-server.ts';

/** Web Chat 4.18.1 in a real browser, its page on another origin than the API. */

const bundle = fileURLToPath(new URL('../../test/.cache/webchat.js', import.meta.url));
const executable = findChromium();
const lacking = executable === null ? 'no Chromium on PATH' : existsSync(bundle) ? null : 'no test/.cache/webchat.js; run sh test/support/fetch-webchat.sh';
if (lacking !== null) console.warn(`Web Chat in a browser is not tested: ${lacking}`);

/** Web Chat's own: a message without its echo is shown as failed after it. */
const SEND_TIMEOUT_MS = 20_000;

const page = (api: string): string => `<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>12345</title></head><body><div id="chat"></div>
<script src="/webchat.js"></script><script>
(async () => {
  const api = ${JSON.stringify(api)};
  const answer = await fetch(api + '/widget/token', { method: 'POST' });
  const { token } = await answer.json();
  window.store = WebChat.createStore();
  WebChat.renderWebChat({
    directLine: WebChat.createDirectLine({ token, domain: api + '/v3/directline' }),
    store: window.store, locale: 'zh-CN', username: '市民',
    styleOptions: { sendTimeout: ${SEND_TIMEOUT_MS}, sendTimeoutForAttachments: ${SEND_TIMEOUT_MS} },
  }, document.getElementById('chat'));
})();
</script></body></html>`;

interface Stage {
  readonly on: WebchatServer;
  readonly profile: BrowserContext;
  readonly view: Page;
  readonly web: Server;
}
let stage: Stage | undefined;

beforeEach(async () => {
  if (lacking !== null || executable === null) return;
  const on = await startWebchat({ listen: true });
  const web = createServer((request, response) => {
    if (request.url === '/webchat.js') return void createReadStream(bundle).pipe(response.writeHead(200, { 'content-type': 'text/javascript; charset=utf-8' }));
    if (request.url === '/') return void response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page(on.origin));
    response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
  const address = web.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const profile = await openProfile(executable);
  const view = await profile.newPage();
  // Its clock goes on by itself, and ahead when a test says so.
  await view.clock.install();
  stage = { on, profile, view, web };
  await view.goto(`http://127.0.0.1:${address.port}/`);
}, 60_000);

afterEach(async () => {
  await stage?.profile.close();
  await new Promise<void>((resolve) => {
    if (stage === undefined) return resolve();
    stage.web.closeAllConnections();
    stage.web.close(() => resolve());
  });
  await stage?.on.close();
  stage = undefined;
});

const box = (view: Page) => view.getByRole('textbox').first();

/** Plays the bot: answers each message of the one conversation. */
async function answerWith(on: WebchatServer, answer: (said: string, value: unknown, files: number) => Parameters<WebchatServer['ports']['say']>[1]): Promise<void> {
  await expect.poll(() => on.ports.conversations.size, { timeout: 20_000 }).toBe(1);
  const id = [...on.ports.conversations.keys()][0] ?? '';
  on.ports.subscribe(id, (event: LiveEvent) => {
    if (event.kind !== 'activity' || event.activity.direction !== 'in' || event.activity.content.type !== 'message') return;
    const { text, value, attachments } = event.activity.content;
    setImmediate(() => on.ports.say(id, answer(text, value, attachments?.length ?? 0)));
  });
}

describe('Web Chat in Chromium', () => {
  it('says text, presses a suggested answer, posts back, uploads 照片.png, and nothing fails', { timeout: 90_000 }, async (context) => {
    if (stage === undefined) return context.skip(lacking ?? undefined);
    const { on, view } = stage;
    await answerWith(on, (said, value, files) => {
      if (files > 0) return { type: 'message', text: '图片已收到。' };
      if (value !== undefined) return { type: 'message', text: '正在为您转接人工。' };
      if (said === '是的') return { type: 'message', text: '已登记，请放心。' };
      return { type: 'message', text: '请问是人民路小区吗？', choices: [{ title: '是', value: '是的' }, { title: '否', value: '不是' }] };
    });

    await box(view).fill('小区停水三天了');
    await box(view).press('Enter');
    await view.getByText('请问是人民路小区吗？').first().waitFor();
    await view.getByRole('toolbar').getByRole('button', { name: '是', exact: true }).click();
    await view.getByText('已登记，请放心。').first().waitFor();

    await view.evaluate("window.store.dispatch({ type: 'WEB_CHAT/SEND_POST_BACK', payload: { value: { handoff: true } } })");
    await view.getByText('正在为您转接人工。').first().waitFor();

    await view.locator('input[type=file]').first().setInputFiles({ name: '照片.png', mimeType: 'image/png', buffer: PNG });
    // The file is read before it counts; sent earlier, the words would go without it.
    await view.locator('.webchat__attachment-icon--checked').first().waitFor();
    await box(view).fill('现场照片');
    await box(view).press('Enter');
    await view.getByText('图片已收到。').first().waitFor();

    expect(on.ports.received.map(({ content }) => content)).toMatchObject([
      { type: 'message', text: '小区停水三天了' },
      { type: 'message', text: '是的' },
      { type: 'message', text: '', value: { handoff: true } },
      { type: 'message', text: '现场照片', attachments: [{ contentType: 'image/png', name: '照片.png', sizeBytes: PNG.length }] },
    ]);
    for (const { identity } of on.ports.received) expect(identity?.externalUserId).toMatch(/^dl_/);
    // Only after this time would a message without its echo be shown as failed.
    await view.clock.runFor(SEND_TIMEOUT_MS + 1500);
    expect(await view.getByText('发送失败').count()).toBe(0);
    expect(on.ports.duplicates()).toBe(0);
  });

  it('would show 发送失败 for a message that does not come back', { timeout: 60_000 }, async (context) => {
    if (stage === undefined) return context.skip(lacking ?? undefined);
    const { on, view } = stage;
    await answerWith(on, () => ({ type: 'message', text: '收到' }));
    await view.route(/\/activities$/, (route) =>
      route.request().method() === 'POST' ? route.fulfill({ status: 200, headers: { 'access-control-allow-origin': '*' }, contentType: 'application/json', body: '{"id":"lost|0000001"}' }) : route.continue(),
    );
    await box(view).fill('小区停水三天了');
    const taken = view.waitForResponse((response) => response.request().method() === 'POST' && response.url().endsWith('/activities'));
    await box(view).press('Enter');
    await taken;
    await view.clock.runFor(SEND_TIMEOUT_MS);
    await view.getByText('发送失败').first().waitFor({ timeout: 20_000 });
    expect(on.ports.received).toEqual([]);
  });
});
