import type { HookOutcome, HookReply, RawRequest } from '../../src/channel/contract.ts';
import { nextUrl, type CallState, type NextCall } from '../../src/channel/voice/call-state.ts';
import { PHRASES } from '../../src/channel/voice/phrases.ts';
import { planVoice, type KeyRule, type Line, type VoiceStep } from '../../src/channel/voice/plan.ts';
import { splitForSay } from '../../src/channel/voice/speech.ts';
import { writeXml, type XmlElement } from '../../src/channel/voice/xml.ts';
import type { Locale } from '../../src/domain/activity.ts';
import type { VxmlConfig } from './config.ts';
import { callStateOf, readPosted, seatHasTalked } from './decode.ts';

/** What a call does next (src/channel/voice/plan.ts) as a VoiceXML 2.1 document (https://www.w3.org/TR/voicexml21/). */

export const PATH = '/hooks/ivr/vxml';

/** Between keys. */
const KEY_TIMEOUT = '4s';
/** Longest number anybody types. */
const KEYS_MAX = 20;
/** A document that cannot be fetched is asked for so often before the caller is let go with an honest word. */
const FETCH_TRIES = 3;
const KEYS = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '#'];

/** The first document: names the call, which the standard does not, and posts who calls. */
export function startDocument(config: VxmlConfig): HookReply {
  const address = `${config.pathPrefix}${PATH}?${config.guard.query}`;
  return reply([
    variable('call', "'v' + new Date().getTime().toString(36) + Math.random().toString(36).substring(2)"),
    variable('caller', "(typeof session.connection == 'undefined') ? '' : session.connection.remote.uri"),
    { name: 'form', attributes: { id: 'start' }, content: [{ name: 'block', content: [submit(address, ['caller'])] }] },
  ]);
}

export function encodeStepReply(config: VxmlConfig, request: RawRequest, outcome: HookOutcome): HookReply {
  const posted = readPosted(request);
  // Nobody listens any more; a document has to come all the same.
  if (posted === null || posted.over) return reply([{ name: 'form', attributes: { id: 'end' }, content: [{ name: 'block', content: [{ name: 'exit' }] }] }]);
  const asked = callStateOf(request, posted);
  const { steps, state } = planVoice(
    { state: asked, over: false, seatTalked: seatHasTalked(asked, posted), seatFailed: asked.purpose === 'seat' && posted.talk !== '', keys: posted.heard.keys, speech: posted.heard.speech },
    outcome,
    config.seatNumber,
  );
  const call: Call = { config, state, id: posted.call };
  const goes = steps.findLast((step) => step.kind === 'go');
  return reply([
    // Only letters, digits, dots, dashes and underscores (decode.ts): nothing in it ends the literal.
    variable('call', `'${call.id}'`),
    { name: 'catch', attributes: { event: 'connection.disconnect.hangup' }, content: [submit(`${address(call, { purpose: 'wait' })}&end=1`)] },
    ...onTrouble(call, goes?.kind === 'go' ? goes.next : { purpose: 'wait' }),
    { name: 'form', attributes: { id: 'call' }, content: items(call, steps) },
  ]);
}

interface Call {
  readonly config: VxmlConfig;
  readonly state: CallState;
  readonly id: string;
}

/** The next document could not be had, or this one holds something the browser cannot do: try again, then say so. */
function onTrouble(call: Call, next: NextCall): readonly XmlElement[] {
  const { locale } = call.state;
  return [
    { name: 'catch', attributes: { event: 'error' }, content: [{ name: 'prompt', content: [{ name: 'break', attributes: { time: '2s' } }] }, submit(address(call, { ...next, purpose: 'wait' }))] },
    { name: 'catch', attributes: { event: 'error', count: FETCH_TRIES }, content: [prompt(call, { text: PHRASES[locale].outageEnd, locale }), { name: 'disconnect' }] },
  ];
}

function items(call: Call, steps: readonly VoiceStep[]): readonly XmlElement[] {
  return steps.flatMap((step, index): readonly XmlElement[] => {
    const after = steps[index + 1];
    switch (step.kind) {
      case 'say':
        return [{ name: 'block', content: prompts(call, step.lines) }];
      case 'listen':
        return [field(call, step, after?.kind === 'go' ? after.next : step.next)];
      case 'pause':
        return [{ name: 'block', content: [{ name: 'prompt', content: [{ name: 'break', attributes: { time: `${step.seconds}s` } }] }] }];
      case 'go':
        // A field has gone on by itself, with words or with silence.
        return steps[index - 1]?.kind === 'listen' ? [] : [{ name: 'block', content: [submit(address(call, step.next))] }];
      case 'dial':
        return [{ name: 'transfer', attributes: { name: 'talk', dest: `tel:${step.number}`, type: 'bridge', connecttimeout: `${step.timeoutSeconds}s` }, content: [{ name: 'filled', content: [submit(address(call, step.next), ['talk'])] }] }];
      case 'hangup':
        return [{ name: 'block', content: [{ name: 'disconnect' }] }];
    }
  });
}

function field(call: Call, { lines, keys, locale, next }: Extract<VoiceStep, { kind: 'listen' }>, silence: NextCall): XmlElement {
  const { config } = call;
  const speech = { 'zh-CN': config.speechGrammar, 'zh-HK': config.speechGrammarCantonese, en: config.speechGrammarEnglish }[locale];
  const unheard = submit(address(call, silence));
  return {
    name: 'field',
    attributes: { name: 'said' },
    content: [
      property('inputmodes', speech === null ? 'dtmf' : 'dtmf voice'),
      property('bargein', 'true'),
      property('timeout', `${keys.timeout}s`),
      property('interdigittimeout', keys.mode === 'number' ? `${keys.timeout}s` : KEY_TIMEOUT),
      // One key answers at once, # among them; else # ends a number.
      property('termchar', keys.mode === 'single' ? '' : '#'),
      keyGrammar(keys),
      ...(speech === null ? [] : [{ name: 'grammar', attributes: { src: speech, mode: 'voice', 'xml:lang': languageOf(locale) } }]),
      ...prompts(call, lines),
      { name: 'noinput', content: [unheard] },
      { name: 'nomatch', content: [unheard] },
      { name: 'filled', content: [variable('mode', 'said$.inputmode'), variable('conf', 'said$.confidence'), submit(address(call, next), ['said', 'mode', 'conf'])] },
    ],
  };
}

/** Speech Recognition Grammar Specification 1.0, XML form, mode dtmf; inline, so in the document's namespace (VoiceXML 2.1 schema). */
function keyGrammar({ mode }: KeyRule): XmlElement {
  const key: XmlElement = { name: 'one-of', content: KEYS.map((content) => ({ name: 'item', content })) };
  return {
    name: 'grammar',
    attributes: { version: '1.0', mode: 'dtmf', root: 'keys' },
    content: [{ name: 'rule', attributes: { id: 'keys' }, content: [{ name: 'item', attributes: { repeat: mode === 'single' ? '1' : `1-${KEYS_MAX}` }, content: [key] }] }],
  };
}

function prompts(call: Call, lines: readonly Line[]): readonly XmlElement[] {
  return lines.flatMap(({ text, locale }) => splitForSay(text).map((piece) => prompt(call, { text: piece, locale })));
}

/** SSML 1.0 is part of VoiceXML 2.1; how slow `slow` is, the voice decides. */
function prompt({ state }: Call, { text, locale }: Line): XmlElement {
  return { name: 'prompt', attributes: { 'xml:lang': languageOf(locale) }, content: state.slow ? [{ name: 'prosody', attributes: { rate: 'slow' }, content: text }] : text };
}

function property(name: string, value: string): XmlElement {
  return { name: 'property', attributes: { name, value } };
}

function variable(name: string, expr: string): XmlElement {
  return { name: 'var', attributes: { name, expr } };
}

/** Every step posts the name of its call. */
function submit(next: string, namelist: readonly string[] = []): XmlElement {
  return { name: 'submit', attributes: { next, method: 'post', namelist: ['call', ...namelist] } };
}

function languageOf(locale: Locale): string {
  return locale === 'en' ? 'en-US' : locale;
}

function address({ config, state }: Call, next: NextCall): string {
  return `${nextUrl(config.pathPrefix + PATH, state, next)}&${config.guard.query}`;
}

function reply(content: readonly XmlElement[]): HookReply {
  return {
    status: 200,
    contentType: 'application/voicexml+xml; charset=utf-8',
    // Every step is a new document, whatever a browser thinks of its address.
    headers: { 'cache-control': 'no-store' },
    body: writeXml({ name: 'vxml', attributes: { xmlns: 'http://www.w3.org/2001/vxml', version: '2.1', 'xml:lang': 'zh-CN' }, content }),
  };
}
