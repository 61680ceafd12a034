import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Serious and critical faults that axe-core finds on the page as it is, one line each; shadow roots included. */
export async function seriousFaults(page: Page): Promise<string[]> {
  // It stays in the document that it looked at once; to read half a megabyte of source costs more than to look.
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(source);
  const found = await page.evaluate(async () => {
    const axe: unknown = Reflect.get(globalThis, 'axe');
    if (typeof axe !== 'object' || axe === null) throw new Error('axe did not load');
    const run: unknown = Reflect.get(axe, 'run');
    if (typeof run !== 'function') throw new Error('axe has no run()');
    const result: unknown = await run.call(axe, Reflect.get(globalThis, 'document'), { resultTypes: ['violations'] });
    return JSON.stringify(typeof result === 'object' && result !== null ? Reflect.get(result, 'violations') : []);
  });
  const violations: unknown = JSON.parse(found);
  if (!Array.isArray(violations)) throw new Error('axe answered no list');
  return violations.flatMap((violation: { id: string; impact: string; nodes: { html: string; failureSummary: string }[] }) =>
    violation.impact === 'serious' || violation.impact === 'critical' ? violation.nodes.map((node) => `${violation.id}: ${node.html.slice(0, 160)} — ${node.failureSummary.split('\n')[1] ?? ''}`) : [],
  );
}
