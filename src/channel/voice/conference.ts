import type { ConferenceParty, ConferenceReport, HookOutcome, Told } from '../contract.ts';
import { asExternalId, type EpochMs, type Locale } from '../../domain/activity.ts';
import { nextQuery, type CallState, type NextCall } from './call-state.ts';
import type { Line } from './plan.ts';
import { localeOf, spokenMessage } from './speech.ts';

/**
 * A caller in a room with a seat and another service, in no platform's words. What belongs to a room travels in the query of its hooks, as the
 * state of a call does, under their signature where that covers the address. Pure.
 */

/** Why a hook of a room asks. `hold`: somebody waits alone; `event`: something happened in the room; `leg`: a telephone that we rang; `join`: it was answered. */
const PURPOSES = ['hold', 'event', 'leg', 'join'] as const;
export type RoomPurpose = (typeof PURPOSES)[number];
const PARTIES: readonly ConferenceParty[] = ['citizen', 'seat', 'service'];
/** As they stand in an address; zh-CN is not written. */
const LOCALES: readonly (readonly [string, Locale])[] = [['en', 'en'], ['hk', 'zh-HK']];

export interface RoomHook {
  readonly purpose: RoomPurpose;
  readonly room: string;
  readonly party: ConferenceParty | null;
  readonly key: string | null;
  readonly locale: Locale;
  /** Rounds of hold words so far. */
  readonly round: number;
  /** Said to whoever picks up. */
  readonly greeting: string;
}

const NAME = /^[\w:.-]{1,128}$/;
/** Longer than any greeting of ours; a name of a service and a number of a ticket are in it, nothing of a person. */
const GREETING_MAX = 200;

export function roomUrl(path: string, hook: Pick<RoomHook, 'purpose' | 'room'> & Partial<RoomHook>): string {
  const query = new URLSearchParams({ for: hook.purpose, room: hook.room });
  if (hook.party !== undefined && hook.party !== null) query.set('party', hook.party);
  if (hook.key !== undefined && hook.key !== null) query.set('key', hook.key);
  const locale = LOCALES.find(([, known]) => known === hook.locale);
  if (locale !== undefined) query.set('l', locale[0]);
  if (hook.round !== undefined && hook.round > 0) query.set('n', String(hook.round));
  if (hook.greeting !== undefined && hook.greeting !== '') query.set('say', hook.greeting.slice(0, GREETING_MAX));
  return `${path}?${query.toString()}`;
}

/** Null: no hook of a room. @param url path and query as received */
export function readRoomHook(url: string): RoomHook | null {
  const query = queryOf(url);
  const purpose = PURPOSES.find((known) => known === query.get('for'));
  const room = query.get('room') ?? '';
  if (purpose === undefined || !NAME.test(room)) return null;
  const key = query.get('key');
  const round = query.get('n') ?? '';
  return {
    purpose,
    room,
    party: PARTIES.find((known) => known === query.get('party')) ?? null,
    key: key !== null && NAME.test(key) ? key : null,
    locale: LOCALES.find(([name]) => name === query.get('l'))?.[1] ?? 'zh-CN',
    round: /^\d{1,4}$/.test(round) ? Number(round) : 0,
    greeting: (query.get('say') ?? '').slice(0, GREETING_MAX),
  };
}

const queryOf = (url: string): URLSearchParams => new URLSearchParams(url.includes('?') ? url.slice(url.indexOf('?') + 1) : '');

export const partyOf = (name: string): ConferenceParty | null => PARTIES.find((known) => known === name) ?? null;

/**
 * Where a call is sent that is taken out of what it is doing: into a room, or back to waiting (`room` null). Its steps go on from the clock, so that no
 * later request of the call repeats the address of an earlier one.
 */
export function movedUrl(path: string, { room, locale, now }: { readonly room: string | null; readonly locale: Locale; readonly now: EpochMs }): string {
  const state: CallState = { purpose: 'wait', step: Math.floor(now / 1000) % 1_000_000_000, waits: 0, dials: 0, outage: 0, heard: null, locale, slow: false };
  return `${path}?${nextQuery(state, { purpose: 'wait' })}${room === null ? '' : `&room=${encodeURIComponent(room)}`}`;
}

export interface RoomPlan {
  readonly room: string;
  readonly lines: readonly Line[];
  readonly locale: Locale;
  readonly state: CallState;
  /** After the room: waits at once for the seat's words, and is told so. */
  readonly next: NextCall;
}

/**
 * Is the caller to go into a room now? By the address that it was sent to, or by the message that tells it so, whichever is asked for first.
 * @param url path and query as received
 */
export function planRoom(url: string, state: CallState, outcome: HookOutcome): RoomPlan | null {
  const sent = readSent(url);
  // What is over or served by nobody leads nowhere.
  if (outcome.conversation === 'closed' || outcome.turn === 'spooled') return null;
  const told = outcome.messages.map(({ content }) => roomIn(content.value)).findLast((room) => room !== null) ?? null;
  const room = sent ?? told;
  if (room === null) return null;
  const locale = outcome.locale ?? state.locale;
  const lines = outcome.messages.flatMap(({ content }): Line[] => {
    const written = localeOf(content.speak ?? content.text);
    const spoken = written === 'en' ? 'en' : locale === 'zh-HK' ? 'zh-HK' : 'zh-CN';
    const text = spokenMessage(content, spoken);
    return text === '' ? [] : [{ text, locale: spoken }];
  });
  return { room, lines, locale, state: { ...state, heard: outcome.upTo ?? state.heard, locale }, next: { purpose: 'wait', locale } };
}

function readSent(url: string): string | null {
  const room = queryOf(url).get('room');
  return room !== null && NAME.test(room) ? room : null;
}

function roomIn(value: unknown): string | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const room: unknown = Reflect.get(value, 'conference');
  return typeof room === 'string' && NAME.test(room) ? room : null;
}

/** Said in turn while somebody waits in a room: never silence, never a promise. */
const HOLD: Readonly<Record<Locale, readonly [string, string]>> = {
  'zh-CN': ['正在为您接通，请不要挂断。', '还在接通，请再稍候。情况紧急而电话一直没有接通，请挂断后直接拨打1 1 0、1 1 9或1 2 0。'],
  'zh-HK': ['而家幫你接通緊，請唔好收線。', '仲接通緊，請再等陣。情況緊急而電話一直未通，請收線之後直接打1 1 0、1 1 9或者1 2 0。'],
  en: ['We are connecting you, please stay on the line.', 'Still connecting, one more moment please. If it is urgent and nobody answers, please hang up and call 1 1 0, 1 1 9 or 1 2 0.'],
};
/** Between hold words, seconds. */
export const HOLD_PAUSE_S = 6;

export const holdLine = (locale: Locale, round: number): Line => ({ locale, text: HOLD[locale][round === 0 || round % 3 !== 0 ? 0 : 1] });

export interface RoomNews extends Pick<ConferenceReport, 'room' | 'party' | 'state'> {
  readonly key?: string | null;
  readonly call: string | null;
  readonly code?: string | null;
  readonly at?: EpochMs | null;
}

export function toldOfRoom({ room, party, state, key = null, call, code = null, at = null }: RoomNews): Told {
  return { reports: [], consents: [], conference: [{ room, party, key, externalId: call === null ? null : asExternalId(call), state, code, at }] };
}
