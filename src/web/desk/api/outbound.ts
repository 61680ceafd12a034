import { arrayOf, isBoolean, isNumber, isRecord, isString, isUnknown, keepValid, nullable, object, oneOf, type Guard } from '../../shared/guards.ts';
import type { CallView, CampaignPreview, CampaignView, CampaignWish, TargetState, TargetView } from '../../shared/outbound-types.ts';
import type { Calls } from './knowledge.ts';

/** Campaigns of calls: list, making, steps, whom they called. */

const time = nullable(isNumber);
const text = nullable(isString);
const isState = oneOf('waiting', 'calling', 'reached', 'unreached', 'refused', 'skipped');
const isTally: Guard<Readonly<Record<TargetState, number>>> = object({ waiting: isNumber, calling: isNumber, reached: isNumber, unreached: isNumber, refused: isNumber, skipped: isNumber });
const isWords: Guard<Readonly<Record<string, string>>> = (value): value is Readonly<Record<string, string>> => isRecord(value) && Object.values(value).every((one) => typeof one === 'string');
const isAmounts: Guard<Readonly<Record<string, number>>> = (value): value is Readonly<Record<string, number>> => isRecord(value) && Object.values(value).every((one) => typeof one === 'number');
const isCampaign: Guard<CampaignView> = object({
  id: isString, name: isString, purpose: oneOf('visit', 'missed', 'progress', 'notice'), channel: isString, words: text, state: oneOf('draft', 'running', 'paused', 'done', 'stopped'), concurrency: isNumber, attempts: isNumber, retryAfterMinutes: isNumber,
  hours: arrayOf(isString), workdaysOnly: isBoolean, createdByName: isString, createdAt: isNumber, startedAt: time, endedAt: time, tally: isTally,
});
const isCall: Guard<CallView> = object({ number: isNumber, state: isString, code: text, at: isNumber, seconds: nullable(isNumber) });
const isTarget: Guard<TargetView> = object({ id: isString, ticketId: text, ticketNumber: text, state: isState, code: text, attempts: isNumber, nextAt: time, keys: isWords, result: isWords, calls: arrayOf(isCall) });
const isPreview: Guard<CampaignPreview> = object({ found: isNumber, called: isNumber, leftOut: isAmounts, unknown: arrayOf(isString) });

export interface CampaignList {
  readonly campaigns: readonly CampaignView[];
  /** Channels that place calls. */
  readonly channels: readonly string[];
}

export function createOutboundApi({ read }: Pick<Calls, 'read'>) {
  const at = (id: string): string => `/api/outbound/campaigns/${encodeURIComponent(id)}`;
  return {
    async list(): Promise<CampaignList> {
      const { campaigns, channels } = await read(object({ campaigns: arrayOf(isUnknown), channels: arrayOf(isString) }), 'GET', '/api/outbound/campaigns');
      return { campaigns: keepValid(campaigns, isCampaign), channels };
    },
    preview: (wish: CampaignWish): Promise<CampaignPreview> => read(isPreview, 'POST', '/api/outbound/campaigns/preview', wish),
    create: (wish: CampaignWish): Promise<CampaignView> => read(isCampaign, 'POST', '/api/outbound/campaigns', wish),
    one: (id: string): Promise<CampaignView> => read(isCampaign, 'GET', at(id)),
    step: (id: string, step: 'start' | 'pause' | 'stop'): Promise<CampaignView> => read(isCampaign, 'POST', `${at(id)}/${step}`),
    async targets(id: string, given: { readonly state?: TargetState | undefined; readonly after?: string | undefined }): Promise<readonly TargetView[]> {
      const query = new URLSearchParams({ limit: '100', ...(given.state === undefined ? {} : { state: given.state }), ...(given.after === undefined ? {} : { after: given.after }) });
      return keepValid((await read(object({ targets: arrayOf(isUnknown) }), 'GET', `${at(id)}/targets?${query.toString()}`)).targets, isTarget);
    },
    ticketList: (kind: 'csv' | 'xlsx', base64: string): Promise<{ readonly tickets: readonly string[]; readonly refused: number }> => read(object({ tickets: arrayOf(isString), refused: isNumber }), 'POST', '/api/outbound/ticket-list', { kind, base64 }),
  };
}
