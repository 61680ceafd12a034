import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Conversation } from '../../src/domain/conversation.ts';
import { writeUnit } from '../../src/intake/context.ts';
import { close, openTicketFromDesk, reply, takeOver } from '../../src/intake/handoff.ts';
import { versionOf } from '../../src/quality/file.ts';
import { createInspector } from '../../src/quality/inspect.ts';
import { createQualitySweep, type QualitySweep } from '../../src/quality/sweep.ts';
import type { QualityContext } from '../../src/quality/work.ts';
import { anActivityDraft, aNewConversation } from '../factories/index.ts';
import { RULES } from '../quality/support.ts';
import { openApp, signIn, type SignedIn } from '../support/desk.ts';
import { openIntake, type IntakeUnderTest } from '../support/intake.ts';

const MINUTE = 60_000;
/** Nothing is drawn by lot: what is looked at has a reason of its own. */
const rules = { ...RULES, sampling: { ...RULES.sampling, share: 0, shares: [], newSeats: { days: 0, share: 0 } } };

describe('quality inspection at the desk', () => {
  let intake: IntakeUnderTest;
  let app: FastifyInstance;
  let quality: QualityContext;
  let sweep: QualitySweep;
  let boss: SignedIn;
  let other: SignedIn;
  let seat: SignedIn;
  beforeEach(async () => {
    intake = await openIntake();
    const { now, newId, clock } = intake.context;
    quality = { now, newId, clock, inspector: createInspector(rules), rulesVersion: versionOf(rules) };
    sweep = createQualitySweep(quality, intake.store, 'node-1');
    app = await openApp(intake, { desk: { quality } });
    boss = await signIn(app, intake, 'supervisor');
    other = await signIn(app, intake, 'supervisor');
    seat = await signIn(app, intake, 'seat');
  });
  afterEach(async () => {
    await app.close();
    await intake.close();
  });

  /** A service: what citizen and seat say in turn, ended by the seat. */
  const served = async (lines: readonly string[], by = seat, ticket = false): Promise<Conversation> => {
    const { context, clock } = intake;
    const actor = await intake.store.read((repos) => repos.seats.get(by.seatId));
    if (actor === null) throw new Error('no seat');
    const made = await intake.store.write(async (repos) => {
      const citizenId = await repos.citizens.resolve({ id: context.newId(), channel: 'push', externalUserId: null, phone: null, displayName: null, now: clock.now() });
      return repos.conversations.create(aNewConversation({ id: context.newId(), citizenId, channel: 'push', now: clock.now() }));
    });
    await takeOver(context, made.id, actor);
    for (const line of lines) {
      clock.advance(5_000);
      const [who, text = ''] = line.split('：');
      if (who === '坐席') await reply(context, made.id, actor, { text, clientId: context.newId() });
      else await writeUnit(context, ({ repos }) => repos.activities.append(made.id, [anActivityDraft({ id: context.newId(), at: clock.now(), content: { type: 'message', text } })]));
    }
    if (ticket) await openTicketFromDesk(context, made.id, actor, { ticketKind: '投诉', itemCode: null, title: '测试', content: '测试', townId: null, place: null, happened: null, phone: null, name: null, urgency: 'normal', confidential: false, callback: false });
    clock.advance(1_000);
    return close(context, made.id, actor);
  };
  const inspect = async (): Promise<Awaited<ReturnType<QualitySweep['run']>>> => {
    intake.clock.advance((RULES.graceMinutes + 1) * MINUTE);
    return sweep.run();
  };
  const list = async (who: SignedIn, query = '') => (await who.call('GET', `/api/quality/inspections${query}`)).json<{ inspections: { id: string; score: number; state: string; sampledFor: string | null; version: number; seatName: string }[]; counts: Record<string, number> }>();

  it('inspects what has ended, once, whichever node looks', async () => {
    await served(['坐席：您好，请讲。', '市民：路灯坏了', '坐席：好的，我帮您登记。', '坐席：感谢您，再见。'], seat, true);
    await served(['坐席：说。', '市民：路灯坏了怎么办？', '坐席：你烦不烦']);
    expect(await sweep.run()).toEqual({ inspected: 0, sampled: 0, finished: 0 });
    expect(await inspect()).toMatchObject({ inspected: 2 });
    expect([await sweep.run(), await createQualitySweep(quality, intake.store, 'node-2').run()]).toEqual([{ inspected: 0, sampled: 0, finished: 0 }, { inspected: 0, sampled: 0, finished: 0 }]);
    const { inspections, counts } = await list(boss);
    expect(inspections.map(({ score }) => score).toSorted((a, b) => a - b)).toEqual([inspections.find(({ sampledFor }) => sampledFor === 'fatal')?.score, 100]);
    expect(inspections.find(({ sampledFor }) => sampledFor === 'fatal')?.score).toBeLessThanOrEqual(RULES.fatalAtMost);
    expect(Object.values(counts).reduce((sum, count) => sum + count, 0)).toBe(2);
    expect((await list(boss, '?rule=banned')).inspections).toHaveLength(1);
    expect((await list(boss, `?seatId=${other.seatId}`)).inspections).toEqual([]);
    expect((await intake.store.read((repos) => repos.trail.latest(1)))[0]).toMatchObject({ action: 'quality.inspected', actor: 'system' });
  });

  it('waits for a node that is at it, and goes on when its lease is over', async () => {
    await served(['坐席：您好', '坐席：再见']);
    intake.clock.advance((RULES.graceMinutes + 1) * MINUTE);
    await intake.store.write((repos) => repos.lanes.acquire('quality:sweep', 'node-9', intake.clock.now(), 5_000));
    expect(await sweep.run()).toMatchObject({ inspected: 0 });
    intake.clock.advance(6_000);
    expect(await sweep.run()).toMatchObject({ inspected: 1 });
  });

  it('goes from the rules to a person, to the seat, to an appeal and to another person', async () => {
    await served(['坐席：说。', '市民：路灯坏了怎么办？', '坐席：你烦不烦', '坐席：再见']);
    await inspect();
    const [row] = (await list(seat)).inspections;
    if (row === undefined) throw new Error('nothing was inspected');
    const url = `/api/quality/inspections/${row.id}`;
    const heard: unknown[] = [];
    intake.context.live.subscribeDesk((event) => void (event.kind === 'inspection' && heard.push([event.move, ...event.seatIds])));
    const detail = (await boss.call('GET', url)).json<{ findings: { number: number; rule: string; sentence: string; start: number; end: number }[]; moves: string[]; activities: object[] }>();
    expect(detail.findings.map(({ rule }) => rule)).toEqual(expect.arrayContaining(['greeting', 'banned']));
    const banned = detail.findings.find(({ rule }) => rule === 'banned');
    expect(banned?.sentence.slice(banned.start, banned.end)).toBe('烦不烦');
    expect([detail.moves, detail.activities.length > 3]).toEqual([['judge'], true]);
    expect((await seat.call('POST', `${url}/judge`, { version: 1 })).statusCode).toBe(403);
    const greeting = detail.findings.find(({ rule }) => rule === 'greeting')?.number ?? 0;
    const told = await boss.call('POST', `${url}/judge`, { version: 1, verdicts: [{ number: greeting, stands: false }], note: '问候在电话里说过' });
    expect(told.json()).toMatchObject({ inspection: { state: 'told', version: 2, note: '问候在电话里说过' } });
    expect((await boss.call('POST', `${url}/judge`, { version: 2 })).json()).toMatchObject({ error: { code: 'quality.bad_state' } });
    expect((await seat.call('POST', `${url}/appeal`, { version: 2 })).json()).toMatchObject({ error: { code: 'quality.no_reason' } });
    expect((await seat.call('POST', `${url}/appeal`, { version: 1, note: '那是引用' })).json()).toMatchObject({ error: { code: 'quality.conflict' } });
    expect((await seat.call('POST', `${url}/appeal`, { version: 2, note: '那是引用，回电13800138000' })).json()).toMatchObject({ inspection: { state: 'appealed', appeal: '那是引用，回电138****8000' } });
    expect((await boss.call('POST', `${url}/rejudge`, { version: 3, note: '维持' })).json()).toMatchObject({ error: { code: 'quality.four_eyes' } });
    const final = await other.call('POST', `${url}/rejudge`, { version: 3, note: '确是引用', verdicts: detail.findings.map(({ number }) => ({ number, stands: false })) });
    expect(final.json()).toMatchObject({ inspection: { state: 'final', score: 100, automaticScore: row.score, fatal: false, rejudgement: '确是引用' } });
    // Whom it concerns is told: a result who served, an appeal who judged.
    expect(heard).toEqual([['judge', seat.seatId], ['appeal', boss.seatId], ['rejudge', seat.seatId]]);
    const trail = (await intake.store.read((repos) => repos.trail.latest(20))).map(({ action }) => action);
    expect(trail.filter((action) => action.startsWith('quality.'))).toEqual(['quality.rejudged', 'quality.appealed', 'quality.judged', 'quality.inspected']);
  });

  it('ends without an appeal when its time is over, and may be accepted before', async () => {
    await served(['坐席：说。', '坐席：你烦不烦']);
    await served(['坐席：说。', '坐席：你烦不烦']);
    await inspect();
    const [one, two] = (await list(boss)).inspections;
    if (one === undefined || two === undefined) throw new Error('nothing was inspected');
    for (const { id } of [one, two]) await boss.call('POST', `/api/quality/inspections/${id}/judge`, { version: 1 });
    expect((await seat.call('POST', `/api/quality/inspections/${one.id}/accept`, { version: 2 })).json()).toMatchObject({ inspection: { state: 'final' } });
    expect(await sweep.run()).toMatchObject({ finished: 0 });
    intake.clock.advance(20 * 24 * 60 * MINUTE);
    expect(await sweep.run()).toMatchObject({ finished: 1 });
    expect((await intake.store.read((repos) => repos.quality.list({ seatId: seat.seatId, state: 'final', limit: 9 }))).map(({ id }) => id).toSorted()).toEqual([one.id, two.id].toSorted());
    // Signed in anew, as somebody else: another's inspection is not there.
    const stranger = await signIn(app, intake, 'seat');
    expect([(await stranger.call('GET', `/api/quality/inspections/${two.id}`)).statusCode, (await list(stranger)).inspections]).toEqual([404, []]);
  });

  it('takes a finding that the rules missed, of a line that is there', async () => {
    await served(['坐席：您好', '坐席：再见']);
    await inspect();
    const [row] = (await list(boss)).inspections;
    if (row === undefined) throw new Error('nothing was inspected');
    const { activities } = (await boss.call('GET', `/api/quality/inspections/${row.id}`)).json<{ activities: { seq: number; role: string }[] }>();
    const seq = activities.find(({ role }) => role === 'seat')?.seq ?? 0;
    const judge = (added: object[]) => boss.call('POST', `/api/quality/inspections/${row.id}/judge`, { version: 1, added });
    expect((await judge([{ rule: 'nonsense', seq, why: '不存在' }])).json()).toMatchObject({ error: { code: 'quality.bad_finding' } });
    expect((await judge([{ rule: 'curt', seq: seq + 999, why: '不存在' }])).json()).toMatchObject({ error: { code: 'quality.bad_finding' } });
    expect((await judge([{ rule: 'curt', seq, why: '语气生硬' }])).json()).toMatchObject({ inspection: { score: 85, automaticScore: 100, state: 'told' } });
    const figures = (await boss.call('GET', `/api/quality/figures?from=0&to=${intake.clock.now() + 1}`)).json();
    expect(figures).toMatchObject({ inspections: 1, score: 85, looked: 1, changed: 1, rules: [{ rule: 'curt', ruleName: '生硬推诿', findings: 1 }], seats: [{ seatId: seat.seatId, findings: { curt: 1 } }] });
    expect((await other.call('GET', `/api/quality/figures?from=0&to=1`)).json()).toMatchObject({ inspections: 0, score: null, seats: [] });
  });

  it('looks again at whom a citizen vetoed later', async () => {
    const conversation = await served(['坐席：您好', '坐席：我帮您登记。', '坐席：再见'], seat, true);
    await inspect();
    const [row] = (await list(boss)).inspections;
    if (row === undefined) throw new Error('nothing was inspected');
    expect(row.state).toBe('automatic');
    await writeUnit(intake.context, async ({ repos }) => {
      const [ticket] = await repos.tickets.byConversation(conversation.id);
      await repos.tickets.appendEvent({ ticketId: ticket?.id ?? '', type: 'ticket.vetoed', actor: { kind: 'citizen' }, at: intake.clock.now(), data: {} });
    });
    intake.clock.advance(2 * MINUTE);
    expect(await sweep.run()).toEqual({ inspected: 0, sampled: 1, finished: 0 });
    expect((await list(boss, '?state=sampled')).inspections).toMatchObject([{ id: row.id, sampledFor: 'dissatisfied' }]);
    expect(await sweep.run()).toMatchObject({ sampled: 0 });
  });

  it('inspects by hand what has ended, for leaders', async () => {
    const conversation = await served(['坐席：您好', '坐席：再见']);
    const byHand = (who: SignedIn, conversationId: string) => who.call('POST', '/api/quality/inspections', { conversationId });
    expect([(await byHand(seat, conversation.id)).statusCode, (await byHand(boss, 'nobody')).statusCode]).toEqual([403, 404]);
    const first = (await byHand(boss, conversation.id)).json<{ inspection: { id: string } }>();
    expect((await byHand(other, conversation.id)).json()).toMatchObject({ inspection: { id: first.inspection.id } });
    expect(await inspect()).toMatchObject({ inspected: 0 });
  });

  it('shows the rules to everybody, the draw and old versions to leaders', async () => {
    const shown = (await seat.call('GET', '/api/quality/rules')).json<{ rules: object[]; sampling: object | null; version: string }>();
    expect([shown.rules.length, shown.sampling]).toEqual([RULES.rules.length, null]);
    const own = (await boss.call('GET', '/api/quality/rules')).json<{ sampling: Record<string, unknown> }>();
    expect([own.sampling['share'], 'key' in own.sampling]).toEqual([0, false]);
    expect((await seat.call('GET', `/api/quality/rules/${shown.version}`)).statusCode).toBe(403);
    expect((await boss.call('GET', '/api/quality/rules/9-none')).statusCode).toBe(404);
    expect((await boss.call('GET', `/api/quality/rules/${shown.version}`)).json()).toMatchObject({ version: shown.version });
  });
});
