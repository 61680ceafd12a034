import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tellNote } from '../../src/http/zones/desk/notes.ts';
import { receive } from '../../src/intake/receive.ts';
import { openApp, signIn, type SignedIn } from '../support/desk.ts';
import { aMessage, openIntake, type IntakeUnderTest } from '../support/intake.ts';

describe('what seats keep beside a conversation', () => {
  let intake: IntakeUnderTest;
  let app: FastifyInstance;
  beforeEach(async () => {
    intake = await openIntake();
    intake.script = () => [{ kind: 'handoff', reason: '市民要求人工服务', understood: { flow: null, slots: [], items: [] } }];
    await intake.startBus();
    app = await openApp(intake);
  });
  afterEach(async () => {
    await app.close();
    await intake.close();
  });

  const heard = async (text = '人工'): Promise<string> => {
    const { conversationId } = await receive(intake.context, aMessage(text, { identity: { externalUserId: 'u', phone: '13800138000' } }));
    await intake.settle();
    return conversationId;
  };
  /** A conversation that this seat has. */
  const taken = async (seat: SignedIn): Promise<string> => {
    const id = await heard();
    await seat.call('POST', `/api/conversations/${id}/take`, {});
    await intake.settle();
    return id;
  };

  describe('private notes', () => {
    it('stand where they were written, masked, with the names of who is mentioned, and leave by no channel', async () => {
      const [seat, other] = [await signIn(app, intake), await signIn(app, intake)];
      const id = await taken(seat);
      const before = intake.sent.length;
      const said = await seat.call('POST', `/api/conversations/${id}/notes`, { kind: 'note', text: '回拨 13800138000 已核实，请跟进', mentions: [other.seatId] });
      expect(said.statusCode).toBe(201);
      await intake.settle();
      expect(intake.sent.length).toBe(before);
      const { notes } = (await other.call('GET', `/api/conversations/${id}/notes`)).json<{ notes: { text: string; afterSeq: number; mentions: { id: string }[] }[] }>();
      const { conversation, activities } = (await seat.call('GET', `/api/conversations/${id}`)).json<{ conversation: { lastSeq: number }; activities: object[] }>();
      expect(notes).toMatchObject([{ text: '回拨 138****8000 已核实，请跟进', afterSeq: conversation.lastSeq, mentions: [{ id: other.seatId }] }]);
      expect(JSON.stringify(activities)).not.toContain('核实');
      // Neither does the next thing that is sent carry it along.
      await seat.call('POST', `/api/conversations/${id}/reply`, { text: '您好', clientId: 'client-0001' });
      await intake.settle();
      expect(intake.sent.length).toBe(before + 1);
      expect(JSON.stringify(intake.sent)).not.toContain('核实');
    });

    it('tell who is mentioned, once, until it was read', async () => {
      const [seat, other] = [await signIn(app, intake), await signIn(app, intake)];
      const id = await taken(seat);
      await seat.call('POST', `/api/conversations/${id}/notes`, { kind: 'note', text: '请看', mentions: [other.seatId, seat.seatId] });
      expect((await seat.call('GET', '/api/mentions')).json()).toEqual({ mentions: [], unread: 0 });
      const list = (await other.call('GET', '/api/mentions')).json<{ mentions: { note: { id: string } }[] }>();
      expect(list).toMatchObject({ unread: 1, mentions: [{ readAt: null, note: { text: '请看', conversationId: id } }] });
      expect((await other.call('POST', '/api/mentions/read', { noteIds: [list.mentions[0]?.note.id ?? ''] })).statusCode).toBe(204);
      expect((await other.call('GET', '/api/mentions')).json()).toMatchObject({ unread: 0, mentions: [{ readAt: intake.clock.now() }] });
    });

    it('refuse nobody, an unknown conversation and a blank', async () => {
      const seat = await signIn(app, intake);
      const id = await taken(seat);
      const department = await signIn(app, intake, 'department', 'ecology');
      for (const [url, body, code] of [
        [`/api/conversations/${id}/notes`, { kind: 'note', text: '请看', mentions: ['nobody'] }, 'note.unknown_seat'],
        [`/api/conversations/${id}/notes`, { kind: 'note', text: '请看', mentions: [department.seatId] }, 'note.unknown_seat'],
        ['/api/conversations/x/notes', { kind: 'note', text: '请看' }, 'conversation.not_found'],
        [`/api/conversations/${id}/notes`, { kind: 'note', text: '  ' }, 'note.empty'],
      ] as const) expect((await seat.call('POST', url, body)).json()).toMatchObject({ error: { code } });
      expect((await seat.call('GET', `/api/conversations/${id}/notes`)).json()).toEqual({ notes: [] });
    });
  });

  describe('a whisper', () => {
    it('goes from a supervisor to the seat that has it, and nobody else reads it', async () => {
      const [seat, other, chief] = [await signIn(app, intake), await signIn(app, intake), await signIn(app, intake, 'supervisor')];
      const id = await taken(seat);
      const before = intake.sent.length;
      expect((await seat.call('POST', `/api/conversations/${id}/notes`, { kind: 'whisper', text: '悄悄话' })).statusCode).toBe(403);
      expect((await chief.call('POST', `/api/conversations/${id}/notes`, { kind: 'whisper', text: '先安抚', mentions: [other.seatId] })).statusCode).toBe(201);
      const read = async (who: SignedIn): Promise<unknown[]> => (await who.call('GET', `/api/conversations/${id}/notes`)).json<{ notes: unknown[] }>().notes;
      expect([(await read(seat)).length, (await read(chief)).length, await read(other)]).toEqual([1, 1, []]);
      expect((await seat.call('GET', '/api/mentions')).json()).toMatchObject({ unread: 1 });
      expect((await other.call('GET', '/api/mentions')).json()).toMatchObject({ unread: 0 });
      await intake.settle();
      expect(intake.sent.length).toBe(before);
    });

    it('needs somebody to whisper to', async () => {
      const chief = await signIn(app, intake, 'supervisor');
      const id = await heard();
      expect((await chief.call('POST', `/api/conversations/${id}/notes`, { kind: 'whisper', text: '先安抚' })).json()).toMatchObject({ error: { code: 'note.nobody' } });
    });

    it('is told to its two alone over the sockets; a note also to who looks', async () => {
      const [seat, other, chief] = [await signIn(app, intake), await signIn(app, intake), await signIn(app, intake, 'supervisor')];
      const id = await taken(seat);
      const told: { readonly seatIds: readonly string[]; readonly conversationId: string; readonly frame: object }[] = [];
      const sockets = { hears: () => true, toAudience: ({ seatIds, conversationId }: { readonly seatIds: readonly string[]; readonly conversationId: string }, frame: object) => void told.push({ seatIds, conversationId, frame }) };
      for (const body of [{ kind: 'whisper', text: '先安抚' }, { kind: 'note', text: '请看', mentions: [other.seatId] }]) {
        const { note } = (await chief.call('POST', `/api/conversations/${id}/notes`, body)).json<{ note: { id: string } }>();
        await tellNote(intake.store, sockets, note.id);
      }
      expect(told.map(({ seatIds, conversationId }) => [new Set(seatIds), conversationId])).toEqual([[new Set([chief.seatId, seat.seatId]), ''], [new Set([chief.seatId, other.seatId, seat.seatId]), id]]);
    });
  });

  describe('ready answers', () => {
    type Answers = { readonly answers: readonly { readonly id: string; readonly title: string; readonly shared: boolean; readonly version: number }[]; readonly editsShared: boolean };
    const list = async (who: SignedIn): Promise<Answers> => (await who.call('GET', '/api/canned')).json<Answers>();
    const given = { folder: '问候', title: '我的开场', shortcut: 'wd', texts: { 'zh-CN': '您好，我的电话是13800138000' } };

    it('begin with those of the file, and what was removed stays away', async () => {
      const editor = await signIn(app, intake, 'editor');
      const { answers, editsShared } = await list(editor);
      expect([answers.length > 20, editsShared, answers.every(({ shared }) => shared)]).toEqual([true, true, true]);
      for (const { id } of answers) expect((await editor.call('DELETE', `/api/canned/${id}`)).statusCode).toBe(204);
      const again = await openApp(intake);
      const other = await signIn(again, intake);
      expect((await other.call('GET', '/api/canned')).json()).toEqual({ answers: [], editsShared: false });
      await again.close();
    });

    it('are each seat’s own or everybody’s, and carry no number', async () => {
      const [seat, other, chief] = [await signIn(app, intake), await signIn(app, intake), await signIn(app, intake, 'supervisor')];
      expect((await seat.call('POST', '/api/canned', { shared: true, ...given })).statusCode).toBe(403);
      const { answer } = (await seat.call('POST', '/api/canned', { shared: false, ...given })).json<{ answer: { id: string; version: number; texts: Record<string, string> } }>();
      expect(answer.texts['zh-CN']).toBe('您好，我的电话是138****8000');
      expect((await list(other)).answers.some(({ id }) => id === answer.id)).toBe(false);
      expect((await list(seat)).answers.some(({ id }) => id === answer.id)).toBe(true);
      expect((await chief.call('PUT', `/api/canned/${answer.id}`, { version: 1, ...given })).statusCode).toBe(404);
      expect((await seat.call('PUT', `/api/canned/${answer.id}`, { version: 1, ...given, title: '改过' })).json()).toMatchObject({ answer: { title: '改过', version: 2 } });
      expect((await seat.call('PUT', `/api/canned/${answer.id}`, { version: 1, ...given })).json()).toMatchObject({ error: { code: 'canned.conflict' } });
      const shared = (await chief.call('POST', '/api/canned', { shared: true, ...given })).json<{ answer: { id: string } }>().answer.id;
      expect((await list(other)).answers.some(({ id }) => id === shared)).toBe(true);
      expect((await intake.store.read((repos) => repos.trail.latest(5))).some(({ action, subject }) => action === 'canned.created' && subject === `canned:${shared}`)).toBe(true);
    });
  });

  it('keeps a draft for one seat until it is sent', async () => {
    const [seat, other] = [await signIn(app, intake), await signIn(app, intake)];
    const id = await taken(seat);
    expect((await seat.call('PUT', `/api/conversations/${id}/draft`, { text: '写到一半' })).statusCode).toBe(204);
    const draftOf = async (who: SignedIn): Promise<unknown> => (await who.call('GET', `/api/conversations/${id}`)).json<{ draft: unknown }>().draft;
    expect([await draftOf(seat), await draftOf(other)]).toEqual([{ text: '写到一半', at: intake.clock.now() }, null]);
    await seat.call('POST', `/api/conversations/${id}/reply`, { text: '写完了', clientId: 'client-0002' });
    expect(await draftOf(seat)).toBeNull();
    await seat.call('PUT', `/api/conversations/${id}/draft`, { text: '又一个' });
    await seat.call('PUT', `/api/conversations/${id}/draft`, { text: '' });
    expect(await draftOf(seat)).toBeNull();
  });

  it('reads backwards through a long conversation', async () => {
    const seat = await signIn(app, intake);
    const id = await heard('第一句');
    for (let index = 0; index < 6; index += 1) await heard(`第${index}句`);
    const page = async (query: string): Promise<number[]> => (await seat.call('GET', `/api/conversations/${id}/activities?${query}`)).json<{ activities: { seq: number }[] }>().activities.map(({ seq }) => seq);
    expect(await page('beforeSeq=5&limit=2')).toEqual([3, 4]);
    expect(await page('beforeSeq=2&limit=10')).toEqual([1]);
    expect(await page('beforeSeq=1')).toEqual([]);
    expect(await page('beforeSeq=0')).toEqual([]);
  });

  it('shows a citizen’s conversations on all channels, and takes none of them', async () => {
    const seat = await signIn(app, intake);
    const id = await heard('楼下的路灯坏了');
    const citizenId = (await intake.store.read((repos) => repos.conversations.get(id)))?.citizenId ?? '';
    const { conversations } = (await seat.call('GET', `/api/citizens/${citizenId}/conversations`)).json<{ conversations: object[] }>();
    expect(conversations).toMatchObject([{ id, owner: 'waiting', channel: 'push', lastCitizen: '楼下的路灯坏了' }]);
    expect((await intake.store.read((repos) => repos.conversations.get(id)))?.owner).toBe('waiting');
  });

  describe('files of a seat', () => {
    const upload = (who: SignedIn, id: string, clientId: string) => {
      const bytes = Buffer.from('办事材料清单\n1. 身份证');
      const payload = Buffer.concat([Buffer.from(`--x\r\ncontent-disposition: form-data; name="clientId"\r\n\r\n${clientId}\r\n--x\r\ncontent-disposition: form-data; name="file"; filename="list.txt"\r\ncontent-type: text/plain\r\n\r\n`), bytes, Buffer.from('\r\n--x--\r\n')]);
      return app.inject({ method: 'POST', url: `/api/conversations/${id}/files`, payload, headers: { cookie: who.cookie, 'x-csrf-token': who.csrf, 'content-type': 'multipart/form-data; boundary=x' } });
    };

    it('go where the channel carries them, once', async () => {
      intake.push.capabilities = { ...intake.push.capabilities, attachmentsOut: true };
      const seat = await signIn(app, intake);
      const id = await taken(seat);
      expect((await seat.call('GET', `/api/conversations/${id}`)).json()).toMatchObject({ files: { carried: true, why: null } });
      const first = await upload(seat, id, 'file-key-1');
      expect([first.statusCode, (await upload(seat, id, 'file-key-1')).json<{ activity: { id: string } }>().activity.id]).toEqual([200, first.json<{ activity: { id: string } }>().activity.id]);
      await intake.settle();
      expect(intake.sent.filter(({ message }) => (message.content.attachments?.length ?? 0) > 0)).toHaveLength(1);
    });

    it('do not where it cannot, and not from somebody who has it not', async () => {
      const [seat, other] = [await signIn(app, intake), await signIn(app, intake)];
      const id = await taken(seat);
      expect((await seat.call('GET', `/api/conversations/${id}`)).json()).toMatchObject({ files: { carried: false, why: '这个渠道不能发送文件' } });
      expect((await upload(seat, id, 'file-key-1')).json()).toMatchObject({ error: { code: 'reply.no_files' } });
      expect((await upload(other, id, 'file-key-2')).json()).toMatchObject({ error: { code: 'conversation.not_owner' } });
      expect((await upload(other, 'x', 'file-key-2')).statusCode).toBe(404);
    });
  });
});
