import type { Page } from 'playwright-core';
import { afterEach, beforeAll, beforeEach } from 'vitest';
import { findChromium, openProfile, sharedChromium } from '../../support/chromium.ts';
import type { FakeDesk } from './fake-desk.ts';
import { builtPages, openSite, type Site } from './site.ts';

/** Why tests in a browser cannot run here; null when they can. */
export const chromium = findChromium();
if (chromium === null) console.warn('The pages are not tested in a browser: no Chromium on PATH');

export interface Stage {
  readonly site: Site;
  readonly page: Page;
  /** What the page complained about: script errors, policy violations. */
  readonly complaints: string[];
}

/**
 * A built site and a page for each test of the file that calls it. The browser is shared by all files of a process; what it
 * stores is not, because each site has a port, and with it an origin, of its own. A test that takes the time into its hands
 * says so by `clock`: the page has a profile of its own then, because a clock once taken is taken for every page of a profile.
 */
export function useStage(desk?: () => FakeDesk): (() => Stage) & { readonly clock: () => Promise<Stage> } {
  let stage: Stage | undefined;
  const pageOn = async (site: Site, page: Page): Promise<Stage> => {
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      // What the network answered is the test's own doing; everything else is the page's fault.
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource') && !message.text().includes('WebSocket connection')) complaints.push(message.text());
    });
    page.setDefaultTimeout(20_000);
    await page.emulateMedia({ reducedMotion: 'reduce' }); // what is measured must not be on its way
    return { site, page, complaints };
  };
  const context = async () => sharedChromium(chromium ?? '');
  beforeAll(async () => {
    if (chromium === null) return;
    builtPages();
    await context();
  });
  beforeEach(async () => {
    if (chromium === null) return;
    stage = await pageOn(await openSite(builtPages(), desk?.()), await (await context()).newPage());
  });
  afterEach(async () => {
    if (stage === undefined) return;
    const { page, site } = stage;
    stage = undefined;
    const shared = await context();
    if (page.context() === shared) {
      // Cookies know no ports.
      await shared.clearCookies();
      await shared.setOffline(false);
      await page.close();
    } else await page.context().close();
    await site.close();
  });
  const now = (): Stage => {
    if (stage === undefined) throw new Error('no stage');
    return stage;
  };
  return Object.assign(now, {
    clock: async () => {
      const { page, site } = now();
      await page.close();
      stage = await pageOn(site, await (await openProfile(chromium ?? '')).newPage());
      await stage.page.clock.install();
      return stage;
    },
  });
}

/** The desk at a place in it (`#/tickets`), for who signed in before; resolves when it is connected. How one signs in is a test of its own. */
export async function atDesk(page: Page, site: Site, hash = ''): Promise<void> {
  site.desk.startSession();
  await page.context().addCookies([{ name: 'yihu_session', value: '1', url: site.origin, httpOnly: true, sameSite: 'Strict' }]);
  await page.goto(`${site.origin}/desk${hash}`);
  await page.getByText('实时连接').waitFor();
}
