import { AppError } from '../domain/errors.ts';
import type { OutboxRow, Repositories } from '../store/contract.ts';
import type { LaneLease } from './contract.ts';

/**
 * In the transaction of a row's effect: still our lane, still undone, and done with this commit. So the effect happens here or not at all.
 * @throws AppError `lane.fenced`, `outbox.gone`
 */
export async function claim({ repos }: { readonly repos: Pick<Repositories, 'lanes' | 'outbox'> }, row: Pick<OutboxRow, 'id'>, lease: LaneLease): Promise<void> {
  if (await repos.outbox.completeUnder(row.id, lease.lane, lease.fence)) return;
  await repos.lanes.assertFence(lease.lane, lease.fence);
  throw new AppError('outbox.gone', 'the row was done by somebody else', { status: 409, retry: 'conflict' });
}
