/** What came with a request, whatever carried it (form, JSON, query): names in lower case as the standard has them, nothing empty. */
export interface Fields {
  /** The first value; null: none. */
  one(name: string): string | null;
  all(name: string): readonly string[];
  /** `attribute[CODE]`, in any of the three forms that clients send lists in. */
  readonly attributes: ReadonlyMap<string, readonly string[]>;
  /** All names and values, sorted, without the key: what makes a repeated request the same. */
  readonly canonical: string;
}

const ATTRIBUTE = /^attribute\[([^[\]]{1,64})\](?:\[\d{0,4}\])?$/;
/** Who asks and where: not part of what is asked. */
const NOT_CONTENT = new Set(['api_key', 'jurisdiction_id']);

/** A null or empty parameter is the same as none (GeoReport v2). */
export function collectFields(pairs: Iterable<readonly [string, string]>): Fields {
  const plain = new Map<string, string[]>();
  const attributes = new Map<string, string[]>();
  const content: (readonly [string, string])[] = [];
  for (const [name, raw] of pairs) {
    const value = raw.trim();
    if (value === '' || value === 'null') continue;
    const code = ATTRIBUTE.exec(name)?.[1];
    const [map, key] = code === undefined ? [plain, name] : [attributes, code];
    const values = map.get(key);
    if (values === undefined) map.set(key, [value]);
    else values.push(value);
    if (!NOT_CONTENT.has(name)) content.push([code === undefined ? name : `attribute[${code}]`, value]);
  }
  const ordered = content.map((pair) => JSON.stringify(pair)).toSorted();
  return { one: (name) => plain.get(name)?.[0] ?? null, all: (name) => plain.get(name) ?? [], attributes, canonical: ordered.join('\n') };
}

/** One thing that is wrong with a request, as GeoReport lists them. */
export interface Fault {
  /** HTTP status. */
  readonly code: number;
  readonly description: string;
}
