import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { seriousFaults } from './axe.ts';

/** How a page looks, whichever house stands behind it. */

export const LAPTOP = { width: 1366, height: 768 };
export const PHONE = { width: 390, height: 844 };

/** True when nothing sticks out to the right. */
export async function fitsWidth(page: Page): Promise<boolean> {
  return page.evaluate<boolean>('(document.scrollingElement?.scrollWidth ?? 0) <= innerWidth');
}

/**
 * What is open has no serious barrier and nothing to scroll sideways: at the first size in light and in dark, at a phone's in light,
 * and between them only the width is looked at, because nothing but the width is another. Leaves the page in light and in the size
 * that it had. `what` names it where it fails.
 */
export async function looksRight(page: Page, what = '', sizes: readonly { readonly width: number; readonly height: number }[] = [LAPTOP, PHONE]): Promise<void> {
  const had = page.viewportSize();
  for (const [index, size] of sizes.entries()) {
    const at = `${what} ${size.width}`;
    await page.setViewportSize(size);
    expect([at, await fitsWidth(page)]).toEqual([at, true]);
    if (index > 0 && size.width > PHONE.width) continue;
    for (const colorScheme of index === 0 ? (['dark', 'light'] as const) : (['light'] as const)) {
      await page.emulateMedia({ colorScheme });
      expect([at, colorScheme, await seriousFaults(page)]).toEqual([at, colorScheme, []]);
    }
  }
  if (had !== null) await page.setViewportSize(had);
}
