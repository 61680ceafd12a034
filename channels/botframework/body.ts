import { isUtf8 } from 'node:buffer';
import type { JsonObject, JsonValue } from '../../src/domain/json.ts';

/** From request bytes to JSON that is safe to keep. */

/** Files travel by address, so an activity is text; Bot Framework itself allows 256 KB. */
export const BODY_LIMIT_BYTES = 1024 * 1024;
const DEPTH_LIMIT = 64;

/** Null: no UTF-8, no JSON object, nested too deeply, or with characters that not every database can keep. */
export function parseBody(bytes: Buffer): JsonObject | null {
  if (bytes.length === 0 || bytes.length > BODY_LIMIT_BYTES || !isUtf8(bytes)) return null;
  let value: JsonValue;
  try {
    value = JSON.parse(bytes.toString('utf8').replace(/^\ufeff/, ''));
  } catch {
    return null;
  }
  return isObject(value) && keepable(value, 0, true) ? value : null;
}

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The shown text may hold anything: it is cleaned. `__proto__` has no honest use. */
function keepable(value: JsonValue, depth: number, top: boolean): boolean {
  if (depth > DEPTH_LIMIT) return false;
  if (typeof value === 'string') return !/\u0000|\p{Surrogate}/u.test(value);
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) return value.every((item) => keepable(item, depth + 1, false));
  return Object.entries(value).every(([key, item]) => key !== '__proto__' && keepable(key, depth, false) && ((top && key === 'text') || keepable(item, depth + 1, false)));
}
