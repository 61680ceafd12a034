import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import Type, { type Static, type TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { PHRASES } from '../../channels/ivr-twilio/phrases.ts';
import { createPhoneSim, type PhoneReply, type PhoneRequest } from '../../src/cli/sim/phone.ts';
import { createWechatPeer, type PeerCredentials } from '../../src/cli/sim/wechat-peer.ts';
import type { WechatStandIn } from '../../src/cli/sim/wechat-stand-in.ts';

/** Citizens on three channels who go on talking while the gateway is killed and started again, resending as their peers do. */

/** One conversation as its citizen saw it. */
export interface Talk {
  readonly channel: 'webchat' | 'wechat-miniprogram' | 'ivr-twilio';
  /** The conversation's address. */
  readonly address: string;
  /** What was said, in order; every line was accepted. */
  readonly lines: readonly string[];
  /** What came back, in the order it came. To be asked when nothing is under way any more. */
  heard(): Promise<readonly string[]>;
}

/** The gateway broke its word. Not for resending: it ends the test. */
export class BrokenWord extends Error {
  override readonly name = 'BrokenWord';
}

/** The outside world of the gateway. */
export interface World {
  readonly url: string;
  readonly random: () => number;
  /** The gateway's clock. */
  readonly now: () => number;
  /** Resolves at once while the gateway runs, else when it runs again; rejects when the test is over. */
  up(): Promise<void>;
  /** Something is about to be sent. */
  sending(): void;
  /** A repeated message was seen to change nothing, or a lost answer was asked for again. */
  resent(): void;
}

/** Two complaints, a question between them, small talk around. Each 对 confirms one. */
export const CHAT_LINES = ['你好', '楼下工地半夜两点还在施工吵死了，东城鸿福路', '13800138000', '对', '居住证怎么办', '虎门镇连升路垃圾堆了三天了没人清，臭死了', '对的', '谢谢'] as const;
/** The caller's number is known. */
export const CALL_LINES = ['楼下工地半夜两点还在施工吵死了，东城鸿福路', '对', '居住证怎么办', '虎门镇连升路垃圾堆了三天了没人清，臭死了', '对的'] as const;

/** Said while a turn takes longer than usual, as on a machine that is busy with other things. */
const WAITING: ReadonlySet<string> = new Set([PHRASES['zh-CN'].pleaseWait, PHRASES['zh-CN'].stillWorking]);

/** How often a citizen writes on without waiting for the answer, and how often an answered message comes again. */
const HASTE = 0.35;
const REPEAT = 0.3;
const POLL_MS = 5;

/** Tries until it works, waiting for the gateway between two tries. */
async function untilAnswered<Result>(world: World, attempt: () => Promise<Result | null>): Promise<Result> {
  for (;;) {
    await world.up();
    const result = await attempt().catch((error: unknown) => {
      if (error instanceof BrokenWord) throw error;
      return null;
    });
    if (result !== null) return result;
    world.resent();
    await sleep(POLL_MS);
  }
}

const TokenShape = Type.Object({ conversationId: Type.String(), token: Type.String() });
const IdShape = Type.Object({ id: Type.String() });
const SetShape = Type.Object({ activities: Type.Array(Type.Object({ id: Type.String(), type: Type.String(), text: Type.Optional(Type.String()), from: Type.Object({ id: Type.String() }) })), watermark: Type.String() });

/** Null from a gateway that is stopping; throws for a broken connection, BrokenWord for an answer that is wrong. */
async function ask<Schema extends TSchema>(url: string, init: RequestInit, shape: Schema): Promise<Static<Schema> | null> {
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(10_000) });
  const text = await response.text();
  if (response.status >= 500 || response.status === 429) return null;
  const body: unknown = response.ok ? JSON.parse(text) : null;
  if (!Value.Check(shape, body)) throw new BrokenWord(`HTTP ${response.status} from ${new URL(url).pathname}`);
  return body;
}

export async function webChat(world: World): Promise<Talk> {
  const base = `${world.url}/v3/directline/conversations`;
  const { conversationId, token } = await untilAnswered(world, () => ask(`${world.url}/widget/token`, { method: 'POST' }, TokenShape));
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  await untilAnswered(world, () => ask(base, { method: 'POST', headers }, TokenShape));
  const read = (watermark: string) => untilAnswered(world, () => ask(`${base}/${conversationId}/activities?watermark=${watermark}`, { headers }, SetShape));
  for (const text of CHAT_LINES) {
    const body = JSON.stringify({ type: 'message', text, from: { id: 'me' }, channelData: { clientActivityID: randomUUID() } });
    const post = () => untilAnswered(world, () => ask(`${base}/${conversationId}/activities`, { method: 'POST', headers, body }, IdShape));
    world.sending();
    const { id } = await post();
    if (world.random() < REPEAT) {
      world.resent();
      const again = await post();
      if (again.id !== id) throw new BrokenWord('a repeated message got another id');
    }
    if (world.random() < HASTE) continue;
    for (let answered = false; !answered; ) {
      const { activities } = await read(String(Number(id.split('|')[1])));
      answered = activities.some(({ from }) => from.id === 'yihu');
      if (!answered) await sleep(POLL_MS);
    }
  }
  const heard = async (): Promise<readonly string[]> => (await read('')).activities.filter(({ from }) => from.id === 'yihu').map(({ text }) => text ?? '');
  return { channel: 'webchat', address: conversationId, lines: CHAT_LINES, heard };
}

export async function weChat(world: World, standIn: WechatStandIn, credentials: PeerCredentials, name: string): Promise<Talk> {
  const openid = `o${name}`;
  const account = `gh_${name}`;
  const peer = createWechatPeer({ hookUrl: `${world.url}/hooks/wechat/miniprogram`, credentials, mode: 'safe', format: 'xml', account, openid, now: world.now });
  const sent = (): readonly string[] => standIn.sent.filter((message) => message.openid === openid).map(({ text }) => text);
  let hasty = false;
  for (const [index, text] of CHAT_LINES.entries()) {
    await world.up();
    standIn.citizenWrote(openid);
    world.sending();
    let result = await peer.push(peer.text(text));
    while (!result.taken) {
      // WeChat gives up after its third repetition; a citizen who sees that sends again, and here the last copy comes late.
      await world.up();
      world.resent();
      result = (await peer.resend()) ?? result;
    }
    if (world.random() < REPEAT) {
      world.resent();
      await world.up();
      await peer.resend();
    }
    // Never two in a row: WeChat takes only five sends after a message, and answers that wait count towards the last one.
    hasty = !hasty && world.random() < HASTE;
    while (!hasty && withoutRepeats(sent()).length <= index) {
      await world.up();
      await sleep(POLL_MS);
    }
  }
  return { channel: 'wechat-miniprogram', address: `${account}/${openid}`, lines: CHAT_LINES, heard: async () => sent() };
}

/** Neighbours that are equal count once: a send that was under way at a kill may come again. */
export const withoutRepeats = (texts: readonly string[]): readonly string[] => texts.filter((text, index) => text !== texts[index - 1]);

export async function phoneCall(world: World, authToken: string, from: string): Promise<Talk> {
  const post = async (request: PhoneRequest): Promise<PhoneReply | null> => {
    const response = await fetch(request.url, { method: 'POST', headers: request.headers, body: request.body, redirect: 'manual', signal: AbortSignal.timeout(15_000) });
    const reply = { status: response.status, contentType: response.headers.get('content-type') ?? '', body: await response.text() };
    return reply.status >= 500 ? null : reply;
  };
  // As with the connection override `rp=all`: a lost answer is asked for again under the same idempotency token.
  const transport = async (request: PhoneRequest): Promise<PhoneReply> => {
    world.sending();
    const reply = await untilAnswered(world, () => post(request));
    if (reply.body.includes('<Say') && world.random() < REPEAT) {
      world.resent();
      const again = await untilAnswered(world, () => post(request));
      if (again.body !== reply.body) throw new BrokenWord('a repeated webhook got another answer');
    }
    return reply;
  };
  const sim = createPhoneSim({ baseUrl: world.url, authToken, from, transport, wait: (ms) => sleep(ms / 20) });
  await sim.call();
  for (const line of CALL_LINES) await sim.say(line);
  await sim.hangup();
  return { channel: 'ivr-twilio', address: sim.callSid, lines: CALL_LINES, heard: async () => sim.heard.filter((text) => !WAITING.has(text)) };
}
