import { isEnglish } from './listen.ts';
import type { Program } from './program.ts';
import { hasWord } from './word-index.ts';

/** A question as the Chinese part of the knowledge base can be asked. */
export interface Known {
  readonly ask: string;
  /** The English words that it goes by; null when it is asked as it was said. */
  readonly topic: string | null;
}

/** Most entries are Chinese only, so an English question that no English entry answers goes by its topic (`englishTopics`). */
export function asKnown(program: Program, question: string): Known {
  let best: Known = { ask: question, topic: null };
  if (!isEnglish(question)) return best;
  const lower = question.toLowerCase();
  for (const { words, ask } of program.dialog.englishTopics) {
    for (const word of words) if (word.length > (best.topic?.length ?? 0) && hasWord(lower, word)) best = { ask, topic: word };
  }
  return best;
}
