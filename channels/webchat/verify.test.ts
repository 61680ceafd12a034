import { createHmac, hkdfSync } from 'node:crypto';
import * as fc from 'fast-check';
import { jwtVerify, SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { isAppError } from '../../src/domain/errors.ts';
import { createTokens, STREAM_LIFETIME_S, TOKEN_LIFETIME_S, type TokenGrant } from './verify.ts';

/** What is accepted without jose must be exactly what jose accepts. */

const SECRET = 'test-secret-not-a-real-one-000001';
const T0 = 1_790_000_000_000;
const key = new Uint8Array(hkdfSync('sha256', SECRET, 'yihu', 'directline token v1', 32));
const grant: TokenGrant = { conversation: 'AbCdEfGh', user: 'dl_1', viewer: null, trustedOrigins: ['https://city.example'], widget: true };

/** jose alone, by the rules of the channel. */
async function judge(token: string, audience: 'api' | 'stream', now: number): Promise<string> {
  try {
    const { payload } = await jwtVerify(token, key, { algorithms: ['HS256'], issuer: 'yihu', audience, requiredClaims: ['exp', 'conv'], currentDate: new Date(now) });
    return typeof payload['conv'] === 'string' ? `taken ${payload['conv']}` : 'refused';
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ERR_JWT_EXPIRED' ? 'expired' : 'refused';
  }
}

async function ours(token: string, audience: 'api' | 'stream', now: number): Promise<string> {
  const tokens = createTokens({ secret: SECRET, now: () => now });
  try {
    if (audience === 'stream') return `taken ${(await tokens.readStream(token)).conversation}`;
    const principal = await tokens.authorize(`Bearer ${token}`);
    return principal.kind === 'token' ? `taken ${principal.grant.conversation}` : 'secret';
  } catch (error) {
    return isAppError(error) && error.code === 'webchat.token_expired' ? 'expired' : 'refused';
  }
}

const encode = (value: unknown): string => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const signed = (head: unknown, claims: unknown, by: Uint8Array | string = key, digest = 'sha256'): string => {
  const input = `${encode(head)}.${encode(claims)}`;
  return `${input}.${createHmac(digest, by).update(input).digest('base64url')}`;
};
const seconds = Math.floor(T0 / 1000);
const claims = { conv: 'AbCdEfGh', iss: 'yihu', aud: 'api', iat: seconds, exp: seconds + 1800 };
const head = { alg: 'HS256', typ: 'JWT' };

describe('a token that is accepted without jose', () => {
  it('carries its grant back, for its audience and until its end', async () => {
    const tokens = createTokens({ secret: SECRET, now: () => T0 });
    const [api, stream] = [await tokens.issue(grant), await tokens.issueStream(grant)];
    expect(await tokens.authorize(`Bearer ${api}`)).toEqual({ kind: 'token', grant });
    expect(await tokens.readStream(stream)).toEqual(grant);
    for (const [token, audience, life] of [[api, 'api', TOKEN_LIFETIME_S], [stream, 'stream', STREAM_LIFETIME_S]] as const) {
      for (const late of [0, life * 1000 - 1, life * 1000, life * 1000 + 999]) {
        expect(await ours(token, audience, T0 + late)).toBe(await judge(token, audience, T0 + late));
      }
      expect(await ours(token, audience === 'api' ? 'stream' : 'api', T0)).toBe('refused');
    }
  });

  it('is found good once: what comes again is still held to its signature, its audience and its end', async () => {
    let now = T0;
    const tokens = createTokens({ secret: SECRET, now: () => now });
    const token = await tokens.issue(grant);
    const asked = async (given: string): Promise<string> => tokens.authorize(`Bearer ${given}`).then((principal) => principal.kind, (error: unknown) => (isAppError(error) ? error.code : 'threw'));
    expect(await asked(token)).toBe('token');
    for (let at = token.lastIndexOf('.') + 1; at < token.length; at += 1) {
      expect(await asked(`${token.slice(0, at)}${token[at] === 'A' ? 'Q' : 'A'}${token.slice(at + 1)}`)).toBe('webchat.bad_argument');
    }
    expect(await asked(token.slice(0, -1))).toBe('webchat.bad_argument');
    await expect(tokens.readStream(token)).rejects.toMatchObject({ code: 'webchat.bad_argument' });
    expect(await asked(token)).toBe('token');
    now += TOKEN_LIFETIME_S * 1000;
    expect(await asked(token)).toBe('webchat.token_expired');
  });

  it('is judged as jose judges it: other algorithms, claims, keys, spellings', async () => {
    const variants: readonly (readonly [string, string])[] = [
      ['ours', signed(head, claims)],
      ['no algorithm', `${encode({ alg: 'none', typ: 'JWT' })}.${encode(claims)}.`],
      ['no algorithm, signed', signed({ alg: 'none', typ: 'JWT' }, claims)],
      ['our head without a signature', `${encode(head)}.${encode(claims)}.`],
      ['HS512', signed({ alg: 'HS512', typ: 'JWT' }, claims, key, 'sha512')],
      ['HS512 said, HS256 done', signed({ alg: 'HS512', typ: 'JWT' }, claims)],
      ['HS256 said, SHA-512 done', signed(head, claims, key, 'sha512')],
      ['another key', signed(head, claims, 'another key')],
      ['the secret as key', signed(head, claims, SECRET)],
      ['a critical extension', signed({ ...head, crit: ['x'], x: 1 }, claims)],
      ['another order in the head', signed({ typ: 'JWT', alg: 'HS256' }, claims)],
      ['expired', signed(head, { ...claims, exp: seconds - 1 })],
      ['ends now', signed(head, { ...claims, exp: seconds })],
      ['no end', signed(head, { ...claims, exp: undefined })],
      ['an end of text', signed(head, { ...claims, exp: String(claims.exp) })],
      ['an end with a fraction', signed(head, { ...claims, exp: claims.exp + 0.5 })],
      ['not yet', signed(head, { ...claims, nbf: seconds + 60 })],
      ['already', signed(head, { ...claims, nbf: seconds - 60 })],
      ['another issuer', signed(head, { ...claims, iss: 'other' })],
      ['no issuer', signed(head, { ...claims, iss: undefined })],
      ['several audiences', signed(head, { ...claims, aud: ['api', 'stream'] })],
      ['another audience', signed(head, { ...claims, aud: 'desk' })],
      ['no conversation', signed(head, { ...claims, conv: undefined })],
      ['a conversation that is no text', signed(head, { ...claims, conv: 7 })],
      ['no issue time', signed(head, { ...claims, iat: undefined })],
      ['claims that are a list', signed(head, '[]')],
      ['claims that are not JSON', signed(head, 'x')],
      ['four parts', `${signed(head, claims)}.x`],
      ['padding', `${signed(head, claims)}=`],
      ['two parts', signed(head, claims).split('.').slice(0, 2).join('.')],
    ];
    for (const [name, token] of variants) {
      for (const audience of ['api', 'stream'] as const) expect(`${name}: ${await ours(token, audience, T0)}`).toBe(`${name}: ${await judge(token, audience, T0)}`);
    }
    expect(await ours(signed(head, claims), 'api', T0)).toBe('taken AbCdEfGh');
  });

  it('with any one sign changed, added or taken away is judged as by jose', async () => {
    const good = await new SignJWT({ conv: 'AbCdEfGh' }).setProtectedHeader(head).setIssuer('yihu').setAudience('api').setIssuedAt(seconds).setExpirationTime(seconds + 60).sign(key);
    await fc.assert(fc.asyncProperty(fc.nat(good.length - 1), fc.constantFrom(...'ABxyz019-_.=+/ '), fc.constantFrom('change', 'insert', 'remove'), async (at, sign, how) => {
      const changed = good.slice(0, at) + (how === 'remove' ? '' : sign) + good.slice(how === 'insert' ? at : at + 1);
      const verdict = await judge(changed, 'stream', T0);
      expect(verdict).not.toMatch(/^taken/);
      const byJose = await judge(changed, 'api', T0);
      // A blank ends the credential of a header; jose never sees it.
      if (!changed.includes(' ')) expect(await ours(changed, 'api', T0)).toBe(byJose);
    }), { numRuns: 400 });
  });
});
