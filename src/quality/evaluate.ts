import type { Inspector } from './inspect.ts';
import type { Labelled } from './labelled.ts';

/** How right the rules are, by labelled conversations. Pure. */

export interface RuleFigures {
  readonly rule: string;
  readonly name: string;
  /** Conversations, and those that are labelled with the rule. */
  readonly n: number;
  readonly labelled: number;
  readonly found: number;
  readonly both: number;
  /** Share of the conversations judged as labelled; of the findings that are labelled; of the labels that are found. 1 where there is nothing to count. */
  readonly right: number;
  readonly precision: number;
  readonly recall: number;
  /** Of what is found rightly: the evidence is a labelled line. */
  readonly place: number;
  readonly wrong: readonly { readonly id: string; readonly split: string; readonly kind: 'missed' | 'false'; readonly lines: readonly number[]; readonly why: string }[];
}

export function evaluate(inspector: Inspector, cases: readonly Labelled[]): readonly RuleFigures[] {
  const judged = cases.map((one) => ({ one, findings: inspector.inspect(one.transcript).findings }));
  return inspector.rules.rules.filter(({ active }) => active).map(({ id, name }) => {
    let [labelled, found, both, placed] = [0, 0, 0, 0];
    const wrong: RuleFigures['wrong'][number][] = [];
    for (const { one, findings } of judged) {
      const lines = one.labels.get(id);
      const hits = findings.filter(({ rule }) => rule === id);
      if (lines !== undefined) labelled += 1;
      if (hits.length > 0) found += 1;
      if (lines !== undefined && hits.length > 0) {
        both += 1;
        if (hits.some(({ seq }) => lines.includes(seq))) placed += 1;
      } else if (lines !== undefined) wrong.push({ id: one.id, split: one.split, kind: 'missed', lines, why: one.transcript.said.find(({ seq }) => seq === lines[0])?.text ?? '' });
      else if (hits.length > 0) wrong.push({ id: one.id, split: one.split, kind: 'false', lines: hits.map(({ seq }) => seq), why: hits[0]?.why ?? '' });
    }
    const share = (part: number, of: number): number => (of === 0 ? 1 : part / of);
    return { rule: id, name, n: cases.length, labelled, found, both, right: share(cases.length - wrong.length, cases.length), precision: share(both, found), recall: share(both, labelled), place: share(placed, both), wrong };
  });
}
