import { join } from 'node:path';
import { Cron } from 'croner';
import Type, { type Static } from 'typebox';
import { faultsError, readYaml } from '../config/files.ts';
import type { EpochMs } from '../domain/activity.ts';
import { lastEnded, type Period } from './period.ts';

/** config/reports.yaml: which reports are made by themselves, when, and for whom. */

const Slug = Type.String({ pattern: '^[a-z0-9-]+$' });
const Role = Type.Union([Type.Literal('editor'), Type.Literal('supervisor'), Type.Literal('administrator')]);
export const ScheduleSchema = Type.Object(
  {
    id: Slug,
    name: Type.String({ minLength: 1 }),
    kind: Type.Union([Type.Literal('day'), Type.Literal('week'), Type.Literal('month')]),
    /** Five fields of cron: minute, hour, day, month, weekday; Beijing time. */
    cron: Type.String(),
    /** Roles of the desk that it is for. Nothing is mailed. */
    roles: Type.Array(Role, { minItems: 1 }),
    /** One item or one town instead of the whole city. */
    scope: Type.Optional(Type.Object({ kind: Type.Union([Type.Literal('item'), Type.Literal('town')]), id: Type.String() }, { additionalProperties: false })),
  },
  { additionalProperties: false },
);
export type Schedule = Static<typeof ScheduleSchema>;

const ReportsFile = Type.Object({ schedules: Type.Array(ScheduleSchema) }, { additionalProperties: false });

const ZONE = 'Asia/Shanghai';

/**
 * @param root folder that holds `config/`
 * @throws AppError `config.invalid` with file, line and column of every fault
 */
export function loadSchedules(root: string): readonly Schedule[] {
  const file = readYaml(root, join(root, 'config', 'reports.yaml'), ReportsFile);
  if (file.value === null) throw faultsError(file.faults);
  const faults = [...file.faults];
  for (const [index, { id, cron }] of file.value.schedules.entries()) {
    if (file.value.schedules.findIndex((other) => other.id === id) !== index) faults.push(file.fault(`/schedules/${index}/id`, `schedule ${id} stands twice`));
    if (patternOf(cron) === null) faults.push(file.fault(`/schedules/${index}/cron`, `schedule ${id}: ${cron} is no time (five fields: minute, hour, day, month, weekday)`));
  }
  if (faults.length > 0) throw faultsError(faults);
  return file.value.schedules;
}

function patternOf(cron: string): Cron | null {
  if (cron.trim().split(/\s+/).length !== 5) return null;
  try {
    return new Cron(cron, { timezone: ZONE, paused: true });
  } catch {
    return null;
  }
}

export interface Due {
  readonly schedule: Schedule;
  readonly period: Period;
  /** The same on every node and after every restart. */
  readonly onceKey: string;
}

/** What the last moment of each schedule asks for; whether it was made already, the store knows. */
export function lastDue(schedules: readonly Schedule[], now: EpochMs): readonly Due[] {
  return schedules.flatMap((schedule) => {
    // The moment itself counts; the library tells what lies before a second.
    const at = patternOf(schedule.cron)?.previousRuns(2, new Date(now + 1_000)).map((date) => date.getTime()).find((moment) => moment <= now);
    if (at === undefined) return [];
    const period = lastEnded(schedule.kind, at);
    return [{ schedule, period, onceKey: `schedule:${schedule.id}:${period.key}` }];
  });
}

/** When a schedule comes next; null: never. */
export function nextAt({ cron }: Pick<Schedule, 'cron'>, now: EpochMs): EpochMs | null {
  return patternOf(cron)?.nextRuns(1, new Date(now))[0]?.getTime() ?? null;
}
