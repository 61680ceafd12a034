import type { Campaign } from '../store/contract.ts';

/** The flow that speaks, by purpose. */
export const CAMPAIGN_FLOWS: Readonly<Record<Campaign['purpose'], string>> = { visit: 'outboundVisit', missed: 'outboundMissed', progress: 'outboundProgress', notice: 'outboundNotice' };
