import { XMLParser, XMLValidator } from 'fast-xml-parser';
import Type from 'typebox';
import { Value } from 'typebox/value';

/** One TwiML verb as the simulator follows it. */
export interface Verb {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly text: string;
  readonly children: readonly Verb[];
}

const parser = new XMLParser({ preserveOrder: true, ignoreAttributes: false, attributeNamePrefix: '', trimValues: true, parseTagValue: false, parseAttributeValue: false });
const Entries = Type.Array(Type.Record(Type.String(), Type.Unknown()));
const Attributes = Type.Record(Type.String(), Type.String());

/**
 * The verbs of a TwiML document in order.
 * @throws Error when it is not well-formed or its root is not Response (Twilio's error 12100)
 */
export function parseTwiml(xml: string): readonly Verb[] {
  const wellFormed = XMLValidator.validate(xml);
  if (wellFormed !== true) throw new Error(`12100: the answer is not well-formed XML: ${wellFormed.err.msg}`);
  const roots = toVerbs(parser.parse(xml)).verbs.filter(({ name }) => name !== '?xml');
  if (roots.length !== 1 || roots[0]?.name !== 'Response') throw new Error('12100: the answer is no TwiML Response');
  return roots[0].children;
}

function toVerbs(parsed: unknown): { readonly verbs: readonly Verb[]; readonly text: string } {
  const verbs: Verb[] = [];
  let text = '';
  for (const entry of Value.Parse(Entries, parsed)) {
    for (const [name, content] of Object.entries(entry)) {
      if (name === ':@') continue;
      if (name === '#text') {
        text += String(content);
        continue;
      }
      const inner = toVerbs(content);
      verbs.push({ name, attributes: Value.Parse(Attributes, entry[':@'] ?? {}), text: inner.text, children: inner.verbs });
    }
  }
  return { verbs, text };
}
