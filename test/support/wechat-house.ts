import { afterEach } from 'vitest';
import type { Channel, OutgoingMessage, Receipt, SendContext } from '../../src/channel/contract.ts';
import { createWechatStandIn, type WechatStandIn } from '../../src/cli/sim/wechat-stand-in.ts';
import { createFakePorts, type FakePorts } from '../fakes/ports.ts';
import { asAddress, type MessageContent } from '../../src/domain/activity.ts';
import { channel as wechat } from '../../channels/wechat-miniprogram/index.ts';

export const OPENID = 'oAAAAAAAAAAAAAAAAAAAAAAAAAAA';
export const ADDRESS = asAddress(`gh_0000000000aa/${OPENID}`);
/** 2026-09-21 18:13:20 in Beijing. */
export const T0 = 1_790_000_000_000;
export const PNG = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==', 'base64');

/** The channel with WeChat's stand-in behind it, at a time of its own. */
export interface House {
  readonly standIn: WechatStandIn;
  readonly channel: Channel;
  readonly ports: FakePorts;
  now: number;
  send(content: Partial<MessageContent>, context?: Partial<SendContext> & { id?: string }): Promise<Receipt>;
}

const open: House[] = [];

/** Opens one; closed after the test. */
export async function house(env: Record<string, string> = {}): Promise<House> {
  const clock = { now: T0 };
  const standIn = await createWechatStandIn({ appId: 'wx0000000000000000', secret: 'not-a-real-secret', now: () => clock.now });
  const ports = createFakePorts({ now: () => clock.now });
  const channel = await wechat.create({
    env: { WECHAT_APPID: 'wx0000000000000000', WECHAT_SECRET: 'not-a-real-secret', WECHAT_TOKEN: 'not-a-real-token', WECHAT_AES_KEY: 'A'.repeat(43), WECHAT_API_BASE: standIn.url, ...env },
    publicUrl: 'https://hotline.example/yihu/',
    production: false,
    ports,
  });
  let serial = 0;
  const made: House = {
    standIn,
    channel,
    ports,
    get now() {
      return clock.now;
    },
    set now(value: number) {
      clock.now = value;
    },
    send: async (content, { id, ...context } = {}) => {
      const message: OutgoingMessage = { activityIds: [id ?? `a${(serial += 1)}`], content: { type: 'message', text: '', ...content } };
      if (channel.send === undefined) throw new Error('no send');
      return channel.send(message, { address: ADDRESS, lastInboundAt: T0, lastMessageAt: T0, now: clock.now, ...context });
    },
  };
  standIn.citizenWrote(OPENID);
  open.push(made);
  return made;
}

afterEach(async () => {
  for (const made of open.splice(0)) {
    await made.channel.stop?.();
    await made.standIn.close();
  }
});

export const callsTo = (h: House, path: string) => h.standIn.calls.filter((call) => call.path.endsWith(path));
export const texts = (h: House): string[] => h.standIn.sent.map((sent) => sent.text);
