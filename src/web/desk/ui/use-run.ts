import { useState } from 'preact/hooks';
import { COMMON as common } from '../words.ts';
import { useDesk } from './context.ts';

export interface Run {
  readonly busy: boolean;
  /** One at a time; why it could not be done is said. */
  run(what: () => Promise<void>): Promise<void>;
}

/** What buttons of a page do beside a form. `after`: whatever became of it. */
export function useRun(after: () => void = () => undefined): Run {
  const desk = useDesk();
  const [busy, setBusy] = useState(false);
  return {
    busy,
    run: async (what) => {
      if (busy) return;
      setBusy(true);
      try {
        await what();
      } catch (error) {
        desk.alerts.say('error', error instanceof Error ? error.message : common.thatDidNotWork);
      }
      setBusy(false);
      after();
    },
  };
}
