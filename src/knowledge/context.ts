import type { EpochMs } from '../domain/activity.ts';
import type { SeatRole, Store } from '../store/contract.ts';
import type { CityNames } from './files/names.ts';

/** What editing works with. */
export interface EditingContext {
  readonly store: Pick<Store, 'read' | 'write'>;
  readonly now: () => EpochMs;
  readonly newId: () => string;
  readonly city: CityNames;
  /** Something was published or taken back, and is committed: this node's index and the other nodes should look. Must not throw. */
  readonly announce: () => void;
}

/** Who edits; the caller has checked that the role may. */
export interface Editor {
  readonly id: string;
  readonly username: string;
  readonly role: SeatRole;
}

/** Roles that may change the knowledge base; every seat may read it and leave notes. */
export const EDITING_ROLES: readonly SeatRole[] = ['editor', 'supervisor', 'administrator'];
