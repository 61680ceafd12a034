import Type, { type Static } from 'typebox';
import type { IntakeContext } from '../../../intake/context.ts';
import { longestWait } from '../../../intake/queue/pace.ts';
import type { Storm, StormView } from '../../../intake/storm/contract.ts';
import { standardAnswer } from '../../../intake/storm/words.ts';
import type { Repositories } from '../../../store/contract.ts';

/** Storm mode as the desk and the data wall show it. Amounts and names of matters; no person. */

const Unknown = Type.Null();
const Cause = Type.Union([Type.Object({ signal: Type.String(), value: Type.Number(), limit: Type.Number() }), Unknown]);

export const StormMode = Type.Object({
  /** 0: calm. */
  level: Type.Integer(),
  /** Of the highest level. */
  levels: Type.Integer(),
  name: Type.Union([Type.String(), Unknown]),
  since: Type.Number(),
  began: Type.Union([Type.Number(), Unknown]),
  /** × the usual. */
  load: Type.Number(),
  perFive: Type.Number(),
  normal: Type.Number(),
  learned: Type.Boolean(),
  givesUp: Type.Array(Type.String()),
  cause: Cause,
  pinned: Type.Union([Type.Object({ level: Type.Integer(), until: Type.Number() }), Unknown]),
  /** How long the queue that is worst off takes now; null: nobody waits, or nobody can say. */
  waitMs: Type.Union([Type.Number(), Unknown]),
  groups: Type.Array(Type.Object({ id: Type.String(), title: Type.String(), count: Type.Integer(), towns: Type.Array(Type.String()), /** What a supervisor wrote. */ answer: Type.Union([Type.String(), Unknown]), /** What citizens hear. */ reply: Type.String() })),
});
export type StormModeShape = Static<typeof StormMode>;

export const StormHistory = Type.Array(Type.Object({ at: Type.Number(), from: Type.Integer(), to: Type.Integer(), load: Type.Number(), cause: Cause }));

/** @param repos for the wait; read only while it is no calm */
export async function stormMode({ city }: Pick<IntakeContext, 'city'>, { settings, view, groups, gathers }: Storm, repos: Pick<Repositories, 'services' | 'queue'>, now: number): Promise<StormModeShape> {
  const { pin, history: _history, givesUp, cause, ...shown } = view();
  const nameOf = (id: string): string => city.towns.find((town) => town.id === id)?.short ?? city.towns.find((town) => town.id === id)?.name ?? id;
  return {
    ...shown,
    levels: settings.rules.levels.length,
    givesUp: [...givesUp],
    cause: cause === null ? null : { ...cause },
    pinned: pin === null ? null : { level: pin.level, until: pin.until },
    waitMs: shown.level === 0 ? null : await longestWait(repos, now),
    groups: !gathers() ? [] : groups.list().map(({ storm, leading, count }) => ({
      id: storm.id, title: storm.title, count, towns: storm.townIds.map(nameOf), answer: storm.answer,
      reply: storm.answer ?? standardAnswer(settings, storm.itemCode, 'zh-CN', city.departments.find(({ id }) => id === leading.departmentId)?.name ?? '承办单位'),
    })),
  };
}

/** What every desk is told when the level changes. */
export function stormFrame({ level, name, since, load }: StormView) {
  return { type: 'storm' as const, storm: { level, name, since, load } };
}
