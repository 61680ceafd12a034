import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { movesOf, QUALITY_MOVES, refusalOf, type QualityMove } from '../../src/quality/life.ts';
import { drawn, lotOf, type SampleFacts, shareOf } from '../../src/quality/sampling.ts';
import type { Inspection, InspectionState, SeatRole } from '../../src/store/contract.ts';
import { RULES } from './support.ts';

const NOW = 1_760_000_000_000;
const inspection = (over: Partial<Inspection> = {}): Inspection => ({
  id: 'i', key: 'k', conversationId: 'c', periodId: 'p', channel: 'webchat', modality: 'text', groupId: null, seatId: 'served', fromSeq: 1, toSeq: 2, startedAt: 0, endedAt: NOW, rulesVersion: '1', score: 100, automaticScore: 100, fatal: false,
  state: 'automatic', sampledFor: null, inspectorId: 'inspector', judgedAt: null, note: null, appealBy: NOW, appeal: null, appealedAt: null, rejudgedBy: null, rejudgement: null, finalAt: null, createdAt: NOW, version: 1, ...over,
});
const STATES: readonly InspectionState[] = ['automatic', 'sampled', 'told', 'appealed', 'final'];
const NAMES: readonly QualityMove[] = ['sample', 'judge', 'accept', 'appeal', 'rejudge', 'expire'];

describe('the life of an inspection', () => {
  it('is one table: what may be done in which state, and by whom', () => {
    const may = (id: string, role: SeatRole) => STATES.map((state) => movesOf(inspection({ state }), { id, role }, NOW));
    expect(may('served', 'seat')).toEqual([[], [], ['accept', 'appeal'], [], []]);
    expect(may('boss', 'supervisor')).toEqual([['sample', 'judge'], ['judge'], [], ['rejudge'], []]);
    expect(may('inspector', 'supervisor')).toEqual([['sample', 'judge'], ['judge'], [], [], []]);
    expect(may('another', 'seat')).toEqual([[], [], [], [], []]);
    expect(may('served', 'administrator')).toEqual([[], [], ['accept', 'appeal'], [], []]);
  });

  it('leads nowhere but where the table says', () => {
    fc.assert(
      fc.property(fc.constantFrom(...STATES), fc.constantFrom(...NAMES), fc.constantFrom('served', 'inspector', 'x'), fc.constantFrom<SeatRole>('seat', 'editor', 'supervisor', 'administrator', 'department'), (state, name, id, role) => {
        if (refusalOf(inspection({ state }), name, { id, role }, NOW) !== null) return;
        expect(QUALITY_MOVES[name].from).toContain(state);
        // Four eyes: nobody judges their own service, nor their own judgement.
        if (QUALITY_MOVES[name].by === 'leader') expect(id).not.toBe('served');
        if (name === 'rejudge') expect(id).not.toBe('inspector');
      }),
    );
  });

  it('lets an appeal be made in time, and ends it afterwards', () => {
    const told = inspection({ state: 'told', appealBy: NOW });
    const seat = { id: 'served', role: 'seat' as const };
    expect([refusalOf(told, 'appeal', seat, NOW)?.code, refusalOf(told, 'appeal', seat, NOW + 1)?.code]).toEqual([undefined, 'quality.appeal_late']);
    expect([refusalOf(told, 'expire', 'house', NOW - 1)?.code, refusalOf(told, 'expire', 'house', NOW)?.code]).toEqual(['quality.bad_state', undefined]);
    expect(refusalOf(told, 'expire', seat, NOW)?.code).toBe('quality.forbidden');
  });
});

describe('the draw', () => {
  const plan = RULES.sampling;
  const facts = (over: Partial<SampleFacts> = {}): SampleFacts => ({ key: 'period:1', channel: 'webchat', groupId: null, username: null, seatSince: 0, endedAt: NOW, score: 100, fatal: false, dissatisfied: false, ...over });

  it('is even and the same every time', () => {
    const lots = Array.from({ length: 4_000 }, (_, index) => lotOf('a-key-of-a-plan', `period:${index}`));
    expect(lots.every((lot) => lot >= 0 && lot < 1)).toBe(true);
    expect(Math.abs(lots.filter((lot) => lot < 0.2).length / lots.length - 0.2)).toBeLessThan(0.03);
    expect(lotOf('a-key-of-a-plan', 'period:7')).toBe(lots[7]);
    expect(lotOf('another-key', 'period:7')).not.toBe(lots[7]);
  });

  it('takes all that is fatal, bad or of an unhappy citizen, and more of new seats', () => {
    expect([drawn(plan, facts({ fatal: true })), drawn(plan, facts({ dissatisfied: true })), drawn(plan, facts({ score: plan.below - 1 }))]).toEqual(['fatal', 'dissatisfied', 'below']);
    const drawnOf = (seatSince: number) => Array.from({ length: 2_000 }, (_, index) => drawn(plan, facts({ key: `period:${index}`, seatSince }))).filter((reason) => reason !== null).length;
    expect(drawnOf(NOW - 1)).toBeGreaterThan(drawnOf(0) * 3);
  });

  it('uses the largest share that fits', () => {
    const shares = [{ channels: ['ivr-twilio'], share: 0.3 }, { groups: ['dialect'], share: 0.5 }, { seats: ['liu'], share: 0.7 }, { weekdays: [7], share: 0.9 }];
    const at = (over: Partial<SampleFacts>) => shareOf({ ...plan, share: 0.1, shares }, facts(over));
    const friday = Date.UTC(2025, 9, 10, 4); // 12:00 in Beijing
    expect([at({ endedAt: friday }), at({ endedAt: friday, channel: 'ivr-twilio' }), at({ endedAt: friday, groupId: 'dialect' }), at({ endedAt: friday, username: 'liu' }), at({ endedAt: friday + 2 * 86_400_000 }), at({ endedAt: friday + 86_400_000 })]).toEqual([0.1, 0.3, 0.5, 0.7, 0.9, 0.1]);
  });
});
