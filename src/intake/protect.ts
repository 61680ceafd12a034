import type { ActivityContent, Attachment, InboundActivity } from '../domain/activity.ts';
import type { JsonValue } from '../domain/json.ts';
import { maskText, scanPhones } from '../domain/masking.ts';

/**
 * Masks what a row shows and seals the original beside it, so that no view can leak a number (ADR 5). Everything a
 * citizen can fill is looked at: text, keys, the value of a button or event, names of files.
 */
export function protect(inbound: InboundActivity): { readonly content: ActivityContent; readonly sealed: string | null } {
  const { content } = inbound;
  switch (content.type) {
    case 'unsupported':
      return { content: { ...content, kind: maskText(content.kind).text.slice(0, 100) }, sealed: inbound.raw ?? null };
    case 'event': {
      const value = content.value === undefined ? undefined : maskJson(content.value);
      if (value?.found !== true) return { content, sealed: null };
      return { content: { ...content, value: value.value }, sealed: JSON.stringify({ text: '', keys: null, value: content.value }) };
    }
    case 'message': {
      const text = maskText(content.text);
      const keys = content.keys === undefined ? undefined : maskText(content.keys);
      const value = content.value === undefined ? undefined : maskJson(content.value);
      const attachments = content.attachments?.map(maskFileName);
      const shown = { ...content, ...(attachments === undefined ? {} : { attachments }) };
      if (!text.found && keys?.found !== true && value?.found !== true) return { content: shown, sealed: null };
      return {
        content: { ...shown, text: text.text, ...(keys === undefined ? {} : { keys: keys.text }), ...(value === undefined ? {} : { value: value.value }) },
        sealed: JSON.stringify({ text: content.text, keys: content.keys ?? null, ...(content.value === undefined ? {} : { value: content.value }) }),
      };
    }
    default:
      return { content, sealed: null };
  }
}

function maskFileName(attachment: Attachment): Attachment {
  return attachment.name === undefined ? attachment : { ...attachment, name: maskText(attachment.name).text };
}

/** Every string, number and key of a JSON value; a number that is a telephone number becomes its masked text. */
function maskJson(value: JsonValue): { readonly value: JsonValue; readonly found: boolean } {
  if (typeof value === 'string' || typeof value === 'number') {
    const masked = maskText(String(value));
    return masked.found ? { value: masked.text, found: true } : { value, found: false };
  }
  if (typeof value !== 'object' || value === null) return { value, found: false };
  let found = false;
  const walk = (item: JsonValue): JsonValue => {
    const masked = maskJson(item);
    found ||= masked.found;
    return masked.value;
  };
  const copy: JsonValue = Array.isArray(value)
    ? value.map(walk)
    : Object.fromEntries(Object.entries(value).map(([key, item]) => {
        const name = maskText(key);
        found ||= name.found;
        return [name.text, walk(item)];
      }));
  return { value: copy, found };
}

/**
 * What bot or seat says, as it is stored and sent. Numbers of people are masked; the landline of an office is what the
 * citizen asked for and stays, unless it ends like the citizen's own number.
 * @param own last four digits of the citizen's numbers
 */
export function maskSaid(text: string, own: ReadonlySet<string>): string {
  let shown = '';
  let from = 0;
  for (const span of scanPhones(text)) {
    if (span.kind !== 'landline' || own.has(span.phone.slice(-4))) continue;
    shown += maskText(text.slice(from, span.start)).text + text.slice(span.start, span.end);
    from = span.end;
  }
  return shown + maskText(text.slice(from)).text;
}
