import type { Page, Route } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openWorld, pictureWidth, whyNoBrowser, type CitizenAtPage, type SeatAtDesk, type World } from '../support/browser.ts';
import { PNG } from '../support/webchat-server.ts';
import { seriousFaults } from '../web/support/axe.ts';

/** Citizens and seats in real browsers, talking to each other through the whole house. */

if (whyNoBrowser !== null) console.warn(`The desk is not tried in a browser: ${whyNoBrowser}`);

const COMPLAINT = '东城鸿福路万科工地昨晚十一点还在施工，吵得睡不着';

describe.skipIf(whyNoBrowser !== null)('citizens and seats', () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld();
  });
  afterEach(async () => {
    await world.leave();
    // Who was being served is served no more: the next test finds an empty queue.
    const desk = await world.admin();
    const { conversations } = await desk.get<{ conversations: { id: string; owner: string }[] }>('/api/conversations?view=all&limit=100');
    for (const { id, owner } of conversations) {
      if (owner === 'closed') continue;
      if (owner === 'human') await desk.send('POST', `/api/conversations/${id}/take`, { force: true });
      await desk.send('POST', `/api/conversations/${id}/close`);
    }
    expect(world.complaints).toEqual([]);
    expect(await world.story.house.store.read((repos) => repos.outbox.dead(10))).toEqual([]);
  });
  afterAll(() => world?.close());

  const asksForPerson = async (...first: string[]): Promise<CitizenAtPage> => {
    const citizen = await world.citizen();
    await citizen.open();
    for (const text of first) {
      const before = await citizen.from('bot').count();
      await citizen.say(text);
      await citizen.from('bot').nth(before).waitFor();
    }
    await citizen.page.getByRole('button', { name: '转人工坐席' }).click();
    await citizen.from('bot', '正在为您转接工作人员').waitFor();
    await citizen.page.getByText('在线 · 正在转接人工').waitFor();
    return citizen;
  };
  /** A seat and the citizen whose conversation it has taken. */
  const together = async (): Promise<{ seat: SeatAtDesk; citizen: CitizenAtPage }> => {
    const seat = await world.seat();
    const citizen = await asksForPerson();
    await seat.take();
    await citizen.notice('人工坐席已接入').waitFor();
    return { seat, citizen };
  };

  it('a person takes over, both talk, a ticket is opened, the bot gets the conversation back', async () => {
    const seat = await world.seat();
    const citizen = await asksForPerson(COMPLAINT, '13800138000');

    // The queue tells why and since when; the conversation what was said and understood.
    const waiting = seat.row('138****8000');
    await waiting.waitFor();
    expect(await waiting.textContent()).toMatch(/网页.*等 .*(秒|分|:).*市民/);
    await waiting.click();
    await seat.line('万科工地').first().waitFor();
    await seat.line('请问对吗').waitFor();
    const understood = seat.page.locator('.context .slots').first();
    expect(await understood.textContent()).toMatch(/东城街道鸿福路.*昨晚十一点/);
    await seat.page.getByText('接管之后才能回复').waitFor();
    await seat.button('接管').click();
    await citizen.notice('人工坐席已接入').waitFor();

    await seat.box.pressSequentially('您好');
    await citizen.page.locator('#yihu-widget .typing').waitFor();
    expect(await citizen.page.locator('#yihu-widget .typing').textContent()).toContain('人工坐席正在输入');
    await seat.reply('您好，我是坐席，正在看您反映的工地噪声');
    await citizen.from('seat', '正在看您反映的工地噪声').waitFor();
    await citizen.page.getByText('在线 · 人工坐席为您服务').waitFor();
    await citizen.box.pressSequentially('好');
    await seat.page.getByText('市民正在输入').waitFor();
    await citizen.say('好的，他们现在还在打桩');
    await seat.line('他们现在还在打桩').waitFor();
    await seat.row('138****8000').locator('.count').waitFor({ state: 'detached' });

    await seat.button('开工单').click();
    const form = seat.page.getByRole('form', { name: '开工单' });
    expect(await form.getByRole('combobox', { name: '事项' }).inputValue()).toBe('建筑施工噪声扰民');
    expect(await form.getByLabel('地点').inputValue()).toContain('鸿福路');
    await form.getByLabel('承诺回电').check();
    await form.getByRole('button', { name: '登记并告知市民编号' }).click();
    await citizen.from('system', /已为您登记工单，编号 20\d{12}/).waitFor();
    await seat.page.getByRole('tab', { name: '工单（1）' }).waitFor();

    const identity = seat.page.locator('.identity');
    expect(await identity.textContent()).toContain('138****8000');
    await seat.button('查看').click();
    const dialog = seat.page.getByRole('dialog', { name: '查看市民身份' });
    await dialog.getByLabel('用途').selectOption({ index: 1 });
    await dialog.getByLabel('说明').fill('核对回拨号码');
    await dialog.getByRole('button', { name: '查看 60 秒' }).click();
    await identity.getByText('13800138000').waitFor();
    await seat.button('立即遮蔽').click();
    await identity.getByText('138****8000').waitFor();
    const { entries, brokenAt } = await (await world.admin()).get<{ entries: { action: string; purpose: string | null }[]; brokenAt: number | null }>('/api/trail');
    expect(entries.find((entry) => entry.action === 'identity.unmasked')?.purpose).toContain('核对回拨号码');
    expect(brokenAt).toBeNull();

    await seat.button('交还机器人').click();
    await citizen.notice('人工服务已结束').waitFor();
    await citizen.say('居住证怎么办');
    await citizen.from('bot', '居住登记').waitFor();
    expect(await citizen.page.locator('#yihu-widget .source').count()).toBe(1);
  });

  it('counts what is unread in the conversation that is not looked at', async () => {
    const seat = await world.seat();
    const first = await asksForPerson('我在南城，想问一件事');
    await seat.take();
    const second = await asksForPerson('虎门的路灯坏了');
    await seat.tab('待接入');
    await seat.take();
    await second.notice('人工坐席已接入').waitFor();
    await first.say('您还在吗');
    await first.say('我等着');
    await seat.tab('我的');
    const waiting = seat.row('我等着');
    await waiting.locator('.count').getByText('2').waitFor();
    await waiting.click();
    await seat.line('您还在吗').waitFor();
    await waiting.locator('.count').waitFor({ state: 'detached' });
  });

  it('keeps notes and whispers from the citizen and shows them at once to whom they concern; a ready answer goes out filled', async () => {
    const seat = await world.seat('wang');
    const citizen = await asksForPerson();
    await seat.take();
    await citizen.notice('人工坐席已接入').waitFor();
    const admin = await world.admin();
    const { conversations } = await admin.get<{ conversations: { id: string }[] }>('/api/conversations?view=human&limit=1');
    const id = conversations[0]?.id ?? '';

    await seat.page.keyboard.press('Alt+n');
    await seat.page.getByRole('textbox', { name: '备注内容' }).waitFor();
    await seat.page.keyboard.type('内部核实中，请 @管理员');
    await seat.page.getByRole('option', { name: '管理员' }).first().waitFor();
    await seat.page.keyboard.press('Enter');
    await seat.page.keyboard.type('看一下 13800138000');
    await seat.page.keyboard.press('Enter');
    await seat.page.locator('.private-note').getByText('看一下 138****8000').waitFor();
    expect(await admin.get('/api/mentions')).toMatchObject({ unread: 1, mentions: [{ note: { conversationId: id } }] });

    await admin.send('POST', `/api/conversations/${id}/notes`, { kind: 'whisper', text: '悄悄说：先问地址' });
    await seat.page.locator('.private-note.whisper').getByText('先问地址').waitFor();

    await seat.box.fill('');
    await seat.page.keyboard.type('/wh');
    await seat.page.getByRole('option', { name: /接入问候/ }).waitFor();
    await seat.page.keyboard.press('Enter');
    await seat.page.keyboard.press('Enter');
    await citizen.from('seat', '我是12345坐席王坐席').waitFor();
    await seat.page.keyboard.press('Alt+j');
    await seat.button('立即执行').click();
    await citizen.notice('人工服务已结束').waitFor();
    expect(await citizen.page.content()).not.toMatch(/内部核实|悄悄说/);
  });

  it('gives a conversation that two desks want to the faster one and tells the other who has it', async () => {
    const seats = [await world.seat('wang'), await world.seat('chen')] as const;
    const citizen = await asksForPerson();
    // Both requests are held until both have been made: a race that no screen could have seen coming.
    const held: Route[] = [];
    let bothMade = (): void => {};
    const both = new Promise<void>((resolve) => (bothMade = resolve));
    for (const { page, button } of seats) {
      await page.route('**/take', (route) => {
        if (held.push(route) === seats.length) bothMade();
      });
      await page.locator('.queue .row').click();
      await button('接管').waitFor();
    }
    for (const seat of seats) await seat.button('接管').click();
    await both;
    await Promise.all(held.map((route) => route.continue()));

    const boxes = seats.map((seat) => seat.box.waitFor().then(() => seat));
    const winner = await Promise.any(boxes);
    const loser = winner === seats[0] ? seats[1] : seats[0];
    boxes.forEach((waiting) => void waiting.catch(() => {}));
    await loser.page.getByRole('alert').getByText(`${winner.name}已接管这个会话`).waitFor();
    await loser.page.getByText(`${winner.name}正在接待，您只能查看`).waitFor();
    expect(await loser.box.count()).toBe(0);
    await winner.reply('您好，请讲');
    await citizen.from('seat', '您好，请讲').waitFor();
    // The other desk is whole: it sees what is said, and can work on.
    await loser.line('您好，请讲').waitFor();
    await loser.tab('其他坐席');
    await loser.row(winner.name).waitFor();
  });

  it('shows a picture of the citizen at the desk', async () => {
    const { seat, citizen } = await together();
    await citizen.page.locator('#yihu-widget input[type=file]').setInputFiles({ name: '照片.png', mimeType: 'image/png', buffer: PNG });
    const picture = seat.page.getByRole('img', { name: '照片.png' });
    await picture.waitFor();
    expect(await pictureWidth(picture)).toBe(1);
  });

  it('loses and doubles nothing when the sockets are dropped and answers are lost on the way', async () => {
    const { seat, citizen } = await together();
    const drop = (): void => world.story.house.app.websocketServer.clients.forEach((socket) => socket.terminate());
    // The server takes each of these, but whoever sent it never hears so.
    const lost: number[] = [];
    const loseAnswer = async (route: Route): Promise<void> => {
      lost.push((await route.fetch()).status());
      await route.abort('connectionreset');
    };
    await citizen.page.route('**/activities', loseAnswer, { times: 1 });
    await seat.page.route('**/reply', loseAnswer, { times: 1 });
    await citizen.box.fill('市民一');
    await seat.box.fill('坐席一');
    drop();
    await citizen.box.press('Enter');
    await seat.box.press('Enter');
    await citizen.say('市民二');
    await seat.reply('坐席二');
    await Promise.all([seat.line('市民二').waitFor(), citizen.from('seat', '坐席二').waitFor()]);
    drop();
    await citizen.say('市民三');
    await seat.reply('坐席三');
    await Promise.all([seat.line('市民三').waitFor(), citizen.from('seat', '坐席三').waitFor()]);
    await seat.page.getByText('实时连接').waitFor();
    await citizen.page.getByText('在线 · 人工坐席为您服务').waitFor();
    await seat.page.locator('.said.pending').waitFor({ state: 'detached' });
    expect(lost).toEqual([200, 200]);

    const spoken = /^(市民|坐席)[一二三]$/;
    const atCitizen = (await citizen.lines()).filter((line) => spoken.test(line));
    const atSeat = (await seat.page.locator('.transcript .bubble').allTextContents()).filter((line) => spoken.test(line));
    for (const lines of [atCitizen, atSeat]) {
      expect([...lines].toSorted()).toEqual(['坐席一', '坐席三', '坐席二', '市民一', '市民三', '市民二']);
      for (const who of ['市民', '坐席']) expect(lines.filter((line) => line.startsWith(who))).toEqual([`${who}一`, `${who}二`, `${who}三`]);
    }
    expect(atSeat).toEqual(atCitizen);
    await citizen.page.reload();
    await citizen.from('seat', '坐席三').waitFor();
    expect((await citizen.lines()).filter((line) => spoken.test(line))).toEqual(atCitizen);
  });

  it('goes on by itself after the server was away for a while', async () => {
    const { seat, citizen } = await together();
    const { server } = world.story.house.app;
    const port = Number(new URL(world.story.url).port);
    server.close();
    for (const socket of world.story.house.app.websocketServer.clients) socket.terminate();
    server.closeAllConnections();
    await seat.page.getByText('连接中断，正在重连').waitFor();
    await citizen.page.getByText('连接中断，正在重新连接').waitFor();
    await citizen.say('断线时写的');
    await citizen.page.getByText('等待发送').waitFor();
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    await seat.line('断线时写的').waitFor();
    await seat.page.getByText('实时连接').waitFor();
    await seat.reply('收到了');
    await citizen.from('seat', '收到了').waitFor();
    expect(await seat.line('断线时写的').count()).toBe(1);
    expect(await citizen.from('citizen', '断线时写的').count()).toBe(1);
    expect(await citizen.page.getByText('等待发送').count()).toBe(0);
  });

  it('turns red for a citizen in danger, wherever the seat is', async () => {
    const seat = await world.seat();
    await seat.page.getByRole('link', { name: '工单' }).click();
    const citizen = await world.citizen();
    await citizen.open();
    await citizen.say('我家厨房着火了，怎么办');
    await citizen.from('bot', '119').waitFor();
    await seat.page.getByRole('alert').getByText('紧急：火情').waitFor();
    await seat.button('立即查看').click();
    await seat.page.locator('.emergency-banner').waitFor();
    await seat.line('着火').first().waitFor();
  });

  it('meets no serious barrier at the desk, by day and by night', async () => {
    const meetsNone = async (page: Page): Promise<void> => {
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        expect([colorScheme, ...(await seriousFaults(page))]).toEqual([colorScheme]);
      }
    };
    const fresh = await world.page({ reducedMotion: 'reduce' });
    await fresh.goto(`${world.story.url}/desk`);
    await fresh.getByRole('button', { name: '登录' }).waitFor();
    await meetsNone(fresh);
    const seat = await world.seat('admin', { reducedMotion: 'reduce' });
    await asksForPerson(COMPLAINT, '13800138000');
    await seat.take();
    await seat.page.getByText('建议事项').waitFor();
    await meetsNone(seat.page);
    await seat.button('开工单').click();
    await seat.page.getByRole('form', { name: '开工单' }).waitFor();
    await meetsNone(seat.page);
  });
});
