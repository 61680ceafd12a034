import { createCallSim, PhoneFault, publicUrlOf, type CallSim, type CallSimOptions, type CallStep, type Happening, type PhonePlatform, type PhoneRequest } from './call-sim.ts';
import { parseXml, spokenText, type Verb } from './phone-twiml.ts';

/**
 * A VoiceXML browser, as far as our documents need one: variables by literal, one form of blocks, a field or a transfer, submits by POST. The first document
 * is fetched by GET. It has no ECMAScript: of the first document's expressions it knows what they stand for.
 * Source: https://www.w3.org/TR/voicexml21/
 */

export interface VxmlSimOptions extends CallSimOptions {
  readonly secret: string;
  /** Calling number; an obviously fake one unless told. Empty or `anonymous`: withheld. */
  readonly from?: string;
  readonly call?: string;
}

const PATH = '/hooks/ivr/vxml';

export function createVxmlSim(options: VxmlSimOptions): CallSim {
  return createCallSim(options, browser(options));
}

function browser(options: VxmlSimOptions): PhonePlatform {
  const publicUrl = publicUrlOf(options);
  const start = `${publicUrl}${PATH}?key=${encodeURIComponent(options.secret)}`;
  const from = options.from ?? '+8613800138000';
  const caller = from === '' || from === 'anonymous' ? 'sip:anonymous@anonymous.invalid' : `tel:${from}`;
  let call = options.call ?? `sim${Date.now().toString(36)}${Math.random().toString(36).slice(2)}`;
  let hangupAt: string | null = null;

  return {
    start,
    request(at, what): Omit<PhoneRequest, 'url'> {
      if (what.kind === 'begun') return { method: 'GET', headers: {}, body: '' };
      const form = { call, ...formOf(what), ...(at === start ? { caller } : {}) };
      return { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: new URLSearchParams(form).toString() };
    },
    read(reply, at) {
      if (!/^application\/voicexml\+xml\b/.test(reply.contentType)) throw new PhoneFault(`the answer is ${reply.contentType}`);
      const root = read(reply.body);
      for (const variable of children(root, 'var')) {
        const literal = /^'([^']*)'$/.exec(variable.attributes['expr'] ?? '')?.[1];
        if (variable.attributes['name'] === 'call' && literal !== undefined) call = literal;
      }
      const hangup = children(root, 'catch').find(({ attributes }) => attributes['event'] === 'connection.disconnect.hangup');
      hangupAt = hangup === undefined ? null : submitOf(hangup, at);
      return children(root, 'form').flatMap((form) => form.children.flatMap((item) => stepsOf(item, at)));
    },
    ended: () => (hangupAt === null ? null : { at: hangupAt, method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: new URLSearchParams({ call }).toString() }),
  };
}

function read(body: string): Verb {
  try {
    return parseXml(body, 'vxml');
  } catch (error) {
    throw new PhoneFault(error instanceof Error ? error.message : String(error));
  }
}

function formOf(what: Happening): Readonly<Record<string, string>> {
  switch (what.kind) {
    case 'said':
      return { said: what.text, mode: 'voice', conf: String(what.confidence) };
    case 'pressed':
      return { said: [...what.keys].join(' '), mode: 'dtmf', conf: '1.0' };
    case 'rang':
      return { talk: { completed: 'far_end_disconnect', 'no-answer': 'noanswer', busy: 'busy', failed: 'unknown' }[what.result] };
    case 'begun':
    case 'silence':
    case 'sent':
      return {};
  }
}

function stepsOf(item: Verb, at: string): readonly CallStep[] {
  switch (item.name) {
    case 'block':
      return item.children.flatMap((child): readonly CallStep[] => {
        if (child.name === 'prompt') return prompted(child);
        if (child.name === 'submit') return [{ kind: 'go', at: new URL(child.attributes['next'] ?? '', at).toString() }];
        if (child.name === 'disconnect' || child.name === 'exit') return [{ kind: 'hangup' }];
        throw new PhoneFault(`the simulator does not know ${child.name} in a block`);
      });
    case 'field': {
      const [filled] = children(item, 'filled');
      const [noinput] = children(item, 'noinput');
      if (filled === undefined || noinput === undefined) throw new PhoneFault('a field that leads nowhere');
      const property = (name: string): string | undefined => children(item, 'property').find(({ attributes }) => attributes['name'] === name)?.attributes['value'];
      const repeat = children(item, 'grammar').flatMap((grammar) => children(grammar, 'rule')).flatMap((rule) => children(rule, 'item'))[0]?.attributes['repeat'];
      return [
        ...children(item, 'prompt').flatMap(prompted),
        { kind: 'listen', one: repeat === '1', finish: property('termchar') === '#' ? '#' : '', speech: property('inputmodes')?.includes('voice') === true, at: submitOf(filled, at), silenceAt: submitOf(noinput, at) },
      ];
    }
    case 'transfer': {
      const [filled] = children(item, 'filled');
      return [{ kind: 'ring', number: (item.attributes['dest'] ?? '').replace(/^tel:/, ''), seconds: Number.parseInt(item.attributes['connecttimeout'] ?? '30', 10), at: filled === undefined ? null : submitOf(filled, at) }];
    }
    default:
      throw new PhoneFault(`the simulator does not know ${item.name} in a form`);
  }
}

function prompted(prompt: Verb): readonly CallStep[] {
  const [pause] = children(prompt, 'break');
  if (pause !== undefined) return [{ kind: 'pause', seconds: Number.parseFloat(pause.attributes['time'] ?? '0') }];
  return [{ kind: 'speak', text: spokenText(prompt), language: prompt.attributes['xml:lang'] ?? '' }];
}

function children(node: Verb, name: string): readonly Verb[] {
  return node.children.filter((child) => child.name === name);
}

function submitOf(node: Verb, at: string): string {
  const next = children(node, 'submit')[0]?.attributes['next'];
  if (next === undefined) throw new PhoneFault(`${node.name} leads nowhere`);
  return new URL(next, at).toString();
}
