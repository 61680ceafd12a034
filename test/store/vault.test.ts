import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createVault } from '../../src/store/vault.ts';
import { TEST_KEY, testVault } from './support.ts';

const OTHER_KEY = Buffer.alloc(32, 8);
const anyText = fc.string({ unit: 'binary', maxLength: 200 });
const broken = expect.objectContaining({ name: 'AppError', code: 'vault.broken' });

function thrownBy(action: () => unknown): unknown {
  try {
    return { returned: action() };
  } catch (error) {
    return error;
  }
}

describe('vault', () => {
  it('opens what it sealed, whatever it is', () => {
    const vault = testVault();
    fc.assert(
      fc.property(anyText, (text) => {
        expect(vault.open(vault.seal(text))).toBe(text);
      }),
    );
  });

  it('opens long texts as they were: byte order marks, pairs, every length around the border', () => {
    const vault = testVault();
    fc.assert(
      fc.property(fc.constantFrom('', '\ufeff', 'a', '市', '😀'), anyText, fc.nat(400), (head, text, times) => {
        const long = head + text.repeat(Math.ceil(times / (text.length + 1))) + '市'.repeat(times);
        expect(vault.open(vault.seal(long))).toBe(long);
      }),
    );
  });

  it('opens, and finds again, what an earlier version wrote', () => {
    expect(testVault().open('v1.9k_4XB8C.iAa6_x9F1XUh2C8K7N3oWTpa6Njz0XSHKrAKXOfM9_162ax3m51O5Wd4WGls4Q')).toBe('张三 13800138000');
    expect(testVault().blindIndex('citizen.phone', '13800138000')).toBe('jGwKOXrJadyzaeJVKXlgiKao_IzK_dP1jPwy1nO0krA');
  });

  it('opens what another process sealed with the same key', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(testVault().open(testVault().seal(text))).toBe(text);
      }),
      { numRuns: 20 },
    );
  });

  it('never seals the same twice alike, and shows nothing of the text', () => {
    const vault = testVault();
    const sealed = Array.from({ length: 600 }, () => vault.seal('13800138000'));
    expect(new Set(sealed).size).toBe(600);
    const nonces = sealed.map((text) => Buffer.from(text.slice(text.lastIndexOf('.') + 1), 'base64url').subarray(0, 12).toString('hex'));
    expect(new Set(nonces).size).toBe(600);
    expect(sealed.join()).not.toContain('13800138000');
    expect(sealed[0]).toMatch(/^v1\.[\w-]{8}\.[\w-]+$/);
  });

  it('refuses a sealed text with any one character changed, added or taken away', () => {
    const vault = testVault();
    const sealed = vault.seal('张三 13800138000');
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=';
    fc.assert(
      fc.property(fc.nat(sealed.length - 1), fc.constantFrom(...alphabet), fc.constantFrom('change', 'insert', 'remove'), (at, sign, how) => {
        const changed = sealed.slice(0, at) + (how === 'remove' ? '' : sign) + sealed.slice(how === 'insert' ? at : at + 1);
        fc.pre(changed !== sealed);
        expect(thrownBy(() => vault.open(changed))).toEqual(broken);
      }),
      { numRuns: 500 },
    );
  });

  it('refuses what was never sealed', () => {
    const vault = testVault();
    fc.assert(
      fc.property(anyText, (text) => {
        expect(thrownBy(() => vault.open(text))).toEqual(broken);
      }),
    );
    for (const text of ['', 'v1', 'v1.', 'v1..', vault.seal('x').slice(0, 12)]) expect(thrownBy(() => vault.open(text))).toEqual(broken);
  });

  it('refuses another key, and says nothing of the text', () => {
    const error = thrownBy(() => createVault(OTHER_KEY).open(testVault().seal('13800138000')));
    expect(error).toEqual(broken);
    expect(JSON.stringify(error)).not.toContain('13800138000');
  });

  it('refuses a part of one sealed text put into another', () => {
    const vault = testVault();
    const parts = ['first', 'other'].map((text) => {
      const sealed = vault.seal(text);
      return { prefix: sealed.slice(0, sealed.lastIndexOf('.') + 1), body: Buffer.from(sealed.slice(sealed.lastIndexOf('.') + 1), 'base64url') };
    });
    const [a, b] = parts;
    if (a === undefined || b === undefined) throw new Error('two were sealed');
    const spliced = a.prefix + Buffer.concat([a.body.subarray(0, 12), b.body.subarray(12)]).toString('base64url');
    expect(thrownBy(() => vault.open(spliced))).toEqual(broken);
  });

  it('opens with an older key and seals with the current one', () => {
    const old = createVault(OTHER_KEY);
    const vault = createVault(TEST_KEY, { previousKeys: [OTHER_KEY] });
    expect(vault.open(old.seal('before'))).toBe('before');
    expect(testVault().open(vault.seal('after'))).toBe('after');
    expect(thrownBy(() => old.open(vault.seal('after')))).toEqual(broken);
    expect(vault.blindIndex('d', 'x')).toBe(testVault().blindIndex('d', 'x'));
  });

  it('finds the same value again, keyed, and keeps uses apart', () => {
    const vault = testVault();
    fc.assert(
      fc.property(anyText, anyText, anyText, anyText, (domain, value, otherDomain, otherValue) => {
        expect(testVault().blindIndex(domain, value)).toBe(vault.blindIndex(domain, value));
        expect(createVault(OTHER_KEY).blindIndex(domain, value)).not.toBe(vault.blindIndex(domain, value));
        if (domain !== otherDomain || value !== otherValue) expect(vault.blindIndex(otherDomain, otherValue)).not.toBe(vault.blindIndex(domain, value));
      }),
    );
    // The border between domain and value cannot be moved.
    expect(vault.blindIndex('ab', 'c')).not.toBe(vault.blindIndex('a', 'bc'));
    expect(vault.blindIndex('citizen.phone', '13800138000')).not.toContain('138');
  });

  it.each([0, 16, 31, 33, 64])('refuses a key of %i bytes', (bytes) => {
    const bad = expect.objectContaining({ name: 'AppError', code: 'vault.bad_key' });
    expect(thrownBy(() => createVault(Buffer.alloc(bytes)))).toEqual(bad);
    expect(thrownBy(() => createVault(TEST_KEY, { previousKeys: [Buffer.alloc(bytes)] }))).toEqual(bad);
  });
});
