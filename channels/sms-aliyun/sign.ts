import { createHash, createHmac } from 'node:crypto';

/**
 * ACS3-HMAC-SHA256, signature version 3 of Aliyun's OpenAPI for requests of RPC style (path `/`, everything in the query).
 * https://help.aliyun.com/zh/sdk/product-overview/v3-request-structure-and-signature
 */

const sha256 = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');

/** RFC 3986: what encodeURIComponent leaves alone besides `-_.~` is encoded too. */
const encoded = (text: string): string => encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);

export interface Acs3Request {
  readonly method: 'POST' | 'GET';
  readonly host: string;
  readonly action: string;
  readonly version: string;
  readonly query: Readonly<Record<string, string>>;
  readonly accessKeyId: string;
  readonly accessKeySecret: string;
  /** `2026-11-23T10:00:00Z`. */
  readonly date: string;
  readonly nonce: string;
  /** More headers to be signed: `x-acs-…`, `content-type`. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Signed {
  /** Path and query as they go out: the very text that is signed. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  /** What is hashed and signed, for tests. */
  readonly canonical: string;
}

export function signAcs3(request: Acs3Request): Signed {
  const { method, host, action, version, query, accessKeyId, accessKeySecret, date, nonce, body = '' } = request;
  const payload = sha256(body);
  const headers: Record<string, string> = { ...request.headers, host, 'x-acs-action': action, 'x-acs-version': version, 'x-acs-date': date, 'x-acs-signature-nonce': nonce, 'x-acs-content-sha256': payload };
  const names = Object.keys(headers).toSorted();
  const search = Object.keys(query).toSorted().map((name) => `${encoded(name)}=${encoded(query[name] ?? '')}`).join('&');
  const canonical = [method, '/', search, ...names.map((name) => `${name}:${(headers[name] ?? '').trim()}`), '', names.join(';'), payload].join('\n');
  const signature = createHmac('sha256', accessKeySecret).update(`ACS3-HMAC-SHA256\n${sha256(canonical)}`, 'utf8').digest('hex');
  return { target: search === '' ? '/' : `/?${search}`, canonical, headers: { ...headers, authorization: `ACS3-HMAC-SHA256 Credential=${accessKeyId},SignedHeaders=${names.join(';')},Signature=${signature}` } };
}
