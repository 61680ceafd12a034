import * as fc from 'fast-check';
import { SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { isAppError } from '../../src/domain/errors.ts';
import type { JsonObject } from '../../src/domain/json.ts';
import { parseBody } from './body.ts';
import { decodeActivity, fileName, type DecodeContext } from './decode.ts';
import { readWatermark, wireId } from './encode.ts';
import { createBuckets } from './rate.ts';
import { dispositionName } from './upload.ts';
import { createComparer, createTokens, type TokenGrant } from './verify.ts';

const context: DecodeContext = { channel: 'webchat', conversation: 'c', boundUser: null, trusted: false, hasUploads: false };

describe('decode', () => {
  it('throws nothing but refusals, whatever JSON comes', () => {
    const anyActivity = fc.record(
      {
        type: fc.oneof(fc.constantFrom('message', 'event', 'typing', 'endOfConversation', 'conversationUpdate', 'constructor'), fc.string()),
        from: fc.oneof(fc.record({ id: fc.string(), name: fc.oneof(fc.string(), fc.constant(null)) }), fc.jsonValue()),
        text: fc.oneof(fc.string({ unit: 'binary' }), fc.jsonValue()),
        value: fc.jsonValue(),
        name: fc.oneof(fc.string(), fc.jsonValue()),
        channelData: fc.oneof(fc.record({ clientActivityID: fc.oneof(fc.string(), fc.jsonValue()) }), fc.jsonValue()),
        attachments: fc.oneof(fc.array(fc.record({ contentUrl: fc.oneof(fc.webUrl(), fc.string()), contentType: fc.string() })), fc.jsonValue()),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(anyActivity, (activity) => {
        try {
          const body: JsonObject | undefined = parseBody(Buffer.from(JSON.stringify(activity)));
          if (body === undefined) return;
          const first = decodeActivity(body, context);
          expect(decodeActivity(body, context)).toEqual(first);
          expect(first.inbound.identity?.externalUserId).toBeNull();
          if (first.inbound.content.type === 'message') expect(first.inbound.content.text).not.toMatch(/[\u0000-\u0008\u000b-\u001f]|\p{Surrogate}/u);
        } catch (error) {
          expect(isAppError(error)).toBe(true);
          if (isAppError(error)) expect([400, 413]).toContain(error.status);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('reads the locale and leaves unknown ones out', () => {
    const localeOf = (locale: string): string | undefined => decodeActivity({ type: 'message', text: 'x', from: { id: 'p' }, locale }, context).inbound.locale;
    expect(['zh-CN', 'zh-Hans', 'en-US', 'EN', 'fr', 'zhx', ''].map(localeOf)).toEqual(['zh-CN', 'zh-CN', 'en', 'en', undefined, undefined, undefined]);
  });

  it('keeps the raw payload of what it does not know, cards included', () => {
    const card = { type: 'message', from: { id: 'p' }, attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content: { a: 1 } }] };
    const { inbound } = decodeActivity(card, context);
    expect(inbound.content).toEqual({ type: 'unsupported', kind: 'message' });
    expect(inbound.raw).toBe(JSON.stringify(card));
  });

  it('has one externalId for one (conversation, sender, clientActivityID), and no way to forge another’s', () => {
    const idOf = (conversation: string, from: string, id: string): string | null =>
      decodeActivity({ type: 'message', text: 'x', from: { id: from }, channelData: { clientActivityID: id } }, { ...context, conversation }).inbound.externalId;
    expect(idOf('c', 'p', 'x')).toBe(idOf('c', 'p', 'x'));
    expect(new Set([idOf('c', 'p', 'x'), idOf('c2', 'p', 'x'), idOf('c', 'p2', 'x'), idOf('c', 'p', 'x2'), idOf('c', 'px', ''), idOf('cp', 'x', 'x'), idOf('c', '","p', 'x')]).size).toBe(7);
  });
});

describe('bodies', () => {
  const refused = (bytes: Buffer): number => {
    try {
      parseBody(bytes);
      return 200;
    } catch (error) {
      return isAppError(error) ? error.status : 500;
    }
  };

  it('are refused when broken, deep, or not an object', () => {
    expect(parseBody(Buffer.alloc(0))).toBeUndefined();
    expect(refused(Buffer.from('{"a":'))).toBe(400);
    expect(refused(Buffer.from([0x7b, 0xff, 0x7d]))).toBe(400);
    expect(refused(Buffer.from('[1]'))).toBe(400);
    expect(refused(Buffer.from(`{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`))).toBe(400);
    expect(refused(Buffer.from(`{"a":"${'x'.repeat(262_144)}"}`))).toBe(413);
    expect(refused(Buffer.from('{"a":"\\ud800"}'))).toBe(400);
    expect(refused(Buffer.from('{"__proto__":{}}'))).toBe(400);
  });
});

describe('names', () => {
  it.each([
    ['照片.png', '照片.png'],
    ['C:\\Users\\me\\照片.png', '照片.png'],
    ['../../x', 'x'],
    ['..', undefined],
    ['a\u0000b\n.png', 'ab.png'],
    ['', undefined],
    [`${'长'.repeat(300)}.docx`, `${'长'.repeat(110)}.docx`],
  ])('%j become %j', (given, kept) => expect(fileName(given)).toBe(kept));

  it('are read from Content-Disposition in both forms', () => {
    expect(dispositionName("attachment; filename=plain.png; filename*=UTF-8''%E7%85%A7.png")).toBe('照.png');
    expect(dispositionName(`attachment; filename="${Buffer.from('照.png').toString('latin1')}"`)).toBe('照.png');
    expect(dispositionName('attachment; filename="a\\"b.png"')).toBe('ab.png');
    expect(dispositionName("attachment; filename*=UTF-8''%ZZ")).toBeUndefined();
    expect(dispositionName(undefined)).toBeUndefined();
  });
});

describe('ids and watermarks', () => {
  it('have their forms', () => {
    expect(wireId('c', 7)).toBe('c|0000007');
    expect(wireId('c', 12_345_678)).toBe('c|12345678');
    expect(readWatermark(undefined)).toBeUndefined();
    expect(readWatermark('')).toBe(0);
    expect(readWatermark('12')).toBe(12);
    for (const bad of ['-1', '1.5', 'x', '1e9', '9'.repeat(16)]) expect(() => readWatermark(bad)).toThrow('watermark');
  });
});

describe('buckets', () => {
  it('let no more pass than they hold, refill with time and forget the quiet', () => {
    let now = 0;
    const buckets = createBuckets({ perMinute: 60, now: () => now });
    for (let index = 0; index < 60; index += 1) expect(buckets.take('a')).toBe(0);
    expect(buckets.take('a')).toBe(1000);
    now += 999;
    expect(buckets.take('a')).toBeGreaterThan(0);
    now += 1;
    expect(buckets.take('a')).toBe(0);
    for (let index = 0; index < 10_000; index += 1) buckets.take(`k${index}`);
    now += 120_000;
    buckets.take('last');
    expect(buckets.size()).toBe(1);
  });
});

describe('tokens', () => {
  const grant: TokenGrant = { conversation: 'c', user: 'dl_a', viewer: null, trustedOrigins: null, widget: true };

  it('carry the grant and nothing else counts as one', async () => {
    let now = 1_790_000_000_000;
    const tokens = createTokens({ secret: 'one-secret-not-a-real-one', now: () => now });
    const token = await tokens.issue(grant);
    expect(await tokens.authorize(`Bearer ${token}`)).toEqual({ kind: 'token', grant });
    expect(await tokens.authorize('bearer one-secret-not-a-real-one')).toEqual({ kind: 'secret' });
    for (const header of [undefined, '', 'Bearer', 'Bearer ', 'Basic x', 'Bearer a b']) await expect(tokens.authorize(header)).rejects.toMatchObject({ status: 401 });
    const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${token.split('.')[1]}.`;
    const foreign = await new SignJWT({ conv: 'c', user: 'dl_a' }).setProtectedHeader({ alg: 'HS256' }).setIssuer('yihu').setAudience('api').setExpirationTime(9_999_999_999).sign(Buffer.from('one-secret-not-a-real-one'.padEnd(32, '0')));
    for (const forged of [unsigned, foreign, token.slice(0, -4), `${token}.x`]) await expect(tokens.authorize(`Bearer ${forged}`)).rejects.toMatchObject({ status: 403, code: 'webchat.bad_argument' });
    now += 1_801_000;
    await expect(tokens.authorize(`Bearer ${token}`)).rejects.toMatchObject({ status: 403, code: 'webchat.token_expired' });
    expect(await tokens.readResumable(token)).toEqual(grant);
    expect(await tokens.readResumable(await tokens.issueStream(grant))).toBeNull();
    now += 86_400_000;
    expect(await tokens.readResumable(token)).toBeNull();
  });

  it('compare secrets whole', () => {
    expect(createComparer('abc')('abc')).toBe(true);
    for (const other of ['', 'ab', 'abcd', 'abC']) expect(createComparer('abc')(other)).toBe(false);
  });
});
