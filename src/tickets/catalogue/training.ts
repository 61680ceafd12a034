import type { Item } from '../../domain/config-files.ts';
import type { LabelledText } from '../../matcher/learner/train.ts';
import type { ItemCorrection, Store } from '../../store/contract.ts';

/** What the item model learns from besides the filed messages it is given: the catalogue itself, and what seats put right. */

const PAGE = 1_000;

/** Corrections of the desk, oldest first; of a ticket the last word. */
export async function deskCorrections(store: Pick<Store, 'read'>): Promise<readonly ItemCorrection[]> {
  const last = new Map<string, ItemCorrection>();
  let afterId: string | undefined;
  for (;;) {
    const cursor = afterId === undefined ? {} : { afterId };
    const page = await store.read((repos) => repos.itemCorrections.list({ ...cursor, limit: PAGE }));
    for (const correction of page) {
      last.delete(correction.ticketId);
      last.set(correction.ticketId, correction);
    }
    afterId = page.at(-1)?.id;
    if (page.length < PAGE || afterId === undefined) return [...last.values()];
  }
}

export interface TrainingRows {
  /** Base first, then the catalogue's examples, then corrections; rows of items that are no more are left out. */
  readonly rows: readonly LabelledText[];
  /** So many rows of `rows` are base. */
  readonly base: number;
  readonly corrections: number;
  readonly names: ReadonlyMap<string, string>;
  readonly parents: ReadonlyMap<string, string>;
}

/** @param items null: the base names labels of its own, and is taken as it is */
export function trainingRows(base: readonly LabelledText[], items: readonly Item[] | null, corrections: readonly ItemCorrection[]): TrainingRows {
  if (items === null) return { rows: base, base: base.length, corrections: 0, names: new Map(), parents: new Map() };
  const known = new Set(items.map(({ code }) => code));
  const based = base.filter(({ item }) => known.has(item));
  const examples = items.flatMap(({ code, examples: texts }) => texts.map((text) => ({ text, item: code })));
  const corrected = corrections.filter(({ chosen, text }) => known.has(chosen) && text.trim() !== '').map(({ text, chosen }) => ({ text, item: chosen }));
  return {
    rows: [...based, ...examples, ...corrected], base: based.length, corrections: corrected.length,
    names: new Map(items.map(({ code, name }) => [code, name])),
    parents: new Map(items.flatMap(({ code, parent }) => (parent === undefined ? [] : [[code, parent] as const]))),
  };
}
