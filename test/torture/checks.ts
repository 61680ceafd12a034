import { PHRASES } from '../../src/channel/voice/phrases.ts';
import { maskText } from '../../src/domain/masking.ts';
import type { Evidence, Found, StoredActivity } from './evidence.ts';
import { groupBy } from './group.ts';
import { isWeChat, type ChannelName, type Fault } from './types.ts';
import { afterSend, plain } from './words.ts';
import type { FinishedTalk } from './world.ts';

/**
 * Law 1, looked at from outside. What must have happened is not written down here: it is what happened in talks of the same
 * shape on the same gateway before the first disturbance.
 */

export interface Heard {
  readonly talk: FinishedTalk;
  readonly texts: readonly string[];
}

export interface Observed {
  readonly evidence: Evidence;
  /** Talks before the first disturbance; one for each channel and shape. */
  readonly references: readonly Heard[];
  /** All others. */
  readonly talks: readonly Heard[];
  /** Purposes of looks at identities that were granted. */
  readonly granted: readonly string[];
  /** The gateway's clock at the end. */
  readonly now: number;
  /** Nodes that were stopped at some moment, killed or paused: each may repeat the sends under way. */
  readonly crashes: number;
  /** Was the database away at some moment? Then a call that ended meanwhile is owed a callback, which is a ticket. */
  readonly outages: boolean;
}

export interface Findings {
  readonly faults: readonly Fault[];
  readonly repeatedSends: number;
  readonly unheard: number;
  readonly callbacks: number;
}

const same = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && a.every((item, index) => item === b[index]);

/** Where two lists part, for a reader. */
function difference(came: readonly string[], expected: readonly string[]): string {
  const at = expected.findIndex((item, index) => item !== came[index]);
  const index = at === -1 ? expected.length : at;
  return `${came.length} instead of ${expected.length}, from place ${index + 1}: ${JSON.stringify(came[index] ?? null)} instead of ${JSON.stringify(expected[index] ?? null)}`;
}

export function check(observed: Observed): Findings {
  const { evidence, references, talks } = observed;
  const faults: Fault[] = [];
  let repeatedSends = 0;
  let unheard = 0;
  let callbacks = 0;
  const say = (law: string, detail: string, talk?: FinishedTalk): void => void faults.push({ law, detail, ...(talk === undefined ? {} : { channel: talk.channel, address: talk.address }) });

  for (const heard of [...references, ...talks]) {
    const { talk } = heard;
    const stored = evidence.found.get(talk);
    const found = stored === undefined || !observed.outages ? stored : withoutCallback(talk, stored);
    if (found === undefined) {
      say('nothing-lost', 'no conversation for what was accepted', talk);
      continue;
    }
    const owed = found !== stored;
    if (owed) callbacks += 1;
    checkStored(talk, found, say);
    const reference = references.find((one) => one.talk.channel === talk.channel && one.talk.shape === talk.shape);
    const expected = reference === undefined ? undefined : evidence.found.get(reference.talk);
    if (reference === undefined || expected === undefined) {
      say('reference', `nothing to compare the shape ${talk.shape} with`, talk);
      continue;
    }
    checkEffects(talk, found, expected, owed, say);
    checkTickets(talk, found, expected, say);
    if (isWeChat(talk.channel)) checkReceipts(talk, found, say);
    const hearing = checkHeard(heard, reference, found, say);
    repeatedSends += hearing.repeated;
    unheard += hearing.unheard;
  }
  if (repeatedSends > observed.crashes * talks.filter(({ talk }) => isWeChat(talk.channel)).length) say('sends', `${repeatedSends} sends came again after ${observed.crashes} crashes`);
  checkWhole(observed, say);
  return { faults, repeatedSends, unheard, callbacks };
}

/** The ticket of a call that ended while the database was away, taken out: there is at most one, and it is about no complaint. */
function withoutCallback(talk: FinishedTalk, found: Found): Found {
  if (talk.channel !== 'ivr-twilio') return found;
  const others = found.tickets.filter((ticket) => !talk.marks.some((mark) => aboutMark(ticket, mark)));
  return others.length === 1 ? { ...found, tickets: found.tickets.filter((ticket) => !others.includes(ticket)) } : found;
}

const aboutMark = ({ title, content, place }: Found['tickets'][number], mark: string): boolean => `${title} ${content} ${place ?? ''}`.includes(mark);

type Say = (law: string, detail: string, talk?: FinishedTalk) => void;

/** Every accepted message once, in the order it was said; no place of the conversation missing or taken twice. */
function checkStored(talk: FinishedTalk, { activities, lastSeq }: Found, say: Say): void {
  const said = activities.flatMap(({ direction, content }) => (direction === 'in' && content.type === 'message' ? [content.text ?? ''] : []));
  const lines = talk.lines.map((line) => maskText(line).text);
  if (!same(said, lines)) say('stored-once', difference(said, lines), talk);
  const seqs = activities.map(({ seq }) => String(seq));
  const expected = Array.from({ length: lastSeq }, (_, index) => String(index + 1));
  if (!same(seqs, expected)) say('order', `places ${difference(seqs, expected)}`, talk);
}

const shown = (content: StoredActivity['content']): string => plain(content.type === 'message' ? `${content.text ?? ''} ${JSON.stringify(content.choices ?? [])}` : `${content.type} ${content.name ?? ''}`);

/** Each of the citizen's activities with what was said after it by its turn. */
export function effectsOf(activities: readonly StoredActivity[]): readonly string[] {
  const ofTurn = groupBy(activities.filter(({ direction }) => direction === 'out'), ({ reply_to_id }) => reply_to_id);
  return activities
    .filter(({ direction }) => direction === 'in')
    .map((inbound) => [inbound.content.type, inbound.content.name ?? '', ...(ofTurn.get(inbound.id) ?? []).map(({ content }) => shown(content))].join(' → '));
}

/** One effect for each message, the one it has undisturbed; answers in the order of the messages, each turn's together. */
function checkEffects(talk: FinishedTalk, { activities }: Found, expected: Found, owed: boolean, say: Say): void {
  // The end of a call that is owed a callback has an effect of its own.
  const effects = effectsOf(activities).slice(0, owed ? -1 : undefined);
  const due = effectsOf(expected.activities).slice(0, owed ? -1 : undefined);
  if (!same(effects, due)) say('one-effect', difference(effects, due), talk);
  const seqOf = new Map(activities.map(({ id, seq }) => [id, seq]));
  let last = 0;
  for (const { direction, reply_to_id, seq } of activities) {
    if (direction !== 'out') continue;
    const asked = seqOf.get(reply_to_id ?? '') ?? 0;
    if (asked === 0) say('order', `what stands at place ${seq} answers nothing`, talk);
    else if (asked < last || asked > seq) say('order', `the answer to place ${asked} stands at place ${seq}, after an answer to place ${last}`, talk);
    last = Math.max(last, asked);
  }
}

const ticketShape = ({ tickets }: Found): readonly string[] => tickets.map(({ title, state, place, events }) => plain(`${title} | ${state} | ${place ?? ''} | ${events.join(', ')}`)).toSorted();

/** One ticket for each confirmed complaint, about that complaint, with a number that its citizen was told. */
function checkTickets(talk: FinishedTalk, found: Found, expected: Found, say: Say): void {
  const { tickets, activities } = found;
  const shape = ticketShape(found);
  const due = ticketShape(expected);
  if (!same(shape, due)) say('tickets-once', difference(shape, due), talk);
  const told = activities.map(({ direction, content }) => (direction === 'out' ? (content.text ?? '') : '')).join('\n');
  for (const { number } of tickets) if (!told.includes(number)) say('tickets-once', 'a ticket whose number was never told', talk);
  for (const mark of talk.marks) {
    const about = tickets.filter((ticket) => aboutMark(ticket, mark));
    if (about.length !== 1) say('tickets-once', `${about.length} tickets about one complaint`, talk);
  }
}

function checkReceipts(talk: FinishedTalk, { activities, delivered, failed }: Found, say: Say): void {
  const out = activities.filter(({ direction, content }) => direction === 'out' && content.type === 'message').map(({ id }) => id).toSorted();
  const noted = [...new Set(delivered)].toSorted();
  if (!same(noted, out)) say('delivered', `${noted.length} of ${out.length} messages are noted as delivered`, talk);
  if (failed.length > 0) say('delivered', `${failed.length} sends are noted as failed`, talk);
}

/** The channel's own words while a caller waits; not answers. */
const BRIDGING: ReadonlySet<string> = new Set(Object.values(PHRASES).flatMap((phrases) => Object.values(phrases).filter((value): value is string => typeof value === 'string').map(plain)));

/** Every answer, in order, once. */
function checkHeard({ talk, texts }: Heard, reference: Heard, found: Found, say: Say): { readonly repeated: number; readonly unheard: number } {
  if (talk.channel === 'webchat') {
    const stored = found.activities.filter(({ direction, role, content }) => direction === 'out' && role === 'bot' && content.type === 'message');
    if (texts.length !== stored.length) say('heard', `${texts.length} of ${stored.length} answers were heard`, talk);
  }
  const came = texts.map(plain);
  const due = reference.texts.map(plain);
  if (talk.channel === 'ivr-twilio') {
    const asked = due.filter((text) => !BRIDGING.has(text));
    const answered = came.filter((text) => !BRIDGING.has(text));
    if (same(answered, asked)) return { repeated: 0, unheard: 0 };
    const last = texts.at(-1);
    // A caller who was told to wait and did not has heard a beginning; what is missing is stored, and checked there.
    const impatient = last !== undefined && BRIDGING.has(plain(last)) && answered.length < asked.length && answered.every((text, index) => text === asked[index]);
    if (!impatient) say('heard', difference(answered, asked), talk);
    return { repeated: 0, unheard: impatient ? asked.length - answered.length : 0 };
  }
  if (talk.channel === 'webchat') {
    if (!same(came, due)) say('heard', difference(came, due), talk);
    return { repeated: 0, unheard: 0 };
  }
  return heardFromWechat(came, due, (detail) => say('heard', detail, talk));
}

/** WeChat takes no key for a send: one that was under way at a crash may come again, at once or, from a process that slept, late. */
export function heardFromWechat(came: readonly string[], due: readonly string[], say: (detail: string) => void): { readonly repeated: number; readonly unheard: number } {
  let next = 0;
  let repeated = 0;
  for (const text of came) {
    const progress = afterSend(due, next, text);
    if (progress === null) {
      say(`at place ${next + 1} came ${JSON.stringify(text)} instead of ${JSON.stringify(due[next] ?? null)}`);
      return { repeated, unheard: 0 };
    }
    next = progress.next;
    repeated += progress.repeated;
  }
  if (next < due.length) say(`${next} of ${due.length} answers were heard`);
  return { repeated, unheard: 0 };
}

/** What no single talk shows. */
function checkWhole({ evidence, references, talks, granted, now }: Observed, say: Say): void {
  const all = references.length + talks.length;
  if (evidence.conversations !== all) say('nothing-invented', `${evidence.conversations} conversations of ${all} talks`);
  const known = [...evidence.found.values()].reduce((sum, { activities }) => sum + activities.filter(({ direction, role }) => direction === 'in' && role === 'citizen').length, 0);
  if (evidence.inbound !== known) say('nothing-invented', `${evidence.inbound} messages are stored, ${known} belong to the talks`);

  const numbers = evidence.ticketNumbers;
  if (new Set(numbers).size !== numbers.length) say('tickets-once', 'a ticket number was given twice');
  const taken = evidence.sequences.reduce((sum, { last }) => sum + last, 0);
  // A number is taken in the opening transaction: one that was taken and not used would show a transaction that came apart.
  if (taken !== numbers.length) say('tickets-once', `${taken} numbers were taken for ${numbers.length} tickets`);

  for (const { kind, state, attempts, available_at, last_error } of evidence.outbox) {
    if (state === 'dead') say('nothing-stuck', `a dead letter: ${kind}, ${last_error ?? ''}`);
    else if (kind !== 'timer' || available_at <= now) say('nothing-stuck', `waits: ${kind}, ${attempts} attempts, ${last_error ?? 'no error'}`);
  }
  for (const { lane, expires_at } of evidence.lanes) if (expires_at > now) say('nothing-stuck', `a lane is held: ${lane.split(':')[0] ?? ''}`);

  if (evidence.trailBreaksAt !== null) say('trail', `the chain breaks at ${evidence.trailBreaksAt}`);
  const looks = groupBy(evidence.purposes, (purpose) => purpose);
  for (const purpose of granted) {
    const rows = looks.get(purpose)?.length ?? 0;
    if (rows !== 1) say('trail', `${rows} rows for one look at an identity`);
  }
}

/** Is a reference worth anything? */
export function checkReferences(references: readonly Heard[], evidence: Evidence, channels: readonly ChannelName[]): readonly Fault[] {
  const faults: Fault[] = [];
  for (const channel of channels) if (!references.some(({ talk }) => talk.channel === channel)) faults.push({ law: 'reference', channel, detail: 'no undisturbed talk' });
  for (const { talk } of references) {
    const tickets = evidence.found.get(talk)?.tickets.length ?? 0;
    if (tickets !== talk.marks.length) faults.push({ law: 'reference', channel: talk.channel, detail: `${tickets} tickets undisturbed, ${talk.marks.length} expected` });
  }
  return faults;
}
