/** Taken before a test can put fake ones in their place. */
const { setTimeout } = globalThis;

/** What follows at once is seen at once; then others need the processor more than the one who waits. */
const LOOKS_AT_ONCE = 20;
const REST_MS = 4;

/**
 * Waits until a condition holds: looks again whenever the event loop comes round, after a while every few milliseconds. Gives up
 * after 20 seconds of real time, which only a failure reaches.
 */
export async function until(condition: () => Promise<boolean>, what = 'the condition'): Promise<void> {
  const limit = performance.now() + 20_000;
  for (let looks = 1; !(await condition()); looks += 1) {
    if (performance.now() > limit) throw new Error(`${what} did not come true in time`);
    await new Promise<void>((resolve) => void (looks < LOOKS_AT_ONCE ? setImmediate(resolve) : setTimeout(resolve, REST_MS)));
  }
}
