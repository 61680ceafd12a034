import { isEnglish } from './listen.ts';
import { hasWord } from './word-index.ts';
import type { Turn } from './turn.ts';

/** A question as the knowledge base can be asked. */
export interface Known {
  readonly ask: string;
  /** The English words that it goes by; null when it is asked as it was said. */
  readonly topic: string | null;
}

/** The entries of the knowledge base are Chinese, so an English question goes by its topic (`englishTopics`). */
export function asKnown(turn: Turn, question: string): Known {
  let best: Known = { ask: question, topic: null };
  if (!isEnglish(question)) return best;
  const lower = question.toLowerCase();
  for (const { words, ask } of turn.program.dialog.englishTopics) {
    for (const word of words) if (word.length > (best.topic?.length ?? 0) && hasWord(lower, word)) best = { ask, topic: word };
  }
  return best;
}
