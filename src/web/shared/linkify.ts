/** A piece of shown text. `href` is always http(s), never anything that runs. */
export type TextPiece = { readonly text: string; readonly href?: string };

// ASCII only: a Chinese full stop or bracket right after an address is prose, not part of it.
const ADDRESS = /https?:\/\/[\w\-.~:/?#[\]@!$&'()*+,;=%]+/gi;
const TRAILING = /[.,;:!?'\])]+$/;

/** Cuts text into plain pieces and links, for rendering as text nodes and anchors (never as HTML). */
export function linkify(text: string): TextPiece[] {
  const pieces: TextPiece[] = [];
  let from = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const address = trimTrailing(match[0]);
    const href = safeHref(address);
    if (href === null) continue;
    if (match.index > from) pieces.push({ text: text.slice(from, match.index) });
    pieces.push({ text: address, href });
    from = match.index + address.length;
  }
  if (from < text.length) pieces.push({ text: text.slice(from) });
  return pieces;
}

function trimTrailing(address: string): string {
  // A closing bracket stays when the address opened one itself (…/wiki/Foo_(bar)).
  const trimmed = address.replace(TRAILING, '');
  return address.startsWith(`${trimmed})`) && trimmed.includes('(') ? `${trimmed})` : trimmed;
}

/** An absolute http(s) address in normal form, or null. `base` resolves relative ones. */
export function safeHref(address: string, base?: string): string | null {
  try {
    const url = new URL(address, base);
    return url.protocol === 'https:' || url.protocol === 'http:' ? url.href : null;
  } catch {
    return null;
  }
}

/** Like safeHref, and lets a button dial or write a mail as well. */
export function safeAction(address: string, base?: string): string | null {
  if (/^tel:[\d+*#-]{2,20}$/i.test(address) || /^mailto:[^\s<>"]+$/i.test(address)) return address;
  return safeHref(address, base);
}
