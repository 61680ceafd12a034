import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseForm } from './form.ts';

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');

describe('parseForm', () => {
  it('reads back what URLSearchParams writes, repeated and blank values included', () => {
    const pair = fc.tuple(fc.string({ unit: 'grapheme', minLength: 1 }), fc.string({ unit: 'grapheme' }));
    fc.assert(
      fc.property(fc.array(pair, { maxLength: 20 }), (pairs) => {
        const wanted = new Map<string, string[]>();
        for (const [name, value] of pairs) wanted.set(name, [...(wanted.get(name) ?? []), value]);
        expect(parseForm(Buffer.from(new URLSearchParams(pairs).toString()))).toEqual(wanted);
      }),
    );
  });

  it('keeps blanks and trims nothing', () => {
    expect(parseForm(bytes('Digits=&SpeechResult=+a%20&Flag&=x&&b=1=2'))).toEqual(
      new Map([['Digits', ['']], ['SpeechResult', [' a ']], ['Flag', ['']], ['', ['x']], ['b', ['1=2']]]),
    );
  });

  it('takes raw UTF-8 as well as escaped', () => {
    expect(parseForm(Buffer.from('SpeechResult=路灯'))).toEqual(new Map([['SpeechResult', ['路灯']]]));
  });

  it.each([
    ['a lone continuation byte', 'a=%80'],
    ['a cut sequence', 'a=%E4%BA'],
    ['an overlong slash', 'a=%C0%AF'],
    ['an encoded surrogate', 'a=%ED%A0%80'],
    ['a raw broken byte', 'a=\xff'],
    ['a broken name', '%FF=1'],
    ['a percent without digits', 'a=%'],
    ['a percent with one digit', 'a=%4'],
    ['a percent with other letters', 'a=%zz'],
  ])('refuses %s', (_what, text) => {
    expect(parseForm(bytes(text))).toBeNull();
  });

  it('refuses more pairs than any webhook has', () => {
    expect(parseForm(bytes('a=1&'.repeat(500)))).not.toBeNull();
    expect(parseForm(bytes('a=1&'.repeat(501)))).toBeNull();
  });

  it('never throws on any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (body) => {
        const parsed = parseForm(body);
        expect(parsed === null || parsed instanceof Map).toBe(true);
      }),
    );
  });
});
