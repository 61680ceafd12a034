import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Draft, DraftWriter } from '../../src/assist/draft.ts';
import { toMatchEntry } from '../../src/intake/knowledge.ts';
import { receive } from '../../src/intake/receive.ts';
import { createItemSuggester, createMatcher } from '../../src/matcher/index.ts';
import type { Matcher } from '../../src/matcher/types.ts';
import { createAlikeKeeper } from '../../src/tickets/alike/keeper.ts';
import { matcherWords } from '../../src/wiring/knowledge.ts';
import { city, rules } from '../assist/support.ts';
import { openApp, signIn, type SignedIn } from '../support/desk.ts';
import { aMessage, openIntake, type IntakeUnderTest } from '../support/intake.ts';

const words = matcherWords(city);
const suggester = createItemSuggester(city.items, words);
const matcher = createMatcher(city.knowledge.map(toMatchEntry), words);

interface Answer {
  readonly lastSeq: number;
  readonly drafts: boolean;
  readonly knowledge?: { readonly asked: { readonly text: string } | null; readonly hints: readonly { readonly id: string; readonly why: string }[] };
  readonly form?: { readonly slots: readonly { readonly name: string; readonly value: string; readonly from: readonly { readonly seq: number; readonly text: string }[] }[] };
  readonly mood?: { readonly level: string; readonly urgency: string };
  readonly summary?: readonly { readonly label: string; readonly text: string }[];
  readonly alike?: { readonly likes: readonly { readonly ticket: { readonly id: string }; readonly why: readonly string[]; readonly words: string }[]; readonly own: readonly { readonly id: string }[]; readonly complete: boolean };
  readonly dispatch?: { readonly items: readonly { readonly code: string; readonly sure: boolean }[] };
}

describe('agent assist by REST', () => {
  let intake: IntakeUnderTest;
  let app: FastifyInstance;
  let seat: SignedIn;
  let matched = 0;
  const drafted: { readonly said: string; readonly names: readonly string[] }[] = [];
  let draft: () => Promise<Draft> = async () => ({ by: 'model', lines: [{ label: '诉求', text: '草稿' }], note: null });
  const writer: DraftWriter = {
    model: 'test-model',
    write: async (lines, _extract, given) => {
      drafted.push({ said: lines.map(({ text }) => text).join('\n'), names: given.names });
      return draft();
    },
  };

  const open = async (over: { readonly draft?: DraftWriter | null } = {}): Promise<void> => {
    const counting: Matcher = { size: matcher.size, match: (question, options) => ((matched += 1), matcher.match(question, options)) };
    const context = { ...intake.context, suggestItems: suggester.suggest, knowledge: { ...intake.context.knowledge, deskMatcher: counting, full: (id: string) => city.knowledge.find((entry) => entry.id === id) ?? null } };
    const keeper = createAlikeKeeper({ read: (fn) => intake.store.read(fn), now: intake.clock.now, log: { warn: () => {} }, pause: async () => {} });
    await keeper.load();
    intake.context.live.subscribeDesk((event) => void (event.kind === 'ticket' && keeper.hear(event.ticketId)));
    app = await openApp(intake, { desk: { context, alike: keeper, assist: { rules: () => rules, draft: over.draft === undefined ? writer : over.draft } } });
    settled = () => keeper.settled();
    seat = await signIn(app, intake);
  };
  let settled: () => Promise<void> = async () => {};

  beforeEach(async () => {
    matched = 0;
    drafted.length = 0;
    draft = async () => ({ by: 'model', lines: [{ label: '诉求', text: '草稿' }], note: null });
    intake = await openIntake();
    intake.script = () => [{ kind: 'say', text: '请问在什么地方？', inputHint: 'acceptingInput' }];
    await intake.startBus();
    await open();
  });
  afterEach(async () => {
    await app.close();
    await intake.close();
  });

  const say = async (...texts: readonly string[]): Promise<string> => {
    let id = '';
    for (const text of texts) {
      ({ conversationId: id } = await receive(intake.context, aMessage(text)));
      await intake.settle();
    }
    return id;
  };
  const assist = async (id: string, part = ''): Promise<Answer> => {
    const response = await seat.call('GET', `/api/conversations/${id}/assist${part === '' ? '' : `?part=${part}`}`);
    expect([response.statusCode, response.body.slice(0, 300)]).toEqual([200, expect.any(String)]);
    return response.json<Answer>();
  };

  it('answers everything in one piece, each with the words it comes from', async () => {
    const id = await say('投诉！！工地半夜两点打桩，没人管', '莞城鸿福路', '不是莞城，是东城');
    const answer = await assist(id);
    expect(answer.form?.slots.find(({ name }) => name === 'townId')).toMatchObject({ value: 'dongcheng', from: [{ text: '东城' }] });
    expect(answer.dispatch?.items[0]).toMatchObject({ code: 'env.noise.construction', sure: true });
    expect(answer.knowledge?.hints[0]?.why).toContain('命中');
    expect(answer.mood).toMatchObject({ level: 'upset', urgency: 'normal' });
    expect(answer.summary?.length).toBeLessThanOrEqual(5);
    expect(answer).toMatchObject({ drafts: true, alike: { likes: [], own: [], complete: true } });
  });

  it('tells mood and urgency in the lists, with the words, of those who wait for a seat or have one', async () => {
    interface Rows { readonly conversations: readonly { readonly id: string; readonly mood?: { readonly level: string; readonly words: readonly string[]; readonly why: string } | null }[] }
    const angry = await say('你们这帮人都是骗子，气死我了！！投诉到底有没有人管');
    const moodIn = async (view: string) => (await seat.call('GET', `/api/conversations?view=${view}`)).json<Rows>().conversations.find(({ id }) => id === angry)?.mood;
    expect(await moodIn('bot')).toBeNull();
    const { conversation } = (await seat.call('GET', `/api/conversations/${angry}`)).json<{ conversation: { version: number } }>();
    await seat.call('POST', `/api/conversations/${angry}/take`, { version: conversation.version });
    const mood = await moodIn('mine');
    expect(mood?.level).toBe('angry');
    expect(mood?.words).toContain('气死');
    expect(mood?.why).toContain('气死');
    for (const calm of ['好的，谢谢您，那我等消息', '麻烦您了，辛苦了', '没有别的事情了，就这样吧', '我再确认一下，是五个工作日吗', '明白了，谢谢您的解释', '那我先挂了，祝您工作顺利', '您的态度真的很好，给您点赞', '我会在小程序里面看进度的', '好的好的，我知道怎么查了', '非常感谢您的帮助和耐心']) await say(calm);
    expect(await moodIn('mine')).toBeNull();
  });

  it('goes along with a transfer by itself, behind what the seat wrote', async () => {
    const id = await say('投诉！！工地半夜两点打桩，没人管', '东城鸿福路', '我的电话是13800138000');
    const { conversation } = (await seat.call('GET', `/api/conversations/${id}`)).json<{ conversation: { version: number } }>();
    await seat.call('POST', `/api/conversations/${id}/take`, { version: conversation.version });
    const passed = await seat.call('POST', `/api/conversations/${id}/transfer`, { to: { group: 'general' }, note: '请帮忙' });
    const note = passed.json<{ conversation: { transferNote: { note: string } } }>().conversation.transferNote.note;
    expect(note).toMatch(/^请帮忙\n【自动摘要】\n诉求：【投诉】/);
    expect(note).toContain('镇街 东城街道');
    expect(note).not.toContain('13800138000');
  });

  it('answers one part alone, and none that it does not know', async () => {
    const id = await say('东城鸿福路路灯坏了');
    expect(Object.keys(await assist(id, 'summary')).sort()).toEqual(['conversationId', 'drafts', 'lastSeq', 'summary', 'version']);
    expect((await seat.call('GET', `/api/conversations/${id}/assist?part=everything`)).statusCode).toBe(400);
    expect((await seat.call('GET', '/api/conversations/nobody/assist')).statusCode).toBe(404);
  });

  it('thinks once for what has not changed, and anew when the citizen says more', async () => {
    const id = await say('请问居住证怎么办理');
    await assist(id);
    const once = matched;
    expect(once).toBeGreaterThan(0);
    await assist(id);
    await assist(id, 'knowledge');
    expect(matched).toBe(once);
    await say('路灯坏了找谁');
    const answer = await assist(id);
    expect(matched).toBeGreaterThan(once);
    expect(answer.knowledge?.asked?.text).toBe('路灯坏了找谁');
  });

  it('shows tickets that say the same, with what is equal; the conversation’s own is none of them', async () => {
    const first = await say('东城鸿福路丽景花园旁边的搅拌站半夜噪音很大');
    await seat.call('POST', `/api/conversations/${first}/take`, {});
    const body = { kind: '投诉', itemCode: 'env.noise.industry', title: '搅拌站噪音', content: '东城鸿福路丽景花园旁边的搅拌站半夜噪音很大', townId: 'dongcheng', place: '鸿福路丽景花园旁边', happened: null, phone: null, name: null, urgency: 'normal', confidential: false, callback: false };
    const { ticket } = (await seat.call('POST', `/api/conversations/${first}/tickets`, body)).json<{ ticket: { id: string } }>();
    await intake.settle();
    await settled();
    expect((await assist(first, 'alike')).alike).toMatchObject({ likes: [], own: [{ id: ticket.id }] });
    const { conversationId: second } = await receive(intake.context, aMessage('东城鸿福路丽景花园旁边那个搅拌站半夜噪音很大，睡不着', { address: aMessage('x').address, channel: 'stream' }));
    await intake.settle();
    const { alike } = await assist(second, 'alike');
    expect(alike?.likes[0]).toMatchObject({ ticket: { id: ticket.id }, why: expect.arrayContaining(['text', 'place']), words: expect.stringContaining('搅拌站') });
  });

  it('has a draft written on a click only, leaves a row in the trail, and asks once for two clicks at a time', async () => {
    const id = await say('东城鸿福路路灯坏了，电话13800138000');
    await assist(id);
    expect(drafted).toEqual([]);
    let release = (): void => {};
    draft = () => new Promise((resolve) => (release = () => resolve({ by: 'model', lines: [{ label: '诉求', text: '草稿' }], note: null })));
    const both = [seat.call('POST', `/api/conversations/${id}/assist/draft`, {}), seat.call('POST', `/api/conversations/${id}/assist/draft`, {})];
    while (drafted.length === 0) await new Promise((resolve) => setImmediate(resolve));
    release();
    for (const response of await Promise.all(both)) expect(response.json()).toEqual({ by: 'model', lines: [{ label: '诉求', text: '草稿' }], note: null, model: 'test-model' });
    expect(drafted).toHaveLength(1);
    expect(drafted[0]?.said).not.toContain('13800138000');
    const trail = await intake.store.read((repos) => repos.trail.latest(5));
    expect(trail.filter(({ action }) => action === 'assist.drafted')).toMatchObject([{ actor: `seat:${seat.seatId}`, subject: `conversation:${id}`, purpose: 'test-model' }]);
  });

  it('says that there are no drafts where no endpoint is set', async () => {
    await app.close();
    await open({ draft: null });
    const id = await say('东城鸿福路路灯坏了');
    expect((await assist(id)).drafts).toBe(false);
    const response = await seat.call('POST', `/api/conversations/${id}/assist/draft`, {});
    expect([response.statusCode, response.json()]).toMatchObject([404, { error: { code: 'assist.draft_off' } }]);
  });

  it('is closed to strangers and to departments, and a change wants the token', async () => {
    const id = await say('东城鸿福路路灯坏了');
    expect((await app.inject({ method: 'GET', url: `/api/conversations/${id}/assist` })).statusCode).toBe(401);
    const department = await signIn(app, intake, 'department', 'ecology');
    expect((await department.call('GET', `/api/conversations/${id}/assist`)).statusCode).toBe(403);
    expect((await department.call('POST', `/api/conversations/${id}/assist/draft`, {})).statusCode).toBe(403);
    expect((await seat.call('POST', `/api/conversations/${id}/assist/draft`, {}, { 'x-csrf-token': '' })).statusCode).toBe(403);
    expect(drafted).toEqual([]);
  });
});
