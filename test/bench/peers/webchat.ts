import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { createWire, requestText, type Wire } from '../wire/http.ts';
import { openLeanSocket, type LeanSocket } from '../wire/websocket.ts';
import type { CitizenPeer } from './peer.ts';

const Opened = Compile(Type.Object({ conversationId: Type.String(), token: Type.String(), streamUrl: Type.String() }));

/** Who speaks in a frame, as the gateway writes it; the citizen's own echo has `"role":"user"`. */
const SPOKEN = '"role":"bot"';
const WATERMARK = '"watermark":"';

interface Chat {
  readonly wire: Wire;
  head: string;
  socket: LeanSocket | null;
  /** Counts the conversations held here: what a socket before this one still says concerns nobody. */
  held: number;
  /** Last place of the conversation that an answer has reached. */
  answered: number;
  /** Its frame. */
  frame: Buffer;
  onAnswer: (() => void) | null;
}

/** Web chat: posts by HTTP, answers by WebSocket, as the widget does. */
export function createWebchatPeer(url: string, secret: string, places: number): CitizenPeer {
  const chats = Array.from({ length: places }, (): Chat => ({ wire: createWire(url), head: '', socket: null, held: 0, answered: 0, frame: Buffer.alloc(0), onAnswer: null }));
  const host = new URL(url).host;
  let said = 0;

  const chatAt = (place: number): Chat => {
    const chat = chats[place];
    if (chat === undefined) throw new Error(`no place ${place}`);
    return chat;
  };

  return {
    open: async (place, caller) => {
      const chat = chatAt(place);
      const { conversationId, token, streamUrl } = await openConversation(chat.wire, host, secret, `dl_bench_${caller.number}`);
      chat.head = `POST /v3/directline/conversations/${conversationId}/activities HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\n`;
      chat.answered = 0;
      const held = (chat.held += 1);
      chat.socket = await openLeanSocket(streamUrl, {
        text: (payload) => {
          if (payload.length === 0 || !payload.includes(SPOKEN)) return;
          const at = payload.lastIndexOf(WATERMARK);
          const reached = at === -1 ? 0 : Number.parseInt(payload.toString('latin1', at + WATERMARK.length, at + WATERMARK.length + 12), 10);
          if (chat.held !== held || !(reached > chat.answered)) return;
          chat.answered = reached;
          chat.frame = payload;
          chat.onAnswer?.();
        },
        closed: () => {
          if (chat.held === held) chat.socket = null;
          chat.onAnswer?.();
        },
      });
    },
    say: async (place, text) => {
      const chat = chatAt(place);
      said += 1;
      const { status, body } = await chat.wire.exchange(requestText(chat.head, `{"type":"message","text":${JSON.stringify(text)},"from":{"id":"me"},"channelData":{"clientActivityID":"${said}"}}`));
      // `{"id":"conversation|0000012"}`
      const at = body.lastIndexOf('|');
      const posted = at === -1 ? Number.NaN : Number.parseInt(body.toString('latin1', at + 1, at + 16), 10);
      if (status !== 200 || Number.isNaN(posted)) throw new Error(`web chat: HTTP ${status}`);
      if (chat.answered <= posted) {
        await new Promise<void>((resolve) => {
          chat.onAnswer = () => {
            if (chat.answered > posted || chat.socket === null) resolve();
          };
        });
        chat.onAnswer = null;
        if (chat.answered <= posted) throw new Error('web chat: the socket was closed before the answer');
      }
      return chat.frame;
    },
    leave: async (place) => {
      const chat = chatAt(place);
      chat.socket?.close();
      chat.socket = null;
    },
    close: async () => {
      for (const { wire, socket } of chats) {
        socket?.close();
        wire.close();
      }
    },
  };
}

/** Opens a conversation with the secret, for this person; one request. */
export async function openConversation(wire: Wire, host: string, secret: string, userId: string): Promise<{ readonly conversationId: string; readonly token: string; readonly streamUrl: string }> {
  const { status, body } = await wire.exchange(requestText(`POST /v3/directline/conversations HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${secret}\r\ncontent-type: application/json\r\n`, `{"user":{"id":"${userId}"}}`));
  const opened: unknown = JSON.parse(body.toString('utf8'));
  if (!Opened.Check(opened)) throw new Error(`web chat: HTTP ${status} and no conversation`);
  return opened;
}
