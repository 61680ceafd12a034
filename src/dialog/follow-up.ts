import type { Locale } from '../domain/activity.ts';
import { lastAnswered, townOf } from './consult.ts';
import { tighten, type Message } from './listen.ts';
import type { FollowUpAbout } from './flow-schema.ts';
import type { Program } from './program.ts';
import { quoteForVoice, type Rendered } from './template.ts';
import { render, utter, type Turn } from './turn.ts';
import type { KnowledgeAnswer } from './types.ts';

/**
 * “要带什么材料”, “多少钱”, “去哪里办” right after an answer: told from the fields of that entry, when it has them and
 * the message names no other matter. What the entry does not hold goes to the knowledge base like any question, with the
 * entry as its context.
 */

/** What is longer brings its own matter along. */
const LONGEST = 60;
/** Spoken lists longer than this are not remembered by anybody. */
const SPOKEN_ITEMS = 4;
const SHOWN_PLACES = 8;
const SPOKEN_PLACES = 2;
/** Characters left over that name no other matter. */
const LEFT_OVER = 1;
/** A shared run of characters that shows that the message is about the same matter. */
const SHARED = 2;

/** Tells the part of the last entry that the message asks for. False when it asks for something else. */
export function followUp(turn: Turn, message: Message): boolean {
  const last = lastAnswered(turn);
  if (last === null || message.keys !== null || message.tight.length > LONGEST) return false;
  const entry = turn.facts.entry(last.id);
  if (entry === null) return false;
  for (const rule of turn.program.dialog.followUps) {
    if (!asksFor(turn.program, message.tight, rule.patterns, entry)) continue;
    const list = PARTS[rule.about](turn, entry, message);
    if (list === null) continue;
    const text = render(turn, rule.say, { list: list.text });
    const voice = render(turn, rule.say, { list: list.voice });
    if (text === null || voice === null) return false;
    utter(turn, { text: text.text, voice: voice.voice }, { source: entry.source, rest: list.rest ?? [] });
    turn.core.answered = { ...last, at: turn.core.count };
    turn.core.misses = 0;
    return true;
  }
  return false;
}

/** Does the question ask for a part of this entry that the entry does not hold? What is told then is no full answer. */
export function asksForMissing(turn: Turn, question: string, entry: KnowledgeAnswer): boolean {
  const tight = tighten(question, turn.program.dialog);
  return tight.length <= LONGEST && turn.program.dialog.followUps.some(({ about, patterns }) => entry[about] === undefined && asksFor(turn.program, tight, patterns, entry));
}

const asksFor = (program: Program, tight: string, patterns: readonly RegExp[], entry: KnowledgeAnswer): boolean => patterns.some((pattern) => pattern.test(tight)) && sameMatter(program, tight, patterns, entry);

/** Take away what asks, the small words, towns, and what the entry itself is about: nothing may be left. */
function sameMatter(program: Program, tight: string, patterns: readonly RegExp[], entry: KnowledgeAnswer): boolean {
  let rest = tight;
  for (const pattern of patterns) rest = rest.replace(pattern, ' ');
  for (const town of program.towns) rest = rest.replace(town.name, ' ').replace(town.short, ' ');
  for (const word of program.dialog.followUpFiller) rest = rest.replaceAll(word, ' ');
  const about = [entry.question, ...(entry.en === undefined ? [] : [entry.en.question])].join(' ').toLowerCase();
  const left = rest.split(/\s+/).map((part) => withoutShared(part, about)).join('');
  return left.length <= LEFT_OVER;
}

/** `text` without the runs that stand in `about` too, longest first. */
function withoutShared(text: string, about: string): string {
  for (let size = text.length; size >= SHARED; size -= 1) {
    for (let at = 0; at + size <= text.length; at += 1) {
      if (about.includes(text.slice(at, at + size))) return withoutShared(text.slice(0, at), about) + withoutShared(text.slice(at + size), about);
    }
  }
  return text;
}

/** `rest`: what a caller is told when they want to hear on. */
interface Told extends Rendered {
  readonly rest?: readonly string[];
}

type Part = (turn: Turn, entry: KnowledgeAnswer, message: Message) => Told | null;

const PARTS: Readonly<Record<FollowUpAbout, Part>> = {
  materials: (turn, entry) => listed(entry.materials, turn.core.locale),
  steps: (turn, entry) => listed(entry.steps, turn.core.locale),
  fees: (_turn, entry) => sentence(entry.fees),
  conditions: (_turn, { conditions }) => sentence([conditions?.who, conditions?.where].filter((one) => one !== undefined && one !== '').join('；')),
  hours: (_turn, entry) => sentence(entry.hours ?? [...new Set((entry.places ?? []).flatMap(({ hours }) => (hours === undefined ? [] : [hours])))].slice(0, 1).join('')),
  places: (turn, entry, message) => placesOf(turn, entry, message),
};

const sentence = (text: string | undefined): Rendered | null => (text === undefined || text === '' ? null : { text: text.replace(/[。；;.]+$/, ''), voice: quoteForVoice(text) });

function listed(items: readonly string[] | undefined, locale: Locale): Told | null {
  if (items === undefined || items.length === 0) return null;
  const said = items.map((item) => quoteForVoice(item).replace(/[，,]+$/, ''));
  const spoken = said.slice(0, SPOKEN_ITEMS);
  const more = items.length - spoken.length;
  const rest = more === 0 ? '' : locale === 'en' ? `, and ${more} more` : `，另外还有${more}样`;
  return { text: items.map((item, index) => `${index + 1}. ${item}`).join('\n'), voice: `${spoken.join(locale === 'en' ? ', ' : '；')}${rest}`, rest: inRounds(said.slice(SPOKEN_ITEMS), locale) };
}

/** The items that were not told at first, as many at a time. */
function inRounds(items: readonly string[], locale: Locale): string[] {
  const rounds: string[] = [];
  for (let at = 0; at < items.length; at += SPOKEN_ITEMS) rounds.push(`${items.slice(at, at + SPOKEN_ITEMS).join(locale === 'en' ? ', ' : '；')}${locale === 'en' ? '.' : '。'}`);
  return rounds;
}

/** Places of the town that is meant; all of them when none of its own is named. */
function placesOf(turn: Turn, entry: KnowledgeAnswer, message: Message): Rendered | null {
  const all = entry.places ?? [];
  if (all.length === 0) return null;
  const town = turn.program.towns.find(({ id }) => id === townOf(turn, message.text));
  const near = town === undefined ? [] : all.filter(({ name, address = '' }) => name.includes(town.short) || address.includes(town.short));
  const places = near.length > 0 ? near : all;
  const lines = places.slice(0, SHOWN_PLACES).map(({ name, address, phone, hours }) => `${name}${[address, phone, hours].flatMap((one, index) => (one === undefined ? [] : [`${index === 0 ? '：' : '，'}${one}`])).join('')}`);
  const more = places.length - lines.length;
  const english = turn.core.locale === 'en';
  const spoken = places.slice(0, SPOKEN_PLACES).map(({ name, address }) => quoteForVoice(address === undefined ? name : `${name}，在${address}`));
  const unsaid = places.length - spoken.length;
  return {
    text: [...lines, ...(more > 0 ? [english ? `and ${more} more` : `还有${more}处`] : [])].join('\n'),
    voice: `${spoken.join('；')}${unsaid === 0 ? '' : english ? `, and ${unsaid} more places` : `，另外还有${unsaid}处`}`,
  };
}
