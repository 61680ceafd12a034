import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import Type from 'typebox';
import { Compile } from 'typebox/compile';
import type { LiveIndex } from '../intake/knowledge-contract.ts';
import type { MatchEntry } from '../matcher/types.ts';

/**
 * The index of the city's own entries as the build has made it, so that the first start of all need not:
 *
 *   {"fingerprint":…,"entries":{id: hash of what was indexed, …}}\n index bytes
 *
 * It is a beginning and nothing more: entries that have changed since are indexed anew, those that are gone are taken out. It lies
 * beside the built server and only there, so that an index never outlives the code that made it.
 */
export interface Seed {
  readonly hashes: ReadonlyMap<string, string>;
  readonly bytes: Uint8Array;
}

/** Its name beside main.js; among the sources there is none. */
export const SEED_FILE = 'knowledge.seed';
const NEWLINE = 10;
const Header = Compile(Type.Object({ fingerprint: Type.String(), entries: Type.Record(Type.String(), Type.String()) }));

export function writeSeed(path: string, fingerprint: string, entries: readonly MatchEntry[], bytes: Uint8Array): void {
  const header = { fingerprint, entries: Object.fromEntries(entries.map((entry) => [entry.id, hashOf(entry)])) };
  writeFileSync(path, Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), bytes]));
}

/** Null when there is none, or none for these words. */
export function readSeed(path: string, fingerprint: string): Seed | null {
  try {
    const bytes = readFileSync(path);
    const end = bytes.indexOf(NEWLINE);
    const header: unknown = JSON.parse(bytes.toString('utf8', 0, end));
    if (!Header.Check(header) || header.fingerprint !== fingerprint) return null;
    // A copy of its own: an index reads numbers, and those want to stand at whole addresses.
    return { hashes: new Map(Object.entries(header.entries)), bytes: new Uint8Array(bytes.subarray(end + 1)) };
  } catch {
    return null;
  }
}

/**
 * An index of these entries, grown from the seed.
 * @returns null when too little of it is still true, or its bytes cannot be read: then an index is built
 */
export function growFrom(seed: Seed, entries: readonly MatchEntry[], open: (bytes: Uint8Array) => LiveIndex): LiveIndex | null {
  const wanted = new Map(entries.map((entry) => [entry.id, entry]));
  const kept = new Set([...seed.hashes].filter(([id, hash]) => {
    const entry = wanted.get(id);
    return entry !== undefined && hashOf(entry) === hash;
  }).map(([id]) => id));
  if (kept.size * 2 < Math.max(seed.hashes.size, entries.length)) return null;
  let index: LiveIndex;
  try {
    index = open(seed.bytes);
  } catch {
    return null;
  }
  const gone = [...seed.hashes.keys()].filter((id) => !kept.has(id));
  if (gone.length > 0) index.remove(gone);
  const put = entries.filter(({ id }) => !kept.has(id));
  if (put.length > 0) index.put(put);
  return index;
}

const hashOf = (entry: MatchEntry): string => createHash('sha256').update(JSON.stringify(entry)).digest('base64');
