import type { Locale, Modality } from '../domain/activity.ts';
import type { JsonValue } from '../domain/json.ts';
import { holds, lookUp, type View } from './conditions.ts';
import type { Prompt, PromptVariant, Slot } from './program.ts';

/** `{slot.x}`, `{result.x}`, `{fact.x}`, with `|spoken`: digits read one by one in groups. */
export const PLACEHOLDER = /\{((?:slot|result|fact|item)\.[a-zA-Z0-9]+|[a-zA-Z0-9]+)(?:\|(spoken))?\}/g;

export const MAX_SENTENCES = 3;
/** Longest quotation of the citizen's own words in a spoken sentence. */
const SPOKEN_VALUE = 60;

export interface Rendered {
  readonly text: string;
  readonly voice: string;
}

/** What a template may fill in beside the view: slot definitions (how a value is shown) and passing values. */
export interface RenderContext {
  readonly view: View;
  readonly locale: Locale;
  readonly slots: ReadonlyMap<string, Slot>;
  readonly extra?: Readonly<Record<string, string>>;
}

/** Picks the first variant whose condition holds and fills it in; null when nothing is said. */
export function renderPrompt(prompt: Prompt, context: RenderContext): Rendered | null {
  const variant = prompt.find((one) => holds(one.when, context.view));
  if (variant === undefined) return null;
  const { text, voice } = wordingIn(variant.wordings, context.locale);
  const rendered = { text: fill(text, context, 'text'), voice: clipSentences(fill(voice, context, 'voice')) };
  return rendered.text === '' ? null : rendered;
}

/** What a language has no words for is said in the words of zh-CN: Cantonese is written the same way. */
function wordingIn(wordings: PromptVariant['wordings'], locale: Locale): { readonly text: string; readonly voice: string } {
  const plainly = wordings['zh-CN'] ?? wordings.en;
  const own = wordings[locale];
  const text = own?.text ?? plainly?.text ?? own?.voice ?? plainly?.voice ?? '';
  return { text, voice: own?.voice ?? own?.text ?? plainly?.voice ?? text };
}

function fill(template: string, context: RenderContext, modality: Modality): string {
  const filled = template.replace(PLACEHOLDER, (_whole, subject: string, filter: string | undefined) => {
    // The engine's own pieces are finished sentences or lists; only values are foreign text.
    const extra = context.extra?.[subject];
    if (extra !== undefined) return extra;
    const shown = valueText(subject, context);
    if (filter === 'spoken') return spokenDigits(shown);
    return modality === 'voice' ? quoteForVoice(shown) : shown;
  });
  return filled.trim();
}

function valueText(subject: string, context: RenderContext): string {
  const value = lookUp(subject, context.view);
  if (subject.startsWith('slot.')) {
    const slot = context.slots.get(subject.slice(5));
    if (slot !== undefined) return showSlot(slot, value, context.locale);
  }
  return plain(value);
}

const plain = (value: JsonValue): string => (value === null || typeof value === 'object' ? '' : String(value));

/** A slot's value as the citizen is told it. Phone numbers only by their last four digits: outgoing texts are stored. */
export function showSlot(slot: Slot, value: JsonValue, locale: Locale): string {
  if (value === null) return '';
  if (typeof value === 'object' && !Array.isArray(value)) {
    if (slot.type === 'place') {
      const [town, place] = [plain(value['town'] ?? null), plain(value['place'] ?? null)];
      return place.startsWith(town) || (locale === 'en' && /^[\x00-\x7f]+$/.test(place)) ? place : `${town}${place}`;
    }
    const id = plain(value['id'] ?? null);
    if (slot.type === 'town' && locale === 'en' && id !== '') return `${id.charAt(0).toUpperCase()}${id.slice(1)}`;
    return plain(value['spoken'] ?? value['name'] ?? null);
  }
  switch (slot.type) {
    case 'phone':
      return locale === 'en' ? `ending in ${plain(value).slice(-4)}` : `尾号${plain(value).slice(-4)}`;
    case 'yesno':
      return locale === 'en' ? (value === true ? 'yes' : 'no') : value === true ? '是' : '否';
    case 'choice':
      return slot.options.find((option) => option.value === value)?.title[locale] ?? plain(value);
    default:
      return plain(value);
  }
}

/** A slot's value as an action gets it: canonical where there is one, else as said. */
export function argumentOf(value: JsonValue): JsonValue {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return value['place'] ?? value['spoken'] ?? value['id'] ?? null;
}

/** 20261122000018 → “2 0 2 6，1 1 2 2，0 0 0 0，1 8”: engines read it digit by digit, with a breath after four. */
export function spokenDigits(text: string): string {
  return text.replace(/\d{4,}/g, (run) => (run.match(/\d{1,4}/g) ?? []).map((group) => [...group].join(' ')).join('，'));
}

/** Foreign text inside a spoken sentence: its own full stops would make a speech out of it. */
export function quoteForVoice(text: string): string {
  const flat = text.replace(/[。！？!?；;\n]+|\.(?=\s|$)/g, '，').replace(/，+$/, '');
  return flat.length > SPOKEN_VALUE ? `${flat.slice(0, SPOKEN_VALUE)}${/\p{Script=Han}/u.test(flat) ? '，等等' : ', and so on'}` : flat;
}

/** Sentences of a text: ended by 。！？!? or by a full stop before a blank or the end. */
export function sentences(text: string): string[] {
  return (text.match(/[^。！？!?\n]+?(?:[。！？!?\n]+|\.(?=\s|$)|$)/g) ?? []).map((part) => part.trim()).filter((part) => /[\p{L}\p{N}]/u.test(part));
}

export function clipSentences(text: string, limit = MAX_SENTENCES): string {
  const parts = sentences(text);
  return parts.length <= limit ? text : parts.slice(0, limit).join('');
}

/** Longest piece that is told in one go, in characters of Chinese; a word of English counts as two. As long as a spoken answer may be. */
const PIECE = 160;

/** A long text as a caller can keep it in mind: at most three sentences at a time, fewer when they are long. Never empty. */
export function piecesOf(text: string): string[] {
  const pieces: string[][] = [];
  let size = 0;
  for (const sentence of sentences(text)) {
    const last = pieces.at(-1);
    const length = lengthHeard(sentence);
    if (last === undefined || last.length >= MAX_SENTENCES || size + length > PIECE) {
      pieces.push([sentence]);
      size = length;
    } else {
      last.push(sentence);
      size += length;
    }
  }
  // Two words at the end are no piece of their own.
  const tail = pieces.at(-1);
  const before = pieces.at(-2);
  if (tail?.length === 1 && before !== undefined && before.length < MAX_SENTENCES && lengthHeard(tail[0] ?? '') <= PIECE / 4) {
    before.push(...tail);
    pieces.pop();
  }
  const join = (parts: readonly string[]): string => parts.join(/[.!?]$/.test(parts[0] ?? '') ? ' ' : '');
  return pieces.length === 0 ? [text] : pieces.map(join);
}

const lengthHeard = (text: string): number => [...text.replace(/[A-Za-z'’-]+/g, '我们')].filter((char) => /[\p{L}\p{N}]/u.test(char)).length;
