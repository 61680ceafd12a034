import { signal } from '@preact/signals';

/**
 * The desk's two languages. Words stand in `words.ts` and `…-words.ts` beside the views as pairs; what is read from them is what the language
 * of the moment says, and a view that has read one is drawn anew when the language changes. Nothing may read one while a file is
 * loaded: it would stay in the language of that moment.
 */

export type Lang = 'zh-CN' | 'en';

/** What everybody at this browser reads; kept by `state/preferences.ts`. */
export const language = signal<Lang>('zh-CN');

/** What may stand in a gap of a sentence. */
export type Said = string | number;
type Pair = { readonly zh: string; readonly en: string } | { readonly zh: (...said: never[]) => string; readonly en: (...said: never[]) => string };
type Table = Readonly<Record<string, Pair>>;
type Word<P extends Pair> = P['zh'] extends string ? string : P['zh'];
/** Both sides of a pair take the same gaps. */
type Agreeing<T extends Table> = { readonly [K in keyof T]: { readonly en: Word<T[K]> } };

export type Words<T extends Table> = { readonly [K in keyof T]: Word<T[K]> };

/** Pairs as words of the language that is chosen when they are read. */
export function words<T extends Table>(pairs: T & Agreeing<T>): Words<T>;
export function words(pairs: Table): object {
  return Object.defineProperties({}, Object.fromEntries(Object.entries(pairs).map(([name, pair]) => [name, { enumerable: true, get: () => (language.value === 'en' ? pair.en : pair.zh) }])));
}

/** 1 ticket, 2 tickets. */
export const plural = (amount: Said, one: string, many: string): string => (Number(amount) === 1 ? one : many);

/** The first language of the browser that the desk knows; Chinese when it knows none. */
export function languageOf(wished: readonly string[]): Lang {
  const first = wished.find((one) => /^(zh|en)\b/i.test(one));
  return first?.toLowerCase().startsWith('en') === true ? 'en' : 'zh-CN';
}
