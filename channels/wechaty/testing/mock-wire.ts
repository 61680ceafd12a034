import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';

/** What the one who plays WeChat and the mock puppet tell each other. */

const MessageShape = Type.Object({
  id: Type.String(),
  type: Type.String(),
  talkerId: Type.String(),
  talkerName: Type.String(),
  roomId: Type.Optional(Type.String()),
  mention: Type.Optional(Type.Boolean()),
  text: Type.String(),
  /** Epoch ms. */
  at: Type.Number(),
  file: Type.Optional(Type.Object({ name: Type.String(), base64: Type.String() })),
});
export type MockMessage = Static<typeof MessageShape>;

const Command = Type.Union([
  Type.Object({ command: Type.Union([Type.Literal('scan'), Type.Literal('login'), Type.Literal('logout'), Type.Literal('error-event'), Type.Literal('throw'), Type.Literal('reject'), Type.Literal('hang')]) }),
  Type.Object({ command: Type.Literal('fail-sends'), times: Type.Integer() }),
  Type.Object({ command: Type.Literal('arrive'), message: MessageShape }),
]);
export type MockCommand = Static<typeof Command>;
const commandShape = Compile(Command);
const messageShape = Compile(MessageShape);

/** `up`: started. `in`: logged in. */
export type MockEvent = { readonly event: 'up' | 'in' } | { readonly event: 'sent'; readonly to: string; readonly text: string };

/** Null for what is none, such as our own events. */
export function readCommand(data: unknown): MockCommand | null {
  return commandShape.Check(data) ? data : null;
}

export function readMessage(data: unknown): MockMessage {
  if (!messageShape.Check(data)) throw new TypeError('not a message of the mock');
  return data;
}

export function readEvent(data: unknown): MockEvent | null {
  if (typeof data !== 'object' || data === null || !('event' in data)) return null;
  if (data.event === 'up' || data.event === 'in') return { event: data.event };
  return data.event === 'sent' && 'to' in data && 'text' in data ? { event: 'sent', to: String(data.to), text: String(data.text) } : null;
}
