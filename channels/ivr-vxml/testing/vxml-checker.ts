import { readFileSync } from 'node:fs';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import Type from 'typebox';
import { Value } from 'typebox/value';

/**
 * Checks a document against fixtures/vxml-structure.json: the elements, attributes and nesting that the W3C's schema of VoiceXML 2.1 allows, as far as the
 * channel writes them, and an end that does not leave the caller in silence.
 */

const Names = Type.Array(Type.String());
const Structure = Type.Object({
  elements: Type.Record(Type.String(), Type.Object({ attributes: Names, required: Names, children: Names, text: Type.Boolean() })),
  values: Type.Record(Type.String(), Names),
});
const structure = Value.Parse(Structure, JSON.parse(readFileSync(new URL('../fixtures/vxml-structure.json', import.meta.url), 'utf8')));

export interface VxmlNode {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly VxmlNode[];
  /** Own text, not that of the children. */
  readonly text: string;
}

const parser = new XMLParser({ preserveOrder: true, ignoreAttributes: false, attributeNamePrefix: '', trimValues: false, parseTagValue: false, parseAttributeValue: false });
const Ordered = Type.Array(Type.Record(Type.String(), Type.Unknown()));
const Attributes = Type.Record(Type.String(), Type.String());

/** @throws Error when the document is not well-formed XML with one root `vxml` */
export function parseVxml(xml: string): VxmlNode {
  const wellFormed = XMLValidator.validate(xml);
  if (wellFormed !== true) throw new Error(`not well-formed: ${wellFormed.err.msg}`);
  const [root, ...more] = nodesOf(parser.parse(xml)).nodes.filter(({ name }) => name !== '?xml');
  if (root?.name !== 'vxml' || more.length > 0) throw new Error('not one vxml');
  return root;
}

function nodesOf(ordered: unknown): { readonly nodes: readonly VxmlNode[]; readonly text: string } {
  const nodes: VxmlNode[] = [];
  let text = '';
  for (const entry of Value.Parse(Ordered, ordered)) {
    if ('#text' in entry) text += String(entry['#text']);
    for (const [name, content] of Object.entries(entry)) {
      if (name === '#text' || name === ':@') continue;
      const inner = nodesOf(content);
      nodes.push({ name, attributes: Value.Parse(Attributes, entry[':@'] ?? {}), children: inner.nodes, text: inner.text });
    }
  }
  return { nodes, text };
}

/** Everything wrong with a document; empty when it is right. */
export function faultsOf(root: VxmlNode): readonly string[] {
  return [...structureFaults(root), ...endFaults(root)];
}

function structureFaults(node: VxmlNode): readonly string[] {
  const known = structure.elements[node.name];
  if (known === undefined) return [`unknown element ${node.name}`];
  return [
    ...Object.keys(node.attributes).filter((name) => !known.attributes.includes(name)).map((name) => `${node.name}: attribute ${name}`),
    ...known.required.filter((name) => !(name in node.attributes)).map((name) => `${node.name}: no ${name}`),
    ...Object.entries(node.attributes).filter(([name, value]) => structure.values[`${node.name}.${name}`]?.includes(value) === false).map(([name, value]) => `${node.name}: ${name} ${value}`),
    ...(!known.text && node.text.trim() !== '' ? [`${node.name}: text`] : []),
    ...node.children.filter(({ name }) => !known.children.includes(name)).map(({ name }) => `${node.name}: child ${name}`),
    ...node.children.flatMap(structureFaults),
  ];
}

/** The last item of the last form goes on, hangs up or ends; a field goes on whether anything was heard or not. */
function endFaults(root: VxmlNode): readonly string[] {
  const last = root.children.findLast(({ name }) => name === 'form')?.children.at(-1);
  if (last === undefined) return ['no form'];
  const goesOn = (node: VxmlNode | undefined): boolean => node?.children.some(({ name }) => ['submit', 'disconnect', 'exit'].includes(name)) === true;
  const child = (name: string): VxmlNode | undefined => last.children.find((one) => one.name === name);
  if (last.name === 'block') return goesOn(last) ? [] : ['the last block leaves the caller in silence'];
  if (last.name === 'transfer') return goesOn(child('filled')) ? [] : ['a transfer that leads nowhere'];
  return ['filled', 'noinput', 'nomatch'].filter((name) => !goesOn(child(name))).map((name) => `field: ${name} leads nowhere`);
}
