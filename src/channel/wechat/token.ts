import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import type { ChannelPorts } from '../contract.ts';
import type { Answer } from './client.ts';
import type { Settings } from './settings.ts';

/**
 * The access token, by `cgi-bin/stable_token` in normal mode: the same token until its last five minutes, then a new one while
 * both are good. Kept in the channel's state, so that all processes share it, and in memory while it is fresh; one fetch at a
 * time in this process.
 * Forced refresh is for leaked tokens, 20 a day: an operator's act, never ours.
 * Source: developers.weixin.qq.com, "get stable access token".
 */

const StoredSchema = Type.Object({ token: Type.String({ minLength: 1 }), freshUntil: Type.Number() });
type Stored = Static<typeof StoredSchema>;
const storeds = Compile(StoredSchema);

const EARLY_MS = 5 * 60_000;
/** Any answer is good for 300 s at least, also one fetched in the last minutes. */
const LEAST_FRESH_MS = 60_000;

export interface Tokens {
  /** The token, or why there is none. */
  current(): Promise<string | Answer>;
  /** A token other than the refused one, if WeChat gives one. */
  renew(refused: string): Promise<string | Answer>;
}

export function createTokens(settings: Settings, ports: Pick<ChannelPorts, 'now' | 'state'>, fetchToken: (body: object) => Promise<Answer>): Tokens {
  const key = `token:${settings.appId}`;
  let underWay: Promise<string | Answer> | null = null;
  /** What this process knows. Another one may have fetched since: WeChat keeps the old token good for five minutes, or refuses it, and then the state is asked. */
  let known: Stored | null = null;

  const stored = async (): Promise<Stored | null> => {
    const value = await ports.state.get(key);
    if (value === null) return null;
    const parsed: unknown = JSON.parse(value);
    return storeds.Check(parsed) && parsed.freshUntil > ports.now() ? parsed : null;
  };

  const fetchOne = async (refused: string | null): Promise<string | Answer> => {
    const shared = await stored();
    // Somebody else has fetched in the meantime.
    if (shared !== null && shared.token !== refused) {
      known = shared;
      return shared.token;
    }
    known = null;
    const answer = await fetchToken({ grant_type: 'client_credential', appid: settings.appId, secret: settings.secret, force_refresh: false });
    if (answer.kind !== 'answer' || answer.errcode !== 0) return answer;
    const { access_token: token, expires_in: seconds } = answer.body;
    if (token === undefined || token === '' || seconds === undefined) return { kind: 'unreachable', sent: true, code: 'wechat.nonsense' };
    const freshUntil = ports.now() + Math.max(seconds * 1000 - EARLY_MS, LEAST_FRESH_MS);
    const fetched: Stored = { token, freshUntil };
    await ports.state.put(key, JSON.stringify(fetched), freshUntil);
    known = fetched;
    return token;
  };

  const singleFlight = (refused: string | null): Promise<string | Answer> => {
    underWay ??= fetchOne(refused).finally(() => {
      underWay = null;
    });
    return underWay;
  };

  return {
    current: async () => (known !== null && known.freshUntil > ports.now() ? known.token : singleFlight(null)),
    renew: (refused) => singleFlight(refused),
  };
}
