import { describe, expect, it } from 'vitest';
import { honestWait } from '../../../src/intake/queue/pace.ts';

describe('the wait that is told in a storm', () => {
  it('goes by how fast the queue goes now, not by those who waited when it was calm', () => {
    // One in a minute is taken, thirty are before: half an hour, whatever was usual.
    expect(honestWait(120_000, 60_000, { ahead: 30, waitedMs: 0 })).toBe(31 * 60_000);
    expect(honestWait(3_600_000, 60_000, { ahead: 1, waitedMs: 30_000 })).toBe(3_600_000);
    expect(honestWait(null, 60_000, { ahead: 0, waitedMs: 0 })).toBe(60_000);
  });

  it('promises nothing when nobody was taken lately', () => {
    expect(honestWait(120_000, null, { ahead: 12, waitedMs: 0 })).toBeNull();
    expect(honestWait(120_000, null, { ahead: 0, waitedMs: 0 })).toBe(120_000);
  });
});
