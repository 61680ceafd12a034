import type { Activity as WireActivity } from 'botbuilder';
import type { Channel, OutgoingMessage, Receipt } from '../../src/channel/contract.ts';
import { asExternalId, type Address } from '../../src/domain/activity.ts';
import { isAppError } from '../../src/domain/errors.ts';
import type { JsonValue } from '../../src/domain/json.ts';
import type { Adapter } from './adapter.ts';
import { isObject } from './body.ts';
import { CHANNEL } from './decode.ts';
import { encodeMessage } from './encode.ts';
import { handoffInitiate, handoffStatus, readState, transcriptOf, type HandoffEvent } from './handoff.ts';
import type { Kept } from './references.ts';
import type { OpenTurn, Service } from './service.ts';
import type { Tokens } from './credentials.ts';

/** From an outbox row to the Bot Connector, by the conversation's reference. */

/** How soon a send is tried again that waits for the reply which may carry it, ms. */
const REPLY_OPEN_MS = 1_000;

export function createSend(service: Service, adapter: Pick<Adapter, 'resume'>, tokens: Pick<Tokens, 'forget'>): NonNullable<Channel['send']> {
  const { references, settings } = service;
  return async (message, { address, now }): Promise<Receipt> => {
    const kept = await references.get(address);
    if (kept === null) return { status: 'failed', code: 'botframework.no_reference', fallback: true };
    if (message.activityIds.every((id) => kept.given.includes(id))) return { status: 'delivered' };
    if (kept.replies && kept.openUntil > now) return { status: 'retry', code: 'botframework.reply_open', retryAfterMs: REPLY_OPEN_MS };
    const serviceUrl = settings.apiBase ?? kept.reference.serviceUrl;
    let externalId = '';
    try {
      await adapter.resume({ reference: { ...kept.reference, serviceUrl }, caller: kept.caller }, async (context) => {
        if (kept.reference.activityId === undefined) delete context.activity.id;
        else context.activity.id = kept.reference.activityId;
        const wire = await toWire(service, message, address, kept, context, now);
        if (wire === null) return;
        externalId = (await context.sendActivities([wire]))[0]?.id ?? '';
      });
    } catch (error) {
      if (isAppError(error) && error.code === 'botframework.http_401') tokens.forget(kept.caller ?? settings.issuer);
      return failure(error, message);
    }
    const changed = after(kept, message, settings.handoff);
    if (changed !== null) await references.change(address, changed);
    return { status: 'delivered', ...(externalId === '' ? {} : { externalId: asExternalId(externalId) }) };
  };
}

/** Null: nothing that this peer should hear of. */
export async function toWire(service: Service, message: OutgoingMessage, address: Address, kept: Pick<Kept, 'asked'>, context: Pick<OpenTurn, 'activity'>, now: number): Promise<Partial<WireActivity> | null> {
  if (message.event === undefined) return encodeMessage(message, service);
  const { value } = message.event;
  const { activity } = context;
  const state = readState(value);
  const words = isObject(value) && typeof value['message'] === 'string' ? value['message'] : undefined;
  if (state !== null) return handoffStatus(activity.conversation, state, words, now);
  if (service.settings.handoff !== 'hub' || kept.asked || !isWaiting(value)) return null;
  return initiate(service, address, context, now);
}

async function initiate({ ports }: Service, address: Address, context: Pick<OpenTurn, 'activity'>, now: number): Promise<HandoffEvent> {
  const { activity } = context;
  const found = await ports.findConversation(CHANNEL, address);
  const said = found === null ? [] : await everything(ports, found.conversationId);
  return handoffInitiate(context, { source: 'yihu', conversationId: found?.conversationId ?? null }, transcriptOf(said, activity.conversation, activity.channelId), now);
}

/** Pages through a conversation; a hub is given its end only. */
async function everything(ports: Service['ports'], conversationId: string): ReturnType<Service['ports']['history']> {
  const page = 500;
  let said = await ports.history(conversationId, 0, page);
  for (let last = said; last.length === page && said.length < 10_000; said = [...said.slice(-page), ...last]) last = await ports.history(conversationId, last.at(-1)?.seq ?? 0, page);
  return said;
}

export function isWaiting(value: JsonValue | undefined): boolean {
  return isObject(value) && value['state'] === 'waiting';
}

/** What a send changes in what we keep; null: nothing. */
function after(kept: Kept, message: OutgoingMessage, handoff: 'seats' | 'hub'): ((kept: Kept) => Kept) | null {
  const moved = message.event === undefined ? {} : handoffNow(message.event.value, handoff);
  const given = kept.replies ? message.activityIds : [];
  return Object.keys(moved).length === 0 && given.length === 0 ? null : (current) => ({ ...current, ...moved, given: [...current.given, ...given] });
}

/** How a conversation stands after its `handoff.status`. */
export function handoffNow(value: JsonValue | undefined, handoff: 'seats' | 'hub'): Partial<Pick<Kept, 'human' | 'asked'>> {
  const state = readState(value);
  if (state !== null) return { human: state === 'accepted', asked: false };
  return handoff === 'hub' && isWaiting(value) ? { asked: true } : {};
}

/** An event that the channel does not know is no reason to look for another way to the citizen. */
function failure(error: unknown, message: OutgoingMessage): Receipt {
  if (!isAppError(error)) return { status: 'retry', code: 'botframework.failed' };
  if (error.retry === 'after') return { status: 'retry', code: error.code, retryAfterMs: error.retryAfterMs ?? REPLY_OPEN_MS };
  return error.retry === 'never' ? { status: 'failed', code: error.code, fallback: message.event === undefined } : { status: 'retry', code: error.code };
}
