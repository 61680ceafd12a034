import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openWorld, type CitizenAtPage, type SeatAtDesk, type World } from './browser.ts';
import { closeChromium } from './chromium.ts';

/**
 * Takes the README's pictures from the house as it is: `npm run build && npx tsx test/support/screenshots.ts` writes docs/images/*.png.
 * Everything on them was said by the house's own flows; numbers are obviously made up.
 */

const FOLDER = fileURLToPath(new URL('../../docs/images', import.meta.url));
const DESK = { viewport: { width: 1366, height: 768 } };

async function main(): Promise<void> {
  mkdirSync(FOLDER, { recursive: true });
  const world = await openWorld();
  try {
    await widget(world);
    await widgetOnPhone(world);
    await desk(world);
  } finally {
    await world.close();
    await closeChromium();
  }
}

async function widget(world: World): Promise<void> {
  const citizen = await world.citizen({ viewport: { width: 1180, height: 780 }, deviceScaleFactor: 0.85, reducedMotion: 'reduce' });
  await citizen.open();
  await citizen.say('居住证怎么办');
  await citizen.from('bot', '请问帮到您了吗').waitFor();
  await citizen.page.locator('#yihu-widget .row.citizen').evaluate((element) => element.scrollIntoView({ block: 'start' }));
  await shoot(citizen, 'widget');
}

async function widgetOnPhone(world: World): Promise<void> {
  const citizen = await world.citizen({ viewport: { width: 412, height: 915 }, deviceScaleFactor: 1.5, isMobile: true, hasTouch: true, reducedMotion: 'reduce' });
  await citizen.open();
  await citizen.say('东城鸿福路的工地昨晚十一点还在打桩，吵得孩子睡不着');
  await citizen.from('bot', '请留个手机号').waitFor();
  await citizen.say('13800138000');
  await citizen.from('bot', '请问对吗').waitFor();
  await citizen.page.getByRole('button', { name: /^(对|是|没错|正确)/ }).click();
  await citizen.from('bot', '已经登记好了').waitFor();
  await shoot(citizen, 'widget-phone');
}

async function desk(world: World): Promise<void> {
  const seat = await world.seat('wang', { ...DESK, reducedMotion: 'reduce', colorScheme: 'light' });
  const noise = await ask(world, '东城鸿福路万科工地昨晚十一点还在施工，吵得睡不着', '13800138000，我姓李');
  const wechat = world.story.wechat();
  await wechat.say('社保卡丢了怎么补办');
  await wechat.say('人工');
  const phone = world.story.phone('+8613800138002');
  await phone.call();
  await phone.say('虎门镇则徐路的路灯坏了');
  await phone.press('0');
  await ask(world, '我家厨房着火了');
  await seat.button('关闭提示').click();

  await seat.row('李').click();
  await seat.button('接管').click();
  await noise.notice('人工坐席已接入').waitFor();
  await seat.reply('李先生您好，我是12345坐席。昨晚的施工噪声我已经看到，现在还在施工吗？');
  await noise.from('seat', '现在还在施工吗').waitFor();
  await noise.say('中间停了一会儿，刚才又开始打桩了');
  await seat.line('又开始打桩').waitFor();
  await seat.tab('待接入');
  await seat.box.fill('好的，我这就为您登记，由市生态环境局现场核查。');
  await seat.line('又开始打桩').waitFor();
  await shoot(seat, 'desk');
  await seat.page.emulateMedia({ colorScheme: 'dark' });
  await shoot(seat, 'desk-dark');

  await seat.page.emulateMedia({ colorScheme: 'light' });
  await seat.reply('好的，我这就为您登记，由市生态环境局现场核查。');
  await seat.button('开工单').click();
  const form = seat.page.getByRole('form', { name: '开工单' });
  await form.getByLabel('承诺回电').check();
  await form.getByRole('button', { name: '登记并告知市民编号' }).click();
  await seat.page.getByText('工单（1）').waitFor();
  await seat.page.locator('.ticket-link').first().click();
  await seat.button('签收').click();
  await seat.page.locator('.timeline').getByText('签收').waitFor();
  await seat.page.getByRole('textbox', { name: '备注' }).fill('已电话联系市民，今晚到现场核查夜间施工许可');
  await seat.button('添加').click();
  await seat.page.locator('.timeline').getByText('已电话联系市民').waitFor();
  await seat.page.locator('.alert').waitFor({ state: 'detached' });
  await shoot(seat, 'ticket');
}

/** A citizen who says some things and then wants a person. */
async function ask(world: World, ...texts: readonly string[]): Promise<CitizenAtPage> {
  const citizen = await world.citizen();
  await citizen.open();
  for (const text of [...texts, '人工']) {
    const before = await citizen.from('bot').count();
    await citizen.say(text);
    await citizen.from('bot').nth(before).waitFor();
  }
  return citizen;
}

async function shoot({ page }: CitizenAtPage | SeatAtDesk, name: string): Promise<void> {
  await page.screenshot({ path: join(FOLDER, `${name}.png`), animations: 'disabled' });
}

await main();
