/**
 * Text that both databases store and compare alike. PostgreSQL refuses U+0000 in text; lone surrogates are not UTF-8,
 * and each driver spoils them in its own way. Both become U+FFFD, the sign for what cannot be written.
 */
export function storableText(text: string): string {
  if (!/[\u0000\ud800-\udfff]/.test(text)) return text;
  return text.replaceAll(/\u0000|\p{Surrogate}/gu, '\ufffd');
}
