import { describe, expect, it } from 'vitest';
import type { HookOutcome } from '../../src/channel/contract.ts';
import { callParams, openHook, signedRequest } from './testing/signed-request.ts';
import { findAll, parseTwiml, twimlFaults } from './testing/twiml-checker.ts';

/** What a caller hears while the database is away, and when it is back. */

const VOICE = '/hooks/ivr/twilio/voice';
const SEAT = { TWILIO_SEAT_NUMBER: '+8676922222222' };
const AWAY: HookOutcome = { messages: [], turn: 'spooled', conversation: 'bot' };
const BACK: HookOutcome = { messages: [{ activityIds: ['a'], content: { type: 'message', text: '请问路灯在哪里？' } }], turn: 'done', conversation: 'bot' };

async function hear(query: string, params: Record<string, string> = {}, how: { readonly env?: Record<string, string>; readonly outcome?: HookOutcome } = {}) {
  const hook = await openHook('voice', how.env);
  const reply = hook.encodeReply(signedRequest(VOICE + query, callParams(params)), how.outcome ?? AWAY);
  expect(twimlFaults(reply.body)).toEqual([]);
  const root = parseTwiml(reply.body);
  return { status: reply.status, verbs: root.children.map(({ verb }) => verb), spoken: findAll(root, 'Say').map(({ text }) => text).join(' '), root, next: findAll(root, 'Redirect')[0]?.text ?? '', action: findAll(root, 'Gather')[0]?.attributes['action'] ?? '' };
}

describe('while the database is away', () => {
  it('the first words of a call are the truth, the emergency numbers, and an ear', async () => {
    const { status, verbs, spoken, next, action } = await hear('');
    expect(status).toBe(200);
    expect(verbs).toEqual(['Gather', 'Redirect']);
    expect(spoken).toMatch(/故障.*1 1 0.*1 1 9.*1 2 0.*记下/);
    expect(action).toBe(`${VOICE}?step=1&for=gather&o=1&h=0`);
    // Silence asks whether it is back; it is nothing to keep.
    expect(next).toBe(`${VOICE}?step=1&for=wait&o=1&h=0`);
  });

  it('what was said is confirmed, with the whole truth the first time', async () => {
    const first = await hear('?step=3&for=gather', { SpeechResult: '路灯不亮' });
    expect(first.spoken).toMatch(/^您说的已经记下.*故障/);
    const second = await hear('?step=4&for=gather&o=1', { SpeechResult: '在鸿福路' });
    expect(second.spoken).toBe('您说的已经记下，系统恢复后处理。');
  });

  it('speaks up now and then, and ends: no caller waits for ever', async () => {
    let query = '';
    let rounds = 0;
    const heard: string[] = [];
    for (;;) {
      const round = await hear(query);
      heard.push(round.spoken);
      rounds += 1;
      if (round.verbs.at(-1) === 'Hangup') break;
      query = round.next.slice(VOICE.length);
      expect(rounds).toBeLessThan(60);
    }
    expect(rounds).toBe(25);
    expect(heard.filter((words) => words.startsWith('系统还在恢复')).length).toBe(5);
    expect(heard.at(-1)).toMatch(/已经记下.*1 1 0.*再见/);
    const last = await hear(`?step=40&for=gather&o=${24}`, { SpeechResult: '还有一件事' });
    expect(last.spoken).toMatch(/^您说的已经记下.*再见/);
    expect(last.verbs.at(-1)).toBe('Hangup');
  });

  it.each<Record<string, string>>([{ Digits: '0' }, { SpeechResult: '我要转人工' }])('a person\'s telephone still rings: %o', async (params) => {
    expect((await hear('', {}, { env: SEAT })).spoken).toContain('按0');
    const { verbs, root } = await hear('?step=2&for=gather&o=1', params, { env: SEAT });
    expect(verbs).toEqual(['Say', 'Dial']);
    expect(findAll(root, 'Dial')[0]?.attributes['action']).toBe(`${VOICE}?step=3&for=seat&d=1&o=2`);
    const busy = await hear('?step=3&for=seat&d=1&o=2', { DialCallStatus: 'no-answer' }, { env: SEAT });
    expect(busy.verbs).toEqual(['Gather', 'Redirect']);
    expect(busy.spoken).toContain('无人接听');
    const talked = await hear('?step=3&for=seat&d=1&o=2', { DialCallStatus: 'completed' }, { env: SEAT });
    expect(talked.verbs).toEqual(['Say', 'Hangup']);
  });

  it('without such a telephone nothing is promised', async () => {
    expect((await hear('')).spoken).not.toContain('按0');
    expect((await hear('?step=2&for=gather&o=1', { Digits: '0' })).verbs).toEqual(['Gather', 'Redirect']);
  });

  it('in English to whom English was spoken', async () => {
    expect((await hear('?step=2&for=gather&l=en')).spoken).toMatch(/fault.*1 1 0/);
  });

  it('a call that is over gets nothing to say', async () => {
    expect((await hear('?step=2&for=gather', { CallStatus: 'completed' })).verbs).toEqual([]);
  });
});

describe('when it is back', () => {
  it('the caller is told, once, and the dialog goes on', async () => {
    const { verbs, spoken, action } = await hear('?step=5&for=wait&o=4', {}, { outcome: BACK });
    expect(verbs).toEqual(['Say', 'Gather', 'Redirect']);
    expect(spoken).toBe('让您久等了，系统已经恢复。 请问路灯在哪里？');
    expect(action).toBe(`${VOICE}?step=6&for=gather`);
  });

  it('before an answer that is late, a seat, and a goodbye alike', async () => {
    for (const outcome of [{ ...BACK, messages: [], turn: 'late' }, { ...BACK, messages: [], conversation: 'waiting' }, { ...BACK, conversation: 'closed' }] as const) {
      const { spoken } = await hear('?step=5&for=wait&o=4', {}, { outcome });
      expect(spoken).toMatch(/^让您久等了，系统已经恢复。/);
    }
  });
});
