import { arrayOf, isNumber, isRecord, isString, isUnknown, keepValid, object, optional, parseJson, type Guarded } from '../../shared/guards.ts';

/** Shapes of Direct Line 3.0 as far as the widget reads them (learn.microsoft.com, “Direct Line API 3.0 reference”). */

export const isTokenAnswer = object({ conversationId: isString, token: isString, expires_in: optional(isNumber) });
export type TokenAnswer = Guarded<typeof isTokenAnswer>;

export const isConversationAnswer = object({ conversationId: isString, token: optional(isString), expires_in: optional(isNumber), streamUrl: optional(isString) });
export type ConversationAnswer = Guarded<typeof isConversationAnswer>;

export const isIdAnswer = object({ id: isString });
export const isErrorAnswer = object({ error: object({ code: optional(isString), message: optional(isString) }) });

const isAction = object({ type: isString, title: optional(isString), value: isUnknown, text: optional(isString), displayText: optional(isString) });
export type WireAction = Guarded<typeof isAction>;

const isAttachment = object({ contentType: isString, contentUrl: optional(isString), name: optional(isString), thumbnailUrl: optional(isString), content: isUnknown });
export type WireAttachment = Guarded<typeof isAttachment>;

const isActivity = object({
  type: isString,
  id: optional(isString),
  timestamp: optional(isString),
  from: object({ id: optional(isString), name: optional(isString), role: optional(isString) }),
  text: optional(isString),
  name: optional(isString),
  value: isUnknown,
  channelData: isUnknown,
  suggestedActions: isUnknown,
  attachments: isUnknown,
  replyToId: optional(isString),
});
export type WireActivity = Guarded<typeof isActivity>;

const isActivitySet = object({ activities: arrayOf(isUnknown), watermark: optional(isString) });

export interface ActivitySet {
  readonly activities: readonly WireActivity[];
  readonly watermark: string | undefined;
}

/** Activities of a frame or an answer; odd ones are dropped, null when it is no activity set at all. */
export function readActivitySet(value: unknown): ActivitySet | null {
  if (!isActivitySet(value)) return null;
  return { activities: keepValid(value.activities, isActivity), watermark: value.watermark };
}

/** The token's `user` claim, by which own activities are recognised; undefined when the token is no JWT. */
export function tokenUser(token: string): string | undefined {
  const payload = token.split('.')[1];
  if (payload === undefined) return undefined;
  try {
    const claims = parseJson(atob(payload.replaceAll('-', '+').replaceAll('_', '/')));
    return isRecord(claims) && isString(claims['user']) ? claims['user'] : undefined;
  } catch {
    return undefined;
  }
}

export const clientIdOf = (activity: WireActivity): string | undefined =>
  isRecord(activity.channelData) && isString(activity.channelData['clientActivityID']) ? activity.channelData['clientActivityID'] : undefined;

export const attachmentsOf = (activity: WireActivity): WireAttachment[] => (Array.isArray(activity.attachments) ? keepValid(activity.attachments, isAttachment) : []);

/** Buttons of cards among the attachments: pages to open. */
export const cardActionsOf = (activity: WireActivity): WireAction[] =>
  attachmentsOf(activity).flatMap(({ content }) => (isRecord(content) && Array.isArray(content['buttons']) ? keepValid(content['buttons'], isAction) : []));

export const actionsOf = (activity: WireActivity): WireAction[] =>
  isRecord(activity.suggestedActions) && Array.isArray(activity.suggestedActions['actions']) ? keepValid(activity.suggestedActions['actions'], isAction) : [];
