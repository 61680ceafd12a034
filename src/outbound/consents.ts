import type { TicketUnit } from '../tickets/context.ts';
import { wakeNotices } from '../tickets/notices/listen.ts';
import type { OutboundContext } from './context.ts';
import { plainWord, type OutboundRules } from './rules.ts';

/** What citizens allow: by their own word (退订), or told to a seat who writes it down. */

export type ConsentWord = 'stop' | 'start' | 'idle';

/** What a whole message means; null: something else. In a chat a bare `T` is no word, in a text message it is. */
export function consentWord({ words }: Pick<OutboundRules, 'words'>, text: string, place: 'sms' | 'chat'): ConsentWord | null {
  if (text.length > LONGEST) return null;
  const plain = plainWord(text);
  if (plain === '') return null;
  const means = (list: readonly string[]): boolean => list.some((word) => plainWord(word) === plain);
  return means(words.stop[place]) ? 'stop' : means(words.start[place]) ? 'start' : place === 'sms' && means(words.idle) ? 'idle' : null;
}

/** A word with signs and blanks around it. */
const LONGEST = 40;

/**
 * Keeps a citizen's wish. By text message it is about text messages, whoever carries them; in a chat, or told to a person, about everything that
 * goes out by itself. What is said in a conversation that the citizen has is not stopped.
 */
export async function keepWish(context: Pick<OutboundContext, 'now'>, unit: TicketUnit, { citizenId, wish, place }: { readonly citizenId: string; readonly wish: 'stop' | 'start'; readonly place: 'sms' | 'chat' | 'all' }): Promise<void> {
  const now = context.now();
  const channel = place === 'sms' ? 'sms' : 'all';
  await unit.repos.consents.put({ citizenId, channel, template: 'all', state: wish === 'stop' ? 'refused' : 'allowed', left: 0, at: now });
  // “Write to me again”, said anywhere, takes back what was said about text messages alone.
  if (wish === 'start' && channel === 'all') {
    for (const one of await unit.repos.consents.of(citizenId)) if (one.state === 'refused') await unit.repos.consents.put({ ...one, state: 'allowed', at: now });
  }
  if (wish === 'start') await wakeNotices(context, unit, citizenId, now);
}

/** Does the citizen take nothing at all, no text messages? For the desk. */
export async function wishesOf(unit: Pick<TicketUnit, 'repos'>, citizenId: string): Promise<{ readonly all: boolean; readonly sms: boolean }> {
  const consents = await unit.repos.consents.of(citizenId);
  const stopped = (channel: string): boolean => consents.some((one) => one.channel === channel && one.template === 'all' && one.state === 'refused');
  return { all: stopped('all'), sms: stopped('sms') };
}
