import type { Capabilities, Channel, ChannelModule, ChannelPorts, Receipt } from '../../src/channel/contract.ts';
import { cleanText } from '../../src/channel/degrade.ts';
import { readConfiguration, SETTINGS, type Settings } from './config.ts';
import { CHANNEL } from './decode.ts';
import { createInbox } from './inbox.ts';
import { createSession, PACE, type Pace, type Session } from './session.ts';
import type { Heard } from './talk.ts';

/** WeChat by a personal account, for pilots: any puppet of Wechaty. See README.md, which says why the mini-program is the product. */

const capabilities: Capabilities = {
  modality: 'text',
  textLimit: 2000,
  textLimitUnit: 'chars',
  choices: 'numbered',
  maxChoices: 20,
  // An address in the text: a puppet that cannot send files is no exception then.
  attachmentsOut: false,
  links: 'clickable',
  typing: false,
  // Few messages a turn: accounts that write much are noticed.
  mergeTexts: true,
  delivery: 'push',
  replyWindowMs: null,
  proactive: false,
};

/** Said in a room to the person who asked there: nothing of the matter itself. */
export const ROOM_TEXT = '已收到。为保护您的个人信息，12345 只在私聊中答复，请查看我发给您的消息；没有收到的话，请先加我为好友再发一次。';
const ROOM_AGAIN_MS = 600_000;
const ROOMS_REMEMBERED = 1_000;

export const channel: ChannelModule = {
  name: CHANNEL,
  inbound: 'session',
  capabilities,
  settings: SETTINGS,
  create: async ({ env, ports }) => createChannel(env, ports),
};

/** @param pace for tests */
export function createChannel(env: Readonly<Record<string, string | undefined>>, ports: ChannelPorts, pace: Pace = PACE): Channel {
  const configuration = readConfiguration(env);
  if (configuration.state === 'off') return { name: CHANNEL, capabilities, status: { state: 'off', missing: configuration.missing }, send: async () => ({ status: 'failed', code: 'wechaty.off', fallback: true }) };
  return onChannel(configuration.settings, visible(env), ports, pace);
}

function onChannel(settings: Settings, env: Readonly<Record<string, string>>, ports: ChannelPorts, pace: Pace): Channel {
  const greet = createRoomGreeter(ports, (heard) => session.say(heard.talkerId, heard.roomId, ROOM_TEXT));
  const inbox = createInbox(ports, (heard, { status }) => {
    if (heard.roomId !== null && status === 'accepted') greet(heard);
  });
  const session: Session = createSession({ settings, env, ports, pace, onHeard: inbox.take });
  return {
    name: CHANNEL,
    capabilities,
    get status() {
      const note = NOTES[session.standing().state];
      return { state: 'on' as const, ...(note === undefined ? {} : { note }) };
    },
    send: async ({ content }, { address }) => {
      const text = cleanText(content.text).trim();
      if (text === '') return { status: 'failed', code: 'wechaty.empty', fallback: false };
      return receiptOf(await session.say(address, null, text), session, pace);
    },
    stop: async () => {
      inbox.stop();
      await session.stop();
      await inbox.idle();
    },
  };
}

const NOTES: Readonly<Record<string, string | undefined>> = { scan: 'waits for a scan', away: 'logged out or broken, is opened again', elsewhere: 'another node has the session' };

/** So long a logged-out account holds messages back without counting: somebody has to find the phone. */
const PATIENCE_MS = 1_800_000;
const OFFLINE_AGAIN_MS = 15_000;

function receiptOf(said: Awaited<ReturnType<Session['say']>>, session: Session, { firstBackOffMs }: Pace): Receipt {
  switch (said) {
    case 'ok':
      return { status: 'delivered' };
    case 'nobody':
      return { status: 'failed', code: 'wechaty.nobody', fallback: true };
    case 'failed':
      return { status: 'retry', code: 'wechaty.say_failed' };
    case 'elsewhere':
      return { status: 'retry', code: 'wechaty.elsewhere', retryAfterMs: firstBackOffMs };
    case 'offline':
      return { status: 'retry', code: 'wechaty.offline', ...(performance.now() - session.standing().sinceMs < PATIENCE_MS ? { retryAfterMs: OFFLINE_AGAIN_MS } : {}) };
  }
}

/** Tells people in rooms where their answer is, once in a while. */
function createRoomGreeter(ports: ChannelPorts, say: (heard: Heard) => Promise<unknown>): (heard: Heard) => void {
  const told = new Map<string, number>();
  return (heard) => {
    const key = JSON.stringify([heard.roomId, heard.talkerId]);
    const last = told.get(key);
    if (last !== undefined && ports.now() - last < ROOM_AGAIN_MS) return;
    told.delete(key);
    told.set(key, ports.now());
    for (const oldest of told.keys()) {
      if (told.size <= ROOMS_REMEMBERED) break;
      told.delete(oldest);
    }
    void say(heard);
  };
}

/** What a puppet may see of the environment: its own settings and how this machine reaches others, none of the house's secrets. */
function visible(env: Readonly<Record<string, string | undefined>>): Readonly<Record<string, string>> {
  const seen: [string, string][] = [];
  for (const [name, value] of Object.entries(env)) if (value !== undefined && /^(WECHATY_.*|PATH|HOME|TMPDIR|LANG|TZ|NODE_ENV|NODE_EXTRA_CA_CERTS|(https?|no|all)_proxy)$/i.test(name)) seen.push([name, value]);
  return Object.fromEntries(seen);
}
