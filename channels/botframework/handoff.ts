import type { Activity as WireActivity, ConversationAccount, TurnContext } from 'botbuilder';
import { cleanText } from '../../src/channel/degrade.ts';
import type { Activity } from '../../src/domain/activity.ts';
import type { JsonValue } from '../../src/domain/json.ts';
import { isObject } from './body.ts';

/**
 * Handing a citizen over, as events. `handoff.initiate` goes from a bot to an agent hub, `handoff.status` back
 * (https://learn.microsoft.com/azure/bot-service/bot-service-design-pattern-handoff-human). Field for field what botbuilder's
 * EventFactory makes; the tests compare the two.
 */

export const INITIATE = 'handoff.initiate';
export const STATUS = 'handoff.status';

/** What a citizen says who wants a person. */
export const WISH = '转人工';

/** The states of `handoff.status`; ours knows `waiting` besides, which `handoff.initiate` says. */
const STATES = ['accepted', 'failed', 'completed'] as const;
export type HandoffState = (typeof STATES)[number];

export type HandoffRead =
  | { readonly kind: 'initiate'; readonly value: JsonValue }
  | { readonly kind: 'status'; readonly state: HandoffState | null; readonly value: JsonValue | undefined }
  | { readonly kind: 'other'; readonly value: JsonValue | undefined };

const TRANSCRIPT_LINES = 100;
const LINE_CHARS = 2_000;

/** An event that came, and what we keep of it: the routing context with the words of the transcript. */
export function readHandoff(name: string, value: JsonValue | undefined, attachments: JsonValue | undefined): HandoffRead {
  if (name === INITIATE) return { kind: 'initiate', value: { context: value ?? null, transcript: readTranscript(attachments) } };
  if (name === STATUS) return { kind: 'status', state: readState(value), value };
  return { kind: 'other', value };
}

/** The state of a `handoff.status` value; null: none of the three, which is kept but means nothing. */
export function readState(value: JsonValue | undefined): HandoffState | null {
  const state = value !== undefined && isObject(value) ? value['state'] : undefined;
  return STATES.find((candidate) => candidate === state) ?? null;
}

function readTranscript(attachments: JsonValue | undefined): JsonValue[] {
  const content = (Array.isArray(attachments) ? attachments : []).find((attachment) => isObject(attachment) && attachment['name'] === 'Transcript');
  const inner = isObject(content) ? content['content'] : undefined;
  const activities = isObject(inner) ? inner['activities'] : undefined;
  return (Array.isArray(activities) ? activities : []).flatMap((activity) => {
    if (!isObject(activity)) return [];
    const { from, text } = activity;
    const role = isObject(from) && from['role'] === 'bot' ? 'bot' : 'user';
    return typeof text === 'string' && text.trim() !== '' ? [{ from: role, text: cleanText(text).slice(0, LINE_CHARS) }] : [];
  }).slice(-TRANSCRIPT_LINES);
}

export type HandoffEvent = Partial<WireActivity>;

/** @param context of the conversation that is handed over; `routing` is for the hub alone. `at`: epoch ms */
export function handoffInitiate(context: Pick<TurnContext, 'activity'>, routing: JsonValue, transcript: readonly HandoffEvent[], at: number): HandoffEvent {
  const { activity } = context;
  return {
    ...handoffEvent(INITIATE, routing, activity.conversation, at),
    from: activity.from,
    relatesTo: {
      ...(activity.id === undefined ? {} : { activityId: activity.id }),
      user: { ...activity.from },
      bot: { ...activity.recipient },
      conversation: { ...activity.conversation },
      channelId: activity.channelId,
      ...(activity.locale === undefined ? {} : { locale: activity.locale }),
      serviceUrl: activity.serviceUrl,
    },
    ...(activity.id === undefined ? {} : { replyToId: activity.id }),
    serviceUrl: activity.serviceUrl,
    channelId: activity.channelId,
    attachments: [{ content: { activities: transcript }, contentType: 'application/json', name: 'Transcript' }],
  };
}

export function handoffStatus(conversation: ConversationAccount, state: HandoffState, message: string | undefined, at: number): HandoffEvent {
  return handoffEvent(STATUS, { state, ...(message === undefined ? {} : { message }) }, conversation, at);
}

function handoffEvent(name: string, value: JsonValue, conversation: ConversationAccount, at: number): HandoffEvent {
  return { type: 'event', name, value, timestamp: new Date(at), localTimezone: Intl.DateTimeFormat().resolvedOptions().timeZone, conversation, attachments: [], entities: [] };
}

/** What was said so far, for the agent who takes over. Masked as it is stored. */
export function transcriptOf(activities: readonly Activity[], conversation: ConversationAccount, channelId: string): HandoffEvent[] {
  return activities.flatMap(({ id, at, role, content }) =>
    content.type === 'message' && content.text !== ''
      ? [{ type: 'message', id, timestamp: new Date(at), channelId, conversation, from: { id: role, name: '', role: role === 'citizen' ? 'user' : 'bot' }, text: content.text }]
      : [],
  ).slice(-TRANSCRIPT_LINES);
}
