import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import Type from 'typebox';
import { Value } from 'typebox/value';

/**
 * Checks a TwiML document against fixtures/twiml-allowlist.json (names and enumerations of the typings of twilio 6.2.0; the vendor
 * publishes no schema): well-formed, known verbs, attributes, values and nesting, and an end that does not cut the caller off.
 */

const AllowlistSchema = Type.Object({
  verbs: Type.Record(Type.String(), Type.Record(Type.String(), Type.String())),
  enums: Type.Record(Type.String(), Type.Array(Type.String())),
  nesting: Type.Record(Type.String(), Type.Array(Type.String())),
  no_attributes: Type.Array(Type.String()),
});
const allowlist = Value.Parse(AllowlistSchema, JSON.parse(readFileSync(new URL('../fixtures/twiml-allowlist.json', import.meta.url), 'utf8')));

/** The allowlist names the Chinese voices only; the rest are looked up in the typings themselves. */
const typings = readFileSync(createRequire(import.meta.url).resolve('twilio/lib/twiml/VoiceResponse.js').replace(/\.js$/, '.d.ts'), 'utf8');

export interface TwimlNode {
  readonly verb: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly TwimlNode[];
  /** Own text, not that of the children. */
  readonly text: string;
}

const parser = new XMLParser({ preserveOrder: true, ignoreAttributes: false, attributeNamePrefix: '', trimValues: false, parseTagValue: false, parseAttributeValue: false });

/** @throws Error when the document is not well-formed XML with one root */
export function parseTwiml(xml: string): TwimlNode {
  const wellFormed = XMLValidator.validate(xml);
  if (wellFormed !== true) throw new Error(`not well-formed: ${wellFormed.err.msg}`);
  const roots = toNodes(parser.parse(xml)).nodes.filter(({ verb }) => verb !== '?xml');
  const root = roots[0];
  if (root === undefined || roots.length !== 1) throw new Error('not one root element');
  return root;
}

const OrderedNode = Type.Record(Type.String(), Type.Unknown());
const Attributes = Type.Record(Type.String(), Type.String());

function toNodes(ordered: unknown): { readonly nodes: readonly TwimlNode[]; readonly text: string } {
  const nodes: TwimlNode[] = [];
  let text = '';
  for (const entry of Value.Parse(Type.Array(OrderedNode), ordered)) {
    if ('#text' in entry) text += String(entry['#text']);
    for (const [verb, content] of Object.entries(entry)) {
      if (verb === '#text' || verb === ':@') continue;
      const inner = toNodes(content);
      nodes.push({ verb, attributes: Value.Parse(Attributes, entry[':@'] ?? {}), children: inner.nodes, text: inner.text });
    }
  }
  return { nodes, text };
}

/** Everything wrong with a document; empty when it is valid. */
export function twimlFaults(xml: string): readonly string[] {
  let root: TwimlNode;
  try {
    root = parseTwiml(xml);
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
  const faults: string[] = [];
  if (!xml.startsWith('<?xml version="1.0" encoding="UTF-8"?>')) faults.push('no UTF-8 declaration');
  if (root.verb !== 'Response' || Object.keys(root.attributes).length > 0) faults.push('root must be a bare Response');
  checkChildren(root, faults);
  checkEnd(root, faults);
  return faults;
}

function checkChildren(parent: TwimlNode, faults: string[]): void {
  for (const node of parent.children) {
    if (!(allowlist.nesting[parent.verb] ?? []).includes(node.verb)) faults.push(`${node.verb} inside ${parent.verb}`);
    checkAttributes(node, faults);
    const told = node.verb === 'Say' && node.children.length > 0 ? '' : node.text.trim();
    if (node.verb === 'Say' && node.children.length > 0 && node.text.trim() !== '') faults.push('text of Say beside its markup');
    if ((['Redirect', 'Number', 'prosody'].includes(node.verb) || (node.verb === 'Say' && node.children.length === 0)) ? told === '' : told !== '') faults.push(`text of ${node.verb}`);
    if (node.verb === 'Say' && Buffer.byteLength(node.text) > 4096) faults.push('Say too long');
    checkChildren(node, faults);
  }
}

function checkAttributes(node: TwimlNode, faults: string[]): void {
  const known = allowlist.verbs[node.verb] ?? {};
  for (const [name, value] of Object.entries(node.attributes)) {
    const type = known[name];
    const fault = `${node.verb} ${name}="${value}"`;
    if (type === undefined || allowlist.no_attributes.includes(node.verb)) faults.push(fault);
    else if (!holds(type, value)) faults.push(fault);
    if (name === 'method' && value !== 'POST') faults.push(fault);
    if (name === 'finishOnKey' && !/^[0-9#*]?$/.test(value)) faults.push(fault);
    if (name === 'speechTimeout' && !/^(auto|[1-9]\d*)$/.test(value)) faults.push(fault);
  }
}

function holds(type: string, value: string): boolean {
  if (type === 'string') return true;
  if (type === 'boolean') return value === 'true' || value === 'false';
  if (type === 'number') return /^\d+$/.test(value);
  if (type === 'SayVoice') return (allowlist.enums['SayVoice_chinese'] ?? []).includes(value) || typings.includes(`"${value}"`);
  const list = type.endsWith('[]');
  const allowed = allowlist.enums[list ? type.slice(0, -2) : type] ?? [];
  return (list ? value.split(' ') : [value]).every((one) => allowed.includes(one));
}

/** Redirect and Hangup end a document; a Dial must come back by its action; a Gather must be followed. */
function checkEnd(root: TwimlNode, faults: string[]): void {
  const last = root.children.at(-1);
  if (last === undefined) return;
  if (last.verb === 'Dial' ? last.attributes['action'] === undefined : !['Redirect', 'Hangup'].includes(last.verb)) faults.push(`ends in ${last.verb}`);
  for (const node of root.children.slice(0, -1)) if (['Redirect', 'Hangup'].includes(node.verb)) faults.push(`verbs after ${node.verb}`);
}

/** All verbs of a kind, at any depth. */
export function findAll(root: TwimlNode, verb: string): readonly TwimlNode[] {
  return root.children.flatMap((node) => [...(node.verb === verb ? [node] : []), ...findAll(node, verb)]);
}
