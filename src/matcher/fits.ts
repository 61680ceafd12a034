import type { FieldQuery } from './engine.ts';
import { position } from './postings.ts';

/**
 * How some documents, by their place, answer the question in one field. The index keeps one saturation and one length
 * norm; which one serves best depends on the knowledge base (short titles, long policies), so the ranking looks at three.
 */
export interface Fits {
  /** BM25 as indexed, over the question's idf: 0 to k1 + 1. */
  readonly score: Float64Array;
  /** Share of the question's idf that the document holds. */
  readonly ofQuery: Float64Array;
  /** Share of the document's idf that the question holds. */
  readonly ofDocument: Float64Array;
  /** The same BM25 with other parameters (`VARIANTS`), over the same idf. */
  readonly variants: readonly [Float64Array, Float64Array, Float64Array];
  /** Share of the question's different terms, each counting one; and of their squared idf. */
  readonly plain: Float64Array;
  readonly square: Float64Array;
}

/** Mild, middling and strong: how much repeats and length count. */
const VARIANTS = [{ k1: 0.3, b: 0.3 }, { k1: 1.5, b: 0.75 }, { k1: 2.5, b: 1 }] as const;

export function createFits(size: number): Fits {
  const row = (): Float64Array => new Float64Array(size);
  return { score: row(), ofQuery: row(), ofDocument: row(), variants: [row(), row(), row()], plain: row(), square: row() };
}

/** Postings a document that are read one after the other rather than searched. */
const SCAN = 6;

/**
 * @param docs documents by place, -1: none
 * @param places place plus one of each document of the field, 0: not asked for
 * @param lengths by place: the document's length over the average
 * @param params what the field was indexed with
 */
export function fit({ field, ids, idfs, counts, mass, bound }: FieldQuery, docs: readonly number[], places: Uint8Array, lengths: Float64Array, params: { readonly k1: number; readonly b: number }, fits: Fits): void {
  const { score, ofQuery, ofDocument, variants: [mild, middling, strong], plain, square } = fits;
  const size = docs.length;
  for (const row of [score, ofQuery, ofDocument, mild, middling, strong, plain, square]) row.fill(0, 0, size);
  if (mass === 0) return;
  let squares = 0;
  const add = (place: number, idf: number, count: number, impact: number): void => {
    const length = lengths[place] ?? 1;
    const part = impact * field.scale;
    const norm = params.k1 * (1 - params.b + params.b * length);
    // The impact gives the term's frequency back.
    const tf = Math.max(1, (part * norm) / Math.max(0.05, params.k1 + 1 - part));
    const each = idf * count;
    ofQuery[place] = (ofQuery[place] ?? 0) + idf;
    score[place] = (score[place] ?? 0) + each * part;
    mild[place] = (mild[place] ?? 0) + (each * tf * (VARIANTS[0].k1 + 1)) / (tf + VARIANTS[0].k1 * (1 - VARIANTS[0].b + VARIANTS[0].b * length));
    middling[place] = (middling[place] ?? 0) + (each * tf * (VARIANTS[1].k1 + 1)) / (tf + VARIANTS[1].k1 * (1 - VARIANTS[1].b + VARIANTS[1].b * length));
    strong[place] = (strong[place] ?? 0) + (each * tf * (VARIANTS[2].k1 + 1)) / (tf + VARIANTS[2].k1 * (1 - VARIANTS[2].b + VARIANTS[2].b * length));
    plain[place] = (plain[place] ?? 0) + 1;
    square[place] = (square[place] ?? 0) + idf * idf;
  };
  for (let term = 0; term < ids.length; term += 1) {
    const id = ids[term] ?? 0;
    const idf = idfs[term] ?? 0;
    const count = counts[term] ?? 0;
    squares += idf * idf;
    const from = field.offsets[id] ?? 0;
    const to = field.offsets[id + 1] ?? 0;
    if (to - from <= size * SCAN) {
      for (let at = from; at < to; at += 1) {
        const place = (places[field.docs[at] ?? 0] ?? 0) - 1;
        if (place >= 0) add(place, idf, count, field.impacts[at] ?? 0);
      }
      continue;
    }
    for (let place = 0; place < size; place += 1) {
      const doc = docs[place] ?? -1;
      const at = doc < 0 ? -1 : position(field, id, doc);
      if (at >= 0) add(place, idf, count, field.impacts[at] ?? 0);
    }
  }
  for (let place = 0; place < size; place += 1) {
    const doc = docs[place] ?? -1;
    const hit = ofQuery[place] ?? 0;
    const own = doc < 0 ? 0 : (field.mass[doc] ?? 0);
    for (const row of [score, mild, middling, strong]) row[place] = (row[place] ?? 0) / bound;
    ofQuery[place] = hit / mass;
    ofDocument[place] = own === 0 ? 0 : Math.min(1, hit / own);
    plain[place] = ids.length === 0 ? 0 : (plain[place] ?? 0) / ids.length;
    square[place] = squares === 0 ? 0 : (square[place] ?? 0) / squares;
  }
}
