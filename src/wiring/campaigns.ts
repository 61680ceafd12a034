import type { JobHandlers } from '../bus/contract.ts';
import { CALL_KIND, SETTLE_KIND, TICK_KIND, type CampaignContext } from '../outbound/campaign-context.ts';
import { createCallHandler, createTickHandler } from '../outbound/campaign-drive.ts';
import { callWent, createSettleHandler } from '../outbound/campaign-report.ts';
import type { OutboundContext } from '../outbound/context.ts';

/** Campaigns of calls (智能外呼): their handlers on the bus, and what follows when a call went on. */
export interface Campaigns {
  readonly context: () => CampaignContext;
  readonly handlers: JobHandlers;
  readonly callWent: NonNullable<OutboundContext['callWent']>;
}

/** @param outbound asked for when it is needed: it in turn is made with `callWent` */
export function openCampaigns(outbound: () => OutboundContext): Campaigns {
  let made: CampaignContext | null = null;
  const context = (): CampaignContext => {
    if (made === null) {
      const given = outbound();
      made = { ...given, lines: given.rules.call.lines };
    }
    return made;
  };
  return {
    context,
    handlers: {
      [TICK_KIND]: (row, lease) => createTickHandler(context())(row, lease),
      [CALL_KIND]: (row, lease) => createCallHandler(context())(row, lease),
      [SETTLE_KIND]: (row, lease) => createSettleHandler(context())(row, lease),
    },
    callWent: (unit, attempt) => callWent(context(), unit, attempt),
  };
}
