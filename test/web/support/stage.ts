import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { findChromium, openChromium, type Browser } from '../../support/chromium.ts';
import type { FakeDesk } from './fake-desk.ts';
import { builtPages, openSite, type Site } from './site.ts';

/** Why tests in a browser cannot run here; null when they can. */
export const chromium = findChromium();
if (chromium === null) console.warn('The pages are not tested in a browser: no Chromium on PATH');

export interface Stage {
  readonly site: Site;
  readonly page: Page;
  readonly browser: Browser;
  /** What the page complained about: script errors, policy violations. */
  readonly complaints: string[];
}

/**
 * A built site and a page for each test of the file that calls it. The browser is shared; what it stores is not, because
 * each site has a port, and with it an origin, of its own.
 */
export function useStage(desk?: () => FakeDesk): () => Stage {
  let pages: string | undefined;
  let browser: Browser | undefined;
  let stage: Stage | undefined;
  beforeAll(async () => {
    if (chromium === null) return;
    pages = builtPages();
    browser = await openChromium(chromium);
  });
  beforeEach(async () => {
    if (pages === undefined || browser === undefined) return;
    const site = await openSite(pages, desk?.());
    const page = await browser.context.newPage();
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      // What the network answered is the test's own doing; everything else is the page's fault.
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource') && !message.text().includes('WebSocket connection')) complaints.push(message.text());
    });
    page.setDefaultTimeout(20_000);
    await page.emulateMedia({ reducedMotion: 'reduce' }); // what is measured must not be on its way
    stage = { site, page, browser, complaints };
  });
  afterEach(async () => {
    await stage?.browser.context.setOffline(false);
    // Cookies know no ports.
    await stage?.browser.context.clearCookies();
    await stage?.page.close();
    await stage?.site.close();
    stage = undefined;
  });
  afterAll(async () => {
    await browser?.close();
  });
  return () => {
    if (stage === undefined) throw new Error('no stage');
    return stage;
  };
}

/** True when nothing sticks out to the right. */
export async function fitsWidth(page: Page): Promise<boolean> {
  return page.evaluate(() => (document.scrollingElement?.scrollWidth ?? 0) <= innerWidth);
}
