/**
 * Waits until a condition holds, looking again whenever the event loop comes round; no fixed sleep. Gives up after
 * 20 seconds of real time, which only a failure reaches.
 */
export async function until(condition: () => Promise<boolean>, what = 'the condition'): Promise<void> {
  const limit = performance.now() + 20_000;
  while (!(await condition())) {
    if (performance.now() > limit) throw new Error(`${what} did not come true in time`);
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}
