import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { createDraftWriter } from '../../src/assist/draft.ts';
import { redactLines, redactText } from '../../src/assist/redact.ts';
import { city, rules, talk } from './support.ts';

const EXTRACT = [{ label: '诉求', text: '【投诉】工地半夜打桩', seqs: [1] }];
const given = { rules, lexicon: city.lexicon, names: ['林坐席'] };

const TALK = talk(
  'c: 我叫陈大文，电话是13800138000，备用 0769-22222222，身份证441900199001011234',
  'b: 好的。请问怎么称呼另一位联系人？',
  'c: 欧阳小红',
  's: 陈先生您好，我是林坐席，大文哥别急',
  'c: 我的号码幺三八零零幺三八零零零，车牌粤S12345，门牌鸿福路128号3栋502室',
  'c: 卡号６２２２０２１２３４５６７８９０，邮箱chen.dawen@example.com，订单AB20261123001',
  'c: 李建国骗我钱，工单20261123000012，欧阳小红可以作证',
);
const SECRETS = ['陈大文', '大文', '欧阳小红', '小红', '林坐席', '李建国', '陈先生', '粤S12345', 'chen.dawen', '128号', '502室', '3栋', '幺三八'];
const RUN = /[\p{Nd}零〇一二三四五六七八九幺](?:[\s\-－_.]?[\p{Nd}零〇一二三四五六七八九幺]){2,}/u;

describe('what leaves the house', () => {
  it('holds no run of digits and no name of the conversation', () => {
    const said = redactLines(TALK, given).map(({ text }) => text).join('\n');
    for (const secret of SECRETS) expect(said).not.toContain(secret);
    expect(said).not.toMatch(RUN);
    expect(said).toContain('骗我钱');
  });

  it('leaves no run of three digits of any script, whatever stands between', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('0', '1', '３', '٤', '七', '幺', ' ', '-', '－', '的', '，', '*', 'A', '号'), { maxLength: 30 }), (parts) => {
        expect(redactText(parts.join(''))).not.toMatch(/\p{Nd}[\s\-－]{0,2}\p{Nd}[\s\-－]{0,2}\p{Nd}/u);
      }),
      { numRuns: 300 },
    );
  });
});

describe('a drafted summary', () => {
  const closing: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  interface Heard {
    readonly url: string;
    readonly authorization: string | undefined;
    readonly body: string;
  }

  /** Stands in for the endpoint. `answer` null: it never answers. */
  async function standIn(status: number, answer: string | null): Promise<{ readonly url: string; readonly heard: Heard[] }> {
    const heard: Heard[] = [];
    const hear = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      heard.push({ url: request.url ?? '', authorization: request.headers.authorization, body: await bodyOf(request) });
      if (answer !== null) response.writeHead(status, { 'content-type': 'application/json' }).end(answer);
    };
    const server = createServer((request, response) => {
      void hear(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    closing.push(() => new Promise((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    }));
    return { url: `http://127.0.0.1:${port}/v1/`, heard };
  }

  const writer = (url: string, timeoutMs = 5_000, warned: object[] = []) => createDraftWriter({ endpoint: { url, key: 'test-key', model: 'test-model' }, timeoutMs, log: { warn: (facts) => void warned.push(facts) } });
  const answered = (content: string): string => JSON.stringify({ choices: [{ message: { role: 'assistant', content } }] });

  it('is asked for with masked words only, and is marked as the model’s', async () => {
    const { url, heard } = await standIn(200, answered('诉求：工地半夜打桩\n- 未了：等核实 13800138000\n随便一句'));
    const draft = await writer(url).write(TALK, EXTRACT, given);
    expect(draft).toEqual({ by: 'model', note: null, lines: [{ label: '诉求', text: '工地半夜打桩' }, { label: '未了', text: expect.not.stringMatching(/\d{3}/) }, { label: '草稿', text: '随便一句' }] });
    expect(heard).toHaveLength(1);
    const { body, ...head } = heard[0] ?? { body: '' };
    expect(head).toEqual({ url: '/v1/chat/completions', authorization: 'Bearer test-key' });
    const sent = JSON.parse(body) as { model: string; messages: { role: string; content: string }[] };
    expect(sent.model).toBe('test-model');
    const said = sent.messages.map(({ content }) => content).join('\n');
    for (const secret of SECRETS) expect(said).not.toContain(secret);
    expect(said).not.toMatch(RUN);
    expect(said).toContain('市民：');
  });

  it.each([
    ['refuses', 500, '{}'],
    ['answers no JSON', 200, '<html>'],
    ['answers another shape', 200, '{"choices":[]}'],
    ['answers nothing', 200, answered('<think>hm</think>\n')],
    ['answers too much', 200, answered('长'.repeat(40_000))],
  ])('falls back to the extract when the endpoint %s', async (_what, status, answer) => {
    const warned: object[] = [];
    const { url } = await standIn(status, answer);
    const draft = await writer(url, 5_000, warned).write(TALK, EXTRACT, given);
    expect(draft).toMatchObject({ by: 'extract', lines: [{ label: '诉求', text: '【投诉】工地半夜打桩' }], note: expect.stringContaining('原话') });
    expect(JSON.stringify(warned)).not.toMatch(/陈|138|打桩/);
    expect(warned).toHaveLength(1);
  });

  it('does not wait for ever', async () => {
    const { url } = await standIn(200, null);
    expect(await writer(url, 60).write(TALK, EXTRACT, given)).toMatchObject({ by: 'extract', note: expect.stringContaining('没有及时') });
  });

  it('follows no redirection: the words were meant for one address', async () => {
    const other = await standIn(200, answered('诉求：别处'));
    const server = createServer((_request, response) => response.writeHead(307, { location: `${other.url}chat/completions` }).end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closing.push(() => new Promise((resolve) => server.close(() => resolve())));
    const draft = await writer(`http://127.0.0.1:${(server.address() as AddressInfo).port}`).write(TALK, EXTRACT, given);
    expect(draft.by).toBe('extract');
    expect(other.heard).toEqual([]);
    server.closeAllConnections();
  });
});

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(Buffer.from(part as Uint8Array));
  return Buffer.concat(parts).toString('utf8');
}
