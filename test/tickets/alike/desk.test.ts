import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Ticket } from '../../../src/domain/ticket.ts';
import { openApp, signIn, type SignedIn } from '../../support/desk.ts';
import { type AlikeUnderTest, openAlike } from './support.ts';
import { aCut, anOther, createRandom } from './storm-texts.ts';

const NOISE = { title: '搅拌站噪声扰民', content: '丽景花园后面的搅拌站半夜还在生产，噪声和灰尘很大，窗户不敢开。', place: '丽景花园3栋', itemCode: null };
const AGAIN = { title: '举报搅拌站夜间生产', content: '丽景花园旁边有个搅拌站，每天半夜生产，灰尘大，噪声吵得睡不着。', place: '丽景花园7栋', itemCode: null };

interface AlikeBody {
  readonly leading: { readonly id: string } | null;
  readonly followers: readonly { readonly id: string }[];
  readonly followerCount: number;
  readonly likes: readonly { readonly ticket: { readonly id: string; readonly version: number }; readonly score: number; readonly why: readonly string[]; readonly words: string; readonly refusal: string | null }[];
  readonly proposals: readonly { readonly ticket: { readonly id: string }; readonly leads: boolean; readonly state: string }[];
  readonly complete: boolean;
}

let subject: AlikeUnderTest;
let app: FastifyInstance;
let seat: SignedIn;
beforeEach(async () => {
  subject = await openAlike();
  app = await openApp(subject.intake, { desk: { alike: subject.house.keeper } });
  seat = await signIn(app, subject.intake);
  const random = createRandom(41);
  for (let at = 0; at < 30; at += 1) {
    const { title, content, place } = anOther(random);
    await subject.open({ title, content, place, itemCode: null });
  }
  subject.house.start(true);
  await subject.house.keeper.load();
});
afterEach(async () => {
  await app.close();
  await subject.close();
});

const alikeOf = async (ticket: Ticket): Promise<AlikeBody> => (await seat.call('GET', `/api/tickets/${ticket.id}/alike`)).json();

describe('duplicates at the desk', () => {
  it('are shown before a ticket is opened, with the reasons', async () => {
    const ticket = await subject.open(NOISE);
    await subject.house.keeper.settled();
    const answer = await seat.call('POST', '/api/tickets/alike', { title: AGAIN.title, content: AGAIN.content, place: AGAIN.place, itemCode: null, townId: null });
    expect(answer.statusCode).toBe(200);
    const { likes, complete } = answer.json<Pick<AlikeBody, 'likes' | 'complete'>>();
    expect(complete).toBe(true);
    expect(likes.map((like) => like.ticket.id)).toEqual([ticket.id]);
    expect(likes[0]?.words).toContain('地点相同：丽景花园');
    expect((await seat.call('POST', '/api/tickets/alike', { content: AGAIN.content, place: AGAIN.place, confidential: true })).json<AlikeBody>().likes).toEqual([]);
    expect((await seat.call('POST', '/api/tickets/alike', {})).statusCode).toBe(400);
  });

  it('are merged, un-merged and refused by a seat', async () => {
    const leading = await subject.open(NOISE);
    await subject.house.keeper.settled();
    subject.intake.clock.advance(1000);
    const ticket = await subject.open(AGAIN);
    await subject.house.keeper.settled();
    const before = await alikeOf(ticket);
    expect(before).toMatchObject({ leading: null, followerCount: 0, complete: true, likes: [{ ticket: { id: leading.id }, refusal: null }], proposals: [{ ticket: { id: leading.id }, leads: true, state: 'proposed' }] });
    const waiting = (await seat.call('GET', '/api/alike')).json<{ proposals: { ticket: { id: string }; leading: { id: string } }[] }>().proposals;
    expect(waiting.map((one) => [one.ticket.id, one.leading.id])).toEqual([[ticket.id, leading.id]]);

    const merged = await seat.call('POST', `/api/tickets/${ticket.id}/merge`, { leadingId: leading.id, version: ticket.version });
    expect(merged.statusCode).toBe(200);
    expect(merged.json<{ ticket: Ticket }>().ticket).toMatchObject({ leadingId: leading.id });
    expect((await subject.events(ticket.id)).at(-1)?.actor).toEqual({ kind: 'seat', seatId: seat.seatId });
    expect(await alikeOf(ticket)).toMatchObject({ leading: { id: leading.id }, likes: [], proposals: [{ state: 'merged' }] });
    expect(await alikeOf(leading)).toMatchObject({ followers: [{ id: ticket.id }], followerCount: 1 });
    expect((await seat.call('GET', '/api/alike')).json<{ proposals: unknown[] }>().proposals).toEqual([]);
    // Seen before the merge: a conflict, and nothing changes.
    const stale = await seat.call('POST', `/api/tickets/${ticket.id}/unmerge`, { version: ticket.version });
    expect([stale.statusCode, stale.json<{ error: { code: string } }>().error.code]).toEqual([409, 'ticket.conflict']);
    expect((await seat.call('POST', `/api/tickets/${ticket.id}/alike/refuse`, { otherId: leading.id })).statusCode).toBe(409);

    const { version } = await subject.get(ticket.id);
    expect((await seat.call('POST', `/api/tickets/${ticket.id}/unmerge`, { version })).statusCode).toBe(200);
    expect((await alikeOf(ticket)).likes).toEqual([]);
    expect((await seat.call('POST', `/api/tickets/${ticket.id}/merge`, { leadingId: ticket.id, version: version + 1 })).json<{ error: { code: string } }>().error.code).toBe('ticket.merge_self');
    expect((await seat.call('POST', `/api/tickets/${ticket.id}/merge`, { leadingId: 'none', version: version + 1 })).statusCode).toBe(404);
  });

  it('what is refused is not shown or proposed again', async () => {
    const leading = await subject.open(NOISE);
    await subject.house.keeper.settled();
    subject.intake.clock.advance(1000);
    const ticket = await subject.open(AGAIN);
    await subject.house.keeper.settled();
    expect((await seat.call('POST', `/api/tickets/${leading.id}/alike/refuse`, { otherId: ticket.id })).statusCode).toBe(204);
    expect((await alikeOf(ticket)).likes).toEqual([]);
    expect((await alikeOf(leading)).likes).toEqual([]);
    expect((await alikeOf(leading)).proposals.map(({ state }) => state)).toEqual(['refused']);
  });

  it('are nothing that a department sees, and storms are answered by leaders only', async () => {
    const department = await subject.intake.seat({ role: 'department', departmentId: subject.context.city.departments[0]?.id ?? '' });
    expect(department.role).toBe('department');
    expect((await app.inject({ method: 'GET', url: '/api/storms' })).statusCode).toBe(401);
    for (const key of ['merge', 'answer', 'end']) expect((await seat.call('POST', `/api/storms/x/${key}`, key === 'answer' ? { text: '好的' } : {})).statusCode).toBe(403);
  });
});

describe('storms at the desk', () => {
  it('are listed live, merged, answered and ended', async () => {
    const leader = await signIn(app, subject.intake, 'supervisor');
    const random = createRandom(43);
    for (let one = 0; one < 60; one += 1) {
      const { title, content, place } = aCut(random);
      await subject.open({ title, content, place, itemCode: null });
    }
    await subject.house.keeper.settled();
    expect((await seat.call('GET', '/api/storms')).json()).toEqual({ storms: [] });
    subject.tick(15_000);
    interface Listed {
      readonly storms: readonly { readonly id: string; readonly count: number; readonly title: string; readonly state: string; readonly answer: string | null; readonly leading: { readonly id: string } | null; readonly live: { readonly series: readonly number[] } | null }[];
    }
    const list = async (): Promise<Listed['storms']> => (await seat.call('GET', '/api/storms')).json<Listed>().storms;
    for (let looks = 0; looks < 500 && ((await list())[0]?.count ?? 0) < 55; looks += 1) await new Promise((resolve) => setImmediate(resolve));
    const [storm] = await list();
    expect(storm).toMatchObject({ state: 'open', answer: null });
    expect(storm?.title).toContain('停电');
    expect(storm?.live?.series).toHaveLength(12);
    const id = storm?.id ?? '';
    const members = (await seat.call('GET', `/api/storms/${id}`)).json<{ tickets: { id: string }[]; next: string | null }>();
    expect([members.tickets.length, members.next]).toEqual([storm?.count, null]);
    expect((await leader.call('POST', `/api/storms/${id}/merge`, {})).statusCode).toBe(202);
    expect((await leader.call('POST', `/api/storms/${id}/answer`, { text: '正在抢修，今晚恢复。' })).statusCode).toBe(202);
    await subject.carry();
    expect(await subject.intake.store.read((repos) => repos.alikeTickets.countFollowers(storm?.leading?.id ?? ''))).toBe((storm?.count ?? 0) - 1);
    expect((await list())[0]).toMatchObject({ state: 'answered', answer: '正在抢修，今晚恢复。' });
    const other = members.tickets.find((ticket) => ticket.id !== storm?.leading?.id)?.id ?? '';
    expect((await subject.events(other)).at(-1)).toMatchObject({ type: 'ticket.leader_moved', data: { answer: '正在抢修，今晚恢复。', stormId: id } });
    expect((await leader.call('POST', `/api/storms/${id}/merge`, { leadingId: (await subject.open(NOISE)).id })).json<{ error: { code: string } }>().error.code).toBe('storm.leader_elsewhere');
    expect((await leader.call('POST', `/api/storms/${id}/end`)).json()).toMatchObject({ state: 'over' });
    expect(await list()).toEqual([]);
    expect((await leader.call('POST', `/api/storms/${id}/end`)).statusCode).toBe(409);
    expect((await seat.call('GET', '/api/storms/none')).statusCode).toBe(404);
  });
});
