import { randomBytes } from 'node:crypto';
import Type from 'typebox';
import { Compile } from 'typebox/compile';

/**
 * Access tokens as WeChat gives them by stable_token: the same one until its last five minutes, then a new one beside it. Each app has its own.
 * Source: developers.weixin.qq.com, "get stable access token".
 */

export interface App {
  readonly appId: string;
  readonly secret: string;
  readonly official: boolean;
}

const TokenRequest = Compile(Type.Object({ grant_type: Type.String(), appid: Type.String(), secret: Type.String(), force_refresh: Type.Optional(Type.Boolean()) }));

const LAST_MINUTES_MS = 5 * 60_000;

type Granted = { readonly errcode: number; readonly access_token?: string; readonly expires_in?: number };

export interface TokenDesk {
  grant(asked: unknown): Granted;
  /** Whose token it is, or the errcode. */
  appOf(given: string | null): App | 41001 | 40001 | 42001;
  revoke(): void;
}

export function createTokenDesk(apps: readonly App[], now: () => number, tokenMs: number): TokenDesk {
  let tokens: { token: string; until: number; app: App }[] = [];

  const issueToken = (app: App, force: boolean): { access_token: string; expires_in: number } => {
    const at = now();
    if (force) tokens = tokens.filter((token) => token.app !== app);
    tokens = tokens.filter((token) => token.until > at);
    let newest = tokens.findLast((token) => token.app === app);
    // In its last five minutes the old one stays good beside the new one.
    if (newest === undefined || newest.until - at <= LAST_MINUTES_MS) {
      newest = { token: `stand-in-${randomBytes(24).toString('hex')}`, until: at + tokenMs, app };
      tokens.push(newest);
    }
    return { access_token: newest.token, expires_in: Math.floor((newest.until - at) / 1000) };
  };

  const appOf = (given: string | null): App | 41001 | 40001 | 42001 => {
    if (given === null) return 41001;
    const token = tokens.find((known) => known.token === given);
    if (token === undefined) return 40001;
    return token.until <= now() ? 42001 : token.app;
  };

  const grant = (asked: unknown): Granted => {
    if (!TokenRequest.Check(asked)) return { errcode: 47001 };
    if (asked.grant_type !== 'client_credential') return { errcode: 40002 };
    const app = apps.find(({ appId }) => appId === asked.appid);
    if (app === undefined) return { errcode: 40013 };
    if (asked.secret !== app.secret) return { errcode: 40125 };
    return { errcode: 0, ...issueToken(app, asked.force_refresh === true) };
  };

  return {
    grant,
    appOf,
    revoke: () => {
      tokens = [];
    },
  };
}
