import { hash } from 'node:crypto';
import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import type { ChannelState, SendContext } from '../contract.ts';
import type { EpochMs } from '../../domain/activity.ts';

/**
 * How many sends a citizen's last act has granted. WeChat counts itself and refuses with 45047; we count as well, so that
 * the bot leaves one send for a seat and a spent quota is known before the network is asked.
 *
 * Rule (developers.weixin.qq.com, mini-program, "conditions for customer messages"): a message grants 5 sends in 48 h, entering
 * the chat 2 in 1 minute. Official accounts: a message the same, following, scanning or pressing the menu 3 in
 * 1 minute. Grants do not add up; each act sets its own back to the maximum.
 *
 * A send takes its places first, under its own key. A time-out leaves them held, and the retry of the same message takes them
 * again instead of new ones. A citizen's sends run one after the other, wherever they run (one lane a conversation), so where
 * the core offers it (`SendContext.keep`) the ledger is read once, or not at all for the first send of a message, and kept with the
 * receipt; else each change is an atomic update. A crash between WeChat's yes and our commit makes the count one too low either way.
 */

export const MESSAGE_GRANT = { sends: 5, windowMs: 48 * 3_600_000 } as const;
/** What an act other than a message pays for. */
export interface ActGrant {
  readonly sends: number;
  readonly windowMs: number;
}
/** Entering a mini-program's chat. */
export const ENTER_GRANT: ActGrant = { sends: 2, windowMs: 60_000 };
/** Following an official account, scanning its code, pressing its menu. */
export const FOLLOW_GRANT: ActGrant = { sends: 3, windowMs: 60_000 };
/** Sends that only a seat may use. */
const KEPT_FOR_SEATS = 1;
/** The most that one message of a citizen can ever pay for. */
export function mostSends(role: SendContext['role']): number {
  return MESSAGE_GRANT.sends - (role === 'seat' ? 0 : KEPT_FOR_SEATS);
}

/** Messages whose progress is remembered; more than can wait half sent. */
const PROGRESS_KEPT = 8;

/** `shut`: WeChat has said that nothing arrives at all, whatever is left. */
const GrantSchema = Type.Union([Type.Object({ at: Type.Number(), left: Type.Integer({ minimum: 0 }), shut: Type.Optional(Type.Boolean()) }), Type.Null()]);
const ProgressSchema = Type.Object({ limit: Type.Integer({ minimum: 1 }), offset: Type.Integer({ minimum: 0 }), extras: Type.Integer({ minimum: 0 }) });
const LedgerSchema = Type.Object({
  message: GrantSchema,
  enter: GrantSchema,
  /** Places taken under this count: key of the send and how many. */
  held: Type.Record(Type.String(), Type.Integer({ minimum: 0 })),
  /** As versions kept it that had no row of its own for it. */
  progress: Type.Optional(Type.Record(Type.String(), ProgressSchema)),
});
/** How far messages in several sends have come, by the key of the send. */
const ProgressesSchema = Type.Record(Type.String(), ProgressSchema);
type Ledger = Static<typeof LedgerSchema>;
type Grant = Static<typeof GrantSchema>;
type StoredProgress = Static<typeof ProgressSchema>;
const ledgers = Compile(LedgerSchema);
const progresses = Compile(ProgressesSchema);

export type Reservation =
  | { readonly ok: true }
  /** `closed`: no grant is valid now. `spent`: all used. `kept`: what is left belongs to seats. */
  | { readonly ok: false; readonly why: 'closed' | 'spent' | 'kept' };

type Triggers = Pick<SendContext, 'now' | 'lastInboundAt' | 'lastMessageAt' | 'role' | 'keep' | 'first'>;

export type Closing = 'spent' | 'shut';

/** The count of one citizen as one send sees it. */
export interface Account {
  /** What was delivered of this message before; null when nothing was. */
  progress(): StoredProgress | null;
  /** Takes places for `sends` sends of the message; taking them twice is the same as once. */
  reserve(sends: number): Promise<Reservation>;
  /** A part is delivered and more follow: remembered at once, whatever becomes of the rest. */
  advance(progress: StoredProgress): Promise<void>;
  /** The attempt is over: `used` places are gone for good, `hold` stay taken for its retry, the others are free again. `close`: until the citizen's next act WeChat takes no more (`spent`), or nothing arrives at all (`shut`). */
  settle(places: { readonly used: number; readonly hold: number; readonly close?: Closing | null }): Promise<void>;
}

/** Opens the count for a send of the message `key`. */
export type Quota = (openid: string, key: string, context: Triggers) => Promise<Account>;

export function createQuota(state: ChannelState, act: ActGrant = ENTER_GRANT): Quota {
  return async (openid, key, context) => {
    const { now, keep, first = false } = context;
    const name = stateKey('quota', openid);
    const progressName = stateKey('progress', openid);
    // A message begins a count of its own, which is above whatever was left of others: its first send need not know them.
    const [count, parts] = first ? [null, null] : await Promise.all([state.get(name), state.get(progressName)]);
    let ledger = readLedger(count);
    const begun = readProgress(parts);

    const atomically = async (edit: (ledger: Ledger) => Ledger): Promise<void> => {
      ledger = readLedger(await state.update(name, (current) => written(edit(readLedger(current)), now)));
    };
    const withReceipt = (edit: (ledger: Ledger) => Ledger): void => {
      const next = edit(ledger);
      if (next === ledger) return;
      ledger = next;
      const { value, expiresAt } = written(ledger, now);
      keep?.(name, value, expiresAt);
    };
    const change = keep === undefined ? atomically : async (edit: (ledger: Ledger) => Ledger): Promise<void> => withReceipt(edit);

    return {
      progress: () => begun[key] ?? ledger.progress?.[key] ?? null,
      reserve: async (sends) => {
        if ((renew(ledger, context, act).held[key] ?? 0) < sends) await change((current) => take(renew(current, context, act), key, sends, context, act));
        if ((ledger.held[key] ?? 0) >= sends) return { ok: true };
        if (openGrants(ledger, now, act).length === 0) return { ok: false, why: 'closed' };
        return { ok: false, why: leftOf(ledger, now, act) > 0 ? 'kept' : 'spent' };
      },
      // Not with the receipt: a crash must not say again what was said.
      advance: async (progress) => {
        const taken = ledger;
        if (keep !== undefined) await atomically(() => taken);
        await state.update(progressName, (current) => ({ value: JSON.stringify(keptProgress(readProgress(current), key, progress)), expiresAt: expiryOf(ledger, now) }));
      },
      settle: async ({ used, hold, close = null }) => {
        const held = ledger.held[key] ?? 0;
        const unchanged = used === 0 && held === hold;
        // All used: as an update of its own is not worth it, the entry stays and goes with the citizen's next act.
        const harmless = keep === undefined && hold === 0 && held === used;
        if (close === null && (unchanged || harmless)) return;
        await change((current) => (close === null ? release(current, key, used, hold, act) : { ...current, message: closed(current.message, close), enter: closed(current.enter, close), held: {} }));
      },
    };
  };
}

function release(ledger: Ledger, key: string, used: number, hold: number, act: ActGrant): Ledger {
  const { [key]: held = 0, ...others } = ledger.held;
  const back = Math.max(0, held - used - hold);
  return {
    ...ledger,
    message: add(ledger.message, back, MESSAGE_GRANT.sends),
    enter: add(ledger.enter, back, act.sends),
    held: held > 0 && hold > 0 ? { ...others, [key]: hold } : others,
  };
}

function keptProgress(known: Readonly<Record<string, StoredProgress>>, key: string, progress: StoredProgress): Record<string, StoredProgress> {
  const { [key]: _before, ...others } = known;
  return Object.fromEntries([...Object.entries(others).slice(1 - PROGRESS_KEPT), [key, progress]]);
}

function written(ledger: Ledger, now: EpochMs): { readonly value: string; readonly expiresAt: EpochMs } {
  return { value: JSON.stringify(ledger), expiresAt: expiryOf(ledger, now) };
}

function expiryOf(ledger: Ledger, now: EpochMs): EpochMs {
  return Math.max(ledger.message?.at ?? now, ledger.enter?.at ?? now) + MESSAGE_GRANT.windowMs + 3_600_000;
}

/** Sends left by the ledger, seats' one included. */
function leftOf(ledger: Ledger, now: EpochMs, act: ActGrant): number {
  return Math.max(0, ...openGrants(ledger, now, act).map((grant) => grant.left));
}

function openGrants(ledger: Ledger, now: EpochMs, act: ActGrant): readonly { readonly left: number }[] {
  const open = [];
  if (ledger.message !== null && ledger.message.shut !== true && now < ledger.message.at + MESSAGE_GRANT.windowMs) open.push(ledger.message);
  if (ledger.enter !== null && ledger.enter.shut !== true && now < ledger.enter.at + act.windowMs) open.push(ledger.enter);
  return open;
}

/** Sets a grant back to its maximum when the citizen has acted since. */
function renew(ledger: Ledger, context: Triggers, act: ActGrant): Ledger {
  const messageAt = context.lastMessageAt === undefined ? context.lastInboundAt : context.lastMessageAt;
  const enterAt = context.lastInboundAt !== null && context.lastInboundAt > (messageAt ?? -Infinity) ? context.lastInboundAt : null;
  const wrote = messageAt !== null && messageAt > (ledger.message?.at ?? -Infinity);
  const entered = enterAt !== null && enterAt > (ledger.enter?.at ?? -Infinity);
  if (!wrote && !entered) return ledger;
  return {
    ...ledger,
    message: wrote ? { at: messageAt, left: MESSAGE_GRANT.sends } : ledger.message,
    enter: entered ? { at: enterAt, left: act.sends } : ledger.enter,
    // Places held from before belong to a count that no longer runs.
    held: {},
  };
}

function take(ledger: Ledger, key: string, sends: number, context: Triggers, act: ActGrant): Ledger {
  const needed = sends - (ledger.held[key] ?? 0);
  if (needed <= 0) return ledger;
  const kept = context.role === 'seat' ? 0 : KEPT_FOR_SEATS;
  if (needed > leftOf(ledger, context.now, act) - kept) return ledger;
  // WeChat does not say which grant pays for a send, and they do not add up: both do.
  return { ...ledger, message: add(ledger.message, -needed, MESSAGE_GRANT.sends), enter: add(ledger.enter, -needed, act.sends), held: { ...ledger.held, [key]: sends } };
}

function add(grant: Grant, sends: number, most: number): Grant {
  return grant === null ? null : { ...grant, left: Math.min(most, Math.max(0, grant.left + sends)) };
}

function closed(grant: Grant, how: Closing): Grant {
  return grant === null ? null : { at: grant.at, left: 0, ...(how === 'shut' ? { shut: true } : {}) };
}

function readLedger(value: string | null): Ledger {
  if (value !== null) {
    const parsed: unknown = JSON.parse(value);
    if (ledgers.Check(parsed)) return parsed;
  }
  return { message: null, enter: null, held: {} };
}

function readProgress(value: string | null): Static<typeof ProgressesSchema> {
  if (value === null) return {};
  const parsed: unknown = JSON.parse(value);
  return progresses.Check(parsed) ? parsed : {};
}

/** An openid is a person's id: it does not stand in a key. */
function stateKey(what: 'quota' | 'progress', openid: string): string {
  return `${what}:${hash('sha256', openid, 'hex').slice(0, 32)}`;
}
