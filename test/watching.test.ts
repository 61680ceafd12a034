import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { SpoolStats } from '../src/intake/spool/contract.ts';
import { createStorm } from '../src/intake/storm/keeper.ts';
import { loadStorm } from '../src/intake/storm/settings.ts';
import { createMetrics } from '../src/meter.ts';
import { watchStorm } from '../src/wiring/storm.ts';

const read = (name: string): string => readFileSync(fileURLToPath(new URL(`../docs/watching/${name}`, import.meta.url)), 'utf8');
const QUIET: SpoolStats = { state: 'through', records: 0, bytes: 0, oldestAgeMs: 0, spooled: 0, replayed: 0, refused: 0, damaged: 0, turnedAway: 0, syncs: 0, replaySeconds: 0 };

/** The example dashboard and alerts must not ask for measures that nobody counts. */
describe('what is watched exists', () => {
  const metrics = createMetrics();
  metrics.watchSpool(() => QUIET);
  const unasked = async (): Promise<never> => { throw new Error('no store here'); };
  watchStorm(metrics.registry, createStorm({ settings: loadStorm(fileURLToPath(new URL('..', import.meta.url))), store: { read: unasked, write: unasked }, now: () => 0, holder: 'test', loopMs: () => 0, log: { info: () => undefined, warn: () => undefined } }));
  const known = new Set(metrics.registry.getMetricsAsArray().map((metric) => metric.name));
  const asked = (expression: string): string[] =>
    [...expression.matchAll(/\b(?:yihu|nodejs|process)_\w+/g)].map(([name]) => name.replace(/_(?:bucket|sum|count)$/, ''));

  it('in the Grafana dashboard', () => {
    const dashboard: { panels: { title: string; targets: { expr: string }[] }[] } = JSON.parse(read('grafana-dashboard.json'));
    const expressions = dashboard.panels.flatMap((panel) => panel.targets.map((target) => target.expr));
    expect(expressions.length).toBeGreaterThan(20);
    expect(expressions.flatMap(asked).filter((name) => !known.has(name))).toEqual([]);
  });

  it('in the alerting rules', () => {
    const rules: { groups: { rules: { alert: string; expr: string }[] }[] } = parse(read('alerts.yml'));
    const expressions = rules.groups.flatMap((group) => group.rules.map((rule) => rule.expr));
    expect(expressions.flatMap(asked).filter((name) => !known.has(name))).toEqual([]);
  });

  it('and what the spool says is read at each scrape', async () => {
    const other = createMetrics();
    let spooled = 3;
    other.watchSpool(() => ({ ...QUIET, state: 'away', records: 2, spooled, oldestAgeMs: 1500 }));
    expect(await other.registry.metrics()).toMatch(/yihu_spool_spooled_total 3\n[^]*/);
    spooled = 5;
    const text = await other.registry.metrics();
    expect(text).toContain('yihu_spool_spooled_total 5');
    expect(text).toContain('yihu_spool_records 2');
    expect(text).toContain('yihu_spool_oldest_seconds 1.5');
    expect(text).toContain('yihu_spool_away 1');
  });
});
