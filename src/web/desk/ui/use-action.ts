import { useLayoutEffect, useRef } from 'preact/hooks';
import type { ActionId } from '../state/keys.ts';
import { useDesk } from './context.ts';

/** While this is shown (and `can`), the action is possible: by key, in the palette. */
export function useAction(id: ActionId, run: () => void, can = true): void {
  const { actions } = useDesk();
  const latest = useRef(run);
  latest.current = run;
  useLayoutEffect(() => (can ? actions.register(id, () => latest.current()) : undefined), [actions, id, can]);
}
