import { createHmac, createSecretKey, hash, hkdfSync, timingSafeEqual } from 'node:crypto';
import { errors, jwtVerify, SignJWT, type JWTPayload } from 'jose';
import Type from 'typebox';
import { Compile } from 'typebox/compile';
import type { EpochMs } from '../../src/domain/activity.ts';
import { createRecent } from '../../src/domain/recent.ts';
import { fault } from './faults.ts';

/**
 * Who is calling. The secret opens every conversation; a token one. Tokens are JWTs because directlinejs reads the
 * claim `user` out of them; the key is derived from the secret, so that a new secret ends every token.
 */

/** Seconds a token lives; directlinejs refreshes every 15 minutes. */
export const TOKEN_LIFETIME_S = 1800;
/** Seconds in which a stream URL can be opened. */
export const STREAM_LIFETIME_S = 60;
/** Seconds after expiry in which our widget may go on with its conversation. */
export const RESUME_GRACE_S = 86_400;

const ISSUER = 'yihu';
const HEADER = { alg: 'HS256', typ: 'JWT' } as const;
/** The head of every token made here, as it is spelled. */
const HEAD = `${Buffer.from(JSON.stringify(HEADER)).toString('base64url')}.`;

/** Claims of our tokens that are beyond doubt; whatever else is for jose to judge. */
const PlainClaims = Compile(Type.Object({
  iss: Type.Literal(ISSUER),
  aud: Type.String(),
  exp: Type.Integer(),
  iat: Type.Integer(),
  nbf: Type.Optional(Type.Never()),
  conv: Type.String(),
}));

/** A token that was found good: who has it sends it with each message. */
interface Good {
  readonly signature: Buffer;
  readonly audience: string;
  /** Seconds. */
  readonly expiresAt: number;
  readonly grant: TokenGrant;
}
const GOOD_KEPT = 10_000;

export interface TokenGrant {
  /** Direct Line conversation id: the only one this token opens. */
  readonly conversation: string;
  /** Bound user id (`dl_…`); null: the client names itself and is never trusted for it. */
  readonly user: string | null;
  /** Id that an unbound client gave itself when it started; only echoed back to it. */
  readonly viewer: string | null;
  /** Origins that may use the token in a browser; null: any that the channel allows. */
  readonly trustedOrigins: readonly string[] | null;
  /** Made for our own widget; only such a token can be resumed after it expired. */
  readonly widget: boolean;
}

export type Principal = { readonly kind: 'secret' } | { readonly kind: 'token'; readonly grant: TokenGrant };

export interface Tokens {
  issue(grant: TokenGrant): Promise<string>;
  /** A token that can do nothing but open the conversation's stream, within 60 s. */
  issueStream(grant: TokenGrant): Promise<string>;
  /** The caller by its `Authorization` header. Throws 401 (missing, malformed) and 403 (wrong, expired). */
  authorize(header: string | undefined): Promise<Principal>;
  /** The grant of a stream URL's `t`. Throws 401 and 403. */
  readStream(token: string | undefined): Promise<TokenGrant>;
  /** The grant of a widget's token, good or expired for at most a day; null for anything else. */
  readResumable(token: string): Promise<TokenGrant | null>;
}

export function createTokens(options: { readonly secret: string; readonly now: () => EpochMs }): Tokens {
  const key = new Uint8Array(hkdfSync('sha256', options.secret, 'yihu', 'directline token v1', 32));
  const quickKey = createSecretKey(key);
  const isSecret = createComparer(options.secret);
  /** By the claims as they are spelled, which are no secret; the signature is compared each time. */
  const good = createRecent<Good>(GOOD_KEPT);

  const sign = (grant: TokenGrant, audience: 'api' | 'stream', lifetimeS: number): Promise<string> => {
    const issuedAt = Math.floor(options.now() / 1000);
    const claims: JWTPayload = {
      conv: grant.conversation,
      ...(grant.user === null ? {} : { user: grant.user }),
      ...(grant.viewer === null ? {} : { viewer: grant.viewer }),
      ...(grant.trustedOrigins === null ? {} : { origins: grant.trustedOrigins }),
      ...(grant.widget ? { widget: true } : {}),
    };
    return new SignJWT(claims)
      .setProtectedHeader(HEADER)
      .setIssuer(ISSUER)
      .setAudience(audience)
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + lifetimeS)
      .sign(key);
  };

  const read = async (token: string, audience: 'api' | 'stream', graceS = 0): Promise<TokenGrant> => {
    const { payload } = await jwtVerify(token, key, {
      algorithms: ['HS256'],
      issuer: ISSUER,
      audience,
      requiredClaims: ['exp', 'conv'],
      clockTolerance: graceS,
      currentDate: new Date(options.now()),
    });
    return toGrant(payload);
  };

  /**
   * Takes a good token of ours at once, in a fifteenth of the time: jose verifies in the thread pool. It can only accept, by the same
   * digest and claims; whatever it does not take goes to jose, which says why.
   */
  const readQuickly = (token: string, audience: 'api' | 'stream'): TokenGrant | null => {
    const dot = token.lastIndexOf('.');
    if (!token.startsWith(HEAD) || dot <= HEAD.length) return null;
    const spelled = token.slice(HEAD.length, dot);
    const given = Buffer.from(token.slice(dot + 1), 'latin1');
    const known = good.get(spelled);
    const signature = known?.signature ?? Buffer.from(createHmac('sha256', quickKey).update(token.slice(0, dot)).digest('base64url'), 'latin1');
    if (given.length !== signature.length || !timingSafeEqual(given, signature)) return null;
    const found = known ?? readClaims(spelled, signature);
    if (found === null || found.audience !== audience || found.expiresAt <= Math.floor(options.now() / 1000)) return null;
    if (known === undefined) good.set(spelled, found);
    return found.grant;
  };

  const readOrRefuse = async (token: string, audience: 'api' | 'stream'): Promise<TokenGrant> => {
    const grant = readQuickly(token, audience);
    if (grant !== null) return grant;
    try {
      return await read(token, audience);
    } catch (error) {
      if (error instanceof errors.JWTExpired) throw fault(403, 'webchat.token_expired', 'token has expired');
      throw fault(403, 'webchat.bad_argument', 'invalid token or secret');
    }
  };

  return {
    issue: (grant) => sign(grant, 'api', TOKEN_LIFETIME_S),
    issueStream: (grant) => sign(grant, 'stream', STREAM_LIFETIME_S),
    authorize: async (header) => {
      const credential = /^Bearer +([!-~]+)$/i.exec(header ?? '')?.[1];
      if (credential === undefined) throw fault(401, 'webchat.bad_argument', 'Authorization: Bearer with a token or the secret is required');
      const grant = readQuickly(credential, 'api');
      if (grant !== null) return { kind: 'token', grant };
      if (isSecret(credential)) return { kind: 'secret' };
      return { kind: 'token', grant: await readOrRefuse(credential, 'api') };
    },
    readStream: async (token) => {
      if (token === undefined || token === '') throw fault(401, 'webchat.bad_argument', 'stream token is missing');
      return readOrRefuse(token, 'stream');
    },
    readResumable: async (token) => {
      try {
        const grant = await read(token, 'api', RESUME_GRACE_S);
        return grant.widget && grant.user !== null ? grant : null;
      } catch {
        return null;
      }
    },
  };
}

/** Constant time for any two texts: compares their digests, so that lengths do not show. */
export function createComparer(secret: string): (given: string) => boolean {
  const expected = hash('sha256', secret, 'buffer');
  return (given) => timingSafeEqual(hash('sha256', given, 'buffer'), expected);
}

/** Null: not beyond doubt. */
function readClaims(spelled: string, signature: Buffer): Good | null {
  const claims: unknown = JSON.parse(Buffer.from(spelled, 'base64url').toString('utf8'));
  return PlainClaims.Check(claims) ? { signature, audience: claims.aud, expiresAt: claims.exp, grant: toGrant(claims) } : null;
}

function toGrant(payload: JWTPayload): TokenGrant {
  const { conv, user, viewer, origins, widget } = payload;
  if (typeof conv !== 'string') throw new errors.JWTInvalid('conv');
  return {
    conversation: conv,
    user: typeof user === 'string' ? user : null,
    viewer: typeof viewer === 'string' ? viewer : null,
    trustedOrigins: Array.isArray(origins) ? origins.filter((origin): origin is string => typeof origin === 'string') : null,
    widget: widget === true,
  };
}
