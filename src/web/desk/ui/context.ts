import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { SeatView } from '../../shared/api-types.ts';
import type { Desk } from '../state/desk.ts';

export const DeskContext = createContext<Desk | null>(null);

export function useDesk(): Desk {
  const desk = useContext(DeskContext);
  if (desk === null) throw new Error('rendered outside of the desk');
  return desk;
}

/** The signed-in seat; only for views behind the sign-in. */
export function useSeat(): SeatView {
  const session = useDesk().session.value;
  if (session === null || session === undefined) throw new Error('rendered without a session');
  return session.seat;
}
