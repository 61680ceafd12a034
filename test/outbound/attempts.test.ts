import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DeliveryReport } from '../../src/channel/contract.ts';
import { asExternalId } from '../../src/domain/activity.ts';
import { fileURLToPath } from 'node:url';
import { e164, takesTexts } from '../../src/outbound/facts.ts';
import { hasEnded } from '../../src/outbound/attempts.ts';
import { sweepAttempts } from '../../src/outbound/sweep.ts';
import type { ReachAttempt } from '../../src/store/contract.ts';
import { openOutbound, type Outbound } from '../../src/wiring/outbound.ts';
import { openIntake, type IntakeUnderTest } from '../support/intake.ts';

const STATES = ['delivered', 'failed', 'ringing', 'answered', 'machine', 'completed', 'busy', 'no-answer', 'canceled'] as const;
const ORDER = ['sending', 'sent', 'ringing', 'answered'];

describe('an attempt', () => {
  let intake: IntakeUnderTest;
  let outbound: Outbound;
  let went: ReachAttempt[];
  beforeAll(async () => {
    went = [];
    intake = await openIntake();
    outbound = openOutbound({ root: fileURLToPath(new URL('../..', import.meta.url)), context: intake.context, callWent: async (_unit, attempt) => void went.push(attempt) });
  });
  afterAll(() => intake.close());
  const begin = (id: string, over: Partial<ReachAttempt> = {}) =>
    intake.store.write((repos) =>
      repos.reach.begin({ id, kind: 'call', channel: 'ivr-jambonz', script: 'visit-call', citizenId: 'c1', ticketId: null, noticeIds: [], targetId: 't1', number: 1, state: 'sending', code: null, externalId: null, costFen: null, createdAt: intake.clock.now(), sentAt: null, endedAt: null, seconds: null, ...over }));
  const get = async (id: string): Promise<ReachAttempt> => (await intake.store.read((repos) => repos.reach.get(id))) ?? expect.fail('gone');
  const report = (over: Partial<DeliveryReport>, channel = 'ivr-jambonz') => outbound.heed(channel, { reports: [{ of: 'call', key: null, externalId: null, state: 'ringing', code: null, at: null, ...over }], consents: [] });

  let runs = 0;
  it('goes forward only, and ends once, whatever comes in whatever order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.record({ state: fc.constantFrom(...STATES), byKey: fc.boolean(), twice: fc.boolean() }), { maxLength: 7 }), async (reports) => {
        const id = `run-${(runs += 1)}`;
        const externalId = asExternalId(`sid-${runs}`);
        await begin(id, { state: 'sent', externalId });
        went.length = 0;
        let ended: ReachAttempt | null = null;
        for (const { state, byKey, twice } of reports) {
          const before = await get(id);
          for (let time = 0; time < (twice ? 2 : 1); time += 1) await report({ state, ...(byKey ? { key: id } : { externalId }) });
          const after = await get(id);
          if (ended !== null) expect(after).toEqual(ended);
          else if (hasEnded(after)) {
            expect(after.endedAt).not.toBeNull();
            ended = after;
          } else expect(ORDER.indexOf(after.state)).toBeGreaterThanOrEqual(ORDER.indexOf(before.state));
        }
        const first = reports.find(({ state }) => hasEnded({ state }));
        expect((await get(id)).state).toBe(first?.state ?? (reports.some(({ state }) => state === 'answered') ? 'answered' : reports.length > 0 ? 'ringing' : 'sent'));
        // Each state is told once to whoever follows the call.
        expect(new Set(went.map(({ state }) => state)).size).toBe(went.length);
      }),
      { numRuns: 40 },
    );
  });

  it('hears nothing from another channel, of another kind, or at an impossible hour', async () => {
    await begin('a1');
    await report({ key: 'a1', state: 'completed' }, 'ivr-twilio');
    await report({ key: 'a1', of: 'notification', state: 'delivered' });
    expect((await get('a1')).state).toBe('sending');
    await report({ key: 'a1', state: 'completed', seconds: 42, at: intake.clock.now() + 86_400_000 });
    expect(await get('a1')).toMatchObject({ state: 'completed', seconds: 42, endedAt: intake.clock.now() });
  });

  it('that the peer clearly refused and nobody tries any more has failed, and is not “unknown”', async () => {
    await begin('a2', { kind: 'notification', channel: 'sms-aliyun', script: 'progress', code: 'sms.flow_control' });
    await begin('a3', { kind: 'notification', channel: 'sms-aliyun', script: 'progress', state: 'sent', sentAt: intake.clock.now() });
    intake.clock.advance(71 * 3_600_000);
    expect(await sweepAttempts(outbound.context)).toBe(0);
    intake.clock.advance(3_600_001);
    expect(await sweepAttempts(outbound.context)).toBe(2);
    expect([await get('a2'), await get('a3')]).toMatchObject([{ state: 'failed', code: 'reach.gave_up' }, { state: 'unknown', code: 'reach.no_report' }]);
  });

  it('knows which numbers can be called, and which take text messages', () => {
    const numbers = ['13800138000', '+8613800138000', '0769-22345678', '+85261234567', '12345', '110', 'anonymous', '', '10086'];
    expect(numbers.map(e164)).toEqual(['+8613800138000', '+8613800138000', '+8676922345678', '+85261234567', null, null, null, null, null]);
    expect(['+8613800138000', '+8676922345678', '+85261234567'].map(takesTexts)).toEqual([true, false, true]);
  });
});
