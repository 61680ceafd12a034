import { createHash } from 'node:crypto';
import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import type { ChannelState, SendContext } from '../../src/channel/contract.ts';
import type { EpochMs } from '../../src/domain/activity.ts';

/**
 * How many sends a citizen's last act has granted. WeChat counts itself and refuses with 45047; we count as well, so that
 * the bot leaves one send for a seat and a spent quota is known before the network is asked.
 *
 * Rule (developers.weixin.qq.com, mini-program, "conditions for customer messages"): a message grants 5 sends in 48 h, entering
 * the chat 2 in 1 minute. Grants do not add up; each act sets its own back to the maximum.
 *
 * A send reserves its place first, under its own key, in one atomic update. A crash or a time-out leaves the place held, and
 * the retry of the same message takes it again instead of a second one.
 */

export const MESSAGE_GRANT = { sends: 5, windowMs: 48 * 3_600_000 } as const;
export const ENTER_GRANT = { sends: 2, windowMs: 60_000 } as const;
/** Sends that only a seat may use. */
const KEPT_FOR_SEATS = 1;

const GrantSchema = Type.Union([Type.Object({ at: Type.Number(), left: Type.Integer({ minimum: 0 }) }), Type.Null()]);
const LedgerSchema = Type.Object({
  message: GrantSchema,
  enter: GrantSchema,
  /** Places taken by sends that are not settled: key of the send and how many. */
  held: Type.Record(Type.String(), Type.Integer({ minimum: 0 })),
});
type Ledger = Static<typeof LedgerSchema>;
type Grant = Static<typeof GrantSchema>;
const ledgers = Compile(LedgerSchema);

export type Reservation =
  | { readonly ok: true }
  /** `closed`: no grant is valid now. `spent`: all used. `kept`: what is left belongs to seats. */
  | { readonly ok: false; readonly why: 'closed' | 'spent' | 'kept' };

type Triggers = Pick<SendContext, 'now' | 'lastInboundAt' | 'lastMessageAt' | 'role'>;

export interface Quota {
  /** Takes places for `sends` sends of the message `key`; taking them twice is the same as once. */
  reserve(openid: string, key: string, sends: number, context: Triggers): Promise<Reservation>;
  /** The attempt is over: `used` places are gone for good, `hold` stay taken for its retry, the others are free again. */
  settle(openid: string, key: string, places: { readonly used: number; readonly hold: number }, now: EpochMs): Promise<void>;
  /** WeChat says that nothing goes until the citizen's next act. */
  close(openid: string, now: EpochMs): Promise<void>;
}

export function createQuota(state: ChannelState): Quota {
  const change = async (openid: string, now: EpochMs, edit: (ledger: Ledger) => Ledger): Promise<Ledger> =>
    readLedger(await state.update(stateKey(openid), (current) => {
      const next = edit(readLedger(current));
      const last = Math.max(next.message?.at ?? now, next.enter?.at ?? now);
      return { value: JSON.stringify(next), expiresAt: last + MESSAGE_GRANT.windowMs + 3_600_000 };
    }));
  return {
    reserve: async (openid, key, sends, context) => {
      const ledger = await change(openid, context.now, (current) => take(renew(current, context), key, sends, context));
      if ((ledger.held[key] ?? 0) >= sends) return { ok: true };
      const open = openGrants(ledger, context.now);
      if (open.length === 0) return { ok: false, why: 'closed' };
      return { ok: false, why: leftOf(ledger, context.now) > 0 ? 'kept' : 'spent' };
    },
    settle: async (openid, key, { used, hold }, now) => {
      await change(openid, now, (current) => {
        const { [key]: held = 0, ...others } = current.held;
        const back = Math.max(0, held - used - hold);
        return {
          message: add(current.message, back, MESSAGE_GRANT.sends),
          enter: add(current.enter, back, ENTER_GRANT.sends),
          held: held > 0 && hold > 0 ? { ...others, [key]: hold } : others,
        };
      });
    },
    close: async (openid, now) => {
      await change(openid, now, (current) => ({ message: empty(current.message), enter: empty(current.enter), held: {} }));
    },
  };
}

/** Sends left by the ledger, seats' one included. */
function leftOf(ledger: Ledger, now: EpochMs): number {
  return Math.max(0, ...openGrants(ledger, now).map((grant) => grant.left));
}

function openGrants(ledger: Ledger, now: EpochMs): readonly { readonly left: number }[] {
  const open = [];
  if (ledger.message !== null && now < ledger.message.at + MESSAGE_GRANT.windowMs) open.push(ledger.message);
  if (ledger.enter !== null && now < ledger.enter.at + ENTER_GRANT.windowMs) open.push(ledger.enter);
  return open;
}

/** Sets a grant back to its maximum when the citizen has acted since. */
function renew(ledger: Ledger, context: Triggers): Ledger {
  const messageAt = context.lastMessageAt === undefined ? context.lastInboundAt : context.lastMessageAt;
  const enterAt = context.lastInboundAt !== null && context.lastInboundAt > (messageAt ?? -Infinity) ? context.lastInboundAt : null;
  const written = messageAt !== null && messageAt > (ledger.message?.at ?? -Infinity);
  const entered = enterAt !== null && enterAt > (ledger.enter?.at ?? -Infinity);
  return {
    message: written ? { at: messageAt, left: MESSAGE_GRANT.sends } : ledger.message,
    enter: entered ? { at: enterAt, left: ENTER_GRANT.sends } : ledger.enter,
    // Places held from before belong to a count that no longer runs.
    held: written || entered ? {} : ledger.held,
  };
}

function take(ledger: Ledger, key: string, sends: number, context: Triggers): Ledger {
  const needed = sends - (ledger.held[key] ?? 0);
  if (needed <= 0) return ledger;
  const kept = context.role === 'seat' ? 0 : KEPT_FOR_SEATS;
  if (needed > leftOf(ledger, context.now) - kept) return ledger;
  // WeChat does not say which grant pays for a send, and they do not add up: both do.
  return { message: add(ledger.message, -needed, MESSAGE_GRANT.sends), enter: add(ledger.enter, -needed, ENTER_GRANT.sends), held: { ...ledger.held, [key]: sends } };
}

function add(grant: Grant, sends: number, most: number): Grant {
  return grant === null ? null : { at: grant.at, left: Math.min(most, Math.max(0, grant.left + sends)) };
}

function empty(grant: Grant): Grant {
  return grant === null ? null : { at: grant.at, left: 0 };
}

function readLedger(value: string | null): Ledger {
  if (value !== null) {
    const parsed: unknown = JSON.parse(value);
    if (ledgers.Check(parsed)) return parsed;
  }
  return { message: null, enter: null, held: {} };
}

/** An openid is a person's id: it does not stand in a key. */
function stateKey(openid: string): string {
  return `quota:${createHash('sha256').update(openid, 'utf8').digest('hex').slice(0, 32)}`;
}
