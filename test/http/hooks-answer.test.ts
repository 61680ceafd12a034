import { randomBytes, randomInt } from 'node:crypto';
import { connect } from 'node:net';
import Fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { channel as official } from '../../channels/wechat-official/index.ts';
import { buildPush, createWechatPeer, readPassive, type PushField } from '../../src/cli/sim/wechat-peer.ts';
import { createWechatStandIn, type WechatStandIn } from '../../src/cli/sim/wechat-stand-in.ts';
import { hooksZone } from '../../src/http/zones/hooks/index.ts';
import { HOLD_MS } from '../../src/intake/in-hook.ts';
import { createLimiter } from '../../src/intake/limiter.ts';
import { createPorts } from '../../src/intake/ports.ts';
import { openIntake, type IntakeUnderTest } from '../support/intake.ts';
import { until } from '../support/until.ts';

/** The official account on a real socket: what a broken connection does to the answer of a push. */

const CREDENTIALS = { appId: 'wx0000000000000000', token: 'not-a-real-token', aesKey: 'A'.repeat(43) };
const AT = { credentials: CREDENTIALS, mode: 'safe', account: 'gh_0000000000aa', openid: 'oAAAAAAAAAAAAAAAAAAAAAAAAAAA' } as const;

let intake: IntakeUnderTest;
let standIn: WechatStandIn;
let app: FastifyInstance;
let port: number;
beforeEach(async () => {
  standIn = await createWechatStandIn({ appId: CREDENTIALS.appId, secret: 'not-a-real-secret', account: 'official', now: () => intake.clock.now() });
  intake = await openIntake({
    turnsHere: false,
    channels: async (context) => [await official.create({
      env: { WECHAT_MP_APPID: CREDENTIALS.appId, WECHAT_MP_SECRET: 'not-a-real-secret', WECHAT_MP_TOKEN: CREDENTIALS.token, WECHAT_MP_AES_KEY: CREDENTIALS.aesKey, WECHAT_API_BASE: standIn.url },
      publicUrl: 'https://hotline.example', production: false, ports: createPorts(context, 'wechat-official', createLimiter(1_000, context.now, () => {})),
    })],
  });
  app = Fastify({ logger: false });
  const channel = intake.context.channel('wechat-official');
  if (channel === null) throw new Error('no channel');
  await app.register(hooksZone(intake.context, [channel]));
  await app.listen({ host: '127.0.0.1', port: 0 });
  const address = app.server.address();
  port = typeof address === 'object' && address !== null ? address.port : 0;
});
afterEach(async () => {
  await app.close();
  await intake.close();
  await standIn.close();
});

const peer = createWechatPeer({ ...AT, hookUrl: 'http://unused.invalid', format: 'xml', now: () => intake.clock.now() });
const signed = (fields: readonly PushField[]) => buildPush(fields, { ...AT, format: 'xml', timestamp: String(Math.floor(intake.clock.now() / 1000)), nonce: String(randomInt(1e9)), random: randomBytes(16) });

async function push(fields: readonly PushField[]): Promise<string | null> {
  const request = signed(fields);
  const response = await fetch(`http://127.0.0.1:${port}/hooks/wechat/official?${request.query}`, { method: 'POST', body: request.body });
  return readPassive(await response.text(), AT);
}

/** Sends a push and hangs up as soon as it is stored, before there is an answer. */
async function pushAndHangUp(fields: readonly PushField[]): Promise<void> {
  const { query, body } = signed(fields);
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  socket.write(`POST /hooks/wechat/official?${query} HTTP/1.1\r\nhost: x\r\ncontent-type: text/xml\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  await until(async () => (await intake.rows())['activities'] === 1, 'a stored message');
  socket.destroy();
}

const waitsInHook = async (): Promise<number> => (await intake.rows())['outbox'] ?? -1;

describe('a push whose connection breaks', () => {
  it('is answered when it comes again, and nothing goes by API', async () => {
    standIn.citizenWrote(AT.openid);
    const fields = peer.text('路灯不亮');
    await pushAndHangUp(fields);
    await intake.startBus();
    await intake.settle();
    expect(await waitsInHook()).toBe(1);
    expect(await push(fields)).toBe('收到');
    await until(async () => (await waitsInHook()) === 0, 'a noted answer');
    intake.clock.advance(HOLD_MS);
    await intake.settle();
    expect(standIn.sent).toEqual([]);
  });

  it('that never comes again is answered by API', async () => {
    standIn.citizenWrote(AT.openid);
    const fields = peer.text('路灯不亮');
    await pushAndHangUp(fields);
    await intake.startBus();
    await intake.settle();
    // The webhook may hold it once more while it finds out that nobody listens.
    await until(async () => {
      intake.clock.advance(HOLD_MS);
      await intake.settle();
      return standIn.sent.length > 0;
    }, 'an answer by API');
    expect(standIn.sent.map(({ text }) => text)).toEqual(['收到']);
    expect(await push(fields)).toBeNull();
  });

  it('whole, is noted by itself', async () => {
    await intake.startBus();
    expect(await push(peer.text('停水'))).toBe('收到');
    await until(async () => (await waitsInHook()) === 0, 'a noted answer');
  });
});
