import { randomBytes, randomInt } from 'node:crypto';
import type { ChannelPorts, ConsentChange, Hook, HookOutcome, HookReply, RawRequest } from '../../src/channel/contract.ts';
import { SUCCESS } from '../../src/channel/wechat/account.ts';
import { accountModule, createPushReader, WECHAT_CHAT, type AccountSettings } from '../../src/channel/wechat/module.ts';
import { FOLLOW_GRANT } from '../../src/channel/wechat/quota.ts';
import { followChange } from '../../src/channel/wechat/subscriptions.ts';
import { verifyPush, type VerifiedPush } from '../../src/channel/wechat/verify.ts';
import { readConfiguration, SETTINGS } from './config.ts';
import { CHANNEL_NAME, decodePush } from './decode.ts';
import { passiveText } from './passive.ts';

/** The chat of a WeChat official account: pushes come in, the first text goes in the answer to the push, the rest by API. See README.md. */
export const channel = accountModule({
  name: CHANNEL_NAME,
  path: '/hooks/wechat/official',
  account: 'official',
  capabilities: { ...WECHAT_CHAT, answersInHook: true },
  settings: SETTINGS,
  read: readConfiguration,
  grant: FOLLOW_GRANT,
  pushes,
});

/** WeChat cuts the connection after 5 s; the rest is for the way there and back. */
const PATIENCE_MS = 4_000;

function pushes(settings: AccountSettings, ports: ChannelPorts): Pick<Hook, 'patienceMs' | 'read' | 'encodeReply'> {
  const open = createPushReader(settings, decodePush);
  /** What a request turned out to be: its answer is sealed with the same key, and nobody opens it twice. */
  const seen = new WeakMap<RawRequest, VerifiedPush>();
  return {
    patienceMs: PATIENCE_MS,
    read: (request, now) => {
      const opened = open(request, now);
      if ('reading' in opened) return opened.reading;
      const { push, activity } = opened;
      seen.set(request, push);
      const { content } = activity;
      // The others make no turn: there is nothing to wait for.
      const speaks = content.type === 'message' || (content.type === 'event' && content.name === 'enter');
      const following = followed(push, settings);
      return { kind: 'inbound', activities: [activity], answerWhen: speaks ? 'turn' : 'stored', ...(following === null ? {} : { told: { reports: [], consents: [following] } }) };
    },
    encodeReply: (request, outcome) => answer(outcome, seen.get(request) ?? verifyPush(request, ports.now(), settings), settings, ports),
  };
}

/** Template messages reach whoever follows the account. */
function followed(push: VerifiedPush, { way, templates }: AccountSettings): ConsentChange | null {
  if (way.kind !== 'template' || Object.keys(templates).length === 0) return null;
  const event = push.fields.get('MsgType') === 'event' ? push.fields.get('Event') : undefined;
  if (event === 'subscribe') return followChange(push, 'always');
  return event === 'unsubscribe' ? followChange(push, 'never') : null;
}

/** The text that the house gives, else only that we have it. */
function answer({ messages }: HookOutcome, push: ReturnType<typeof verifyPush>, settings: AccountSettings, ports: Pick<ChannelPorts, 'now'>): HookReply {
  const text = messages[0]?.content.text ?? '';
  if (!push.ok || text === '') return SUCCESS;
  return passiveText(push, text, settings, { random: randomBytes(16), nonce: String(randomInt(100_000_000, 2_000_000_000)), now: ports.now() });
}
