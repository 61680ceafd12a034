import type { Socket, SocketHandlers } from '../../../src/web/shared/ports.ts';

/**
 * A Direct Line server in memory, as strict as the real one where a client could go wrong: tokens belong to one
 * conversation and expire, activities are numbered and stored once per clientActivityID, a stream replays what lies
 * behind its watermark, a second stream closes the first as `collision`.
 */

export interface Reply {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Request {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly token: string | undefined;
  /** Parsed JSON; of a multipart body the `activity` part with its attachments. */
  readonly body: Record<string, unknown>;
}

interface Conversation {
  readonly id: string;
  readonly user: string;
  started: boolean;
  readonly activities: Record<string, unknown>[];
  stream: { handlers: SocketHandlers; open: boolean } | null;
}

export interface FakeDirectLine {
  handle(request: Request): Reply;
  openStream(url: string, handlers: SocketHandlers): Socket;
  /** Appends an activity of bot, seat or system. */
  say(conversationId: string, from: 'yihu' | 'seat' | 'system', activity: Record<string, unknown>): void;
  /** Sends without storing (typing). */
  flash(conversationId: string, from: 'yihu' | 'seat', activity: Record<string, unknown>): void;
  /** The next `times` requests whose method and path match are answered with this. */
  fail(match: RegExp, reply: Reply, times?: number): void;
  /** The same, but the server does what was asked before it answers so: the answer got lost. */
  failAfter(match: RegExp, reply: Reply, times?: number): void;
  /** Ends every failure that was asked for. */
  heal(): void;
  /** Cuts the stream of a conversation. `silently`: the client is not told (a dead connection). */
  cut(conversationId: string, options?: { silently?: boolean; reason?: string }): void;
  forgetConversations(): void;
  forgetTokens(): void;
  /** Streams cannot be opened any more. */
  blockStreams(blocked: boolean): void;
  readonly requests: Request[];
  readonly conversations: Map<string, Conversation>;
  /** Texts stored from the citizen, in order. */
  citizenTexts(conversationId: string): string[];
  onCitizen: (conversationId: string, activity: Record<string, unknown>) => void;
  onJoin: (conversationId: string) => void;
}

const TOKEN_SECONDS = 1800;

export function createFakeDirectLine(options: { readonly now: () => number; readonly wsOrigin: string }): FakeDirectLine {
  const tokens = new Map<string, { conversation: string; user: string; expiresAt: number }>();
  const conversations = new Map<string, Conversation>();
  const faults: { match: RegExp; reply: Reply; times: number; after: boolean }[] = [];
  const requests: Request[] = [];
  let serial = 0;
  let blocked = false;

  const next = (): number => (serial += 1);
  const refuse = (status: number, code: string): Reply => ({ status, body: { error: { code, message: code } } });

  function issue(conversation: string, user: string): Record<string, unknown> {
    const claims = Buffer.from(JSON.stringify({ user, n: next() })).toString('base64url');
    const token = `head.${claims}.sign`;
    tokens.set(token, { conversation, user, expiresAt: options.now() + TOKEN_SECONDS * 1000 });
    return { conversationId: conversation, token, expires_in: TOKEN_SECONDS };
  }

  function feed(conversation: Conversation, activities: readonly Record<string, unknown>[]): void {
    if (conversation.stream?.open !== true) return;
    conversation.stream.handlers.message(JSON.stringify({ activities, watermark: String(conversation.activities.length) }));
  }

  function append(conversation: Conversation, activity: Record<string, unknown>): string {
    const id = `${conversation.id}|${String(conversation.activities.length + 1).padStart(7, '0')}`;
    const stored = { ...activity, id, timestamp: new Date(options.now()).toISOString(), conversation: { id: conversation.id } };
    conversation.activities.push(stored);
    feed(conversation, [stored]);
    return id;
  }

  function opened(conversation: Conversation, watermark: number): Record<string, unknown> {
    return { ...issue(conversation.id, conversation.user), streamUrl: `${options.wsOrigin}/v3/directline/conversations/${conversation.id}/stream?watermark=${watermark}&t=${next()}` };
  }

  const clientId = (activity: Record<string, unknown>): unknown => {
    const data = activity['channelData'];
    return typeof data === 'object' && data !== null && 'clientActivityID' in data ? data.clientActivityID : undefined;
  };

  function widgetToken(request: Request): Reply {
    const old = typeof request.body['token'] === 'string' ? tokens.get(request.body['token']) : undefined;
    if (typeof request.body['token'] === 'string' && old === undefined) return refuse(403, 'BadArgument');
    const user = old?.user ?? `dl_${next()}`;
    return { status: 200, body: issue(old?.conversation ?? `conv${next()}`, user) };
  }

  function post(conversation: Conversation, activity: Record<string, unknown>): Reply {
    if (activity['type'] === 'typing') return { status: 200, body: { id: 'typing' } };
    const own = clientId(activity);
    const before = own === undefined ? undefined : conversation.activities.find((stored) => clientId(stored) === own);
    if (before !== undefined) return { status: 200, body: { id: before['id'] } };
    const id = append(conversation, { ...activity, from: { id: conversation.user, role: 'user' } });
    if (activity['type'] === 'message') fake.onCitizen(conversation.id, activity);
    else fake.onJoin(conversation.id);
    return { status: 200, body: { id } };
  }

  function route(request: Request): Reply {
    const url = new URL(request.path, 'http://fake');
    if (url.pathname === '/widget/token') return widgetToken(request);
    const grant = request.token === undefined ? undefined : tokens.get(request.token);
    if (request.token === undefined) return refuse(401, 'BadArgument');
    if (grant === undefined || grant.expiresAt <= options.now()) return refuse(403, 'TokenExpired');
    if (url.pathname === '/v3/directline/tokens/refresh') return { status: 200, body: issue(grant.conversation, grant.user) };
    if (url.pathname === '/v3/directline/conversations' && request.method === 'POST') {
      const known = conversations.get(grant.conversation);
      const conversation = known ?? { id: grant.conversation, user: grant.user, started: true, activities: [], stream: null };
      conversations.set(conversation.id, conversation);
      return { status: known === undefined ? 201 : 200, body: opened(conversation, 0) };
    }
    const [, id = '', rest = ''] = /^\/v3\/directline\/conversations\/([^/]+)(\/.*)?$/.exec(url.pathname) ?? [];
    if (grant.conversation !== id) return refuse(403, 'BadArgument');
    const conversation = conversations.get(id);
    if (conversation === undefined) return refuse(404, 'BadArgument');
    const from = Number(url.searchParams.get('watermark') || '0');
    if (rest === '' && request.method === 'GET') return { status: 200, body: opened(conversation, from) };
    if (rest === '/activities' && request.method === 'GET') return { status: 200, body: { activities: conversation.activities.slice(from), watermark: String(conversation.activities.length) } };
    if (rest === '/activities' || rest === '/upload') return post(conversation, request.body);
    return refuse(404, 'BadArgument');
  }

  const fake: FakeDirectLine = {
    requests,
    conversations,
    onCitizen: () => undefined,
    onJoin: () => undefined,
    handle(request) {
      requests.push(request);
      const fault = faults.find(({ match, times }) => times > 0 && match.test(`${request.method} ${request.path}`));
      if (fault !== undefined) {
        fault.times -= 1;
        if (fault.after) route(request);
        return fault.reply;
      }
      return route(request);
    },
    openStream(url, handlers) {
      const address = new URL(url);
      const [, id = ''] = /conversations\/([^/]+)\/stream/.exec(address.pathname) ?? [];
      const conversation = conversations.get(id);
      if (blocked || conversation === undefined) {
        queueMicrotask(() => handlers.closed(''));
        return { send: () => undefined, close: () => undefined };
      }
      const stream = { handlers, open: true };
      const older = conversation.stream;
      conversation.stream = stream;
      if (older?.open === true) {
        older.open = false;
        older.handlers.closed('collision');
      }
      queueMicrotask(() => {
        if (!stream.open) return;
        handlers.opened();
        const from = Number(address.searchParams.get('watermark') || '0');
        if (conversation.activities.length > from) feed(conversation, conversation.activities.slice(from));
      });
      return {
        send: () => undefined,
        close() {
          stream.open = false;
          if (conversation.stream === stream) conversation.stream = null;
        },
      };
    },
    say(conversationId, from, activity) {
      const conversation = conversations.get(conversationId);
      if (conversation === undefined) throw new Error(`no conversation ${conversationId}`);
      append(conversation, { type: 'message', ...activity, from: { id: from, role: 'bot', name: from === 'seat' ? '坐席' : '12345 智能客服' } });
    },
    flash(conversationId, from, activity) {
      const conversation = conversations.get(conversationId);
      if (conversation !== undefined) feed(conversation, [{ ...activity, id: `${conversationId}|typing-${next()}`, from: { id: from, role: 'bot' } }]);
    },
    fail: (match, reply, times = 1) => void faults.push({ match, reply, times, after: false }),
    heal: () => void faults.splice(0),
    failAfter: (match, reply, times = 1) => void faults.push({ match, reply, times, after: true }),
    cut(conversationId, { silently = false, reason = '' } = {}) {
      const stream = conversations.get(conversationId)?.stream;
      if (stream === null || stream === undefined) return;
      stream.open = false;
      if (!silently) stream.handlers.closed(reason);
    },
    forgetConversations: () => conversations.clear(),
    forgetTokens: () => tokens.clear(),
    blockStreams: (now) => void (blocked = now),
    citizenTexts: (conversationId) =>
      (conversations.get(conversationId)?.activities ?? []).filter((activity) => activity['type'] === 'message' && JSON.stringify(activity['from']).includes('"user"')).map((activity) => String(activity['text'] ?? '')),
  };
  return fake;
}
