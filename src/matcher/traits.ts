/**
 * A stored question or only answers, long or short answers, all alike or very different, departments, several wordings:
 * what separates a list of services from a heap of policies. The weights of the ranking move with them; each is from 0 to 1.
 */
export const TRAITS = ['always', 'asked', 'long', 'uneven', 'departments', 'wordings'] as const;

const within = (value: number): number => Math.min(1, Math.max(0, value));

/** Entries; those with a wording; wordings; sums over entries of the answer's length as a logarithm and of its square; entries with a department. */
export interface TraitCounts {
  readonly size: number;
  readonly asked: number;
  readonly units: number;
  readonly logs: number;
  readonly squares: number;
  readonly withDepartment: number;
}

export function traitsFrom({ size, asked, units, logs, squares, withDepartment }: TraitCounts): Float64Array {
  if (size === 0) return Float64Array.of(1, 0, 0, 0, 0, 0);
  const mean = logs / size;
  const spread = Math.sqrt(Math.max(0, squares / size - mean * mean));
  return Float64Array.of(1, asked / size, within((mean - 4) / 3), within(spread / 1.5), withDepartment / size, asked === 0 ? 0 : within((units / asked - 1) / 4));
}
