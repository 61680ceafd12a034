import { setTimeout as sleep } from 'node:timers/promises';
import { createWechatPeer, type PeerCredentials, type PushResult } from '../../../src/cli/sim/wechat-peer.ts';
import type { WechatStandIn } from '../../../src/cli/sim/wechat-stand-in.ts';
import type { Chance } from '../random.ts';
import { answersIn, type Talk } from '../words.ts';
import { HASTE, REPEAT, untilSeen, withoutRepeats, type FinishedTalk, type World } from '../world.ts';

/** What WeChat showed each citizen. */
export interface Mailboxes {
  of(openid: string): readonly string[];
  /** What came another way: in the answer to a push. */
  hear(openid: string, text: string): void;
}

export function createMailboxes(standIn: WechatStandIn): Mailboxes {
  const sent = new Map<string, string[]>();
  const hear = (openid: string, text: string): void => {
    const mine = sent.get(openid);
    if (mine === undefined) sent.set(openid, [text]);
    else mine.push(text);
  };
  standIn.onSent(({ openid, text }) => hear(openid, text));
  return { of: (openid) => sent.get(openid) ?? [], hear };
}

/** Between two rounds of pushes while nobody answers; WeChat's own pause is longer. */
export const RESEND_MS = 200;

/** `due`: the answers of the undisturbed talk of this shape, in order; null for that talk itself, which waits for each answer. Pushes as WeChat does: at most four times when nobody answers 200 within five seconds, the same MsgId under a new signature; the answer's words are ignored. */
export async function weChat(world: World, talk: Talk, chance: Chance, at: { readonly standIn: WechatStandIn; readonly mailboxes: Mailboxes; readonly credentials: PeerCredentials; readonly hookUrl: string; readonly name: string; readonly due: readonly string[] | null }): Promise<FinishedTalk> {
  const openid = `o${at.name}`;
  const account = `gh_${at.name}`;
  const peer = createWechatPeer({ hookUrl: `${at.hookUrl}/hooks/wechat/miniprogram`, credentials: at.credentials, mode: 'safe', format: chance.next() < 0.5 ? 'xml' : 'json', account, openid, now: world.now });
  const count = (result: PushResult): PushResult => {
    for (let again = 1; again < result.attempts.length; again += 1) world.count('resent');
    return result;
  };
  let hasty = false;
  for (const [index, text] of talk.lines.entries()) {
    await world.breathe();
    await world.up();
    at.standIn.citizenWrote(openid);
    world.count('sent');
    let result = count(await peer.push(peer.text(text)));
    while (!result.taken) {
      // WeChat gives up after its third repetition; a citizen who sees that sends again, and here the last copy comes late.
      await world.up();
      await sleep(RESEND_MS);
      world.count('resent');
      result = count((await peer.resend()) ?? result);
    }
    world.count('accepted');
    if (chance.next() < REPEAT) {
      await world.up();
      world.count('resent');
      if ((await peer.resend())?.taken === true) world.count('refused');
    }
    // Never two in a row: WeChat takes only five sends after a message, and answers that wait count towards the last one.
    hasty = at.due !== null && !hasty && chance.next() < HASTE;
    // Quick messages may be answered in one send, so answers are counted and not sends.
    const came = (): number => (at.due === null ? withoutRepeats(at.mailboxes.of(openid)).length : answersIn(at.due, at.mailboxes.of(openid)));
    if (!hasty) await untilSeen(world, () => came() > index);
  }
  return { ...talk, channel: 'wechat-miniprogram', address: `${account}/${openid}`, heard: async () => at.mailboxes.of(openid) };
}
