import { createHash, createHmac } from 'node:crypto';

/**
 * TC3-HMAC-SHA256, signature version 3 of Tencent Cloud's API for POST with JSON. The date is UTC's, the service is the host's first label.
 * https://cloud.tencent.com/document/api/382/52072
 */

const sha256 = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');
const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text, 'utf8').digest();

export const CONTENT_TYPE = 'application/json';

export interface Tc3Request {
  /** Name without a port: the port is not signed. */
  readonly hostname: string;
  readonly service: string;
  readonly secretId: string;
  readonly secretKey: string;
  /** Whole seconds since 1970. */
  readonly timestamp: number;
  readonly body: string;
}

/** The `Authorization` header, and what is signed, for tests. */
export function signTc3({ hostname, service, secretId, secretKey, timestamp, body }: Tc3Request): { readonly authorization: string; readonly canonical: string } {
  const date = new Date(timestamp * 1000).toISOString().slice(0, 10);
  const signed = 'content-type;host';
  const canonical = ['POST', '/', '', `content-type:${CONTENT_TYPE}`, `host:${hostname}`, '', signed, sha256(body)].join('\n');
  const scope = `${date}/${service}/tc3_request`;
  const key = hmac(hmac(hmac(`TC3${secretKey}`, date), service), 'tc3_request');
  const signature = hmac(key, ['TC3-HMAC-SHA256', String(timestamp), scope, sha256(canonical)].join('\n')).toString('hex');
  return { canonical, authorization: `TC3-HMAC-SHA256 Credential=${secretId}/${scope}, SignedHeaders=${signed}, Signature=${signature}` };
}
