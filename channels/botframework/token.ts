import { Buffer } from 'node:buffer';
import type { Settings } from './config.ts';

/**
 * A first look at a request's token, before botbuilder checks its signature: whatever can never be right is turned away
 * without asking for keys. It also keeps strangers from botbuilder's list of issuers, to which it adds every tenant that an
 * unchecked token names. Proves nothing by itself.
 */

/** Tenants of Microsoft from which bots and the Emulator call (botframework-connector, tokenValidationParameters). */
const KNOWN_TENANTS = ['d6d49420-f39b-4df7-a1dc-d59a935871db', 'f8cdef31-a31e-4b4a-93e4-5f571e91255a', '72f988bf-86f1-41af-91ab-2d7cd011db47', 'cab8a31a-1906-4287-a0d8-4eef66b95f6e'];
/** As botbuilder allows, s. */
const TOLERANCE_SECONDS = 300;

/** Null: worth checking. Else why not: a fixed word. */
export function implausible(authorization: string, settings: Pick<Settings, 'appId' | 'issuer' | 'tenant'>, nowMs: number): string | null {
  const [scheme, token, ...rest] = authorization.split(' ');
  if (scheme !== 'Bearer' || token === undefined || rest.length > 0 || token.length > 16_384) return 'no_token';
  const claims = readClaims(token);
  if (claims === null) return 'bad_token';
  const { iss, aud, exp, tid } = claims;
  if (iss !== settings.issuer) {
    const tenants = [...KNOWN_TENANTS, ...(settings.tenant === null ? [] : [settings.tenant.toLowerCase()])];
    const tenant = typeof tid === 'string' ? tid.toLowerCase() : '';
    if (typeof iss !== 'string' || !tenants.includes(tenant) || !iss.toLowerCase().includes(tenant)) return 'wrong_issuer';
  }
  if (aud !== settings.appId) return 'wrong_audience';
  if (typeof exp !== 'number' || exp + TOLERANCE_SECONDS <= nowMs / 1000) return 'expired';
  return null;
}

function readClaims(token: string): Readonly<Record<string, unknown>> | null {
  const parts = token.split('.');
  if (parts.length !== 3 || parts.some((part) => !/^[\w-]+$/.test(part))) return null;
  try {
    const claims: unknown = JSON.parse(Buffer.from(parts[1] ?? '', 'base64url').toString('utf8'));
    return typeof claims === 'object' && claims !== null && !Array.isArray(claims) ? { ...claims } : null;
  } catch {
    return null;
  }
}

/** One claim of a checked token. */
export interface Claim {
  readonly type: string;
  readonly value: string;
}

/**
 * The app id of the bot that calls this one as its skill; null for the Bot Connector and the Emulator. As botbuilder's
 * `SkillValidation.isSkillClaim` decides.
 */
export function skillCaller(claims: readonly Claim[], issuer: string): string | null {
  const find = (type: string): string => claims.find((claim) => claim.type === type)?.value ?? '';
  const version = find('ver');
  const audience = find('aud');
  const appId = version === '2.0' ? find('azp') : find('appid');
  return version === '' || audience === '' || audience === issuer || appId === '' || appId === audience ? null : appId;
}
