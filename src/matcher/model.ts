import Type, { type Static } from 'typebox';
import { Value } from 'typebox/value';
import { AppError } from '../domain/errors.ts';
import { FEATURES } from './features.ts';
import type { Relevance, Weights } from './learn.ts';
import { SHIPPED } from './shipped-model.ts';
import { SIGNALS } from './signals.ts';
import { TRAITS } from './traits.ts';

/** The numbers of the ranking, as `yihu kb train` writes them and `--model` reads them. */

const Rows = Type.Array(Type.Array(Type.Number()));
const ModelSchema = Type.Object(
  {
    version: Type.Literal(1),
    traits: Type.Array(Type.String()),
    features: Type.Array(Type.String()),
    signals: Type.Array(Type.String()),
    /** A row a trait, a column a feature. */
    rank: Rows,
    /** A row a trait, a column a signal. */
    relevance: Rows,
    bias: Type.Array(Type.Number()),
  },
  { additionalProperties: true },
);
export type ModelFile = Static<typeof ModelSchema>;

export interface MatcherModel {
  readonly rank: Weights;
  readonly relevance: Relevance;
}

const same = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && a.every((name, at) => name === b[at]);

/** Throws AppError `kb.bad_model` for anything that is not a model of this version. */
export function readModel(data: unknown): MatcherModel {
  if (!Value.Check(ModelSchema, data)) {
    const [first] = Value.Errors(ModelSchema, data);
    throw new AppError('kb.bad_model', `不是模型文件：${first === undefined ? '' : `${first.instancePath || '/'} ${first.message}`}`);
  }
  const { traits, features, signals, rank, relevance, bias } = data;
  if (!same(traits, TRAITS) || !same(features, FEATURES) || !same(signals, SIGNALS)) throw new AppError('kb.bad_model', '模型来自另一个版本：请用本版本重新训练');
  if (rank.length !== traits.length || relevance.length !== traits.length || bias.length !== traits.length || rank.some((row) => row.length !== features.length) || relevance.some((row) => row.length !== signals.length)) {
    throw new AppError('kb.bad_model', '模型文件的行列数不对');
  }
  return { rank: rank.map((row) => Float64Array.from(row)), relevance: { weights: relevance.map((row) => Float64Array.from(row)), bias: Float64Array.from(bias) } };
}

/** Four digits: what is cut off changes no ranking. */
const rounded = (row: Float64Array): number[] => Array.from(row, (each) => Number(each.toPrecision(4)));

export function writeModel({ rank, relevance }: MatcherModel): ModelFile {
  return { version: 1, traits: [...TRAITS], features: [...FEATURES], signals: [...SIGNALS], rank: rank.map(rounded), relevance: relevance.weights.map(rounded), bias: rounded(relevance.bias) };
}

let shipped: MatcherModel | null = null;

/** The model that the project ships; how it was trained: docs/matcher.md. */
export function shippedModel(): MatcherModel {
  shipped ??= readModel({ version: 1, traits: TRAITS, features: FEATURES, signals: SIGNALS, ...SHIPPED });
  return shipped;
}
