import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { COMMON as common } from '../words.ts';

export interface Loaded<T> {
  readonly value: T | null;
  readonly fault: string;
  readonly loading: boolean;
  reload(): void;
}

/** Reads something when the page is shown and whenever `key` changes; a late answer to an older key is dropped. */
export function useLoaded<T>(read: () => Promise<T>, key: string): Loaded<T> {
  const [value, setValue] = useState<T | null>(null);
  const [fault, setFault] = useState('');
  const [loading, setLoading] = useState(true);
  const latest = useRef(0);
  const reader = useRef(read);
  reader.current = read;

  const readOnce = useCallback(async (): Promise<void> => {
    const mine = (latest.current += 1);
    setLoading(true);
    try {
      const answer = await reader.current();
      if (mine !== latest.current) return;
      setValue(answer);
      setFault('');
    } catch (error) {
      if (mine !== latest.current) return;
      setFault(error instanceof Error ? error.message : common.couldNotBeRead);
    }
    setLoading(false);
  }, []);
  const reload = useCallback((): void => void readOnce(), [readOnce]);

  useEffect(() => {
    reload();
    return () => void (latest.current += 1);
  }, [key, reload]);

  return { value, fault, loading, reload };
}
