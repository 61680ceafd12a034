import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Ticket } from '../../src/domain/ticket.ts';
import { writeUnit } from '../../src/intake/context.ts';
import { moveTicket } from '../../src/tickets/move.ts';
import { city, openIntake, type IntakeUnderTest } from '../support/intake.ts';
import { addPartner, form, FORM, openPartnerDoor, readXml } from '../support/open311.ts';

const item = city.items.find(({ code }) => !city.ticketRules.evidenceItems.some((one) => code.startsWith(one)));
if (item === undefined) throw new Error('every item of the demo city wants evidence');

describe('what a partner does to its own tickets', () => {
  let intake: IntakeUnderTest;
  let app: FastifyInstance;
  let key: string;
  let number: string;
  beforeEach(async () => {
    intake = await openIntake();
    app = await openPartnerDoor(intake);
    ({ key } = await addPartner(intake, { id: 'province' }));
    const opened = await app.inject({ method: 'POST', url: '/open311/v2/requests.json', headers: FORM, payload: form({ api_key: key, service_code: item.code, description: '社保卡丢了', address_string: '市民中心' }) });
    number = opened.json<{ service_request_id: string }[]>()[0]?.service_request_id ?? '';
  });
  afterEach(async () => {
    await app.close();
    await intake.close();
  });

  const act = (action: string, fields: Record<string, string> = {}, given: { readonly key?: string; readonly id?: string; readonly format?: string } = {}) =>
    app.inject({ method: 'POST', url: `/open311/v2/requests/${given.id ?? number}/yihu_${action}.${given.format ?? 'json'}`, headers: FORM, payload: form({ api_key: given.key ?? key, ...fields }) });
  const ticket = async (): Promise<Ticket> => {
    const found = await intake.store.read((repos) => repos.tickets.findByNumber(number));
    if (found === null) throw new Error('no ticket');
    return found;
  };
  const move = async (name: string, given: object = {}) => {
    const { id, version } = await ticket();
    return writeUnit(intake.context, (unit) => moveTicket(intake.context, unit, id, name, { version, ...given }, { role: 'supervisor', actor: { kind: 'seat', seatId: name === 'passReview' ? 'seat-2' : 'seat-1' } }));
  };
  const finish = async () => {
    await move('sign');
    await move('finish', { result: '已补办' });
    await move('passReview');
  };
  const events = async () => intake.store.read(async (repos) => repos.tickets.events((await ticket()).id));

  it('adds material, masked, once', async () => {
    const answer = await act('supplement', { description: '卡号在照片上，电话13800138000' });
    expect([answer.statusCode, answer.json()]).toMatchObject([200, [{ service_request_id: number }]]);
    await act('supplement', { description: '卡号在照片上，电话13800138000' });
    const noted = (await events()).filter(({ actor }) => actor.kind === 'partner').slice(1);
    expect(noted.map(({ actor, data }) => [actor, data])).toEqual([[{ kind: 'partner', partnerId: 'province' }, { text: '卡号在照片上，电话138****8000' }]]);
    intake.clock.advance(11 * 60_000);
    await act('supplement', { description: '卡号在照片上，电话13800138000' });
    expect((await events()).filter(({ actor }) => actor.kind === 'partner')).toHaveLength(3);
  });

  it('urges, and sees how often', async () => {
    expect((await act('urge')).json()).toMatchObject([{ yihu_urges: 1 }]);
    expect((await act('urge')).json()).toMatchObject([{ yihu_urges: 1 }]);
    intake.clock.advance(25 * 3_600_000);
    expect(readXml((await act('urge', {}, { format: 'xml' })).body)).toMatchObject({ service_requests: { request: { yihu_urges: '2' } } });
  });

  it('withdraws with a reason, and once more is the same; then reopens', async () => {
    expect((await act('withdraw')).json()).toEqual([{ code: 400, description: 'description：必填' }]);
    const first = await act('withdraw', { description: '找到了' });
    expect(first.json()).toMatchObject([{ status: 'closed', yihu_state: '归档', yihu_closure: 'withdrawn' }]);
    expect((await act('withdraw', { description: '找到了' })).body).toBe(first.body);
    expect((await act('urge')).statusCode).toBe(400);
    expect((await act('reopen', { description: '又丢了' })).json()).toMatchObject([{ status: 'open', yihu_state: '重办', yihu_closure: null }]);
    expect((await events()).at(-1)).toMatchObject({ type: 'ticket.reopened', actor: { kind: 'partner', partnerId: 'province' } });
  });

  it('rates for its citizen: solved ends it, not solved has it handled again, the same answer again changes nothing', async () => {
    expect((await act('rate', { solved: 'yes', process: '5' })).statusCode).toBe(400); // nothing to rate yet
    await finish();
    const wrong: Record<string, string>[] = [{}, { solved: 'maybe' }, { solved: 'yes', process: '6' }, { solved: 'yes' }];
    for (const fields of wrong) expect([fields, (await act('rate', fields)).statusCode]).toEqual([fields, 400]);
    expect((await act('rate', { solved: 'no', process: '2', description: '没有补办' })).json()).toMatchObject([{ yihu_state: '重办' }]);
    expect((await act('rate', { solved: 'no', process: '2' })).json()).toMatchObject([{ yihu_state: '重办' }]);
    await move('finish', { result: '这次补办了' });
    await move('passReview');
    expect((await act('rate', { solved: 'yes', process: '4' })).json()).toMatchObject([{ status: 'closed', yihu_closure: 'confirmed' }]);
    expect(await ticket()).toMatchObject({ visit: { solved: true, process: 4 }, vetoes: 1 });
  });

  it('touches no ticket of others, and learns nothing of confidential ones', async () => {
    const other = await addPartner(intake, { scope: 'all' });
    for (const action of ['supplement', 'urge', 'withdraw', 'rate', 'reopen']) {
      expect([action, (await act(action, { description: 'x' }, { key: other.key })).statusCode]).toEqual([action, 403]);
      expect([action, (await act(action, { description: 'x' }, { id: '20200101000011' })).statusCode]).toEqual([action, 404]);
      expect([action, (await app.inject({ method: 'POST', url: `/open311/v2/requests/${number}/yihu_${action}.json`, headers: FORM, payload: 'description=x' })).statusCode]).toEqual([action, 403]);
    }
    const { id, version } = await ticket();
    await intake.store.write((repos) => repos.tickets.update(id, version, { confidential: true }));
    expect((await act('urge', {}, { key: other.key })).statusCode).toBe(404);
    expect((await act('urge')).statusCode).toBe(200);
  });
});
