import { toUSVString } from 'node:util';

/**
 * Text that both databases store and compare alike. PostgreSQL refuses U+0000 in text; lone surrogates are not UTF-8,
 * and each driver spoils them in its own way. Both become U+FFFD, the sign for what cannot be written.
 */
export function storableText(text: string): string {
  const written = toUSVString(text);
  return written.includes('\u0000') ? written.replaceAll('\u0000', '\ufffd') : written;
}
