import { Settings } from 'typebox/system';

export interface Fault {
  readonly keyword: string;
  /** JSON pointer. */
  readonly instancePath: string;
  readonly message: string;
  readonly params: object;
}

/** Most faults of one file that are listed; beyond it the file is something else altogether. */
const MOST = 500;

/**
 * Every fault of a value. TypeBox stops at eight, and an operator would mend a file eight lines at a time; the limit is
 * put back because others (the HTTP checks) are fine with it.
 */
export function allErrors(validator: { Check(value: unknown): boolean; Errors(value: unknown): Iterable<Fault> }, value: unknown): readonly Fault[] {
  if (validator.Check(value)) return [];
  const { maxErrors } = Settings.Get();
  Settings.Set({ maxErrors: MOST });
  try {
    return [...validator.Errors(value)];
  } finally {
    Settings.Set({ maxErrors });
  }
}
