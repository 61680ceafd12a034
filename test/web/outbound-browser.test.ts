import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createOutboundPeer, type OutboundPeer } from '../../src/cli/sim/outbound-peer.ts';
import { writeUnit } from '../../src/intake/context.ts';
import { moveTicket } from '../../src/tickets/move.ts';
import { openTicket } from '../../src/tickets/open.ts';
import { openWorld, whyNoBrowser, type World } from '../support/browser.ts';
import { seriousFaults } from './support/axe.ts';

/** 外呼 in a real browser: a campaign is looked at before it is made, started, and seen to go on by itself. */

const SID = `AC${'0'.repeat(32)}`;

describe.runIf(whyNoBrowser === null)('the page of campaigns', () => {
  let world: World;
  let peer: OutboundPeer;
  beforeAll(async () => {
    peer = await createOutboundPeer({
      gateway: () => ({ baseUrl: world.story.url, publicUrl: world.story.url }),
      twilio: { authToken: 'story-phone-token', accountSid: SID },
      jambonz: { secret: '', apiKey: '', accountSid: 'none' },
      fate: () => 'answer',
      wait: async () => undefined,
      citizen: async (call) => {
        for (const key of ['1', '1', '1', '1']) if (call.state === 'listening') await call.press(key);
      },
    });
    world = await openWorld({ env: () => ({ TWILIO_ACCOUNT_SID: SID, TWILIO_CALLER_NUMBER: '+8676900012345', TWILIO_API_BASE: peer.url }) });
  }, 60_000);
  afterAll(async () => {
    await peer.close();
    await world.close();
  });

  it('previews, makes, starts and follows a campaign, and shows the keys as they were pressed', { timeout: 90_000 }, async () => {
    const { context } = world.story.house;
    await writeUnit(context, async (unit) => {
      const now = context.now();
      const citizenId = await unit.repos.citizens.resolve({ id: context.newId(), channel: 'ivr-twilio', externalUserId: null, phone: '13800138000', displayName: null, now });
      let ticket = await openTicket(context, unit, { ticketKind: '投诉', itemCode: null, title: '路灯不亮', content: '路灯不亮', townId: null, place: null, happened: null, phone: null, name: null, urgency: 'normal', confidential: false, callback: false, citizenId, enterpriseId: null, conversationId: null, channel: 'ivr-twilio', actor: { kind: 'citizen' } });
      for (const [move, given] of [['dispatch', { departmentId: context.city.departments[0]?.id ?? '' }], ['sign', {}], ['finish', { result: '已修好' }], ['passReview', {}]] as const) ticket = await moveTicket(context, unit, ticket.id, move, { version: ticket.version, ...given }, { role: 'administrator', actor: { kind: 'system' } });
    });
    const { page } = await world.seat('admin');
    await page.goto(`${world.story.url}/desk#/outbound`);
    await page.getByRole('button', { name: '新建任务' }).click();
    await page.getByLabel('名称').fill('浏览器里的回访');
    // Whatever time of whatever day the suite runs at.
    await page.getByLabel('时段').fill('00:00-24:00');
    await page.getByLabel('仅工作日').uncheck();
    await page.getByRole('button', { name: '看看会呼叫多少人' }).click();
    await page.getByText('会呼叫 1 位市民').waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await page.getByRole('button', { name: '建立（先不拨打）' }).click();
    await page.getByRole('heading', { name: '浏览器里的回访' }).waitFor();
    expect(peer.orders).toEqual([]);
    const quiet = Number(new Date(Date.now() + 8 * 3_600_000).toISOString().slice(11, 13));
    await page.getByRole('button', { name: '开始', exact: true }).click();
    await page.getByText('进行中').first().waitFor();
    // Quiet hours of config/outbound.yaml hold here too: at night the call waits for the morning, and the page says so.
    if (quiet >= 21 || quiet < 8) {
      await page.getByText('免打扰时段').waitFor({ timeout: 60_000 });
    } else {
      // Nobody reloads: the socket says that it went on.
      await page.getByText('已完成 1/1').first().waitFor({ timeout: 60_000 });
      expect(await page.locator('.targets tbody tr').first().innerText()).toMatch(/过程\s+1/);
      expect(peer.faults).toEqual([]);
    }
    expect(await page.content()).not.toContain('13800138000');
    expect(await seriousFaults(page)).toEqual([]);
    expect(world.complaints).toEqual([]);
  });
});
