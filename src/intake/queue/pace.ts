import type { EpochMs } from '../../domain/activity.ts';
import type { Repositories } from '../../store/contract.ts';

/**
 * How long the queue really takes while very much comes in. The waits of those who were accepted lag behind then: they began to wait when it was
 * calm. What the seats took on in the last minutes says how fast the queue goes now.
 */

/** Looked back on, and most acceptances that are counted in it. */
const WINDOW_MS = 15 * 60_000;
const MOST = 2_000;

/** Between two acceptances of this group now, ms; null: nobody was accepted lately. */
export async function paceOf({ services }: Pick<Repositories, 'services'>, groupId: string, now: EpochMs): Promise<number | null> {
  const accepted = (await services.waits(groupId, now - WINDOW_MS, MOST)).length;
  return accepted === 0 ? null : WINDOW_MS / accepted;
}

/**
 * How long one will have waited in the end who has waited so long already and has so many before: the usual, or what the queue's pace says, the
 * longer of the two. Null: nobody can say.
 */
export function honestWait(usualMs: number | null, paceMs: number | null, { ahead, waitedMs }: { readonly ahead: number; readonly waitedMs: number }): number | null {
  if (paceMs === null) return ahead === 0 ? usualMs : null;
  const byPace = waitedMs + paceMs * (ahead + 1);
  return usualMs === null ? byPace : Math.max(usualMs, byPace);
}

/** How long one waits who begins now in the group that is worst off; null: nobody waits, or nobody can say. */
export async function longestWait(repos: Pick<Repositories, 'services' | 'queue'>, now: EpochMs): Promise<number | null> {
  let longest: number | null = null;
  for (const { groupId, waiting } of await repos.queue.groups()) {
    const wait = honestWait(null, await paceOf(repos, groupId, now), { ahead: waiting, waitedMs: 0 });
    if (wait !== null) longest = Math.max(longest ?? 0, wait);
  }
  return longest;
}
