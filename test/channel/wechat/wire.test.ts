import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { writeFields, type PushField } from '../../../src/cli/sim/wechat-peer.ts';
import { formatAddress, joinParts, parseAddress, splitParts } from '../../../src/channel/wechat/address.ts';
import { asAddress } from '../../../src/domain/activity.ts';
import { quoteBigIntegers, readFields, readFlatXml, readQuery, readText, readXml } from '../../../src/channel/wechat/wire.ts';

const anyText = fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom(' ', '\n', ']]>', '<!DOCTYPE x>', '&amp;', '<xml>', '007', '1e5', '__proto__', '"\\', '[微笑]/::)'));
/** What XML can carry, with line ends as XML reads them. */
const xmlText = anyText.map((text) => text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '').replace(/\r\n?/g, '\n'));
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n });

const fieldsOf = (text: string): Record<string, string> | string => {
  const reading = readFields(text);
  return reading.ok ? Object.fromEntries(reading.value) : reading.reason;
};

describe('numbers in JSON', () => {
  it('keeps every digit of every 64-bit integer', () => {
    fc.assert(fc.property(int64, anyText, (id, text) => {
      expect(fieldsOf(`{"Content":${JSON.stringify(text)},"MsgId":${id},"CreateTime":1714112445}`)).toEqual({ Content: text, MsgId: String(id), CreateTime: '1714112445' });
    }));
  });

  it('leaves every JSON document as it is when no integer is too big', () => {
    fc.assert(fc.property(fc.json(), (json) => {
      // fast-check's numbers are doubles; those above 2^53 are written with all their digits, and then quoting is right.
      fc.pre(!/\d{16,}/.test(json));
      expect(quoteBigIntegers(json)).toBe(json);
    }));
  });

  it('does not touch digits within strings, fractions or exponents', () => {
    for (const json of ['{"a":"22923519871373703"}', '{"a":"\\"22923519871373703"}', '{"a":"\\\\","b":1}', '{"a":0.12345678901234567890}', '{"a":1e400}']) expect(quoteBigIntegers(json)).toBe(json);
    expect(quoteBigIntegers('[22923519871373703,-9223372036854775808]')).toBe('["22923519871373703","-9223372036854775808"]');
  });
});

describe('both formats', () => {
  const field: fc.Arbitrary<PushField> = fc.oneof(
    fc.tuple(fc.constantFrom('Content', 'Title', 'PagePath', 'SessionFrom'), xmlText, fc.constant('text' as const)),
    fc.tuple(fc.constantFrom('MsgId', 'CreateTime'), fc.bigInt({ min: 0n, max: 2n ** 63n }).map(String), fc.constant('number' as const)),
  );
  const fields = fc.uniqueArray(field, { selector: ([name]) => name, minLength: 1 });

  it('read what a peer writes, in XML and in JSON, character for character', () => {
    fc.assert(fc.property(fields, fc.constantFrom('xml' as const, 'json' as const), (written, format) => {
      expect(fieldsOf(writeFields(written, format))).toEqual(Object.fromEntries(written.map(([name, value]) => [name, value])));
    }));
  });

  it('flat XML is read as the parser reads it, or left to the parser', () => {
    const piece = fc.oneof(
      fc.constantFrom('<xml>', '</xml>', '<A>', '</A>', '<A/>', '<A b="c">', '<B>', '</B>', '<a>x</a>', '<constructor>x</constructor>', '<xml>x</xml>', '<![CDATA[', ']]>', ']', '[微笑]', '&amp;', '&#65;', '&', '>', '<', '<!-- x -->', '<?x?>', '\n', '\r\n', '\r', ' ', '\t', '\u0000', '\u0008', '\ufeff', '\ufffe', '007', '__proto__', 'constructor', '市民', '😀', '\u2028', '\u00a0'),
      fc.constantFrom('<Content><![CDATA[你好]]></Content>', '<MsgId>22923519871373703</MsgId>', '<A></A>', '<A> 1 </A>', '<Constructor>x</Constructor>', '<A><![CDATA[<b>&]]]]><![CDATA[>]]></A>', '<B><![CDATA[<b>&]]></B>', '<A> <![CDATA[x]]></A>', '<A><![CDATA[x]]> </A>'),
      fc.string({ unit: 'binary' }),
    );
    let flat = 0;
    fc.assert(fc.property(fc.array(piece, { maxLength: 8 }), fc.constantFrom('', ' ', '\n', 'x', '\u00a0', '\ufeff', '<a/>', '<!-- -->'), (pieces, after) => {
      const text = `<xml>${pieces.join('')}</xml>${after}`;
      const quick = readFlatXml(text);
      if (quick === null) return;
      flat += 1;
      const judged = readXml(text);
      expect(judged.ok && Object.entries(Object.fromEntries(judged.value))).toEqual(quick.ok && Object.entries(Object.fromEntries(quick.value)));
    }), { numRuns: 1500 });
    expect(flat).toBeGreaterThan(50);
  });

  it('escaped quotes and backslashes do not end a string', () => {
    fc.assert(fc.property(fc.array(fc.constantFrom('"', '\\', '1'.repeat(20), 'a', '{', '😀'), { maxLength: 12 }), (parts) => {
      const content = parts.join('');
      expect(fieldsOf(`{"Content":${JSON.stringify(content)},"MsgId":22923519871373703}`)).toEqual({ Content: content, MsgId: '22923519871373703' });
    }));
  });

  it('never throw, whatever comes', () => {
    const hostile = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom('<', '>', '!', '[', ']', 'CDATA[', '<xml>', '</xml>', '<a>', '"', '{', '}', '\\', ':', '1', '&', ';', '?', '-') }));
    fc.assert(fc.property(hostile, (text) => {
      readFields(text);
      quoteBigIntegers(text);
      readQuery(text);
    }), { numRuns: 500 });
  });
});

describe('XML', () => {
  it.each([
    ['<!DOCTYPE xml><xml><A>1</A></xml>', 'doctype'],
    ['<xml><!DOCTYPE x><A>1</A></xml>', 'doctype'],
    ['<xml><!ENTITY e "1"><A>&e;</A></xml>', 'doctype'],
    ['<xml><A><![CDATA[open</A></xml>', 'malformed'],
    ['<xml><!-- open</xml>', 'malformed'],
    ['<xml><A>1</B></xml>', 'malformed'],
    ['<xml><A>1</A>', 'malformed'],
    ['<xml/><xml/>', 'malformed'],
    ['<html><A>1</A></html>', 'malformed'],
    [`<xml>${'<A/>'.repeat(1000)}</xml>`, 'malformed'],
    ['plain words', 'malformed'],
    ['', 'malformed'],
    ['[1]', 'malformed'],
    ['{"a":1', 'malformed'],
  ])('%s is %s', (text, reason) => {
    expect(fieldsOf(text)).toBe(reason);
  });

  it('keeps blanks and leading zeros, reads the five entities outside CDATA only, skips comments and nested elements', () => {
    expect(fieldsOf('<?xml version="1.0" encoding="UTF-8"?>\n<xml>\n<A> 007 </A><B><![CDATA[&amp;<!DOCTYPE x>]]></B><C>&lt;&amp;lt;</C><D><E>1</E></D><F/><!-- <A>2</A> --><A>3</A></xml>')).toEqual({ A: ' 007 ', B: '&amp;<!DOCTYPE x>', C: '<&lt;', F: '' });
  });
});

describe('query and bytes', () => {
  it('keeps a plus sign, refuses doubles and broken escapes', () => {
    expect(readQuery('/x?a=1+2%2B&b')).toEqual(new Map([['a', '1+2+'], ['b', '']]));
    expect(readQuery('/x')).toEqual(new Map());
    expect(readQuery('/x?a=1&a=2')).toBeNull();
    expect(readQuery('/x?a=%E0%A4%A')).toBeNull();
  });

  it('drops a byte order mark and refuses what is not UTF-8', () => {
    expect(readText(Buffer.from('\ufeff{}'))).toBe('{}');
    expect(readText(Buffer.from([0xff, 0xfe]))).toBeNull();
  });
});

describe('addresses', () => {
  it('come back whole, whatever the parts hold', () => {
    fc.assert(fc.property(anyText, anyText.filter((openid) => openid !== ''), (account, openid) => {
      expect(parseAddress(formatAddress({ account, openid }))).toEqual({ account, openid });
    }));
    fc.assert(fc.property(fc.array(anyText, { minLength: 1 }), (parts) => {
      expect(splitParts(joinParts(parts))).toEqual(parts);
    }));
  });

  it('of others are not parsed', () => {
    for (const other of ['', 'gh_1', 'gh_1/', 'gh_1/o1/x']) expect(parseAddress(asAddress(other))).toBeNull();
  });
});
