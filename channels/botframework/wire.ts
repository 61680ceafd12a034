import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';

/**
 * The part of a Bot Framework activity that we read
 * (https://github.com/microsoft/botframework-sdk, “Bot Framework -- Activity”). Numbers and nulls where text belongs make an
 * activity malformed; what is not named here is left alone.
 */

const Text = Type.Optional(Type.Union([Type.String(), Type.Null()]));
const Account = Type.Object({ id: Type.Optional(Type.String({ maxLength: 500 })), name: Text, role: Text });
const Conversation = Type.Object({ id: Type.String({ minLength: 1, maxLength: 1000 }), isGroup: Type.Optional(Type.Union([Type.Boolean(), Type.Null()])), conversationType: Text, tenantId: Text });

export const ActivityShape = Type.Object({
  type: Type.String({ minLength: 1, maxLength: 200 }),
  id: Type.Optional(Type.String({ maxLength: 1000 })),
  channelId: Type.String({ minLength: 1, maxLength: 100, pattern: '^[\\w.-]+$' }),
  serviceUrl: Type.String({ maxLength: 2048, pattern: '^https?://[!-~]+$' }),
  conversation: Conversation,
  from: Account,
  recipient: Account,
  locale: Text,
  text: Text,
  textFormat: Text,
  name: Text,
  code: Text,
  deliveryMode: Text,
  membersAdded: Type.Optional(Type.Union([Type.Null(), Type.Array(Account, { maxItems: 1000 })])),
  attachments: Type.Optional(Type.Union([Type.Null(), Type.Array(Type.Object({ contentType: Text, contentUrl: Text, name: Text, content: Type.Optional(Type.Unknown()) }), { maxItems: 50 })])),
  entities: Type.Optional(Type.Union([Type.Null(), Type.Array(Type.Object({ type: Text, mentioned: Type.Optional(Type.Union([Account, Type.Null()])) }), { maxItems: 200 })])),
});
export type Shape = Static<typeof ActivityShape>;
export const activityShape = Compile(ActivityShape);

/** What botbuilder keeps to come back to a conversation. */
export const ReferenceShape = Type.Object({
  activityId: Type.Optional(Type.String()),
  user: Type.Object({ id: Type.String(), name: Type.String() }),
  bot: Type.Object({ id: Type.String(), name: Type.String() }),
  conversation: Type.Object({ id: Type.String(), name: Type.String(), isGroup: Type.Boolean(), conversationType: Type.String(), tenantId: Type.Optional(Type.String()) }),
  channelId: Type.String(),
  locale: Type.Optional(Type.String()),
  serviceUrl: Type.String(),
});
export type Reference = Static<typeof ReferenceShape>;
