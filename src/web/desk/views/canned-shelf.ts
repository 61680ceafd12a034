import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { CannedView } from '../../shared/desk-work-types.ts';
import type { Desk } from '../state/desk.ts';
import { useDesk } from '../ui/context.ts';

/** Ready answers of who is signed in: read once, and again when the page of them changed something. */
const shelf = signal<{ readonly seatId: string; readonly answers: readonly CannedView[] }>({ seatId: '', answers: [] });

export async function refreshCanned(desk: Desk): Promise<void> {
  const seatId = desk.session.peek()?.seat.id ?? '';
  const { answers } = await desk.api.deskWork.canned();
  shelf.value = { seatId, answers };
}

export function useCanned(): readonly CannedView[] {
  const desk = useDesk();
  const seatId = desk.session.value?.seat.id ?? '';
  useEffect(() => {
    // Without them the box is a box; the next conversation asks again.
    if (shelf.peek().seatId !== seatId) refreshCanned(desk).catch(() => undefined);
  }, [seatId]);
  return shelf.value.seatId === seatId ? shelf.value.answers : [];
}
