import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { AppError } from '../../src/domain/errors.ts';
import type { Settings } from './config.ts';

/**
 * Tokens for the Bot Connector by client credentials, the call that Microsoft documents for bots without its libraries
 * (learn.microsoft.com, “Authenticate requests with the Bot Connector API”, step 1). Kept in memory and fetched once for all who wait.
 */
export interface Tokens {
  /** @param audience the Bot Connector, or the bot that called us as its skill */
  get(audience: string): Promise<string>;
  /** The peer refused it: the next `get` fetches another. */
  forget(audience: string): void;
}

const TokenAnswer = Compile(Type.Object({ access_token: Type.String({ minLength: 1, maxLength: 16_384 }), expires_in: Type.Number() }));
/** So long before its end a token is no longer used, ms. */
const MARGIN_MS = 300_000;
const TIMEOUT_MS = 10_000;

export function createTokens(settings: Settings, now: () => number): Tokens {
  const kept = new Map<string, { readonly token: Promise<string>; until: number }>();

  const fetchToken = async (audience: string, entry: { until: number }): Promise<string> => {
    const scope = audience.endsWith('/.default') ? audience : `${audience}/.default`;
    const form = new URLSearchParams({ grant_type: 'client_credentials', client_id: settings.appId, client_secret: settings.password, scope });
    let response: Response;
    try {
      response = await fetch(`${settings.loginUrl}/oauth2/v2.0/token`, { method: 'POST', body: form, redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) });
    } catch {
      throw new AppError('botframework.login_unreachable', 'no token: the login server does not answer', { status: 502, retry: 'later' });
    }
    const answer: unknown = await response.json().catch(() => null);
    if (!response.ok || !TokenAnswer.Check(answer)) throw new AppError('botframework.login_refused', 'no token: the login server refused', { status: 502, retry: 'later', details: { status: response.status } });
    entry.until = now() + answer.expires_in * 1000 - MARGIN_MS;
    return answer.access_token;
  };

  return {
    get: (audience) => {
      const known = kept.get(audience);
      if (known !== undefined && known.until > now()) return known.token;
      const entry = { until: Number.POSITIVE_INFINITY };
      const token = fetchToken(audience, entry);
      const made = Object.assign(entry, { token });
      kept.set(audience, made);
      token.catch(() => {
        if (kept.get(audience) === made) kept.delete(audience);
      });
      return token;
    },
    forget: (audience) => void kept.delete(audience),
  };
}
