import type { ChineseVoice, EnglishVoice } from './config.ts';

/**
 * TwiML as data, and its one writer. The verbs and attributes are those this channel says and no others
 * (https://www.twilio.com/docs/voice/twiml). Why not the vendor's builder: docs/adr/0015.
 */

export type Say = { readonly verb: 'Say'; readonly attributes: { readonly language: 'cmn-CN' | 'en-US'; readonly voice: ChineseVoice | EnglishVoice }; readonly content: string };
export type Pause = { readonly verb: 'Pause'; /** Seconds. */ readonly attributes: { readonly length: number } };
export type Redirect = { readonly verb: 'Redirect'; readonly attributes: { readonly method: 'POST' }; readonly content: string };
export type Hangup = { readonly verb: 'Hangup' };
export type Gather = {
  readonly verb: 'Gather';
  readonly attributes: {
    /** Written with a blank between. */
    readonly input: readonly ('dtmf' | 'speech')[];
    readonly action: string;
    readonly method: 'POST';
    /** The vendor's name of Mandarin for recognition; `<Say>` calls it cmn-CN. */
    readonly language: 'cmn-Hans-CN' | 'en-US';
    /** Seconds. */
    readonly timeout: number;
    readonly speechTimeout: 'auto';
    readonly numDigits?: number;
    readonly finishOnKey: '' | '#';
    readonly bargeIn: boolean;
    readonly profanityFilter: boolean;
    readonly hints?: string;
  };
  readonly content: readonly Say[];
};
export type Dial = {
  readonly verb: 'Dial';
  readonly attributes: { readonly action: string; readonly method: 'POST'; /** Seconds. */ readonly timeout: number };
  readonly content: readonly [{ readonly verb: 'Number'; readonly content: string }];
};
export type Twiml = Say | Pause | Redirect | Hangup | Gather | Dial;

/**
 * A whole document: declaration, `<Response>` and the verbs in their order. Characters that XML 1.0 forbids (control
 * characters, lone surrogates, U+FFFE, U+FFFF) are left out, so that no text can make a document that is not well-formed.
 */
export function writeTwiml(verbs: readonly Twiml[]): string {
  return `<?xml version="1.0" encoding="UTF-8"?>${element({ verb: 'Response', content: verbs })}`;
}

type AttributeValue = string | number | boolean | readonly string[];

interface Element {
  readonly verb: string;
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
  /** Text, or what stands inside. */
  readonly content?: string | readonly Element[];
}

function element({ verb, attributes = {}, content = [] }: Element): string {
  let open = `<${verb}`;
  for (const [name, value] of Object.entries(attributes)) open += ` ${name}="${escape(plain(value), ATTRIBUTE_MARKUP)}"`;
  let inner = '';
  if (typeof content === 'string') inner = escape(content, TEXT_MARKUP);
  else for (const child of content) inner += element(child);
  return inner === '' ? `${open}/>` : `${open}>${inner}</${verb}>`;
}

function plain(value: AttributeValue): string {
  return typeof value === 'object' ? value.join(' ') : String(value);
}

/**
 * What may not stand as itself: markup, white space that a parser would change (XML 1.0, 2.11 and 3.3.3), and what is no
 * Char at all (2.2). `>` is markup in text only, because of `]]>`.
 */
const TEXT_MARKUP = /[&<>\r]|[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;
const ATTRIBUTE_MARKUP = /[&<"\t\n\r]|[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

const REFERENCES: ReadonlyMap<string, string> = new Map([['&', '&amp;'], ['<', '&lt;'], ['>', '&gt;'], ['"', '&quot;'], ['\t', '&#x9;'], ['\n', '&#xA;'], ['\r', '&#xD;']]);

function escape(text: string, markup: RegExp): string {
  return text.replace(markup, (character) => REFERENCES.get(character) ?? '');
}
