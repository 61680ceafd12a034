import type { TicketUnit } from '../tickets/context.ts';
import { wakeNotices } from '../tickets/notices/listen.ts';
import type { OutboundContext } from './context.ts';
import { plainWord, WAYS, type OutboundRules } from './rules.ts';

/** What citizens allow: by their own word (退订), or told to a seat who writes it down. */

export type ConsentWord = 'stop' | 'start' | 'idle';

export type ConsentWords = (text: string, place: 'sms' | 'chat') => ConsentWord | null;

/** What a whole message means; null: something else. In a chat a bare `T` is no word, in a text message it is. Every message of a citizen is asked about. */
export function createConsentWords({ words }: Pick<OutboundRules, 'words'>): ConsentWords {
  const tableOf = (place: 'sms' | 'chat'): ReadonlyMap<string, ConsentWord> => {
    const table = new Map<string, ConsentWord>();
    if (place === 'sms') for (const word of words.idle) table.set(plainWord(word), 'idle');
    for (const word of words.start[place]) table.set(plainWord(word), 'start');
    for (const word of words.stop[place]) table.set(plainWord(word), 'stop');
    return table;
  };
  const tables = { sms: tableOf('sms'), chat: tableOf('chat') };
  return (text, place) => (text.length > LONGEST ? null : (tables[place].get(plainWord(text)) ?? null));
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
  // “Write to me again” takes back what was said about one way alone. What a peer keeps (WeChat's own consent) only the peer gives.
  if (wish === 'start' && channel === 'all') {
    for (const one of await unit.repos.consents.of(citizenId)) if (one.state === 'refused' && WAYS.some((way) => way === one.channel)) await unit.repos.consents.put({ ...one, state: 'allowed', at: now });
  }
  if (wish === 'start') await wakeNotices(context, unit, citizenId, now);
}

/** Does the citizen take nothing at all, no text messages? For the desk. */
export async function wishesOf(unit: Pick<TicketUnit, 'repos'>, citizenId: string): Promise<{ readonly all: boolean; readonly sms: boolean }> {
  const consents = await unit.repos.consents.of(citizenId);
  const stopped = (channel: string): boolean => consents.some((one) => one.channel === channel && one.template === 'all' && one.state === 'refused');
  return { all: stopped('all'), sms: stopped('sms') };
}
