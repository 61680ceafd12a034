import type { ChannelModule } from '../../src/channel/contract.ts';
import { AppError } from '../../src/domain/errors.ts';

/** Settings of the Bot Framework channel, read once from the environment and checked with plain words. */

const MEDIA_HOSTS = 'botframework.com,botframework.azure.cn';

export const SETTINGS: ChannelModule['settings'] = [
  { name: 'MICROSOFT_APP_ID', required: true, secret: false, about: 'Microsoft App ID of the Azure Bot resource.' },
  { name: 'MICROSOFT_APP_PASSWORD', required: true, secret: true, about: 'Client secret of that app; fetches the tokens that we send with.' },
  { name: 'MICROSOFT_APP_TYPE', required: false, secret: false, about: 'SingleTenant or MultiTenant; SingleTenant when a tenant is given.' },
  { name: 'MICROSOFT_APP_TENANT_ID', required: false, secret: false, about: 'Tenant of a SingleTenant app.' },
  { name: 'BOTFRAMEWORK_CLOUD', required: false, secret: false, about: 'public (default) or china (Azure operated by 21Vianet).' },
  { name: 'BOTFRAMEWORK_ALLOWED_CALLERS', required: false, secret: false, about: 'App ids of bots that may call this one as their skill, separated by commas; none unless told.' },
  { name: 'BOTFRAMEWORK_HANDOFF', required: false, secret: false, about: 'seats (default): our own seats answer. hub: handoff.initiate asks the agent hub behind the channel for a person.' },
  { name: 'BOTFRAMEWORK_MEDIA_HOSTS', required: false, secret: false, about: `Host suffixes that a citizen’s file is copied from, comma list; ${MEDIA_HOSTS}.` },
  { name: 'BOTFRAMEWORK_API_BASE', required: false, secret: false, about: 'Sends everything here instead of to each conversation’s own service URL: a simulator or an outgoing relay.' },
  { name: 'BOTFRAMEWORK_LOGIN_URL', required: false, secret: false, about: 'Microsoft Entra authority with its tenant; follows from the cloud and the tenant unless told.' },
  { name: 'BOTFRAMEWORK_OPENID_URL', required: false, secret: false, about: 'Where the keys of the Bot Connector are found; follows from the cloud unless told.' },
];

export interface Settings {
  readonly appId: string;
  readonly password: string;
  /** Null: a multi-tenant app. */
  readonly tenant: string | null;
  /** Lower-case app ids. */
  readonly allowedCallers: ReadonlySet<string>;
  readonly handoff: 'seats' | 'hub';
  /** Lower-case host suffixes. */
  readonly mediaHosts: readonly string[];
  /** Null: each conversation's own. Without a slash at its end. */
  readonly apiBase: string | null;
  /** Authority with tenant, without a slash at its end. */
  readonly loginUrl: string;
  readonly openIdUrl: string;
  /** `iss` of the Bot Connector's tokens, and the audience of ours. */
  readonly issuer: string;
  readonly oauthUrl: string;
}

export type Configuration = { readonly state: 'on'; readonly settings: Settings } | { readonly state: 'off'; readonly missing: readonly string[] };

/** Public: constants of botframework-connector 4.23.3. China: docs.azure.cn, “Deploy to the China cloud”. */
const CLOUDS = {
  public: { login: 'https://login.microsoftonline.com', openIdUrl: 'https://login.botframework.com/v1/.well-known/openidconfiguration', issuer: 'https://api.botframework.com', oauthUrl: 'https://token.botframework.com' },
  china: { login: 'https://login.partner.microsoftonline.cn', openIdUrl: 'https://login.botframework.azure.cn/v1/.well-known/openidconfiguration', issuer: 'https://api.botframework.azure.cn', oauthUrl: 'https://token.botframework.azure.cn' },
} as const;

/** Where a multi-tenant app of the public cloud gets its tokens. */
const BOT_TENANT = 'botframework.com';

/** `off` lists what is missing; a value that is present but wrong throws `settings.invalid` and names the variable, never its value. */
export function readConfiguration(env: Readonly<Record<string, string | undefined>>): Configuration {
  const values = Object.fromEntries(SETTINGS.map(({ name }) => [name, env[name]?.trim() ?? '']));
  const given = (name: string): string => values[name] ?? '';
  const missing = SETTINGS.filter((setting) => setting.required && given(setting.name) === '').map((setting) => setting.name);
  if (missing.length > 0) return { state: 'off', missing };
  const cloudName = oneOf('BOTFRAMEWORK_CLOUD', given('BOTFRAMEWORK_CLOUD') || 'public', ['public', 'china']);
  const cloud = CLOUDS[cloudName];
  const tenant = readTenant(given('MICROSOFT_APP_TYPE'), given('MICROSOFT_APP_TENANT_ID'));
  const login = given('BOTFRAMEWORK_LOGIN_URL');
  if (cloudName === 'china' && tenant === null && login === '') throw invalid('MICROSOFT_APP_TENANT_ID', 'is needed in the china cloud.');
  return {
    state: 'on',
    settings: {
      appId: given('MICROSOFT_APP_ID'),
      password: given('MICROSOFT_APP_PASSWORD'),
      tenant,
      allowedCallers: new Set(list(given('BOTFRAMEWORK_ALLOWED_CALLERS'))),
      handoff: oneOf('BOTFRAMEWORK_HANDOFF', given('BOTFRAMEWORK_HANDOFF') || 'seats', ['seats', 'hub']),
      mediaHosts: list(given('BOTFRAMEWORK_MEDIA_HOSTS') || MEDIA_HOSTS),
      apiBase: given('BOTFRAMEWORK_API_BASE') === '' ? null : url('BOTFRAMEWORK_API_BASE', given('BOTFRAMEWORK_API_BASE')),
      loginUrl: login === '' ? `${cloud.login}/${tenant ?? BOT_TENANT}` : url('BOTFRAMEWORK_LOGIN_URL', login),
      openIdUrl: given('BOTFRAMEWORK_OPENID_URL') === '' ? cloud.openIdUrl : url('BOTFRAMEWORK_OPENID_URL', given('BOTFRAMEWORK_OPENID_URL')),
      issuer: cloud.issuer,
      oauthUrl: cloud.oauthUrl,
    },
  };
}

function readTenant(type: string, tenant: string): string | null {
  const named = type === '' ? (tenant === '' ? 'multitenant' : 'singletenant') : type.toLowerCase();
  if (named === 'multitenant') return null;
  // A managed identity has no password: it works on Azure's own machines alone.
  if (named !== 'singletenant') throw invalid('MICROSOFT_APP_TYPE', 'must be SingleTenant or MultiTenant.');
  if (!/^[A-Za-z0-9.-]{1,100}$/.test(tenant)) throw invalid('MICROSOFT_APP_TENANT_ID', 'must be the tenant’s id or domain for a SingleTenant app.');
  return tenant;
}

function invalid(name: string, rule: string): AppError {
  return new AppError('settings.invalid', `${name} ${rule}`, { status: 500, details: { setting: name } });
}

function oneOf<Value extends string>(name: string, value: string, allowed: readonly Value[]): Value {
  const found = allowed.find((candidate) => candidate === value.toLowerCase());
  if (found === undefined) throw invalid(name, `must be ${allowed.join(' or ')}.`);
  return found;
}

function list(text: string): readonly string[] {
  return text.split(',').map((part) => part.trim().toLowerCase()).filter((part) => part !== '');
}

function url(name: string, value: string): string {
  const parsed = URL.canParse(value) ? new URL(value) : null;
  if (parsed === null || (parsed.protocol !== 'https:' && parsed.protocol !== 'http:') || parsed.search !== '' || parsed.hash !== '') throw invalid(name, 'must be an http or https URL without query.');
  return parsed.href.replace(/\/+$/, '');
}
