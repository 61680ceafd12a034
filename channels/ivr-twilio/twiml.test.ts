import { readdirSync, readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import VoiceResponse from 'twilio/lib/twiml/VoiceResponse.js';
import { describe, expect, it } from 'vitest';
import { parseTwiml } from './testing/twiml-checker.ts';
import { writeTwiml, type Gather, type Say, type Twiml } from './twiml.ts';

/** The same document by the vendor's builder. */
function vendorTwiml(verbs: readonly Twiml[]): string {
  const response = new VoiceResponse();
  for (const one of verbs) {
    if (one.verb === 'Say') vendorSay(response, one);
    else if (one.verb === 'Pause') response.pause({ ...one.attributes });
    else if (one.verb === 'Redirect') response.redirect({ ...one.attributes }, one.content);
    else if (one.verb === 'Hangup') response.hangup();
    else if (one.verb === 'Dial') response.dial({ ...one.attributes }).number(one.content[0].content);
    else {
      const gather = response.gather({ ...one.attributes, input: [...one.attributes.input] });
      for (const say of one.content) vendorSay(gather, say);
    }
  }
  return response.toString();
}

function vendorSay(speaker: Pick<VoiceResponse, 'say'> | Pick<ReturnType<VoiceResponse['gather']>, 'say'>, { attributes, content }: Say): void {
  if (typeof content === 'string') speaker.say({ ...attributes }, content);
  else speaker.say({ ...attributes }, '').prosody({ ...content[0].attributes }, content[0].content);
}

const ILLEGAL = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;
const legal = (text: string): string => text.replace(ILLEGAL, '');

const hostile = fc.constantFrom(
  ']]>', '<![CDATA[', '<!--', '-->', '<?xml?>', '<Hangup/>', '</Say>', '&', '&amp;', '&lt', '&#0;', '&#x1;', '"', "'", '" x="', '<', '>', '\r\n', '\r', '\n', '\t',
  '\u0000', '\u0001', '\u000b', '\u001f', '\u007f', '\u0085', '\u2028', '\ufffe', '\uffff', '\ufeff', '\ud800', '\udfff', '\udc00\ud800', '\ud83d', '\ude00',
  '😀', '👨‍👩‍👧', '𠮷', '\u{1fffe}', '\u{10ffff}', '路灯不亮', ' ', '',
);
const wild = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), fc.array(fc.oneof(hostile, fc.string({ maxLength: 3 })), { maxLength: 12 }).map((parts) => parts.join('')));

const documents = (text: fc.Arbitrary<string>): fc.Arbitrary<readonly Twiml[]> => {
  const seconds = fc.nat({ max: 60 });
  const post = fc.constant('POST' as const);
  const say: fc.Arbitrary<Say> = fc.record({ verb: fc.constant('Say'), attributes: fc.record({ language: fc.constantFrom('cmn-CN', 'yue-HK', 'en-US'), voice: fc.constantFrom('Polly.Zhiyu', 'Google.yue-HK-Standard-A', 'Polly.Joanna') }), content: fc.oneof(text, fc.tuple(fc.record({ verb: fc.constant('prosody' as const), attributes: fc.record({ rate: fc.constantFrom('80%') }), content: text }))) });
  const gather: fc.Arbitrary<Gather> = fc.record({
    verb: fc.constant('Gather'),
    attributes: fc.record(
      {
        input: fc.subarray(['dtmf' as const, 'speech' as const], { minLength: 1 }), action: text, method: post, language: fc.constantFrom('cmn-Hans-CN', 'en-US'), timeout: seconds,
        speechTimeout: fc.constant('auto' as const), numDigits: fc.nat({ max: 9 }), finishOnKey: fc.constantFrom('', '#'), bargeIn: fc.boolean(), profanityFilter: fc.boolean(), hints: text,
      },
      { requiredKeys: ['input', 'action', 'method', 'language', 'timeout', 'speechTimeout', 'finishOnKey', 'bargeIn', 'profanityFilter'] },
    ),
    content: fc.array(say, { maxLength: 3 }),
  });
  return fc.array(
    fc.oneof(
      say,
      gather,
      fc.record({ verb: fc.constant('Pause' as const), attributes: fc.record({ length: seconds }) }),
      fc.record({ verb: fc.constant('Redirect' as const), attributes: fc.record({ method: post }), content: text }),
      fc.constant({ verb: 'Hangup' } as const),
      fc.record({ verb: fc.constant('Dial' as const), attributes: fc.record({ action: text, method: post, timeout: seconds }), content: fc.tuple(fc.record({ verb: fc.constant('Number' as const), content: text })) }),
    ),
    { maxLength: 5 },
  );
};

/** Every text of a document without the characters that XML forbids. */
function legalised(verbs: readonly Twiml[]): readonly Twiml[] {
  const say = (one: Say): Say => ({ ...one, content: typeof one.content === 'string' ? legal(one.content) : [{ ...one.content[0], content: legal(one.content[0].content) }] });
  return verbs.map((one) => {
    if (one.verb === 'Say') return say(one);
    if (one.verb === 'Redirect') return { ...one, content: legal(one.content) };
    if (one.verb === 'Dial') return { ...one, attributes: { ...one.attributes, action: legal(one.attributes.action) }, content: [{ ...one.content[0], content: legal(one.content[0].content) }] };
    if (one.verb !== 'Gather') return one;
    const { hints, action } = one.attributes;
    return { ...one, attributes: { ...one.attributes, action: legal(action), ...(hints === undefined ? {} : { hints: legal(hints) }) }, content: one.content.map(say) };
  });
}

describe('the writer', () => {
  it('writes byte for byte what the vendor\'s builder writes, hostile text included', () => {
    fc.assert(
      fc.property(documents(wild.map(legal)), (verbs) => {
        expect(writeTwiml(verbs)).toBe(vendorTwiml(verbs));
      }),
      { numRuns: 1_500 },
    );
  });

  it('leaves out what XML forbids and nothing else, where the builder throws or writes a broken document', () => {
    fc.assert(
      fc.property(documents(wild), (verbs) => {
        const written = writeTwiml(verbs);
        expect(written).toBe(vendorTwiml(legalised(verbs)));
        expect(written).not.toMatch(ILLEGAL);
      }),
      { numRuns: 1_500 },
    );
    expect(() => vendorTwiml([{ verb: 'Redirect', attributes: { method: 'POST' }, content: 'a\u0000b' }])).toThrow();
  });

  it('makes no verb and no attribute out of any text', () => {
    fc.assert(
      fc.property(wild, wild, (words, hints) => {
        const say: Say = { verb: 'Say', attributes: { language: 'cmn-CN', voice: 'Polly.Zhiyu' }, content: `a${words}` };
        const root = parseTwiml(writeTwiml([{ ...GATHER, attributes: { ...GATHER.attributes, hints }, content: [say] }, { verb: 'Hangup' }]));
        expect(root.children.map(({ verb }) => verb)).toEqual(['Gather', 'Hangup']);
        expect(root.children[0]?.children.map(({ verb, attributes, children }) => [verb, Object.keys(attributes), children])).toEqual([['Say', ['language', 'voice'], []]]);
        expect(Object.keys(root.children[0]?.attributes ?? {})).toEqual([...Object.keys(GATHER.attributes), 'hints']);
      }),
    );
  });

  it('does without the vendor\'s package: no file of the channel but its tests imports it', () => {
    const files = readdirSync(new URL('.', import.meta.url)).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'));
    expect(files).toContain('encode.ts');
    expect(files.filter((name) => /from 'twilio|import\('twilio/.test(readFileSync(new URL(name, import.meta.url), 'utf8')))).toEqual([]);
  });

  it('writes an empty document for a call that is over', () => {
    expect(writeTwiml([])).toBe('<?xml version="1.0" encoding="UTF-8"?><Response/>');
    expect(writeTwiml([])).toBe(vendorTwiml([]));
  });
});

const GATHER = {
  verb: 'Gather',
  attributes: { input: ['dtmf', 'speech'], action: '/a?b=1&c=2', method: 'POST', language: 'cmn-Hans-CN', timeout: 5, speechTimeout: 'auto', finishOnKey: '', bargeIn: true, profanityFilter: false },
  content: [],
} as const satisfies Gather;
