import type { Activity as WireActivity } from 'botbuilder';
import type { OutgoingMessage } from '../../src/channel/contract.ts';
import { cleanText } from '../../src/channel/degrade.ts';

/** One send as a Bot Framework message. Pure. */

export interface EncodeContext {
  /** Absolute public address of an attachment's url. */
  readonly publicUrl: (url: string) => string;
}

export function encodeMessage({ content }: OutgoingMessage, { publicUrl }: EncodeContext): Partial<WireActivity> {
  const { choices = [], attachments = [] } = content;
  return {
    type: 'message',
    text: cleanText(content.text),
    // What a citizen or a page wrote must not turn into markup.
    textFormat: 'plain',
    ...(content.inputHint === undefined ? {} : { inputHint: content.inputHint }),
    ...(content.value === undefined ? {} : { value: content.value }),
    ...(attachments.length === 0 ? {} : { attachments: attachments.map(({ contentType, name, url }) => ({ contentType, contentUrl: publicUrl(url), ...(name === undefined ? {} : { name: cleanText(name) }) })) }),
    ...(choices.length === 0 ? {} : { suggestedActions: { to: [], actions: choices.map(({ title, value }) => ({ type: 'imBack', title: cleanText(title), value: cleanText(value) })) } }),
  };
}
