import { setTimeout as sleep } from 'node:timers/promises';
import { createWechatPeer, type PeerCredentials, type PushResult, readPassive } from '../../../src/cli/sim/wechat-peer.ts';
import type { WechatStandIn } from '../../../src/cli/sim/wechat-stand-in.ts';
import type { Chance } from '../random.ts';
import { answersIn, type Talk } from '../words.ts';
import { BrokenWord, REPEAT, untilSeen, withoutRepeats, type FinishedTalk, type World } from '../world.ts';
import { RESEND_MS, type Mailboxes } from './wechat.ts';

/** How often the answer to a push is lost on its way to WeChat, which then asks again. */
const LOST = 0.25;
/** WeChat asks again within seconds; after a jump of the clock as long as this the house need not remember its words. */
const JUMP_MS = 5 * 60_000;

/**
 * A follower of the official account: the answer to a push is what the citizen hears, unless it is only “success”; what is not in it comes by API.
 * An answer that is lost is asked for again under the same MsgId, and then it must say the same, or nothing because it went by API. `due`: as in `weChat`.
 */
export async function officialAccount(world: World, talk: Talk, chance: Chance, at: { readonly standIn: WechatStandIn; readonly mailboxes: Mailboxes; readonly credentials: PeerCredentials; readonly hookUrl: string; readonly name: string; readonly due: readonly string[] | null }): Promise<FinishedTalk> {
  const openid = `oF${at.name}`;
  const account = `gh_${at.name}`;
  const agreed = { credentials: at.credentials, mode: 'safe', account, openid } as const;
  const peer = createWechatPeer({ ...agreed, hookUrl: `${at.hookUrl}/hooks/wechat/official`, format: chance.next() < 0.5 ? 'xml' : 'json', now: world.now });
  const wordsOf = ({ attempts }: PushResult): string | null => {
    try {
      return readPassive(attempts.at(-1)?.body ?? '', agreed);
    } catch (error) {
      throw new BrokenWord(`an answer that WeChat would refuse: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  const again = async (): Promise<PushResult> => {
    await world.up();
    world.count('resent');
    const result = await peer.resend();
    if (result === null) throw new Error('nothing was pushed');
    return result;
  };
  const untilTaken = async (first: PushResult): Promise<PushResult> => {
    let result = first;
    for (;;) {
      for (let tried = 1; tried < result.attempts.length; tried += 1) world.count('resent');
      if (result.taken) return result;
      await sleep(RESEND_MS);
      result = await again();
    }
  };

  for (const [index, text] of talk.lines.entries()) {
    await world.breathe();
    await world.up();
    at.standIn.citizenWrote(openid);
    world.count('sent');
    const asked = world.now();
    const first = wordsOf(await untilTaken(await peer.push(peer.text(text))));
    world.count('accepted');
    let heard = first;
    if (at.due !== null && chance.next() < LOST) {
      const second = wordsOf(await untilTaken(await again()));
      if (second !== null && first !== null && second !== first) throw new BrokenWord('a push that came again was answered with other words');
      heard = second === null && world.now() - asked > JUMP_MS ? first : second;
      world.count('refused');
    }
    if (heard !== null) at.mailboxes.hear(openid, heard);
    const came = (): number => (at.due === null ? withoutRepeats(at.mailboxes.of(openid)).length : answersIn(at.due, at.mailboxes.of(openid)));
    await untilSeen(world, () => came() > index);
    // A copy that comes late changes nothing; WeChat, which has its answer, does not show this one.
    if (chance.next() < REPEAT) {
      await untilTaken(await again());
      world.count('refused');
    }
  }
  return { ...talk, channel: 'wechat-official', address: `${account}/${openid}`, heard: async () => at.mailboxes.of(openid) };
}
