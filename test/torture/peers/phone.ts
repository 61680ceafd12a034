import { setTimeout as sleep } from 'node:timers/promises';
import { PHRASES } from '../../../src/channel/voice/phrases.ts';
import { createPhoneSim, PhoneFault, type PhoneReply, type PhoneRequest } from '../../../src/cli/sim/phone.ts';
import type { Chance } from '../random.ts';
import type { Talk } from '../words.ts';
import { BrokenWord, REPEAT, untilAnswered, type FinishedTalk, type World } from '../world.ts';

/** Twilio's limit for one request, ms. */
const TIMEOUT_MS = 15_000;
/** Pauses that TwiML asks for pass faster here. */
const HURRY = 20;

/** Who hears that the system is away does not speak on in the same moment, ms. */
const BREATH_MS = 250;
const AWAY: ReadonlySet<string> = new Set([PHRASES['zh-CN'].outage, PHRASES['zh-CN'].outageNoted, PHRASES['zh-CN'].outageStill]);
const hearOut = async (heard: readonly string[]): Promise<void> => {
  if (heard.some((text) => AWAY.has(text))) await sleep(BREATH_MS);
};

/** A call, retried as with the connection override `rp=all`: a lost answer is asked for again under the same idempotency token. */
export async function phoneCall(world: World, talk: Talk, chance: Chance, at: { readonly authToken: string; readonly from: string; readonly hookUrl: string }): Promise<FinishedTalk> {
  const post = async (request: PhoneRequest): Promise<PhoneReply | null> => {
    const response = await fetch(request.url, { method: 'POST', headers: request.headers, body: request.body, redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS) });
    const reply = { status: response.status, contentType: response.headers.get('content-type') ?? '', body: await response.text() };
    return reply.status >= 500 ? null : reply;
  };
  const transport = async (request: PhoneRequest): Promise<PhoneReply> => {
    const reply = await untilAnswered(world, () => post(request));
    if (reply.status < 300) world.count('accepted');
    if (reply.body.includes('<Say') && chance.next() < REPEAT) {
      world.count('resent');
      const again = await untilAnswered(world, () => post(request));
      if (again.body !== reply.body) throw new BrokenWord('a repeated phone webhook got another answer');
      world.count('refused');
    }
    return reply;
  };
  const sim = createPhoneSim({ baseUrl: at.hookUrl, publicUrl: world.url, authToken: at.authToken, from: at.from, transport, wait: (ms) => sleep(ms / HURRY) });
  try {
    await hearOut(await sim.call());
    for (const line of talk.lines) {
      await world.breathe();
      await hearOut(await sim.say(line));
    }
    await sim.hangup();
  } catch (error) {
    throw error instanceof PhoneFault ? new BrokenWord(`on the phone: ${error.message}`, { cause: error.cause }) : error;
  }
  return { ...talk, channel: 'ivr-twilio', address: sim.callSid, heard: async () => sim.heard };
}
