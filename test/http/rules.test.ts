import type { FastifyInstance } from 'fastify';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readFlowTexts } from '../../src/config/flows.ts';
import { compileOrThrow } from '../../src/dialog/index.ts';
import { createDialog } from '../../src/intake/dialog.ts';
import { openApp, signIn, type SignedIn } from '../support/desk.ts';
import { city, openIntake, type IntakeUnderTest } from '../support/intake.ts';
import { until } from '../support/until.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const texts = readFlowTexts(root);
const program = compileOrThrow({ ...texts, towns: city.towns, lexicon: city.lexicon });

interface Tried {
  readonly state: string;
  readonly steps: readonly ({ readonly kind: 'say'; readonly said: { readonly text: string } } | { readonly kind: 'effect'; readonly what: string; readonly text: string })[];
  readonly place: { readonly frames: readonly { readonly flow: string; readonly slots: readonly { readonly name: string; readonly value: string }[] }[]; readonly ended: boolean };
}

describe('pages of rules and running', () => {
  let intake: IntakeUnderTest;
  let app: FastifyInstance;
  let editor: SignedIn;
  let boss: SignedIn;
  let admin: SignedIn;
  beforeEach(async () => {
    intake = await openIntake();
    const real = { ...intake, context: { ...intake.context, dialog: createDialog(program) } };
    app = await openApp(real, { desk: { flows: texts, catalogues: { files: city, announce: () => {} } } });
    editor = await signIn(app, intake, 'editor');
    boss = await signIn(app, intake, 'supervisor');
    admin = await signIn(app, intake, 'administrator');
  });
  afterEach(async () => {
    await app.close();
    await intake.close();
  });

  describe('flows', () => {
    const say = async (text: string, state?: string): Promise<Tried> => {
      const answer = await editor.call('POST', '/api/flows/try', { event: { type: 'message', text }, ...(state === undefined ? {} : { state }) });
      expect(answer.body).toContain('"state"');
      return answer.json<Tried>();
    };

    it('are shown as an outline with the lines of their files', async () => {
      const { flows, program: version } = (await editor.call('GET', '/api/flows')).json<{ flows: { id: string; steps: number; path: string }[]; program: string }>();
      expect([flows.length, version]).toEqual([texts.flows.length, program.version]);
      const urge = (await editor.call('GET', '/api/flows/urge')).json<{ title: string; source: string; triggers: { line: number; lines: { label: string; text: string }[] }[]; slots: { name: string; title: string }[]; steps: { name: string; line: number; lines: { label: string; text: string }[]; links: { label: string; to: string; other: boolean }[] }[]; usedBy: string[] }>();
      expect(urge.title).toBe('催办');
      for (const step of urge.steps) expect(urge.source.split('\n')[step.line - 1]).toContain(`${step.name}:`);
      expect(urge.triggers[0]?.lines).toContainEqual({ label: '整句是', text: '“催”、“催我的单”、“urge”、“urge it”' });
      expect(urge.steps.find(({ name }) => name === 'send')).toMatchObject({ lines: expect.arrayContaining([{ label: '动作', text: '催办（ticket.urge）' }]), links: expect.arrayContaining([{ label: '不成功：ticket.finished', to: 'finished', other: false }]) });
      expect(urge.steps.find(({ name }) => name === 'sent')?.lines).toContainEqual({ label: '条件', text: '结果 counted为是' });
      expect(urge.steps.find(({ name }) => name === 'finished')?.links).toContainEqual({ label: '转去', to: 'reopen', other: true });
      expect((await editor.call('GET', '/api/flows/nobody')).statusCode).toBe(404);
      // Every flow reads: no step is without a word.
      for (const { id } of flows) for (const { lines, links, name } of (await editor.call('GET', `/api/flows/${id}`)).json<typeof urge>().steps) expect(lines.length + links.length, `${id}.${name}`).toBeGreaterThan(0);
    });

    it('are tried with the real engine, step by step, and nothing is stored', async () => {
      const before = await intake.rows();
      const first = (await editor.call('POST', '/api/flows/try', { event: { type: 'enter' } })).json<Tried>();
      expect(first.steps.some((step) => step.kind === 'say')).toBe(true);
      const urged = await say('帮我催办', first.state);
      const told = urged.steps.flatMap((step) => (step.kind === 'say' ? [step.said.text] : [step.text]));
      expect(told.some((text) => text.includes('让您久等了'))).toBe(true);
      const person = await say('转人工', urged.state);
      expect(person.steps).toContainEqual(expect.objectContaining({ kind: 'effect', what: 'handoff' }));
      const emergency = await say('着火了救命');
      expect(emergency.steps).toContainEqual(expect.objectContaining({ kind: 'effect', what: 'emergency' }));
      for (const [locale, words] of [['zh-HK', '你好，呢度係'], ['en', 'Hello']] as const) {
        const hello = (await editor.call('POST', '/api/flows/try', { event: { type: 'enter' }, modality: 'voice', locale })).json<Tried>();
        expect([locale, JSON.stringify(hello.steps)]).toEqual([locale, expect.stringContaining(words)]);
      }
      const voice = await editor.call('POST', '/api/flows/try', { event: { type: 'message', text: '', keys: '0' }, modality: 'voice' });
      expect(voice.statusCode).toBe(200);
      expect(await intake.rows()).toEqual(before);
    });

    it('assume what actions would answer, and say so', async () => {
      let tried = await say('催一下我的工单 20261122000018 后四位 8000');
      for (let turn = 0; turn < 3 && !tried.steps.some((step) => step.kind === 'effect' && step.what === 'dry'); turn += 1) tried = await say(turn === 0 ? '20261122000018' : '8000', tried.state);
      const dry = tried.steps.filter((step) => step.kind === 'effect' && step.what === 'dry');
      expect(dry.length).toBeGreaterThan(0);
      expect(dry.every((step) => step.kind === 'effect' && step.text.startsWith('假定：'))).toBe(true);
    });

    it('refuse a state that is none, and those who do not keep rules', async () => {
      expect((await editor.call('POST', '/api/flows/try', { event: { type: 'enter' }, state: '!!' })).json()).toMatchObject({ error: { code: 'flow.bad_state' } });
      const seat = await signIn(app, intake, 'seat');
      expect((await seat.call('GET', '/api/flows')).statusCode).toBe(403);
      expect((await seat.call('POST', '/api/flows/try', { event: { type: 'enter' } })).statusCode).toBe(403);
    });
  });

  describe('the trail', () => {
    it('is searched by leaders; editors see who changed the rules and nothing else', async () => {
      await editor.call('POST', '/api/catalogues/towns', { from: 0, note: '新设街道' });
      const found = (await boss.call('GET', '/api/trail?subject=catalogue:towns/*')).json<{ entries: { action: string; actorName: string; purpose: string | null }[]; next: number | null }>();
      expect(found).toMatchObject({ entries: [{ action: 'catalogue.drafted', purpose: '新设街道' }], next: null });
      expect((await boss.call('GET', `/api/trail?actor=seat:${editor.seatId}&action=catalogue.drafted,seat.signed_in`)).json<typeof found>().entries).toHaveLength(2);
      expect((await editor.call('GET', '/api/trail?subject=catalogue:towns/*')).json<typeof found>().entries).toHaveLength(1);
      for (const query of ['', '?subject=citizen:*', '?subject=catalogue:*', '?actor=system']) expect((await editor.call('GET', `/api/trail${query}`)).statusCode, query).toBe(403);
      const page = (await boss.call('GET', '/api/trail?limit=2')).json<typeof found>();
      expect([page.entries.length, page.next !== null]).toEqual([2, true]);
    });

    it('is checked beside the requests, and a break is told until the next check', async () => {
      expect((await boss.call('GET', '/api/trail/check')).statusCode).toBe(404);
      expect((await editor.call('POST', '/api/trail/check')).statusCode).toBe(403);
      const check = async () => {
        expect((await boss.call('POST', '/api/trail/check')).statusCode).toBe(202);
        const state = async () => (await boss.call('GET', '/api/trail/check')).json<{ state: string; upTo: number; total: number; brokenAt: number | null }>();
        await until(async () => (await state()).state !== 'running');
        return state();
      };
      const whole = await check();
      expect(whole).toMatchObject({ state: 'done', brokenAt: null });
      expect(whole.upTo).toBe(whole.total);
      expect((await boss.call('GET', '/api/trail')).json()).toMatchObject({ brokenAt: null, check: { state: 'done' } });
    });

    it('is given out as a file by administrators, which is itself in the trail', async () => {
      expect((await boss.call('GET', '/api/trail/export?from=0')).statusCode).toBe(403);
      expect((await admin.call('GET', '/api/trail/export')).json()).toMatchObject({ error: { code: 'trail.range_needed' } });
      const file = await admin.call('GET', '/api/trail/export?from=0&action=seat.signed_in');
      expect(file.headers['content-type']).toContain('text/csv');
      expect(file.body.trim().split('\r\n')).toHaveLength(4);
      expect((await boss.call('GET', '/api/trail?action=trail.exported')).json<{ entries: object[] }>().entries).toHaveLength(1);
    });
  });

  describe('dead letters and channels', () => {
    const die = async (id: string, error: string, payload = {}): Promise<void> => {
      await intake.store.write(async (repos) => {
        await repos.outbox.add([{ id, lane: `send:${id}`, kind: 'deliver', payload: { conversationId: 'c1', part: 0, words: '我的电话 13800138000', ...payload }, availableAt: 0, blocking: true, now: 0 }]);
        await repos.outbox.bury(id, error, 1);
      });
    };

    it('are grouped, looked at without words, tried again or discarded with a reason', async () => {
      await die('a', 'wechat.45015');
      await die('b', 'wechat.45015');
      await die('c', 'phone.gone');
      expect((await boss.call('GET', '/api/dead-letters/groups')).json()).toMatchObject({ groups: [{ error: 'wechat.45015', amount: 2 }, { error: 'phone.gone', amount: 1 }] });
      const one = (await boss.call('GET', '/api/dead-letters/a')).json<{ payload: { name: string; value: string }[] }>();
      expect(one.payload).toEqual([{ name: 'conversationId', value: 'c1' }, { name: 'part', value: '0' }, { name: 'words', value: '（文字 16 字，不显示）' }]);
      expect((await boss.call('GET', '/api/dead-letters?error=wechat.45015&limit=1')).json<{ deadLetters: object[] }>().deadLetters).toHaveLength(1);
      expect((await boss.call('POST', '/api/dead-letters/retry', { ids: ['a', 'nobody'] })).json()).toEqual({ done: 1 });
      expect((await boss.call('POST', '/api/dead-letters/discard', { ids: ['b', 'c'], reason: '市民已经另外答复' })).json()).toEqual({ done: 2 });
      expect((await boss.call('GET', '/api/dead-letters')).json()).toEqual({ deadLetters: [] });
      const { entries } = (await boss.call('GET', '/api/trail?action=dead_letter.discarded')).json<{ entries: { purpose: string }[] }>();
      expect(entries.map(({ purpose }) => purpose)).toEqual(['deliver，phone.gone：市民已经另外答复', 'deliver，wechat.45015：市民已经另外答复']);
      expect((await boss.call('GET', '/api/dead-letters/b')).statusCode).toBe(404);
      expect((await editor.call('POST', '/api/dead-letters/discard', { ids: ['a'], reason: '不要了' })).statusCode).toBe(403);
    });
  });

  it('departments go into a file and come back the same; a wrong row is refused', async () => {
    const upload = (content: string, query = '') => {
      const boundary = 'yihu-boundary';
      const payload = Buffer.concat([Buffer.from(`--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="departments.csv"\r\n\r\n`), Buffer.from(content), Buffer.from(`\r\n--${boundary}--\r\n`)]);
      return app.inject({ method: 'POST', url: `/api/catalogues/departments/import${query}`, payload, headers: { cookie: editor.cookie, 'x-csrf-token': editor.csrf, 'content-type': `multipart/form-data; boundary=${boundary}` } });
    };
    const csv = (await editor.call('GET', '/api/catalogues/departments/0/export?format=csv')).body;
    expect((await upload(csv)).json()).toMatchObject({ counts: { new: 0, changed: 0, same: city.departments.length, refused: 0 }, gone: [], version: null });
    const refused = (await upload('单位编号,单位名称,简称,职责\r\nA B,甲局,甲,x\r\nb,乙局,,x\r\n')).json<{ rows: { status: string; reasons: string[] }[] }>();
    expect(refused.rows.map(({ status, reasons }) => `${status} ${reasons.join('；')}`)).toEqual(['refused 单位编号：只能是小写字母、数字、连字符', 'refused b：简称没有填']);
    const more = (await upload(`${csv.trimEnd()}\r\npark,市公园局,公园局,公园,公园\r\n`, '?apply=true')).json<{ counts: object; version: number }>();
    expect(more).toMatchObject({ counts: { new: 1, same: city.departments.length }, version: 1 });
    expect((await boss.call('POST', '/api/catalogues/departments/1/publish')).json()).toMatchObject({ catalogue: { state: 'published' } });
    expect((await boss.call('GET', '/api/catalogues/departments/1/diff')).statusCode).toBe(200);
  });
});
