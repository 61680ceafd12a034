import type { Channel, HookOutcome } from '../../channel/contract.ts';
import { isAppError } from '../../domain/errors.ts';
import type { Storm } from './contract.ts';
import { sayingOf } from './words.ts';

/**
 * A caller whose words cannot even be kept (the database is away and the spool is full) hears so instead of the vendor's "application error". Peers
 * that resend what is refused (WeChat, Direct Line) get their 503 and come again: null.
 */
export function refusedAloud({ capabilities }: Pick<Channel, 'capabilities'>, error: unknown, storm: Pick<Storm, 'settings'> | undefined): HookOutcome | null {
  if (storm === undefined || capabilities.modality !== 'voice' || capabilities.delivery !== 'pull' || !isAppError(error) || error.code !== 'spool.full') return null;
  const { text, speak } = sayingOf(storm.settings, 'refused', 'zh-CN');
  return { messages: [{ activityIds: [], content: { type: 'message', text, ...(speak === undefined ? {} : { speak }), inputHint: 'ignoringInput' } }], turn: 'done', conversation: 'closed' };
}
