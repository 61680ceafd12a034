/**
 * Checks of unknown data in the browser. The server's shapes are TypeBox schemas; a schema compiler would cost the
 * widget more than its whole size budget, so pages use these few combinators, which are type guards without casts.
 */

export type Guard<T> = (value: unknown) => value is T;
export type Guarded<G> = G extends Guard<infer T> ? T : never;

export const isString: Guard<string> = (value): value is string => typeof value === 'string';
export const isNumber: Guard<number> = (value): value is number => typeof value === 'number' && Number.isFinite(value);
export const isBoolean: Guard<boolean> = (value): value is boolean => typeof value === 'boolean';
export const isUnknown: Guard<unknown> = (_value): _value is unknown => true;
export const isRecord: Guard<Record<string, unknown>> = (value): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** One of the given literals. */
export const oneOf =
  <const T extends string | number>(...allowed: readonly T[]): Guard<T> =>
  (value): value is T =>
    allowed.some((candidate) => candidate === value);

export const nullable =
  <T>(inner: Guard<T>): Guard<T | null> =>
  (value): value is T | null =>
    value === null || inner(value);

export const optional =
  <T>(inner: Guard<T>): Guard<T | undefined> =>
  (value): value is T | undefined =>
    value === undefined || inner(value);

export const arrayOf =
  <T>(inner: Guard<T>): Guard<T[]> =>
  (value): value is T[] =>
    Array.isArray(value) && value.every(inner);

type Shape = Record<string, Guard<unknown>>;
type ShapeOf<S extends Shape> = { [K in keyof S]: Guarded<S[K]> };

/** An object with at least these fields; unknown fields pass, so that an older page outlives a newer server. */
export const object =
  <S extends Shape>(shape: S): Guard<ShapeOf<S>> =>
  (value): value is ShapeOf<S> =>
    isRecord(value) && Object.keys(shape).every((key) => shape[key]?.(value[key]) === true);

/** Elements that fail are dropped: one odd row must not hide the others. */
export function keepValid<T>(values: readonly unknown[], guard: Guard<T>): T[] {
  return values.filter(guard);
}

/** JSON.parse that answers undefined instead of throwing. */
export function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}
