import { afterEach, beforeEach, vi } from 'vitest';

/** What commands write during a test, instead of to the terminal. */
export interface Told {
  /** To standard output since `forget`. */
  readonly out: string;
  readonly err: string;
  forget(): void;
}

/** For every test of a file. */
export function listenToCommands(): Told {
  let [out, err] = ['', ''];
  const forget = (): void => void ([out, err] = ['', '']);
  beforeEach(() => {
    forget();
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => (out += String(text)) !== '');
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => (err += String(text)) !== '');
  });
  afterEach(() => void vi.restoreAllMocks());
  return {
    forget,
    get out() {
      return out;
    },
    get err() {
      return err;
    },
  };
}

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command as if it were called in a shell, with these settings: what it wrote, and its exit code. */
export async function ran(command: () => Promise<number>, env: Readonly<Record<string, string>> = {}): Promise<Ran> {
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  let [out, err] = ['', ''];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => (out += String(text)) !== '');
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => (err += String(text)) !== '');
  try {
    return { code: await command(), out, err };
  } finally {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
  }
}
