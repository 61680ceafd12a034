import { arrayOf, isBoolean, isNumber, isString, isUnknown, keepValid, nullable, object, oneOf, type Guard } from '../../shared/guards.ts';
import type { Calls } from './knowledge.ts';

/** Partner platforms, as the desk's API answers (src/http/zones/desk/partners.ts). */

export type PartnerScope = 'own' | 'all';
export type DeliveryState = 'waiting' | 'delivered' | 'dead';

export interface PartnerGiven {
  readonly name: string;
  readonly webhookUrl: string | null;
  readonly events: readonly string[];
  readonly scope: PartnerScope;
}

export interface PartnerView extends PartnerGiven {
  readonly id: string;
  readonly active: boolean;
  readonly createdAt: number;
}

export interface PartnerKeyView {
  readonly id: string;
  readonly name: string;
  readonly createdAt: number;
  readonly expiresAt: number | null;
  readonly revokedAt: number | null;
}

export interface DeliveryView {
  readonly id: string;
  readonly partnerId: string;
  readonly ticketId: string;
  readonly seq: number;
  readonly state: DeliveryState;
  readonly attempts: number;
  readonly lastResult: string | null;
  readonly createdAt: number;
  readonly deliveredAt: number | null;
}

export interface DeliveryFilter {
  readonly partner: string;
  readonly state: DeliveryState | '';
  /** Id of the last row of the page before. */
  readonly before?: string;
}

const text = nullable(isString);
const time = nullable(isNumber);
const isPartner: Guard<PartnerView> = object({ id: isString, name: isString, webhookUrl: text, events: arrayOf(isString), scope: oneOf('own', 'all'), active: isBoolean, createdAt: isNumber });
const isKey: Guard<PartnerKeyView> = object({ id: isString, name: isString, createdAt: isNumber, expiresAt: time, revokedAt: time });
const isDelivery: Guard<DeliveryView> = object({ id: isString, partnerId: isString, ticketId: isString, seq: isNumber, state: oneOf('waiting', 'delivered', 'dead'), attempts: isNumber, lastResult: text, createdAt: isNumber, deliveredAt: time });
const isSecret = object({ webhookSecret: isString });

export const DELIVERY_PAGE = 50;

/** Like all of the client they throw ApiError and nothing else. */
export function createPartnersApi({ request, read, list }: Calls) {
  const id = encodeURIComponent;
  return {
    async all(): Promise<{ readonly partners: readonly PartnerView[]; readonly events: readonly string[] }> {
      const { partners, events } = await read(object({ partners: arrayOf(isUnknown), events: arrayOf(isString) }), 'GET', '/api/partners');
      return { partners: keepValid(partners, isPartner), events };
    },
    /** The webhook's secret, told this once. */
    add: async (partnerId: string, given: PartnerGiven): Promise<string> => (await read(isSecret, 'POST', '/api/partners', { id: partnerId, ...given })).webhookSecret,
    change: async (partnerId: string, given: Partial<PartnerGiven> & { readonly active?: boolean }): Promise<void> => void (await request('PATCH', `/api/partners/${id(partnerId)}`, given)),
    /** A new secret, told this once; the one before holds for a day. */
    renewSecret: async (partnerId: string): Promise<string> => (await read(isSecret, 'POST', `/api/partners/${id(partnerId)}/secret`, {})).webhookSecret,
    keys: (partnerId: string): Promise<PartnerKeyView[]> => list('keys', isKey, `/api/partners/${id(partnerId)}/keys`),
    /** The key, told this once. */
    addKey: async (partnerId: string, name: string): Promise<string> => (await read(object({ apiKey: isString }), 'POST', `/api/partners/${id(partnerId)}/keys`, { name })).apiKey,
    revokeKey: async (partnerId: string, keyId: string): Promise<void> => void (await request('DELETE', `/api/partners/${id(partnerId)}/keys/${id(keyId)}`)),
    deliveries({ partner, state, before }: DeliveryFilter): Promise<DeliveryView[]> {
      const query = new URLSearchParams({ limit: String(DELIVERY_PAGE), ...(partner === '' ? {} : { partner }), ...(state === '' ? {} : { state }), ...(before === undefined ? {} : { before }) });
      return list('deliveries', isDelivery, `/api/webhook-deliveries?${query.toString()}`);
    },
    replayOne: async (deliveryId: string): Promise<void> => void (await request('POST', `/api/webhook-deliveries/${id(deliveryId)}/replay`, {})),
    /** How many are sent again. */
    replaySince: async (partnerId: string, since: number, deadOnly: boolean): Promise<number> => (await read(object({ replayed: isNumber }), 'POST', `/api/partners/${id(partnerId)}/replay`, deadOnly ? { since, state: 'dead' } : { since })).replayed,
  };
}
