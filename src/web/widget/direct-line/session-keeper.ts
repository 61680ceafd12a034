import { isBoolean, isNumber, isString, object, type Guarded } from '../../shared/guards.ts';
import { call, CallError } from './http.ts';
import type { Ports, TimerHandle } from '../../shared/ports.ts';
import { isConversationAnswer, isTokenAnswer, type ConversationAnswer } from './wire.ts';

/** What a tab remembers of its conversation. */
export const isSession = object({
  conversationId: isString,
  token: isString,
  /** Epoch ms. */
  expiresAt: isNumber,
  /** Has `POST conversations` succeeded? */
  started: isBoolean,
});
export type Session = Guarded<typeof isSession>;

/** Direct Line tokens live 1800 s; used when an answer does not say. */
const DEFAULT_LIFE_S = 1800;
/** A token this close to its end is replaced rather than used. */
const EXPIRY_MARGIN_MS = 10_000;

export interface SessionKeeper {
  current(): Session | null;
  /** A session with a usable token; asks `/widget/token` when there is none. Throws CallError. */
  ensure(): Promise<Session>;
  /** POST conversations for a session that is not started, else GET it with the watermark. Throws CallError. */
  open(locale: string, watermark: string): Promise<ConversationAnswer>;
  /** The server refused the token: the next ensure() brings the old one along and gets a new one for the same citizen. */
  tokenRefused(): void;
  /** The server knows the conversation no more: the next ensure() starts from nothing. */
  conversationGone(): void;
  stop(): void;
}

/** Keeps one session's token alive: issue, resume with an older token, refresh at half its life. */
export function createSessionKeeper(options: {
  readonly ports: Ports;
  readonly endpoint: string;
  readonly stored: Session | null;
  readonly changed: (session: Session | null, newConversation: boolean) => void;
  /** A conversation that nobody has opened before was made for us. */
  readonly made: (conversationId: string) => void;
}): SessionKeeper {
  const { ports, endpoint } = options;
  let session = options.stored;
  let usable = session !== null && session.expiresAt - EXPIRY_MARGIN_MS > ports.now();
  let stopped = false;
  let refreshTimer: TimerHandle | null = null;
  /** One request for a token at a time, however many calls find the old one spent. */
  let renewing: Promise<Session> | null = null;
  if (session !== null && usable) planRefresh(session);

  function take(next: Session): Session {
    const newConversation = session !== null && session.conversationId !== next.conversationId;
    session = next;
    usable = true;
    planRefresh(next);
    options.changed(next, newConversation);
    return next;
  }

  const expiry = (seconds: number | undefined): number => ports.now() + (seconds ?? DEFAULT_LIFE_S) * 1000;

  function planRefresh(of: Session): void {
    refreshTimer?.cancel();
    if (stopped) return;
    const half = Math.max(1_000, (of.expiresAt - ports.now()) / 2);
    refreshTimer = ports.after(half, () => void refresh(of));
  }

  async function refresh(of: Session): Promise<void> {
    if (session !== of) return;
    try {
      const answer = await call(ports, { method: 'POST', url: `${endpoint}/v3/directline/tokens/refresh`, token: of.token });
      if (session === of && isTokenAnswer(answer)) take({ ...of, token: answer.token, expiresAt: expiry(answer.expires_in) });
    } catch (error) {
      if (session !== of) return;
      // A refused refresh is settled by the next ensure(); anything else is tried again while the token lives.
      if (error instanceof CallError && error.fault === 'token') usable = false;
      else if (of.expiresAt - EXPIRY_MARGIN_MS > ports.now()) planRefresh(of);
      else usable = false;
    }
  }

  async function issue(oldToken: string | null): Promise<Session> {
    const answer = await call(ports, { method: 'POST', url: `${endpoint}/widget/token`, body: oldToken === null ? {} : { token: oldToken } });
    if (!isTokenAnswer(answer)) throw new CallError('server', 200, 'BadAnswer');
    const before = session?.conversationId;
    const next = take({ conversationId: answer.conversationId, token: answer.token, expiresAt: expiry(answer.expires_in), started: false });
    if (next.conversationId !== before) options.made(next.conversationId);
    return next;
  }

  async function renew(): Promise<Session> {
    const old = session;
    if (old === null) return issue(null);
    try {
      return await issue(old.token);
    } catch (error) {
      // The old token is not worth anything to the server (its secret changed): begin as a new visitor.
      if (error instanceof CallError && (error.fault === 'token' || error.fault === 'refused' || error.fault === 'gone')) return issue(null);
      throw error;
    }
  }

  return {
    current: () => session,
    async ensure() {
      if (session !== null && usable && session.expiresAt - EXPIRY_MARGIN_MS > ports.now()) return session;
      renewing ??= renew().finally(() => {
        renewing = null;
      });
      return renewing;
    },
    async open(locale, watermark) {
      const from = await this.ensure();
      const root = `${endpoint}/v3/directline/conversations`;
      const answer = from.started
        ? await call(ports, { method: 'GET', url: `${root}/${encodeURIComponent(from.conversationId)}?watermark=${encodeURIComponent(watermark)}`, token: from.token })
        : await call(ports, { method: 'POST', url: root, token: from.token, body: { locale } });
      if (!isConversationAnswer(answer)) throw new CallError('server', 200, 'BadAnswer');
      const base = session ?? from;
      take(
        answer.token === undefined
          ? { ...base, conversationId: answer.conversationId, started: true }
          : { conversationId: answer.conversationId, token: answer.token, expiresAt: expiry(answer.expires_in), started: true },
      );
      return answer;
    },
    tokenRefused() {
      usable = false;
    },
    conversationGone() {
      refreshTimer?.cancel();
      session = null;
      usable = false;
      options.changed(null, true);
    },
    stop() {
      stopped = true;
      refreshTimer?.cancel();
    },
  };
}
