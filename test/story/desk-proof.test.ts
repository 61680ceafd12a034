import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openWorld, whyNoBrowser, type CitizenAtPage, type World } from '../support/browser.ts';
import { until } from '../support/until.ts';

/**
 * What the desk promises, in real browsers at the whole house, by a clock that can be put forward. Two seats that race for one
 * conversation are in desk-live.test.ts.
 */

if (whyNoBrowser !== null) console.warn(`The desk's promises are not tried in a browser: ${whyNoBrowser}`);

/** Of config/queues.yaml: a page that gives no sign of life for so long has lost its conversations. */
const LEASE_MS = 60_000;
/** Two are less than the lease, four are more. */
const LOOK_MS = LEASE_MS / 3 + 2_000;

describe.skipIf(whyNoBrowser !== null)('the desk', { timeout: 90_000 }, () => {
  let ahead = 0;
  let world: World;
  beforeAll(async () => {
    world = await openWorld({ now: () => Date.now() + ahead });
  });
  afterEach(async () => {
    await world.leave();
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

  /** The house's clock goes on, and the house does what has become due. */
  const pass = async (ms: number): Promise<void> => {
    ahead += ms;
    await world.story.idle();
  };
  const asksForPerson = async (citizen: CitizenAtPage): Promise<void> => {
    await citizen.open();
    await citizen.page.getByRole('button', { name: '转人工坐席' }).click();
    await citizen.from('bot', '正在为您转接工作人员').waitFor();
  };

  it('one seat takes over a caller and a citizen on WeChat, and each hears only what was said to them', async () => {
    const { story } = world;
    const seat = await world.seat('wang');
    const takes = async (channel: string): Promise<void> => {
      await seat.tab('待接入');
      await seat.row(channel).click();
      await seat.button('接管').click();
      await seat.box.waitFor();
    };
    const replies = async (text: string): Promise<void> => {
      const taken = seat.page.waitForResponse((response) => response.url().endsWith('/reply') && response.ok());
      await seat.reply(text);
      await taken;
    };

    const call = story.phone('+8613800138061');
    await call.call();
    await call.press('0');
    await takes('138****8061');
    await replies('您好，请讲是哪条路');
    expect((await call.say('喂')).join('')).toContain('您好，请讲是哪条路');
    await seat.line('喂').waitFor();

    const citizen = story.wechat('oStoryProof00000000000001');
    await citizen.say('人工');
    await takes('微信');
    await citizen.say('我家停水了');
    await seat.line('我家停水了').waitFor();
    await replies('马上帮您登记停水');
    await until(async () => citizen.seen().includes('马上帮您登记停水'), 'a reply on WeChat');

    // Back to the caller, who is still on the line: the reply box belongs to the conversation that is open.
    await seat.tab('我的');
    await seat.row('138****8061').click();
    await seat.line('喂').waitFor();
    expect(await seat.line('停水').count()).toBe(0);
    await replies('已经派人去看路灯');
    const heard = (await call.say('好的谢谢')).join('');
    expect(heard).toContain('已经派人去看路灯');
    expect(heard).not.toContain('停水');
    expect(citizen.seen().join('')).not.toMatch(/路灯|哪条路/);
    await seat.line('好的谢谢').waitFor();
    await call.hangup();
  });

  it('a browser that crashes loses its conversation after the lease, not before; the citizen is told and another seat goes on with it', async () => {
    const wang = await world.seat('wang');
    const citizen = await world.citizen();
    await asksForPerson(citizen);
    await wang.take();
    await citizen.notice('人工坐席已接入').waitFor();
    await wang.reply('请稍等，我查一下');
    await citizen.from('seat', '请稍等').waitFor();
    const { store } = world.story.house;
    const seats = (): Promise<readonly string[]> => store.read((repos) => repos.seats.online(0));
    const counts = () => store.read((repos) => repos.conversations.counts());

    const crashed = wang.page.waitForEvent('crash');
    const session = await wang.page.context().newCDPSession(wang.page);
    void session.send('Page.crash').catch(() => {});
    await crashed;
    await until(async () => (await seats()).length === 0, 'the house to notice');
    // A seat is looked at twice, some beats apart, so that a house that was away itself frees nobody: hence two steps, before and after.
    for (let look = 0; look < 2; look += 1) await pass(LOOK_MS);
    expect(await counts()).toMatchObject({ waiting: 0, human: 1 });
    expect(await citizen.page.getByText('为您服务的坐席掉线了').count()).toBe(0);
    for (let look = 0; look < 2; look += 1) await pass(LOOK_MS);
    await citizen.page.getByText('为您服务的坐席掉线了，正在优先为您安排其他坐席').waitFor();
    expect(await counts()).toMatchObject({ waiting: 1, human: 0 });

    // Offered to who comes next, with all that was said.
    const chen = await world.seat('chen');
    await chen.page.getByRole('region', { name: '派给您的会话' }).first().getByText('派给您').waitFor();
    await chen.page.keyboard.press('Alt+a');
    await chen.line('请稍等，我查一下').waitFor();
    await chen.reply('您好，我接着为您办');
    await citizen.from('seat', '我接着为您办').waitFor();

    // Who comes back finds whose it is now, and no box to write into it.
    const back = await world.seat('wang');
    await back.tab('其他坐席');
    await back.row(chen.name).click();
    await back.page.getByText(`${chen.name}正在接待，您只能查看`).waitFor();
    expect(await back.box.count()).toBe(0);
  });

  it('a supervisor whispers: the seat sees it, the citizen gets not a byte of it', async () => {
    const wang = await world.seat('wang');
    const citizen = await world.citizen();
    const got: string[] = [];
    citizen.page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => void got.push(payload.toString())));
    await asksForPerson(citizen);
    await wang.take();
    await citizen.notice('人工坐席已接入').waitFor();

    const leader = await world.seat('zhao');
    await leader.page.goto(`${world.story.url}/desk#/team`);
    await leader.page.getByRole('row', { name: wang.name }).getByRole('button', { name: '监听' }).click();
    await leader.page.getByText(`${wang.name}正在接待，您只能查看`).waitFor();
    await leader.page.keyboard.press('Alt+w');
    await leader.page.keyboard.type('先问清缴存单位');
    await leader.page.keyboard.press('Enter');
    await wang.page.locator('.private-note.whisper', { hasText: '先问清缴存单位' }).waitFor();
    await wang.reply('请问您在哪里上班');
    await leader.line('请问您在哪里上班').waitFor();

    // What was said after the whisper is there: the whisper itself would have come before it.
    await citizen.from('seat', '请问您在哪里上班').waitFor();
    expect(got.join('\n')).toContain('请问您在哪里上班');
    await citizen.page.reload();
    await citizen.from('seat', '请问您在哪里上班').waitFor();
    expect(got.join('\n')).not.toMatch(/缴存单位|赵班长/);
    expect(await citizen.page.content()).not.toMatch(/缴存单位|赵班长/);
  });

  it('what the bot could not answer becomes a gap, an entry, and the bot’s answer', async () => {
    const QUESTION = '家里养鹦鹉要办饲养证吗';
    const ANSWER = '家养虎皮鹦鹉不用办证，其他鹦鹉先到林业局窗口核对品种。';
    const before = await world.citizen();
    await before.open();
    await before.say(QUESTION);
    await before.from('bot').nth(1).waitFor();
    await world.story.idle();
    expect((await before.lines()).join('\n')).not.toContain('虎皮鹦鹉');

    const editor = await world.seat('lin');
    await editor.page.goto(`${world.story.url}/desk#/knowledge/gaps`);
    await editor.button('立即归集').click();
    const gap = editor.page.locator('.gaps > li', { hasText: QUESTION });
    await gap.waitFor();
    await gap.focus();
    await editor.page.keyboard.press('d');
    const { page } = editor;
    await page.getByLabel('标准问法').waitFor();
    expect(await page.getByLabel('标准问法').inputValue()).toBe(QUESTION);
    await page.getByRole('textbox', { name: /^文字答案/ }).fill(ANSWER);
    await page.getByLabel(/^口播答案/).fill('虎皮鹦鹉不用办证。');
    await page.getByLabel(/^来源文件/).fill('《人工繁育野生动物须知》');
    await page.getByRole('button', { name: '送审' }).click();
    await page.getByText('这一版是您写的，须由其他编辑审核').waitFor();
    const address = new URL(page.url()).hash;

    const reviewer = await world.seat('zhao');
    await reviewer.page.goto(`${world.story.url}/desk${address}`);
    await reviewer.button('通过').click();
    await reviewer.page.getByRole('dialog').getByRole('button', { name: '审核通过' }).click();
    await reviewer.page.locator('.revision .chip', { hasText: '已发布' }).waitFor();

    // The index follows the store within a second or two.
    await until(async () => [...(world.story.house.context.knowledge.entries?.() ?? [])].some(({ question }) => question === QUESTION), 'the entry in the index');

    const after = await world.citizen();
    await after.open();
    await after.say(QUESTION);
    const answer = after.from('bot', '虎皮鹦鹉不用办证');
    await answer.waitFor();
    expect(await answer.locator('.source').textContent()).toContain('人工繁育野生动物须知');
  });
});
