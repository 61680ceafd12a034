import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createPresence, type Presence } from '../../src/http/zones/desk/presence.ts';
import type { DeskEvent } from '../../src/intake/live.ts';
import { presenceOf } from '../../src/intake/queue/plan.ts';
import type { Seat } from '../../src/store/contract.ts';
import { openIntake, type IntakeUnderTest } from '../support/intake.ts';

describe('who is there, on two nodes', () => {
  let intake: IntakeUnderTest;
  let a: Presence;
  let b: Presence;
  let seat: Seat;
  beforeEach(async () => {
    intake = await openIntake();
    const failed = (error: unknown): never => {
      throw error;
    };
    [a, b] = [createPresence(intake.context, failed), createPresence(intake.context, failed)];
    seat = await intake.seat();
  });
  afterEach(async () => {
    a.stop();
    b.stop();
    await intake.close();
  });
  const now = async () => {
    const [found] = await intake.store.read((repos) => repos.seatWork.roster(seat.id));
    return found === undefined ? null : presenceOf(found, intake.clock.now());
  };
  const online = () => intake.store.read((repos) => repos.seats.onlineCount(intake.clock.now() - 45_000));

  it('what was said at one holds at the other, and outlives both pages', async () => {
    const events: DeskEvent[] = [];
    intake.context.live.subscribeDesk((event) => events.push(event));
    await a.connected(seat.id);
    expect(await now()).toMatchObject({ presence: 'online' });
    await b.set(seat.id, 'break', 'meal');
    expect(await online()).toBe(0);
    // The page at the first node goes on beating, and does not say that the seat is back.
    intake.clock.advance(15_000);
    await a.connected(seat.id);
    expect(await now()).toMatchObject({ presence: 'break', reason: 'meal' });
    expect(await online()).toBe(0);
    await a.disconnected(seat.id);
    expect(await now()).toMatchObject({ presence: 'break' });
    await a.disconnected(seat.id);
    expect(await now()).toMatchObject({ presence: 'offline' });
    await b.connected(seat.id);
    expect(await now()).toMatchObject({ presence: 'break' });
    await a.set(seat.id, 'online');
    expect(await now()).toMatchObject({ presence: 'online', since: intake.clock.now() });
    expect(await online()).toBe(1);
    expect(events.filter(({ kind }) => kind === 'presence').length).toBeGreaterThan(3);
  });

  it('a page that is gone here while another one beats there is no absence', async () => {
    await a.connected(seat.id);
    intake.clock.advance(5_000);
    await b.connected(seat.id);
    await a.disconnected(seat.id);
    expect(await now()).toMatchObject({ presence: 'online' });
    await b.disconnected(seat.id);
    expect(await now()).toMatchObject({ presence: 'offline' });
  });

  it('busy and wrapping up are there for citizens who ask whether anybody is', async () => {
    await a.connected(seat.id);
    await a.set(seat.id, 'busy');
    expect(await online()).toBe(1);
    await a.set(seat.id, 'wrap-up');
    expect(await now()).toMatchObject({ presence: 'wrap-up', until: intake.clock.now() + 60_000 });
    intake.clock.advance(30_000);
    await a.connected(seat.id);
    intake.clock.advance(30_000);
    expect(await now()).toMatchObject({ presence: 'online' });
    await expect(a.set(seat.id, 'break', 'sleep')).rejects.toMatchObject({ code: 'presence.reason' });
  });
});
