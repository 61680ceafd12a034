import type { Message } from './listen.ts';
import type { Program } from './program.ts';
import { syllablesOf } from './syllables.ts';
import type { Turn } from './turn.ts';
import { onceFor } from './word-index.ts';

/**
 * Typing by ear and recognisers hear 投术 for 投诉, 赚人工 for 转人工. A short message that sounds exactly like a phrase is
 * taken for it; longer texts are left alone, there the words around carry the meaning.
 */
const LONGEST = 8;
const SHORTEST = 2;
const HAN_ONLY = /^\p{Script=Han}+$/u;

/** Syllables without tones, with the pairs that southern speakers and recognisers do not tell apart made one. */
const sound = (text: string): string =>
  syllablesOf(text)
    .map((syllable) => syllable.replace(/^([zcs])h/, '$1').replace(/^n(?=[aeiou])/, 'l').replace(/(?<=[aeiou]n)g$/, ''))
    .join(' ');

/** All phrases of a program by their sound; made once a program. */
const soundsOf = onceFor((program: Program): ReadonlyMap<string, string> => {
  const sounds = new Map<string, string>();
  const phrases = [...program.dialog.words.person, ...program.triggers.flatMap((trigger) => trigger.phrases), ...program.dialog.words.cancel, ...program.dialog.decide.complaint];
  for (const phrase of phrases) {
    if (phrase.length < SHORTEST || phrase.length > LONGEST || !HAN_ONLY.test(phrase)) continue;
    const key = sound(phrase);
    if (!sounds.has(key)) sounds.set(key, phrase);
  }
  return sounds;
});

/** 谢谢, 对, 没有了: short messages are the same ones all day, and reading their sound costs more than all else about them. */
const TEXTS_KEPT = 1_000;

const phraseOf = onceFor((program: Program) => {
  const sounds = soundsOf(program);
  const heard = new Map<string, string | null>();
  return (text: string): string | null => {
    const known = heard.get(text);
    if (known !== undefined) return known;
    const found = HAN_ONLY.test(text) ? (sounds.get(sound(text)) ?? null) : null;
    // Begun anew when it is full: what is said at the moment comes back at once.
    if (heard.size >= TEXTS_KEPT) heard.clear();
    heard.set(text, found);
    return found;
  };
});

/** The phrase that a short message sounds like, or null; a phrase itself is not an alike. */
export function phraseAlike(program: Program, { said, tight }: Message): string | null {
  // 我要投术 is the phrase 我要投诉; without its filler it is 投诉.
  for (const text of said === tight ? [said] : [said, tight]) {
    const found = text.length < SHORTEST || text.length > LONGEST ? null : phraseOf(program)(text);
    if (found !== null) return found === text ? null : found;
  }
  return null;
}

/** The message with the phrase that it sounds like in place of its words; the message itself when there is none. */
export function soundAlike(turn: Turn, message: Message): Message {
  const phrase = phraseAlike(turn.program, message);
  return phrase === null ? message : { ...message, plain: phrase, lower: phrase, said: phrase, tight: phrase };
}
