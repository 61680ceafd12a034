/**
 * WeChat's count of customer messages, as its stand-in keeps it: a citizen's message allows 5 sends in 48 hours, entering the
 * chat 2 in 1 minute (an official account: following, scanning and the menu 3); grants do not add up, each act sets its own back to the maximum.
 * Source: developers.weixin.qq.com, mini-program, "conditions for customer messages".
 */

interface Allowance {
  left: number;
  until: number;
}

export interface SendRule {
  wrote(openid: string): void;
  entered(openid: string): void;
  /** 0 and one send less, or the errcode: 45015 no allowance runs, 45047 used up. */
  spend(openid: string): 0 | 45015 | 45047;
  wroteWithin(openid: string, ms: number): boolean;
  /** Sends that would pass now. */
  left(openid: string): number;
}

const HOURS_48_MS = 48 * 3_600_000;

export function createSendRule(now: () => number, byAct = 2): SendRule {
  const byMessage = new Map<string, Allowance>();
  const byEntering = new Map<string, Allowance>();
  const running = (openid: string): Allowance[] => [byMessage.get(openid), byEntering.get(openid)].filter((allowance): allowance is Allowance => allowance !== undefined && now() < allowance.until);
  const left = (openid: string): number => Math.max(0, ...running(openid).map((allowance) => allowance.left));
  return {
    wrote: (openid) => void byMessage.set(openid, { left: 5, until: now() + HOURS_48_MS }),
    entered: (openid) => void byEntering.set(openid, { left: byAct, until: now() + 60_000 }),
    spend: (openid) => {
      if (running(openid).length === 0) return 45015;
      if (left(openid) === 0) return 45047;
      for (const allowance of running(openid)) allowance.left = Math.max(0, allowance.left - 1);
      return 0;
    },
    wroteWithin: (openid, ms) => {
      const allowance = byMessage.get(openid);
      return allowance !== undefined && now() - (allowance.until - HOURS_48_MS) <= ms;
    },
    left,
  };
}
