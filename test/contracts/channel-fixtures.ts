import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Type, { type Static } from 'typebox';
import { Value } from 'typebox/value';
import type { RawRequest } from '../../src/channel/contract.ts';

/** The fixture format of test/contracts/README.md: schema, loading, and the way from a fixture to a raw request. */

const Strings = Type.Record(Type.String(), Type.String());

const RequestSchema = Type.Object(
  {
    method: Type.Union([Type.Literal('GET'), Type.Literal('POST'), Type.Literal('OPTIONS')]),
    url: Type.String({ pattern: '^/' }),
    headers: Strings,
    body: Type.Optional(Type.String()),
    bodyBase64: Type.Optional(Type.String()),
    /** Where the request comes from. */
    peer: Type.Optional(Type.String()),
  },
  { additionalProperties: false },
);

const ExpectSchema = Type.Union([
  Type.Object(
    {
      kind: Type.Literal('inbound'),
      activities: Type.Array(Type.Record(Type.String(), Type.Unknown())),
      answerWhen: Type.Optional(Type.Union([Type.Literal('stored'), Type.Literal('turn')])),
      status: Type.Optional(Type.Integer()),
    },
    { additionalProperties: false },
  ),
  Type.Object(
    { kind: Type.Literal('collect'), address: Type.Optional(Type.String()), externalId: Type.Optional(Type.String()) },
    { additionalProperties: false },
  ),
  Type.Object(
    { kind: Type.Literal('reply'), status: Type.Optional(Type.Integer()), body: Type.Optional(Type.String()), contentType: Type.Optional(Type.String()) },
    { additionalProperties: false },
  ),
  Type.Object(
    { kind: Type.Literal('refused'), status: Type.Optional(Type.Integer()), reason: Type.Optional(Type.String()) },
    { additionalProperties: false },
  ),
  Type.Object(
    { kind: Type.Literal('told'), told: Type.Object({ reports: Type.Array(Type.Record(Type.String(), Type.Unknown())), consents: Type.Array(Type.Record(Type.String(), Type.Unknown())) }, { additionalProperties: false }) },
    { additionalProperties: false },
  ),
]);

const FixtureSchema = Type.Object(
  {
    name: Type.String({ minLength: 1 }),
    shows: Type.Optional(Type.Array(Type.String())),
    /** Where the sample comes from (vendor page, standard clause). */
    source: Type.Optional(Type.String()),
    request: RequestSchema,
    env: Type.Optional(Strings),
    production: Type.Optional(Type.Boolean()),
    now: Type.Integer({ minimum: 0 }),
    given: Type.Optional(Type.Object({ open: Type.Array(Type.String()) }, { additionalProperties: false })),
    expect: ExpectSchema,
  },
  { additionalProperties: false },
);
export type Fixture = Static<typeof FixtureSchema> & { readonly file: string };

const SettingsSchema = Type.Object({ env: Strings, publicUrl: Type.String({ pattern: '^https?://' }) }, { additionalProperties: false });
export type FixtureSettings = Static<typeof SettingsSchema>;

/** Reads `fixtures/settings.json`; throws with the file and the fault. */
export function loadSettings(folder: string): FixtureSettings {
  return check(SettingsSchema, join(folder, 'fixtures', 'settings.json'));
}

/** Reads every `fixtures/inbound/*.json` in name order; throws with the file and the fault. */
export function loadFixtures(folder: string): Fixture[] {
  const directory = join(folder, 'fixtures', 'inbound');
  return readdirSync(directory)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => ({ ...check(FixtureSchema, join(directory, file)), file }));
}

function check<Schema extends Type.TSchema>(schema: Schema, path: string): Static<Schema> {
  const data: unknown = JSON.parse(readFileSync(path, 'utf8'));
  if (Value.Check(schema, data)) return data;
  const faults = [...Value.Errors(schema, data)].slice(0, 5).map((fault) => `${fault.instancePath || '/'} ${fault.message}`);
  throw new Error(`${path}: ${faults.join('; ')}`);
}

export function bodyOf(fixture: Fixture): Buffer {
  const { body, bodyBase64 } = fixture.request;
  return bodyBase64 === undefined ? Buffer.from(body ?? '', 'utf8') : Buffer.from(bodyBase64, 'base64');
}

/** The request as the hooks zone would hand it over: header names in lower case. */
export function rawRequest(fixture: Fixture, change: { body?: Buffer; url?: string; headers?: Record<string, string> } = {}): RawRequest {
  const headers = Object.fromEntries(Object.entries(change.headers ?? fixture.request.headers).map(([name, value]) => [name.toLowerCase(), value]));
  return { method: fixture.request.method, url: change.url ?? fixture.request.url, headers, body: change.body ?? bodyOf(fixture), ...(fixture.request.peer === undefined ? {} : { peer: fixture.request.peer }) };
}

/** `key`: the secret in the address of peers that do not sign. */
const SIGNED = /sign|^key$/i;

/** Every query parameter and header whose name speaks of a signature or a secret, dropped or with its last character changed. Null: nothing to change. */
export function forged(fixture: Fixture, how: 'stripped' | 'altered'): { url: string; headers: Record<string, string> } | null {
  const url = new URL(fixture.request.url, 'http://fixture.invalid');
  const headers: Record<string, string> = {};
  let touched = 0;
  for (const name of new Set(url.searchParams.keys())) {
    if (!SIGNED.test(name)) continue;
    touched += 1;
    const value = url.searchParams.get(name) ?? '';
    if (how === 'stripped') url.searchParams.delete(name);
    else url.searchParams.set(name, alter(value));
  }
  for (const [name, value] of Object.entries(fixture.request.headers)) {
    if (!SIGNED.test(name) && name.toLowerCase() !== 'authorization') {
      headers[name] = value;
      continue;
    }
    touched += 1;
    if (how === 'altered') headers[name] = alter(value);
  }
  return touched === 0 ? null : { url: url.pathname + url.search, headers };
}

// The fourth character from the end: the last one of a base64 text may hold bits that nobody reads.
function alter(value: string): string {
  const at = Math.max(0, value.length - 4);
  return `${value.slice(0, at)}${value[at] === 'a' ? 'b' : 'a'}${value.slice(at + 1)}`;
}

/** Bodies that no peer sends. `limit` is the hook's body limit in bytes. */
export function garbageBodies(limit: number): ReadonlyArray<readonly [string, Buffer]> {
  return [
    ['an empty body', Buffer.alloc(0)],
    ['random bytes', Buffer.from('b16b00b5deadbeef00ff10c3284141419f8f7f', 'hex')],
    ['broken UTF-8', Buffer.from([0x7b, 0x22, 0x74, 0x22, 0x3a, 0x22, 0xff, 0xfe, 0xc3, 0x28, 0xe4, 0xb8, 0x22, 0x7d])],
    ['a DOCTYPE', Buffer.from('<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]><xml><Content>&e;</Content></xml>')],
    ['deep JSON', Buffer.from(`${'['.repeat(10_000)}${']'.repeat(10_000)}`)],
    ['deep XML', Buffer.from(`${'<a>'.repeat(10_000)}${'</a>'.repeat(10_000)}`)],
    ['unclosed JSON', Buffer.from('{"type":"message","text":"')],
    ['a bare JSON null', Buffer.from('null')],
    ['a body above the limit', Buffer.alloc(limit + 1, 0x61)],
  ];
}
