import { describe } from 'vitest';
import { carrying } from './bus/carrying.ts';
import { type BusUnderTest, busKit } from './bus/kit.ts';
import { leases } from './bus/leases.ts';

export type { BusUnderTest } from './bus/kit.ts';

/**
 * What every bus driver must keep, whatever carries the ids: every row's effect once, in the order of its lane,
 * whatever crashes. A driver's own test hands over a store and a way to make a bus on it.
 */
export function busContract(driver: BusUnderTest): void {
  describe(`bus contract: ${driver.name}`, () => {
    const kit = busKit(driver);
    carrying(kit);
    leases(kit);
  });
}
