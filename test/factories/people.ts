import type { CitizenRepository, Seat } from '../../src/store/contract.ts';
import { nextId } from './ids.ts';

type CitizenGiven = Parameters<CitizenRepository['resolve']>[0];

/** What a channel knows of somebody who writes for the first time. */
export function aCitizen(overrides: Partial<CitizenGiven> = {}): CitizenGiven {
  const id = overrides.id ?? nextId('citizen');
  return { id, channel: 'webchat', externalUserId: `user of ${id}`, phone: null, displayName: null, now: 1_760_000_000_000, ...overrides };
}

export function aSeat(overrides: Partial<Seat> = {}): Seat {
  const id = overrides.id ?? nextId('seat');
  return { id, username: id, displayName: `坐席${id.slice(-3)}`, role: 'seat', departmentId: null, active: true, createdAt: 1_760_000_000_000, ...overrides };
}
