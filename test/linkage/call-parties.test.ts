import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ConferenceReport } from '../../src/channel/contract.ts';
import { asExternalId } from '../../src/domain/activity.ts';
import { endsOf, freshParty, HUNG_UP, isIn, nextKey, partyAfter, whatNow, whoEnds } from '../../src/linkage/call-parties.ts';
import type { LinkageCallParty } from '../../src/store/contract.ts';

const NOW = 1_795_330_800_000;
const told = (state: ConferenceReport['state'], at: number): Pick<ConferenceReport, 'state' | 'code' | 'externalId' | 'at'> => ({ state, code: null, externalId: asExternalId('CA1'), at: NOW + at });
const after = (party: LinkageCallParty, all: readonly ReturnType<typeof told>[]) => all.reduce((before, one) => partyAfter(before, one, NOW + 1_000_000) ?? before, party);

/** A telephone that was answered, and one that was not, as the platform lives them. */
const TALKED = [told('ringing', 1_000), told('answered', 2_000), told('joined', 3_000), told('left', 63_000), told('completed', 64_000)];
const BUSY = [told('ringing', 1_000), told('busy', 2_000)];

describe('a party of a three-party call', () => {
  it.each([['talked', TALKED, 'left'], ['was busy', BUSY, 'busy']] as const)('that %s ends so, in whatever order and however often it is told', (_what, life, state) => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...life, ...life], { minLength: life.length * 2 }), (reports) => {
        const party = after(freshParty('r.service.1', NOW), reports);
        expect([party.state, isIn(party), party.externalId]).toEqual([state, false, 'CA1']);
      }),
    );
  });

  it('that is told in order has its time counted once', () => {
    expect(after(freshParty('r.service.1', NOW), TALKED.flatMap((one) => [one, one]))).toMatchObject({ state: 'left', seconds: 60, joinedAt: NOW + 3_000, leftAt: NOW + 63_000 });
  });

  it('that is the citizen may be moved out and in, and every stay counts', () => {
    const party = after(freshParty(null, NOW), [told('joined', 1_000), told('left', 11_000), told('joined', 20_000), told('left', 25_000)]);
    expect(party).toMatchObject({ state: 'left', seconds: 15 });
  });

  it('that is a citizen who has hung up does not come back, whatever is told late', () => {
    const lives = [told('joined', 1_000), told('left', 11_000), told('completed', 11_000)];
    fc.assert(
      fc.property(fc.shuffledSubarray([...lives, ...lives], { minLength: 6 }), (reports) => {
        expect(after(freshParty(null, NOW), [...reports, { ...told('joined', 0), at: null }])).toMatchObject({ state: 'left', code: HUNG_UP });
      }),
    );
  });

  it('leaves nobody alone with nobody: once the citizen has hung up, only a seat who is there keeps the service, or has it rung', () => {
    const states = ['waiting', 'calling', 'ringing', 'answered', 'in', 'left', 'busy', 'no-answer', 'canceled', 'failed', 'unknown'] as const;
    const party = fc.constantFrom(...states).map((state): LinkageCallParty => ({ ...freshParty('k', NOW), state, externalId: state === 'waiting' ? null : 'CA1' }));
    const [gone, there] = [after(freshParty(null, NOW), [told('joined', 1_000), told('completed', 2_000)]), after(freshParty(null, NOW), [told('joined', 1_000), told('left', 2_000)])];
    fc.assert(
      fc.property(fc.option(party), fc.option(party), (seat, service) => {
        expect(whoEnds({ citizen: there, seat, service })).toEqual([]);
        const has = (one: LinkageCallParty | null, ...wanted: readonly string[]) => one !== null && wanted.includes(one.state);
        const [here, rung] = [['answered', 'in'], ['waiting', 'calling', 'ringing']] as const;
        const kept = has(seat, ...here) || (has(service, ...here) && has(seat, ...rung));
        const alone = kept ? [] : (['seat', 'service'] as const).filter((name) => has(name === 'seat' ? seat : service, ...here, ...rung));
        const call = { citizen: gone, seat, service };
        expect(whoEnds(call)).toEqual(alone);
        // Ordered once, and of nobody who is not rung yet.
        const { change, orders } = endsOf(call, NOW);
        expect([...orders.map(({ party: name }) => name), ...alone.filter((name) => change[name]?.state === 'canceled')].toSorted()).toEqual([...alone].toSorted());
        expect(endsOf({ ...call, ...change }, NOW).orders).toEqual([]);
      }),
    );
  });

  it('leaves the citizen alone never: when nobody comes and nobody is there, it is over and the citizen is taken back', () => {
    const states = ['waiting', 'calling', 'ringing', 'answered', 'in', 'left', 'busy', 'no-answer', 'canceled', 'failed', 'unknown'] as const;
    const party = fc.constantFrom(...states).map((state): LinkageCallParty => ({ ...freshParty('k', NOW), state }));
    fc.assert(
      fc.property(party, fc.option(party), fc.option(party), (citizen, seat, service) => {
        const somebody = [seat, service].some((one) => one !== null && ['waiting', 'calling', 'ringing', 'answered', 'in'].includes(one.state));
        expect(whatNow({ citizen, seat, service })).toEqual({ over: !somebody, release: !somebody && citizen.state !== 'left' });
      }),
    );
  });

  it('has a key of its own for every ringing', () => {
    const call = { id: 'r', seat: null, service: freshParty('r.service.3', NOW) };
    expect([nextKey(call, 'seat'), nextKey(call, 'service')]).toEqual(['r.seat.1', 'r.service.4']);
  });
});
