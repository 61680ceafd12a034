import { isUtf8 } from 'node:buffer';
import type { JsonObject, JsonValue } from '../../src/domain/json.ts';
import { badArgument, fault } from './faults.ts';

/** From request bytes to JSON that is safe to keep: UTF-8, size, depth and characters are checked once, here. */

/** Characters of one activity. https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-direct-line-3-0-send-activity */
export const ACTIVITY_LIMIT_CHARS = 262_144;
/** No character takes more than four bytes. */
export const ACTIVITY_LIMIT_BYTES = ACTIVITY_LIMIT_CHARS * 4;

const DEPTH_LIMIT = 64;

/** An object of JSON, or undefined for an empty body. Throws 400 and 413. */
export function parseBody(bytes: Buffer): JsonObject | undefined {
  if (bytes.length === 0) return undefined;
  const text = decodeUtf8(bytes);
  if (text.length > ACTIVITY_LIMIT_CHARS) throw fault(413, 'webchat.too_large', 'activity is larger than 256 K characters');
  let value: JsonValue;
  try {
    value = JSON.parse(text);
  } catch {
    throw badArgument('body is not JSON');
  }
  if (!isObject(value)) throw badArgument('body is not a JSON object');
  inspect(value, 0, true);
  return value;
}

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function decodeUtf8(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw badArgument('body is not UTF-8');
  const text = bytes.toString('utf8');
  return text.startsWith('\ufeff') ? text.slice(1) : text;
}

/**
 * NUL and half surrogate pairs cannot be stored by every database; only the shown text may hold them, it is cleaned.
 * `__proto__` has no honest use.
 */
function inspect(value: JsonValue, depth: number, top: boolean): void {
  if (depth > DEPTH_LIMIT) throw badArgument('body is nested too deeply');
  if (typeof value === 'string') {
    if (cannotBeKept(value)) throw badArgument('body holds characters that cannot be kept');
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const item of value) inspect(item, depth + 1, false);
    return;
  }
  for (const [key, item] of Object.entries(value)) {
    if (key === '__proto__' || cannotBeKept(key)) throw badArgument('body holds a key that cannot be kept');
    if (!(top && key === 'text')) inspect(item, depth + 1, false);
  }
}

/** The first look is by code units and takes whole pairs for suspects too. */
function cannotBeKept(text: string): boolean {
  return /[\u0000\ud800-\udfff]/.test(text) && /\u0000|\p{Surrogate}/u.test(text);
}
