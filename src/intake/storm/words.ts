import type { Locale } from '../../domain/activity.ts';
import type { StormSaying, StormSettings } from './settings.ts';

/** What citizens are told in storm mode, out of config/storm.yaml. */

export interface StormSaid {
  readonly text: string;
  readonly speak?: string;
}

export function sayingOf({ words }: Pick<StormSettings, 'words'>, name: StormSaying, locale: Locale, values: Readonly<Record<string, string | number>> = {}): StormSaid {
  const { text, speak } = words[name][wordingOf(locale)];
  const shown = fill(text, values);
  return speak === undefined ? { text: shown } : { text: shown, speak: fill(speak, values) };
}

/** What is told of a matter for which nobody has written an answer: only what is known. @param department that its leading ticket lies with */
export function standardAnswer({ standardAnswers }: Pick<StormSettings, 'standardAnswers'>, itemCode: string | null, locale: Locale, department: string): string {
  const found = standardAnswers.find(({ items }) => items === undefined || items.some((item) => itemCode !== null && (item.endsWith('.*') ? itemCode.startsWith(item.slice(0, -1)) : item === itemCode)));
  return found === undefined ? '' : fill(found[wordingOf(locale)], { department });
}

/** Two wordings are written; who is spoken to in another Chinese one reads the same. */
export const wordingOf = (locale: Locale): 'zh-CN' | 'en' => (locale === 'en' ? 'en' : 'zh-CN');

/** “3”, “12”: how many times the usual, as people say it. */
export const timesText = (load: number): string => String(Math.max(2, Math.round(load)));

/** Is the message (nearly) nothing but one of these phrases? */
export function isNearly(text: string, phrases: readonly string[]): boolean {
  const bare = text.normalize('NFKC').toLowerCase().replace(/[\s，。！？；：、,.!?;:~～…“”"'‘’]+/g, '');
  return tightened(phrases).some((words) => words.length >= bare.length * 0.6 && bare.includes(words));
}

const made = new WeakMap<readonly string[], readonly string[]>();

/** Phrases of the settings, without blanks: every message is held against them. */
function tightened(phrases: readonly string[]): readonly string[] {
  let known = made.get(phrases);
  if (known === undefined) made.set(phrases, (known = phrases.map((phrase) => phrase.toLowerCase().replace(/\s+/g, ''))));
  return known;
}

function fill(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{([a-z]+)\}/gi, (whole, name: string) => (values[name] === undefined ? whole : String(values[name]))).trim();
}
