import Type, { type Static } from 'typebox';
import { Value } from 'typebox/value';
import { AppError } from '../domain/errors.ts';
import { CHEAP, FEATURES } from './features.ts';
import type { Relevance, Weights } from './learn.ts';
import type { Sureness } from './practice.ts';
import { SHIPPED } from './shipped-model.ts';
import { SIGNALS } from './signals.ts';
import { TRAITS } from './traits.ts';

/** The numbers of the ranking, as `yihu kb train` writes them and `--model` reads them. */

const Rows = Type.Array(Type.Array(Type.Number()));
const ModelSchema = Type.Object(
  {
    version: Type.Literal(2),
    traits: Type.Array(Type.String()),
    features: Type.Array(Type.String()),
    signals: Type.Array(Type.String()),
    /** A row a trait, a column a feature; of the sieve: those of the terms. */
    sieve: Rows,
    rank: Rows,
    /** That the knowledge base holds the answer; that the winner is it if so. A row a trait, a column a signal, the bias last. */
    known: Rows,
    right: Rows,
  },
  { additionalProperties: true },
);
export type ModelFile = Static<typeof ModelSchema>;

export interface MatcherModel {
  readonly sieve: Weights;
  readonly rank: Weights;
  readonly sureness: Sureness;
}

const same = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && a.every((name, at) => name === b[at]);

/** Throws AppError `kb.bad_model` for anything that is not a model of this version. */
export function readModel(data: unknown): MatcherModel {
  if (!Value.Check(ModelSchema, data)) {
    const [first] = Value.Errors(ModelSchema, data);
    throw new AppError('kb.bad_model', `不是模型文件：${first === undefined ? '' : `${first.instancePath || '/'} ${first.message}`}`);
  }
  const { traits, features, signals, sieve, rank, known, right } = data;
  if (!same(traits, TRAITS) || !same(features, FEATURES) || !same(signals, SIGNALS)) throw new AppError('kb.bad_model', '模型来自另一个版本：请用本版本重新训练');
  const isSize = (rows: readonly (readonly number[])[], width: number): boolean => rows.length === traits.length && rows.every((row) => row.length === width);
  if (!isSize(sieve, CHEAP.length) || !isSize(rank, features.length) || !isSize(known, signals.length + 1) || !isSize(right, signals.length + 1)) throw new AppError('kb.bad_model', '模型文件的行列数不对');
  return { sieve: sieve.map((row) => Float64Array.from(row)), rank: rank.map((row) => Float64Array.from(row)), sureness: { known: relevanceOf(known), right: relevanceOf(right) } };
}

function relevanceOf(rows: readonly (readonly number[])[]): Relevance {
  return { weights: rows.map((row) => Float64Array.from(row.slice(0, -1))), bias: Float64Array.from(rows, (row) => row.at(-1) ?? 0) };
}

/** Four digits: what is cut off changes no ranking. */
const rounded = (row: Float64Array): number[] => Array.from(row, (each) => Number(each.toPrecision(4)));

export function writeModel({ sieve, rank, sureness: { known, right } }: MatcherModel): ModelFile {
  const rowsOf = ({ weights, bias }: Relevance): number[][] => weights.map((row, trait) => rounded(Float64Array.of(...row, bias[trait] ?? 0)));
  return { version: 2, traits: [...TRAITS], features: [...FEATURES], signals: [...SIGNALS], sieve: sieve.map(rounded), rank: rank.map(rounded), known: rowsOf(known), right: rowsOf(right) };
}

let shipped: MatcherModel | null = null;

/** The model that the project ships; how it was trained: docs/matcher.md. */
export function shippedModel(): MatcherModel {
  shipped ??= readModel({ version: 2, traits: TRAITS, features: FEATURES, signals: SIGNALS, ...SHIPPED });
  return shipped;
}
