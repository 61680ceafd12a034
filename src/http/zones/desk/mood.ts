import type { Static } from 'typebox';
import { linesOf } from '../../../assist/lines.ts';
import { readMood } from '../../../assist/mood.ts';
import type { AssistRules } from '../../../assist/rules.ts';
import type { Activity } from '../../../domain/activity.ts';
import type { Conversation } from '../../../domain/conversation.ts';
import type { IntakeContext } from '../../../intake/context.ts';
import type { MoodView } from './schemas.ts';

/** Mood and urgency of a row in the desk's lists, with the words they come from; null: nothing to tell, or nobody waits for a seat or has one. */
export type MoodOf = (conversation: Conversation, latest: readonly Activity[]) => Static<typeof MoodView> | null;

/** Rows whose mood is kept while nothing more is said; the oldest are forgotten first. */
const KEPT = 2_000;
const WORDS_SHOWN = 4;

/**
 * Reads what was said last by the rules of config/assist.yaml: the newest few messages, not the whole talk as the panel does. Once for each new
 * message, because a row is sent again whenever anything about it changes.
 */
export function createMoodReader({ rules, dialog }: { readonly rules: () => AssistRules; readonly dialog: Pick<IntakeContext['dialog'], 'emergency'> }): MoodOf {
  const kept = new Map<string, { readonly seq: number; readonly mood: Static<typeof MoodView> | null }>();
  return (conversation, latest) => {
    const { id, owner, lastSeq } = conversation;
    if (owner !== 'waiting' && owner !== 'human') return null;
    const known = kept.get(id);
    if (known?.seq === lastSeq) return known.mood;
    const { level, urgency, signs, why } = readMood(linesOf(latest), rules(), dialog.emergency);
    const mood = level === 'calm' && urgency === 'normal' ? null : { level, urgency, why, words: [...new Set(signs.map(({ text }) => text))].slice(0, WORDS_SHOWN) };
    kept.delete(id);
    kept.set(id, { seq: lastSeq, mood });
    for (const oldest of kept.keys()) {
      if (kept.size <= KEPT) break;
      kept.delete(oldest);
    }
    return mood;
  };
}
