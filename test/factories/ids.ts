let last = 0;

/** Different at every call in this process: `citizen-0001`. */
export function nextId(kind: string): string {
  last += 1;
  return `${kind}-${String(last).padStart(4, '0')}`;
}
