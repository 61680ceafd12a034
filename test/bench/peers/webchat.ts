import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { Pool } from 'undici';
import { WebSocket } from 'ws';
import { lineOf, type BenchPeer } from './peer.ts';

const Opened = Compile(Type.Object({ conversationId: Type.String(), token: Type.String(), streamUrl: Type.Optional(Type.String()) }));
const Posted = Compile(Type.Object({ id: Type.String() }));
const Frame = Compile(Type.Object({ activities: Type.Array(Type.Object({ id: Type.String(), from: Type.Object({ id: Type.String() }) })) }));

interface Chat {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly socket: WebSocket;
  turns: number;
  /** Place of the last answer seen. */
  answered: number;
  onAnswer: () => void;
}

/** Web chat: posts by HTTP, answers by WebSocket, as the widget does. */
export function createWebchatPeer(url: string, secret: string, connections: number): BenchPeer {
  const pool = new Pool(url, { connections });
  const chats: Chat[] = [];

  const post = async (path: string, token: string, body: string): Promise<unknown> => {
    const response = await pool.request({ path, method: 'POST', headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' }, body });
    const answer: unknown = await response.body.json();
    if (response.statusCode >= 300) throw new Error(`HTTP ${response.statusCode}: ${JSON.stringify(answer)}`);
    return answer;
  };

  return {
    open: async (worker) => {
      const made = await post('/v3/directline/tokens/generate', secret, JSON.stringify({ user: { id: `dl_bench_${worker}` } }));
      if (!Opened.Check(made)) throw new Error('no token');
      const opened = await post('/v3/directline/conversations', made.token, '{}');
      if (!Opened.Check(opened) || opened.streamUrl === undefined) throw new Error('no conversation');
      const socket = new WebSocket(opened.streamUrl);
      await new Promise<void>((resolve, reject) => void socket.once('open', resolve).once('error', reject));
      const chat: Chat = {
        path: `/v3/directline/conversations/${opened.conversationId}/activities`,
        headers: { authorization: `Bearer ${made.token}`, 'content-type': 'application/json' },
        socket, turns: 0, answered: 0, onAnswer: () => undefined,
      };
      socket.on('message', (data) => {
        const text = data.toString();
        if (text === '') return;
        const frame: unknown = JSON.parse(text);
        if (!Frame.Check(frame)) return;
        for (const { id, from } of frame.activities) if (from.id === 'yihu') chat.answered = Math.max(chat.answered, placeOf(id));
        chat.onAnswer();
      });
      chats[worker] = chat;
      // The form asks for a number once, before anything is measured.
      for (const text of ['楼下工地半夜两点还在施工吵死了，东城鸿福路', '13800138000', '对']) await say(chat, text);
    },
    turn: async (worker) => {
      const chat = chats[worker];
      if (chat === undefined) throw new Error('not opened');
      await say(chat, lineOf((chat.turns += 1)));
    },
    close: async () => {
      for (const chat of chats) chat?.socket.terminate();
      await pool.destroy();
    },
  };

  async function say(chat: Chat, text: string): Promise<void> {
    const body = JSON.stringify({ type: 'message', text, from: { id: 'me' }, channelData: { clientActivityID: `${chat.path}${(said += 1)}` } });
    const response = await pool.request({ path: chat.path, method: 'POST', headers: chat.headers, body });
    const posted: unknown = await response.body.json();
    if (!Posted.Check(posted)) throw new Error(`HTTP ${response.statusCode}`);
    const place = placeOf(posted.id);
    while (chat.answered <= place) await new Promise<void>((resolve) => (chat.onAnswer = resolve));
  }
}

let said = 0;

const placeOf = (id: string): number => Number(id.slice(id.indexOf('|') + 1));
