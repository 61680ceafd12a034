import type { ChannelPeer } from '../../../test/contracts/peer.ts';
import { readMessage } from './mock-wire.ts';
import { createMockWechat } from './wechat.ts';

/** For the contract suite. */
export async function openPeer(): Promise<ChannelPeer> {
  const wechat = createMockWechat();
  return {
    env: wechat.env,
    session: {
      ready: () => wechat.logIn(),
      arrive: (body) => {
        const data: unknown = JSON.parse(body);
        wechat.arrive(readMessage(data));
      },
      probe: (text, now) => wechat.arrive({ id: text, type: 'Text', talkerId: 'prober', talkerName: '探针', text, at: now }),
      get sent() {
        return wechat.sent.map(({ text }) => text);
      },
      failSends: (times) => wechat.order({ command: 'fail-sends', times }),
    },
    close: async () => wechat.close(),
  };
}
