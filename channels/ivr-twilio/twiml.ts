import { writeXml, type XmlElement } from '../../src/channel/voice/xml.ts';
import type { CantoneseVoice, ChineseVoice, EnglishVoice } from './config.ts';

/**
 * TwiML as data, and its one writer. The verbs and attributes are those this channel says and no others
 * (https://www.twilio.com/docs/voice/twiml). Why not the vendor's builder: docs/adr/0015.
 */

export type Say = { readonly verb: 'Say'; readonly attributes: { readonly language: 'cmn-CN' | 'yue-HK' | 'en-US'; readonly voice: ChineseVoice | CantoneseVoice | EnglishVoice }; readonly content: string | readonly [Prosody] };
/** SSML (https://www.twilio.com/docs/voice/twiml/say/text-speech): how fast. */
export type Prosody = { readonly verb: 'prosody'; readonly attributes: { readonly rate: string }; readonly content: string };
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
    /** The vendor's names for recognition; `<Say>` has others (cmn-CN, yue-HK). */
    readonly language: 'cmn-Hans-CN' | 'yue-Hant-HK' | 'en-US';
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
  readonly content: readonly [Noun];
};
/** A telephone to ring. */
type Noun = { readonly verb: 'Number'; readonly content: string };
/** https://www.twilio.com/docs/voice/twiml/conference; the room's name stands for no person. */
export type Conference = {
  readonly verb: 'Conference';
  readonly attributes: {
    readonly participantLabel: string;
    readonly beep: 'onEnter';
    readonly startConferenceOnEnter: boolean;
    readonly endConferenceOnExit: false;
    readonly waitUrl?: string;
    readonly waitMethod?: 'POST';
    readonly statusCallback: string;
    readonly statusCallbackMethod: 'POST';
    readonly statusCallbackEvent: readonly ('start' | 'end' | 'join' | 'leave')[];
  };
  readonly content: string;
};
/** Into a room; without an action the document goes on behind it. */
export type RoomDial = {
  readonly verb: 'Dial';
  readonly attributes: { readonly action?: string; readonly method?: 'POST'; /** Seconds: the longest that the room lasts for its party. */ readonly timeLimit: number };
  readonly content: readonly [Conference];
};
export type Twiml = Say | Pause | Redirect | Hangup | Gather | Dial;

/** A whole document: declaration, `<Response>` and the verbs in their order. */
export function writeTwiml(verbs: readonly (Twiml | RoomDial)[]): string {
  return writeXml({ name: 'Response', content: verbs.map(elementOf) });
}

function elementOf(verb: Twiml | RoomDial | Noun | Conference | Prosody): XmlElement {
  const content = 'content' in verb ? verb.content : [];
  return { name: verb.verb, attributes: 'attributes' in verb ? verb.attributes : {}, content: typeof content === 'string' ? content : content.map(elementOf) };
}
