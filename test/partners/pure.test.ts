import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maskText } from '../../src/domain/masking.ts';
import { createAddressRules } from '../../src/partners/addresses.ts';
import { collectFields } from '../../src/partners/fields.ts';
import { hashPartnerKey, makePartnerKey } from '../../src/partners/keys.ts';
import { fromGcj02, readPosition, toGcj02, writePosition } from '../../src/partners/position.ts';
import { readTime } from '../../src/partners/report.ts';
import { WebhookBodySchema } from '../../src/partners/schema.ts';
import { isSigned, makeSecret, OVERLAP_MS, rotated, signature, signedHeaders, validSecrets } from '../../src/partners/signature.ts';
import { createValve } from '../../src/partners/valve.ts';
import { w3cTime } from '../../src/partners/view.ts';
import { items, writeXml } from '../../src/http/zones/open311/xml.ts';
import { readXml } from '../support/open311.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

describe('positions', () => {
  it('come back out of a place as they went in, masking or not', () => {
    fc.assert(
      fc.property(fc.double({ min: -90, max: 90, noNaN: true }), fc.double({ min: -180, max: 180, noNaN: true }), fc.constantFrom('', '东城大道 1 号 '), (lat, long, before) => {
        const text = maskText(`${before}（${writePosition({ lat, long })}）`).text;
        const read = readPosition(text);
        expect(Math.abs((read?.lat ?? 999) - lat)).toBeLessThan(1e-6);
        expect(Math.abs((read?.long ?? 999) - long)).toBeLessThan(1e-6);
      }),
      { numRuns: 2_000 },
    );
    expect([readPosition(null), readPosition('东城大道 113.1,22.2')]).toEqual([null, null]);
  });

  it('are turned from GCJ-02 to WGS-84: the published shift, and back to a centimetre', () => {
    // The pair that implementations of the shift are commonly checked by.
    const shifted = toGcj02({ lat: 31.1774276, long: 121.5272106 });
    expect(shifted.lat).toBeCloseTo(31.17530398364597, 9);
    expect(shifted.long).toBeCloseTo(121.531541859215, 9);
    fc.assert(
      fc.property(fc.double({ min: 18.5, max: 53, noNaN: true }), fc.double({ min: 74, max: 134, noNaN: true }), (lat, long) => {
        const back = fromGcj02(toGcj02({ lat, long }));
        expect(Math.abs(back.lat - lat) + Math.abs(back.long - long)).toBeLessThan(1e-7);
      }),
    );
    expect(toGcj02({ lat: 51.5, long: -0.1 })).toEqual({ lat: 51.5, long: -0.1 });
  });
});

describe('times', () => {
  it('are written and read back', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 4e9 }), (seconds) => readTime(w3cTime(seconds * 1000)) === seconds * 1000));
    expect(readTime('2026-01-01T00:00:00 08:00')).toBe(Date.parse('2025-12-31T16:00:00Z'));
    for (const text of ['2026-01-01', '2026-01-01T00:00:00', 'now', '2026-13-01T00:00:00Z', '']) expect([text, readTime(text)]).toEqual([text, null]);
  });
});

describe('fields', () => {
  it('the order of what was sent, who asks and where do not matter for what is asked', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom('a', 'b', 'attribute[x][]', 'attribute[x][0]', 'attribute[y]'), fc.string())), (pairs) => {
        const { canonical } = collectFields(pairs);
        expect(collectFields(pairs.toReversed()).canonical).toBe(canonical);
        expect(collectFields([...pairs, ['api_key', 'k'], ['jurisdiction_id', 'j'], ['c', '  ']]).canonical).toBe(canonical);
      }),
    );
    expect(collectFields([['a', '1'], ['b', '2']]).canonical).not.toBe(collectFields([['a', '1","b":"2']]).canonical);
    expect([...collectFields([['attribute[__proto__]', 'x'], ['attribute[a][b]', 'y']]).attributes]).toEqual([['__proto__', ['x']]]);
  });
});

describe('keys', () => {
  it('are never the same and kept as a hash only', () => {
    const made = makePartnerKey();
    expect(made.hash).toBe(hashPartnerKey(made.key));
    expect(made.hash).toMatch(/^[0-9a-f]{64}$/);
    expect(makePartnerKey().key).not.toBe(made.key);
  });
});

describe('signatures', () => {
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
  const body = '{"test": 2432232314}';

  it('are those of Standard Webhooks', () => {
    expect(signature(secret, 'msg_p5jXN8AQM9LWM0D4loKWxJek', 1614265330, body)).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
  });

  it('hold for what was signed, in time, and for nothing else', () => {
    const now = 1_614_265_330;
    const headers = signedHeaders([makeSecret(), secret], 'id-1', now, body);
    expect(isSigned(secret, headers, body, now + 299)).toBe(true);
    expect(isSigned(secret, headers, body, now + 301)).toBe(false);
    expect(isSigned(secret, headers, body, now - 301)).toBe(false);
    expect(isSigned(secret, headers, `${body} `, now)).toBe(false);
    expect(isSigned(makeSecret(), headers, body, now)).toBe(false);
    for (const [name, value] of [['webhook-id', 'id-2'], ['webhook-timestamp', String(now + 1)], ['webhook-timestamp', 'soon'], ['webhook-signature', 'v1,'], ['webhook-signature', undefined]] as const) expect(isSigned(secret, { ...headers, [name]: value }, body, now)).toBe(false);
  });

  it('two secrets are valid for a day after a change', () => {
    const first = rotated(null, 1_000);
    expect(validSecrets(first.kept, 1_000)).toEqual([first.secret]);
    const second = rotated(first.kept, 5_000);
    expect(validSecrets(second.kept, 5_000 + OVERLAP_MS - 1)).toEqual([second.secret, first.secret]);
    expect(validSecrets(second.kept, 5_000 + OVERLAP_MS)).toEqual([second.secret]);
    expect(validSecrets(null, 0)).toEqual([]);
  });
});

describe('docs/open311.md', () => {
  it('shows a receiver that believes what the house sends, and nothing else', async () => {
    const code = /```js\n([\s\S]*?)```/.exec(readFileSync(join(ROOT, 'docs/open311.md'), 'utf8'))?.[1] ?? '';
    const module: unknown = await import(`data:text/javascript,${encodeURIComponent(code.replace('function isFromHotline', 'export function isFromHotline'))}`);
    const isFromHotline = typeof module === 'object' && module !== null && 'isFromHotline' in module && typeof module.isFromHotline === 'function' ? module.isFromHotline : () => 'no function';
    const secrets = [makeSecret(), makeSecret()];
    const now = Math.floor(Date.now() / 1000);
    const headers = signedHeaders(secrets, 'id-1', now, '{"a":1}');
    expect(secrets.map((secret) => isFromHotline(secret, headers, '{"a":1}') as unknown)).toEqual([true, true]);
    const wrong: unknown[] = [isFromHotline(makeSecret(), headers, '{"a":1}'), isFromHotline(secrets[0], headers, '{"a":2}'), isFromHotline(secrets[0], { ...headers, 'webhook-id': 'id-2' }, '{"a":1}'), isFromHotline(secrets[0], signedHeaders(secrets, 'id-1', now - 400, '{"a":1}'), '{"a":1}')];
    expect(wrong).toEqual([false, false, false, false]);
  });

  it('names the schema that bodies are held against', () => {
    expect(JSON.parse(readFileSync(join(ROOT, 'docs/webhook.schema.json'), 'utf8'))).toEqual(JSON.parse(JSON.stringify({ $schema: 'https://json-schema.org/draft/2020-12/schema', ...WebhookBodySchema })));
  });
});

describe('addresses', () => {
  const closed = createAddressRules([]);
  it('only public ones over TLS unless a network is named', () => {
    for (const address of ['8.8.8.8', '114.114.114.114', '2400:3200::1']) expect([address, closed.allows(address, true), closed.allows(address, false)]).toEqual([address, true, false]);
    for (const address of ['127.0.0.1', '10.1.2.3', '172.16.0.1', '172.31.255.255', '192.168.1.1', '169.254.169.254', '100.64.0.1', '0.0.0.0', '224.0.0.1', '255.255.255.255', '::1', '::', 'fe80::1', 'fd00::1', '::ffff:127.0.0.1', '::ffff:7f00:1', '64:ff9b::a00:1', '2002:a00:1::', 'localhost', '']) {
      expect([address, closed.allows(address, true)]).toEqual([address, false]);
    }
  });

  it('a named network is open, its neighbours are not', () => {
    const rules = createAddressRules(['10.20.0.0/16', 'fd00:1::/32', '192.168.7.7']);
    for (const [address, allowed] of [['10.20.3.4', true], ['::ffff:10.20.3.4', true], ['10.21.0.1', false], ['fd00:1::5', true], ['fd00:2::5', false], ['192.168.7.7', true], ['192.168.7.8', false]] as const) expect([address, rules.allows(address, false)]).toEqual([address, allowed]);
    for (const range of ['10.0.0.0/33', 'intranet', '10.0.0.0/8/8', '10.0.0.0/x']) expect(() => createAddressRules([range])).toThrow('WEBHOOK_NETWORKS');
  });
});

describe('the valve', () => {
  it('lets a few through, turns the rest away for longer and longer, and closes for who is down', () => {
    let now = 0;
    const valve = createValve(() => now);
    for (let n = 0; n < 8; n += 1) expect(valve.enter('a')).toBeNull();
    const waits = Array.from({ length: 40 }, () => valve.enter('a') ?? 0);
    expect(waits[0]).toBeGreaterThan(0);
    expect(waits.at(-1)).toBeGreaterThan(waits[0] ?? 0);
    expect(valve.enter('b')).toBeNull();
    for (let n = 0; n < 5; n += 1) valve.left('a', false);
    expect(valve.enter('a')).toBe(30_000);
    now = 30_000;
    for (let n = 0; n < 3; n += 1) valve.left('a', false);
    now = 60_001;
    expect(valve.enter('a')).toBeNull();
    expect(valve.enter('a')).toBeGreaterThan(0); // one tries, the others wait for what it finds
    valve.left('a', true);
    expect([valve.enter('a'), valve.enter('a')]).toEqual([null, null]);
  });
});

describe('XML', () => {
  it('carries any text that XML can carry, and no markup of a citizen', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const xml = writeXml('a', { b: text, c: items('d', [text, null]), e: undefined });
        const clean = text.replace(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, '');
        expect(xml).not.toMatch(/[\u0000-\u0008\u000b\u000c\u000e-\u001f]|\]\]>/);
        expect(xml.replace(/&(amp|lt|gt|#13);/g, (_whole, name: string) => ({ amp: '&', lt: '<', gt: '>', '#13': '\r' })[name] ?? '')).toContain(clean === '' ? '<b/>' : `<b>${clean}</b>`);
        expect(Object.keys(readXml(xml))).toEqual(['a']);
      }),
    );
    expect(writeXml('errors', items('error', [{ code: 403, description: '<b>&]]>' }]))).toBe('<?xml version="1.0" encoding="UTF-8"?>\n<errors><error><code>403</code><description>&lt;b&gt;&amp;]]&gt;</description></error></errors>\n');
  });
});
