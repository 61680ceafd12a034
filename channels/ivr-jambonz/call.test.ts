import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import type { CallOrder, Channel } from '../../src/channel/contract.ts';
import { createFakePorts } from '../../test/fakes/ports.ts';
import { standIn } from '../../test/support/stand-in.ts';
import { orderBody } from './call.ts';
import { readConfig } from './config.ts';
import { channel } from './index.ts';
import { CALL_SID, NOW, openHook, SECRET, signedHook } from './testing/signed-hook.ts';

const ORDER: CallOrder = { key: '0193f6a0-0000-7000-8000-000000000001', to: '+8613800138000', ringSeconds: 30, detectMachine: true };
const ACCOUNT = '00000000-0000-4000-8000-000000000000';
const KEYED = `?call=${ORDER.key}`;
const env = (apiBase: string) => ({ JAMBONZ_WEBHOOK_SECRET: SECRET, JAMBONZ_ACCOUNT_SID: ACCOUNT, JAMBONZ_CALLER_NUMBER: '076900012345', JAMBONZ_API_KEY: 'not-a-real-key', JAMBONZ_API_BASE: apiBase, JAMBONZ_TTS_VENDOR: 'microsoft', JAMBONZ_VOICE: 'zh-CN-XiaoxiaoNeural', JAMBONZ_STT_VENDOR: 'microsoft' });

const open = (apiBase: string): Promise<Channel> => channel.create({ env: env(apiBase), publicUrl: 'https://gw.example.cn/prefix', production: false, ports: createFakePorts({ now: () => NOW }) });

describe('placing a call', () => {
  it('orders with absolute hooks that name it, and a tag to find it by', async () => {
    const peer = await standIn({ status: 201, body: { sid: CALL_SID } });
    expect(await (await open(`${peer.url}/v1/`)).call?.(ORDER)).toEqual({ status: 'placed', externalId: CALL_SID });
    const [asked] = peer.asked;
    expect(asked).toMatchObject({ method: 'POST', url: `/v1/Accounts/${ACCOUNT}/Calls`, authorization: 'Bearer not-a-real-key' });
    expect(JSON.parse(asked?.body ?? '')).toEqual({
      from: '076900012345', to: { type: 'phone', number: '+8613800138000' }, tag: { yihuCall: ORDER.key }, timeout: 30,
      call_hook: { url: `https://gw.example.cn/prefix/hooks/ivr/jambonz${KEYED}`, method: 'POST' }, call_status_hook: { url: `https://gw.example.cn/prefix/hooks/ivr/jambonz/status${KEYED}`, method: 'POST' },
      speech_synthesis_vendor: 'microsoft', speech_synthesis_language: 'zh-CN', speech_synthesis_voice: 'zh-CN-XiaoxiaoNeural', speech_recognizer_vendor: 'microsoft', speech_recognizer_language: 'zh-CN',
      amd: { actionHook: `https://gw.example.cn/prefix/hooks/ivr/jambonz${KEYED}`, thresholdWordCount: 12, timers: { noSpeechTimeoutMs: 5000, decisionTimeoutMs: 15000 } },
    });
  });

  it('asks for the detection as the vendor’s schema has it', () => {
    const config = readConfig(env('http://127.0.0.1:1'), 'https://gw.example.cn');
    if ('missing' in config || config.caller === null) throw new TypeError('not configured');
    const schema: { validateApp(app: unknown): { readonly valid: boolean; readonly errors: readonly unknown[] } } = createRequire(import.meta.url)('@jambonz/schema');
    const { amd } = JSON.parse(JSON.stringify(orderBody(config, config.caller, ORDER)));
    expect(schema.validateApp([{ verb: 'config', amd }])).toEqual({ valid: true, errors: [] });
    expect(schema.validateApp([{ verb: 'config', amd: { ...amd, thresholdWordCount: 'many' } }]).valid).toBe(false);
  });

  it.each([
    ['a broken connection', 'cut', 'unknown', 'call.no_answer_from_peer'],
    ['a server error', { status: 500, body: {} }, 'unknown', 'jambonz.http_500'],
    ['a wrong order', { status: 400, body: { msg: '+8613800138000 is wrong' } }, 'refused', 'jambonz.http_400'],
    ['no free server', { status: 480, body: {} }, 'refused', 'jambonz.no_server'],
  ] as const)('takes %s for what it is, and asks once', async (_what, answer, status, code) => {
    const peer = await standIn(answer);
    expect(await (await open(peer.url)).call?.(ORDER)).toMatchObject({ status, code });
    expect(peer.asked).toHaveLength(1);
  });

  it('finds a call of ours among those under way', async () => {
    const peer = await standIn({ status: 200, body: [{ callSid: 'other', callStatus: 'in-progress' }, { callSid: CALL_SID, callStatus: 'in-progress', customerData: { yihuCall: ORDER.key } }] });
    const opened = await open(peer.url);
    expect(await opened.findCall?.(ORDER.key, NOW)).toMatchObject({ of: 'call', key: ORDER.key, externalId: CALL_SID, state: 'answered' });
    expect(await opened.findCall?.('another', NOW)).toBeNull();
    await expect((await open('http://127.0.0.1:1')).findCall?.(ORDER.key, NOW)).rejects.toThrow('cannot be asked');
  });

  it('is not offered without a number to call from; a half-set one is a fault', async () => {
    const half = { JAMBONZ_WEBHOOK_SECRET: SECRET, JAMBONZ_CALLER_NUMBER: '076900012345' };
    expect(() => readConfig(half, 'https://gw.example.cn')).toThrow('JAMBONZ_API_KEY');
    expect(readConfig({ JAMBONZ_WEBHOOK_SECRET: SECRET }, 'https://gw.example.cn')).toMatchObject({ caller: null });
  });
});

describe('hooks of a call that we placed', () => {
  const ours = { direction: 'outbound', from: '076900012345', to: '13800138000' };
  const report = { of: 'call', key: ORDER.key, externalId: CALL_SID };

  it('begin with the citizen, who is the called side, and tell that somebody answered', async () => {
    const hook = await openHook();
    expect(hook.read(signedHook(`/hooks/ivr/jambonz${KEYED}`, ours), NOW)).toMatchObject({ kind: 'inbound', activities: [{ content: { type: 'event', name: 'enter' }, identity: { phone: '13800138000' } }], told: { reports: [{ ...report, state: 'answered' }] } });
  });

  it('let a machine go, and nobody else', async () => {
    const hook = await openHook();
    for (const type of ['amd_machine_detected', 'amd_tone_detected']) {
      expect(hook.read(signedHook(`/hooks/ivr/jambonz${KEYED}`, { ...ours, type }), NOW)).toMatchObject({ kind: 'told', told: { reports: [{ ...report, state: 'machine', code: type }] }, reply: { body: '[{"verb":"hangup"}]' } });
    }
    // An empty 204 leaves the call as it is.
    for (const type of ['amd_human_detected', 'amd_no_speech_detected', 'amd_decision_timeout', 'amd_stopped']) expect(hook.read(signedHook(`/hooks/ivr/jambonz${KEYED}`, { ...ours, type }), NOW)).toMatchObject({ kind: 'reply', reply: { status: 204 } });
  });

  it('tell how it went, and end the conversation with the call', async () => {
    const hook = await openHook('status');
    const at = `/hooks/ivr/jambonz/status${KEYED}`;
    expect(hook.read(signedHook(at, { ...ours, call_status: 'ringing' }), NOW)).toMatchObject({ kind: 'told', told: { reports: [{ ...report, state: 'ringing' }] } });
    expect(hook.read(signedHook(at, { ...ours, call_status: 'busy' }), NOW)).toMatchObject({ kind: 'told', told: { reports: [{ ...report, state: 'busy' }] } });
    expect(hook.read(signedHook(at, { ...ours, call_status: 'failed', sip_status: 503 }), NOW)).toMatchObject({ kind: 'told', told: { reports: [{ ...report, state: 'failed', code: 'sip.503' }] } });
    expect(hook.read(signedHook(at, { ...ours, call_status: 'completed', duration: 42 }), NOW)).toMatchObject({ kind: 'inbound', activities: [{ content: { type: 'endOfConversation' } }], told: { reports: [{ ...report, state: 'completed', seconds: 42 }] } });
    expect(hook.read(signedHook(at, { ...ours, call_status: 'trying' }), NOW)).toMatchObject({ kind: 'reply' });
  });
});
