import type { Attachment, Choice, Link, MessageContent, Source } from '../domain/activity.ts';
import type { Capabilities, OutgoingMessage } from './contract.ts';
import { sizeOf, splitText } from './split-text.ts';

/**
 * What a channel can carry of what was said. One place for all channels, driven by `Capabilities` alone. Pure.
 * Nothing is lost on the way: what cannot be shown as a button, a file or one send becomes text, lines or keys.
 */

export interface DegradeOptions {
  /** Absolute public address of an attachment's url (`media:<id>` or http). */
  readonly publicUrl: (url: string) => string;
}

/** C0, C1 and the two non-characters that XML 1.0 forbids; tab and line end stay. Lone surrogates become U+FFFD. */
export function cleanText(text: string): string {
  // Nearly every text is clean: one look instead of three rewritings.
  if (!UNCLEAN.test(text)) return text;
  return text
    .replace(/\r\n?/g, '\n')
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffe\uffff]/g, '')
    .replace(/\p{Surrogate}/gu, '\ufffd');
}

/** Whatever cleanText may have to change; also whole surrogate pairs, which it then leaves alone. */
const UNCLEAN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\ud800-\udfff\ufffe\uffff]/;

/** The line under an answer that says where it comes from, e.g. `来源：《…》，市人社局，2026-01-01 起施行`. */
export function sourceLine(source: Source, links: Capabilities['links']): string {
  const title = cleanText(source.title);
  // Many titles carry their own book marks: 《居住证暂行条例》（国务院令第663号）.
  const parts = [`来源：${title.includes('《') ? title : `《${title}》`}`];
  if (source.department !== undefined) parts.push(cleanText(source.department));
  if (source.effectiveFrom !== undefined) parts.push(`${cleanText(source.effectiveFrom)} 起施行`);
  const line = parts.join('，');
  return source.url === undefined || links === 'none' ? line : `${line}\n${cleanText(source.url)}`;
}

/**
 * The messages of one turn, oldest first, as the channel can send them. Each result lists the activities whose content
 * it carries; a message that was cut appears in several results.
 */
export function degrade(messages: readonly OutgoingMessage[], capabilities: Capabilities, options: DegradeOptions): OutgoingMessage[] {
  const flat = messages.map((message) => flatten(message, capabilities, options)).filter((message) => !isEmpty(message));
  const merged = capabilities.mergeTexts ? mergeAll(flat) : flat;
  return merged.flatMap((message) => cut(message, capabilities));
}

/**
 * Sends that wait one behind the other, oldest first and already degraded: the first with as many of those after it as one
 * send can carry. A peer that counts sends is then asked once for what a citizen's quick messages made many. Only texts are
 * joined, and only where the channel joins those of a turn; `count` is how many of the given messages it carries.
 */
export function joinWaiting(waiting: readonly [OutgoingMessage, ...OutgoingMessage[]], capabilities: Capabilities): { readonly message: OutgoingMessage; readonly count: number } {
  const [first] = waiting;
  let count = 1;
  let text = first.content.text;
  for (const message of waiting.slice(1)) {
    const next = `${text}\n\n${message.content.text}`;
    if (!capabilities.mergeTexts || ![first, message].every(isTextAlone) || sizeOf(next, capabilities.textLimitUnit) > capabilities.textLimit) break;
    text = next;
    count += 1;
  }
  if (count === 1) return { message: first, count };
  const joined = waiting.slice(0, count);
  const last = joined.at(-1) ?? first;
  const hint = last.content.inputHint;
  return { message: { activityIds: [...new Set(joined.flatMap(({ activityIds }) => activityIds))], content: { type: 'message', text, ...(hint === undefined ? {} : { inputHint: hint }) } }, count };
}

function isTextAlone({ content }: OutgoingMessage): boolean {
  return content.text !== '' && content.speak === undefined && content.value === undefined && (content.choices ?? []).length === 0 && (content.attachments ?? []).length === 0;
}

/** A message whose text is final; `spans` says which part of the text belongs to which activity. */
interface Flat {
  readonly text: string;
  readonly spans: readonly { readonly end: number; readonly activityIds: readonly string[] }[];
  readonly rest: Omit<MessageContent, 'type' | 'text'>;
}

function isEmpty(message: Flat): boolean {
  return message.text === '' && message.rest.attachments === undefined && message.rest.choices === undefined && message.rest.value === undefined;
}

function flatten(message: OutgoingMessage, capabilities: Capabilities, options: DegradeOptions): Flat {
  const { content } = message;
  const spoken = spokenOf(content, capabilities);
  const choices = layOutChoices(content.choices ?? [], capabilities, spoken);
  const lines = [spoken];
  if (content.source !== undefined && capabilities.modality === 'text') lines.push(sourceLine(content.source, capabilities.links));
  lines.push(...linkLines(content.links ?? [], capabilities));
  lines.push(...attachmentLines(content.attachments ?? [], capabilities, options), ...choices.lines);
  const text = lines.map((line) => line.trim()).filter((line) => line !== '').join('\n');
  return {
    text,
    spans: [{ end: text.length, activityIds: message.activityIds }],
    rest: {
      ...(choices.kept.length > 0 ? { choices: choices.kept } : {}),
      ...(capabilities.attachmentsOut && content.attachments !== undefined && content.attachments.length > 0 ? { attachments: content.attachments } : {}),
      ...(content.value === undefined ? {} : { value: content.value }),
      ...(content.inputHint === undefined ? {} : { inputHint: content.inputHint }),
      ...(content.pace === undefined || capabilities.modality === 'text' ? {} : { pace: content.pace }),
    },
  };
}

/** The words of the message: `speak` on the phone, without marks that are only for the eye. */
function spokenOf(content: MessageContent, capabilities: Capabilities): string {
  if (capabilities.modality === 'text') return capabilities.links === 'none' ? dropLinks(cleanText(content.text)) : cleanText(content.text);
  return dropLinks(cleanText(content.speak ?? content.text).replace(/\*\*|__|`+|^#{1,6}\s+/gm, ''));
}

/** A link that nobody can follow is noise; the words around it stay. */
function dropLinks(text: string): string {
  return text.replace(/https?:\/\/[!-~]+/g, '').replace(/[（(]\s*[)）]/g, '');
}

/** Pages to open, a line each; nobody can follow a link that is read out. */
function linkLines(links: readonly Link[], { modality, links: carried }: Capabilities): string[] {
  return modality === 'voice' || carried === 'none' ? [] : links.map(({ title, url }) => `${cleanText(title)}：${cleanText(url)}`);
}

function attachmentLines(attachments: readonly Attachment[], capabilities: Capabilities, options: DegradeOptions): string[] {
  if (capabilities.attachmentsOut || attachments.length === 0) return [];
  if (capabilities.links === 'none') return [`另有${attachments.length}个附件，请在网上查看。`];
  return attachments.map((attachment) => `附件${attachment.name === undefined ? '' : ` ${cleanText(attachment.name)}`}：${options.publicUrl(attachment.url)}`);
}

interface LaidOut {
  /** Choices that the channel shows itself. */
  readonly kept: readonly Choice[];
  /** What becomes text. */
  readonly lines: readonly string[];
}

function layOutChoices(choices: readonly Choice[], capabilities: Capabilities, said: string): LaidOut {
  if (choices.length === 0) return { kept: [], lines: [] };
  const clean = choices.map((choice) => ({ ...choice, title: cleanText(choice.title).trim() || choice.value }));
  if (capabilities.choices === 'buttons') {
    const kept = clean.slice(0, capabilities.maxChoices);
    const over = clean.slice(capabilities.maxChoices);
    return { kept, lines: over.length === 0 ? [] : [`还可以回复：${over.map((choice) => choice.title).join('、')}`] };
  }
  if (capabilities.choices === 'numbered') {
    return { kept: [], lines: numbered(clean).map((choice) => (choice.key === '' ? `· ${choice.title}` : `${choice.key}. ${choice.title}`)) };
  }
  const keys = keyed(clean, capabilities.maxChoices);
  const kept = keys.filter((choice) => choice.key !== '');
  const silent = keys.filter((choice) => choice.key === '');
  const spoken = kept.filter((choice) => !saysKey(said, choice.key)).map((choice) => spokenKey(choice.title, choice.key));
  const lines = spoken.length === 0 ? [] : [`${spoken.join('，')}。`];
  if (silent.length > 0) lines.push(`也可以直接说：${silent.map((choice) => choice.title).join('、')}。`);
  return { kept: kept.map((choice) => ({ title: choice.title, value: choice.value, key: choice.key })), lines };
}

/** A choice's key as it is said; an English title keeps its sentence English. */
function spokenKey(title: string, key: string): string {
  return /[\u3400-\u9fff]/.test(title) ? `${title}请按${keyName(key)}` : `for ${title} press ${key === '*' ? 'star' : key === '#' ? 'pound' : key}`;
}

/** A choice with the number or key under which the dialog finds it; empty: it has to be said. */
type Keyed = Choice & { readonly key: string };

/**
 * Numbers of a list to read. The dialog takes "2" for the choice with key 2, else for the second one: a place whose
 * number is another choice's key cannot be used.
 */
function numbered(choices: readonly Choice[]): Keyed[] {
  const brought = new Set(choices.map((choice) => choice.key));
  return choices.map((choice, index) => {
    const place = String(index + 1);
    const own = choice.key !== undefined && /^\d$/.test(choice.key) ? choice.key : undefined;
    return { ...choice, key: own ?? (brought.has(place) ? '' : place) };
  });
}

/** Keys of a phone. The dialog counts places only when no choice brings a key; 0 is never given: it calls a person. */
function keyed(choices: readonly Choice[], most: number): Keyed[] {
  const counted = choices.every((choice) => choice.key === undefined);
  let given = 0;
  return choices.map((choice, index) => {
    const key = choice.key ?? (counted && index < 9 ? String(index + 1) : '');
    if (key === '' || given >= most) return { ...choice, key: '' };
    given += 1;
    return { ...choice, key };
  });
}

function keyName(key: string): string {
  if (key === '*') return '星号键';
  return key === '#' ? '井号键' : key;
}

/** "按1", "按下 1", "请按1": the verb's last sign may be 下. */
function saysKey(text: string, key: string): boolean {
  if (!text.includes('按')) return false;
  return new RegExp(`按下?\\s*${key === '*' ? '(\\*|星)' : key === '#' ? '(#|井)' : `${key}(?!\\d)`}`).test(text);
}

/**
 * All texts of a turn as one. The last message's choices stay buttons or keys; those of earlier ones become lines,
 * because one send shows one set.
 */
function mergeAll(messages: readonly Flat[]): Flat[] {
  if (messages.length < 2) return [...messages];
  let text = '';
  const spans: { end: number; activityIds: readonly string[] }[] = [];
  const attachments: Attachment[] = [];
  messages.forEach((message, index) => {
    const last = index === messages.length - 1;
    const titles = last ? [] : (message.rest.choices ?? []).map((choice) => choice.title);
    const part = [message.text, titles.length > 0 ? `可以回复：${titles.join('、')}` : ''].filter((line) => line !== '').join('\n');
    text = text === '' || part === '' ? text + part : `${text}\n\n${part}`;
    spans.push({ end: text.length, activityIds: message.spans.flatMap((span) => span.activityIds) });
    attachments.push(...(message.rest.attachments ?? []));
  });
  const { choices, inputHint, value } = messages.at(-1)?.rest ?? {};
  const rest: Flat['rest'] = {
    ...(choices === undefined ? {} : { choices }),
    ...(attachments.length === 0 ? {} : { attachments }),
    ...(value === undefined ? {} : { value }),
    ...(inputHint === undefined ? {} : { inputHint }),
  };
  return [{ text, spans, rest }];
}

/** Cuts to the limit. Choices, attachments and the hint go with the last piece: they belong to what was read last. */
function cut(message: Flat, capabilities: Capabilities): OutgoingMessage[] {
  const pieces = splitText(message.text, { limit: capabilities.textLimit, unit: capabilities.textLimitUnit });
  if (pieces.length === 0) return [outgoing('', message.spans.flatMap((span) => span.activityIds), message.rest, capabilities)];
  return pieces.map((piece, index) => {
    const last = index === pieces.length - 1;
    const inside = message.spans.filter((span, at) => {
      const start = message.spans[at - 1]?.end ?? 0;
      const overlaps = start < piece.end && span.end > piece.start;
      // An activity without text of its own (only a file) travels with the last piece, where its file is.
      return overlaps || (last && span.end === start);
    });
    const ids = [...new Set(inside.flatMap((span) => span.activityIds))];
    return outgoing(message.text.slice(piece.start, piece.end), ids, last ? message.rest : {}, capabilities);
  });
}

function outgoing(text: string, activityIds: readonly string[], rest: Flat['rest'], capabilities: Capabilities): OutgoingMessage {
  return { activityIds, content: { type: 'message', text, ...(capabilities.modality === 'voice' ? { speak: text } : {}), ...rest } };
}
