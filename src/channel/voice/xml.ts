/** XML as data, and its writer: for documents that a telephone platform reads. Pure. */

export type AttributeValue = string | number | boolean | readonly string[];

export interface XmlElement {
  readonly name: string;
  /** Lists are written with blanks between. */
  readonly attributes?: Readonly<Record<string, AttributeValue>>;
  /** Text, or what stands inside. */
  readonly content?: string | readonly XmlElement[];
}

/**
 * A whole document. Characters that XML 1.0 forbids (control characters, lone surrogates, U+FFFE, U+FFFF) are left out, so that no text
 * can make a document that is not well-formed.
 */
export function writeXml(root: XmlElement): string {
  return `<?xml version="1.0" encoding="UTF-8"?>${write(root)}`;
}

/** One element without a declaration, for a text that carries markup (SSML). */
export const writeFragment = (element: XmlElement): string => write(element);

function write({ name, attributes = {}, content = [] }: XmlElement): string {
  let open = `<${name}`;
  for (const [attribute, value] of Object.entries(attributes)) open += ` ${attribute}="${escape(plain(value), ATTRIBUTE_MARKUP)}"`;
  let inner = '';
  if (typeof content === 'string') inner = escape(content, TEXT_MARKUP);
  else for (const child of content) inner += write(child);
  return inner === '' ? `${open}/>` : `${open}>${inner}</${name}>`;
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

/** Whatever may have to be written otherwise, and all of the surrogates. Most texts have none of it, which is found out faster than what of it to replace. */
const SUSPECT = /[&<>"\u0000-\u001f\ud800-\udfff\ufffe\uffff]/;

function escape(text: string, markup: RegExp): string {
  if (!SUSPECT.test(text)) return text;
  return text.replace(markup, (character) => REFERENCES.get(character) ?? '');
}
