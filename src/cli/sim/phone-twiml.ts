import { XMLParser, XMLValidator } from 'fast-xml-parser';
import Type from 'typebox';
import { Value } from 'typebox/value';

/** One element (TwiML: verb) as the simulators follow it. */
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
  return parseXml(xml, 'Response').children;
}

/** @throws Error when it is not well-formed or has another root */
export function parseXml(xml: string, root: string): Verb {
  const wellFormed = XMLValidator.validate(xml);
  if (wellFormed !== true) throw new Error(`12100: the answer is not well-formed XML: ${wellFormed.err.msg}`);
  const [found, ...more] = toVerbs(parser.parse(xml)).verbs.filter(({ name }) => name !== '?xml');
  if (found?.name !== root || more.length > 0) throw new Error(root === 'Response' ? '12100: the answer is no TwiML Response' : `the answer is no ${root}`);
  return found;
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

/** What is heard of an element: its text, in markup or not. */
export const spokenText = ({ text, children }: Verb): string => text + children.map(spokenText).join('');
