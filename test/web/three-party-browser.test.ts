import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createConferencePeer, type ConferencePeer } from '../../src/cli/sim/conference-peer.ts';
import { createPhoneSim, type PhoneSim } from '../../src/cli/sim/phone-sim.ts';
import { openWorld, whyNoBrowser, type World } from '../support/browser.ts';
import { seriousFaults } from './support/axe.ts';

/** 三方通话 in a real browser: asked for by key, once, and followed as it goes on. */

const SID = `AC${'0'.repeat(32)}`;
const TOKEN = 'story-phone-token';
const SERVICE = '076900000110';

describe.runIf(whyNoBrowser === null)('a three-party call at the desk', () => {
  let world: World;
  let peer: ConferencePeer;
  let caller: PhoneSim;
  beforeAll(async () => {
    const gateway = () => ({ baseUrl: world.story.url, publicUrl: world.story.url });
    peer = await createConferencePeer({ platform: 'twilio', gateway, secret: TOKEN, account: SID, fate: (to) => (to === SERVICE ? 'ring' : 'answer'), caller: (sid) => (sid === caller.callSid ? caller : null) });
    world = await openWorld({ env: () => ({ TWILIO_ACCOUNT_SID: SID, TWILIO_CALLER_NUMBER: '+8676900012345', TWILIO_API_BASE: peer.url, LINKAGE_POLICE_110_DIAL: SERVICE, LINKAGE_FIRE_119_DIAL: '076900000119' }) });
    caller = createPhoneSim({ ...gateway(), authToken: TOKEN, accountSid: SID, wait: () => world.story.idle(), onEvent: (event) => peer.watch(caller.callSid, event) });
  }, 60_000);
  afterAll(async () => {
    await world.close();
    await peer.close();
  });

  it('opens and closes by key, begins once, and shows who is there as they come', { timeout: 60_000 }, async () => {
    const seat = await world.seat('admin');
    const { page } = seat;
    await caller.call();
    await caller.press('0');
    await seat.take();
    await seat.box.focus();
    const dialog = page.getByRole('dialog', { name: '三方通话' });
    await page.keyboard.press('Alt+9');
    await dialog.getByRole('radio', { name: '110 报警服务台' }).waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    expect(await seat.box.evaluate((box) => box === box.ownerDocument.activeElement)).toBe(true);

    await page.keyboard.press('Alt+9');
    // What is asked for first has the focus, without a pointer.
    const phone = dialog.getByLabel('您的话机');
    expect(await phone.evaluate((field) => field === field.ownerDocument.activeElement)).toBe(true);
    await page.keyboard.type('8001');
    await dialog.getByRole('radio', { name: '110 报警服务台' }).check();
    await dialog.getByRole('button', { name: '立即接通' }).dblclick();
    await dialog.waitFor({ state: 'detached' });
    const panel = page.getByRole('region', { name: '三方通话' });
    await panel.getByText('110 报警服务台 振铃').waitFor();
    await panel.getByText('坐席 通话中').waitFor();
    await peer.pickUp('service');
    await panel.getByText('110 报警服务台 通话中').waitFor();
    expect(peer.legs.map(({ party, to }) => [party, to]).toSorted()).toEqual([['seat', '8001'], ['service', SERVICE]]);
    expect([peer.faults, world.complaints]).toEqual([[], []]);
  });
});
