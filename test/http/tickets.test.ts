import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Ticket } from '../../src/domain/ticket.ts';
import { openApp, signIn, type SignedIn } from '../support/desk.ts';
import { openIntake, type IntakeUnderTest } from '../support/intake.ts';
import { finished, handled, LEAD, move, opened, SEAT } from '../support/tickets.ts';

const at = (text: string): number => Date.parse(`${text}:00+08:00`);

interface TicketAnswer {
  readonly ticket: { readonly id: string; readonly version: number; readonly state: string; readonly supervision: number };
}

describe('tickets at the desk', () => {
  let intake: IntakeUnderTest;
  let app: FastifyInstance;
  let seat: SignedIn;
  let supervisor: SignedIn;
  beforeEach(async () => {
    intake = await openIntake();
    intake.clock.set(at('2026-11-23T09:00'));
    app = await openApp(intake);
    [seat, supervisor] = [await signIn(app, intake), await signIn(app, intake, 'supervisor')];
  });
  afterEach(async () => {
    await app.close();
    await intake.close();
  });

  /** Another day: everybody signs in anew. */
  const later = async (text: string): Promise<void> => {
    intake.clock.set(at(text));
    [seat, supervisor] = [await signIn(app, intake), await signIn(app, intake, 'supervisor')];
  };
  const upload = (by: SignedIn, id: string, bytes: Buffer | null, name = '现场 13800138000.txt') => {
    const boundary = 'xxBOUNDARYxx';
    const file = bytes === null ? Buffer.from(`--${boundary}\r\ncontent-disposition: form-data; name="note"\r\n\r\nx\r\n--${boundary}--\r\n`) : Buffer.concat([Buffer.from(`--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="${name}"\r\ncontent-type: image/png\r\n\r\n`), bytes, Buffer.from(`\r\n--${boundary}--\r\n`)]);
    return app.inject({ method: 'POST', url: `/api/tickets/${id}/files`, payload: file, headers: { cookie: by.cookie, 'x-csrf-token': by.csrf, 'content-type': `multipart/form-data; boundary=${boundary}` } });
  };

  describe('lists', () => {
    const listed = async (query: string, by = seat): Promise<string> => {
      const answer = await by.call('GET', `/api/tickets?${query}`);
      expect(answer.statusCode).toBe(200);
      return answer.json<{ tickets: { title: string }[] }>().tickets.map(({ title }) => title).join('');
    };

    it('narrows by each filter and by several, and says what it does not know', async () => {
      const put = async (title: string, change: Partial<Ticket>) => {
        intake.clock.advance(1_000);
        const ticket = await opened(intake, { title });
        await intake.store.write((repos) => repos.tickets.update(ticket.id, ticket.version, change));
      };
      await put('a', { state: '办理中', departmentId: 'ecology', itemCode: 'env.noise', townId: 'dongcheng', deadlineAt: at('2026-11-30T17:30') });
      await put('b', { state: '归档', archivedAt: 1, kind: '咨询', overdueAt: 5, supervision: 3, deadlineAt: null });
      await put('c', { urgency: 'emergency', enterpriseId: 'e1', overdueAt: 5, deadlineAt: at('2026-11-24T17:30') });
      await put('d', { state: '提级', departmentId: 'ecology', supervision: 2, channel: 'ivr-twilio', leadingId: 'lead', deadlineAt: at('2026-11-25T17:30') });
      expect(await listed('')).toBe('dcba');
      expect(await listed(`state=${encodeURIComponent('办理中,提级')}`)).toBe('da');
      expect(await listed('department=ecology')).toBe('da');
      expect(await listed('item=env.noise')).toBe('a');
      expect(await listed('town=dongcheng')).toBe('a');
      expect(await listed(`kind=${encodeURIComponent('咨询')}`)).toBe('b');
      expect(await listed('urgency=emergency')).toBe('c');
      expect(await listed('enterprise=true')).toBe('c');
      expect(await listed('enterprise=false')).toBe('dba');
      expect(await listed('overdue=true')).toBe('c');
      expect(await listed(`dueBefore=${at('2026-11-26T00:00')}`)).toBe('dc');
      expect(await listed('supervision=1')).toBe('db');
      expect(await listed('supervision=3')).toBe('b');
      expect(await listed('channel=ivr-twilio')).toBe('d');
      expect(await listed('leading=lead')).toBe('d');
      expect(await listed('order=due')).toBe('cda');
      expect(await listed('order=due&department=ecology&supervision=1')).toBe('d');
      for (const query of ['state=nothing', `state=${encodeURIComponent('办理中,办结')}`, 'urgency=x', 'supervision=4', 'order=oldest', 'limit=0']) expect((await seat.call('GET', `/api/tickets?${query}`)).statusCode, query).toBe(400);
    });

    it('turns pages without a gap or a double where many were made at once, in both orders', async () => {
      const made = await Promise.all(Array.from({ length: 13 }, (_, number) => opened(intake, { title: `t${number}` })));
      await intake.store.write(async (repos) => {
        for (const [number, { id, version }] of made.entries()) await repos.tickets.update(id, version, { deadlineAt: at('2026-11-30T17:30') + (number % 3) });
      });
      for (const order of ['newest', 'due']) {
        const seen: { id: string; createdAt: number; deadlineAt: number }[] = [];
        for (let page = 0; page < 10; page += 1) {
          const last = seen.at(-1);
          const cursor = last === undefined ? '' : `&before=${order === 'due' ? last.deadlineAt : last.createdAt}&beforeId=${last.id}`;
          const next = (await seat.call('GET', `/api/tickets?order=${order}&limit=4${cursor}`)).json<{ tickets: typeof seen }>().tickets;
          seen.push(...next);
          if (next.length === 0) break;
        }
        expect(seen).toHaveLength(13);
        expect(new Set(seen.map(({ id }) => id)).size).toBe(13);
        const moments = seen.map(({ createdAt, deadlineAt }) => (order === 'due' ? deadlineAt : -createdAt));
        expect(moments).toEqual(moments.toSorted((left, right) => left - right));
      }
    });
  });

  it('explains every clock, with its holds and extensions', async () => {
    const ticket = await handled(intake);
    const asked = await move(intake, ticket, 'requestExtension', { reasonCode: 'complex', reason: '会商', amount: 2 });
    await later('2026-11-24T09:00');
    const granted = await seatMove(supervisor, asked, 'grantExtension');
    expect(granted).toMatchObject({ state: '办理中', extensions: 1, deadlineAt: at('2026-12-02T17:30') });
    const { clocks } = (await seat.call('GET', `/api/tickets/${ticket.id}/clocks`)).json<{ clocks: { stage: string; label: string; lines: string[]; dueAt: number; overdue: boolean; endedAt: number | null }[] }>();
    expect(clocks.map(({ stage }) => stage).toSorted()).toEqual(['accept', 'contact', 'handle', 'judge', 'return', 'sign']);
    const handling = clocks.find(({ stage }) => stage === 'handle');
    expect(handling).toMatchObject({ label: '办理', dueAt: at('2026-12-02T17:30'), overdue: false, endedAt: null });
    expect(handling?.lines).toEqual([
      '2026年11月23日 09:00 起算，时限5个工作日。',
      '11月23日（周一）：起算当日，不计。',
      '11月24日（周二）至11月27日（周五）：计4个工作日。',
      '11月28日（周六）至11月29日（周日）：周末，不计。',
      '11月30日（周一）：计1个工作日。',
      '批准延期2个工作日，自2026年11月30日 17:30接续计算。',
      '11月30日（周一）：起算当日，不计。',
      '12月1日（周二）至12月2日（周三）：计2个工作日。',
      '到期时间：2026年12月2日 17:30。',
      '截至2026年11月24日 09:00，已计0个工作日，还剩7个工作日。',
    ]);
    expect((await seat.call('GET', '/api/tickets/nothing/clocks')).statusCode).toBe(404);
  });

  const seatMove = async (by: SignedIn, { id, version }: Pick<Ticket, 'id' | 'version'>, name: string, given: object = {}): Promise<TicketAnswer['ticket']> => {
    const answer = await by.call('POST', `/api/tickets/${id}/moves/${name}`, { version, ...given });
    if (answer.statusCode !== 200) throw new Error(`${name} answered ${answer.statusCode} ${answer.body}`);
    return answer.json<TicketAnswer>().ticket;
  };

  it('shows what waits for judgement, first due first, with what was decided before', async () => {
    const ask = async (): Promise<TicketAnswer['ticket']> => {
      const ticket = await handled(intake);
      return seatMove(seat, ticket, 'requestReturn', { reasonCode: 'not_our_area', reason: '在邻镇，电话13800138000' });
    };
    for (const verdict of ['upholdReturn', 'refuseReturn', 'upholdReturn', 'upholdReturn']) {
      await seatMove(supervisor, await ask(), verdict, { reason: '已核对' });
      intake.clock.advance(60_000);
    }
    const first = await ask();
    intake.clock.advance(60_000);
    const second = await ask();
    const answer = await seat.call('GET', '/api/tickets/requests');
    expect(answer.body).not.toContain('13800138000');
    const { waiting } = answer.json<{ waiting: { request: object; ticket: { id: string }; precedents: { upheld: number; refused: number; last: object[] } }[] }>();
    expect(waiting.map(({ ticket }) => ticket.id)).toEqual([first.id, second.id]);
    expect(waiting[0]).toMatchObject({
      request: { kind: 'return', reasonLabel: '不在本单位辖区', reason: '在邻镇，电话138****8000', judgeBy: at('2026-11-25T17:30'), late: false, departmentId: LEAD },
      precedents: { upheld: 3, refused: 1, last: [{ state: 'upheld', verdict: '已核对' }, { state: 'upheld' }, { state: 'refused' }] },
    });
    expect(waiting[0]?.precedents.last).toHaveLength(3);
    expect((await seat.call('GET', '/api/tickets/requests?kind=hold')).json()).toEqual({ waiting: [] });
    expect((await seat.call('GET', '/api/tickets/requests/counts')).json()).toMatchObject({ counts: [{ departmentId: LEAD, kind: 'return', asked: 6, upheld: 3, refused: 1 }] });
    expect((await seat.call('GET', `/api/tickets/requests/counts?since=${intake.clock.now() + 1}`)).json()).toMatchObject({ counts: [] });
    // The one who judges sees the same at the ticket.
    expect((await supervisor.call('GET', `/api/tickets/${first.id}`)).json()).toMatchObject({ precedents: { upheld: 3, refused: 1 }, requests: [{ state: 'asked' }] });
  });

  it('takes files, names them as evidence, and lets nothing be finished without where the item asks for it', async () => {
    const item = intake.context.city.items.find(({ code }) => code.startsWith('env.'));
    const ticket = await handled(intake, { itemCode: item?.code ?? null });
    const finish = (evidence?: string[]) => seat.call('POST', `/api/tickets/${ticket.id}/moves/finish`, { version: ticket.version, result: '已整改', ...(evidence === undefined ? {} : { evidence }) });
    expect((await finish()).json()).toMatchObject({ error: { code: 'ticket.evidence_needed' } });
    expect((await finish([])).json()).toMatchObject({ error: { code: 'ticket.evidence_needed' } });
    expect((await finish(['somebody-elses'])).json()).toMatchObject({ error: { code: 'ticket.unknown_file' } });
    const stranger = await handled(intake);
    const foreign = (await upload(seat, stranger.id, Buffer.from('别的工单'))).json<{ file: { id: string } }>().file.id;
    expect((await finish([foreign])).json()).toMatchObject({ error: { code: 'ticket.unknown_file' } });
    expect((await upload(seat, ticket.id, null)).json()).toMatchObject({ error: { code: 'ticket.no_file' } });
    expect((await upload(seat, ticket.id, Buffer.from('<html>'))).statusCode).toBe(415);
    expect((await upload(seat, 'nothing', Buffer.from('说明'))).statusCode).toBe(404);
    expect((await seat.call('POST', `/api/tickets/${ticket.id}/files`, {})).statusCode).toBe(415);
    const added = await upload(seat, ticket.id, Buffer.from('整改说明'));
    expect([added.statusCode, added.json()]).toMatchObject([201, { file: { name: '现场 138****8000.txt', contentType: 'text/plain', purpose: 'evidence', addedBy: `seat:${seat.seatId}`, url: expect.stringContaining('/media/') } }]);
    const { file } = added.json<{ file: { id: string; url: string } }>();
    expect((await app.inject({ method: 'GET', url: new URL(file.url).pathname })).body).toBe('整改说明');
    expect((await seat.call('GET', `/api/tickets/${ticket.id}/files`)).json()).toMatchObject({ files: [{ id: file.id }] });
    // The ticket was open at the desk all the while: its version is still good.
    expect((await finish([file.id])).json()).toMatchObject({ ticket: { state: '办结待审' } });
  });

  it('supervises by persons of that office only, keeps their words, lists the month and writes it as a file', async () => {
    const ticket = await handled(intake);
    const body = { level: 2, words: '=请局领导牵头，联系13800138000', person: '分管副局长' };
    expect((await seat.call('POST', `/api/tickets/${ticket.id}/supervisions`, body)).statusCode).toBe(403);
    expect((await supervisor.call('POST', `/api/tickets/${ticket.id}/supervisions`, { ...body, level: 4 })).statusCode).toBe(400);
    expect((await supervisor.call('POST', '/api/tickets/nothing/supervisions', body)).statusCode).toBe(404);
    const raised = await supervisor.call('POST', `/api/tickets/${ticket.id}/supervisions`, body);
    expect([raised.statusCode, raised.json()]).toMatchObject([201, { ticket: { supervision: 2 }, supervision: { levelName: '重点督办', cause: 'person', person: '分管副局长', dueAt: at('2026-11-25T17:30'), departmentId: LEAD, words: '=请局领导牵头，联系138****8000' } }]);
    const { supervision } = raised.json<{ supervision: { id: string } }>();
    const events = (await seat.call('GET', `/api/tickets/${ticket.id}`)).json<{ events: { type: string; data: object }[] }>().events;
    expect(events.at(-1)).toMatchObject({ type: 'ticket.supervised', data: { words: '=请局领导牵头，联系138****8000', person: '分管副局长', level: 2 } });

    await later('2026-11-30T23:59');
    const late = await handled(intake);
    await supervisor.call('POST', `/api/tickets/${late.id}/supervisions`, { level: 1, words: '请跟进' });
    await later('2026-12-01T00:00');
    const next = await handled(intake);
    await supervisor.call('POST', `/api/tickets/${next.id}/supervisions`, { level: 3, words: '请跟进' });
    const month = async (name: string) => (await seat.call('GET', `/api/supervisions?month=${name}`)).json<{ supervisions: { ticketId: string; late: boolean }[] }>().supervisions;
    expect((await month('2026-11')).map(({ ticketId, late: isLate }) => [ticketId, isLate])).toEqual([[late.id, false], [ticket.id, true]]);
    expect((await month('2026-12')).map(({ ticketId }) => ticketId)).toEqual([next.id]);
    expect((await seat.call('GET', '/api/supervisions?month=2026-13')).statusCode).toBe(400);
    const csv = (await seat.call('GET', '/api/supervisions?month=2026-11&format=csv')).body.split('\r\n');
    expect(csv[0]).toContain('责任单位,责任人');
    expect(csv).toHaveLength(4); // the head, two rows, the end
    expect(csv[2]).toContain(`,重点督办,人工督办,${ticket.number},`);
    expect(csv[2]).toContain("'=请局领导牵头"); // no spreadsheet runs it

    expect((await seat.call('GET', '/api/supervisions')).json<{ supervisions: object[] }>().supervisions).toHaveLength(3);
    expect((await seat.call('POST', `/api/supervisions/${supervision.id}/end`, { outcome: '已整改' })).statusCode).toBe(403);
    expect((await supervisor.call('POST', `/api/supervisions/${supervision.id}/end`, { outcome: '已整改' })).json()).toMatchObject({ ticket: { supervision: 0 }, supervision: { outcome: '已整改', endedAt: intake.clock.now() } });
    expect((await supervisor.call('POST', `/api/supervisions/${supervision.id}/end`, { outcome: '再来' })).json()).toMatchObject({ error: { code: 'supervision.ended' } });
    expect((await supervisor.call('POST', '/api/supervisions/nothing/end', { outcome: '再来' })).statusCode).toBe(404);
    expect((await seat.call('GET', '/api/supervisions')).json<{ supervisions: object[] }>().supervisions).toHaveLength(2);
  });

  it('shows at the desk what a move needs, and tells the second of two that it was too late', async () => {
    const ticket = await handled(intake);
    const detail = (await seat.call('GET', `/api/tickets/${ticket.id}`)).json<{ moves: { name: string; needs: string[]; reasons?: { code: string; evidence: boolean }[] }[] }>();
    expect(detail.moves.map(({ name }) => name)).toEqual(['contact', 'requestReturn', 'requestExtension', 'requestHold', 'finish', 'withdraw']);
    expect(detail.moves.find(({ name }) => name === 'requestReturn')?.reasons).toContainEqual({ code: 'not_our_duty', label: '不属于本单位职责', evidence: true });
    expect(detail.moves.find(({ name }) => name === 'finish')?.reasons).toBeUndefined();
    const results = await Promise.all([seat, supervisor].map((by) => by.call('POST', `/api/tickets/${ticket.id}/moves/finish`, { version: ticket.version, result: '已处理' })));
    expect(results.map(({ statusCode }) => statusCode).toSorted()).toEqual([200, 409]);
    expect(results.find(({ statusCode }) => statusCode === 409)?.json()).toMatchObject({ error: { code: 'ticket.conflict' } });
  });

  it('lets nobody pass their own work, whatever their office', async () => {
    const admin = await signIn(app, intake, 'administrator');
    const done = await seatMove(admin, await handled(intake), 'finish', { result: '已处理' });
    expect((await admin.call('POST', `/api/tickets/${done.id}/moves/passReview`, { version: done.version })).json()).toMatchObject({ error: { code: 'ticket.four_eyes' } });
    expect(await seatMove(supervisor, done, 'passReview')).toMatchObject({ state: '回访' });
    const asked = await seatMove(supervisor, await handled(intake), 'requestReturn', { reasonCode: 'not_our_area', reason: '不在辖区' });
    expect((await supervisor.call('POST', `/api/tickets/${asked.id}/moves/upholdReturn`, { version: asked.version, reason: '同意' })).json()).toMatchObject({ error: { code: 'ticket.four_eyes' } });
  });

  it('tells of a visit-back as the citizen answered it', async () => {
    const ticket = await finished(intake);
    expect((await seat.call('POST', `/api/tickets/${ticket.id}/moves/confirm`, { version: ticket.version, process: 5, solved: false })).json()).toMatchObject({ error: { code: 'ticket.not_confirmed' } });
    expect(await move(intake, ticket, 'confirm', { process: 3, solved: true }, SEAT)).toMatchObject({ state: '归档', closure: 'confirmed', visit: { process: 3, solved: true }, deadlineAt: null });
  });
});
