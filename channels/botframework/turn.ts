import type { Activity as WireActivity } from 'botbuilder';
import type { OutgoingMessage, ReceiveResult } from '../../src/channel/contract.ts';
import { degrade } from '../../src/channel/degrade.ts';
import type { Activity, ActivityContent, ExternalId, InboundActivity } from '../../src/domain/activity.ts';
import { AppError } from '../../src/domain/errors.ts';
import type { JsonValue } from '../../src/domain/json.ts';
import { isObject } from './body.ts';
import { CHANNEL, decode, type Inbound } from './decode.ts';
import { STATUS } from './handoff.ts';
import { handoffNow, toWire } from './send.ts';
import type { Kept } from './references.ts';
import type { OpenTurn, Service } from './service.ts';

/**
 * The bot's side of a request: stores what came, before the 200. The answer goes by the outbox, except where the peer asks for
 * it in the reply (`expectReplies`).
 */

/** Said to a group and to nobody in it: what 12345 talks about is a person's own matter. */
export const GROUP_TEXT = '为保护个人信息，12345 不在群聊中受理。请单独与我对话，把您的问题发给我。';

/** Sends wait so much longer than the request that may carry what they bring, ms. */
const REPLY_GRACE_MS = 5_000;
const PAGE = 200;

export type TakeTurn = (context: OpenTurn, caller: string | null) => Promise<void>;

export function createTurn(service: Service): TakeTurn {
  const { ports, references, settings, patienceMs } = service;
  return async (context, caller) => {
    const activity: JsonValue = JSON.parse(JSON.stringify(context.activity));
    const decoded = isObject(activity) ? decode(activity, settings.handoff) : { kind: 'malformed' as const };
    switch (decoded.kind) {
      case 'malformed':
        throw new AppError('botframework.malformed', 'not an activity', { status: 400 });
      case 'nothing':
        return;
      case 'typing': {
        const found = await ports.findConversation(CHANNEL, decoded.address);
        if (found !== null) ports.announceTyping(found.conversationId, 'citizen');
        return;
      }
      case 'group':
        if (decoded.asked) await context.sendActivities([{ type: 'message', text: GROUP_TEXT, textFormat: 'plain' }]).catch(() => ports.log.warn({ channel: CHANNEL }, 'a group could not be answered'));
        return;
      case 'inbound': {
        const { address, reference, replies } = decoded;
        const openUntil = replies ? ports.now() + patienceMs + REPLY_GRACE_MS : 0;
        const kept = await references.note(address, { reference, caller, replies, openUntil });
        if (!replies) {
          await storeAll(service, decoded);
          return;
        }
        try {
          const last = await storeAll(service, decoded);
          if (last !== null) await reply(service, context, decoded, kept, last);
        } finally {
          await references.change(address, (current) => ({ ...current, openUntil: 0 }));
        }
      }
    }
  };
}

/** @returns what became of the last one */
async function storeAll({ ports }: Service, { activities, inline }: Inbound): Promise<ReceiveResult | null> {
  let last: ReceiveResult | null = null;
  for (const activity of activities) last = await ports.receive(activity.content.type === 'message' && inline.length > 0 ? await withFiles(ports, activity, activity.content, inline) : activity);
  return last;
}

async function withFiles(ports: Service['ports'], activity: InboundActivity, content: Extract<ActivityContent, { type: 'message' }>, inline: Inbound['inline']): Promise<InboundActivity> {
  const saved = await Promise.all(inline.map(({ name, bytes }) => ports.media.save(bytes, name)));
  return { ...activity, content: { ...content, attachments: [...(content.attachments ?? []), ...saved] } };
}

/** Puts everything that is not heard yet into the reply; a repetition gets what the first one got. */
async function reply(service: Service, context: OpenTurn, inbound: Inbound, kept: Kept, received: ReceiveResult): Promise<void> {
  const { ports, references } = service;
  const key = inbound.activities.at(-1)?.externalId ?? null;
  const before = key === null ? undefined : kept.answers.find((answer) => answer.key === key);
  const from = before?.from ?? (kept.heard === 0 ? Math.max(0, received.seq - inbound.activities.length) : kept.heard);
  if (before === undefined && !kept.human) await untilAnswered(service, received);
  const said = (await ports.history(received.conversationId, from, PAGE)).filter(({ direction }) => direction === 'out');
  const carried = said.filter(({ id }) => (before === undefined ? !kept.given.includes(id) : before.ids.includes(id)));
  if (before === undefined) await references.change(inbound.address, (current) => ({ ...answered(current, key, from, carried), ...standing(service, carried) }));
  const wires: Partial<WireActivity>[] = [];
  for (const message of messagesOf(service, carried)) {
    const wire = await toWire(service, message, inbound.address, { asked: before === undefined && kept.asked }, context, ports.now());
    if (wire !== null) wires.push(wire);
  }
  if (wires.length > 0) await context.sendActivities(wires);
}

function answered(current: Kept, key: ExternalId | null, from: number, carried: readonly Activity[]): Kept {
  const ids = carried.map(({ id }) => id);
  return {
    ...current,
    heard: carried.at(-1)?.seq ?? current.heard,
    given: [...current.given, ...ids],
    answers: key === null ? current.answers : [...current.answers, { key, from, ids }],
    openUntil: 0,
  };
}

function standing({ settings }: Service, carried: readonly Activity[]): Partial<Kept> {
  return Object.assign({}, ...carried.map(({ content }) => (content.type === 'event' && content.name === STATUS ? handoffNow(content.value, settings.handoff) : {})));
}

/** As the outbox would send them: messages cut to what the channel carries, handoff events between them. */
function messagesOf({ capabilities, publicUrl }: Service, activities: readonly Activity[]): OutgoingMessage[] {
  return activities.flatMap(({ id, content }): OutgoingMessage[] => {
    if (content.type === 'message') return degrade([{ activityIds: [id], content }], capabilities, { publicUrl });
    if (content.type !== 'event' || content.name !== STATUS) return [];
    return [{ activityIds: [id], content: { type: 'message', text: '' }, event: { name: content.name, ...(content.value === undefined ? {} : { value: content.value }) } }];
  });
}

/** Mostly the turn is over when the message is stored; else until it is, or as long as the peer waits. */
async function untilAnswered({ ports, patienceMs }: Service, { conversationId, seq, activityId }: ReceiveResult): Promise<void> {
  const isAnswer = (activity: Activity): boolean => activity.direction === 'out' && activity.replyToId === activityId;
  let timer: NodeJS.Timeout | undefined;
  let stop = (): void => undefined;
  try {
    const told = new Promise<void>((resolve) => {
      stop = ports.subscribe(conversationId, (event) => {
        if (event.kind === 'activity' && isAnswer(event.activity)) resolve();
      });
      timer = setTimeout(resolve, patienceMs);
    });
    // Subscribed first: nothing falls between the look and the listening.
    if (!(await ports.history(conversationId, seq, PAGE)).some(isAnswer)) await told;
  } finally {
    clearTimeout(timer);
    stop();
  }
}
