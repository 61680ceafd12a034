import type { JobHandlers } from '../bus/contract.ts';
import { HOUR, MINUTE } from '../domain/clock.ts';
import { codeOf } from '../domain/errors.ts';
import { writeUnit, type IntakeContext } from '../intake/context.ts';
import { createCompose } from '../intake/reach.ts';
import type { OutboundContext } from '../outbound/context.ts';
import { createConsentWords, keepWish } from '../outbound/consents.ts';
import { createReachHandler, queueReach, REACH_KIND } from '../outbound/notify.ts';
import { createPlaceCall } from '../outbound/place-call.ts';
import { loadOutboundRules } from '../outbound/rules.ts';
import { forgetOldChanges, sweepAttempts } from '../outbound/sweep.ts';
import { takeTold } from '../outbound/told.ts';

/** Reaching citizens who are not talking with the house: notices by subscription message, text message, call; and what peers tell of them. */
export interface Outbound {
  readonly context: OutboundContext;
  readonly handlers: JobHandlers;
  /** For intake's context. */
  readonly reach: NonNullable<IntakeContext['reach']>;
  readonly heed: NonNullable<IntakeContext['heed']>;
  readonly consentWord: NonNullable<IntakeContext['consentWord']>;
  /** Ends attempts of which nothing was heard, and forgets what need not be known any more, now and then. Returns how to stop it. */
  tend(): () => Promise<void>;
}

export interface OutboundGiven {
  /** Folder that holds config/. */
  readonly root: string;
  readonly context: IntakeContext;
  readonly callWent?: OutboundContext['callWent'];
}

const LOOK_MS = MINUTE;
/** How often it is tidied. */
const TIDY_MS = HOUR;

export function openOutbound({ root, context, callWent }: OutboundGiven): Outbound {
  const rules = loadOutboundRules(root);
  const meaning = createConsentWords(rules);
  const outbound: OutboundContext = {
    rules,
    city: context.city, clock: context.clock, now: context.now, newId: context.newId, store: context.store, log: context.log,
    hears: (type, ticket) => context.hears?.(type, ticket) ?? false,
    write: (fn) => writeUnit(context, fn),
    channel: context.channel,
    compose: createCompose(context),
    placeCall: createPlaceCall({ rules, clock: context.clock, now: context.now }),
    ...(callWent === undefined ? {} : { callWent }),
    count: ({ channel, status }) => context.meter.count('sent', { channel, status }),
  };
  return {
    context: outbound,
    handlers: { [REACH_KIND]: createReachHandler(outbound) },
    reach: (unit, given) => queueReach(outbound, unit, given),
    heed: (channel, told) => takeTold(outbound, channel, told),
    async consentWord(unit, { citizenId, text, place }) {
      const word = meaning(text, place);
      if (word === 'stop' || word === 'start') await keepWish(outbound, unit, { citizenId, wish: word, place });
      return word;
    },
    tend() {
      let tidied = outbound.now();
      let looking: Promise<void> | null = null;
      const look = async (): Promise<void> => {
        try {
          const ended = await sweepAttempts(outbound);
          if (ended > 0) context.log.info({ ended }, 'attempts ended of which nothing was heard');
          if (outbound.now() - tidied >= TIDY_MS) {
            tidied = outbound.now();
            await forgetOldChanges(outbound);
          }
        } catch (error) {
          context.log.warn({ code: codeOf(error) }, 'attempts could not be swept: tried again');
        }
        looking = null;
      };
      const timer = setInterval(() => {
        looking ??= look();
      }, LOOK_MS);
      timer.unref();
      return async () => {
        clearInterval(timer);
        await looking;
      };
    },
  };
}
