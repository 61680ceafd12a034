import { describe, expect, it } from 'vitest';
import { AppError } from '../../src/domain/errors.ts';
import { createLimiter } from '../../src/intake/limiter.ts';
import { createFakeClock } from '../fakes/clock.ts';

const limited = (take: () => void): AppError | null => {
  try {
    take();
    return null;
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
};

describe('limiter', () => {
  it('lets a minute\'s worth through at once, then says when the next may come', () => {
    const clock = createFakeClock();
    let told = 0;
    const limiter = createLimiter(3, clock.now, () => (told += 1));
    for (let n = 0; n < 3; n += 1) expect(limited(() => limiter.take('a'))).toBeNull();
    const refused = limited(() => limiter.take('a'));
    expect(refused).toMatchObject({ code: 'citizen.too_fast', status: 429, retry: 'after', retryAfterMs: 20_000 });
    expect(told).toBe(1);
    clock.advance(19_999);
    expect(limited(() => limiter.take('a'))).toMatchObject({ retryAfterMs: 1 });
    clock.advance(1);
    expect(limited(() => limiter.take('a'))).toBeNull();
  });

  it('counts one citizen, not the neighbours behind the same address', () => {
    const limiter = createLimiter(1, createFakeClock().now, () => {});
    for (let citizen = 0; citizen < 500; citizen += 1) expect(limited(() => limiter.take(`webchat:conversation-${citizen}`))).toBeNull();
    expect(limited(() => limiter.take('webchat:conversation-7'))).not.toBeNull();
  });

  it('never owes more than a minute\'s worth, and survives a clock that goes back', () => {
    const clock = createFakeClock();
    const limiter = createLimiter(2, clock.now, () => {});
    clock.advance(3_600_000);
    const passed = Array.from({ length: 5 }, () => limited(() => limiter.take('a'))).filter((error) => error === null);
    expect(passed).toHaveLength(2);
    clock.advance(-3_600_000);
    expect(limited(() => limiter.take('a'))).not.toBeNull();
    clock.advance(60_000);
    expect(limited(() => limiter.take('a'))).toBeNull();
  });

  it('a refused try costs nothing: who waits as told gets through', () => {
    const clock = createFakeClock();
    const limiter = createLimiter(1, clock.now, () => {});
    limiter.take('a');
    for (let n = 0; n < 10; n += 1) limited(() => limiter.take('a'));
    clock.advance(60_000);
    expect(limited(() => limiter.take('a'))).toBeNull();
  });
});
