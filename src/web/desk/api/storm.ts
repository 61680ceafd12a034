import { isStormShown, type StormShown } from '../../shared/storm-types.ts';
import type { Calls } from './knowledge.ts';

/** Storm mode, as the desk's API answers (src/http/zones/desk/storm.ts). */
export function createStormApi({ read }: Pick<Calls, 'read'>) {
  return {
    shown: (): Promise<StormShown> => read(isStormShown, 'GET', '/api/storm'),
    /** Sets the level by hand for so many minutes. */
    pin: (level: number, minutes: number): Promise<StormShown> => read(isStormShown, 'POST', '/api/storm/pin', { level, minutes }),
    unpin: (): Promise<StormShown> => read(isStormShown, 'DELETE', '/api/storm/pin'),
  };
}
