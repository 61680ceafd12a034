import { join } from 'node:path';
import Type, { type Static } from 'typebox';
import { type FileFault, faultsError, readYaml } from '../config/files.ts';
import { isAppError } from '../domain/errors.ts';
import { parseHours } from './campaign-plan.ts';

/** config/outbound.yaml: how the house reaches citizens who are not talking with it. */

const shape = { additionalProperties: false } as const;
const TimeOfDay = Type.String({ pattern: '^([01]\\d|2[0-3]):[0-5]\\d$' });
const Slug = Type.String({ pattern: '^[a-z][a-z0-9-]*$', maxLength: 40 });
const Word = Type.String({ minLength: 1, maxLength: 20 });

export const WAYS = ['subscription', 'sms', 'call'] as const;
/** A way to reach somebody; channels carry it. */
export type Way = (typeof WAYS)[number];
const WaySchema = Type.Enum([...WAYS]);
const Ways = Type.Array(WaySchema, { uniqueItems: true });

const WayRules = Type.Object(
  {
    /** The first that is on carries it. */
    channels: Type.Array(Slug, { minItems: 1, uniqueItems: true }),
    /** Of one message part, or one call; 1/100 yuan. */
    costFen: Type.Integer({ minimum: 0, maximum: 10_000 }),
    /** Nobody is reached this way who did not allow it. */
    needsConsent: Type.Boolean(),
  },
  shape,
);
const Caps = Type.Object({ day: Type.Integer({ minimum: 0, maximum: 100 }), week: Type.Integer({ minimum: 0, maximum: 500 }) }, shape);
const Words = Type.Object({ sms: Type.Array(Word, { minItems: 1, uniqueItems: true }), chat: Type.Array(Word, { minItems: 1, uniqueItems: true }) }, shape);

export const OutboundRulesSchema = Type.Object(
  {
    /** After the channel that the citizen used last. */
    order: Type.Array(WaySchema, { uniqueItems: true }),
    ways: Type.Object({ subscription: WayRules, sms: WayRules, call: WayRules }, shape),
    /** Calls, whatever they are for. */
    call: Type.Object(
      {
        /** At one moment: a hotline keeps lines for those who call it. */
        lines: Type.Integer({ minimum: 1, maximum: 1_000 }),
        /** A call for one notice, without a campaign; which notices may take it, `templates` says. */
        notice: Type.Object(
          {
            /** `HH:MM-HH:MM`, Beijing time. */
            hours: Type.Array(Type.String({ maxLength: 11 }), { minItems: 1, maxItems: 6 }),
            workdaysOnly: Type.Boolean(),
            attempts: Type.Integer({ minimum: 1, maximum: 3 }),
            retryAfterMinutes: Type.Integer({ minimum: 10, maximum: 7 * 24 * 60 }),
          },
          shape,
        ),
      },
      shape,
    ),
    templates: Type.Object({ progress: Ways, visit: Ways, callback: Ways, notice: Ways }, shape),
    /** Ways by which a confidential matter may be told of at all. */
    confidential: Ways,
    /** Beijing time; the same time twice: never. */
    quiet: Type.Object({ from: TimeOfDay, to: TimeOfDay }, shape),
    /** Attempts at one citizen: in one Beijing day, in seven of them. */
    caps: Type.Object({ notification: Caps, call: Caps }, shape),
    /** All attempts of one Beijing day together, 1/100 yuan. */
    costPerDayFen: Type.Integer({ minimum: 0 }),
    emergencyIgnores: Type.Array(Type.Enum(['quiet', 'caps', 'cost']), { uniqueItems: true }),
    /** `sending` and nothing heard: unknown after this. */
    answerMinutes: Type.Integer({ minimum: 1, maximum: 24 * 60 }),
    /** `sent` and no report: unknown after this. */
    reportHours: Type.Integer({ minimum: 1, maximum: 30 * 24 }),
    afterUnknown: Type.Enum(['wait', 'next']),
    words: Type.Object({ stop: Words, start: Words, /** Text messages that nobody need answer. */ idle: Type.Array(Word, { uniqueItems: true }) }, shape),
  },
  shape,
);
export type OutboundRules = Static<typeof OutboundRulesSchema>;

/**
 * @param root folder that holds `config/`
 * @throws AppError `config.invalid` with file, line and column of every fault
 */
export function loadOutboundRules(root: string): OutboundRules {
  const file = readYaml(root, join(root, 'config', 'outbound.yaml'), OutboundRulesSchema);
  const { value } = file;
  if (value === null) throw faultsError(file.faults);
  const faults = checkOutboundRules(value).map(({ pointer, message }): FileFault => file.fault(pointer, message));
  if (faults.length > 0) throw faultsError(faults);
  return value;
}

/** What the shapes cannot say. */
export function checkOutboundRules(rules: OutboundRules): readonly { readonly pointer: string; readonly message: string }[] {
  const faults: { pointer: string; message: string }[] = [];
  const owner = new Map<string, Way>();
  for (const way of WAYS) {
    rules.ways[way].channels.forEach((channel, index) => {
      const before = owner.get(channel);
      if (before !== undefined) faults.push({ pointer: `/ways/${way}/channels/${index}`, message: `channel ${channel} carries ${before} already` });
      owner.set(channel, way);
    });
  }
  try {
    parseHours(rules.call.notice.hours);
  } catch (error) {
    if (!isAppError(error)) throw error;
    faults.push({ pointer: '/call/notice/hours', message: 'hours are written HH:MM-HH:MM, begin before they end, and do not overlap' });
  }
  for (const kind of ['notification', 'call'] as const) {
    const { day, week } = rules.caps[kind];
    if (week < day) faults.push({ pointer: `/caps/${kind}/week`, message: 'a week allows less than a day' });
  }
  for (const [at, list] of Object.entries({ 'stop/sms': rules.words.stop.sms, 'stop/chat': rules.words.stop.chat, 'start/sms': rules.words.start.sms, 'start/chat': rules.words.start.chat, idle: rules.words.idle })) {
    list.forEach((word, index) => {
      if (plainWord(word) === '') faults.push({ pointer: `/words/${at}/${index}`, message: 'a word of signs alone' });
    });
  }
  for (const place of ['sms', 'chat'] as const) {
    rules.words.start[place].forEach((word, index) => {
      if (rules.words.stop[place].some((stop) => plainWord(stop) === plainWord(word))) faults.push({ pointer: `/words/start/${place}/${index}`, message: `${word} means stop already` });
    });
  }
  return faults;
}

/** A word as it is compared: no blanks, no signs at its ends, full width and case of no matter. */
export function plainWord(text: string): string {
  return text.normalize('NFKC').replace(/[\s\p{P}\p{S}]+/gu, '').toLowerCase();
}

/** The way that a channel carries; null: none. */
export function wayOf(rules: OutboundRules, channel: string): Way | null {
  return WAYS.find((way) => rules.ways[way].channels.includes(channel)) ?? null;
}
