import type { EpochMs } from '../domain/activity.ts';

const HEX_OF_TIME = 12;

/** The smallest uuid v7 that a moment can have: everything made before it is smaller. */
export function idBefore(at: EpochMs): string {
  const hex = Math.max(0, Math.floor(at)).toString(16).padStart(HEX_OF_TIME, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}

/** When a uuid v7 was made; null: not one. */
export function timeOfId(id: string): EpochMs | null {
  const match = /^([0-9a-f]{8})-([0-9a-f]{4})-/.exec(id);
  return match === null ? null : Number.parseInt(`${match[1]}${match[2]}`, 16);
}
