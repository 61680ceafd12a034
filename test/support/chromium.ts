import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium, type BrowserContext } from 'playwright-core';
import { endInOrder } from './at-end.ts';

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

let running: Promise<BrowserContext> | null = null;

/**
 * The browser of this process, with one profile for all its test files: started by the first who asks, ended with the process.
 * Who has done closes the pages it opened and clears the cookies; `browser()?.newContext()` makes a profile of one's own.
 */
export function sharedChromium(executablePath: string): Promise<BrowserContext> {
  return (running ??= start(executablePath));
}

async function start(executablePath: string): Promise<BrowserContext> {
  endInOrder();
  // Its profile is a temporary folder that goes with it.
  const context = await chromium.launchPersistentContext('', {
    executablePath,
    headless: true,
    locale: 'zh-CN',
    handleSIGTERM: false,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
  context.once('close', () => void (running = null));
  return context;
}
