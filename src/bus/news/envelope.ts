import Type from 'typebox';
import { Compile } from 'typebox/compile';
import type { NewsItem } from '../news.ts';

const Id = Type.String({ minLength: 1, maxLength: 200 });
const Code = Type.String({ maxLength: 200 });

const Item = Compile(
  Type.Union([
    Type.Object({ kind: Type.Literal('activity'), conversationId: Id, activityId: Id }),
    Type.Object({ kind: Type.Literal('typing'), conversationId: Id, role: Type.Union([Type.Literal('citizen'), Type.Literal('bot'), Type.Literal('seat'), Type.Literal('system')]) }),
    Type.Object({ kind: Type.Literal('conversation'), conversationId: Id }),
    Type.Object({ kind: Type.Literal('ticket'), ticketId: Id, conversationId: Type.Union([Id, Type.Null()]) }),
    Type.Object({
      kind: Type.Literal('receipt'), conversationId: Id, activityId: Id, at: Type.Number(), code: Type.Union([Code, Type.Null()]),
      status: Type.Union([Type.Literal('delivered'), Type.Literal('retrying'), Type.Literal('failed')]),
    }),
    Type.Object({ kind: Type.Literal('emergency'), conversationId: Id, category: Code }),
    Type.Object({ kind: Type.Literal('note'), conversationId: Id, noteId: Id, mentions: Type.Array(Id) }),
    Type.Object({ kind: Type.Literal('offer'), conversationId: Id, groupId: Id, seatId: Id, until: Type.Union([Type.Number(), Type.Null()]), offer: Type.Union([Type.Literal('queue'), Type.Literal('transfer')]) }),
    Type.Object({ kind: Type.Literal('presence'), seatIds: Type.Array(Id) }),
    Type.Object({ kind: Type.Literal('queue'), groupIds: Type.Array(Id) }),
    Type.Object({ kind: Type.Literal('campaign'), campaignId: Id }),
    Type.Object({ kind: Type.Literal('inspection'), inspectionId: Id, move: Type.Union([Type.Literal('judge'), Type.Literal('appeal'), Type.Literal('rejudge')]), seatIds: Type.Array(Id) }),
    Type.Object({ kind: Type.Literal('turned'), activityId: Id }),
    Type.Object({ kind: Type.Literal('knowledge') }),
    Type.Object({ kind: Type.Literal('catalogue') }),
    Type.Object({ kind: Type.Literal('work') }),
  ]),
);

const Envelope = Compile(Type.Object({ from: Type.String(), items: Type.Array(Type.Unknown()) }));

/** One message: who sends it, and what. */
export function wrap(from: string, items: readonly string[]): string {
  return `{"from":${JSON.stringify(from)},"items":[${items.join(',')}]}`;
}

/**
 * What another node says, or nothing: not for us to hear (our own), no message of ours, or of a newer version, of which
 * the items that we know are taken.
 */
export function unwrap(text: string, ownNode: string): readonly NewsItem[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return [];
  }
  if (!Envelope.Check(value) || value.from === ownNode) return [];
  return value.items.filter((item): item is NewsItem => Item.Check(item));
}
