import type { EpochMs } from '../../domain/activity.ts';
import type { QueueRules } from '../../domain/queue-rules.ts';

/**
 * Where somebody stands: as if an emergency (an enterprise) had begun to wait so much earlier. Waiting time grows alike for all, so the
 * order of two never turns round while they wait, and it is one number that a database can sort by. What a priority is worth is bounded: whoever has
 * waited longer than that is before everybody who comes now, so nobody starves.
 */
export function rankOf(rules: Pick<QueueRules, 'priority'>, given: { readonly waitedFrom: EpochMs; readonly emergency: boolean; readonly enterprise: boolean }): EpochMs {
  const { priority } = rules;
  return given.waitedFrom - 1_000 * ((given.emergency ? priority.emergency : 0) + (given.enterprise ? priority.enterprise : 0));
}
