import type { Activity as WireActivity, ConversationReference, InvokeResponse, TurnContext } from 'botbuilder';
import { AppError, isAppError } from '../../src/domain/errors.ts';
import type { Settings } from './config.ts';
import type { Tokens } from './credentials.ts';
import { implausible, skillCaller } from './token.ts';

/** botbuilder's CloudAdapter, loaded when the channel is on: it brings much along that a house without it should not carry. */
export interface Adapter {
  /**
   * Checks who asks and runs the bot's side. Resolves with what the reply's body must be, if anything (`expectReplies`).
   * Throws AppError: `botframework.refused` (401, its reason in `details`) or `botframework.keys_unreachable` (503); whatever `logic` throws passes.
   */
  receive(authorization: string, activity: WireActivity, logic: Logic): Promise<InvokeResponse | undefined>;
  /** Opens a conversation again from its reference. Throws what `logic` throws; a failed send is an AppError of `transport`. */
  resume(target: ResumeTarget, logic: (context: TurnContext) => Promise<void>): Promise<void>;
}

/** @param caller app id of the bot that calls us as its skill; null: the Bot Connector */
export type Logic = (context: TurnContext, caller: string | null) => Promise<void>;

export interface ResumeTarget {
  readonly reference: Partial<ConversationReference>;
  readonly caller: string | null;
}

/** Longest wait for one send, ms. */
const SEND_TIMEOUT_MS = 15_000;

export async function createAdapter(settings: Settings, tokens: Tokens, now: () => number): Promise<Adapter> {
  const { CloudAdapter, ConfigurationBotFrameworkAuthentication } = await import('botbuilder');
  const authentication = new ConfigurationBotFrameworkAuthentication(
    {
      ToChannelFromBotLoginUrl: settings.loginUrl,
      ToChannelFromBotOAuthScope: settings.issuer,
      ToBotFromChannelTokenIssuer: settings.issuer,
      OAuthUrl: settings.oauthUrl,
      ToBotFromChannelOpenIdMetadataUrl: settings.openIdUrl,
      ToBotFromEmulatorOpenIdMetadataUrl: `${settings.loginUrl}/v2.0/.well-known/openid-configuration`,
    },
    {
      isValidAppId: async (appId = '') => appId === settings.appId,
      isAuthenticationDisabled: async () => false,
      createCredentials: async (_appId, audience) => ({
        signRequest: async (resource) => {
          resource.headers.set('authorization', `Bearer ${await tokens.get(audience ?? settings.issuer)}`);
          return resource;
        },
      }),
    },
    { requiredEndorsements: [], validTokenIssuers: settings.tenant === null ? [] : issuersOf(settings), validateClaims: async (claims) => refuseStrangers(claims, settings) },
    undefined,
    {
      httpClient: {
        sendRequest: async (request) => {
          const { status, text } = await transport(request.url, request.method, request.headers.rawHeaders(), request.body);
          const headers = request.headers.clone();
          headers.set('content-type', 'application/json');
          return { request, status, headers, bodyAsText: text };
        },
      },
    },
  );

  /** `processActivity` is protected; the public `process` prints errors and answers with their text. */
  class HouseAdapter extends CloudAdapter {
    async run(authorization: string, activity: WireActivity, logic: Logic): Promise<InvokeResponse | undefined> {
      let checked: Awaited<ReturnType<typeof authentication.authenticateRequest>>;
      try {
        checked = await authentication.authenticateRequest(activity, authorization);
      } catch (error) {
        throw refusal(error);
      }
      const caller = skillCaller(checked.claimsIdentity?.claims ?? [], settings.issuer);
      return this.processActivity(checked, activity, (context) => logic(context, caller));
    }
  }
  const adapter = new HouseAdapter(authentication);

  return {
    receive: async (authorization, activity, logic) => {
      const reason = implausible(authorization, settings, now());
      if (reason !== null) throw refused(reason);
      return adapter.run(authorization, activity, logic);
    },
    resume: ({ reference, caller }, logic) => (caller === null ? adapter.continueConversationAsync(settings.appId, reference, logic) : adapter.continueConversationAsync(settings.appId, reference, caller, logic)),
  };
}

function issuersOf({ tenant, loginUrl }: Settings): string[] {
  return [`https://sts.windows.net/${tenant}/`, `https://sts.chinacloudapi.cn/${tenant}/`, `${loginUrl}/v2.0`];
}

function refuseStrangers(claims: readonly { readonly type: string; readonly value: string }[], settings: Settings): void {
  const caller = skillCaller(claims, settings.issuer);
  if (caller !== null && !settings.allowedCallers.has(caller.toLowerCase())) throw refused('unknown_caller');
}

function refused(reason: string): AppError {
  return new AppError('botframework.refused', 'the request proves nobody', { status: 401, details: { reason } });
}

/** Keys that cannot be fetched are our trouble, not a forgery: the peer may try again. */
function refusal(error: unknown): AppError {
  if (isAppError(error)) return error;
  const unreachable = error instanceof Error && (error.name === 'FetchError' || error instanceof SyntaxError || ('statusCode' in error && error.statusCode === 500));
  return unreachable ? new AppError('botframework.keys_unreachable', 'the keys of the Bot Connector cannot be fetched', { status: 503, retry: 'later' }) : refused('bad_signature');
}

/**
 * One request to the Bot Connector. An answer other than 2xx is thrown as an AppError, which the library's own retries let
 * pass: their waiting would hold up a conversation's lane, and the outbox tries again anyway. No answer's text is kept.
 */
async function transport(url: string, method: string, headers: Readonly<Record<string, string>>, body: unknown): Promise<{ readonly status: number; readonly text: string }> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, { method, headers: sendable(headers), redirect: 'error', signal: AbortSignal.timeout(SEND_TIMEOUT_MS), ...(typeof body === 'string' ? { body } : {}) });
    text = await response.text();
  } catch {
    throw new AppError('botframework.unreachable', 'the service of the conversation does not answer', { status: 502, retry: 'later' });
  }
  const { status } = response;
  if (response.ok) {
    if (text.trim() !== '' && !isJson(text)) throw new AppError('botframework.nonsense', 'the service of the conversation answered no JSON', { status: 502, retry: 'later' });
    return { status, text };
  }
  const wait = Number(response.headers.get('retry-after'));
  const known = { status, details: { status } };
  if (status === 429) throw new AppError('botframework.throttled', 'the service of the conversation asks to wait', { ...known, retry: 'after', retryAfterMs: wait > 0 && wait <= 3600 ? wait * 1000 : 5_000 });
  throw new AppError(`botframework.http_${status}`, 'the service of the conversation refused', { ...known, retry: status >= 500 || status === 401 || status === 408 || status === 412 ? 'later' : 'never' });
}

/** Node's fetch sets these itself and refuses to be told. */
function sendable(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !/^(content-length|connection|host|accept-encoding)$/i.test(name)));
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
