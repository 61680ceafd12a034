import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { getExpectedBodyHash, getExpectedTwilioSignature, validateRequest, validateRequestWithBody } from 'twilio/lib/webhooks/webhooks.js';
import Type from 'typebox';
import { Value } from 'typebox/value';
import { describe, expect, it } from 'vitest';
import type { Params } from './form.ts';
import { bodyHashHolds, expectedSignature, NO_PARAMS, signatureHolds, signedParams, signingKey } from './verify.ts';

const ParamsSchema = Type.Record(Type.String(), Type.Union([Type.String(), Type.Array(Type.String())]));
const FormVector = Type.Object({ id: Type.String(), authToken: Type.String(), url: Type.String(), signed_url: Type.Optional(Type.String()), params: ParamsSchema, signature: Type.String() });
const VectorsSchema = Type.Object({
  form: Type.Array(FormVector),
  computed: Type.Array(FormVector),
  json: Type.Array(Type.Object({ id: Type.String(), authToken: Type.String(), url: Type.String(), body: Type.String(), bodySHA256: Type.String(), signature: Type.String() })),
  negative: Type.Array(Type.Object({ id: Type.String(), url: Type.String(), params: ParamsSchema, signature: Type.Union([Type.String(), Type.Null()]) })),
});
const vectors = Value.Parse(VectorsSchema, JSON.parse(readFileSync(new URL('./fixtures/twilio-signature.json', import.meta.url), 'utf8')));

const toParams = (record: Readonly<Record<string, string | readonly string[]>>): Params =>
  new Map(Object.entries(record).map(([name, value]) => [name, typeof value === 'string' ? [value] : value]));

describe('published signature vectors', () => {
  it.each([...vectors.form, ...vectors.computed])('accepts $id', ({ authToken, url, params, signature }) => {
    expect(signatureHolds({ key: signingKey(authToken), signature, url, params: toParams(params) })).toBe(true);
  });

  it.each([...vectors.form, ...vectors.computed])('computes $id over the URL that was signed', ({ authToken, url, signed_url, params, signature }) => {
    expect(expectedSignature(signingKey(authToken), signed_url ?? url, signedParams(toParams(params)))).toBe(signature);
  });

  it.each(vectors.json)('accepts $id and the hash of its raw bytes', ({ authToken, url, body, bodySHA256, signature }) => {
    expect(signatureHolds({ key: signingKey(authToken), signature, url, params: NO_PARAMS })).toBe(true);
    expect(bodyHashHolds(Buffer.from(body), bodySHA256)).toBe(true);
    expect(bodyHashHolds(Buffer.from(`${body} `), bodySHA256)).toBe(false);
  });

  it('counts an empty JSON body as {}', () => {
    expect(bodyHashHolds(Buffer.alloc(0), '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a')).toBe(true);
  });

  it.each(vectors.negative)('refuses $id', ({ url, params, signature }) => {
    expect(signatureHolds({ key: signingKey('12345'), signature: signature ?? '', url, params: toParams(params) })).toBe(false);
  });

  it.each([...vectors.form, ...vectors.computed])('refuses $id with one thing changed', ({ authToken, url, params, signature }) => {
    const all = toParams(params);
    const first = [...all.keys()][0] ?? '';
    const changed: readonly Parameters<typeof signatureHolds>[0][] = [
      { key: signingKey(`${authToken}6`), signature, url, params: all },
      { key: signingKey(authToken), signature, url: `${url}&x=1`, params: all },
      { key: signingKey(authToken), signature, url: url.replace('mycompany', 'other').replace('gw.example', 'other.example'), params: all },
      { key: signingKey(authToken), signature, url, params: new Map([...all, ['Extra', ['']]]) },
      { key: signingKey(authToken), signature, url, params: new Map([...all].filter(([name]) => name !== first)) },
      { key: signingKey(authToken), signature, url, params: new Map([...all, [first, ['other']]]) },
      { key: signingKey(authToken), signature: signature.toLowerCase(), url, params: all },
      { key: signingKey(authToken), signature: `${signature}=`, url, params: all },
      { key: signingKey(authToken), signature: ` ${signature}`, url, params: all },
      { key: signingKey(authToken), signature: signature.slice(0, -1), url, params: all },
    ];
    for (const one of changed) expect(signatureHolds(one)).toBe(false);
  });
});

const name = fc.oneof(fc.constantFrom('CallSid', 'Digits', 'SpeechResult', 'From', 'Confidence', 'toString', '1', '10', '2'), fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }));
const value = fc.string({ unit: 'grapheme', maxLength: 40 });
const params = fc.dictionary(name, fc.oneof(value, fc.array(value, { minLength: 1, maxLength: 4 })), { maxKeys: 8, noNullPrototype: true }).filter((record) => !Object.hasOwn(record, '__proto__'));
const url = fc
  .record({
    scheme: fc.constantFrom('https://', 'http://', 'HTTPS://'),
    user: fc.constantFrom('', 'user@', 'user:pa%40ss@'),
    host: fc.constantFrom('gw.example.cn', 'GW.Example.cn', '10.0.0.7', '[2001:db8::1]', '市民.example'),
    port: fc.constantFrom('', ':443', ':80', ':8443'),
    path: fc.constantFrom('/hooks/ivr/twilio/voice', '/a b', '/a/../b', '', "/it's"),
    query: fc.array(fc.tuple(fc.constantFrom('step', 'for', 'q', ''), fc.oneof(fc.constantFrom("it's", 'a b', '%E4%BA%BA', '人工', 'a+b', '', '!*()~'), fc.webQueryParameters())), { maxLength: 3 }),
  })
  .map(({ scheme, user, host, port, path, query }) => `${scheme}${user}${host}${port}${path}${query.length === 0 ? '' : `?${query.map(([key, text]) => `${key}=${text}`).join('&')}`}`);

describe('against the vendor, both ways', () => {
  it('signs the same text as the vendor', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), url, params, (authToken, where, record) => {
        expect(expectedSignature(signingKey(authToken), where, signedParams(toParams(record)))).toBe(getExpectedTwilioSignature(authToken, where, record));
      }),
    );
  });

  it('accepts what the vendor signs, and the vendor what we sign', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), url, params, (authToken, where, record) => {
        const ours = expectedSignature(signingKey(authToken), where, signedParams(toParams(record)));
        expect(signatureHolds({ key: signingKey(authToken), signature: getExpectedTwilioSignature(authToken, where, record), url: where, params: toParams(record) })).toBe(true);
        expect(validateRequest(authToken, ours, where, record)).toBe(true);
      }),
    );
  });

  it('gives the vendor\'s verdict for any spelling of the URL', () => {
    const spell = fc.constantFrom<(text: string) => string>(
      (text) => text,
      (text) => new URL(text).toString(),
      (text) => text.replaceAll("'", '%27'),
      (text) => text.replace(/^(https?:\/\/[^/?#:[\]]+)(?=[/?]|$)/i, '$1:443'),
      (text) => text.replace(/:(443|80|8443)(?=[/?]|$)/, ''),
      (text) => text.toLowerCase(),
      (text) => `${text}x`,
    );
    fc.assert(
      fc.property(url, spell, params, (where, spelling, record) => {
        const signature = getExpectedTwilioSignature('token', spelling(where), record);
        expect(signatureHolds({ key: signingKey('token'), signature, url: where, params: toParams(record) })).toBe(validateRequest('token', signature, where, record));
      }),
      { numRuns: 500 },
    );
  });

  it('gives the vendor\'s verdict for JSON bodies', () => {
    fc.assert(
      fc.property(fc.json(), fc.boolean(), (body, tamper) => {
        const bytes = Buffer.from(body);
        const hash = getExpectedBodyHash(body);
        const where = `https://gw.example.cn/hooks?bodySHA256=${hash}`;
        const signature = expectedSignature(signingKey('token'), where, '');
        const received = tamper ? Buffer.concat([bytes, Buffer.from(' ')]) : bytes;
        const ours = signatureHolds({ key: signingKey('token'), signature, url: where, params: NO_PARAMS }) && bodyHashHolds(received, hash);
        expect(ours).toBe(validateRequestWithBody('token', signature, where, received.toString()));
        expect(ours).toBe(!tamper);
      }),
    );
  });

  it('never throws on a URL that is none', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (where, signature) => {
        expect(signatureHolds({ key: signingKey('token'), signature, url: where, params: NO_PARAMS })).toBe(false);
      }),
    );
  });
});
