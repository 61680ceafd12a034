import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { QueueRules } from '../../../src/domain/queue-rules.ts';
import { chooseGroup, type GroupFacts } from '../../../src/intake/queue/choose.ts';
import { capacityOf, groupsOf, overflowOf, planOffers, presenceOf, roomOf } from '../../../src/intake/queue/plan.ts';
import { rankOf } from '../../../src/intake/queue/rank.ts';
import { minutesLeft, positionSaid, usualWait } from '../../../src/intake/queue/words.ts';
import type { QueueEntry, RosterSeat } from '../../../src/store/contract.ts';

const NOW = 1_760_000_000_000;
const rules: QueueRules = {
  assign: 'offer', strategy: 'least-loaded', offerSeconds: 25, retrySeconds: 60, wrapUpSeconds: 15, leaseSeconds: 60, capacity: 3, priority: { emergency: 3600, enterprise: 300 }, tellSeconds: 120,
  breaks: [{ id: 'meal', name: '用餐' }],
  groups: [
    { id: 'emergency', name: '紧急', general: true, match: { emergency: true }, overflowSeconds: 45, next: 'general' },
    { id: 'english', name: '英语', match: { locales: ['en'] }, overflowSeconds: 60, next: 'general' },
    { id: 'cantonese', name: '粤语', match: { words: ['唔该'] }, overflowSeconds: 60, next: 'general' },
    { id: 'housing', name: '住房', match: { fields: ['住房城建'], towns: ['humen'] }, overflowSeconds: 60, next: 'general' },
    { id: 'general', name: '综合', general: true, overflowSeconds: 600, next: 'callback' },
  ],
};
const facts: GroupFacts = { channel: 'webchat', locale: 'zh-CN', enterprise: false, emergency: false, townId: null, item: null, said: [] };
const entry = (over: Partial<QueueEntry> = {}): QueueEntry => ({
  conversationId: 'c1', kind: 'waiting', groupId: 'general', waitedFrom: NOW, groupSince: NOW, rankAt: NOW, wantedSeatId: null, offeredTo: null, offeredUntil: null, refusals: [], leaving: false, toldPosition: null, toldAt: null, ...over,
});
const seat = (id: string, over: Partial<RosterSeat> = {}): RosterSeat => ({ id, displayName: id, role: 'seat', presence: 'online', beatAt: NOW, state: null, skills: null, serving: 0, offered: 0, actedAt: 0, servedAt: 0, ...over });
const skills = (seatId: string, groups: string[], capacity = 3) => ({ seatId, groups, capacity, updatedAt: NOW });
const said = (state: 'online' | 'busy' | 'break' | 'wrap-up' | 'away', until: number | null = null) => ({ seatId: 's', state, reason: state === 'break' ? 'meal' : null, since: NOW - 5, until });

describe('which group', () => {
  it('is the first one that fits, the last one for everybody else', () => {
    const id = (over: Partial<GroupFacts>) => chooseGroup(rules, { ...facts, ...over }).id;
    expect(id({})).toBe('general');
    expect(id({ locale: 'en' })).toBe('english');
    expect(id({ locale: 'en', emergency: true })).toBe('emergency');
    expect(id({ said: ['你好', '唔该帮我睇下'] })).toBe('cantonese');
    // All that a group asks for must hold.
    expect(id({ townId: 'humen' })).toBe('general');
    expect(id({ townId: 'humen', item: { code: 'housing.repair', field: '住房城建' } })).toBe('housing');
  });
});

describe('rank', () => {
  it('puts emergencies and enterprises before, by a bound', () => {
    const rank = (waitedFrom: number, emergency = false, enterprise = false) => rankOf(rules, { waitedFrom, emergency, enterprise });
    expect(rank(NOW, true)).toBeLessThan(rank(NOW - 60_000));
    expect(rank(NOW, false, true)).toBeLessThan(rank(NOW - 60_000));
    expect(rank(NOW, true)).toBeGreaterThan(rank(NOW - 3_601_000));
  });

  it('never lets anybody starve: after the bound nobody who comes stands before', () => {
    const someone = fc.record({ after: fc.integer({ min: 0, max: 10 * 86_400_000 }), emergency: fc.boolean(), enterprise: fc.boolean() });
    fc.assert(
      fc.property(fc.record({ emergency: fc.integer({ min: 0, max: 86_400 }), enterprise: fc.integer({ min: 0, max: 86_400 }) }), fc.array(someone, { maxLength: 40 }), (priority, others) => {
        const patient = rankOf({ priority }, { waitedFrom: NOW, emergency: false, enterprise: false });
        const bound = 1_000 * (priority.emergency + priority.enterprise);
        return others.every((other) => other.after <= bound || rankOf({ priority }, { waitedFrom: NOW + other.after, ...other }) > patient);
      }),
    );
  });
});

describe('what a seat is now', () => {
  it('a wrap-up ends by itself, silence is offline, whatever was said', () => {
    expect(presenceOf(seat('s'), NOW).presence).toBe('online');
    expect(presenceOf(seat('s', { state: said('wrap-up', NOW + 1) }), NOW)).toMatchObject({ presence: 'wrap-up', until: NOW + 1 });
    expect(presenceOf(seat('s', { state: said('wrap-up', NOW) }), NOW)).toEqual({ presence: 'online', reason: null, since: NOW, until: null });
    expect(presenceOf(seat('s', { state: said('break'), presence: 'away' }), NOW)).toMatchObject({ presence: 'break', reason: 'meal' });
    expect(presenceOf(seat('s', { state: said('online'), beatAt: NOW - 45_001 }), NOW).presence).toBe('offline');
    expect(presenceOf(seat('s', { presence: 'offline' }), NOW)).toMatchObject({ presence: 'offline', since: NOW });
    expect(presenceOf(seat('s', { presence: 'offline', beatAt: 0 }), NOW).since).toBeNull();
  });
});

describe('who is offered what', () => {
  const offers = (entries: QueueEntry[], seats: RosterSeat[], over: Partial<QueueRules> = {}) => planOffers({ ...rules, ...over }, entries, seats, NOW).offers.map(({ conversationId, seatId }) => `${conversationId}:${seatId}`);

  it('least loaded, or longest idle', () => {
    const seats = [seat('busy', { serving: 2, servedAt: NOW - 9 }), seat('light', { serving: 1, servedAt: NOW - 1 }), seat('full', { serving: 3 })];
    expect(offers([entry()], seats)).toEqual(['c1:light']);
    expect(offers([entry()], seats, { strategy: 'longest-idle' })).toEqual(['c1:busy']);
    expect(offers([entry(), entry({ conversationId: 'c2' }), entry({ conversationId: 'c3' }), entry({ conversationId: 'c4' })], seats)).toEqual(['c1:light', 'c2:busy', 'c3:light']);
  });

  it('skills count, and without any the general groups', () => {
    const seats = [seat('a'), seat('b', { skills: skills('b', ['english'], 1) })];
    expect(offers([entry({ groupId: 'english' })], seats)).toEqual(['c1:b']);
    expect(offers([entry({ groupId: 'english' }), entry({ conversationId: 'c2', groupId: 'english' })], seats)).toEqual(['c1:b']);
    expect(offers([entry()], [seats[1] ?? seat('x')])).toEqual([]);
  });

  it('nobody on a break, busy, wrapping up or gone', () => {
    expect(offers([entry()], [seat('a', { state: said('busy') }), seat('b', { state: said('break'), presence: 'away' }), seat('c', { state: said('wrap-up', NOW + 9) }), seat('d', { presence: 'offline' }), seat('e', { beatAt: NOW - 60_000 })])).toEqual([]);
  });

  it('the enterprise\'s own seat before all, and not again at once who declined', () => {
    const seats = [seat('a'), seat('own', { serving: 2, skills: skills('own', []) })];
    expect(offers([entry({ wantedSeatId: 'own' })], seats)).toEqual(['c1:own']);
    expect(offers([entry({ wantedSeatId: 'own', refusals: [{ seatId: 'own', at: NOW - 1_000 }] })], seats)).toEqual(['c1:a']);
    const plan = planOffers(rules, [entry({ refusals: [{ seatId: 'a', at: NOW - 1_000 }] })], [seat('a')], NOW);
    expect(plan).toEqual({ offers: [], againAt: NOW + 59_000 });
    expect(offers([entry({ refusals: [{ seatId: 'a', at: NOW - 60_000 }] })], [seat('a')])).toEqual(['c1:a']);
  });

  it('never more than a seat can carry, nobody twice, the first first, and nobody forgotten who could be served', () => {
    const groups = rules.groups.map(({ id }) => id);
    const someSeat = fc.record({ serving: fc.nat(4), offered: fc.nat(2), capacity: fc.integer({ min: 1, max: 5 }), groups: fc.option(fc.subarray(groups), { nil: null }), state: fc.constantFrom('online', 'online', 'busy', 'away'), late: fc.boolean(), servedAt: fc.nat(1_000) });
    const someEntry = fc.record({ groupId: fc.constantFrom(...groups), refused: fc.option(fc.nat(9), { nil: null }), wanted: fc.option(fc.nat(9), { nil: null }) });
    fc.assert(
      fc.property(fc.array(someSeat, { maxLength: 10 }), fc.array(someEntry, { maxLength: 25 }), fc.constantFrom('least-loaded' as const, 'longest-idle' as const), (seatsGiven, entriesGiven, strategy) => {
        const mine: QueueRules = { ...rules, strategy };
        const seats = seatsGiven.map((given, index) => seat(`s${index}`, { serving: given.serving, offered: given.offered, servedAt: given.servedAt, beatAt: given.late ? NOW - 99_000 : NOW, state: { ...said(given.state === 'online' ? 'online' : given.state === 'busy' ? 'busy' : 'away') }, skills: given.groups === null ? null : skills(`s${index}`, given.groups, given.capacity) }));
        const entries = entriesGiven.map((given, index) => entry({ conversationId: `c${index}`, groupId: given.groupId, rankAt: NOW + index, wantedSeatId: given.wanted === null ? null : `s${given.wanted}`, refusals: given.refused === null ? [] : [{ seatId: `s${given.refused}`, at: NOW }] }));
        const { offers: made } = planOffers(mine, entries, seats, NOW);
        const bySeat = new Map<string, number>();
        for (const offer of made) bySeat.set(offer.seatId, (bySeat.get(offer.seatId) ?? 0) + 1);
        expect(new Set(made.map(({ conversationId }) => conversationId)).size).toBe(made.length);
        const able = (one: RosterSeat, wanting: QueueEntry) => roomOf(mine, one, NOW) > 0 && (groupsOf(mine, one).includes(wanting.groupId) || wanting.wantedSeatId === one.id) && !wanting.refusals.some(({ seatId }) => seatId === one.id);
        for (const one of seats) {
          const amount = bySeat.get(one.id) ?? 0;
          expect(amount === 0 || one.serving + one.offered + amount <= capacityOf(mine, one)).toBe(true);
        }
        for (const wanting of entries) {
          const offer = made.find(({ conversationId }) => conversationId === wanting.conversationId);
          if (offer !== undefined) expect(able(seats.find(({ id }) => id === offer.seatId) ?? seat('none', { presence: 'offline' }), wanting)).toBe(true);
          // Whoever got nothing: every seat that could have taken it is full, and of those before it.
          else for (const one of seats) if (able(one, wanting)) expect(made.filter((other) => other.seatId === one.id && Number(other.conversationId.slice(1)) < Number(wanting.conversationId.slice(1))).length).toBe(roomOf(mine, one, NOW));
        }
      }),
      { numRuns: 400 },
    );
  });
});

describe('what time does', () => {
  it('goes from group to group, and ends in a call back', () => {
    expect(overflowOf(rules, entry({ groupId: 'english', groupSince: NOW - 59_999 }), NOW)).toEqual({ kind: 'stay', at: NOW + 1 });
    expect(overflowOf(rules, entry({ groupId: 'english', groupSince: NOW - 60_000 }), NOW)).toEqual({ kind: 'move', groupId: 'general' });
    expect(overflowOf(rules, entry({ groupId: 'general', groupSince: NOW - 600_000 }), NOW)).toEqual({ kind: 'callback' });
    // A group that was taken out of the file.
    expect(overflowOf(rules, entry({ groupId: 'gone', groupSince: NOW - 600_000 }), NOW)).toEqual({ kind: 'callback' });
  });
});

describe('what citizens are told', () => {
  it('says a number only where there is one to say', () => {
    expect(usualWait([1, 2])).toBeNull();
    expect(usualWait([9_000, 1_000, 5_000])).toBe(5_000);
    expect(usualWait([9_000, 1_000, 5_000, 7_000])).toBe(6_000);
    expect(minutesLeft(null, 0)).toBeNull();
    expect(minutesLeft(300_000, 0)).toBe(5);
    expect(minutesLeft(300_000, 250_000)).toBe(1);
    expect(minutesLeft(300_000, 300_000)).toBeNull();
    expect(positionSaid('zh-CN', 3, 5).text).toBe('前面还有3位，大约需要等待5分钟。');
    expect(positionSaid('zh-CN', 3, null).text).toBe('前面还有3位，等待时间暂时无法估计。');
    expect(positionSaid('en', 1, 1).text).toBe('There is 1 person before you; it will take about 1 minute.');
  });
});
