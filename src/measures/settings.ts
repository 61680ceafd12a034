import { join } from 'node:path';
import Type, { type Static } from 'typebox';
import { faultsError, readYaml } from '../config/files.ts';
import { MINUTE } from '../domain/clock.ts';
import { RATES } from './catalogue.ts';
import type { ServiceLimits } from './of-services.ts';

/** config/board.yaml: how measures count, which targets they have, and where the wall puts the towns. */

const shape = { additionalProperties: false };

const BoardFile = Type.Object(
  {
    answerSeconds: Type.Integer({ minimum: 1, maximum: 600 }),
    conversationGapMinutes: Type.Integer({ minimum: 1, maximum: 24 * 60 }),
    /** Rate's name → share from 0 to 1. */
    targets: Type.Record(Type.String(), Type.Number({ minimum: 0, maximum: 1 })),
    bursts: Type.Object(
      { recentHours: Type.Integer({ minimum: 1, maximum: 24 }), baselineDays: Type.Integer({ minimum: 1, maximum: 28 }), factor: Type.Number({ minimum: 1, maximum: 100 }), least: Type.Integer({ minimum: 1, maximum: 10_000 }) },
      shape,
    ),
    tiles: Type.Array(Type.Array(Type.Union([Type.Null(), Type.String({ minLength: 1 })]), { minItems: 1, maxItems: 16 }), { minItems: 1, maxItems: 16 }),
  },
  shape,
);
export type BurstRules = Static<typeof BoardFile>['bursts'];

export interface Tile {
  readonly townId: string;
  /** From 0. */
  readonly row: number;
  readonly column: number;
}

export interface MeasureSettings {
  readonly limits: ServiceLimits;
  /** Shares by rate's name. */
  readonly targets: Readonly<Record<string, number>>;
  readonly bursts: BurstRules;
  readonly tiles: readonly Tile[];
}

/**
 * @param root folder that holds `config/`
 * @throws AppError `config.invalid` with file, line and column of every fault
 */
export function loadMeasureSettings(root: string): MeasureSettings {
  const file = readYaml(root, join(root, 'config', 'board.yaml'), BoardFile);
  const { value } = file;
  if (value === null) throw faultsError(file.faults);
  const faults = Object.keys(value.targets).filter((name) => !RATES.some((rate) => rate.name === name && rate.unit === 'percent')).map((name) => file.fault(`/targets/${name}`, `no rate ${name}: see docs/measures.md`));
  const tiles = value.tiles.flatMap((cells, row) => cells.flatMap((townId, column) => (townId === null ? [] : [{ townId, row, column }])));
  for (const [index, { townId, row, column }] of tiles.entries()) {
    if (tiles.findIndex((tile) => tile.townId === townId) !== index) faults.push(file.fault(`/tiles/${row}/${column}`, `town ${townId} stands twice`));
  }
  if (faults.length > 0) throw faultsError(faults);
  return { limits: { answerMs: value.answerSeconds * 1000, gapMs: value.conversationGapMinutes * MINUTE }, targets: value.targets, bursts: value.bursts, tiles };
}
