import { createServer, type Server } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { groupTicketNumber, isTicketNumber } from '../../src/domain/ticket-number.ts';
import type { Ticket } from '../../src/domain/ticket.ts';
import { citizenAt, openWorld, pictureWidth, whyNoBrowser, type CitizenAtPage, type World } from '../support/browser.ts';
import { PNG } from '../support/webchat-server.ts';
import { looksRight } from '../web/support/looks.ts';

/** A citizen in a real browser at the whole house: its pages as built, its flows and knowledge, its store. */

if (whyNoBrowser !== null) console.warn(`The house is not tried in a browser: ${whyNoBrowser}`);

const COMPLAINT = '东城鸿福路万科工地昨晚十一点还在施工，吵得睡不着';

describe.skipIf(whyNoBrowser !== null)('a citizen at the house', () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld();
  });
  afterEach(async () => {
    await world.leave();
    expect(world.complaints).toEqual([]);
  });
  afterAll(() => world?.close());

  const ticketIn = async (text: string): Promise<Ticket> => {
    const number = (text.match(/20\d{12}/g) ?? []).find(isTicketNumber);
    const ticket = number === undefined ? null : await world.story.house.store.read((repos) => repos.tickets.findByNumber(number));
    if (ticket === null) throw new Error(`no ticket in: ${text}`);
    return ticket;
  };
  const opened = async (): Promise<CitizenAtPage> => {
    const citizen = await world.citizen();
    await citizen.open();
    return citizen;
  };

  it('asks and is answered with the source', async () => {
    const citizen = await opened();
    await citizen.say('居住证怎么办');
    const answer = citizen.from('bot', '居住登记');
    await answer.waitFor();
    expect(await answer.locator('.source').textContent()).toMatch(/依据：《居住证暂行条例》.*市公安局.*2016-01-01 起施行/);
    // The line is there for the eye too, not only in the document.
    expect(await answer.locator('.source').isVisible()).toBe(true);
    await citizen.page.getByRole('button', { name: '有帮助' }).click();
    await citizen.from('bot', '很高兴帮到您').waitFor();
  });

  it('complains in one breath, is asked only for what is missing, gets a number, asks how it stands, and loses nothing by a reload', async () => {
    const citizen = await opened();
    await citizen.say(COMPLAINT);
    await citizen.from('bot', '请留个手机号').waitFor();
    await citizen.say('13800138000，我姓李');
    const summary = citizen.from('bot', '请问对吗');
    await summary.waitFor();
    expect(await summary.textContent()).toMatch(/类别：投诉\s+内容：.*万科工地.*\s+地点：东城街道鸿福路\s+时间：昨晚十一点\s+电话：尾号8000/);
    await citizen.page.getByRole('button', { name: /^(对|是|没错|正确)/ }).click();
    const done = citizen.from('bot', '已经登记好了');
    await done.waitFor();
    const ticket = await ticketIn((await done.textContent()) ?? '');
    expect(ticket).toMatchObject({ kind: '投诉', townId: 'dongcheng', itemCode: 'env.noise.construction', channel: 'webchat' });
    // Complaint, question for the number, number, summary, yes, ticket: nothing else was asked for.
    const said = await citizen.lines();
    expect(said.slice(said.indexOf(COMPLAINT))).toHaveLength(6);

    await citizen.say('我的投诉办得怎么样了');
    // One ticket: there is nothing to choose.
    const told = citizen.from('bot', `工单 ${groupTicketNumber(ticket.number)}`);
    await told.waitFor();
    expect(await told.textContent()).toMatch(/市生态环境局，等待签收/);
    await citizen.from('bot', '要补充内容还是催一下').waitFor();

    const lines = await citizen.lines();
    // The number is masked wherever it is shown, to the citizen as well.
    expect(lines.join('\n')).toContain('138****8000');
    expect(lines.join('\n')).not.toContain('13800138000');
    await citizen.page.reload();
    await citizen.from('bot', '要补充内容还是催一下').waitFor();
    expect(await citizen.lines()).toEqual(lines);
    await citizen.page.getByRole('button', { name: '催办' }).click();
    await citizen.from('bot', '已经催办').waitFor();
    expect((await ticketIn(ticket.number)).urges).toBe(1);
    expect((await citizen.lines()).slice(0, lines.length)).toEqual(lines);
  });

  it('says 人工 when nobody is there, and gets a ticket with a promised callback', async () => {
    const citizen = await opened();
    await citizen.page.getByRole('button', { name: '转人工坐席' }).click();
    await citizen.from('bot', '都不在线').waitFor();
    await citizen.from('bot', '是什么事').waitFor();
    await citizen.say('想跟工作人员当面说说邻居违建');
    await citizen.from('bot', '能打通的电话').waitFor();
    await citizen.say('13800138001');
    const filed = citizen.from('bot', '给您回电');
    await filed.last().waitFor();
    const ticket = await ticketIn((await filed.last().textContent()) ?? '');
    expect(ticket.callback).toBe(true);
    expect(ticket.content).toContain('邻居违建');
    expect(await world.story.house.store.read((repos) => repos.conversations.counts())).toMatchObject({ waiting: 0 });
  });

  it('uses the widget by keyboard alone', async () => {
    const { page, box, from } = await world.citizen();
    const launcher = page.getByRole('button', { name: '12345 智能客服' });
    const focused = (): Promise<boolean> => launcher.evaluate((element) => element.matches(':focus'));
    await launcher.waitFor();
    for (let press = 0; press < 100 && !(await focused()); press += 1) await page.keyboard.press('Tab');
    expect(await focused()).toBe(true);
    await page.keyboard.press('Enter');
    await from('bot', '您好，这里是12345').waitFor();
    expect(await box.evaluate((element) => element.matches(':focus'))).toBe(true);
    await page.keyboard.type('社保卡丢了怎么办');
    await page.keyboard.press('Enter');
    const helped = page.getByRole('button', { name: '有帮助' });
    await helped.waitFor();
    for (let press = 0; press < 30 && !(await helped.evaluate((element) => element.matches(':focus'))); press += 1) await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await from('bot', '很高兴帮到您').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await focused()).toBe(true);
    await page.keyboard.press('Enter');
    await from('bot', '很高兴帮到您').waitFor();
  });

  it('sends a picture', async () => {
    const citizen = await opened();
    await citizen.page.locator('#yihu-widget input[type=file]').setInputFiles({ name: '照片.png', mimeType: 'image/png', buffer: PNG });
    const shown = citizen.page.locator('#yihu-widget .row.citizen img');
    await shown.waitFor();
    await citizen.from('bot').nth(1).waitFor();
    await citizen.page.reload();
    await shown.waitFor();
    expect(await shown.getAttribute('alt')).toBe('照片.png');
    // After a reload the picture is the server's.
    expect(await pictureWidth(shown)).toBe(1);
    expect(await shown.getAttribute('src')).toContain('/media/');
  });

  it('meets no serious barrier in light, in dark and on a phone', async () => {
    const citizen = await world.citizen({ colorScheme: 'light', reducedMotion: 'reduce' });
    await citizen.open();
    await citizen.say('居住证怎么办');
    await citizen.page.getByRole('button', { name: '有帮助' }).waitFor();
    await looksRight(citizen.page, 'an answer', [{ width: 1366, height: 768 }, { width: 375, height: 768 }]);
  });

  describe('on another site’s page', () => {
    let site: Server;
    let address: string;
    beforeAll(async () => {
      site = createServer((_request, response) => {
        response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(`<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>某区政府</title></head><body><h1>某区政府</h1><script src="${world.story.url}/widget.js" async></script></body></html>`);
      });
      await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
      const bound = site.address();
      // Another host name as well as another port: to the browser it is another site.
      address = `http://localhost:${typeof bound === 'object' ? bound?.port : ''}/`;
    });
    afterAll(
      () =>
        new Promise<void>((resolve) => {
          site.close(() => resolve());
          site.closeAllConnections();
        }),
    );

    it('works by one script tag: asks, is answered, sends a picture and comes back', async () => {
      const citizen = citizenAt(await world.page());
      await citizen.page.goto(address);
      await citizen.open();
      await citizen.say('公积金怎么提取');
      await citizen.from('bot', '请问帮到您了吗').waitFor();
      expect(await citizen.page.locator('#yihu-widget .source').count()).toBe(1);
      await citizen.page.getByText('在线 · 智能客服为您服务').waitFor();
      await citizen.page.locator('#yihu-widget input[type=file]').setInputFiles({ name: '照片.png', mimeType: 'image/png', buffer: PNG });
      await citizen.from('bot').nth(3).waitFor();
      const lines = await citizen.lines();
      await citizen.page.reload();
      await citizen.from('bot').nth(3).waitFor();
      expect(await citizen.lines()).toEqual(lines);
      expect(await pictureWidth(citizen.page.locator('#yihu-widget .row.citizen img'))).toBe(1);
      // The other site gets none of the house's cookies or storage, only its own.
      expect(await citizen.page.context().cookies()).toEqual([]);
    });
  });
});
