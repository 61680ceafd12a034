/** XML as GeoReport v2 wants it: elements only, no namespace, no attributes. Written here because nothing but escaping can go wrong. */

export type XmlValue = string | number | boolean | null | undefined | XmlElements | readonly XmlItem[];
/** Undefined is left out, null is an empty element. */
export interface XmlElements {
  readonly [name: string]: XmlValue;
}
/** A repeated element inside a container. */
export interface XmlItem {
  readonly item: string;
  readonly value: XmlValue;
}

const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';

/** @param root element name, then its content */
export function writeXml(root: string, content: XmlValue): string {
  return `${DECLARATION}${element(root, content)}\n`;
}

export function items(item: string, values: readonly XmlValue[]): readonly XmlItem[] {
  return values.map((value) => ({ item, value }));
}

function element(name: string, value: XmlValue): string {
  if (value === undefined) return '';
  const inner = content(value);
  return inner === '' ? `<${name}/>` : `<${name}>${inner}</${name}>`;
}

function content(value: XmlValue): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'object') {
    return isItems(value) ? value.map(({ item, value: inner }) => element(item, inner)).join('') : Object.entries(value).map(([name, inner]) => element(name, inner)).join('');
  }
  return escape(String(value));
}

function isItems(value: XmlElements | readonly XmlItem[]): value is readonly XmlItem[] {
  return Array.isArray(value);
}

/** What XML 1.0 cannot carry (production 2, Char) is dropped; `>` is escaped too, so that `]]>` never stands in text. */
function escape(text: string): string {
  return text
    .replace(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, '')
    .replace(/[&<>\r]/g, (character) => (character === '&' ? '&amp;' : character === '<' ? '&lt;' : character === '>' ? '&gt;' : '&#13;'));
}
