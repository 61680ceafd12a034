import type { FastifyRequest } from 'fastify';
import { AppError } from '../../../domain/errors.ts';
import { collectFields, type Fields } from '../../../partners/fields.ts';

/** Reads what a client sent, in the forms that clients send: form bodies (with or without a charset), JSON, and the query beside either. */

const MAX_PAIRS = 200;

/** @throws AppError `open311.bad_body` */
export function readFields(request: FastifyRequest): Fields {
  const url = request.raw.url ?? '';
  const query = url.includes('?') ? url.slice(url.indexOf('?') + 1) : '';
  return collectFields([...bodyPairs(request), ...formPairs(query)]);
}

function bodyPairs(request: FastifyRequest): readonly (readonly [string, string])[] {
  if (!Buffer.isBuffer(request.body) || request.body.length === 0) return [];
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(request.body);
  } catch {
    throw bad('请求内容不是 UTF-8 编码');
  }
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  if (type === 'application/json') return jsonPairs(text);
  if (type === 'application/x-www-form-urlencoded' || type === '') return formPairs(text);
  throw bad('Content-Type 须为 application/x-www-form-urlencoded 或 application/json');
}

function formPairs(text: string): readonly (readonly [string, string])[] {
  if (text === '') return [];
  const parts = text.split('&').filter((part) => part !== '');
  if (parts.length > MAX_PAIRS) throw bad(`字段太多，最多 ${MAX_PAIRS} 个`);
  return parts.map((part) => {
    const at = part.indexOf('=');
    return [decode(at === -1 ? part : part.slice(0, at)), at === -1 ? '' : decode(part.slice(at + 1))] as const;
  });
}

/** `URLSearchParams` would make question marks of a form in GBK. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw bad('请求内容不是 UTF-8 编码');
  }
}

/** One object: plain values, lists of them, and `attribute` (or `attributes`) as an object of either. */
function jsonPairs(text: string): readonly (readonly [string, string])[] {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw bad('请求内容不是有效的 JSON');
  }
  if (!isObject(body)) throw bad('请求内容须为一个 JSON 对象');
  const pairs: (readonly [string, string])[] = [];
  const add = (name: string, value: unknown): void => {
    if (value === null || value === undefined) return;
    if (Array.isArray(value)) for (const each of value) add(name, each);
    else if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') pairs.push([name, String(value)]);
    else throw bad(`${name.slice(0, 40)}：不能是对象`);
    if (pairs.length > MAX_PAIRS) throw bad(`字段太多，最多 ${MAX_PAIRS} 个`);
  };
  for (const [name, value] of Object.entries(body)) {
    if ((name === 'attribute' || name === 'attributes') && isObject(value)) for (const [code, each] of Object.entries(value)) add(`attribute[${code}]`, each);
    else add(name, value);
  }
  return pairs;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function bad(text: string): AppError {
  return new AppError('open311.bad_body', 'the body cannot be read', { status: 400, citizenText: text });
}
