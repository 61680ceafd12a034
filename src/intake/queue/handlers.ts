import type { JobHandlers } from '../../bus/contract.ts';
import type { IntakeContext } from '../context.ts';
import { createAssignHandler } from './assign.ts';
import { ASSIGN_KIND, CALLBACK_KIND, LEASE_KIND, TELL_KIND } from './entry.ts';
import { createLeaseHandler } from './lease.ts';
import { createCallbackHandler, createTellHandler } from './waiters.ts';

/** What drives the queue, by kind of row; for `bus.start`. */
export function queueHandlers(context: IntakeContext): JobHandlers {
  return { [ASSIGN_KIND]: createAssignHandler(context), [TELL_KIND]: createTellHandler(context), [CALLBACK_KIND]: createCallbackHandler(context), [LEASE_KIND]: createLeaseHandler(context) };
}
