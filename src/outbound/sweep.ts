import { DAY, HOUR, MINUTE } from '../domain/clock.ts';
import { putForward } from './attempts.ts';
import type { OutboundContext } from './context.ts';

/** Ends what nobody tells the end of, so that nothing stays open for ever. Calls have a question to the peer; theirs are the campaigns' business. */

const AT_ONCE = 200;
/** A peer says a change again within minutes, days at the worst; after that its name only fills the disk. As unsent replies are (src/wiring/upkeep.ts). */
export const OLD_CHANGE_MS = 30 * DAY;
const CHANGES_AT_ONCE = 500;

/** @returns how many notifications were ended */
export async function sweepAttempts(context: OutboundContext): Promise<number> {
  const now = context.now();
  const { answerMinutes, reportHours } = context.rules;
  // What was sent waits for its report much longer: it must not stand before those that nobody answered.
  const open = await context.store.read(async ({ reach }) => [...(await reach.open('notification', now - answerMinutes * MINUTE, AT_ONCE, 'sending')), ...(await reach.open('notification', now - reportHours * HOUR, AT_ONCE, 'sent'))]);
  let ended = 0;
  for (const { id } of open) {
    const done = await context.write(async (unit) => {
      const attempt = await unit.repos.reach.claim(id);
      if (attempt === null || attempt.endedAt !== null) return false;
      if (attempt.state === 'sent') {
        if (now - (attempt.sentAt ?? attempt.createdAt) < reportHours * HOUR) return false;
        return (await putForward(context, unit, attempt, { state: 'unknown', code: 'reach.no_report' })) !== null;
      }
      // “Not now” was the peer's last word, and whoever was to try again is gone: then the citizen surely has nothing.
      const refused = attempt.state === 'sending' && attempt.code !== null;
      if (refused && now - attempt.createdAt < reportHours * HOUR) return false;
      return (await putForward(context, unit, attempt, refused ? { state: 'failed', code: 'reach.gave_up' } : { state: 'unknown', code: 'reach.no_answer' })) !== null;
    });
    if (done) ended += 1;
  }
  return ended;
}

/** Takes away names of consent changes that no peer will say again. @returns how many */
export async function forgetOldChanges({ now, write }: Pick<OutboundContext, 'now' | 'write'>): Promise<number> {
  let gone = 0;
  for (let more = true; more; ) {
    const forgotten = await write(({ repos }) => repos.consents.forgetChanges(now() - OLD_CHANGE_MS, CHANGES_AT_ONCE));
    gone += forgotten;
    more = forgotten === CHANGES_AT_ONCE;
  }
  return gone;
}
