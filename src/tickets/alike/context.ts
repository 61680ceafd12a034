import type { JsonObject } from '../../domain/json.ts';
import type { OutboxRow, Repositories } from '../../store/contract.ts';
import type { TicketsContext, TicketUnit } from '../context.ts';

/** Duplicates (并单) work beside the turns: they open their own passages. */
export interface AlikeContext extends TicketsContext {
  readonly read: <Result>(fn: (repos: Repositories) => Promise<Result>) => Promise<Result>;
  /** One transaction, told of after its commit; intake's `writeUnit`. */
  readonly write: <Result>(fn: (unit: TicketUnit) => Promise<Result>) => Promise<Result>;
}

/** A bus handler, as this room sees it. */
export type BatchHandler = (row: OutboxRow, lease: { readonly lane: string; readonly fence: number }) => Promise<{ readonly kind: 'done' } | { readonly kind: 'bury'; readonly code: string }>;

/** Lane of what concerns all followers of one ticket, in the order in which it happened. */
export const followersLane = (leadingId: string): string => `alike:${leadingId}`;

/** Outbox kinds. */
export const ALIKE_KINDS = { followers: 'alike.followers', relink: 'alike.relink', storm: 'alike.storm' } as const;

/** Puts a row of this room on the bus. */
export async function enqueueAlike(context: TicketsContext, unit: TicketUnit, lane: string, kind: string, payload: JsonObject): Promise<void> {
  const now = context.now();
  const id = context.newId();
  await unit.repos.outbox.add([{ id, lane, kind, payload, availableAt: now, blocking: true, now }]);
  unit.after.push({ kind: 'wake', rows: [{ id, lane, availableAt: now }] });
}
