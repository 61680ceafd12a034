import { describe, expect, it } from 'vitest';
import type { Hook, HookOutcome, OutgoingMessage, RawRequest } from '../../src/channel/contract.ts';
import type { MessageContent } from '../../src/domain/activity.ts';
import { createFakePorts } from '../../test/fakes/ports.ts';
import { channel } from './index.ts';
import { faultsOf, parseVxml, type VxmlNode } from './testing/vxml-checker.ts';

const SECRET = 'not-a-real-secret-01';
const KEY = `key=${SECRET}`;
const P = '/hooks/ivr/vxml';

const post = (url: string, form: Readonly<Record<string, string>> = {}): RawRequest => ({ method: 'POST', url, headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: Buffer.from(new URLSearchParams(form).toString()) });
const message = (content: Partial<MessageContent> & { readonly text: string }): OutgoingMessage => ({ activityIds: ['a'], content: { type: 'message', inputHint: 'expectingInput', ...content } });
const outcome = (over: Partial<HookOutcome> = {}): HookOutcome => ({ messages: [], turn: 'done', conversation: 'bot', upTo: 3, ...over });

async function hook(method: 'GET' | 'POST', env: Readonly<Record<string, string>> = {}, publicUrl = 'https://gw.example.cn'): Promise<Hook> {
  const opened = await channel.create({ env: { VXML_SECRET: SECRET, ...env }, publicUrl, production: false, ports: createFakePorts({ now: () => 0 }) });
  const found = opened.hooks?.find((one) => one.method === method);
  if (found === undefined) throw new Error('no hook');
  return found;
}

async function form(url: string, given: HookOutcome, posted: Readonly<Record<string, string>> = {}, env: Readonly<Record<string, string>> = {}): Promise<VxmlNode> {
  const { body, contentType, status } = (await hook('POST', env)).encodeReply(post(url, { call: 'c1', ...posted }), given);
  expect([status, contentType]).toEqual([200, 'application/voicexml+xml; charset=utf-8']);
  const root = parseVxml(body);
  expect(faultsOf(root)).toEqual([]);
  const found = root.children.find(({ name }) => name === 'form');
  if (found === undefined) throw new Error('no form');
  return found;
}

const child = (node: VxmlNode | undefined, name: string): VxmlNode | undefined => node?.children.find((one) => one.name === name);
const property = (node: VxmlNode | undefined, name: string): string | undefined => node?.children.find((one) => one.name === 'property' && one.attributes['name'] === name)?.attributes['value'];

describe('documents of a call by VoiceXML', () => {
  it('the checker sees faults, so its silence means something', () => {
    for (const inner of ['<shout/>', '<form><block colour="red"><exit/></block></form>', '<form><block><submit next="/x" method="put"/></block></form>', '<form><block><prompt>喂</prompt></block></form>', '<form><field name="a"><filled><exit/></filled></field></form>', '<form><prompt>x</prompt></form>']) {
      expect(faultsOf(parseVxml(`<vxml version="2.1">${inner}</vxml>`)), inner).not.toEqual([]);
    }
  });

  it('the first one asks the browser who calls, and names the call', async () => {
    const reading = (await hook('GET', {}, 'https://gw.example.cn/line')).read({ method: 'GET', url: `${P}?${KEY}`, headers: {}, body: Buffer.alloc(0) }, 0);
    if (reading.kind !== 'reply') throw new Error(reading.kind);
    const root = parseVxml(reading.reply.body);
    expect(faultsOf(root)).toEqual([]);
    expect(root.children.filter(({ name }) => name === 'var').map(({ attributes }) => attributes['name'])).toEqual(['call', 'caller']);
    expect(child(child(child(root, 'form'), 'block'), 'submit')?.attributes).toEqual({ next: `/line${P}?key=${SECRET}`, method: 'post', namelist: 'call caller' });
  });

  it('a question: a field with keys, which goes on with what was heard and with silence', async () => {
    const field = child(await form(`${P}?${KEY}`, outcome({ messages: [message({ text: '您好，请问有什么可以帮您？' })] })), 'field');
    expect(child(field, 'prompt')).toMatchObject({ text: '您好，请问有什么可以帮您？', attributes: { 'xml:lang': 'zh-CN' } });
    expect([property(field, 'inputmodes'), property(field, 'timeout'), property(field, 'termchar')]).toEqual(['dtmf', '5s', '#']);
    const next = child(child(field, 'filled'), 'submit')?.attributes;
    expect(next).toEqual({ next: `${P}?step=1&for=gather&h=3&${KEY}`, method: 'post', namelist: 'call said mode conf' });
    for (const name of ['noinput', 'nomatch']) expect(child(child(field, name), 'submit')?.attributes['next']).toBe(`${P}?step=1&for=silence&h=3&${KEY}`);
  });

  it('a menu takes one key at once, # too; a number is taken up to #', async () => {
    const menu = child(await form(`${P}?${KEY}`, outcome({ messages: [message({ text: '请选择', choices: [{ title: '投诉', value: '1', key: '1' }] })] })), 'field');
    expect([property(menu, 'termchar'), child(child(child(menu, 'grammar'), 'rule'), 'item')?.attributes['repeat']]).toEqual(['', '1']);
    const number = child(await form(`${P}?${KEY}`, outcome({ messages: [message({ text: '请输入工单编号，按#号键结束' })] })), 'field');
    expect([property(number, 'termchar'), property(number, 'interdigittimeout'), child(child(child(number, 'grammar'), 'rule'), 'item')?.attributes['repeat']]).toEqual(['#', '7s', '1-20']);
  });

  it('speech where the platform has a grammar for it, in the language of what is said', async () => {
    const env = { VXML_SPEECH_GRAMMAR: 'builtin:speech/zh', VXML_SPEECH_GRAMMAR_EN: 'builtin:speech/en' };
    const chinese = child(await form(`${P}?${KEY}`, outcome({ messages: [message({ text: '您好' })] }), {}, env), 'field');
    expect(property(chinese, 'inputmodes')).toBe('dtmf voice');
    expect(chinese?.children.filter(({ name }) => name === 'grammar').at(-1)?.attributes).toEqual({ src: 'builtin:speech/zh', mode: 'voice', 'xml:lang': 'zh-CN' });
    const english = child(await form(`${P}?${KEY}`, outcome({ messages: [message({ text: 'How can I help you?' })] }), {}, env), 'field');
    expect(english?.children.filter(({ name }) => name === 'grammar').at(-1)?.attributes['src']).toBe('builtin:speech/en');
  });

  it('Cantonese with its own grammar, and slowly by the markup of the standard', async () => {
    const said = { ...outcome({ messages: [message({ text: '好，我講慢啲。', pace: 'slow' })] }), locale: 'zh-HK' } as const;
    const field = child(await form(`${P}?${KEY}`, said, {}, { VXML_SPEECH_GRAMMAR: 'builtin:speech/zh', VXML_SPEECH_GRAMMAR_HK: 'builtin:speech/yue' }), 'field');
    expect(child(field, 'prompt')?.attributes['xml:lang']).toBe('zh-HK');
    expect(child(child(field, 'prompt'), 'prosody')).toMatchObject({ attributes: { rate: 'slow' }, text: '好，我講慢啲。' });
    expect(field?.children.filter(({ name }) => name === 'grammar').at(-1)?.attributes).toEqual({ src: 'builtin:speech/yue', mode: 'voice', 'xml:lang': 'zh-HK' });
    expect(child(child(field, 'filled'), 'submit')?.attributes['next']).toBe(`${P}?step=1&for=gather&h=3&l=hk&p=1&${KEY}`);
  });

  it('late, waiting, the seat’s telephone, goodbye', async () => {
    const late = await form(`${P}?${KEY}`, outcome({ turn: 'late' }));
    expect(late.children.map(({ children }) => children.map(({ name }) => name))).toEqual([['prompt'], ['prompt'], ['submit']]);
    const waiting = child(await form(`${P}?${KEY}`, outcome({ conversation: 'waiting' })), 'field');
    expect(child(child(waiting, 'noinput'), 'submit')?.attributes['next']).toContain('for=wait&w=1');
    const transfer = child(await form(`${P}?${KEY}`, outcome({ conversation: 'waiting' }), {}, { VXML_SEAT_NUMBER: '+8676900000000' }), 'transfer');
    expect(transfer?.attributes).toMatchObject({ dest: 'tel:+8676900000000', type: 'bridge', connecttimeout: '25s' });
    const bye = await form(`${P}?step=2&for=seat&d=1&${KEY}`, outcome({ conversation: 'closed' }), { talk: 'near_end_disconnect' });
    expect(bye.children.at(-1)?.children.map(({ name }) => name)).toEqual(['disconnect']);
  });

  it('whatever is said stands as text, and a hang-up is posted with the call', async () => {
    const { body } = (await hook('POST')).encodeReply(post(`${P}?${KEY}`, { call: 'c1' }), outcome({ messages: [message({ text: '</prompt><exit/> & “引号”' })] }));
    const root = parseVxml(body);
    expect(faultsOf(root)).toEqual([]);
    expect(child(root.children.find(({ attributes }) => attributes['event'] === 'connection.disconnect.hangup'), 'submit')?.attributes['next']).toBe(`${P}?step=1&for=wait&h=3&${KEY}&end=1`);
    const over = parseVxml((await hook('POST')).encodeReply(post(`${P}?step=1&for=wait&${KEY}&end=1`, { call: 'c1' }), outcome({ messages: [message({ text: '您好' })] })).body);
    expect(faultsOf(over)).toEqual([]);
    expect(JSON.stringify(over)).not.toContain('您好');
  });

  it('settings with faults are refused by name, and no value is repeated', async () => {
    const opened = channel.create({ env: { VXML_SECRET: 'short!', VXML_ALLOW: 'nowhere', VXML_SPEECH_GRAMMAR: 'no address', VXML_SEAT_NUMBER: 'abc' }, publicUrl: 'https://gw.example.cn', production: false, ports: createFakePorts({ now: () => 0 }) });
    await expect(opened).rejects.toMatchObject({ code: 'settings.invalid' });
    await expect(opened).rejects.toThrow(/VXML_SECRET[\s\S]*VXML_ALLOW[\s\S]*VXML_SPEECH_GRAMMAR[\s\S]*VXML_SEAT_NUMBER/);
    await expect(opened).rejects.not.toThrow(/short!|nowhere|no address|abc/);
  });
});
