import { createCipheriv } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { decrypt as wecomDecrypt, encrypt as wecomEncrypt, getSignature as wecomSignature } from '@wecom/crypto';
import * as fc from 'fast-check';
import Type from 'typebox';
import { Value } from 'typebox/value';
import { describe, expect, it } from 'vitest';
import WXBizMsgCrypt from 'wechat-crypto';
import { decrypt, decryptWithAny, encrypt, parseAesKey, sameSecret, sign, type AesKey } from '../../../src/channel/wechat/crypto.ts';

const VectorsSchema = Type.Object({ vectors: Type.Array(Type.Object({
  id: Type.String(),
  kind: Type.String(),
  token: Type.Optional(Type.String()),
  encodingAESKey: Type.Optional(Type.String()),
  receiveId: Type.Optional(Type.String()),
  timestamp: Type.Optional(Type.String()),
  nonce: Type.Optional(Type.String()),
  signature: Type.Optional(Type.String()),
  echostr: Type.Optional(Type.String()),
  msg_signature: Type.Optional(Type.String()),
  random: Type.Optional(Type.String()),
  msg: Type.Optional(Type.String()),
  Encrypt: Type.Optional(Type.String()),
  body_xml: Type.Optional(Type.String()),
  body_json: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  query: Type.Optional(Type.Record(Type.String(), Type.String())),
  expect: Type.Optional(Type.Unknown()),
})) });
const { vectors } = Value.Parse(VectorsSchema, JSON.parse(readFileSync(new URL('vectors.json', import.meta.url), 'utf8')));
const text = (value: unknown, name: string): string => (typeof value === 'object' && value !== null && name in value ? String(Object.entries(value).find(([key]) => key === name)?.[1]) : '');

function keyOf(encodingAesKey: string | undefined): AesKey {
  const key = parseAesKey(encodingAesKey ?? '');
  if (key === null) throw new Error('the vector has a bad key');
  return key;
}

const encryptedOf = (vector: (typeof vectors)[number]): string => /<Encrypt><!\[CDATA\[([^\]]+)\]\]>/.exec(vector.body_xml ?? '')?.[1] ?? text(vector.body_json, 'Encrypt');

describe('published vectors', () => {
  it.each(vectors.filter((vector) => vector.kind === 'sha1-3').map((vector) => [vector.id, vector] as const))('%s: three-part signature', (_id, vector) => {
    expect(sign([vector.token ?? '', vector.timestamp ?? '', vector.nonce ?? ''])).toBe(vector.signature);
  });

  it.each(vectors.filter((vector) => vector.kind === 'decrypt').map((vector) => [vector.id, vector] as const))('%s: signature and decryption', (_id, vector) => {
    const sealed = encryptedOf(vector);
    expect(sign([vector.token ?? '', vector.query?.['timestamp'] ?? '', vector.query?.['nonce'] ?? '', sealed])).toBe(vector.query?.['msg_signature']);
    const opened = decrypt(keyOf(vector.encodingAESKey), sealed, vector.receiveId ?? '');
    expect(opened.ok && opened.message.toString('utf8')).toBe(text(vector.expect, 'msg'));
    // What the other libraries make of it.
    expect(wecomDecrypt(vector.encodingAESKey ?? '', sealed)).toMatchObject({ message: text(vector.expect, 'msg'), id: vector.receiveId });
    expect(new WXBizMsgCrypt(vector.token ?? '', vector.encodingAESKey ?? '', vector.receiveId ?? '').decrypt(sealed)).toEqual({ message: text(vector.expect, 'msg'), id: vector.receiveId });
  });

  it('wx-safe-post-json has the documented random, length and a padding of 19, which Node alone cannot remove', () => {
    const vector = vectors.find((candidate) => candidate.id === 'wx-safe-post-json');
    const opened = decrypt(keyOf(vector?.encodingAESKey), text(vector?.body_json, 'Encrypt'), vector?.receiveId ?? '');
    expect(opened.ok && [opened.random.toString('utf8'), opened.message.length]).toEqual(['a8eedb185eb2fecf', 167]);
    expect(Buffer.from(text(vector?.body_json, 'Encrypt'), 'base64').length - (16 + 4 + 167 + (vector?.receiveId ?? '').length)).toBe(19);
  });

  it.each(vectors.filter((vector) => vector.kind === 'encrypt').map((vector) => [vector.id, vector] as const))('%s: encryption', (_id, vector) => {
    const sealed = encrypt(keyOf(vector.encodingAESKey), vector.msg ?? '', vector.receiveId ?? '', Buffer.from(vector.random ?? '', 'utf8'));
    expect(sealed).toBe(text(vector.expect, 'Encrypt'));
    const signature = text(vector.expect, 'MsgSignature');
    if (signature !== '') expect(sign([vector.token ?? '', vector.timestamp ?? '', vector.nonce ?? '', sealed])).toBe(signature);
  });

  it.each(vectors.filter((vector) => vector.kind === 'decrypt-echostr').map((vector) => [vector.id, vector] as const))('%s: encrypted echostr', (_id, vector) => {
    expect(sign([vector.token ?? '', vector.timestamp ?? '', vector.nonce ?? '', vector.echostr ?? ''])).toBe(vector.msg_signature);
    const opened = decrypt(keyOf(vector.encodingAESKey), vector.echostr ?? '', vector.receiveId ?? '');
    expect(opened.ok && opened.message.toString('utf8')).toBe(vector.expect);
  });

  it('neg-short-cipher and neg-short-key are refused', () => {
    const short = vectors.find((vector) => vector.id === 'neg-short-cipher');
    expect(decrypt(keyOf('A'.repeat(43)), short?.Encrypt ?? '', 'wx')).toEqual({ ok: false, reason: 'cipher' });
    expect(parseAesKey(vectors.find((vector) => vector.id === 'neg-short-key')?.encodingAESKey ?? '')).toBeNull();
  });
});

const aesKeyText = fc.string({ unit: fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'), minLength: 43, maxLength: 43 });
const random16 = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes));
const words = fc.string({ unit: 'grapheme', maxLength: 300 });
const appId = fc.string({ unit: fc.constantFrom(...'wx0123456789abcdef'), minLength: 1, maxLength: 24 });

describe('cipher', () => {
  it('gives back what went in, for every key, message and receiver', () => {
    fc.assert(fc.property(aesKeyText, words, appId, random16, (key, message, id, random) => {
      const opened = decrypt(keyOf(key), encrypt(keyOf(key), message, id, random), id);
      expect(opened.ok && opened.message.toString('utf8')).toBe(message);
    }));
  });

  it('agrees with wechat-crypto and @wecom/crypto both ways', () => {
    fc.assert(fc.property(aesKeyText, words.filter((message) => message !== ''), appId, random16, fc.integer({ min: 1, max: 2_000_000_000 }), (key, message, id, random, time) => {
      const other = new WXBizMsgCrypt('token', key, id);
      const ours = encrypt(keyOf(key), message, id, random);
      expect(wecomEncrypt(key, message, id, random)).toBe(ours);
      expect(wecomDecrypt(key, ours)).toMatchObject({ message, id });
      expect(other.decrypt(ours)).toEqual({ message, id });
      const theirs = decrypt(keyOf(key), other.encrypt(message), id);
      expect(theirs.ok && theirs.message.toString('utf8')).toBe(message);
      const parts = [String(time), String(time % 1000)] as const;
      expect(sign(['token', ...parts, ours])).toBe(other.getSignature(...parts, ours));
      expect(sign(['token', ...parts, ours])).toBe(wecomSignature('token', ...parts, ours));
    }), { numRuns: 60 });
  });

  it('refuses any garbage and never throws', () => {
    const key = keyOf('A'.repeat(43));
    fc.assert(fc.property(fc.oneof(fc.string(), fc.base64String(), fc.uint8Array({ maxLength: 256 }).map((bytes) => Buffer.from(bytes).toString('base64'))), (garbage) => {
      expect(decrypt(key, garbage, 'wxba5fad812f8e6fb9').ok).toBe(false);
    }));
  });

  it('refuses every single changed byte of the last two blocks and every other receiver', () => {
    const key = keyOf('abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG');
    const sealed = Buffer.from(encrypt(key, '路灯坏了', 'wx0000000000000000', Buffer.alloc(16, 7)), 'base64');
    for (let at = sealed.length - 32; at < sealed.length; at += 1) {
      const changed = Buffer.from(sealed);
      changed[at] = (changed[at] ?? 0) ^ 0x40;
      expect(decrypt(key, changed.toString('base64'), 'wx0000000000000000').ok).toBe(false);
    }
    expect(decrypt(key, sealed.toString('base64'), 'wx0000000000000001')).toEqual({ ok: false, reason: 'receiver' });
    expect(decrypt(key, sealed.toString('base64'), 'wx000000000000000')).toEqual({ ok: false, reason: 'receiver' });
  });

  it('refuses bad padding: 0, 33, not all equal, longer than the text', () => {
    const key = keyOf('A'.repeat(43));
    const seal = (plain: Buffer): string => {
      const cipher = createCipheriv('aes-256-cbc', key.key, key.iv).setAutoPadding(false);
      return Buffer.concat([cipher.update(plain), cipher.final()]).toString('base64');
    };
    const good = Buffer.concat([Buffer.alloc(16, 1), Buffer.from([0, 0, 0, 2]), Buffer.from('hi'), Buffer.from('wx')]);
    const padded = (fill: number, size: number): Buffer => Buffer.concat([good, Buffer.alloc(size, fill)]);
    expect(decrypt(key, seal(padded(8, 8)), 'wx').ok).toBe(true);
    expect(decrypt(key, seal(padded(0, 8)), 'wx').ok).toBe(false);
    expect(decrypt(key, seal(padded(33, 8)), 'wx').ok).toBe(false);
    expect(decrypt(key, seal(Buffer.concat([good, Buffer.from([1, 2, 3, 4, 5, 6, 7, 8])])), 'wx').ok).toBe(false);
    expect(decrypt(key, seal(Buffer.alloc(16, 32)), 'wx').ok).toBe(false);
    expect(decrypt(key, seal(Buffer.alloc(16, 16)), 'wx').ok, 'nothing left after the padding').toBe(false);
    const lying = Buffer.from(padded(8, 8));
    lying.writeUInt32BE(0xffff_ffff, 16);
    expect(decrypt(key, seal(lying), 'wx').ok, 'a length beyond the end').toBe(false);
  });

  it('tries the previous key second', () => {
    const now = keyOf('A'.repeat(43));
    const before = keyOf('abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG');
    const sealed = encrypt(before, '旧钥匙', 'wx', Buffer.alloc(16));
    expect(decryptWithAny([now], sealed, 'wx')).toEqual({ ok: false, reason: 'cipher' });
    const opened = decryptWithAny([now, before], sealed, 'wx');
    expect(opened.ok && opened.message.toString('utf8')).toBe('旧钥匙');
    expect(decryptWithAny([now, before], sealed, 'wy')).toEqual({ ok: false, reason: 'receiver' });
    expect(decryptWithAny([], sealed, 'wx').ok).toBe(false);
  });
});

describe('keys and secrets', () => {
  it('takes exactly 43 base64 characters, spare bits or not', () => {
    expect(parseAesKey('abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG')?.key).toHaveLength(32);
    for (const bad of ['', 'A'.repeat(42), 'A'.repeat(44), `${'A'.repeat(42)}=`, `${'A'.repeat(42)} `, '钥'.repeat(43)]) expect(parseAesKey(bad)).toBeNull();
  });

  it('compares whole strings', () => {
    fc.assert(fc.property(fc.string(), fc.string(), (left, right) => {
      expect(sameSecret(left, right)).toBe(Buffer.from(left).equals(Buffer.from(right)));
      expect(sameSecret(left, left)).toBe(true);
    }));
  });
});
