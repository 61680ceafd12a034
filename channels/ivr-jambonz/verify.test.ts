import { createSecretKey } from 'node:crypto';
import { IncomingMessage, ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import { Socket } from 'node:net';
import { WebhookResponse } from '@jambonz/sdk/webhook';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SECRET, signatureOf } from './testing/signed-hook.ts';
import { sign, signatureFault, TOLERANCE_S } from './verify.ts';

/** A middleware of the vendor's packages, as express would call it. */
type Verifier = (request: IncomingMessage & { body?: unknown; rawBody?: Buffer }, response: ServerResponse, next: (error?: Error) => void) => void;

const nodeClient: { WebhookResponse: { verifyJambonzSignature(secret: string): Verifier } } = createRequire(import.meta.url)('@jambonz/node-client');
const VENDORS: readonly (readonly [string, Verifier])[] = [
  ['@jambonz/sdk', WebhookResponse.verifySignature(SECRET)],
  ['@jambonz/node-client', nodeClient.WebhookResponse.verifyJambonzSignature(SECRET)],
];

/** What a vendor's verifier says of a header, with the real clock that it reads. */
function vendorAccepts(verify: Verifier, header: string, body: string): boolean {
  const request: IncomingMessage & { body?: unknown; rawBody?: Buffer } = new IncomingMessage(new Socket());
  request.headers['jambonz-signature'] = header;
  request.body = JSON.parse(body);
  request.rawBody = Buffer.from(body);
  Object.assign(request, { get: (name: string) => request.headers[name.toLowerCase()] });
  let accepted = false;
  try {
    verify(request, new ServerResponse(request), (error) => (accepted = error === undefined));
  } catch {
    return false;
  }
  return accepted;
}

const key = createSecretKey(SECRET, 'utf8');
const holds = (header: string, body: string, now: number): boolean => signatureFault({ key, header, body: Buffer.from(body), now }) === null;

describe('the signature of a jambonz hook', () => {
  it.each(VENDORS)('is the one that %s takes, and nothing else is', (_name, verify) => {
    const seconds = Math.floor(Date.now() / 1000);
    const body = JSON.stringify({ call_sid: 'c', speech: { alternatives: [{ transcript: '小区停水', confidence: 0.9 }] } });
    const good = signatureOf(body, seconds);
    const cases = [good, signatureOf(body, seconds, 'another secret'), signatureOf(`${body} `, seconds), `t=${seconds}`, good.replace('v1', 'v2'), signatureOf(body, seconds - TOLERANCE_S - 60)];
    const ours = cases.map((header) => holds(header, body, seconds * 1000));
    expect(ours).toEqual([true, false, false, false, false, false]);
    expect(cases.map((header) => vendorAccepts(verify, header, body))).toEqual(ours);
  });

  it('is the published shape: the same value as the vector', () => {
    const body = '{"call_sid":"8f0c","direction":"inbound","from":"13800138000","to":"12345","call_status":"in-progress","reason":"speechDetected","speech":{"alternatives":[{"transcript":"小区停水","confidence":0.9}]}}';
    expect(sign(createSecretKey('wh_secret_example_0001', 'utf8'), '1700000000', Buffer.from(body)).toString('hex')).toBe('4b0320d92033e16d3a0f05300a68451c5cc354e14619de821615d3d35c8f0579');
  });

  it('holds for 300 seconds to both sides, over the raw bytes, for any of several secrets', () => {
    const now = 1_795_330_800_000;
    const at = (offset: number): boolean => holds(signatureOf('{ "a":1 }', now / 1000 + offset), '{ "a":1 }', now);
    expect([-301, -300, 0, 300, 301].map(at)).toEqual([false, true, true, true, false]);
    expect(holds(signatureOf('{"a":1}', now / 1000), '{ "a":1 }', now)).toBe(false);
    const [time, right = ''] = signatureOf('{}', now / 1000).split(',');
    expect(holds(`${time},v1=${'0'.repeat(64)},${right}`, '{}', now)).toBe(true);
    expect(signatureFault({ key, header: `${time},${Array.from({ length: 6 }, () => right).join(',')}`, body: Buffer.from('{}'), now })).toBe('bad_signature');
  });

  it('never throws, whatever the header', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.uint8Array({ maxLength: 50 }), (header, bytes) => {
        expect(signatureFault({ key, header, body: Buffer.from(bytes), now: 0 })).not.toBeNull();
      }),
    );
  });
});
