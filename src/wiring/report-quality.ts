import type { QualityFacts } from '../reports/facts.ts';
import { qualityFigures } from '../quality/figures.ts';
import type { QualityContext } from '../quality/work.ts';
import type { Store } from '../store/contract.ts';

/** What quality inspection brought, as a report tells it. Seats are not named in a report. */
type Span = { readonly from: number; readonly to: number };

export function reportQuality(store: Store, { inspector }: QualityContext): (span: Span, before: Span) => Promise<QualityFacts | null> {
  return (span, before) =>
    store.read(async (repos) => {
      const [now, past] = [await qualityFigures(repos, span), await qualityFigures(repos, before)];
      // Nothing inspected in either: inspection is not in use here.
      if (now.inspections + past.inspections === 0) return null;
      const names = new Map(inspector.rules.rules.map(({ id, name }): [string, string] => [id, name]));
      return {
        inspected: now.inspections, score: now.score, previousInspected: past.inspections, previousScore: past.score, appeals: now.appealed,
        rules: now.rules.filter(({ findings }) => findings > 0).map(({ rule, findings }) => ({ name: names.get(rule) ?? rule, hits: findings })), source: '质检记录；本平台质检规则',
      };
    });
}
