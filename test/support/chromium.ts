import { accessSync, constants, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { chromium, type BrowserContext, type BrowserContextOptions } from 'playwright-core';
import { removeAtEnd } from './at-end.ts';

/** The system's Chromium for tests in a real browser; nothing is downloaded. */

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];

/** Path of a Chromium on PATH, or null. */
export function findChromium(): string | null {
  for (const directory of (process.env['PATH'] ?? '').split(delimiter)) {
    for (const name of NAMES) {
      const path = join(directory, name);
      try {
        accessSync(path, constants.X_OK);
        return path;
      } catch {
        // Not here.
      }
    }
  }
  return null;
}

/**
 * Switched off: the address bar's popup, which is a page of its own that every new window would load and run unseen, at more than
 * what a page under test costs. The others are those that Playwright switches off by the argument that this one takes the place of.
 */
const WITHOUT = [
  'WebUIOmniboxPopup', 'WebUIOmniboxAimPopup', 'WebUIOmniboxFullPopup',
  'AimEnabled', 'AvoidCorsURLLoaderRestartOnRedirect', 'AvoidUnnecessaryBeforeUnloadCheckSync', 'DestroyProfileOnBrowserClose', 'HttpsFirstBalancedModeAutoEnable', 'HttpsUpgrades', 'LensOverlay', 'MediaRouter',
  'NetworkTimeServiceQuerying', 'OptimizationHints', 'PaintHolding', 'PreconnectToSearch', 'ThirdPartyStoragePartitioning',
];

let running: Promise<BrowserContext> | null = null;

/**
 * The browser of this process, with one profile for all its test files: started by the first who asks, ended with the process.
 * Who has done closes the pages it opened and clears the cookies.
 */
export function sharedChromium(executablePath: string): Promise<BrowserContext> {
  return (running ??= start(executablePath));
}

/** A profile of one's own in that browser, with nothing stored; who opened it closes it. */
export async function openProfile(executablePath: string, options: BrowserContextOptions = {}): Promise<BrowserContext> {
  const browser = (await sharedChromium(executablePath)).browser();
  if (browser === null) throw new Error('the browser is gone');
  return browser.newContext({ locale: 'zh-CN', ...options });
}

/** Ends that browser, for a process that does not end by itself while it runs. */
export async function closeChromium(): Promise<void> {
  await (await running)?.close();
}

async function start(executablePath: string): Promise<BrowserContext> {
  const profile = mkdtempSync(join(tmpdir(), 'yihu-chromium-'));
  removeAtEnd(profile);
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    headless: true,
    locale: 'zh-CN',
    artifactsDir: profile,
    handleSIGTERM: false, // it ends when the pipe to it ends
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', `--disable-features=${WITHOUT.join(',')}`],
  });
  context.once('close', () => void (running = null));
  return context;
}
